import { Button, Form } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { retold, violationsOf } from '../api/problem';
import { useOrganisationName } from '../parties/names';
import { useToday } from '../session/installation';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { type Stock, stockOf } from '../ui/StockSelect';
import { useFieldErrors } from '../ui/useFieldErrors';
import { useRightWords } from '../ui/useRightWords';
import { aboutStock, type Application, bodyOf, order, type Step, stepOf, steps, useLooks } from './application';
import { PartyFields, RightFields, scope, TermFields } from './ApplyFields';

/** Everything that is filled in, before it is sent. */
function Check({
  filled,
  consents,
  stocks,
}: {
  filled: Application;
  consents: readonly Schemas['Consent'][];
  stocks: readonly Stock[];
}) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const rightWords = useRightWords();
  const body = bodyOf(filled, consents);
  const { maximum_amount: maximum } = body;
  return (
    <Facts
      wide
      facts={[
        [
          t('pledge.pledgor'),
          [body.pledgor, ...(body.further_pledgors ?? [])].map(organisationName).join(t('shell.comma')),
        ],
        [
          t('pledge.rights'),
          filled.rights.map(({ stock, quantity }) => {
            const found = stocks.find((one) => stockOf(one) === stock);
            return (
              <div key={stock}>
                {rightWords(found?.rightClass ?? '')} <Amount value={quantity} unit={found?.unit ?? ''} />
              </div>
            );
          }),
        ],
        ...(body.pledgees ?? []).map(
          (one) => [organisationName(one.pledgee), <Amount value={one.share} unit="CNY" />] as const,
        ),
        [t('pledge.loanContract'), body.loan_contract],
        [t('pledge.pledgeContract'), body.pledge_contract],
        [t('pledge.principal'), <Amount value={body.principal} unit="CNY" />],
        [t('pledge.secured'), <Amount value={body.secured} unit="CNY" />],
        [t('pledge.assessed'), <Amount value={body.assessed_value} unit="CNY" />],
        [t('pledge.method'), t(`valuation.methods.${body.valuation_method}`, { defaultValue: body.valuation_method })],
        [t('pledge.valuedOn'), body.valued_on],
        [t('pledge.debtFrom'), body.debt_from],
        [t('pledge.debtTo'), body.debt_to],
        [t('pledge.scope'), (body.claim_scope ?? []).map((one) => t(`claim.${one}`)).join(t('shell.comma'))],
        Boolean(maximum) &&
          ([t('pledge.maximum'), t('right.validity', { from: maximum?.from, to: maximum?.to })] as const),
        [t('pledge.restricts'), body.restricts_transfer ? t('pledge.restricted') : t('pledge.notRestricted')],
      ]}
    />
  );
}

/** The steps of the application, and which one is filled in. */
function Way({ now, go }: { now: Step; go: (step: Step) => void }) {
  const { t } = useTranslation();
  const reached = order.indexOf(now);
  return (
    <ol className="steps">
      {order.map((step, place) => (
        <li
          key={step}
          className={place < reached ? 'done' : place === reached ? 'now' : ''}
          {...(place === reached && { 'aria-current': 'step' as const })}
        >
          {place < reached ? (
            <Button type="link" size="small" onClick={() => go(step)}>
              {t(`apply.steps.${step}`)}
            </Button>
          ) : (
            t(`apply.steps.${step}`)
          )}
        </li>
      ))}
    </ol>
  );
}

/** Sends the application; what is refused is shown at its field, in the step that has it. */
function useApplying(consents: readonly Schemas['Consent'][], go: (step: Step) => void) {
  const navigate = useNavigate();
  const command = useCommand(
    (filled: Application, key) =>
      retold(call(api.POST('/api/v1/pledges', { ...keyed(key), body: bodyOf(filled, consents) })), aboutStock),
    (pledge) => void navigate(`/pledges/${pledge.id}`),
  );
  const send = (filled: Application) => command.mutate(filled, { onError: (error) => go(stepOf(violationsOf(error))) });
  return { command, send };
}

/** The application step by step: every field stays as it was when somebody goes back. */
export default function ApplyForm({
  consent,
  others,
}: {
  consent: Schemas['Consent'];
  others: readonly Schemas['Consent'][];
}) {
  const { t } = useTranslation();
  const today = useToday();
  const [form] = Form.useForm<Application>();
  const [now, go] = useState<Step>('parties');
  const [filled, keep] = useState<Application>();
  const further = Form.useWatch('further', form) ?? [];
  const looks = useLooks([consent.id, ...further]);
  const stocks = looks
    .flatMap((look) => look.data?.items ?? [])
    .filter((one) => one.purpose === 'available')
    .map((one) => ({ site: one.site, rightClass: one.right_class, free: one.balance, unit: one.unit }));
  const { command, send } = useApplying([consent, ...others], go);
  useFieldErrors(form, command.error);
  const isLast = now === 'check';
  const next = async () => {
    await form.validateFields([...steps[now]] as never, { recursive: true });
    keep(form.getFieldsValue(true) as Application);
    go(order[order.indexOf(now) + 1] ?? 'check');
  };
  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{
        valued_on: today,
        debt_from: today,
        valuation_method: 'base_price',
        rights: [{}],
        pledgees: [],
        claim_scope: [...scope],
        restricts_transfer: true,
      }}
      onFinish={() => (isLast ? send(form.getFieldsValue(true) as Application) : void next().catch(() => undefined))}
    >
      <Panel title={t(`apply.steps.${now}`)}>
        <div className="stack">
          <Way now={now} go={go} />
          <Refusal error={looks.find((look) => look.error)?.error ?? command.error} />
          <div hidden={now !== 'parties'}>
            <PartyFields others={others} />
          </div>
          {(now !== 'parties' || filled) && (
            <div hidden={now !== 'rights'}>
              <RightFields stocks={stocks} />
            </div>
          )}
          {(now === 'terms' || isLast || filled?.principal !== undefined) && (
            <div hidden={now !== 'terms'}>
              <TermFields pledgor={consent.organisation} />
            </div>
          )}
          {isLast && filled && <Check filled={filled} consents={[consent, ...others]} stocks={stocks} />}
          <div className="actions">
            {now !== 'parties' && (
              <Button size="large" onClick={() => go(order[order.indexOf(now) - 1] ?? 'parties')}>
                {t('apply.back')}
              </Button>
            )}
            <Button type="primary" size="large" htmlType="submit" loading={command.isPending}>
              {isLast ? t('pledge.applyNow') : t('apply.next')}
            </Button>
          </div>
          <p className="muted">{t('pledge.applyHint')}</p>
        </div>
      </Panel>
    </Form>
  );
}
