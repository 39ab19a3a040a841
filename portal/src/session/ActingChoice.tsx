import { useQuery } from '@tanstack/react-query';
import { Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, whole } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useUsers } from '../organisation/useUsers';
import { type Session, session } from './session';

const FOR_A_WHILE = { staleTime: 60_000 };

/** The delegations to choose from, each by who gave it and what it carries. */
function Choice({ delegations, delegate }: { delegations: readonly Schemas['Delegation'][]; delegate: string }) {
  const { t } = useTranslation();
  const people = useUsers().data;
  const items = delegations.map((one) => {
    const principal = people?.find((person) => person.id === one.principal)?.name ?? '…';
    const roles = one.roles.map((role) => t(`role.${role}`, { defaultValue: role })).join(t('shell.comma'));
    return {
      key: one.id,
      label: t('acting.choice', { principal, roles, until: minuteOf(one.until) }),
      onClick: () =>
        session.actFor({ delegation: one.id, delegate, principal, roles: one.roles, until: minuteOf(one.until) }),
    };
  });
  return (
    <Dropdown menu={{ items }} trigger={['click']} disabled={people === undefined}>
      <Button>{t('acting.name')}</Button>
    </Dropdown>
  );
}

/** Acting for a colleague who has handed roles over; nothing where nobody has. */
export default function ActingChoice({ session: { me, actingFor } }: { session: Session }) {
  const own = useQuery({
    queryKey: ['delegations', 'to-me'],
    queryFn: () =>
      whole((cursor) => call(api.GET('/api/v1/delegations', { params: { query: { limit: 200, ...at(cursor) } } }))),
    select: (found) => found.filter((one) => one.delegate === me.user && one.state === 'in_force'),
    enabled: actingFor === undefined,
    ...FOR_A_WHILE,
  });
  if (actingFor !== undefined || own.data === undefined || own.data.length === 0) return null;
  return <Choice delegations={own.data} delegate={me.user} />;
}
