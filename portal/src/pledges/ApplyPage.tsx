import { useQuery } from '@tanstack/react-query';
import { Button, Form, Input, Select, Skeleton } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { at, whole } from '../api/list';
import { SeenTrades } from '../consents/SeenTrades';
import { useConsentsInForce, useConsentWords } from '../consents/useConsents';
import { grouped } from '../figures/decimal';
import { useToday } from '../session/installation';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { useFieldErrors } from '../ui/useFieldErrors';
import { StockSelect, stockOf } from '../ui/StockSelect';

/** What is filled in: a stock of rights is named by its site and class, and the quantity stands beside it. */
interface Application {
  stock: string;
  quantity: string;
  loan_contract: string;
  pledge_contract: string;
  principal: string;
  secured: string;
  assessed_value: string;
  valuation_method: string;
  valued_on: string;
  debt_from: string;
  debt_to: string;
  facility?: string;
}

const needed = (t: ReturnType<typeof useTranslation>['t']) => [{ required: true, message: t('field.needed') }];

/** The free stocks that a consent lets the bank see. The look is logged, and the enterprise sees it. */
const useStocks = (consent: string | null) =>
  useQuery({
    queryKey: ['look', consent],
    queryFn: () =>
      call(
        api.POST('/api/v1/consents/{id}/look', {
          params: { path: { id: consent ?? '' } },
          ...keyed(crypto.randomUUID()),
          body: {},
        }),
      ),
    enabled: consent !== null,
    staleTime: Infinity,
  });

function MoneyFields() {
  const { t } = useTranslation();
  return (
    <>
      <Form.Item name="principal" label={t('pledge.principal')} rules={decimalRules(t, 2)}>
        <DecimalInput unit="CNY" />
      </Form.Item>
      <Form.Item name="secured" label={t('pledge.secured')} extra={t('pledge.securedHint')} rules={decimalRules(t, 2)}>
        <DecimalInput unit="CNY" />
      </Form.Item>
      <Form.Item name="assessed_value" label={t('pledge.assessed')} rules={decimalRules(t, 2)}>
        <DecimalInput unit="CNY" />
      </Form.Item>
      <Form.Item name="valuation_method" label={t('pledge.method')} rules={needed(t)}>
        <Select
          options={(['base_price', 'market_price', 'appraisal'] as const).map((value) => ({
            value,
            label: t(`valuation.methods.${value}`),
          }))}
        />
      </Form.Item>
    </>
  );
}

function ContractFields() {
  const { t } = useTranslation();
  return (
    <>
      <Form.Item name="loan_contract" label={t('pledge.loanContract')} rules={needed(t)}>
        <Input autoComplete="off" />
      </Form.Item>
      <Form.Item name="pledge_contract" label={t('pledge.pledgeContract')} rules={needed(t)}>
        <Input autoComplete="off" />
      </Form.Item>
      {(['valued_on', 'debt_from', 'debt_to'] as const).map((name) => (
        <Form.Item key={name} name={name} label={t(`pledge.${name}`)} rules={needed(t)}>
          <Input type="date" />
        </Form.Item>
      ))}
    </>
  );
}

/** The facilities that the enterprise has accepted, when there are any to draw from. */
function FacilityField({ pledgor }: { pledgor: string }) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ['facilities', 'all'],
    queryFn: () =>
      whole((cursor) => call(api.GET('/api/v1/facilities', { params: { query: { limit: 200, ...at(cursor) } } }))),
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

/** The form itself, once it is known what may be pledged. */
function ApplyForm({ seen }: { seen: Schemas['SeenHoldings'] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const today = useToday();
  const [form] = Form.useForm<Application>();
  const stocks = seen.items
    .filter((one) => one.purpose === 'available')
    .map((one) => ({ site: one.site, rightClass: one.right_class, free: one.balance, unit: one.unit }));
  const stock = Form.useWatch('stock', form) as string | undefined;
  const unit = stocks.find((one) => stockOf(one) === stock)?.unit ?? 't';
  const command = useCommand(
    ({ stock: chosen, quantity, ...terms }: Application, key) => {
      const [site = '', right_class = ''] = chosen.split(' ');
      return call(
        api.POST('/api/v1/pledges', {
          ...keyed(key),
          body: { ...terms, pledgor: seen.consent.organisation, rights: [{ site, right_class, quantity }] },
        }),
      );
    },
    (pledge) => void navigate(`/pledges/${pledge.id}`),
  );
  useFieldErrors(form, command.error);
  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{ valued_on: today, debt_from: today, valuation_method: 'base_price' }}
      onFinish={(given: Application) => command.mutate(given)}
    >
      <div className="two">
        <Panel title={t('pledge.what')}>
          <Form.Item name="stock" label={t('pledge.stock')} rules={needed(t)}>
            <StockSelect notFoundContent={t('pledge.nothingFree')} stocks={stocks} />
          </Form.Item>
          <Form.Item name="quantity" label={t('field.quantity')} rules={decimalRules(t, 6)}>
            <DecimalInput unit={unit} />
          </Form.Item>
          <MoneyFields />
        </Panel>
        <Panel title={t('pledge.contracts')}>
          <ContractFields />
          <FacilityField pledgor={seen.consent.organisation} />
          <div className="stack">
            <Refusal error={command.error} />
            <Button type="primary" size="large" block htmlType="submit" loading={command.isPending}>
              {t('pledge.applyNow')}
            </Button>
            <p className="muted">{t('pledge.applyHint')}</p>
          </div>
        </Panel>
      </div>
    </Form>
  );
}

/** A bank applies for a pledge under the consent of an enterprise. */
export default function ApplyPage() {
  const { t } = useTranslation();
  const [parameters, setParameters] = useSearchParams();
  const consent = parameters.get('consent');
  const consents = useConsentsInForce();
  const consentWords = useConsentWords();
  const seen = useStocks(consent);
  const good = consents.data ?? [];
  return (
    <>
      <PageHead title={t('pledge.apply')} lead={t('pledge.applyLead')} />
      <div className="stack">
        <Panel title={t('pledge.underConsent')}>
          {consents.data !== undefined && good.length === 0 ? (
            <Nothing title={t('consent.noneReceived')}>
              <p>{t('consent.noneReceivedLead')}</p>
            </Nothing>
          ) : (
            <Select
              aria-label={t('pledge.underConsent')}
              style={{ width: '100%', maxWidth: 520 }}
              placeholder={t('pledge.chooseConsent')}
              {...(consent !== null && { value: consent })}
              loading={consents.isPending}
              onChange={(id: string) => setParameters({ consent: id })}
              options={good.map((one) => ({
                value: one.id,
                label: consentWords(one),
              }))}
            />
          )}
          <p className="muted">{t('pledge.lookIsLogged')}</p>
        </Panel>
        <Refusal error={consents.error ?? seen.error} />
        {consent !== null && seen.isPending && <Skeleton active />}
        {seen.data && consent !== null && <SeenTrades key={`trades ${consent}`} consent={consent} />}
        {seen.data && <ApplyForm key={consent} seen={seen.data} />}
      </div>
    </>
  );
}
