import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, type Order, useList, whole } from '../api/list';
import { inName } from '../audit/asOf';
import { ExportButton } from '../audit/ExportButton';
import type { Line } from '../figures/csv';
import { secondOf } from '../figures/instant';
import { useOrganisationName, useOrganisations } from '../parties/names';
import { hasRole } from '../session/roles';
import { useInstallation } from '../session/installation';
import { useSession } from '../session/session';
import { OrderChoice } from '../ui/OrderChoice';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { AccessRows } from './AccessRows';

/** What stands over the columns of the file. */
const heads = [
  'consent.who',
  'access.reader',
  'access.whose',
  'consent.what',
  'access.asked',
  'consent.basis',
  'consent.times',
  'access.first',
  'consent.last',
];

/** All of the log, or what of it is about one organisation, as a file. */
function ExportLog({ organisation }: { organisation: string | undefined }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const now = useInstallation().data?.business_time;
  if (now === undefined) return null;
  const page = (cursor?: string) =>
    call(
      api.GET('/api/v1/audit/access-log', {
        params: { query: { limit: 200, ...(organisation !== undefined && { organisation }), ...at(cursor) } },
      }),
    );
  const line = (one: Schemas['AccessRecord']): Line => [
    one.reader_organisation_name,
    one.reader,
    organisationName(one.organisation),
    one.operation,
    one.asked,
    one.consent ?? t('consent.byOffice'),
    one.times,
    secondOf(one.first_at),
    secondOf(one.last_at),
  ];
  return (
    <ExportButton
      name={`access-log-${inName(now)}.csv`}
      heads={heads.map((one) => t(one))}
      lines={async (told) => (await whole(page, told)).map(line)}
    />
  );
}

/** Every read of another party's data, for the auditor. */
function Everybodys() {
  const { t } = useTranslation();
  const [organisation, choose] = useState<string>();
  const [order, setOrder] = useState<Order>('newest');
  const organisations = useOrganisations().data ?? [];
  const { items, ...list } = useList(['every-access', organisation, order], (cursor) =>
    call(
      api.GET('/api/v1/audit/access-log', {
        params: { query: { limit: 50, order, ...(organisation !== undefined && { organisation }), ...at(cursor) } },
      }),
    ),
  );
  return (
    <Panel
      flush
      title={t('access.all')}
      actions={
        <>
          <OrderChoice value={order} choose={setOrder} />
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            aria-label={t('access.whose')}
            placeholder={t('access.anybody')}
            value={organisation}
            onChange={choose}
            style={{ width: 260 }}
            options={organisations.map((one) => ({ value: one.id, label: one.name }))}
          />
          <ExportLog organisation={organisation} />
        </>
      }
    >
      <AccessRows isOfMany label={t('access.all')} rows={items} {...list} />
    </Panel>
  );
}

/** Reads of the own organisation's data. */
function Own() {
  const { t } = useTranslation();
  const [order, setOrder] = useState<Order>('newest');
  const { items, ...list } = useList(['access-log', 'page', order], (cursor) =>
    call(api.GET('/api/v1/access-log', { params: { query: { limit: 50, order, ...at(cursor) } } })),
  );
  return (
    <Panel flush title={t('consent.looks')} actions={<OrderChoice value={order} choose={setOrder} />}>
      <AccessRows label={t('consent.looks')} rows={items} {...list} />
    </Panel>
  );
}

/** Who has looked at whose data, at what, by which right and when. */
export default function AccessLogPage() {
  const { t } = useTranslation();
  const isAuditor = hasRole(useSession(), 'auditor');
  return (
    <>
      <PageHead title={t('access.title')} lead={isAuditor ? t('access.leadAuditor') : t('access.lead')} />
      <div className="stack">{isAuditor ? <Everybodys /> : <Own />}</div>
    </>
  );
}
