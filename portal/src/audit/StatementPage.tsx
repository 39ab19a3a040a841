import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { Schemas } from '../api/client';
import { useKindName } from '../events/kinds';
import { secondOf } from '../figures/instant';
import { SpanChoice, useSpan } from '../statements/SpanChoice';
import { useStatement } from '../statements/useStatement';
import { Amount } from '../ui/Amount';
import { DownloadButton } from '../ui/DownloadButton';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { Tile } from '../ui/Tile';
import { useRightWords } from '../ui/useRightWords';

/** Days of the statement that is shown first. */
const SPAN = 365;

function useColumns(unit: string | undefined): Column<Schemas['StatementEntry']>[] {
  const { t } = useTranslation();
  const kindName = useKindName();
  return [
    {
      key: 'kind',
      title: t('audit.event'),
      cell: (one) => (
        <>
          <Link to={`/audit/journals/${one.journal}`}>{kindName(one.kind)}</Link>
          {one.reason !== null && (
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
      title: t('audit.effectiveOn'),
      cell: (one) => <span className="figures">{one.effective_on}</span>,
    },
    {
      key: 'recorded',
      title: t('audit.recordedAt'),
      cell: (one) => <span className="figures">{secondOf(one.recorded_at)}</span>,
    },
    {
      key: 'amount',
      title: t('audit.amount'),
      isFigure: true,
      cell: (one) => <Amount value={one.amount} unit={unit} />,
    },
    {
      key: 'balance',
      title: t('audit.balanceAfter'),
      isFigure: true,
      cell: (one) => <Amount value={one.balance} unit={unit} />,
    },
  ];
}

/** The statement of one account: what stood before some days, what moved in them, and what stands after them. */
export default function StatementPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const rightWords = useRightWords();
  const [span, choose] = useSpan({}, SPAN);
  const query = useStatement(id, span);
  const first = query.data?.pages[0];
  const summary = first?.summary;
  const columns = useColumns(summary?.unit);
  const file = (format: 'csv' | 'xlsx') => (
    <DownloadButton
      label={t(`act.${format}`)}
      path={`/api/v1/accounts/${id}/statement?${new URLSearchParams({ ...span, format }).toString()}`}
      name={`statement-${id}-${span.from}-${span.to}.${format}`}
    />
  );
  const purpose = summary && t(`purpose.${summary.purpose}`, { defaultValue: summary.purpose });
  return (
    <>
      <PageHead
        title={summary ? t('audit.statementOf', { owner: summary.owner_name }) : t('statements.title')}
        {...(summary && { lead: `${rightWords(summary.asset)} · ${purpose}` })}
        actions={
          <>
            <Link to={`/audit/accounts/${id}`}>
              <Button tabIndex={-1}>{t('audit.toAccount')}</Button>
            </Link>
            {file('csv')}
            {file('xlsx')}
          </>
        }
      />
      <div className="stack">
        <SpanChoice span={span} choose={choose} />
        {summary && (
          <div className="tiles">
            <Tile name={t('statements.opening')} value={summary.opening_balance} unit={summary.unit} />
            <Tile name={t('statements.moved')} value={summary.moved} unit={summary.unit} />
            <Tile lead name={t('statements.closing')} value={summary.closing_balance} unit={summary.unit} />
            <Tile name={t('statements.entries')} value={String(summary.entry_count)} />
          </div>
        )}
        <Panel flush title={t('audit.entries')}>
          <Rows
            label={t('audit.entries')}
            columns={columns}
            rows={query.data?.pages.flatMap((one) => one.items) ?? []}
            rowKey={(one) => `${one.journal}-${one.line}`}
            isLoading={query.isPending}
            error={query.error}
            retry={() => void query.refetch()}
            more={query.hasNextPage ? () => void query.fetchNextPage() : undefined}
            isLoadingMore={query.isFetchingNextPage}
            empty={<Nothing title={t('audit.noneInSpan')} />}
          />
        </Panel>
        {first && (
          <Panel title={t('audit.checkpoint')}>
            <p className="muted">{t('audit.checkpointLead')}</p>
            <pre className="code">{first.checkpoint}</pre>
          </Panel>
        )}
      </div>
    </>
  );
}
