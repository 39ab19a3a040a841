import { Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { useOrganisations } from '../parties/names';
import { DecimalInput, decimalRules, sumRules } from '../ui/DecimalInput';
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

const useSettlementBanks = () => useOrganisations().data?.filter((one) => one.kind === 'settlement_bank') ?? [];

/** Through whom a claim is paid. */
export function SettlementBank() {
  const { t } = useTranslation();
  const banks = useSettlementBanks();
  return (
    <Form.Item
      name="settlement_bank"
      label={t('disposal.settlementBank')}
      rules={[{ required: true, message: t('field.needed') }]}
    >
      <Select options={banks.map((one) => ({ value: one.id, label: one.name }))} />
    </Form.Item>
  );
}

/** What a form begins with where there is one settlement bank alone. */
export function useSettlementBank(): { settlement_bank?: string } {
  const [only, ...others] = useSettlementBanks();
  return only !== undefined && others.length === 0 ? { settlement_bank: only.id } : {};
}

/** What is paid out of the proceeds, and through whom. */
export function ClaimFields() {
  const { t } = useTranslation();
  return (
    <>
      <Form.Item name="owed" label={t('disposal.owed')} rules={decimalRules(t, 2)}>
        <DecimalInput unit="CNY" />
      </Form.Item>
      <Form.Item name="costs" label={t('disposal.costs')} extra={t('disposal.costsHint')} rules={sumRules(t)}>
        <DecimalInput unit="CNY" />
      </Form.Item>
      <SettlementBank />
    </>
  );
}

/** What a form begins with: the only lien, the only settlement bank, and the claim as it stands. */
export function useClaim(pledge: Pledge) {
  const bank = useSettlementBank();
  return {
    costs: '0.00',
    owed: pledge.still_owed ?? pledge.default_notice?.amount_due ?? pledge.secured,
    ...(pledge.liens.length === 1 && pledge.liens[0] && { lien: pledge.liens[0].id }),
    ...bank,
  };
}
