import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { subtract } from '../figures/decimal';
import { minuteOf } from '../figures/instant';
import { useToday } from '../session/installation';
import { Amount } from '../ui/Amount';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { usePart } from './roles';

type Pledge = Schemas['Pledge'];

function ReportPayout({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  const today = useToday();
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <FormAct<Schemas['ReportPayout'], Pledge>
      label={t('payout.report')}
      lead={t('payout.reportLead')}
      size="small"
      initial={{
        amount: subtract(pledge.principal, pledge.paid_out),
        ...(today !== undefined && { paid_on: today }),
      }}
      fields={
        <>
          <Form.Item name="amount" label={t('payout.amount')} rules={decimalRules(t, 2)}>
            <DecimalInput unit="CNY" />
          </Form.Item>
          <Form.Item name="paid_on" label={t('payout.paidOn')} rules={needed}>
            <Input type="date" max={today} />
          </Form.Item>
          <Form.Item name="annual_rate" label={t('payout.rate')} rules={decimalRules(t, 4, false)}>
            <DecimalInput unit="%" />
          </Form.Item>
          <Form.Item name="reference" label={t('payout.reference')} rules={needed}>
            <Input autoComplete="off" />
          </Form.Item>
        </>
      }
      run={(body, key) =>
        call(
          api.POST('/api/v1/pledges/{id}/payouts', {
            params: { path: { id: pledge.id } },
            ...keyed(key),
            body: given(body) as Schemas['ReportPayout'],
          }),
        )
      }
    />
  );
}

/** What was paid out on the loan. */
export function Payouts({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  const { isPledgee } = usePart(pledge);
  const columns: Column<Schemas['Payout']>[] = [
    { key: 'reference', title: t('payout.reference'), cell: (one) => <b>{one.reference}</b> },
    { key: 'on', title: t('payout.paidOn'), cell: (one) => <span className="figures">{one.paid_on}</span> },
    {
      key: 'rate',
      title: t('payout.rate'),
      isFigure: true,
      cell: (one) => (one.annual_rate ? <Amount value={one.annual_rate} unit="%" /> : '—'),
    },
    {
      key: 'amount',
      title: t('payout.amount'),
      isFigure: true,
      cell: (one) => <Amount value={one.amount} unit="CNY" />,
    },
    {
      key: 'reported',
      title: t('payout.reportedAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.reported_at)}</span>,
    },
  ];
  return (
    <Panel
      flush
      title={t('payout.title')}
      actions={
        <>
          <span className="muted">
            {t('payout.soFar')} <Amount value={pledge.paid_out} unit="CNY" /> / <Amount value={pledge.principal} />
          </span>
          {isPledgee && pledge.state === 'registered' && <ReportPayout pledge={pledge} />}
        </>
      }
    >
      <Rows
        label={t('payout.title')}
        columns={columns}
        rows={pledge.payouts}
        rowKey={(one) => one.id}
        empty={<Nothing brief title={t('payout.none')} />}
      />
    </Panel>
  );
}
