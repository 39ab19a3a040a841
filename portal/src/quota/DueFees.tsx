import { Form } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { subtract } from '../figures/decimal';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { ListPanel } from '../ui/ListPanel';
import { RightClass } from '../ui/RightClass';
import type { Column } from '../ui/Rows';

type Allocation = Schemas['Allocation'];

/** What is still to be paid of the usage fee of a grant. */
const owed = (one: Allocation) => subtract(one.fee ?? '0.00', one.fee_paid ?? '0.00');

/** Paying what is due of a usage fee, from the free money. */
export function Pay({ allocation }: { allocation: Allocation }) {
  const { t } = useTranslation();
  return (
    <FormAct<Schemas['PayUsageFee'], Allocation>
      label={t('fee.pay')}
      lead={t('fee.payLead', { least: allocation.fee_least ?? owed(allocation) })}
      kind="primary"
      size="small"
      initial={{ amount: owed(allocation) }}
      fields={
        <Form.Item name="amount" label={t('fee.amount')} rules={decimalRules(t, 2)}>
          <DecimalInput unit="CNY" />
        </Form.Item>
      }
      run={(body, key) =>
        call(api.POST('/api/v1/allocations/{id}/pay', { params: { path: { id: allocation.id } }, ...keyed(key), body }))
      }
    />
  );
}

/** Grants that come into being with their usage fee, as long as it is not paid; nothing where none waits for that. */
export function DueFees() {
  const { t } = useTranslation();
  const mayPay = hasRole(useSession(), 'enterprise_trader');
  const list = useList(
    ['allocations', 'due'],
    (cursor) =>
      call(
        api.GET('/api/v1/allocations', {
          params: { query: { state: 'confirmed', limit: 25, order: 'newest', ...at(cursor) } },
        }),
      ),
    mayPay,
  );
  const columns: Column<Allocation>[] = [
    { key: 'document', title: t('field.document'), cell: (one) => <b>{one.document}</b> },
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.right_class} /> },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    { key: 'fee', title: t('fee.name'), isFigure: true, cell: (one) => <Amount value={one.fee} unit="CNY" /> },
    { key: 'paid', title: t('fee.paid'), isFigure: true, cell: (one) => <Amount value={one.fee_paid} unit="CNY" /> },
    { key: 'pay', title: t('act.name'), cell: (one) => <Pay allocation={one} /> },
  ];
  if (list.items.length === 0) return null;
  return <ListPanel title={t('fee.due')} list={list} columns={columns} none={t('fee.name')} />;
}
