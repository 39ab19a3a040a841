import { useQuery } from '@tanstack/react-query';
import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { useAreas, useOrganisations } from './names';

/** Registering a site of an enterprise or of the reserve, as the bureau of its area. */
export function RegisterSite() {
  const { t } = useTranslation();
  const areas = useAreas().data;
  const holders = useOrganisations().data?.filter((one) => ['enterprise', 'reserve'].includes(one.kind)) ?? [];
  const basins = useQuery({ queryKey: ['basins', 'all'], queryFn: () => call(api.GET('/api/v1/public/basins')) });
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <FormAct<Schemas['RegisterSite'], Schemas['Site']>
      label={t('sites.register')}
      lead={t('sites.registerLead')}
      kind="primary"
      fields={
        <>
          <Form.Item name="organisation" label={t('sites.organisation')} rules={needed}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={holders.map((one) => ({ value: one.id, label: `${one.name} · ${one.code}` }))}
            />
          </Form.Item>
          <Form.Item name="name" label={t('sites.name')} rules={needed}>
            <Input autoComplete="off" maxLength={200} />
          </Form.Item>
          <Form.Item name="number" label={t('sites.number')} rules={needed}>
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="area" label={t('field.area')} rules={needed}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={[...(areas ?? [])].map(([value, label]) => ({ value, label }))}
            />
          </Form.Item>
          <Form.Item name="basin" label={t('sites.basin')} extra={t('sites.basinHint')}>
            <Select
              allowClear
              showSearch={{ optionFilterProp: 'label' }}
              options={basins.data?.items.map((one) => ({ value: one.code, label: one.name })) ?? []}
            />
          </Form.Item>
          <Form.Item name="sector" label={t('sites.sector')}>
            <Input autoComplete="off" />
          </Form.Item>
        </>
      }
      run={(body, key) =>
        call(api.POST('/api/v1/sites', { ...keyed(key), body: given(body) as Schemas['RegisterSite'] }))
      }
    />
  );
}
