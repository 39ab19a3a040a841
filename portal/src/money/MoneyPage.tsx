import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { ListPanel } from '../ui/ListPanel';
import { PageHead } from '../ui/PageHead';
import type { Column } from '../ui/Rows';
import { ConfirmMoney } from './ConfirmMoney';
import { Matched } from './Matched';
import { PaymentCodes } from './PaymentCodes';
import { Reverse } from './Reverse';
import { Suspense } from './Suspense';

type Movement = Schemas['MoneyMovement'];

/** Money in or out, as it was confirmed. */
function Movements({ direction }: { direction: 'deposits' | 'withdrawals' }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const mayReverse = hasRole(useSession(), 'settlement_head');
  const list = useList([direction], (cursor) => {
    const params = { params: { query: { limit: 10, order: 'newest', ...at(cursor) } } };
    return direction === 'deposits'
      ? call(api.GET('/api/v1/money/deposits', params))
      : call(api.GET('/api/v1/money/withdrawals', params));
  });
  const columns: Column<Movement>[] = [
    {
      key: 'reference',
      title: t('money.reference'),
      cell: (one) => <span className="code">{one.bank_reference}</span>,
    },
    { key: 'whose', title: t('subjectKind.organisation'), cell: (one) => organisationName(one.organisation) },
    {
      key: 'amount',
      title: t('money.amount'),
      isFigure: true,
      cell: (one) => <Amount value={one.amount} unit="CNY" />,
    },
    {
      key: 'at',
      title: t('money.confirmedAt'),
      isFigure: true,
      cell: (one) => (
        <span className="figures">
          {minuteOf(one.confirmed_at)}
          {one.reversed_by && (
            <>
              <br />
              <small className="beyond">{t('money.reversed')}</small>
            </>
          )}
        </span>
      ),
    },
    ...(mayReverse
      ? [
          {
            key: 'acts',
            title: t('act.name'),
            cell: (one: Movement) => (one.reversed_by === null ? <Reverse movement={one} /> : '—'),
          },
        ]
      : []),
  ];
  return <ListPanel title={t(`money.${direction}`)} list={list} columns={columns} none={t('money.none')} />;
}

/** The desk of the settlement bank: what comes in and goes out, and payments of which nobody knows whose they are. */
export default function MoneyPage() {
  const { t } = useTranslation();
  const mayConfirm = hasRole(useSession(), 'settlement_officer', 'settlement_head');
  return (
    <>
      <PageHead
        title={t('money.title')}
        lead={t('money.lead')}
        {...(mayConfirm && {
          actions: (
            <>
              <ConfirmMoney direction="withdrawals" />
              <ConfirmMoney direction="deposits" />
            </>
          ),
        })}
      />
      <div className="stack">
        <Suspense />
        <Matched />
        <Movements direction="deposits" />
        <Movements direction="withdrawals" />
        <PaymentCodes />
      </div>
    </>
  );
}
