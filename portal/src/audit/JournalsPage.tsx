import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, type Order, useList, whole } from '../api/list';
import { useKindName } from '../events/kinds';
import type { Line } from '../figures/csv';
import { secondOf } from '../figures/instant';
import { useInstallation } from '../session/installation';
import { ListPanel } from '../ui/ListPanel';
import { OrderChoice } from '../ui/OrderChoice';
import { PageHead } from '../ui/PageHead';
import type { Column } from '../ui/Rows';
import { inName } from './asOf';
import { ExportButton } from './ExportButton';

/** Every line of every journal; a journal that moves nothing has one, too. */
function linesOf(journals: readonly Schemas['Journal'][]): Line[] {
  return journals.flatMap((one) => {
    const { id, kind, recorded_at, effective_on, subject_kind, subject, actor, reason } = one;
    const head = [id, kind, secondOf(recorded_at), effective_on, subject_kind, subject, actor, reason];
    if (one.entries.length === 0) return [head];
    return one.entries.map((entry) => [
      ...head,
      entry.line,
      entry.account,
      entry.owner_name,
      entry.asset,
      entry.purpose,
      entry.amount,
      entry.unit,
      entry.balance_after,
    ]);
  });
}

/** What stands over the columns of the file. */
const heads = [
  'place.journals',
  'audit.event',
  'audit.recordedAt',
  'audit.effectiveOn',
  'audit.subjectKind',
  'audit.subject',
  'audit.actor',
  'field.reason',
  'audit.line',
  'audit.account',
  'audit.owner',
  'statements.asset',
  'audit.purpose',
  'audit.amount',
  'audit.unit',
  'audit.balanceAfter',
];

/** All journals from the first to the last one until now, as a file. */
function ExportJournals() {
  const { t } = useTranslation();
  const now = useInstallation().data?.business_time;
  if (now === undefined) return null;
  const journals = (cursor?: string) =>
    call(api.GET('/api/v1/audit/journals', { params: { query: { limit: 200, ...at(cursor) } } }));
  return (
    <ExportButton
      name={`journals-${inName(now)}.csv`}
      heads={heads.map((one) => t(one))}
      lines={async (told) => linesOf(await whole(journals, told))}
    />
  );
}

/** Every journal of the book, or those about one thing, the last one first. */
export default function JournalsPage() {
  const { t } = useTranslation();
  const kindName = useKindName();
  const [order, setOrder] = useState<Order>('newest');
  const [parameters] = useSearchParams();
  const subject = parameters.get('subject') ?? undefined;
  const query = { order, ...(subject !== undefined && { subject }) };
  const list = useList(['journals', query], (cursor) =>
    call(api.GET('/api/v1/audit/journals', { params: { query: { limit: 50, ...query, ...at(cursor) } } })),
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
      <PageHead
        title={t('place.journals')}
        lead={t('audit.journalsLead')}
        actions={
          <Link to="/audit/legacy">
            <Button tabIndex={-1}>{t('audit.legacy')}</Button>
          </Link>
        }
      />
      <ListPanel
        title={subject === undefined ? t('audit.everyJournal') : t('audit.journalsOf')}
        list={list}
        columns={columns}
        actions={
          <>
            {subject !== undefined && (
              <Link to="/audit/journals">
                <Button tabIndex={-1}>{t('audit.allJournals')}</Button>
              </Link>
            )}
            <OrderChoice value={order} choose={setOrder} />
            <ExportJournals />
          </>
        }
        none={t('audit.noJournals')}
      />
    </>
  );
}
