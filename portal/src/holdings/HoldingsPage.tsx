import { Button } from 'antd';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { type Position, positionsOf } from '../home/position';
import { useBalances } from '../home/useBalances';
import { withWords } from '../i18n/areas';
import { DueFees } from '../quota/DueFees';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { BindingBar, BindingKey } from '../ui/BindingBar';
import { DownloadButton } from '../ui/DownloadButton';
import { Loading } from '../ui/Loading';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';

// A court has ordered something frozen of few.
const OwnFreezes = lazy(withWords('freezes', () => import('../freezes/OwnFreezes')));
// What is done to rights later has words of its own, and few come for it.
const ProposeActs = lazy(withWords('tenure', () => import('../tenure/ProposeActs')));
const RightActList = lazy(withWords('tenure', () => import('../tenure/RightActList')));

/** What can be done with one holding. */
function HoldingActs({ position }: { position: Position }) {
  const { t } = useTranslation();
  const mayAct = hasRole(useSession(), 'enterprise_trader');
  if (!mayAct) return null;
  return (
    <div className="actions">
      <Link to={`/market/sell?site=${position.site}&right=${position.rightClass}`}>
        <Button size="small" tabIndex={-1}>
          {t('market.sell')}
        </Button>
      </Link>
      <Act
        label={t('certificate.issue')}
        size="small"
        run={(_, key) =>
          call(
            api.POST('/api/v1/certificates', {
              ...keyed(key),
              body: { site: position.site, right_class: position.rightClass },
            }),
          )
        }
      >
        {t('certificate.issueLead', { quantity: position.held, unit: position.unit })}
      </Act>
    </div>
  );
}

function Certificates() {
  const { t } = useTranslation();
  const list = useList(['certificates'], (cursor) =>
    call(api.GET('/api/v1/certificates', { params: { query: { limit: 20, order: 'newest', ...at(cursor) } } })),
  );
  const columns: Column<Schemas['Certificate']>[] = [
    { key: 'number', title: t('certificate.number'), cell: (one) => <span className="code">{one.number}</span> },
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.right_class} /> },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    {
      key: 'issued',
      title: t('certificate.issuedAt'),
      cell: (one) => <span className="figures">{minuteOf(one.issued_at)}</span>,
    },
    { key: 'state', title: t('field.state'), cell: (one) => <State state={one.state} /> },
    {
      key: 'file',
      title: t('certificate.file'),
      cell: (one) => (
        <DownloadButton
          size="small"
          label={t('act.pdf')}
          // The proof in it is there a moment after the issue.
          path={`/api/v1/certificates/${one.id}/file?wait=5`}
          name={`${one.number}.pdf`}
        />
      ),
    },
  ];
  return (
    <Panel flush title={t('certificate.title')}>
      <Rows
        label={t('certificate.title')}
        columns={columns}
        rows={list.items}
        rowKey={(one) => one.id}
        isLoading={list.isLoading}
        error={list.error}
        retry={list.retry}
        more={list.more}
        isLoadingMore={list.isLoadingMore}
        empty={
          <Nothing title={t('certificate.none')}>
            <p>{t('certificate.noneLead')}</p>
          </Nothing>
        }
      />
    </Panel>
  );
}

/** What is held of each right class, what binds it, and the certificates of it. */
export default function HoldingsPage() {
  const { t } = useTranslation();
  const session = useSession();
  const balances = useBalances(session?.me.organisation);
  const positions = positionsOf(balances.data ?? []);
  const figure = (
    pick: 'held' | 'available' | 'committed' | 'pledged' | 'frozen',
    title: string,
  ): Column<Position> => ({
    key: pick,
    title,
    isFigure: true,
    cell: (one) => <Amount value={one[pick]} unit={one.unit} />,
  });
  const columns: Column<Position>[] = [
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.rightClass} /> },
    { key: 'site', title: t('field.site'), cell: (one) => one.siteName },
    { key: 'bar', title: t('holdings.binding'), cell: (one) => <BindingBar position={one} />, width: 160 },
    figure('held', t('holdings.held')),
    figure('available', t('purpose.available')),
    figure('committed', t('purpose.committed')),
    figure('pledged', t('purpose.pledged')),
    figure('frozen', t('purpose.frozen')),
    { key: 'acts', title: t('act.name'), cell: (one) => <HoldingActs position={one} /> },
  ];
  return (
    <>
      <PageHead
        title={t('holdings.title')}
        lead={t('holdings.lead')}
        actions={
          <Suspense>
            <ProposeActs />
          </Suspense>
        }
      />
      <div className="stack">
        <DueFees />
        <Panel flush title={t('holdings.byClass')} actions={<BindingKey />}>
          <Rows
            label={t('holdings.byClass')}
            columns={columns}
            rows={positions}
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
        {hasRole(session, 'enterprise_trader', 'enterprise_approver') && (
          <Suspense fallback={<Loading />}>
            <RightActList />
          </Suspense>
        )}
        <Suspense>
          <OwnFreezes />
        </Suspense>
        <Certificates />
      </div>
    </>
  );
}
