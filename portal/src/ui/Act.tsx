import { Button, Input, Modal } from 'antd';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../api/command';
import { Refusal } from './Refusal';
import { useTellWaiting } from './waiting';

interface ActProps<Result> {
  /** What the button says. */
  label: string;
  /** What will happen, before it does: rights, money, and who is bound. */
  children: ReactNode;
  /** Carries it out, with the reason where one is asked for. */
  run: (reason: string | undefined, key: string) => Promise<Result>;
  done?: (result: Result) => void;
  /** Whether a reason is written down with it. */
  reason?: 'asked' | 'needed';
  kind?: 'primary' | 'default';
  isDanger?: boolean;
  size?: 'small' | 'middle';
}

/** An act that moves rights or money or binds somebody: a button, and a question before it is done. */
export function Act<Result>({
  label,
  children,
  run,
  done,
  reason,
  kind = 'default',
  isDanger = false,
  size = 'middle',
}: ActProps<Result>) {
  const { t } = useTranslation();
  const field = useId();
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const tellWaiting = useTellWaiting();
  const command = useCommand(
    (said: string, key) => run(said === '' ? undefined : said, key),
    (result) => {
      setOpen(false);
      tellWaiting(result);
      done?.(result);
    },
  );
  const close = () => {
    setOpen(false);
    command.reset();
  };
  return (
    <>
      <Button type={kind} danger={isDanger} size={size} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Modal
        title={label}
        open={isOpen}
        onCancel={close}
        onOk={() => command.mutate(text.trim())}
        okText={label}
        cancelText={t('act.cancel')}
        confirmLoading={command.isPending}
        okButtonProps={{ danger: isDanger, disabled: reason === 'needed' && text.trim() === '' }}
        destroyOnHidden
      >
        <div className="stack">
          <div>{children}</div>
          {reason !== undefined && (
            <div>
              <label htmlFor={field}>{reason === 'needed' ? t('field.reason') : t('field.reasonOptional')}</label>
              <Input.TextArea id={field} rows={3} value={text} onChange={(event) => setText(event.target.value)} />
            </div>
          )}
          <Refusal error={command.error} />
        </div>
      </Modal>
    </>
  );
}
