import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { Facts } from '../ui/Facts';
import { Loading } from '../ui/Loading';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { OrderOfPayment } from './OrderOfPayment';
import { SettleSale, useMaySettle } from './SaleActs';

/** The sale that a trade over pledged rights has come of: who has consented, where the price goes, and its settlement by the buyer. */
export default function SaleOfTrade({ trade }: { trade: Schemas['Trade'] }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const maySettle = useMaySettle();
  const id = trade.source.id;
  const query = useQuery({
    queryKey: ['consented-sale', id],
    queryFn: () => call(api.GET('/api/v1/consented-sales/{id}', { params: { path: { id } } })),
  });
  if (query.isLoadingError) return <Refusal error={query.error} retry={() => void query.refetch()} />;
  const sale = query.data;
  if (sale === undefined) return <Loading />;
  return (
    <Panel title={t('sale.title')} {...(maySettle(sale, trade.state) && { actions: <SettleSale sale={sale} /> })}>
      <Facts
        facts={[
          [t('pledge.pledgee'), organisationName(sale.pledgee)],
          [t('sale.order'), <OrderOfPayment sale={sale} />],
          [t('sale.answeredAt'), sale.answered_at ? minuteOf(sale.answered_at) : '—'],
        ]}
      />
    </Panel>
  );
}
