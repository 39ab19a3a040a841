import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useOrganisationName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { StateChoice } from '../ui/StateChoice';

type Difference = Schemas['BankDifference'];

/** How it stands and what was found; whoever works at the bank closes it with that. */
function Standing({ difference }: { difference: Difference }) {
  const { t } = useTranslation();
  const mayClose = hasRole(useSession(), 'settlement_officer', 'settlement_head') && difference.state === 'open';
  if (!mayClose)
    return (
      <>
        <State state={difference.state} word={t(`reconciliation.states.${difference.state}`)} />
        {difference.reason && (
          <>
            <br />
            <small className="muted">{difference.reason}</small>
          </>
        )}
      </>
    );
  return (
    <Act
      label={t('reconciliation.close')}
      size="small"
      reason="needed"
      run={(reason, key) =>
        call(
          api.POST('/api/v1/money/bank-differences/{id}/close', {
            params: { path: { id: difference.id } },
            ...keyed(key),
            body: { reason: reason ?? '' },
          }),
        )
      }
    >
      {t('reconciliation.closeLead')}{' '}
      <b>
        <Amount value={difference.amount} unit="CNY" />
      </b>
    </Act>
  );
}

function useColumns(isOfOne: boolean): Column<Difference>[] {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const isAuditor = hasRole(useSession(), 'auditor');
  return [
    {
      key: 'side',
      title: t('reconciliation.difference'),
      cell: (one) => (
        <>
          <b>{t(`reconciliation.sides.${one.side}`, { defaultValue: one.side })}</b>
          <br />
          <small className="muted">
            {one.line === null ? t('reconciliation.noLine') : t('reconciliation.line', { line: one.line })}
          </small>
        </>
      ),
    },
    {
      key: 'day',
      title: t('reconciliation.day'),
      isFigure: true,
      cell: (one) =>
        isOfOne ? (
          <span className="figures">{one.day}</span>
        ) : (
          <Link className="figures" to={`/reconciliation/${one.statement}`}>
            {one.day}
          </Link>
        ),
    },
    ...(isAuditor
      ? [{ key: 'bank', title: t('reconciliation.bank'), cell: (one: Difference) => organisationName(one.bank) }]
      : []),
    {
      key: 'reference',
      title: t('money.reference'),
      cell: (one) =>
        isAuditor && one.journal !== null ? (
          <Link className="code" to={`/audit/journals/${one.journal}`}>
            {one.bank_reference ?? t('reconciliation.journal')}
          </Link>
        ) : (
          <span className="code">{one.bank_reference ?? '—'}</span>
        ),
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
    { key: 'state', title: t('field.state'), cell: (one) => <Standing difference={one} /> },
  ];
}

const states = ['open', 'closed', 'superseded'] as const;

/** What stands on one side only: the work list of the bank, or all of one version of a statement. */
export function Differences({ statement }: { statement?: string }) {
  const { t } = useTranslation();
  const isOfOne = statement !== undefined;
  const [state, setState] = useState<string | undefined>(isOfOne ? undefined : 'open');
  const columns = useColumns(isOfOne);
  const wanted = { ...(isOfOne && { statement }), ...(state !== undefined && { state }) };
  const list = useList(['bank-differences', wanted], (cursor) =>
    call(
      api.GET('/api/v1/money/bank-differences', {
        params: { query: { limit: 25, order: 'newest', ...wanted, ...at(cursor) } },
      }),
    ),
  );
  return (
    <ListPanel
      title={t('reconciliation.differences')}
      list={list}
      columns={columns}
      actions={
        <StateChoice
          states={states}
          word={(one) => t(`reconciliation.states.${one}`)}
          value={state}
          choose={setState}
        />
      }
      none={t('reconciliation.noDifferences')}
      noneLead={t('reconciliation.noDifferencesLead')}
    />
  );
}
