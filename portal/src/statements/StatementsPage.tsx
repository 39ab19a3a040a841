import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { DownloadButton } from '../ui/DownloadButton';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { type Span, SpanChoice, useSpan } from './SpanChoice';

function useColumns(span: Span): Column<Schemas['StatementSummary']>[] {
  const { t } = useTranslation();
  return [
    {
      key: 'asset',
      title: t('statements.asset'),
      cell: (one) => (
        <Link to={`/statements/${one.account}?${new URLSearchParams({ ...span }).toString()}`}>
          <RightClass code={one.asset} />
        </Link>
      ),
    },
    {
      key: 'account',
      title: t('statements.account'),
      cell: (one) => (
        <>
          {one.owner_name}
          <br />
          <small className="muted">{t(`purpose.${one.purpose}`, { defaultValue: one.purpose })}</small>
        </>
      ),
    },
    {
      key: 'opening',
      title: t('statements.opening'),
      isFigure: true,
      cell: (one) => <Amount value={one.opening_balance} unit={one.unit} />,
    },
    {
      key: 'moved',
      title: t('statements.moved'),
      isFigure: true,
      cell: (one) => <Amount value={one.moved} unit={one.unit} />,
    },
    {
      key: 'closing',
      title: t('statements.closing'),
      isFigure: true,
      cell: (one) => <Amount value={one.closing_balance} unit={one.unit} />,
    },
    { key: 'entries', title: t('statements.entries'), isFigure: true, cell: (one) => one.entry_count },
  ];
}

/** Statements of all accounts of the organisation over a span of days, and as documents. */
export default function StatementsPage() {
  const { t } = useTranslation();
  const session = useSession();
  const [span, choose] = useSpan();
  const columns = useColumns(span);
  const organisation = session?.me.organisation ?? '';
  const query = { organisation, ...span };
  const list = useList(
    ['statements', query],
    (cursor) => call(api.GET('/api/v1/statements', { params: { query: { ...query, limit: 50, ...at(cursor) } } })),
    span.from !== '' && span.to !== '',
  );
  const document = (format: 'csv' | 'xlsx') =>
    `/api/v1/statements?${new URLSearchParams({ ...query, format }).toString()}`;
  return (
    <>
      <PageHead
        title={t('statements.title')}
        lead={t('statements.lead')}
        actions={
          <>
            <DownloadButton
              label={t('act.csv')}
              path={document('csv')}
              name={`statement-${span.from}-${span.to}.csv`}
            />
            <DownloadButton
              label={t('act.xlsx')}
              path={document('xlsx')}
              name={`statement-${span.from}-${span.to}.xlsx`}
            />
          </>
        }
      />
      <div className="stack">
        <SpanChoice span={span} choose={choose} />
        <Panel flush>
          <Rows
            label={t('statements.title')}
            columns={columns}
            rows={list.items}
            rowKey={(one) => one.account}
            isLoading={list.isLoading}
            error={list.error}
            retry={list.retry}
            more={list.more}
            isLoadingMore={list.isLoadingMore}
            empty={<Nothing title={t('statements.none')} />}
          />
        </Panel>
      </div>
    </>
  );
}
