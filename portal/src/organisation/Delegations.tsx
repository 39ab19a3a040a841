import { Button, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { daysLater, minuteOf } from '../figures/instant';
import { useToday } from '../session/installation';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { FormAct } from '../ui/FormAct';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { useUserName, useUsers } from './useUsers';

type Delegation = Schemas['Delegation'];

interface Given {
  delegate: string;
  roles?: string[];
  from?: string;
  until: string;
}

/** For how many days roles are handed over unless somebody says otherwise. */
const USUAL_DAYS = 7;
/** A day begins and ends where the business is. */
const startOf = (day: string) => `${day}T00:00:00+08:00`;

/** Handing one's roles to a colleague for a while. */
function Give() {
  const { t } = useTranslation();
  const session = useSession();
  const me = session?.me;
  const today = useToday();
  const colleagues = useUsers().data?.filter((one) => one.id !== me?.user && one.kind === 'person') ?? [];
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <FormAct<Given, Delegation>
      label={t('delegation.give')}
      lead={t('delegation.giveLead')}
      size="small"
      initial={{
        ...(session && { roles: session.ownRoles }),
        ...(today !== undefined && { until: daysLater(today, USUAL_DAYS) }),
      }}
      fields={
        <>
          <Form.Item name="delegate" label={t('delegation.delegate')} rules={needed}>
            <Select options={colleagues.map((one) => ({ value: one.id, label: `${one.name} · ${one.login}` }))} />
          </Form.Item>
          <Form.Item name="roles" label={t('user.roles')} rules={needed}>
            <Select
              mode="multiple"
              showSearch={{ optionFilterProp: 'label' }}
              options={session?.ownRoles.map((value) => ({ value, label: t(`role.${value}`) })) ?? []}
            />
          </Form.Item>
          <Form.Item name="from" label={t('delegation.from')} extra={t('delegation.fromHint')}>
            <Input type="date" min={today} />
          </Form.Item>
          <Form.Item name="until" label={t('delegation.until')} extra={t('delegation.untilHint')} rules={needed}>
            <Input type="date" min={today} />
          </Form.Item>
        </>
      }
      run={({ delegate, roles, from, until }, key) =>
        call(
          api.POST('/api/v1/delegations', {
            ...keyed(key),
            body: {
              delegate,
              ...(roles && { roles }),
              ...(from && { from: startOf(from) }),
              // The day itself is still within it.
              until: startOf(daysLater(until, 1)),
            },
          }),
        )
      }
    />
  );
}

/** What was done under a delegation, with both people. */
function Acts({ delegation, close }: { delegation: Delegation; close: () => void }) {
  const { t } = useTranslation();
  const { items, ...list } = useList(['delegated-acts', delegation.id], (cursor) =>
    call(
      api.GET('/api/v1/delegations/{id}/acts', {
        params: { path: { id: delegation.id }, query: { limit: 25, ...at(cursor) } },
      }),
    ),
  );
  const columns: Column<Schemas['DelegatedAct']>[] = [
    {
      key: 'at',
      title: t('delegation.at'),
      cell: (one) => <span className="figures">{minuteOf(one.recorded_at)}</span>,
    },
    {
      key: 'permission',
      title: t('delegation.permission'),
      cell: (one) => <span className="code">{one.permission}</span>,
    },
    { key: 'kind', title: t('field.kind'), cell: (one) => t(`delegation.actKinds.${one.act_kind}`) },
  ];
  return (
    <Modal open title={t('delegation.acts')} footer={null} onCancel={close} width={640}>
      <Rows
        label={t('delegation.acts')}
        columns={columns}
        rows={items}
        rowKey={(one) => one.id}
        {...list}
        empty={<Nothing brief title={t('delegation.noActs')} />}
      />
    </Modal>
  );
}

function DelegationActs({ delegation }: { delegation: Delegation }) {
  const { t } = useTranslation();
  const session = useSession();
  const [isOpen, setOpen] = useState(false);
  const mayRevoke =
    ['coming', 'in_force'].includes(delegation.state) &&
    (delegation.principal === session?.me.user || hasRole(session, 'organisation_admin'));
  return (
    <div className="actions">
      <Button size="small" onClick={() => setOpen(true)}>
        {t('delegation.acts')}
      </Button>
      {mayRevoke && (
        <Act
          label={t('delegation.revoke')}
          isDanger
          size="small"
          run={(_, key) =>
            call(
              api.POST('/api/v1/delegations/{id}/revoke', {
                params: { path: { id: delegation.id } },
                ...keyed(key),
                body: {},
              }),
            )
          }
        >
          {t('delegation.revokeLead')}
        </Act>
      )}
      {isOpen && <Acts delegation={delegation} close={() => setOpen(false)} />}
    </div>
  );
}

/** Roles that people of the organisation have handed to each other, past ones too. */
export function Delegations() {
  const { t } = useTranslation();
  const userName = useUserName();
  const { items, ...list } = useList(['delegations'], (cursor) =>
    call(api.GET('/api/v1/delegations', { params: { query: { limit: 25, ...at(cursor) } } })),
  );
  const columns: Column<Delegation>[] = [
    {
      key: 'who',
      title: t('delegation.who'),
      cell: (one) => (
        <b>
          {userName(one.principal)} → {userName(one.delegate)}
        </b>
      ),
    },
    {
      key: 'roles',
      title: t('user.roles'),
      cell: (one) => one.roles.map((role) => t(`role.${role}`, { defaultValue: role })).join(t('shell.comma')),
    },
    {
      key: 'time',
      title: t('delegation.time'),
      cell: (one) => (
        <span className="figures">
          {minuteOf(one.from)} – {minuteOf(one.until)}
        </span>
      ),
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => (
        <State state={one.state} word={t(`delegation.states.${one.state}`, { defaultValue: one.state })} />
      ),
    },
    { key: 'acts', title: t('act.name'), cell: (one) => <DelegationActs delegation={one} /> },
  ];
  return (
    <Panel flush title={t('delegation.title')} actions={<Give />}>
      <Rows
        label={t('delegation.title')}
        columns={columns}
        rows={items}
        rowKey={(one) => one.id}
        {...list}
        empty={
          <Nothing brief title={t('delegation.none')}>
            <p>{t('delegation.noneLead')}</p>
          </Nothing>
        }
      />
    </Panel>
  );
}
