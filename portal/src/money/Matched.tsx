import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useOrganisationName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';

type Payment = Schemas['Payment'];

/** How it was matched; what a person has matched may be undone. */
function How({ payment }: { payment: Payment }) {
  const { t } = useTranslation();
  const mayUndo = hasRole(useSession(), 'settlement_officer', 'settlement_head');
  if (payment.decided_at === null) return <span className="muted">{t('matched.byText')}</span>;
  return (
    <>
      <small className="muted">{payment.reason}</small>
      {mayUndo && (
        <div className="actions">
          <Act
            label={t('matched.undo')}
            isDanger
            size="small"
            reason="needed"
            run={(reason, key) =>
              call(
                api.POST('/api/v1/money/payments/{id}/undo-match', {
                  params: { path: { id: payment.id } },
                  ...keyed(key),
                  body: { reason: reason ?? '' },
                }),
              )
            }
          >
            {t('matched.undoLead')}{' '}
            <b>
              <Amount value={payment.amount} unit="CNY" />
            </b>
          </Act>
        </div>
      )}
    </>
  );
}

/** Payments that have come to somebody, by what their text says or by hand, and what became of the trade that they name. */
export function Matched() {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const list = useList(['payments', 'matched'], (cursor) =>
    call(
      api.GET('/api/v1/money/payments', {
        params: { query: { state: 'matched', limit: 25, order: 'newest', ...at(cursor) } },
      }),
    ),
  );
  const columns: Column<Payment>[] = [
    {
      key: 'payer',
      title: t('money.payer'),
      cell: (one) => (
        <>
          <b>{one.payer_name}</b>
          <br />
          <small className="code">{one.bank_reference}</small>
        </>
      ),
    },
    {
      key: 'whose',
      title: t('matched.whose'),
      cell: (one) => (one.organisation === null ? '—' : organisationName(one.organisation)),
    },
    { key: 'text', title: t('money.text'), cell: (one) => one.text || '—' },
    {
      key: 'amount',
      title: t('money.amount'),
      isFigure: true,
      cell: (one) => <Amount value={one.amount} unit="CNY" />,
    },
    {
      key: 'trade',
      title: t('matched.trade'),
      cell: (one) =>
        one.trade_outcome === null ? (
          '—'
        ) : (
          <>
            {t(`matched.outcomes.${one.trade_outcome}`)}
            {one.refusals.length > 0 && (
              <>
                <br />
                <small className="code">{one.refusals.join(t('shell.comma'))}</small>
              </>
            )}
          </>
        ),
    },
    { key: 'how', title: t('matched.how'), cell: (one) => <How payment={one} /> },
  ];
  return <ListPanel title={t('matched.title')} list={list} columns={columns} none={t('matched.none')} />;
}
