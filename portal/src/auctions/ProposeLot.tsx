import { Form, type FormInstance } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { compare } from '../figures/decimal';
import { positionsOf } from '../home/position';
import { useBalances } from '../home/useBalances';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { StockSelect, stockOf } from '../ui/StockSelect';

interface Proposal {
  /** Site and right class. */
  holding: string;
  quantity: string;
  min_quantity?: string;
  max_quantity?: string;
  base_price: string;
}

/** What the seller's sites have available, and on which terms it is put in. */
function Fields({ form }: { form: FormInstance<Proposal> }) {
  const { t } = useTranslation();
  const balances = useBalances(useSession()?.me.organisation);
  const free = positionsOf(balances.data ?? []).filter((one) => compare(one.available, '0') > 0);
  const holding = Form.useWatch('holding', form) as string | undefined;
  const unit = free.find((one) => stockOf(one) === holding)?.unit ?? 't';
  return (
    <>
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
      <Form.Item name="min_quantity" label={t('auction.least')} rules={decimalRules(t, 6, false)}>
        <DecimalInput unit={unit} />
      </Form.Item>
      <Form.Item
        name="max_quantity"
        label={t('auction.most')}
        extra={t('auction.mostHint')}
        rules={decimalRules(t, 6, false)}
      >
        <DecimalInput unit={unit} />
      </Form.Item>
      <Form.Item name="base_price" label={t('auction.basePrice')} rules={decimalRules(t, 2)}>
        <DecimalInput unit={`CNY/${unit}`} />
      </Form.Item>
    </>
  );
}

/** Putting rights of one's own into a session that is not announced yet, as their seller. */
export function ProposeLot({ auction }: { auction: Schemas['Auction'] }) {
  const { t } = useTranslation();
  const isSeller = hasRole(useSession(), 'enterprise_trader', 'reserve_trader');
  if (!isSeller || auction.state !== 'planned') return null;
  return (
    <FormAct<Proposal, Schemas['AuctionLot']>
      label={t('auction.putIn')}
      lead={t('auction.putInLead')}
      kind="primary"
      fields={(form) => <Fields form={form} />}
      run={({ holding, ...terms }, key) => {
        const [site = '', right_class = ''] = holding.split(' ');
        const body = { site, right_class, ...(given(terms) as typeof terms) };
        return call(
          api.POST('/api/v1/auctions/{id}/lots', { params: { path: { id: auction.id } }, ...keyed(key), body }),
        );
      }}
    />
  );
}
