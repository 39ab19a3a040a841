import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, whole } from '../api/list';
import { Act } from '../ui/Act';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { sessionColumns, standingFirst } from './sessionRows';

type View = Schemas['SessionView'];

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

/** The sessions that stand, and the last of those that have ended; the newest first. */
const useSessions = () =>
  useQuery({
    queryKey: ['sessions'],
    queryFn: () =>
      whole((cursor) => call(api.GET('/api/v1/auth/sessions', { params: { query: { limit: 200, ...at(cursor) } } }))),
    select: standingFirst,
  });

/** Where somebody is signed in, and was. */
export function Sessions() {
  const { t } = useTranslation();
  const sessions = useSessions();
  const columns: Column<View>[] = [
    ...sessionColumns(t),
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
