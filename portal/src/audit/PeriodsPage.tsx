import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, whole } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useOrganisations } from '../parties/names';
import { useCurrentRulebook } from '../rulebook/useRulebooks';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Facts } from '../ui/Facts';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { Somebody } from './Somebody';

type Period = Schemas['Period'];

/** Whether whoever is signed in may seal months of the whole book: the operator, and the head of the bureau that the rulebook belongs to. */
function useMaySeal(): boolean {
  const session = useSession();
  const jurisdiction = useCurrentRulebook().data?.jurisdiction;
  const own = useOrganisations().data?.find((one) => one.id === session?.me.organisation);
  if (hasRole(session, 'operator')) return true;
  return hasRole(session, 'bureau_head') && own !== undefined && own.area === jurisdiction;
}

/** How the state of a month looks: one that goes on waits for nobody. */
const senses: Record<string, string> = { open: 'draft', closed: 'pending' };

/** Sealing the month whose turn it is. */
function SealAct({ month }: { month: string }) {
  const { t } = useTranslation();
  return (
    <Act
      label={t('period.seal', { month })}
      kind="primary"
      run={(_, key) =>
        call(api.POST('/api/v1/audit/periods/{month}/seal', { params: { path: { month } }, ...keyed(key), body: {} }))
      }
    >
      <div className="stack">
        <p>{t('period.sealLead', { month })}</p>
        <p className="muted">{t('period.sealWhen')}</p>
      </div>
    </Act>
  );
}

/** What a month was sealed with, and what that stands on. */
function SealHash({ seal }: { seal: Schemas['Seal'] }) {
  const { t } = useTranslation();
  return (
    <details>
      <summary className="code">{seal.seal_hash.slice(0, 16)}…</summary>
      <small className="muted">{t('period.sealHash')}</small>
      <div className="code">{seal.seal_hash}</div>
      <small className="muted">{t('period.leavesHash')}</small>
      <div className="code">{seal.leaves_hash}</div>
      <small className="muted">{t('period.previousHash')}</small>
      <div className="code">{seal.previous_hash ?? t('period.noPrevious')}</div>
    </details>
  );
}

function useColumns(): Column<Period>[] {
  const { t } = useTranslation();
  const mayRead = hasRole(useSession(), 'auditor', 'bureau_head');
  return [
    {
      key: 'month',
      title: t('period.month'),
      cell: (one) => (
        <>
          <b className="figures">{one.month}</b>
          <br />
          <small className="muted figures">
            {one.first_day} – {one.last_day}
          </small>
        </>
      ),
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => (
        <State
          state={senses[one.state] ?? one.state}
          word={t(`period.states.${one.state}`, { defaultValue: one.state })}
        />
      ),
    },
    {
      key: 'journals',
      title: t('period.journals'),
      isFigure: true,
      cell: ({ seal }) =>
        seal === null ? (
          <span className="muted">—</span>
        ) : mayRead ? (
          <Link to={`/audit/journals/${seal.journal}`} title={t('period.journal')} className="figures">
            {seal.journals}
          </Link>
        ) : (
          <span className="figures">{seal.journals}</span>
        ),
    },
    {
      key: 'sealed',
      title: t('period.sealedBy'),
      cell: ({ seal }) =>
        seal === null ? (
          <span className="muted">—</span>
        ) : (
          <>
            <span className="figures">{minuteOf(seal.sealed_at)}</span>
            <br />
            <Somebody id={seal.sealed_by} />
          </>
        ),
    },
    {
      key: 'hash',
      title: t('period.sealHash'),
      cell: ({ seal }) => (seal === null ? <span className="muted">—</span> : <SealHash seal={seal} />),
    },
  ];
}

/** The months of the book, which of them are sealed, and the seal of the next one. */
export default function PeriodsPage() {
  const { t } = useTranslation();
  const maySeal = useMaySeal();
  const columns = useColumns();
  const query = useQuery({
    queryKey: ['periods'],
    queryFn: () =>
      whole((cursor) => call(api.GET('/api/v1/audit/periods', { params: { query: { limit: 200, ...at(cursor) } } }))),
  });
  // The API tells months in their order, and a reader looks for the last ones.
  const periods = [...(query.data ?? [])].reverse();
  const sealed = periods.find((one) => one.state === 'sealed');
  const waiting = periods.filter((one) => one.state === 'closed');
  const next = waiting.at(-1);
  return (
    <>
      <PageHead
        title={t('place.periods')}
        lead={t('period.lead')}
        actions={maySeal && next && <SealAct key={next.month} month={next.month} />}
      />
      <div className="stack">
        {query.data && (
          <Panel>
            <Facts
              facts={[
                [t('period.sealedThrough'), <b className="figures">{sealed?.month ?? '—'}</b>],
                [t('period.next'), <b className="figures">{next?.month ?? '—'}</b>],
                [t('period.toSeal'), t('period.months', { count: waiting.length })],
              ]}
            />
          </Panel>
        )}
        <Panel flush title={t('period.all')}>
          <Rows
            label={t('period.all')}
            columns={columns}
            rows={periods}
            rowKey={(one) => one.month}
            isLoading={query.isPending}
            error={query.error}
            retry={() => void query.refetch()}
            empty={
              <Nothing title={t('period.none')}>
                <p>{t('period.noneLead')}</p>
              </Nothing>
            }
          />
        </Panel>
      </div>
    </>
  );
}
