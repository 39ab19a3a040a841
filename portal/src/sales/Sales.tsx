import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { usePart } from '../pledges/roles';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { ListPanel } from '../ui/ListPanel';
import { RightClass } from '../ui/RightClass';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { StateChoice } from '../ui/StateChoice';
import { OrderOfPayment } from './OrderOfPayment';
import { RequestSale } from './RequestSale';
import { SaleActs } from './SaleActs';

type Sale = Schemas['ConsentedSale'];

/** Where a sale may stand. */
const states = ['requested', 'consented', 'settled', 'refused', 'withdrawn'];

/** Ends of a trade that leave the rights pledged. */
const calledOff = ['refused', 'cancelled', 'expired'];

/** Where a sale stands, that of its trade once it is one, and what may be done about it. */
function Standing({ sale }: { sale: Sale }) {
  const { t } = useTranslation();
  const session = useSession();
  // The pledgee reads no trades: to it the sale alone is told.
  const readsTrades = !hasRole(session, 'pledgee_officer', 'pledgee_approver');
  const trade = useQuery({
    queryKey: ['trade', sale.trade],
    queryFn: () => call(api.GET('/api/v1/trades/{id}', { params: { path: { id: sale.trade ?? '' } } })),
    enabled: readsTrades && sale.trade !== null && sale.state === 'consented',
  }).data?.state;
  const isOff = trade !== undefined && calledOff.includes(trade);
  return (
    <>
      {isOff ? <State state={trade} /> : <State state={sale.state} word={t(`sale.states.${sale.state}`)} />}
      {trade !== undefined && !isOff && (
        <>
          <br />
          <small className="muted">{t(`state.${trade}`)}</small>
        </>
      )}
      {sale.reason && (
        <>
          <br />
          <small className="muted">{sale.reason}</small>
        </>
      )}
      <SaleActs sale={sale} trade={trade} />
    </>
  );
}

/** What is sold, as a link to the pledge for whoever sees that, but on its own page. */
function Right({ sale, isLinked }: { sale: Sale; isLinked: boolean }) {
  const own = useSession()?.me.organisation;
  const right = <RightClass code={sale.right_class} />;
  const isParty = own === sale.pledgor || own === sale.pledgee;
  return isLinked && isParty ? <Link to={`/pledges/${sale.pledge}`}>{right}</Link> : right;
}

function useColumns(isLinked: boolean): Column<Sale>[] {
  const { t } = useTranslation();
  const session = useSession();
  const organisationName = useOrganisationName();
  const readsTrades = !hasRole(session, 'pledgee_officer', 'pledgee_approver');
  return [
    {
      key: 'right',
      title: t('right.name'),
      cell: (one) => (
        <>
          <Right sale={one} isLinked={isLinked} />
          <br />
          <small className="muted figures">{t('sale.requested', { at: minuteOf(one.requested_at) })}</small>
        </>
      ),
    },
    {
      key: 'parties',
      title: t('disclosure.parties'),
      cell: (one) => (
        <>
          {organisationName(one.pledgor)} → {organisationName(one.buyer)}
          <br />
          <small className="muted">{t('sale.pledgee', { name: organisationName(one.pledgee) })}</small>
        </>
      ),
    },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    {
      key: 'total',
      title: t('field.total'),
      isFigure: true,
      cell: (one) => (
        <>
          <Amount value={one.total} unit="CNY" />
          <br />
          <small className="muted">
            <Amount value={one.unit_price} unit={`CNY/${one.unit}`} />
          </small>
        </>
      ),
    },
    {
      key: 'order',
      title: t('sale.order'),
      cell: (one) => (
        <>
          <OrderOfPayment sale={one} />
          {one.trade && readsTrades && <Link to={`/trades/${one.trade}`}>{t('sale.opened')}</Link>}
        </>
      ),
    },
    { key: 'state', title: t('field.state'), cell: (one) => <Standing sale={one} /> },
  ];
}

const useSales = (filter: { pledge?: string; state?: string } = {}) =>
  useList(['consented-sales', filter], (cursor) =>
    call(
      api.GET('/api/v1/consented-sales', {
        params: { query: { limit: 25, order: 'newest', ...filter, ...at(cursor) } },
      }),
    ),
  );

/** Sales of what a pledge holds; its pledgor asks for another one. */
export function PledgeSales({ pledge }: { pledge: Schemas['Pledge'] }) {
  const { t } = useTranslation();
  const { isPledgor } = usePart(pledge);
  const columns = useColumns(false);
  const list = useSales({ pledge: pledge.id });
  const mayAsk = isPledgor && ['registered', 'defaulted'].includes(pledge.state);
  return (
    <ListPanel
      title={t('sale.title')}
      list={list}
      columns={columns}
      {...(mayAsk && { actions: <RequestSale pledge={pledge} /> })}
      none={t('sale.none')}
      noneLead={t('sale.noneLead')}
      brief
    />
  );
}

/** Sales that a bank has to consent to, or has; nothing where there is none. */
export function SalesOfBook() {
  const { t } = useTranslation();
  const columns = useColumns(true);
  const list = useSales();
  if (list.items.length === 0) return null;
  return <ListPanel title={t('sale.title')} list={list} columns={columns} none={t('sale.none')} />;
}

/** Sales that an enterprise has to do with, as whoever sells or as whoever buys and sees nothing of the pledge. */
export function OwnSales() {
  const { t } = useTranslation();
  const columns = useColumns(true);
  const [state, setState] = useState<string>();
  const list = useSales(state === undefined ? {} : { state });
  return (
    <ListPanel
      title={t('sale.title')}
      list={list}
      columns={columns}
      actions={<StateChoice states={states} word={(one) => t(`sale.states.${one}`)} value={state} choose={setState} />}
      none={t('sale.none')}
      noneLead={t('sale.noneLead')}
      brief
    />
  );
}
