import { Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { useToday } from '../session/installation';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';

type Statement = Schemas['BankStatement'];

/** The statements that were handed in, every version of a day among them. */
export function Statements() {
  const { t } = useTranslation();
  const today = useToday();
  const organisationName = useOrganisationName();
  const isAuditor = hasRole(useSession(), 'auditor');
  const [day, setDay] = useState('');
  const list = useList(['bank-statements', day], (cursor) =>
    call(
      api.GET('/api/v1/money/bank-statements', {
        params: { query: { limit: 25, order: 'newest', ...(day !== '' && { day }), ...at(cursor) } },
      }),
    ),
  );
  const columns: Column<Statement>[] = [
    {
      key: 'day',
      title: t('reconciliation.day'),
      cell: (one) => (
        <Link to={`/reconciliation/${one.id}`}>
          <b className="figures">{one.day}</b>
        </Link>
      ),
    },
    ...(isAuditor
      ? [{ key: 'bank', title: t('reconciliation.bank'), cell: (one: Statement) => organisationName(one.bank) }]
      : []),
    {
      key: 'number',
      title: t('reconciliation.version'),
      cell: (one) => t('reconciliation.versionOf', { number: one.number }),
    },
    { key: 'lines', title: t('reconciliation.lines'), isFigure: true, cell: (one) => one.lines },
    { key: 'movements', title: t('reconciliation.movements'), isFigure: true, cell: (one) => one.movements },
    {
      key: 'recorded',
      title: t('reconciliation.recordedAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.recorded_at)}</span>,
    },
  ];
  return (
    <ListPanel
      title={t('reconciliation.statements')}
      list={list}
      columns={columns}
      actions={
        <Input
          type="date"
          aria-label={t('reconciliation.day')}
          max={today}
          value={day}
          style={{ width: 160 }}
          onChange={(event) => setDay(event.target.value)}
        />
      }
      none={t('reconciliation.noStatements')}
      noneLead={t('reconciliation.noStatementsLead')}
    />
  );
}
