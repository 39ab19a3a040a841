import { Button } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { dayOf } from '../figures/instant';
import { withWords } from '../i18n/areas';
import { useOrganisationName } from '../parties/names';
import { deskOf } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { Loading } from '../ui/Loading';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { StateChoice } from '../ui/StateChoice';

const OwnSales = lazy(
  withWords('sales', () => import('../sales/Sales').then((found) => ({ default: found.OwnSales }))),
);

const states = [
  'matched',
  'approved',
  'publicised',
  'paid',
  'settled',
  'closed',
  'refused',
  'cancelled',
  'expired',
] as const;

/** Trades that one is a party of, or decides on. */
export default function TradesPage() {
  const { t } = useTranslation();
  const session = useSession();
  const organisationName = useOrganisationName();
  const [state, setState] = useState<string>();
  const list = useList(['trades', state], (cursor) =>
    call(
      api.GET('/api/v1/trades', {
        params: { query: { limit: 25, order: 'newest', ...(state !== undefined && { state }), ...at(cursor) } },
      }),
    ),
  );
  const columns: Column<Schemas['Trade']>[] = [
    {
      key: 'right',
      title: t('right.name'),
      cell: (one) => (
        <Link to={`/trades/${one.id}`}>
          <RightClass code={one.right_class} />
        </Link>
      ),
    },
    {
      key: 'parties',
      title: t('disclosure.parties'),
      cell: (one) => (
        <>
          {organisationName(one.seller)} → {organisationName(one.buyer)}
        </>
      ),
    },
    { key: 'mode', title: t('trade.mode'), cell: (one) => t(`mode.${one.mode}`, { defaultValue: one.mode }) },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    { key: 'total', title: t('field.total'), isFigure: true, cell: (one) => <Amount value={one.total} unit="CNY" /> },
    {
      key: 'matched',
      title: t('trade.matchedAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{dayOf(one.matched_at)}</span>,
    },
    { key: 'state', title: t('field.state'), cell: (one) => <State state={one.state} /> },
  ];
  return (
    <>
      <PageHead
        title={t('trade.title')}
        lead={t('trade.lead')}
        actions={
          <Link to="/trades/overrides">
            <Button tabIndex={-1}>{t('subjectKind.trade_override')}</Button>
          </Link>
        }
      />
      <div className="stack">
        <Panel
          flush
          title={t('trade.all')}
          actions={<StateChoice states={states} word={(one) => t(`state.${one}`)} value={state} choose={setState} />}
        >
          <Rows
            label={t('trade.all')}
            columns={columns}
            rows={list.items}
            rowKey={(one) => one.id}
            isLoading={list.isLoading}
            error={list.error}
            retry={list.retry}
            more={list.more}
            isLoadingMore={list.isLoadingMore}
            empty={
              <Nothing title={t('trade.none')}>
                <p>{t('trade.noneLead')}</p>
              </Nothing>
            }
          />
        </Panel>
        {session !== undefined && deskOf(session) === 'enterprise' && (
          <Suspense fallback={<Loading />}>
            <OwnSales />
          </Suspense>
        )}
      </div>
    </>
  );
}
