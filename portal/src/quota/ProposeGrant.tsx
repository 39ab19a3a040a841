import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useProjects } from '../market/projects';
import { useAreas, useBasins, useSites } from '../parties/names';
import { useToday } from '../session/installation';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { CapAfter, GrantPreview } from './GrantPreview';
import { RightFields } from './RightFields';

type Proposed = Schemas['ProposeAllocation'];

/** Basins for what gets into water, cities for what gets into the air: what the reserve holds names one. */
function ZoneField({ pollutant }: { pollutant: string | undefined }) {
  const { t } = useTranslation();
  const basins = useBasins().data ?? new Map<string, string>();
  const areas = useAreas().data ?? new Map<string, string>();
  const zones = pollutant === 'SO2' || pollutant === 'NOX' ? areas : basins;
  return (
    <Form.Item name="zone" label={t('grant.zone')} rules={[{ required: true, message: t('field.needed') }]}>
      <Select
        showSearch={{ optionFilterProp: 'label' }}
        options={[...zones].map(([value, label]) => ({ value, label }))}
      />
    </Form.Item>
  );
}

function Fields() {
  const { t } = useTranslation();
  const filled = (Form.useWatch([]) ?? {}) as Partial<Proposed>;
  const sites = useSites().data ?? [];
  const projects = useProjects(filled.site).data ?? [];
  const isReserve = sites.find((one) => one.id === filled.site)?.is_reserve === true;
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <>
      <Form.Item name="site" label={t('field.site')} rules={needed}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={sites.map((one) => ({ value: one.id, label: `${one.name} · ${one.number}` }))}
        />
      </Form.Item>
      <RightFields room={<CapAfter site={filled.site} pollutant={filled.pollutant} quantity={filled.quantity} />} />
      {isReserve && <ZoneField pollutant={filled.pollutant} />}
      {projects.length > 0 && (
        <Form.Item name="project" label={t('market.project')} extra={t('grant.projectHint')}>
          <Select
            allowClear
            options={projects.map((one) => ({ value: one.id, label: `${one.number} · ${one.document}` }))}
          />
        </Form.Item>
      )}
      <Form.Item name="document" label={t('grant.document')} rules={needed}>
        <Input autoComplete="off" maxLength={100} placeholder={t('batch.numberHint')} />
      </Form.Item>
      <GrantPreview wanted={filled} />
    </>
  );
}

/** Proposing one grant by itself, judged by the server while it is filled in. */
export default function ProposeGrant() {
  const { t } = useTranslation();
  const today = useToday();
  return (
    <FormAct<Proposed, Schemas['Allocation']>
      label={t('grant.propose')}
      lead={t('grant.proposeLead')}
      kind="primary"
      initial={today === undefined ? {} : { valid_from: today }}
      fields={<Fields />}
      run={(body, key) => call(api.POST('/api/v1/allocations', { ...keyed(key), body: given(body) as Proposed }))}
    />
  );
}
