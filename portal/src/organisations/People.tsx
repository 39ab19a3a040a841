import { useQuery } from '@tanstack/react-query';
import { Button, Drawer, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, whole } from '../api/list';
import { loginRules, neededRule } from '../joining/rules';
import { RolesField, Support } from '../organisation/Users';
import { FormAct } from '../ui/FormAct';
import { Nothing } from '../ui/Nothing';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';

type Organisation = Schemas['Organisation'];
type User = Schemas['User'];

/** Registering somebody of any organisation, as the operator: the first people of an office above all. */
function Register({ organisation: { id, kind } }: { organisation: Organisation }) {
  const { t } = useTranslation();
  return (
    <FormAct<Pick<Schemas['RegisterUser'], 'login' | 'name' | 'roles'>, User>
      label={t('user.register')}
      lead={t('user.registerLead')}
      size="small"
      fields={
        <>
          <Form.Item name="login" label={t('signIn.login')} extra={t('joining.loginHint')} rules={loginRules(t)}>
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="name" label={t('user.name')} rules={[neededRule(t)]}>
            <Input autoComplete="off" />
          </Form.Item>
          <RolesField kind={kind} />
        </>
      }
      run={(body, key) => call(api.POST('/api/v1/users', { ...keyed(key), body: { ...body, organisation: id } }))}
    />
  );
}

function List({ organisation: { id } }: { organisation: Organisation }) {
  const { t } = useTranslation();
  const users = useQuery({
    queryKey: ['users'],
    queryFn: () =>
      whole((cursor) => call(api.GET('/api/v1/users', { params: { query: { limit: 200, ...at(cursor) } } }))),
    select: (found) => found.filter((one) => one.organisation === id && one.kind === 'person'),
  });
  const columns: Column<User>[] = [
    {
      key: 'name',
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
          <State state={one.state} word={t(`user.states.${one.state}`)} />
          {!one.can_sign_in && (
            <>
              <br />
              <small className="muted">{t('user.noPassword')}</small>
            </>
          )}
        </>
      ),
    },
    {
      key: 'acts',
      title: t('act.name'),
      cell: (one) => (
        <div className="actions">
          <Support user={one} />
        </div>
      ),
    },
  ];
  return (
    <Rows
      label={t('user.title')}
      columns={columns}
      rows={users.data ?? []}
      rowKey={(one) => one.id}
      isLoading={users.isPending}
      error={users.error}
      retry={() => void users.refetch()}
      empty={<Nothing title={t('user.none')} />}
    />
  );
}

/** The people of any organisation, for the operator, who registers the first of an office and helps administrators to sign in. */
export default function People({ organisation }: { organisation: Organisation }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t('officials.people')}
      </Button>
      <Drawer
        open={isOpen}
        onClose={() => setOpen(false)}
        size={900}
        styles={{ wrapper: { maxWidth: '100vw' } }}
        destroyOnHidden
        title={t('officials.peopleOf', { name: organisation.name })}
        extra={<Register organisation={organisation} />}
      >
        <List organisation={organisation} />
      </Drawer>
    </>
  );
}
