import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { Loading } from '../ui/Loading';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { useNameOf, useRoles } from './useRoles';

/** One role: its permissions, those first that every role has not. */
function OneRole({ role }: { role: Schemas['Role'] }) {
  const { t } = useTranslation();
  const nameOf = useNameOf();
  return (
    <Panel title={nameOf(role)} actions={<small className="code muted">{role.role}</small>}>
      <ul className="permissions">
        {role.permissions.map((one) => (
          <li key={one.permission}>
            {nameOf(one)}
            {one.needs_second_factor && <span className="tag">{t('factor.title')}</span>}
            <br />
            <small className="code muted">{one.permission}</small>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** What the roles of a kind of organisations may do; of every kind when none is named. */
export function RolePermissions({ kind }: { kind: string | undefined }) {
  const roles = useRoles();
  if (roles.isLoadingError) return <Refusal error={roles.error} retry={() => void roles.refetch()} />;
  if (roles.data === undefined) return <Loading />;
  const shown = roles.data.filter((one) => kind === undefined || one.organisation_kinds.includes(kind));
  return (
    <div className="stack">
      {shown.map((role) => (
        <OneRole key={role.role} role={role} />
      ))}
    </div>
  );
}
