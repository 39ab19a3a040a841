import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList, whole } from '../api/list';
import { thousandths } from '../figures/decimal';
import { daysBetween } from '../figures/instant';
import { withWords } from '../i18n/areas';
import { useOrganisationName } from '../parties/names';
import { useToday } from '../session/installation';
import { deskOf, hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { StateChoice } from '../ui/StateChoice';
import { Tile } from '../ui/Tile';
import { OwnDisposals } from './Disposals';
import { maturities, type Maturity, percent, summary } from './figures';

// What waits for a bank about pledges that it sees, and about those that it is to have.
const OwnTransfers = lazy(
  withWords('sales', () => import('../sales/Transfers').then((found) => ({ default: found.OwnTransfers }))),
);
const SalesOfBook = lazy(
  withWords('sales', () => import('../sales/Sales').then((found) => ({ default: found.SalesOfBook }))),
);

const states = [
  'applied',
  'verified',
  'agreed',
  'registered',
  'defaulted',
  'closed',
  'released',
  'refused',
  'withdrawn',
] as const;
/** What is on its way or in force; what has ended is no part of the book any more. */
const living = ['applied', 'verified', 'agreed', 'registered', 'defaulted'] as const;

/** Every pledge that has not ended. */
const useLiving = () =>
  useQuery({
    queryKey: ['pledges', 'living'],
    queryFn: async () => {
      const all = living.map((state) =>
        whole((cursor) =>
          call(api.GET('/api/v1/pledges', { params: { query: { state, limit: 200, ...at(cursor) } } })),
        ),
      );
      return (await Promise.all(all)).flat();
    },
  });

/** The book in figures. */
function Book({ pledges }: { pledges: readonly Schemas['Pledge'][] }) {
  const { t } = useTranslation();
  const today = useToday();
  const book = summary(pledges, today);
  return (
    <div className="tiles">
      <Tile
        lead
        name={t('pledge.secured')}
        value={book.secured}
        unit="CNY"
        note={t('pledge.inForce', { count: book.inForce })}
      />
      <Tile name={t('pledge.assessed')} value={book.assessed} unit="CNY" />
      <Tile name={t('pledge.waiting')} value={String(book.waiting)} />
      <Tile name={t('pledge.dueSoon')} value={String(book.dueSoon)} note={t('pledge.dueSoonNote')} />
      <Tile
        name={t('pledge.troubled')}
        value={String(book.called + book.defaulted)}
        note={t('pledge.troubledNote', { called: book.called, defaulted: book.defaulted })}
      />
    </div>
  );
}

/** The ladder of maturities: how much falls due when. */
function Maturities({ pledges }: { pledges: readonly Schemas['Pledge'][] }) {
  const { t } = useTranslation();
  const today = useToday();
  if (today === undefined) return null;
  const ladder = maturities(pledges, today);
  if (ladder.length === 0) return null;
  const total = summary(pledges, today).secured;
  const columns: Column<Maturity>[] = [
    { key: 'span', title: t('pledge.debtTo'), cell: (one) => <b>{t(`maturity.${one.span}`)}</b>, width: 180 },
    {
      key: 'bar',
      title: t('maturity.share'),
      cell: (one) => (
        <div className="bars" aria-hidden="true">
          <span
            className={one.span === 'overdue' ? 'frozen' : 'pledged'}
            style={{ width: `${thousandths(one.secured, total) / 10}%` }}
          />
        </div>
      ),
    },
    { key: 'count', title: t('maturity.count'), isFigure: true, cell: (one) => one.count, width: 90 },
    {
      key: 'secured',
      title: t('pledge.secured'),
      isFigure: true,
      cell: (one) => <Amount value={one.secured} unit="CNY" />,
      width: 200,
    },
  ];
  return (
    <Panel flush title={t('maturity.title')}>
      <Rows label={t('maturity.title')} columns={columns} rows={ladder} rowKey={(one) => one.span} empty={null} />
    </Panel>
  );
}

function useColumns(isBank: boolean): Column<Schemas['Pledge']>[] {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const today = useToday();
  const due = (pledge: Schemas['Pledge']) => {
    const days = today === undefined ? undefined : daysBetween(today, pledge.debt_to);
    return days !== undefined && ['registered', 'defaulted'].includes(pledge.state)
      ? t('pledge.inDays', { count: days })
      : '';
  };
  return [
    {
      key: 'number',
      title: t('pledge.number'),
      cell: (one) => (
        <Link to={`/pledges/${one.id}`}>
          <b className="code">{one.number ?? one.pledge_contract}</b>
        </Link>
      ),
    },
    isBank
      ? { key: 'pledgor', title: t('pledge.pledgor'), cell: (one) => organisationName(one.pledgor) }
      : { key: 'pledgee', title: t('pledge.pledgee'), cell: (one) => organisationName(one.pledgee) },
    {
      key: 'secured',
      title: t('pledge.secured'),
      isFigure: true,
      cell: (one) => <Amount value={one.secured} unit="CNY" />,
    },
    {
      key: 'assessed',
      title: t('pledge.assessed'),
      isFigure: true,
      cell: (one) => <Amount value={one.assessed_value} unit="CNY" />,
    },
    {
      key: 'ltv',
      title: t('pledge.ltv'),
      isFigure: true,
      cell: (one) => <span className="figures">{percent(one.ltv)}</span>,
    },
    {
      key: 'due',
      title: t('pledge.debtTo'),
      isFigure: true,
      cell: (one) => (
        <span className="figures">
          {one.debt_to}
          <br />
          <small className="muted">{due(one)}</small>
        </span>
      ),
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => (
        <>
          <State state={one.state} />
          {one.margin_calls.some((call) => !call.ended_at) && (
            <>
              {' '}
              <State state="defaulted" word={t('margin.called')} />
            </>
          )}
        </>
      ),
    },
  ];
}

/** The pledge book of a bank, and the pledges of an enterprise or an area. */
export default function PledgesPage() {
  const { t } = useTranslation();
  const session = useSession();
  const isBank = session !== undefined && deskOf(session) === 'bank';
  const [state, setState] = useState<string>();
  const columns = useColumns(isBank);
  const alive = useLiving();
  const list = useList(['pledges', state], (cursor) =>
    call(
      api.GET('/api/v1/pledges', {
        params: { query: { limit: 50, order: 'newest', ...(state !== undefined && { state }), ...at(cursor) } },
      }),
    ),
  );
  return (
    <>
      <PageHead
        title={isBank ? t('pledge.book') : t('pledge.title')}
        lead={isBank ? t('pledge.bookLead') : t('pledge.lead')}
        actions={
          hasRole(session, 'pledgee_officer') && (
            <Link to="/pledges/apply">
              <Button type="primary" tabIndex={-1}>
                {t('pledge.apply')}
              </Button>
            </Link>
          )
        }
      />
      <div className="stack">
        {alive.data !== undefined && alive.data.length > 0 && (
          <>
            <Book pledges={alive.data} />
            <Maturities pledges={alive.data} />
          </>
        )}
        {isBank && (
          <Suspense>
            <OwnTransfers />
            <SalesOfBook />
          </Suspense>
        )}
        {session !== undefined && ['enterprise', 'reserve'].includes(deskOf(session)) && <OwnDisposals />}
        <Panel
          flush
          title={t('pledge.all')}
          actions={<StateChoice states={states} word={(one) => t(`state.${one}`)} value={state} choose={setState} />}
        >
          <Rows
            label={t('pledge.all')}
            columns={columns}
            rows={list.items}
            rowKey={(one) => one.id}
            isLoading={list.isLoading}
            error={list.error}
            retry={list.retry}
            more={list.more}
            isLoadingMore={list.isLoadingMore}
            empty={
              <Nothing title={t('pledge.none')}>
                <p>{isBank ? t('pledge.noneBank') : t('pledge.noneLead')}</p>
              </Nothing>
            }
          />
        </Panel>
      </div>
    </>
  );
}
