import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { FormAct } from '../ui/FormAct';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';
import { Whose } from './Whose';

type Payment = Schemas['Payment'];

function PaymentActs({ payment }: { payment: Payment }) {
  const { t } = useTranslation();
  const needed = [{ required: true, message: t('field.needed') }];
  const path = { params: { path: { id: payment.id } } };
  const reason = (
    <Form.Item name="reason" label={t('field.reason')} rules={needed}>
      <Input.TextArea rows={3} maxLength={500} />
    </Form.Item>
  );
  return (
    <div className="actions">
      <FormAct<Schemas['MatchPayment'], object>
        label={t('money.match')}
        lead={t('money.matchLead')}
        kind="primary"
        size="small"
        fields={
          <>
            <Whose />
            {reason}
          </>
        }
        run={async (body, key): Promise<object> =>
          call(api.POST('/api/v1/money/payments/{id}/match', { ...path, ...keyed(key), body }))
        }
      />
      <FormAct<Schemas['ReturnPayment'], object>
        label={t('money.return')}
        lead={t('money.returnLead')}
        isDanger
        size="small"
        fields={
          <>
            <Form.Item name="bank_reference" label={t('money.reference')} rules={needed}>
              <Input autoComplete="off" />
            </Form.Item>
            {reason}
          </>
        }
        run={async (body, key): Promise<object> =>
          call(api.POST('/api/v1/money/payments/{id}/return', { ...path, ...keyed(key), body }))
        }
      />
    </div>
  );
}

/** Payments in suspense: whoever knows whose they are says so, or sends them back. What has waited longest comes first. */
export function Suspense() {
  const { t } = useTranslation();
  const mayDecide = hasRole(useSession(), 'settlement_officer', 'settlement_head');
  const list = useList(['payments', 'unmatched'], (cursor) =>
    call(api.GET('/api/v1/money/payments', { params: { query: { state: 'unmatched', limit: 25, ...at(cursor) } } })),
  );
  const columns: Column<Payment>[] = [
    {
      key: 'payer',
      title: t('money.payer'),
      cell: (one) => (
        <>
          <b>{one.payer_name}</b>
          <br />
          <small className="code">{one.payer_account}</small>
        </>
      ),
    },
    { key: 'text', title: t('money.text'), cell: (one) => one.text },
    {
      key: 'amount',
      title: t('money.amount'),
      isFigure: true,
      cell: (one) => <Amount value={one.amount} unit="CNY" />,
    },
    {
      key: 'date',
      title: t('money.valueDate'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.value_date}</span>,
    },
    ...(mayDecide
      ? [{ key: 'acts', title: t('act.name'), cell: (one: Payment) => <PaymentActs payment={one} /> }]
      : []),
  ];
  return <ListPanel title={t('money.suspense')} list={list} columns={columns} none={t('money.noSuspense')} />;
}
