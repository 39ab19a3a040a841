import { Button, Form, type FormInstance, Modal } from 'antd';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../api/command';
import { Refusal } from './Refusal';
import { useFieldErrors } from './useFieldErrors';
import { useTellWaiting } from './waiting';

interface FormActProps<Values, Result> {
  /** What the button says. */
  label: string;
  /** What will happen, before it does. */
  lead: ReactNode;
  /** The fields; a function where one depends on another. */
  fields: ReactNode | ((form: FormInstance<Values>) => ReactNode);
  initial?: Partial<Values>;
  run: (given: Values, key: string) => Promise<Result>;
  done?: (result: Result) => void;
  kind?: 'primary' | 'default';
  isDanger?: boolean;
  size?: 'small' | 'middle';
}

type DialogProps<Values, Result> = Omit<FormActProps<Values, Result>, 'kind' | 'size'> & { close: () => void };

/** The question with its fields; it begins anew whenever it is opened. */
function Dialog<Values extends object, Result>({
  label,
  lead,
  fields,
  initial,
  run,
  done,
  isDanger = false,
  close,
}: DialogProps<Values, Result>) {
  const { t } = useTranslation();
  const id = useId();
  const tellWaiting = useTellWaiting();
  const [form] = Form.useForm<Values>();
  const command = useCommand(run, (result) => {
    close();
    tellWaiting(result);
    done?.(result);
  });
  useFieldErrors(form, command.error);
  return (
    <Modal
      open
      title={label}
      onCancel={close}
      okText={label}
      cancelText={t('act.cancel')}
      confirmLoading={command.isPending}
      okButtonProps={{ danger: isDanger, htmlType: 'submit', form: id }}
    >
      <p className="muted">{lead}</p>
      <Form
        id={id}
        // Fields are named after the form, so that none is taken for one of the page beneath.
        name={id}
        form={form}
        className="gap"
        layout="vertical"
        requiredMark={false}
        {...(initial !== undefined && { initialValues: initial })}
        onFinish={(given: Values) => command.mutate(given)}
      >
        {typeof fields === 'function' ? fields(form) : fields}
        <Refusal error={command.error} />
      </Form>
    </Modal>
  );
}

/** An act that needs more than a yes: a button, and a question with fields before it is done. */
export function FormAct<Values extends object, Result>({
  kind = 'default',
  size = 'middle',
  ...dialog
}: FormActProps<Values, Result>) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button type={kind} danger={dialog.isDanger ?? false} size={size} onClick={() => setOpen(true)}>
        {dialog.label}
      </Button>
      {isOpen && <Dialog {...dialog} close={() => setOpen(false)} />}
    </>
  );
}
