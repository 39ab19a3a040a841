import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';

type Pledge = Schemas['Pledge'];

/** What is due, and why. */
export function DueFields() {
  const { t } = useTranslation();
  return (
    <>
      <Form.Item name="amount_due" label={t('default.amountDue')} rules={decimalRules(t, 2)}>
        <DecimalInput unit="CNY" />
      </Form.Item>
      <Form.Item name="reason" label={t('field.reason')} rules={[{ required: true, message: t('field.needed') }]}>
        <Input.TextArea rows={3} maxLength={500} />
      </Form.Item>
    </>
  );
}

/** The button by which a bank declares a default. */
export function DeclareDefault({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  return (
    <FormAct<Schemas['DeclareDefault'], Pledge>
      label={t('default.declare')}
      lead={t('default.declareLead')}
      isDanger
      initial={{ amount_due: pledge.secured }}
      fields={<DueFields />}
      run={(body, key) =>
        call(
          api.POST('/api/v1/pledges/{id}/declare-default', {
            params: { path: { id: pledge.id } },
            ...keyed(key),
            body,
          }),
        )
      }
    />
  );
}
