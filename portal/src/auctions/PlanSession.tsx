import { Form, type FormInstance, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { retold } from '../api/problem';
import { instantOf } from '../figures/instant';
import { useCurrentRulebook, useRuleName } from '../rulebook/useRulebooks';
import { FormAct } from '../ui/FormAct';
import { aboutRule, type OwnRule, ownRules, rulesOf } from './ownRules';

interface Plan {
  title: string;
  format: Schemas['PlanAuction']['format'];
  /** Of fields for date and time, in business time. */
  registration_until: string;
  opens_at: string;
  closes_at: string;
  own_rules?: Partial<Record<OwnRule, string>>;
}

const formats = ['ascending', 'sealed'] as const;

/** The rules that the session sets for itself; of those that the rulebook sets its value is told. */
function OwnRules({ format }: { format: Plan['format'] }) {
  const { t } = useTranslation();
  const ruleName = useRuleName();
  const rulebook = useCurrentRulebook().data?.rules ?? [];
  return (
    <section>
      <h3>{t('auction.ownRules')}</h3>
      <p className="muted">{t('auction.ownRulesLead')}</p>
      <div className="two even gap" style={{ rowGap: 0 }}>
        {rulesOf(format).map((name) => {
          const value = rulebook.find((rule) => rule.name === name)?.value;
          return (
            <Form.Item
              key={name}
              name={['own_rules', name]}
              label={ruleName(name)}
              extra={value && t('auction.ruleIsSet', { value })}
            >
              <Input autoComplete="off" inputMode="decimal" />
            </Form.Item>
          );
        })}
      </div>
    </section>
  );
}

function Fields({ form }: { form: FormInstance<Plan> }) {
  const { t } = useTranslation();
  const format = (Form.useWatch('format', form) as Plan['format'] | undefined) ?? 'ascending';
  const needed = [{ required: true, message: t('field.needed') }];
  const moment = <Input type="datetime-local" step={1} />;
  return (
    <>
      <Form.Item name="title" label={t('auction.sessionTitle')} rules={needed}>
        <Input autoComplete="off" />
      </Form.Item>
      <Form.Item name="format" label={t('auction.format')} extra={t(`auction.formatHint.${format}`)}>
        <Select options={formats.map((value) => ({ value, label: t(`auction.formats.${value}`) }))} />
      </Form.Item>
      <Form.Item name="registration_until" label={t('auction.registrationUntil')} rules={needed}>
        {moment}
      </Form.Item>
      <Form.Item name="opens_at" label={t('auction.opensAt')} rules={needed}>
        {moment}
      </Form.Item>
      <Form.Item name="closes_at" label={t('auction.closesAt')} rules={needed}>
        {moment}
      </Form.Item>
      <OwnRules format={format} />
    </>
  );
}

/** Planning a session, which leads to its page. */
export function PlanSession() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const ruleName = useRuleName();
  return (
    <FormAct<Plan, Schemas['Auction']>
      label={t('auction.plan')}
      lead={t('auction.planLead')}
      kind="primary"
      initial={{ format: 'ascending' }}
      fields={(form) => <Fields form={form} />}
      run={({ title, format, registration_until, opens_at, closes_at, own_rules }, key) => {
        const body = {
          title,
          format,
          registration_until: instantOf(registration_until),
          opens_at: instantOf(opens_at),
          closes_at: instantOf(closes_at),
          own_rules: ownRules(format, own_rules ?? {}),
        };
        return retold(call(api.POST('/api/v1/auctions', { ...keyed(key), body })), (violation) =>
          aboutRule(violation, ruleName),
        );
      }}
      done={(planned) => void navigate(`/auctions/${planned.id}`)}
    />
  );
}
