import { Button, Drawer } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, whole } from '../api/list';
import { useQuery } from '@tanstack/react-query';
import { sessionColumns, standingFirst } from '../account/sessionRows';
import { Act } from '../ui/Act';
import { Nothing } from '../ui/Nothing';
import { Rows } from '../ui/Rows';

type User = Schemas['User'];

function Sessions({ user }: { user: User }) {
  const { t } = useTranslation();
  const sessions = useQuery({
    queryKey: ['sessions', user.id],
    queryFn: () =>
      whole((cursor) =>
        call(
          api.GET('/api/v1/users/{id}/sessions', {
            params: { path: { id: user.id }, query: { limit: 200, ...at(cursor) } },
          }),
        ),
      ),
    select: standingFirst,
  });
  return (
    <Rows
      label={t('account.sessions')}
      columns={sessionColumns(t)}
      rows={sessions.data ?? []}
      rowKey={(one) => one.id}
      isLoading={sessions.isPending}
      error={sessions.error}
      retry={() => void sessions.refetch()}
      empty={<Nothing title={t('account.noSessions')} />}
    />
  );
}

/** Where somebody is signed in and was, for whoever supports their sign-in, who can end all of it. */
export default function UserSessions({ user }: { user: User }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t('account.sessions')}
      </Button>
      <Drawer
        open={isOpen}
        onClose={() => setOpen(false)}
        size={820}
        styles={{ wrapper: { maxWidth: '100vw' } }}
        destroyOnHidden
        title={t('officials.sessionsOf', { name: user.name, login: user.login })}
        extra={
          <Act
            label={t('user.endSessions')}
            isDanger
            size="small"
            run={(_, key) =>
              call(
                api.POST('/api/v1/users/{id}/sessions/end', {
                  params: { path: { id: user.id } },
                  ...keyed(key),
                  body: {},
                }),
              )
            }
          >
            {t('user.endSessionsLead', { login: user.login })}
          </Act>
        }
      >
        <Sessions user={user} />
      </Drawer>
    </>
  );
}
