import { Form, type FormInstance, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { isDecimal } from '../figures/decimal';
import { useOrganisationName, useOrganisations, useSites } from '../parties/names';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { useRightWords } from '../ui/useRightWords';
import { BuyerProject } from './BuyerProject';

type Disposal = Schemas['ProposeDisposal'];

const modes = ['auction', 'agreement', 'buy_back'] as const;

/** What is disposed of, how, and to whom. */
function Fields({ pledge, form }: { pledge: Schemas['Pledge']; form: FormInstance<Disposal> }) {
  const { t } = useTranslation();
  const rightWords = useRightWords();
  const organisationName = useOrganisationName();
  const organisations = useOrganisations().data ?? [];
  const sites = useSites().data ?? [];
  const mode = Form.useWatch('mode', form) as string | undefined;
  const lien = Form.useWatch('lien', form) as string | undefined;
  const unit = pledge.liens.find((one) => one.id === lien)?.unit ?? 't';
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <>
      <Form.Item name="lien" label={t('pledge.rights')} rules={needed}>
        <Select
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
      <Form.Item name="mode" label={t('disposal.mode')} rules={needed} extra={mode && t(`disposal.modeHint.${mode}`)}>
        <Select options={modes.map((value) => ({ value, label: t(`disposal.modes.${value}`) }))} />
      </Form.Item>
      <Form.Item name="document" label={t('disposal.document')} rules={needed}>
        <Input autoComplete="off" />
      </Form.Item>
      {mode === 'buy_back' ? (
        <Form.Item key="reserve" name="buyer_site" label={t('disposal.buyer')} rules={needed}>
          <Select
            options={sites
              .filter((one) => one.is_reserve)
              .map((one) => ({ value: one.id, label: `${organisationName(one.organisation)} · ${one.number}` }))}
          />
        </Form.Item>
      ) : (
        <BuyerProject key="buyer" pledge={pledge.id} form={form} />
      )}
      <Form.Item name="unit_price" label={t('field.unitPrice')} rules={decimalRules(t, 2)}>
        <DecimalInput unit={`CNY/${unit}`} />
      </Form.Item>
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
      <Form.Item name="settlement_bank" label={t('disposal.settlementBank')} rules={needed}>
        <Select
          options={organisations
            .filter((one) => one.kind === 'settlement_bank')
            .map((one) => ({ value: one.id, label: one.name }))}
        />
      </Form.Item>
    </>
  );
}

/** Proposing the disposal of what a lien holds. */
export function ProposeDisposal({ pledge }: { pledge: Schemas['Pledge'] }) {
  const { t } = useTranslation();
  const banks = useOrganisations().data?.filter((one) => one.kind === 'settlement_bank') ?? [];
  return (
    <FormAct<Disposal, Schemas['Disposal']>
      label={t('disposal.propose')}
      lead={t('disposal.proposeLead')}
      kind="primary"
      initial={{
        mode: 'auction',
        costs: '0.00',
        owed: pledge.still_owed ?? pledge.default_notice?.amount_due ?? pledge.secured,
        ...(pledge.liens.length === 1 && pledge.liens[0] && { lien: pledge.liens[0].id }),
        ...(banks.length === 1 && banks[0] && { settlement_bank: banks[0].id }),
      }}
      fields={(form) => <Fields pledge={pledge} form={form} />}
      run={(body, key) =>
        call(
          api.POST('/api/v1/pledges/{id}/disposals', {
            params: { path: { id: pledge.id } },
            ...keyed(key),
            body: given(body) as Disposal,
          }),
        )
      }
    />
  );
}
