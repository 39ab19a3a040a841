import { Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { isDecimal } from '../figures/decimal';
import { useOrganisations } from '../parties/names';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { useRightWords } from '../ui/useRightWords';

type Pledge = Schemas['Pledge'];

/** Which of its liens, and how much of what that holds. */
export function LienFields({ pledge, unit }: { pledge: Pledge; unit: string }) {
  const { t } = useTranslation();
  const rightWords = useRightWords();
  return (
    <>
      <Form.Item name="lien" label={t('pledge.rights')} rules={[{ required: true, message: t('field.needed') }]}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={pledge.liens.map((one) => ({
            value: one.id,
            label: `${rightWords(one.right_class)} — ${t('disposal.holds', { quantity: one.held, unit: one.unit })}`,
          }))}
        />
      </Form.Item>
      <Form.Item
        name="quantity"
        label={t('field.quantity')}
        extra={t('disposal.allIfEmpty')}
        rules={decimalRules(t, 6, false)}
      >
        <DecimalInput unit={unit} />
      </Form.Item>
    </>
  );
}

/** What is paid out of the proceeds, and through whom. */
export function ClaimFields() {
  const { t } = useTranslation();
  const organisations = useOrganisations().data ?? [];
  return (
    <>
      <Form.Item name="owed" label={t('disposal.owed')} rules={decimalRules(t, 2)}>
        <DecimalInput unit="CNY" />
      </Form.Item>
      <Form.Item
        name="costs"
        label={t('disposal.costs')}
        extra={t('disposal.costsHint')}
        rules={[
          {
            validator: (_: unknown, value: string | undefined) =>
              isDecimal(value ?? '', 2) ? Promise.resolve() : Promise.reject(new Error(t('disposal.costsForm'))),
          },
        ]}
      >
        <DecimalInput unit="CNY" />
      </Form.Item>
      <Form.Item
        name="settlement_bank"
        label={t('disposal.settlementBank')}
        rules={[{ required: true, message: t('field.needed') }]}
      >
        <Select
          options={organisations
            .filter((one) => one.kind === 'settlement_bank')
            .map((one) => ({ value: one.id, label: one.name }))}
        />
      </Form.Item>
    </>
  );
}

/** What a form begins with: the only lien, the only settlement bank, and the claim as it stands. */
export function useClaim(pledge: Pledge) {
  const banks = useOrganisations().data?.filter((one) => one.kind === 'settlement_bank') ?? [];
  return {
    costs: '0.00',
    owed: pledge.still_owed ?? pledge.default_notice?.amount_due ?? pledge.secured,
    ...(pledge.liens.length === 1 && pledge.liens[0] && { lien: pledge.liens[0].id }),
    ...(banks.length === 1 && banks[0] && { settlement_bank: banks[0].id }),
  };
}
