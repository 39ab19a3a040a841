import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { Refusal } from '../ui/Refusal';
import { session } from './session';
import { signIn } from './signIn';
import { CodeForm } from './CodeForm';

interface SignInFormProps {
  /** The login that is known already, of a session that has ended. */
  login?: string;
  done: () => void;
}

/** Login and password, and a code where a second factor is active. */
export function SignInForm({ login, done }: SignInFormProps) {
  const { t } = useTranslation();
  const attempt = useMutation({
    mutationFn: (given: { login: string; password: string }) => signIn(given.login, given.password),
    onSuccess: () => {
      if (session.get()?.next !== 'second_factor') done();
    },
  });
  if (attempt.isSuccess && session.get()?.next === 'second_factor') return <CodeForm done={done} />;
  return (
    <Form
      layout="vertical"
      initialValues={{ login: login ?? '' }}
      onFinish={(given: { login: string; password: string }) => attempt.mutate(given)}
      requiredMark={false}
    >
      <Form.Item name="login" label={t('signIn.login')} rules={[{ required: true, message: t('field.needed') }]}>
        <Input autoComplete="username" size="large" autoFocus={login === undefined} />
      </Form.Item>
      <Form.Item name="password" label={t('signIn.password')} rules={[{ required: true, message: t('field.needed') }]}>
        <Input.Password autoComplete="current-password" size="large" autoFocus={login !== undefined} />
      </Form.Item>
      <div className="stack">
        <Refusal error={attempt.error} />
        <Button type="primary" htmlType="submit" size="large" block loading={attempt.isPending}>
          {t('signIn.act')}
        </Button>
      </div>
    </Form>
  );
}
