import { Modal } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Facts } from './Facts';
import { Refusal } from './Refusal';

interface ConfirmProps {
  /** What the button says that does it. */
  act: string;
  /** What is asked; the act itself where nothing else is said. */
  title?: string;
  /** What it means, in a sentence. */
  lead: ReactNode;
  /** What moves: sums, quantities and whom they concern. */
  facts: readonly (readonly [string, ReactNode] | false)[];
  /** What else there is to be seen before it is done. */
  children?: ReactNode;
  error?: unknown;
  isPending: boolean;
  /** Whether it still can be done: what is asked may become too late. */
  isPossible?: boolean;
  close: () => void;
  go: () => void;
}

/**
 * The question before a form that is filled in moves rights or money. The button that does it has the keyboard, so that Enter goes on
 * and Escape goes back.
 */
export function Confirm({
  act,
  title = act,
  lead,
  facts,
  children,
  error,
  isPending,
  isPossible = true,
  close,
  go,
}: ConfirmProps) {
  const { t } = useTranslation();
  return (
    <Modal
      open
      title={title}
      onCancel={close}
      onOk={go}
      okText={act}
      cancelText={t('act.cancel')}
      confirmLoading={isPending}
      okButtonProps={{ autoFocus: true, disabled: !isPossible }}
    >
      <div className="stack">
        {children}
        <p>{lead}</p>
        <Facts wide facts={facts} />
        <Refusal error={error} />
      </div>
    </Modal>
  );
}
