import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { FormAct } from '../ui/FormAct';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';
import { Whose } from './Whose';

type Code = Schemas['PaymentCode'];

function RegisterCode() {
  const { t } = useTranslation();
  return (
    <FormAct<Schemas['RegisterPaymentCode'], Code>
      label={t('paymentCode.register')}
      lead={t('paymentCode.registerLead')}
      fields={
        <>
          <Whose />
          <Form.Item
            name="code"
            label={t('paymentCode.code')}
            extra={t('paymentCode.hint')}
            rules={[
              { required: true, message: t('field.needed') },
              { pattern: /^[A-Z0-9]{6,32}$/, message: t('paymentCode.form') },
            ]}
          >
            <Input autoComplete="off" className="code" maxLength={32} />
          </Form.Item>
        </>
      }
      run={(body, key) => call(api.POST('/api/v1/money/payment-codes', { ...keyed(key), body }))}
    />
  );
}

/** The codes by which payments are recognised as an organisation's. */
export function PaymentCodes() {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const mayRegister = hasRole(useSession(), 'settlement_officer', 'settlement_head');
  const list = useList(['payment-codes'], (cursor) =>
    call(api.GET('/api/v1/money/payment-codes', { params: { query: { limit: 25, ...at(cursor) } } })),
  );
  const columns: Column<Code>[] = [
    { key: 'code', title: t('paymentCode.code'), cell: (one) => <span className="code">{one.code}</span> },
    { key: 'whose', title: t('subjectKind.organisation'), cell: (one) => organisationName(one.organisation) },
    {
      key: 'registered',
      title: t('paymentCode.registeredAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.registered_at)}</span>,
    },
  ];
  return (
    <ListPanel
      title={t('paymentCode.title')}
      list={list}
      columns={columns}
      {...(mayRegister && { actions: <RegisterCode /> })}
      none={t('paymentCode.none')}
      noneLead={t('paymentCode.noneLead')}
    />
  );
}
