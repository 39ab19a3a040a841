import { Button, Form, Segmented, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { compare, isDecimal, product } from '../figures/decimal';
import { positionsOf } from '../home/position';
import { useBalances } from '../home/useBalances';
import { useOrganisationName, useSites } from '../parties/names';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { Confirm } from '../ui/Confirm';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { Facts } from '../ui/Facts';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { useFieldErrors } from '../ui/useFieldErrors';
import { StockSelect, stockOf } from '../ui/StockSelect';
import { useRightWords } from '../ui/useRightWords';
import { ToRegister } from './ToRegister';

type Way = 'listing' | 'offer';

interface Sale {
  holding: string;
  quantity: string;
  unit_price: string;
  price_basis: Schemas['Offer']['price_basis'];
  minimum?: string;
  buyer_site?: string;
  valid_until?: string;
}

/** Price times quantity of what is typed; nothing while it cannot be read. */
function totalOf(sale: Partial<Sale> | undefined): string | undefined {
  const { quantity, unit_price: price } = sale ?? {};
  return quantity && price && isDecimal(quantity, 6) && isDecimal(price, 2) ? product(price, quantity) : undefined;
}

/** Sends the sale as what it is: a draft that is listed to whoever comes, or an offer to one buyer. */
async function sell(way: Way, sale: Sale, key: string): Promise<string> {
  const [seller_site = '', right_class = ''] = sale.holding.split(' ');
  const { quantity, unit_price, price_basis, minimum, buyer_site, valid_until } = sale;
  const terms = { seller_site, right_class, quantity, unit_price, price_basis };
  if (way === 'listing') {
    const drafted = await call(
      api.POST('/api/v1/listings', { ...keyed(key), body: { ...terms, minimum: minimum ?? quantity } }),
    );
    return `/market/${drafted.id}`;
  }
  const body: Schemas['ProposeOffer'] = { ...terms, buyer_site: buyer_site ?? '', ...(valid_until && { valid_until }) };
  const proposed = await call(api.POST('/api/v1/offers', { ...keyed(key), body }));
  return 'buyer_site' in proposed ? '/offers' : '/tasks';
}

/** Whom an offer goes to, and until when. */
function OfferFields() {
  const { t } = useTranslation();
  const own = useSession()?.me.organisation;
  const sites = useSites();
  const organisationName = useOrganisationName();
  const others = sites.data?.filter((site) => site.organisation !== own) ?? [];
  return (
    <Form.Item name="buyer_site" label={t('market.buyerSite')} rules={[{ required: true, message: t('field.needed') }]}>
      <Select
        showSearch={{ optionFilterProp: 'label' }}
        options={others.map((site) => ({
          value: site.id,
          label: `${organisationName(site.organisation)} · ${site.number}`,
        }))}
      />
    </Form.Item>
  );
}

interface AskedProps {
  sale: Sale;
  unit: string;
  isPending: boolean;
  close: () => void;
  propose: () => void;
}

/** The question before an offer, which holds the quantity from then on. */
function Asked({ sale, unit, isPending, close, propose }: AskedProps) {
  const { t } = useTranslation();
  const rightWords = useRightWords();
  const organisationName = useOrganisationName();
  const buyer = useSites().data?.find((site) => site.id === sale.buyer_site)?.organisation;
  return (
    <Confirm
      act={t('market.propose')}
      lead={t('market.proposeHint')}
      facts={[
        [t('right.name'), rightWords(sale.holding.split(' ')[1] ?? '')],
        [t('field.quantity'), <Amount value={sale.quantity} unit={unit} />],
        [t('field.unitPrice'), <Amount value={sale.unit_price} unit={`CNY/${unit}`} />],
        [t('field.total'), <Amount value={totalOf(sale)} unit="CNY" />],
        buyer !== undefined && ([t('trade.buyer'), organisationName(buyer)] as const),
      ]}
      isPending={isPending}
      close={close}
      go={propose}
    />
  );
}

/** Selling rights of one's own: listed to whoever comes, or offered to a named buyer. */
export default function SellPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const organisation = useSession()?.me.organisation;
  const balances = useBalances(organisation);
  const free = positionsOf(balances.data ?? []).filter((one) => compare(one.available, '0') > 0);
  const [way, setWay] = useState<Way>('listing');
  const [asked, ask] = useState<Sale>();
  const [form] = Form.useForm<Sale>();
  const sale = Form.useWatch([], form) as Partial<Sale> | undefined;
  const chosen = free.find((one) => stockOf(one) === sale?.holding);
  const unit = chosen?.unit ?? 't';
  const named =
    parameters.get('site') !== null ? `${parameters.get('site') ?? ''} ${parameters.get('right') ?? ''}` : undefined;
  const command = useCommand(
    (body: Sale, key) => sell(way, body, key),
    (page) => void navigate(page),
  );
  useFieldErrors(form, command.error);
  const forget = () => ask(undefined);
  // A draft holds nothing yet: only an offer is asked first. What is refused is told at the fields, beneath the question.
  const submit = (body: Sale) => (way === 'offer' ? ask(body) : command.mutate(body));
  const propose = () => asked && command.mutate(asked, { onError: forget });
  return (
    <>
      <PageHead title={t('market.sell')} lead={t('market.sellLead')} />
      <div className="two">
        <Panel>
          <Form
            form={form}
            layout="vertical"
            requiredMark={false}
            initialValues={{ price_basis: 'per_unit_whole_validity', ...(named !== undefined && { holding: named }) }}
            onFinish={submit}
          >
            <Form.Item label={t('market.way')}>
              <Segmented<Way>
                value={way}
                onChange={setWay}
                options={[
                  { value: 'listing', label: t('mode.listing') },
                  { value: 'offer', label: t('mode.negotiated') },
                ]}
              />
            </Form.Item>
            <Form.Item name="holding" label={t('market.what')} rules={[{ required: true, message: t('field.needed') }]}>
              <StockSelect
                loading={balances.isPending}
                notFoundContent={t('holdings.none')}
                stocks={free.map((one) => ({ ...one, free: one.available }))}
              />
            </Form.Item>
            <Form.Item name="quantity" label={t('field.quantity')} rules={decimalRules(t, 6)}>
              <DecimalInput unit={unit} />
            </Form.Item>
            <Form.Item name="unit_price" label={t('field.unitPrice')} rules={decimalRules(t, 2)}>
              <DecimalInput unit={`CNY/${unit}`} />
            </Form.Item>
            <Form.Item name="price_basis" label={t('trade.priceBasis')}>
              <Select
                options={(['per_unit_whole_validity', 'per_unit_year'] as const).map((value) => ({
                  value,
                  label: t(`priceBasis.${value}`),
                }))}
              />
            </Form.Item>
            {way === 'listing' ? (
              <Form.Item
                name="minimum"
                label={t('market.minimum')}
                extra={t('market.minimumHint')}
                rules={decimalRules(t, 6, false)}
              >
                <DecimalInput unit={unit} />
              </Form.Item>
            ) : (
              <OfferFields />
            )}
            <div className="stack">
              <Refusal error={command.error} />
              <ToRegister error={command.error} holding={sale?.holding} />
              <Button type="primary" size="large" htmlType="submit" loading={command.isPending}>
                {way === 'listing' ? t('market.draft') : t('market.propose')}
              </Button>
            </div>
          </Form>
        </Panel>
        <Panel title={t('market.summary')}>
          <Facts
            wide
            facts={[
              [t('purpose.available'), <Amount value={chosen?.available} unit={unit} />],
              [t('field.total'), <Amount value={totalOf(sale)} unit="CNY" />],
            ]}
          />
          <p className="muted">{way === 'listing' ? t('market.draftHint') : t('market.proposeHint')}</p>
        </Panel>
      </div>
      {asked && <Asked sale={asked} unit={unit} isPending={command.isPending} close={forget} propose={propose} />}
    </>
  );
}
