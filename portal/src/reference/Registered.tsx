import { Form, Input, InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, call, keyed, type Schemas } from '../api/client';
import { AreaSelect } from '../joining/AreaSelect';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';

/** Registers one thing of the reference data. */
const register = (body: Partial<Schemas['RegisterReference']>, key: string) =>
  call(api.POST('/api/v1/reference', { ...keyed(key), body: body }));

interface RegisteredProps<T> {
  title: string;
  columns: Column<T>[];
  query: ReturnType<typeof useQuery<T[]>>;
  actions: ReactNode;
}

/** A part of the reference data, which is short enough to stand there whole. */
function Registered<T extends { code: string }>({ title, columns, query, actions }: RegisteredProps<T>) {
  const { t } = useTranslation();
  return (
    <Panel flush title={title} actions={actions}>
      <Rows
        label={title}
        columns={columns}
        rows={query.data ?? []}
        rowKey={(one) => one.code}
        isLoading={query.isPending}
        error={query.error}
        retry={() => void query.refetch()}
        empty={<Nothing title={t('officials.nothing')} />}
      />
    </Panel>
  );
}

/** Code and name, which everything of the reference data has. */
function CodeField() {
  const { t } = useTranslation();
  return (
    <Form.Item
      name="code"
      label={t('officials.code')}
      extra={t('officials.codeHint')}
      normalize={(code: string) => code.trim().toUpperCase()}
      rules={[
        { required: true, message: t('field.needed') },
        { pattern: /^[A-Z0-9]{1,32}$/, message: t('officials.codeHint') },
      ]}
    >
      <Input autoComplete="off" maxLength={32} className="figures" />
    </Form.Item>
  );
}

function NameField({ name, label }: { name: string; label: string }) {
  const { t } = useTranslation();
  return (
    <Form.Item name={name} label={label} rules={[{ required: true, whitespace: true, message: t('field.needed') }]}>
      <Input autoComplete="off" maxLength={200} />
    </Form.Item>
  );
}

const useBasins = () =>
  useQuery({ queryKey: ['reference', 'basins'], queryFn: async () => (await call(api.GET('/api/v1/basins'))).items });

/** The basins within which rights of water pollutants trade. */
export function Basins({ mayRegister }: { mayRegister: boolean }) {
  const { t } = useTranslation();
  return (
    <Registered<Schemas['Basin']>
      title={t('officials.basins')}
      query={useBasins()}
      columns={[
        { key: 'code', title: t('officials.code'), cell: (one) => <span className="code">{one.code}</span> },
        { key: 'name', title: t('officials.name'), cell: (one) => one.name },
      ]}
      actions={
        mayRegister && (
          <FormAct<Schemas['RegisterBasin'], unknown>
            label={t('officials.registerBasin')}
            lead={t('officials.registerLead')}
            size="small"
            fields={
              <>
                <CodeField />
                <NameField name="name" label={t('officials.name')} />
              </>
            }
            run={(body, key) => register({ basins: [body] }, key)}
          />
        )
      }
    />
  );
}

/** Which basin an area drains to. */
function BasinField() {
  const { t } = useTranslation();
  const basins = useBasins().data ?? [];
  return (
    <Form.Item name="basin" label={t('officials.basin')}>
      <Select
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        options={basins.map((one) => ({ value: one.code, label: `${one.name} ${one.code}` }))}
      />
    </Form.Item>
  );
}

/** The administrative areas and development zones, each after the one it lies in. */
export function Areas({ mayRegister }: { mayRegister: boolean }) {
  const { t } = useTranslation();
  const areas = useQuery({
    queryKey: ['reference', 'areas'],
    queryFn: async () => (await call(api.GET('/api/v1/areas'))).items,
  });
  const basins = useBasins().data;
  const nameOf = (code: string | null) => areas.data?.find((one) => one.code === code)?.name ?? code ?? '—';
  return (
    <Registered<Schemas['Area']>
      title={t('officials.areas')}
      query={areas}
      columns={[
        { key: 'code', title: t('officials.code'), cell: (one) => <span className="code">{one.code}</span> },
        { key: 'name', title: t('officials.name'), cell: (one) => <b>{one.name}</b> },
        { key: 'parent', title: t('officials.parent'), cell: (one) => nameOf(one.parent) },
        {
          key: 'basin',
          title: t('officials.basin'),
          cell: (one) => basins?.find((basin) => basin.code === one.basin)?.name ?? one.basin ?? '—',
        },
      ]}
      actions={
        mayRegister && (
          <FormAct<Schemas['RegisterArea'], unknown>
            label={t('officials.registerArea')}
            lead={t('officials.registerLead')}
            size="small"
            fields={
              <>
                <CodeField />
                <NameField name="name" label={t('officials.name')} />
                <Form.Item name="parent" label={t('officials.parent')} extra={t('officials.parentHint')}>
                  <AreaSelect allowClear />
                </Form.Item>
                <BasinField />
              </>
            }
            run={(body, key) => register({ areas: [given(body) as Schemas['RegisterArea']] }, key)}
          />
        )
      }
    />
  );
}

function PollutantFields() {
  const { t } = useTranslation();
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <>
      <CodeField />
      <NameField name="name_zh" label={t('officials.chineseName')} />
      <NameField name="name_en" label={t('officials.englishName')} />
      <Form.Item name="medium" label={t('officials.medium')} rules={needed}>
        <Select options={['water', 'air'].map((value) => ({ value, label: t(`officials.media.${value}`) }))} />
      </Form.Item>
      <NameField name="unit" label={t('officials.unit')} />
      <Form.Item name="grams_per_unit" label={t('officials.grams')} extra={t('officials.gramsHint')} rules={needed}>
        <InputNumber min={1} max={1_000_000_000_000} precision={0} style={{ width: '100%' }} />
      </Form.Item>
      <Form.Item name="decimals" label={t('officials.decimals')} extra={t('officials.decimalsHint')} rules={needed}>
        <InputNumber min={0} max={12} precision={0} style={{ width: '100%' }} />
      </Form.Item>
    </>
  );
}

/** The pollutants whose rights are counted. */
export function Pollutants({ mayRegister }: { mayRegister: boolean }) {
  const { t, i18n } = useTranslation();
  const pollutants = useQuery({
    queryKey: ['reference', 'pollutants'],
    queryFn: async () => (await call(api.GET('/api/v1/pollutants'))).items,
  });
  return (
    <Registered<Schemas['Pollutant']>
      title={t('officials.pollutants')}
      query={pollutants}
      columns={[
        { key: 'code', title: t('officials.code'), cell: (one) => <span className="code">{one.code}</span> },
        {
          key: 'name',
          title: t('officials.name'),
          cell: (one) => <b>{i18n.language === 'en' ? one.name_en : one.name_zh}</b>,
        },
        { key: 'medium', title: t('officials.medium'), cell: (one) => t(`officials.media.${one.medium}`) },
        { key: 'unit', title: t('officials.unit'), cell: (one) => one.unit },
        {
          key: 'grams',
          title: t('officials.grams'),
          isFigure: true,
          cell: (one) => <span className="figures">{one.grams_per_unit.toLocaleString('en')}</span>,
        },
        { key: 'decimals', title: t('officials.decimals'), isFigure: true, cell: (one) => one.decimals },
      ]}
      actions={
        mayRegister && (
          <FormAct<Schemas['RegisterPollutant'], unknown>
            label={t('officials.registerPollutant')}
            lead={t('officials.registerLead')}
            size="small"
            initial={{ medium: 'water', unit: 't', grams_per_unit: 1_000_000, decimals: 3 }}
            fields={<PollutantFields />}
            run={(body, key) => register({ pollutants: [body] }, key)}
          />
        )
      }
    />
  );
}
