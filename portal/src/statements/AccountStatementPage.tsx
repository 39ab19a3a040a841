import { useTranslation } from 'react-i18next';
import { useParams, useSearchParams } from 'react-router';
import type { Schemas } from '../api/client';
import { useKindName } from '../events/kinds';
import { secondOf } from '../figures/instant';
import { Amount } from '../ui/Amount';
import { DownloadButton } from '../ui/DownloadButton';
import { Facts } from '../ui/Facts';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { useRightWords } from '../ui/useRightWords';
import { SpanChoice, useSpan } from './SpanChoice';
import { useStatement } from './useStatement';

type Entry = Schemas['StatementEntry'];

function useColumns(unit: string): Column<Entry>[] {
  const { t } = useTranslation();
  const kindName = useKindName();
  return [
    {
      key: 'kind',
      title: t('tenure.statement.event'),
      cell: (one) => (
        <>
          <b>{kindName(one.kind)}</b>
          {one.reason && (
            <>
              <br />
              <small className="muted">{one.reason}</small>
            </>
          )}
        </>
      ),
    },
    {
      key: 'effective',
      title: t('tenure.statement.effectiveOn'),
      cell: (one) => <span className="figures">{one.effective_on}</span>,
    },
    {
      key: 'recorded',
      title: t('tenure.statement.recordedAt'),
      cell: (one) => <span className="figures">{secondOf(one.recorded_at)}</span>,
    },
    {
      key: 'amount',
      title: t('statements.moved'),
      isFigure: true,
      cell: (one) => <Amount value={one.amount} unit={unit} />,
    },
    {
      key: 'balance',
      title: t('tenure.statement.balance'),
      isFigure: true,
      cell: (one) => <Amount value={one.balance} unit={unit} />,
    },
  ];
}

function Summary({ summary }: { summary: Schemas['StatementSummary'] }) {
  const { t } = useTranslation();
  const amount = (value: string) => <Amount value={value} unit={summary.unit} />;
  return (
    <Panel>
      <Facts
        facts={[
          [t('statements.opening'), amount(summary.opening_balance)],
          [t('statements.moved'), amount(summary.moved)],
          [t('statements.closing'), amount(summary.closing_balance)],
          [t('statements.entries'), <span className="figures">{summary.entry_count}</span>],
        ]}
      />
    </Panel>
  );
}

/** The statement of one account over a span of days: what stood before it, every entry with the balance after it, and as a document. */
export default function AccountStatementPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const [chosen] = useSearchParams();
  const rightWords = useRightWords();
  const [span, choose] = useSpan(Object.fromEntries(chosen));
  const query = useStatement(id, span);
  const summary = query.data?.pages[0]?.summary;
  const columns = useColumns(summary?.unit ?? '');
  const document = (format: 'csv' | 'xlsx') =>
    `/api/v1/accounts/${id}/statement?${new URLSearchParams({ ...span, format }).toString()}`;
  const file = `statement-${summary?.asset ?? id}-${span.from}-${span.to}`;
  return (
    <>
      <PageHead
        title={summary ? rightWords(summary.asset) : t('statements.title')}
        lead={
          summary
            ? `${summary.owner_name} · ${t(`purpose.${summary.purpose}`, { defaultValue: summary.purpose })}`
            : t('statements.lead')
        }
        actions={(['csv', 'xlsx'] as const).map((format) => (
          <DownloadButton key={format} label={t(`act.${format}`)} path={document(format)} name={`${file}.${format}`} />
        ))}
      />
      <div className="stack">
        <SpanChoice span={span} choose={choose} />
        {summary && <Summary summary={summary} />}
        <Panel flush title={t('tenure.statement.entries')}>
          <Rows
            label={t('tenure.statement.entries')}
            columns={columns}
            rows={query.data?.pages.flatMap((one) => one.items) ?? []}
            rowKey={(one) => `${one.journal}-${one.line}`}
            isLoading={query.isPending}
            error={query.error}
            retry={() => void query.refetch()}
            more={query.hasNextPage ? () => void query.fetchNextPage() : undefined}
            isLoadingMore={query.isFetchingNextPage}
            empty={<Nothing title={t('tenure.statement.none')} />}
          />
        </Panel>
      </div>
    </>
  );
}
