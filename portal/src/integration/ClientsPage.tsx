import { Form, type FormInstance, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { useNameOf, useRolesOf } from '../organisation/useRoles';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { FormAct } from '../ui/FormAct';
import { ListPanel } from '../ui/ListPanel';
import { PageHead } from '../ui/PageHead';
import type { Column } from '../ui/Rows';
import { ShownOnce } from '../ui/ShownOnce';
import { State } from '../ui/State';
import { RotateAct } from './RotateAct';

type Client = Schemas['ApiClient'];
type Registration = Omit<Schemas['RegisterClient'], 'organisation'>;

/** Permissions that are for people alone. */
const ofPeople = ['approve_act', 'review_decision', 'keep_own_sign_in'];

/** A client with its secret, as it is shown once. */
function Credentials({ made, close }: { made: Schemas['ClientWithSecret']; close: () => void }) {
  const { t } = useTranslation();
  return (
    <ShownOnce
      title={t('client.credentials')}
      lead={t('client.credentialsLead')}
      values={[
        ['client_id', made.client.id],
        ['client_secret', made.client_secret ?? '—'],
      ]}
      close={close}
    />
  );
}

/** What a program may be let have: what one of its roles carries, and is not for people alone. */
function ScopesField({ kind, form }: { kind: string; form: FormInstance<Registration> }) {
  const { t } = useTranslation();
  const nameOf = useNameOf();
  const chosen = Form.useWatch('roles', form) as string[] | undefined;
  const roles = useRolesOf(kind).filter((one) => chosen?.includes(one.role));
  const carried = roles.flatMap((one) => one.permissions).filter((one) => !ofPeople.includes(one.permission));
  const options = new Map(carried.map((one) => [one.permission, `${nameOf(one)} · ${one.permission}`]));
  return (
    <Form.Item
      name="scopes"
      label={t('client.scopes')}
      extra={t('client.scopesHint')}
      rules={[{ required: true, message: t('field.needed') }]}
    >
      <Select
        mode="multiple"
        showSearch={{ optionFilterProp: 'label' }}
        options={[...options].map(([value, label]) => ({ value, label }))}
      />
    </Form.Item>
  );
}

function Register() {
  const { t } = useTranslation();
  const nameOf = useNameOf();
  const me = useSession()?.me;
  const kind = me?.organisation_kind ?? '';
  const roles = useRolesOf(kind);
  const [made, setMade] = useState<Schemas['ClientWithSecret']>();
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <>
      <FormAct<Registration, Schemas['ClientWithSecret']>
        label={t('client.register')}
        lead={t('client.registerLead')}
        kind="primary"
        fields={(form) => (
          <>
            <Form.Item name="name" label={t('client.name')} rules={needed}>
              <Input autoComplete="off" maxLength={200} />
            </Form.Item>
            <Form.Item name="roles" label={t('user.roles')} rules={needed}>
              <Select mode="multiple" options={roles.map((one) => ({ value: one.role, label: nameOf(one) }))} />
            </Form.Item>
            <ScopesField kind={kind} form={form} />
            <Form.Item name="networks" label={t('client.networks')} extra={t('client.networksHint')}>
              <Select mode="tags" open={false} suffix={null} tokenSeparators={[',', ' ']} />
            </Form.Item>
          </>
        )}
        run={(body, key) =>
          call(
            api.POST('/api/v1/api-clients', {
              ...keyed(key),
              body: { ...body, networks: body.networks ?? [], organisation: me?.organisation ?? '' },
            }),
          )
        }
        done={setMade}
      />
      {made && <Credentials made={made} close={() => setMade(undefined)} />}
    </>
  );
}

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
      <PageHead title={t('client.title')} lead={t('client.lead')} actions={<Register />} />
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
