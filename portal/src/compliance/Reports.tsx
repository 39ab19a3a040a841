import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useSiteName } from '../parties/names';
import { Amount } from '../ui/Amount';
import { DecimalInput } from '../ui/DecimalInput';
import { isDecimal } from '../figures/decimal';
import { FormAct } from '../ui/FormAct';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { pollutants, useOwnSites } from './sites';

type Report = Schemas['DischargeReport'];
type Item = Schemas['DischargeItem'];

/** Reporting what a site has discharged in a month or a year; the bureau records what it has measured. */
function Tell({ isBureau }: { isBureau: boolean }) {
  const { t } = useTranslation();
  const sites = useOwnSites();
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <FormAct<Item, Schemas['DischargeReports']>
      label={isBureau ? t('report.measure') : t('report.tell')}
      lead={t('report.lead')}
      size="small"
      initial={{ ...(sites.length === 1 && sites[0] && { site: sites[0].number }) }}
      fields={
        <>
          <Form.Item name="site" label={t('field.site')} rules={needed}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={sites.map((one) => ({ value: one.number, label: `${one.name} · ${one.number}` }))}
            />
          </Form.Item>
          <Form.Item name="pollutant" label={t('field.pollutant')} rules={needed}>
            <Select options={pollutants.map((value) => ({ value, label: t(`pollutant.${value}`) }))} />
          </Form.Item>
          <Form.Item name="period" label={t('report.period')} extra={t('report.periodHint')} rules={needed}>
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item
            name="quantity"
            label={t('compliance.discharged')}
            rules={[
              {
                validator: (_: unknown, value: string | undefined) =>
                  isDecimal(value ?? '', 6) ? Promise.resolve() : Promise.reject(new Error(t('report.quantityForm'))),
              },
            ]}
          >
            <DecimalInput unit="t" />
          </Form.Item>
          <Form.Item name="document" label={t('field.document')} rules={needed}>
            <Input autoComplete="off" />
          </Form.Item>
        </>
      }
      run={(item, key) => call(api.POST('/api/v1/discharge-reports', { ...keyed(key), body: { items: [item] } }))}
    />
  );
}

/** Reports and measurements, the former ones of what was corrected among them. */
export function Reports({ mayReport, isBureau }: { mayReport: boolean; isBureau: boolean }) {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const { items, ...list } = useList(['discharge-reports'], (cursor) =>
    call(api.GET('/api/v1/discharge-reports', { params: { query: { limit: 25, order: 'newest', ...at(cursor) } } })),
  );
  const columns: Column<Report>[] = [
    {
      key: 'document',
      title: t('field.document'),
      cell: (one) => (
        <>
          <b>{one.document}</b>
          <br />
          <small className="muted">{t(`report.sources.${one.source}`)}</small>
        </>
      ),
    },
    { key: 'site', title: t('field.site'), cell: (one) => siteName(one.site) },
    { key: 'pollutant', title: t('field.pollutant'), cell: (one) => t(`pollutant.${one.pollutant}`) },
    {
      key: 'days',
      title: t('report.period'),
      cell: (one) => <span className="figures">{t('right.validity', { from: one.first_day, to: one.last_day })}</span>,
    },
    {
      key: 'quantity',
      title: t('compliance.discharged'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    {
      key: 'recorded',
      title: t('report.recordedAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.recorded_at)}</span>,
    },
  ];
  return (
    <Panel flush title={t('report.title')} actions={mayReport && <Tell isBureau={isBureau} />}>
      <Rows
        label={t('report.title')}
        columns={columns}
        rows={items}
        rowKey={(one) => one.id}
        {...list}
        empty={
          <Nothing title={t('report.none')}>
            <p>{t('report.noneLead')}</p>
          </Nothing>
        }
      />
    </Panel>
  );
}
