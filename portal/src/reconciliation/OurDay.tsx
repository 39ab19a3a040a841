import { Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { useKindName } from '../events/kinds';
import { useOrganisationName, useOrganisations } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { useToday } from '../session/installation';
import { Amount } from '../ui/Amount';
import { DownloadButton } from '../ui/DownloadButton';
import { Facts } from '../ui/Facts';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { useDay } from './day';

type Line = Schemas['DailyStatementLine'];

function useColumns(): Column<Line>[] {
  const { t } = useTranslation();
  const kindName = useKindName();
  const organisationName = useOrganisationName();
  return [
    {
      key: 'reference',
      title: t('money.reference'),
      cell: (one) => <span className="code">{one.bank_reference ?? '—'}</span>,
    },
    { key: 'kind', title: t('field.kind'), cell: (one) => kindName(one.kind) },
    {
      key: 'whose',
      title: t('subjectKind.organisation'),
      cell: (one) => (one.organisation === null ? '—' : organisationName(one.organisation)),
    },
    { key: 'text', title: t('money.text'), cell: (one) => one.text || '—' },
    {
      key: 'direction',
      title: t('reconciliation.direction'),
      cell: (one) => t(`reconciliation.directions.${one.direction}`),
    },
    {
      key: 'amount',
      title: t('money.amount'),
      isFigure: true,
      cell: (one) => <Amount value={one.amount} unit="CNY" />,
    },
  ];
}

/** Which bank is looked at: one's own, and for the auditor any. */
function useBank() {
  const session = useSession();
  const isAuditor = hasRole(session, 'auditor');
  const banks = useOrganisations().data?.filter((one) => one.kind === 'settlement_bank') ?? [];
  const [chosen, choose] = useState<string>();
  const bank = chosen ?? (isAuditor ? banks[0]?.id : session?.me.organisation);
  return { bank, choose, choices: isAuditor ? banks : [] };
}

/** Our statement of a day for the bank: what it held before, each movement, and what it holds after. */
export function OurDay() {
  const { t } = useTranslation();
  const today = useToday();
  const [chosen, setDay] = useState<string>();
  const { bank, choose, choices } = useBank();
  const day = chosen ?? today ?? '';
  const query = useDay(day, bank);
  const columns = useColumns();
  const file = `/api/v1/money/daily-statement?${new URLSearchParams({ day, bank: bank ?? '', format: 'csv' }).toString()}`;
  return (
    <Panel
      flush
      title={t('reconciliation.ours')}
      actions={
        <>
          {choices.length > 1 && (
            <Select
              aria-label={t('reconciliation.bank')}
              value={bank}
              onChange={choose}
              style={{ width: 200 }}
              options={choices.map((one) => ({ value: one.id, label: one.name }))}
            />
          )}
          <Input
            type="date"
            aria-label={t('reconciliation.ourDay')}
            max={today}
            value={day}
            style={{ width: 160 }}
            onChange={(event) => setDay(event.target.value)}
          />
          <DownloadButton label={t('act.csv')} path={file} name={`daily-statement-${day}.csv`} />
        </>
      }
    >
      {query.data && (
        <div className="inside">
          <Facts
            facts={[
              [t('reconciliation.opening'), <Amount value={query.data.opening_balance} unit="CNY" />],
              [t('reconciliation.closing'), <Amount value={query.data.closing_balance} unit="CNY" />],
            ]}
          />
        </div>
      )}
      <Rows
        label={t('reconciliation.ours')}
        columns={columns}
        rows={query.data?.lines ?? []}
        rowKey={(one) => one.journal}
        isLoading={query.isPending}
        error={query.error}
        retry={() => void query.refetch()}
        empty={<Nothing brief title={t('reconciliation.nothingMoved')} />}
      />
    </Panel>
  );
}
