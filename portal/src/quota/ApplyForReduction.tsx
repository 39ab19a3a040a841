import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { pollutants } from '../compliance/sites';
import { EvidenceInput } from '../documents/EvidenceInput';
import { useSitesOf } from '../parties/names';
import { useSession } from '../session/session';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { uploadAll } from './upload';

type Application = Schemas['ReductionApplication'];

interface Reduced {
  site: string;
  pollutant: string;
  quantity: string;
  statement: string;
  documents: File[];
}

/** Keeps the evidence first, and applies with it. */
async function apply({ documents, ...reduced }: Reduced, key: string): Promise<Application> {
  const body = { ...reduced, documents: await uploadAll(documents) };
  return call(api.POST('/api/v1/reduction-applications', { ...keyed(key), body }));
}

/** Applying for the registration of what a site has reduced; begun with what could not be sold for want of it. */
export function ApplyForReduction({ site, pollutant }: { site?: string | undefined; pollutant?: string | undefined }) {
  const { t } = useTranslation();
  const sites = useSitesOf(useSession()?.me.organisation);
  const needed = [{ required: true, message: t('field.needed') }];
  const first = site ?? (sites.length === 1 ? sites[0]?.id : undefined);
  return (
    <FormAct<Reduced, Application>
      label={t('reduction.apply')}
      lead={t('reduction.applyLead')}
      kind="primary"
      initial={{ ...(first !== undefined && { site: first }), ...(pollutant !== undefined && { pollutant }) }}
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
          <Form.Item name="statement" label={t('reduction.statement')} rules={needed}>
            <Input.TextArea rows={3} maxLength={500} />
          </Form.Item>
          <Form.Item name="documents" label={t('reduction.documents')} rules={needed}>
            <EvidenceInput />
          </Form.Item>
        </>
      }
      run={apply}
    />
  );
}
