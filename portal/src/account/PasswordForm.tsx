import { App, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { useFieldErrors } from '../ui/useFieldErrors';

type Change = Schemas['ChangePassword'] & { repeated: string };

/** A new password; the other sessions end with it. */
export function PasswordForm({ login }: { login: string }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<Change>();
  const command = useCommand(
    ({ old_password, password }: Change) =>
      call(api.POST('/api/v1/auth/password', { body: { old_password, password } })),
    ({ ended }) => {
      form.resetFields();
      void message.success(t('account.passwordChanged', { count: ended }));
    },
  );
  useFieldErrors(form, command.error);
  const needed = { required: true, message: t('field.needed') };
  return (
    <Panel title={t('account.password')}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(given: Change) => command.mutate(given)}>
        {/* Keepers of passwords know by it whose the new one is. */}
        <input hidden readOnly autoComplete="username" value={login} />
        <Form.Item name="old_password" label={t('account.oldPassword')} rules={[needed]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item name="password" label={t('account.newPassword')} extra={t('account.passwordHint')} rules={[needed]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name="repeated"
          label={t('account.repeatPassword')}
          dependencies={['password']}
          rules={[
            needed,
            ({ getFieldValue }) => ({
              validator: (_, value) =>
                value === undefined || value === getFieldValue('password')
                  ? Promise.resolve()
                  : Promise.reject(new Error(t('account.passwordsDiffer'))),
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <div className="stack">
          <Refusal error={command.error} />
          <div className="actions">
            <Button htmlType="submit" loading={command.isPending}>
              {t('account.changePassword')}
            </Button>
          </div>
        </div>
      </Form>
    </Panel>
  );
}
