import { Form, type FormInstance, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useNameOf, useRolesOf } from '../organisation/useRoles';
import { useSession } from '../session/session';
import { FormAct } from '../ui/FormAct';
import { Credentials } from './Credentials';

type Registration = Omit<Schemas['RegisterClient'], 'organisation'>;

/** Permissions that are for people alone. */
const ofPeople = ['approve_act', 'review_decision', 'keep_own_sign_in'];

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

/** Registering a program; its secret is shown once. */
export default function RegisterClient() {
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
              <Select
                mode="multiple"
                showSearch={{ optionFilterProp: 'label' }}
                options={roles.map((one) => ({ value: one.role, label: nameOf(one) }))}
              />
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
