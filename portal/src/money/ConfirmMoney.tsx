import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { Whose } from './Whose';

type Confirm = Schemas['ConfirmMoney'];

/** Confirming what came in for an organisation, or what was paid out to it. */
export function ConfirmMoney({ direction }: { direction: 'deposits' | 'withdrawals' }) {
  const { t } = useTranslation();
  const isDeposit = direction === 'deposits';
  return (
    <FormAct<Confirm, object>
      label={isDeposit ? t('money.confirmDeposit') : t('money.confirmWithdrawal')}
      lead={isDeposit ? t('money.depositLead') : t('money.withdrawalLead')}
      kind={isDeposit ? 'primary' : 'default'}
      fields={
        <>
          <Whose />
          <Form.Item name="amount" label={t('money.amount')} rules={decimalRules(t, 2)}>
            <DecimalInput unit="CNY" />
          </Form.Item>
          <Form.Item
            name="bank_reference"
            label={t('money.reference')}
            rules={[{ required: true, message: t('field.needed') }]}
          >
            <Input autoComplete="off" />
          </Form.Item>
        </>
      }
      run={async (body, key): Promise<object> =>
        isDeposit
          ? call(api.POST('/api/v1/money/deposits', { ...keyed(key), body }))
          : call(api.POST('/api/v1/money/withdrawals', { ...keyed(key), body }))
      }
    />
  );
}
