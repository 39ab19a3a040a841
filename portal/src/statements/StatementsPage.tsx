import { Input, Segmented } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { daysLater } from '../figures/instant';
import { useToday } from '../session/installation';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { DownloadButton } from '../ui/DownloadButton';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';

type Basis = 'effective' | 'recorded';

/** Days of the statement that is shown first. */
const SPAN = 90;

function useColumns(): Column<Schemas['StatementSummary']>[] {
  const { t } = useTranslation();
  return [
    { key: 'asset', title: t('statements.asset'), cell: (one) => <RightClass code={one.asset} /> },
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
  const today = useToday();
  const session = useSession();
  const [fromField, toField] = [useId(), useId()];
  const [chosen, choose] = useState<{ from?: string; to?: string }>({});
  const [basis, setBasis] = useState<Basis>('effective');
  const columns = useColumns();
  const to = chosen.to ?? today ?? '';
  const from = chosen.from ?? (today === undefined ? '' : daysLater(today, -SPAN));
  const organisation = session?.me.organisation ?? '';
  const query = { organisation, from, to, basis };
  const list = useList(
    ['statements', query],
    (cursor) => call(api.GET('/api/v1/statements', { params: { query: { ...query, limit: 50, ...at(cursor) } } })),
    from !== '' && to !== '',
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
            <DownloadButton label={t('act.csv')} path={document('csv')} name={`statement-${from}-${to}.csv`} />
            <DownloadButton label={t('act.xlsx')} path={document('xlsx')} name={`statement-${from}-${to}.xlsx`} />
          </>
        }
      />
      <div className="stack">
        <div className="actions bottom">
          <label htmlFor={fromField}>
            {t('statements.from')}
            <Input
              id={fromField}
              type="date"
              value={from}
              max={to}
              onChange={(event) => choose({ ...chosen, from: event.target.value })}
            />
          </label>
          <label htmlFor={toField}>
            {t('statements.to')}
            <Input
              id={toField}
              type="date"
              value={to}
              min={from}
              onChange={(event) => choose({ ...chosen, to: event.target.value })}
            />
          </label>
          <Segmented<Basis>
            value={basis}
            onChange={setBasis}
            options={[
              { value: 'effective', label: t('statements.effective') },
              { value: 'recorded', label: t('statements.recorded') },
            ]}
          />
        </div>
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
