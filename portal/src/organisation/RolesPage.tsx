import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session';
import { PageHead } from '../ui/PageHead';
import { RolePermissions } from './RolePermissions';
import { useRoles } from './useRoles';

/** Which role may do what, in one's own organisation and in every other. */
export default function RolesPage() {
  const { t } = useTranslation();
  const own = useSession()?.me.organisation_kind;
  const [kind, choose] = useState(own);
  const kinds = [...new Set(useRoles().data?.flatMap((one) => one.organisation_kinds))];
  return (
    <>
      <PageHead
        title={t('place.roles')}
        lead={t('user.permissionsLead')}
        actions={
          <Select
            allowClear
            aria-label={t('field.kind')}
            placeholder={t('user.everyKind')}
            value={kind}
            onChange={choose}
            style={{ width: 200 }}
            options={kinds.map((value) => ({ value, label: t(`organisation.kinds.${value}`) }))}
          />
        }
      />
      <RolePermissions kind={kind} />
    </>
  );
}
