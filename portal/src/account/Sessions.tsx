import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, whole } from '../api/list';
import { minuteOf } from '../figures/instant';
import { Act } from '../ui/Act';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';

type View = Schemas['SessionView'];

/** `Mozilla/5.0 (…) Chrome/141.0 Safari/537` is a Chrome, and curl is curl. */
const browsers = [
  ['Edg/', 'Edge'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;

const nameOf = (agent: string): string => browsers.find(([mark]) => agent.includes(mark))?.[1] ?? agent;

function EndSession({ view }: { view: View }) {
  const { t } = useTranslation();
  if (view.is_this) return <b>{t('account.thisSession')}</b>;
  if (view.state !== 'live') return null;
  return (
    <Act
      label={t('account.endSession')}
      isDanger
      size="small"
      run={() => call(api.POST('/api/v1/auth/sessions/{id}/end', { params: { path: { id: view.id } } }))}
    >
      {t('account.endSessionLead')}
    </Act>
  );
}

/** How many sessions that have ended are shown. */
const ENDED_SHOWN = 10;

/** The sessions that stand, and the last of those that have ended; the newest first. */
const useSessions = () =>
  useQuery({
    queryKey: ['sessions'],
    queryFn: () =>
      whole((cursor) => call(api.GET('/api/v1/auth/sessions', { params: { query: { limit: 200, ...at(cursor) } } }))),
    select: (found) => {
      const newest = [...found].reverse();
      const ended = newest.filter((one) => one.state !== 'live');
      return [...newest.filter((one) => one.state === 'live'), ...ended.slice(0, ENDED_SHOWN)];
    },
  });

/** Where somebody is signed in, and was. */
export function Sessions() {
  const { t } = useTranslation();
  const sessions = useSessions();
  const columns: Column<View>[] = [
    {
      key: 'agent',
      title: t('account.device'),
      cell: (one) => (
        <span title={one.agent}>
          <b>{nameOf(one.agent)}</b> <small className="muted figures">{one.address}</small>
        </span>
      ),
    },
    {
      key: 'began',
      title: t('account.began'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.began_at)}</span>,
    },
    {
      key: 'seen',
      title: t('account.lastSeen'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.last_seen_at)}</span>,
    },
    {
      key: 'factor',
      title: t('account.factorAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.second_factor_at ? minuteOf(one.second_factor_at) : '—'}</span>,
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => <State state={one.state} word={t(`account.states.${one.state}`, { defaultValue: one.state })} />,
    },
    { key: 'acts', title: t('act.name'), cell: (one) => <EndSession view={one} /> },
  ];
  return (
    <Panel
      flush
      title={t('account.sessions')}
      actions={
        <Act
          label={t('account.endOthers')}
          size="small"
          run={() => call(api.POST('/api/v1/auth/sessions/end', { body: { keep_this: true } }))}
        >
          {t('account.endOthersLead')}
        </Act>
      }
    >
      <Rows
        label={t('account.sessions')}
        columns={columns}
        rows={sessions.data ?? []}
        rowKey={(one) => one.id}
        isLoading={sessions.isPending}
        error={sessions.error}
        retry={() => void sessions.refetch()}
        empty={<Nothing title={t('account.noSessions')} />}
      />
    </Panel>
  );
}
