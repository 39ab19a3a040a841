import { Button, Drawer, Form, Input, Select } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { withWords } from '../i18n/areas';
import { Act } from '../ui/Act';
import { FormAct } from '../ui/FormAct';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { ShownOnce } from '../ui/ShownOnce';
import { State } from '../ui/State';
import { FactorState } from '../account/FactorState';
import { RolePermissions } from './RolePermissions';
import { useNameOf, useRolesOf } from './useRoles';
import { useUsers } from './useUsers';

const sessionsOf = withWords('officials', () => import('./UserSessions'));
const UserSessions = lazy(withWords('account', sessionsOf));

type User = Schemas['User'];

/** The roles of somebody: those that fit the kind of the organisation. */
export function RolesField({ kind }: { kind: string }) {
  const { t } = useTranslation();
  const nameOf = useNameOf();
  const roles = useRolesOf(kind);
  return (
    <Form.Item name="roles" label={t('user.roles')} rules={[{ required: true, message: t('field.needed') }]}>
      <Select
        mode="multiple"
        showSearch={{ optionFilterProp: 'label' }}
        options={roles.map((one) => ({ value: one.role, label: nameOf(one) }))}
      />
    </Form.Item>
  );
}

/** What the roles of the organisation may do, beside the list of those who have them. */
function Permissions({ kind }: { kind: string }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t('user.permissions')}
      </Button>
      <Drawer
        open={isOpen}
        onClose={() => setOpen(false)}
        size={560}
        destroyOnHidden
        title={t('user.permissions')}
        extra={<Link to="/roles">{t('user.everyKind')}</Link>}
      >
        <RolePermissions kind={kind} />
      </Drawer>
    </>
  );
}

/** A new user has no password: an administrator makes a code by which they set their first. */
function Register({ kind }: { kind: string }) {
  const { t } = useTranslation();
  const organisation = useSession()?.me.organisation ?? '';
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <FormAct<Pick<Schemas['RegisterUser'], 'login' | 'name' | 'roles'>, User>
      label={t('user.register')}
      lead={t('user.registerLead')}
      size="small"
      fields={
        <>
          <Form.Item name="login" label={t('signIn.login')} rules={needed}>
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="name" label={t('user.name')} rules={needed}>
            <Input autoComplete="off" />
          </Form.Item>
          <RolesField kind={kind} />
        </>
      }
      run={(body, key) => call(api.POST('/api/v1/users', { ...keyed(key), body: { ...body, organisation } }))}
    />
  );
}

/** Helping somebody who cannot sign in: a code for a new password, and doing away with a lost second factor. */
export function Support({ user }: { user: User }) {
  const { t } = useTranslation();
  const [code, setCode] = useState<Schemas['ResetCode']>();
  const path = { params: { path: { id: user.id } } };
  return (
    <>
      <Act
        label={t('user.resetPassword')}
        size="small"
        run={(_, key) => call(api.POST('/api/v1/users/{id}/password-reset', { ...path, ...keyed(key), body: {} }))}
        done={setCode}
      >
        {t('user.resetPasswordLead', { login: user.login })}
      </Act>
      {user.has_second_factor !== false && (
        <Act
          label={t('user.removeFactor')}
          size="small"
          run={(_, key) =>
            call(api.POST('/api/v1/users/{id}/second-factor/removal', { ...path, ...keyed(key), body: {} }))
          }
        >
          {t('user.removeFactorLead', { login: user.login })}
        </Act>
      )}
      <Suspense>
        <UserSessions user={user} />
      </Suspense>
      {code && (
        <ShownOnce
          title={t('user.resetCode')}
          lead={t('user.resetCodeLead', { login: user.login, until: minuteOf(code.expires_at) })}
          values={[[t('user.resetCode'), code.code ?? '—']]}
          close={() => setCode(undefined)}
        />
      )}
    </>
  );
}

function UserActs({ user, kind }: { user: User; kind: string }) {
  const { t } = useTranslation();
  const path = { params: { path: { id: user.id } } };
  return (
    <div className="actions">
      <FormAct<Schemas['ChangeRoles'], User>
        label={t('user.changeRoles')}
        lead={t('user.changeRolesLead', { login: user.login })}
        size="small"
        initial={{ roles: user.roles }}
        fields={<RolesField kind={kind} />}
        run={(body, key) => call(api.POST('/api/v1/users/{id}/roles', { ...path, ...keyed(key), body }))}
      />
      <Support user={user} />
      {user.state === 'active' ? (
        <Act
          label={t('user.suspend')}
          isDanger
          size="small"
          run={(_, key) => call(api.POST('/api/v1/users/{id}/suspend', { ...path, ...keyed(key), body: {} }))}
        >
          {t('user.suspendLead', { login: user.login })}
        </Act>
      ) : (
        <Act
          label={t('user.reinstate')}
          size="small"
          run={(_, key) => call(api.POST('/api/v1/users/{id}/reinstate', { ...path, ...keyed(key), body: {} }))}
        >
          {t('user.reinstateLead', { login: user.login })}
        </Act>
      )}
    </div>
  );
}

/** The people of the own organisation, whom its administrator keeps. */
export function Users({ kind }: { kind: string }) {
  const { t } = useTranslation();
  const session = useSession();
  const isAdministrator = hasRole(session, 'organisation_admin');
  const users = useUsers();
  const people = users.data?.filter((one) => one.kind === 'person') ?? [];
  const columns: Column<User>[] = [
    {
      key: 'login',
      title: t('user.name'),
      cell: (one) => (
        <>
          <b>{one.name}</b>
          <br />
          <small className="muted">{one.login}</small>
        </>
      ),
    },
    {
      key: 'roles',
      title: t('user.roles'),
      cell: (one) => one.roles.map((role) => t(`role.${role}`, { defaultValue: role })).join(t('shell.comma')),
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => (
        <>
          <State state={one.state} word={t(`user.states.${one.state}`, { defaultValue: one.state })} />
          {!one.can_sign_in && (
            <>
              <br />
              <small className="muted">{t('user.noPassword')}</small>
            </>
          )}
        </>
      ),
    },
    ...(isAdministrator
      ? [
          {
            key: 'factor',
            title: t('factor.title'),
            cell: (one: User) => <FactorState isActive={one.has_second_factor === true} />,
          },
          {
            key: 'acts',
            title: t('act.name'),
            cell: (one: User) =>
              one.id === session?.me.user ? (
                <span className="muted">{t('user.yourself')}</span>
              ) : (
                <UserActs user={one} kind={kind} />
              ),
          },
        ]
      : []),
  ];
  return (
    <Panel
      flush
      title={t('user.title')}
      actions={
        <>
          <Permissions kind={kind} />
          {isAdministrator && <Register kind={kind} />}
        </>
      }
    >
      <Rows
        label={t('user.title')}
        columns={columns}
        rows={people}
        rowKey={(one) => one.id}
        isLoading={users.isPending}
        error={users.error}
        retry={() => void users.refetch()}
        empty={<Nothing title={t('user.none')} />}
      />
    </Panel>
  );
}
