import { Form, type FormInstance, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { EvidenceInput } from '../documents/EvidenceInput';
import { useOrganisationName, useSites } from '../parties/names';
import { upload } from '../quota/upload';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { useRightClasses } from '../ui/useRightClasses';
import { useRightWords } from '../ui/useRightWords';
import { useToday } from '../session/installation';

type Override = Schemas['TradeOverride'];

type Request = Omit<Schemas['RequestTradeOverride'], 'documents'> & { documents: File[] };

/** Keeps the evidence first, and asks with it. */
async function request({ documents, ...asked }: Request, key: string): Promise<Override> {
  const kept = await Promise.all(documents.map(upload));
  const body = { ...asked, documents: kept.map((document) => document.id) };
  return call(api.POST('/api/v1/trade-overrides', { ...keyed(key), body }));
}

function Fields({ form }: { form: FormInstance<Request> }) {
  const { t } = useTranslation();
  const today = useToday();
  const rightWords = useRightWords();
  const organisationName = useOrganisationName();
  const sites = useSites().data ?? [];
  const classes = useRightClasses().data?.filter((one) => one.product === 'multi_year') ?? [];
  const needed = [{ required: true, message: t('field.needed') }];
  const [seller, chosen] = [Form.useWatch('seller_site', form), Form.useWatch('right_class', form)];
  const unit = classes.find((one) => one.code === chosen)?.unit ?? 't';
  const options = (found: typeof sites) =>
    found.map((one) => ({
      value: one.id,
      label: `${organisationName(one.organisation)} · ${one.name} · ${one.number}`,
    }));
  return (
    <>
      <Form.Item name="seller_site" label={t('override.seller')} rules={needed}>
        <Select showSearch={{ optionFilterProp: 'label' }} options={options(sites)} />
      </Form.Item>
      <Form.Item name="buyer_site" label={t('override.buyer')} rules={needed}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={options(sites.filter((one) => one.id !== seller && !one.is_reserve))}
        />
      </Form.Item>
      <Form.Item name="right_class" label={t('right.name')} rules={needed}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={classes.map((one) => ({ value: one.code, label: rightWords(one.code) }))}
        />
      </Form.Item>
      <Form.Item name="quantity" label={t('override.most')} rules={decimalRules(t, 6)}>
        <DecimalInput unit={unit} />
      </Form.Item>
      <Form.Item name="valid_until" label={t('override.until')} rules={needed}>
        <Input type="date" {...(today !== undefined && { min: today })} />
      </Form.Item>
      <Form.Item name="reason" label={t('field.reason')} rules={needed}>
        <Input.TextArea rows={3} maxLength={500} />
      </Form.Item>
      <Form.Item name="documents" label={t('reduction.documents')} rules={needed}>
        <EvidenceInput />
      </Form.Item>
    </>
  );
}

/** A bureau of either area asks the province to let a seller's rights pass the boundary to a buyer. */
export function RequestOverride() {
  const { t } = useTranslation();
  return (
    <FormAct<Request, Override>
      label={t('override.request')}
      lead={t('override.requestLead')}
      kind="primary"
      fields={(form) => <Fields form={form} />}
      run={request}
    />
  );
}
