import { Form, type FormInstance, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSites } from '../parties/names';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { type Stock, StockSelect, stockOf } from '../ui/StockSelect';
import { useOnlyChoice } from '../ui/useOnlyChoice';
import { isRenewable, useOwnStocks, useStocksOf } from './stocks';

/** What every act on rights says. The right is named after the field of the API, so that what is refused of it stands there. */
export interface Rights {
  /** At which site, where a bureau chooses one. */
  site?: string;
  /** A site and a right class, as {@link stockOf} writes them. */
  right_class: string;
  quantity: string;
  document: string;
}

/** The site and the right class apart, as the API takes them. */
export function rightsOf({ right_class: chosen, quantity, document }: Rights) {
  const [site = '', right_class = ''] = chosen.split(' ');
  return { site, right_class, quantity, document };
}

/** Which rights, and how much of them. */
function StockFields({ form, stocks }: { form: FormInstance<Rights>; stocks: readonly Stock[] }) {
  const { t } = useTranslation();
  const chosen = Form.useWatch('right_class', form);
  const stock = stocks.find((one) => stockOf(one) === chosen);
  useOnlyChoice(form, 'right_class', stocks.length === 1 && stocks[0] ? stockOf(stocks[0]) : undefined);
  return (
    <>
      <Form.Item name="right_class" label={t('right.name')} rules={[{ required: true, message: t('field.needed') }]}>
        <StockSelect stocks={stocks} notFoundContent={t('tenure.nothingFree')} />
      </Form.Item>
      <Form.Item name="quantity" label={t('field.quantity')} rules={decimalRules(t, 6)}>
        <DecimalInput unit={stock?.unit ?? 't'} />
      </Form.Item>
    </>
  );
}

interface FieldsProps {
  form: FormInstance<Rights>;
  /** Whether only what can be renewed is chosen from. */
  isRenewal?: boolean;
}

const choice = (stocks: readonly Stock[], isRenewal: boolean) => (isRenewal ? stocks.filter(isRenewable) : stocks);

/** Choosing some of one's own rights. */
export function OwnFields({ form, isRenewal = false }: FieldsProps) {
  return <StockFields form={form} stocks={choice(useOwnStocks(), isRenewal)} />;
}

/** Choosing some of the rights of a site in one's area. */
export function AreaFields({ form, isRenewal = false }: FieldsProps) {
  const { t } = useTranslation();
  const sites = useSites().data?.filter((one) => !one.is_reserve) ?? [];
  const site = Form.useWatch('site', form);
  return (
    <>
      <Form.Item name="site" label={t('field.site')} rules={[{ required: true, message: t('field.needed') }]}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={sites.map((one) => ({ value: one.id, label: `${one.name} · ${one.number}` }))}
          onChange={() => form.resetFields(['right_class', 'quantity'])}
        />
      </Form.Item>
      <StockFields form={form} stocks={choice(useStocksOf(site), isRenewal)} />
    </>
  );
}

/** The number of the document that an act rests on. */
export function DocumentField() {
  const { t } = useTranslation();
  return (
    <Form.Item name="document" label={t('field.document')} rules={[{ required: true, message: t('field.needed') }]}>
      <Input autoComplete="off" maxLength={200} />
    </Form.Item>
  );
}
