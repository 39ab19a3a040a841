import { Divider, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { useRightWords } from '../ui/useRightWords';
import { MethodField } from './MethodField';
import { type Filled, type ThingField, touched } from './touched';

type Pledge = Schemas['Pledge'];

interface Changed {
  reason: string;
  principal?: string;
  secured?: string;
  debt_to?: string;
  valuation_method?: string;
  valued_on?: string;
  liens?: Filled;
}

function ReasonField() {
  const { t } = useTranslation();
  return (
    <Form.Item name="reason" label={t('field.reason')} rules={[{ required: true, message: t('field.needed') }]}>
      <Input autoComplete="off" maxLength={500} />
    </Form.Item>
  );
}

function MoneyFields({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  return (
    <>
      <Form.Item
        name="principal"
        label={t('pledge.principal')}
        extra={t('terms.now', { value: pledge.principal })}
        rules={decimalRules(t, 2, false)}
      >
        <DecimalInput unit="CNY" />
      </Form.Item>
      <Form.Item
        name="secured"
        label={t('pledge.secured')}
        extra={t('terms.now', { value: pledge.secured })}
        rules={decimalRules(t, 2, false)}
      >
        <DecimalInput unit="CNY" />
      </Form.Item>
    </>
  );
}

/** What becomes of each right. */
export function LienFields({ pledge, fields }: { pledge: Pledge; fields: readonly ThingField[] }) {
  const { t } = useTranslation();
  const rightWords = useRightWords();
  return pledge.liens.map((one, place) => (
    <div key={one.id}>
      <Divider titlePlacement="start" plain>
        {rightWords(one.right_class)} — {t('disposal.holds', { quantity: one.held, unit: one.unit })}
      </Divider>
      {fields.map((field) => (
        <Form.Item
          key={field}
          name={['liens', place, field]}
          label={t(`terms.fields.${field}`)}
          rules={decimalRules(t, field.endsWith('quantity') ? 6 : 2, false)}
        >
          <DecimalInput unit={field.endsWith('quantity') ? one.unit : 'CNY'} />
        </Form.Item>
      ))}
    </div>
  ));
}

/** Proposing other terms; what is left empty stays as it is. */
export function ProposeAmendment({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  return (
    <FormAct<Changed, Pledge>
      label={t('terms.propose')}
      lead={t('terms.proposeLead')}
      size="small"
      fields={
        <>
          <ReasonField />
          <Form.Item name="debt_to" label={t('pledge.debtTo')} extra={t('terms.now', { value: pledge.debt_to })}>
            <Input type="date" />
          </Form.Item>
          <MoneyFields pledge={pledge} />
          <LienFields pledge={pledge} fields={['add_quantity', 'secured', 'assessed_value']} />
          <Divider titlePlacement="start" plain>
            {t('terms.valuation')}
          </Divider>
          <MethodField name="valuation_method" isNeeded={false} />
          <Form.Item name="valued_on" label={t('pledge.valuedOn')}>
            <Input type="date" />
          </Form.Item>
        </>
      }
      run={({ liens, ...rest }, key) =>
        call(
          api.POST('/api/v1/pledges/{id}/amendments', {
            params: { path: { id: pledge.id } },
            ...keyed(key),
            body: { ...(given(rest) as { reason: string }), liens: touched(pledge, liens) },
          }),
        )
      }
    />
  );
}

/** Giving a part of the security back, by the bank's word alone. */
export function ReleasePart({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  return (
    <FormAct<Changed, Pledge>
      label={t('terms.releasePart')}
      lead={t('terms.releasePartLead')}
      size="small"
      fields={
        <>
          <ReasonField />
          <MoneyFields pledge={pledge} />
          <LienFields pledge={pledge} fields={['quantity', 'secured']} />
        </>
      }
      run={({ liens, ...rest }, key) =>
        call(
          api.POST('/api/v1/pledges/{id}/release-part', {
            params: { path: { id: pledge.id } },
            ...keyed(key),
            body: { ...(given(rest) as { reason: string }), liens: touched(pledge, liens) },
          }),
        )
      }
    />
  );
}
