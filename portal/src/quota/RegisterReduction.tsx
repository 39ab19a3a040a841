import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { pollutants } from '../compliance/sites';
import { EvidenceInput } from '../documents/EvidenceInput';
import { useSites } from '../parties/names';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { uploadAll } from './upload';

type Registering = Omit<Schemas['RegisterReduction'], 'documents'> & { documents?: File[] };

/** Registering a reduction that the bureau has verified by itself, for which nobody has applied. */
export default function RegisterReduction() {
  const { t } = useTranslation();
  const sites = useSites().data?.filter((one) => !one.is_reserve) ?? [];
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <FormAct<Registering, Schemas['Reduction'] | Schemas['Task']>
      label={t('grant.registerReduction')}
      lead={t('grant.registerReductionLead')}
      fields={
        <>
          <Form.Item name="site" label={t('field.site')} rules={needed}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={sites.map((one) => ({ value: one.id, label: `${one.name} · ${one.number}` }))}
            />
          </Form.Item>
          <Form.Item name="pollutant" label={t('field.pollutant')} rules={needed}>
            <Select options={pollutants.map((value) => ({ value, label: t(`pollutant.${value}`) }))} />
          </Form.Item>
          <Form.Item name="quantity" label={t('reduction.quantity')} rules={decimalRules(t, 6)}>
            <DecimalInput unit="t" />
          </Form.Item>
          <Form.Item name="document" label={t('grant.verifiedBy')} rules={needed}>
            <Input autoComplete="off" maxLength={100} />
          </Form.Item>
          <Form.Item name="documents" label={t('reduction.documents')}>
            <EvidenceInput />
          </Form.Item>
        </>
      }
      run={async ({ documents, ...reduced }, key) =>
        call(
          api.POST('/api/v1/reductions', {
            ...keyed(key),
            body: { ...reduced, documents: await uploadAll(documents) },
          }),
        )
      }
    />
  );
}
