import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Schemas } from '../api/client';
import { daysBetween } from '../figures/instant';
import { readRightClass } from '../figures/rightClass';
import { withWords } from '../i18n/areas';
import { DueFees } from '../quota/DueFees';
import { useToday } from '../session/installation';
import { useSession } from '../session/session';
import { TaskList } from '../tasks/TaskList';
import { Amount } from '../ui/Amount';
import { BindingBar, BindingKey } from '../ui/BindingBar';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { Tile } from '../ui/Tile';
import { openTrades } from './openTrades';
import { moneyOf, type Position, positionsOf, totalOf } from './position';
import { useBalances } from './useBalances';

// Few have an application that is to be corrected.
const ToCorrect = lazy(withWords('grants', () => import('../quota/ToCorrect')));

/** Rights that end within so many days are told first. */
const SOON = 365;

/** What is held at a glance: how much, and what binds it. */
function Holdings({ positions, balances }: { positions: Position[]; balances: ReturnType<typeof useBalances> }) {
  const { t } = useTranslation();
  const columns: Column<Position>[] = [
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.rightClass} /> },
    { key: 'bar', title: t('holdings.binding'), cell: (one) => <BindingBar position={one} />, width: 220 },
    {
      key: 'held',
      title: t('holdings.held'),
      isFigure: true,
      cell: (one) => <Amount value={one.held} unit={one.unit} />,
    },
    {
      key: 'available',
      title: t('purpose.available'),
      isFigure: true,
      cell: (one) => <Amount value={one.available} unit={one.unit} />,
    },
  ];
  return (
    <Panel flush title={t('home.holdings')} actions={<BindingKey />}>
      <Rows
        label={t('home.holdings')}
        columns={columns}
        rows={positions.slice(0, 6)}
        rowKey={(one) => one.site + one.rightClass}
        isLoading={balances.isPending}
        error={balances.error}
        retry={() => void balances.refetch()}
        empty={
          <Nothing title={t('holdings.none')}>
            <p>{t('holdings.noneLead')}</p>
          </Nothing>
        }
      />
    </Panel>
  );
}

/** Trades that are still on their way. */
function OpenTrades() {
  const { t } = useTranslation();
  const open = useQuery({ queryKey: ['trades', 'open'], queryFn: openTrades });
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
    { key: 'total', title: t('field.total'), isFigure: true, cell: (one) => <Amount value={one.total} unit="CNY" /> },
    { key: 'state', title: t('field.state'), cell: (one) => <State state={one.state} /> },
  ];
  return (
    <Panel flush title={t('home.trades')} actions={<Link to="/trades">{t('act.all')}</Link>}>
      <Rows
        label={t('home.trades')}
        columns={columns}
        rows={open.data ?? []}
        rowKey={(one) => one.id}
        isLoading={open.isPending}
        error={open.error}
        retry={() => void open.refetch()}
        empty={<Nothing title={t('home.noTrades')} />}
      />
    </Panel>
  );
}

/** The rights that end next. */
function Expiry({ positions }: { positions: Position[] }) {
  const { t } = useTranslation();
  const today = useToday();
  const ending = positions
    .map((position) => ({ position, to: readRightClass(position.rightClass)?.to }))
    .filter((one) => one.to !== undefined && today !== undefined && daysBetween(today, one.to) <= SOON)
    .sort((a, b) => (a.to ?? '').localeCompare(b.to ?? ''));
  if (ending.length === 0 || today === undefined) return null;
  return (
    <div className="notice calm">
      <h3>{t('home.ending')}</h3>
      <ul>
        {ending.map(({ position, to }) => (
          <li key={position.site + position.rightClass}>
            {t('home.endsIn', { days: daysBetween(today, to ?? today), to })} ·{' '}
            <Amount value={position.held} unit={position.unit} />
            <small className="code">{position.rightClass}</small>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The desk of an enterprise: what it holds, what binds it, its money, and what waits. */
export default function HomePage() {
  const { t } = useTranslation();
  const session = useSession();
  const balances = useBalances(session?.me.organisation);
  const positions = positionsOf(balances.data ?? []);
  const money = balances.data && moneyOf(balances.data);
  const total = (pick: Parameters<typeof totalOf>[1]) => balances.data && totalOf(positions, pick, 't');
  return (
    <>
      <PageHead
        title={t('home.title', { name: session?.me.organisation_name ?? '' })}
        lead={t('home.lead')}
        actions={
          <>
            <Link to="/market/sell">
              <Button tabIndex={-1}>{t('market.sell')}</Button>
            </Link>
            <Link to="/market">
              <Button type="primary" tabIndex={-1}>
                {t('market.buy')}
              </Button>
            </Link>
          </>
        }
      />
      <div className="stack">
        <div className="tiles three">
          <Tile
            lead
            name={t('home.held')}
            value={total('held')}
            unit="t"
            note={balances.data && t('home.classes', { count: positions.length })}
          />
          <Tile name={t('home.free')} value={total('available')} unit="t" />
          <Tile name={t('home.bound')} value={total('committed')} unit="t" note={t('home.boundNote')} />
          <Tile name={t('home.pledged')} value={total('pledged')} unit="t" />
          <Tile name={t('home.frozen')} value={total('frozen')} unit="t" />
          <Tile
            name={t('home.money')}
            value={money?.free}
            unit="CNY"
            note={
              <>
                {t('home.moneyHeld')} <Amount value={money?.held} />
              </>
            }
          />
        </div>
        <Expiry positions={positions} />
        <DueFees />
        <Suspense>
          <ToCorrect />
        </Suspense>
        <div className="two">
          <Holdings positions={positions} balances={balances} />
          <TaskList title={t('home.waiting')} brief />
        </div>
        <OpenTrades />
      </div>
    </>
  );
}
