import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { FormAct } from '../ui/FormAct';

/** Registering a witness, so that its cosignatures are accepted and served. */
export function RegisterWitness() {
  const { t } = useTranslation();
  return (
    <FormAct<Schemas['NewWitness'], Schemas['RegisteredWitness']>
      label={t('log.register')}
      lead={t('log.registerLead')}
      size="small"
      fields={
        <Form.Item
          name="vkey"
          label={t('log.key')}
          extra={t('log.keyHint')}
          rules={[{ required: true, whitespace: true, message: t('field.needed') }]}
        >
          <Input.TextArea className="code" rows={3} autoComplete="off" />
        </Form.Item>
      }
      run={({ vkey }, key) => call(api.POST('/log/witnesses', { ...keyed(key), body: { vkey: vkey.trim() } }))}
    />
  );
}
