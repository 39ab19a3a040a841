import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { useFieldErrors } from '../ui/useFieldErrors';
import { neededRule, passwordRules, repeatedRules } from './rules';

type Filled = Schemas['ResetPassword'] & { repeated: string };

function ResetForm({ done }: { done: (set: Schemas['PasswordSet']) => void }) {
  const { t } = useTranslation();
  const [parameters] = useSearchParams();
  const [form] = Form.useForm<Filled>();
  const command = useCommand(
    ({ login, code, password }: Filled) =>
      call(api.POST('/api/v1/auth/password-reset', { body: { login, code: code.trim(), password } })),
    done,
  );
  useFieldErrors(form, command.error);
  const valueOf = (name: keyof Filled) => form.getFieldValue(name) as string | undefined;
  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{ login: parameters.get('login') ?? '' }}
      onFinish={(filled: Filled) => command.mutate(filled)}
    >
      <Form.Item
        name="login"
        label={t('signIn.login')}
        normalize={(login: string) => login.trim().toLowerCase()}
        rules={[neededRule(t)]}
      >
        <Input autoComplete="username" />
      </Form.Item>
      <Form.Item name="code" label={t('user.resetCode')} extra={t('joining.resetCodeHint')} rules={[neededRule(t)]}>
        <Input autoComplete="one-time-code" className="figures" />
      </Form.Item>
      <Form.Item
        name="password"
        label={t('account.newPassword')}
        extra={t('account.passwordHint')}
        validateTrigger="onBlur"
        rules={passwordRules(t, () => valueOf('login'))}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="repeated"
        label={t('account.repeatPassword')}
        dependencies={['password']}
        validateTrigger="onBlur"
        rules={repeatedRules(t, () => valueOf('password'))}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <div className="stack">
        <Refusal error={command.error} />
        <div className="actions">
          <Button type="primary" htmlType="submit" loading={command.isPending}>
            {t('joining.reset')}
          </Button>
          <Link to="/sign-in">{t('joining.backToSignIn')}</Link>
        </div>
      </div>
    </Form>
  );
}

/** Setting a password, a first one or one that was forgotten, with the code that an administrator has made. */
export default function PasswordResetPage() {
  const { t } = useTranslation();
  const [set, setSet] = useState<Schemas['PasswordSet']>();
  return (
    <>
      <PageHead title={t('joining.resetTitle')} lead={t('joining.resetLead')} />
      <div className="two even">
        {set === undefined ? (
          <Panel title={t('joining.resetWithCode')}>
            <ResetForm done={setSet} />
          </Panel>
        ) : (
          <Panel title={t('joining.resetDone')}>
            <div className="stack" role="status">
              <p>{t('joining.resetDoneLead', { login: set.login })}</p>
              <div className="actions">
                <Link to="/sign-in">
                  <Button type="primary" tabIndex={-1}>
                    {t('joining.toSignIn')}
                  </Button>
                </Link>
              </div>
            </div>
          </Panel>
        )}
        <Panel title={t('joining.noCode')}>
          <ul className="bare">
            <li>{t('joining.noCodeAdministrator')}</li>
            <li>{t('joining.noCodeOperator')}</li>
            <li>{t('joining.noCodeFactor')}</li>
          </ul>
        </Panel>
      </div>
    </>
  );
}
