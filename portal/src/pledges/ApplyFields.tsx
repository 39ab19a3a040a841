import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Checkbox, Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, whole } from '../api/list';
import { useConsentWords } from '../consents/useConsents';
import { grouped } from '../figures/decimal';
import { useOrganisations } from '../parties/names';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { type Stock, StockSelect, stockOf } from '../ui/StockSelect';
import { MethodField } from './MethodField';

const useNeeded = () => {
  const { t } = useTranslation();
  return [{ required: true, message: t('field.needed') }];
};

/** Takes one of several away again. */
function Removal({ remove }: { remove: () => void }) {
  const { t } = useTranslation();
  return <Button type="text" icon={<DeleteOutlined />} aria-label={t('apply.remove')} onClick={remove} />;
}

/** Others who give rights for the same loan, and the pledgees of several with their shares. */
export function PartyFields({ others }: { others: readonly Schemas['Consent'][] }) {
  const { t } = useTranslation();
  const consentWords = useConsentWords();
  const needed = useNeeded();
  const banks = useOrganisations().data?.filter((one) => ['bank', 'guarantor'].includes(one.kind)) ?? [];
  return (
    <>
      <Form.Item name="further" label={t('parties.furtherPledgor')} extra={t('apply.furtherHint')}>
        <Select
          mode="multiple"
          showSearch={{ optionFilterProp: 'label' }}
          options={others.map((one) => ({ value: one.id, label: consentWords(one) }))}
        />
      </Form.Item>
      <Form.List name="pledgees">
        {(fields, { add, remove }) => (
          <>
            {fields.map((field) => (
              <div key={field.key} className="line">
                <Form.Item name={[field.name, 'pledgee']} label={t('pledge.pledgee')} rules={needed}>
                  <Select
                    showSearch={{ optionFilterProp: 'label' }}
                    options={banks.map((one) => ({ value: one.id, label: one.name }))}
                  />
                </Form.Item>
                <Form.Item name={[field.name, 'share']} label={t('apply.share')} rules={decimalRules(t, 2)}>
                  <DecimalInput unit="CNY" />
                </Form.Item>
                <Removal remove={() => remove(field.name)} />
              </div>
            ))}
            <Form.Item extra={t('apply.pledgeesHint')}>
              <Button icon={<PlusOutlined />} onClick={() => add({})}>
                {t('apply.addPledgee')}
              </Button>
            </Form.Item>
          </>
        )}
      </Form.List>
    </>
  );
}

/** So many rights one application takes. */
const MOST_RIGHTS = 50;

/** The rights, each with what rests on it where there are several (民法典第四百二十七条). */
export function RightFields({ stocks }: { stocks: readonly Stock[] }) {
  const { t } = useTranslation();
  const needed = useNeeded();
  const filled = Form.useWatch('rights') as { stock?: string }[] | undefined;
  const unitOf = (place: number) => stocks.find((one) => stockOf(one) === filled?.[place]?.stock)?.unit ?? 't';
  return (
    <Form.List name="rights">
      {(fields, { add, remove }) => (
        <>
          {fields.map((field) => (
            <div key={field.key}>
              <Form.Item name={[field.name, 'stock']} label={t('pledge.stock')} rules={needed}>
                <StockSelect notFoundContent={t('pledge.nothingFree')} stocks={stocks} />
              </Form.Item>
              <Form.Item name={[field.name, 'quantity']} label={t('field.quantity')} rules={decimalRules(t, 6)}>
                <DecimalInput unit={unitOf(field.name)} />
              </Form.Item>
              {fields.length > 1 && (
                <div className="line">
                  <Form.Item name={[field.name, 'secured']} label={t('apply.restsOn')} rules={decimalRules(t, 2)}>
                    <DecimalInput unit="CNY" />
                  </Form.Item>
                  <Form.Item name={[field.name, 'assessed_value']} label={t('apply.worth')} rules={decimalRules(t, 2)}>
                    <DecimalInput unit="CNY" />
                  </Form.Item>
                  <Removal remove={() => remove(field.name)} />
                </div>
              )}
              <Form.Item name={[field.name, 'junior']} valuePropName="checked">
                <Checkbox>{t('apply.junior')}</Checkbox>
              </Form.Item>
            </div>
          ))}
          {fields.length < MOST_RIGHTS && (
            <Button icon={<PlusOutlined />} onClick={() => add({})}>
              {t('apply.addRight')}
            </Button>
          )}
        </>
      )}
    </Form.List>
  );
}

/** The facilities that the enterprise has accepted, when there are any to draw from. */
function FacilityField({ pledgor }: { pledgor: string }) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ['facilities', 'all'],
    queryFn: () =>
      whole((cursor) =>
        call(api.GET('/api/v1/facilities', { params: { query: { limit: 200, order: 'newest', ...at(cursor) } } })),
      ),
  });
  const options =
    data?.flatMap((facility) =>
      facility.parts
        .filter((part) => part.organisation === pledgor && part.state === 'accepted')
        .map((part) => ({
          value: facility.id,
          label: `${facility.name} — ${t('facility.left')} ${grouped(part.left)} CNY`,
        })),
    ) ?? [];
  if (options.length === 0) return null;
  return (
    <Form.Item name="facility" label={t('facility.drawFrom')} extra={t('facility.drawFromHint')}>
      <Select allowClear options={options} />
    </Form.Item>
  );
}

/** What the law secures beside the principal where nothing else is agreed (民法典第三百八十九条). */
export const scope = ['interest', 'penalty', 'damages', 'custody_costs', 'enforcement_costs'] as const;

/** Contracts, sums, days, and what is agreed beside them. */
export function TermFields({ pledgor }: { pledgor: string }) {
  const { t } = useTranslation();
  const needed = useNeeded();
  return (
    <>
      <Form.Item name="loan_contract" label={t('pledge.loanContract')} rules={needed}>
        <Input autoComplete="off" />
      </Form.Item>
      <Form.Item name="pledge_contract" label={t('pledge.pledgeContract')} rules={needed}>
        <Input autoComplete="off" />
      </Form.Item>
      <Form.Item name="principal" label={t('pledge.principal')} rules={decimalRules(t, 2)}>
        <DecimalInput unit="CNY" />
      </Form.Item>
      <Form.Item name="secured" label={t('pledge.secured')} extra={t('pledge.securedHint')} rules={decimalRules(t, 2)}>
        <DecimalInput unit="CNY" />
      </Form.Item>
      <Form.Item name="assessed_value" label={t('pledge.assessed')} rules={decimalRules(t, 2)}>
        <DecimalInput unit="CNY" />
      </Form.Item>
      <MethodField name="valuation_method" />
      {(['valued_on', 'debt_from', 'debt_to'] as const).map((name) => (
        <Form.Item key={name} name={name} label={t(`pledge.${name}`)} rules={needed}>
          <Input type="date" />
        </Form.Item>
      ))}
      <FacilityField pledgor={pledgor} />
      <Form.Item name="claim_scope" label={t('pledge.scope')}>
        <Checkbox.Group options={scope.map((value) => ({ value, label: t(`claim.${value}`) }))} />
      </Form.Item>
      <div className="line">
        <Form.Item name={['maximum_amount', 'from']} label={t('apply.maximumFrom')} extra={t('apply.maximumHint')}>
          <Input type="date" />
        </Form.Item>
        <Form.Item name={['maximum_amount', 'to']} label={t('apply.maximumTo')}>
          <Input type="date" />
        </Form.Item>
      </div>
      <Form.Item name="restricts_transfer" valuePropName="checked">
        <Checkbox>{t('pledge.restricted')}</Checkbox>
      </Form.Item>
    </>
  );
}
