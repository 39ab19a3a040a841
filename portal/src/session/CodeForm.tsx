import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { Refusal } from '../ui/Refusal';
import { giveCode } from './signIn';

/** A code of the authenticator app, or a recovery code. */
export function CodeForm({ done }: { done: () => void }) {
  const { t } = useTranslation();
  const attempt = useMutation({ mutationFn: giveCode, onSuccess: done });
  return (
    <Form
      layout="vertical"
      requiredMark={false}
      onFinish={(given: { code: string }) => attempt.mutate(given.code.trim())}
    >
      <Form.Item
        name="code"
        label={t('signIn.code')}
        extra={t('signIn.codeHint')}
        rules={[{ required: true, message: t('field.needed') }]}
      >
        <Input autoComplete="one-time-code" inputMode="numeric" size="large" autoFocus />
      </Form.Item>
      <div className="stack">
        <Refusal error={attempt.error} />
        <Button type="primary" htmlType="submit" size="large" block loading={attempt.isPending}>
          {t('signIn.confirm')}
        </Button>
      </div>
    </Form>
  );
}
