import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';
import { at, type Order, useList } from '../api/list';
import { useOrganisations } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { OrderChoice } from '../ui/OrderChoice';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { AccessRows } from './AccessRows';

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
