import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { EvidenceInput } from '../documents/EvidenceInput';
import { useOrganisationName } from '../parties/names';
import { upload } from '../quota/upload';
import { Amount } from '../ui/Amount';
import { FormAct } from '../ui/FormAct';

interface Mistake {
  reason: string;
  documents: File[];
}

/** The head of the bank's desk undoes a movement that was booked by mistake, with the document that proves it. */
export function Reverse({ movement }: { movement: Schemas['MoneyMovement'] }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <FormAct<Mistake, Schemas['Reversal']>
      label={t('reversal.act')}
      lead={
        <>
          {t(movement.direction === 'deposit' ? 'reversal.depositLead' : 'reversal.withdrawalLead')}{' '}
          <b>
            {organisationName(movement.organisation)} <Amount value={movement.amount} unit="CNY" />
          </b>
        </>
      }
      isDanger
      size="small"
      fields={
        <>
          <Form.Item name="reason" label={t('field.reason')} rules={needed}>
            <Input.TextArea rows={3} maxLength={500} />
          </Form.Item>
          <Form.Item name="documents" label={t('reversal.documents')} rules={needed}>
            <EvidenceInput />
          </Form.Item>
        </>
      }
      run={async ({ reason, documents }, key) => {
        const kept = await Promise.all(documents.map(upload));
        return call(
          api.POST('/api/v1/journals/{id}/reversal', {
            params: { path: { id: movement.journal } },
            ...keyed(key),
            body: { reason, documents: kept.map((document) => document.id) },
          }),
        );
      }}
    />
  );
}
