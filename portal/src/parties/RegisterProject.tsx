import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { useOrganisationName, useSites } from './names';

/** Registering a construction project by its total-quantity document, as the bureau of its site. */
export function RegisterProject() {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const sites = useSites().data?.filter((one) => !one.is_reserve) ?? [];
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <FormAct<Schemas['RegisterProject'], Schemas['Project']>
      label={t('project.register')}
      lead={t('project.registerLead')}
      initial={{ basis: 'verified' }}
      fields={
        <>
          <Form.Item name="site" label={t('field.site')} rules={needed}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={sites.map((one) => ({
                value: one.id,
                label: `${organisationName(one.organisation)} · ${one.number}`,
              }))}
            />
          </Form.Item>
          <Form.Item name="number" label={t('project.number')} rules={needed}>
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="basis" label={t('project.basis')} rules={needed}>
            <Select
              options={(['verified', 'commitment', 'exempted'] as const).map((value) => ({
                value,
                label: t(`project.bases.${value}`),
              }))}
            />
          </Form.Item>
          <Form.Item name="document" label={t('project.document')} rules={needed}>
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="verified_on" label={t('project.verifiedOn')} rules={needed}>
            <Input type="date" />
          </Form.Item>
          <Form.Item name="replacement_ratio" label={t('project.ratio')} extra={t('project.ratioHint')}>
            <Input autoComplete="off" placeholder="1:1" />
          </Form.Item>
        </>
      }
      run={(body, key) =>
        call(api.POST('/api/v1/projects', { ...keyed(key), body: given(body) as Schemas['RegisterProject'] }))
      }
    />
  );
}
