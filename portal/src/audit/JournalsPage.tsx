import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, type Order, useList } from '../api/list';
import { useKindName } from '../events/kinds';
import { secondOf } from '../figures/instant';
import { ListPanel } from '../ui/ListPanel';
import { OrderChoice } from '../ui/OrderChoice';
import { PageHead } from '../ui/PageHead';
import type { Column } from '../ui/Rows';

/** Every journal of the book, the last one first. */
export default function JournalsPage() {
  const { t } = useTranslation();
  const kindName = useKindName();
  const [order, setOrder] = useState<Order>('newest');
  const list = useList(['journals', order], (cursor) =>
    call(api.GET('/api/v1/audit/journals', { params: { query: { limit: 50, order, ...at(cursor) } } })),
  );
  const columns: Column<Schemas['Journal']>[] = [
    {
      key: 'kind',
      title: t('audit.event'),
      cell: (one) => (
        <Link to={`/audit/journals/${one.id}`}>
          <b>{kindName(one.kind)}</b>
        </Link>
      ),
    },
    {
      key: 'subject',
      title: t('audit.subject'),
      cell: (one) => (
        <>
          {t(`subjectKind.${one.subject_kind}`, { defaultValue: one.subject_kind })}
          <br />
          <small className="code muted">{one.subject}</small>
        </>
      ),
    },
    { key: 'entries', title: t('audit.entries'), isFigure: true, cell: (one) => one.entries.length },
    {
      key: 'effective',
      title: t('audit.effectiveOn'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.effective_on}</span>,
    },
    {
      key: 'recorded',
      title: t('audit.recordedAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{secondOf(one.recorded_at)}</span>,
    },
  ];
  return (
    <>
      <PageHead title={t('place.journals')} lead={t('audit.journalsLead')} />
      <ListPanel
        title={t('audit.everyJournal')}
        list={list}
        columns={columns}
        actions={<OrderChoice value={order} choose={setOrder} />}
        none={t('audit.noJournals')}
      />
    </>
  );
}
