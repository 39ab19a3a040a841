import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { ListPanel } from '../ui/ListPanel';
import { PageHead } from '../ui/PageHead';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { Credentials } from './Credentials';
import { RotateAct } from './RotateAct';

type Client = Schemas['ApiClient'];

// Its choices weigh more than the page.
const RegisterClient = lazy(() => import('./RegisterClient'));

function ClientActs({ client }: { client: Client }) {
  const { t } = useTranslation();
  const [made, setMade] = useState<Schemas['ClientWithSecret']>();
  const path = { params: { path: { id: client.id } } };
  if (client.state === 'removed') return null;
  return (
    <div className="actions">
      <RotateAct
        run={(body, key) => call(api.POST('/api/v1/api-clients/{id}/rotate', { ...path, ...keyed(key), body }))}
        done={setMade}
      />
      {client.state === 'active' ? (
        <Act
          label={t('user.suspend')}
          size="small"
          run={(_, key) => call(api.POST('/api/v1/api-clients/{id}/suspend', { ...path, ...keyed(key), body: {} }))}
        >
          {t('client.suspendLead')}
        </Act>
      ) : (
        <Act
          label={t('user.reinstate')}
          size="small"
          run={(_, key) => call(api.POST('/api/v1/api-clients/{id}/reinstate', { ...path, ...keyed(key), body: {} }))}
        >
          {t('client.reinstateLead')}
        </Act>
      )}
      <Act
        label={t('client.remove')}
        isDanger
        size="small"
        run={(_, key) => call(api.POST('/api/v1/api-clients/{id}/remove', { ...path, ...keyed(key), body: {} }))}
      >
        {t('client.removeLead')}
      </Act>
      {made && <Credentials made={made} close={() => setMade(undefined)} />}
    </div>
  );
}

/** The programs that act for an organisation. */
export default function ClientsPage() {
  const { t } = useTranslation();
  const isOperator = hasRole(useSession(), 'operator');
  const organisationName = useOrganisationName();
  const list = useList(['api-clients'], (cursor) =>
    call(api.GET('/api/v1/api-clients', { params: { query: { limit: 25, ...at(cursor) } } })),
  );
  const columns: Column<Client>[] = [
    {
      key: 'name',
      title: t('client.name'),
      cell: (one) => (
        <>
          <b>{one.name}</b>
          {isOperator && ` · ${organisationName(one.organisation)}`}
          <br />
          <small className="code muted">{one.id}</small>
        </>
      ),
    },
    {
      key: 'roles',
      title: t('user.roles'),
      cell: (one) => one.roles.map((role) => t(`role.${role}`, { defaultValue: role })).join(t('shell.comma')),
    },
    {
      key: 'scopes',
      title: t('client.scopes'),
      width: 220,
      cell: (one) => (
        <span className="code">
          {one.scopes.join(' ')}
          <br />
          <small className="muted">{one.networks.length === 0 ? t('client.anywhere') : one.networks.join(' ')}</small>
        </span>
      ),
    },
    {
      key: 'registered',
      title: t('user.registeredAt'),
      isFigure: true,
      cell: (one) => (
        <span className="figures">
          {minuteOf(one.registered_at)}
          {one.former_secret_until && (
            <>
              <br />
              <small className="muted">
                {t('secret.formerUntil')} {minuteOf(one.former_secret_until)}
              </small>
            </>
          )}
        </span>
      ),
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => <State state={one.state} word={t(`user.states.${one.state}`, { defaultValue: one.state })} />,
    },
    { key: 'acts', title: t('act.name'), cell: (one) => <ClientActs client={one} /> },
  ];
  return (
    <>
      <PageHead
        title={t('client.title')}
        lead={t('client.lead')}
        actions={
          <Suspense>
            <RegisterClient />
          </Suspense>
        }
      />
      <div className="stack">
        <ListPanel
          title={t('client.all')}
          list={list}
          columns={columns}
          none={t('client.none')}
          noneLead={t('client.noneLead')}
        />
      </div>
    </>
  );
}
