import { AutoComplete, Form, type FormInstance, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';
import { useQuery } from '@tanstack/react-query';
import { whole, at } from '../api/list';
import { pollutants } from '../compliance/sites';
import { readRightClass } from '../figures/rightClass';
import { useCurrentRulebook } from '../rulebook/useRulebooks';
import { useToday } from '../session/installation';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { useRightClasses } from '../ui/useRightClasses';
import { useRightWords } from '../ui/useRightWords';
import { hasPeriod, isRating } from './kinds';

/** The colours of the scheme of 2016, which most cities use, where the rules name no levels of their own. */
const COLOURS = ['green', 'blue', 'yellow', 'red', 'black'];

/** The level of a rating: those that the rules name, or else any word of whoever rates. */
function LevelField() {
  const { t } = useTranslation();
  const rules = useCurrentRulebook().data?.rules;
  const named = rules?.find((one) => one.name === 'credit_levels')?.value?.split(',');
  return (
    <Form.Item
      name={['content', 'level']}
      label={t('facts.level')}
      extra={t('facts.levelHint')}
      rules={[
        { required: true, message: t('field.needed') },
        { pattern: /^[a-z0-9_]{1,32}$/, message: t('facts.badLevel') },
      ]}
    >
      <AutoComplete
        options={(named ?? COLOURS).map((value) => ({
          value,
          label: `${t(`facts.levels.${value}`, { defaultValue: value })} ${value}`,
        }))}
      />
    </Form.Item>
  );
}

function PeriodField({ kind }: { kind: string }) {
  const { t } = useTranslation();
  const isQuarter = kind === 'credit_rating';
  return (
    <Form.Item
      name={['content', 'period']}
      label={t('facts.period')}
      extra={t(isQuarter ? 'facts.quarterHint' : 'facts.yearHint')}
      normalize={(period: string) => period.trim().toUpperCase()}
      rules={[
        { required: true, message: t('field.needed') },
        {
          pattern: isQuarter ? /^\d{4}Q[1-4]$/ : /^\d{4}$/,
          message: t(isQuarter ? 'facts.badQuarter' : 'facts.badYear'),
        },
      ]}
    >
      <Input autoComplete="off" className="figures" />
    </Form.Item>
  );
}

/** Which fee was settled: one that was owed, or that of rights which were obtained free. */
function SettledFields({ site }: { site: string | undefined }) {
  const { t } = useTranslation();
  const rightWords = useRightWords();
  const classes = useRightClasses().data?.filter((one) => readRightClass(one.code)?.origin === 'FREE') ?? [];
  const owed = useQuery({
    queryKey: ['facts', 'owed', site],
    queryFn: () =>
      whole((cursor) =>
        call(
          api.GET('/api/v1/facts', {
            params: { query: { kind: 'fee_unpaid', limit: 200, ...(site !== undefined && { site }), ...at(cursor) } },
          }),
        ),
      ),
    enabled: site !== undefined,
    select: (found) => found.filter((one) => one.stands),
  });
  const form = Form.useFormInstance();
  const settles = Form.useWatch(['content', 'settles'], form) as string | undefined;
  return (
    <>
      <Form.Item name={['content', 'settles']} label={t('facts.settles')} extra={t('facts.settlesHint')}>
        <Select
          allowClear
          loading={owed.isFetching}
          options={(owed.data ?? []).map((one) => ({
            value: one.id,
            label: `${one.content?.happened_on ?? ''} · ${one.source}`,
          }))}
        />
      </Form.Item>
      {settles === undefined && (
        <>
          <Form.Item
            name={['content', 'right_class']}
            label={t('facts.freeRight')}
            rules={[{ required: true, message: t('facts.feeOfWhat') }]}
          >
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={classes.map((one) => ({ value: one.code, label: rightWords(one.code) }))}
            />
          </Form.Item>
          <Form.Item name={['content', 'quantity']} label={t('field.quantity')} rules={decimalRules(t, 6)}>
            <DecimalInput unit="t" />
          </Form.Item>
        </>
      )}
    </>
  );
}

interface ContentFieldsProps {
  kind: string;
  /** Of which site a fee is. */
  site: string | undefined;
}

/** What a fact of a kind says. */
export function ContentFields({ kind, site }: ContentFieldsProps) {
  const { t } = useTranslation();
  const today = useToday();
  return (
    <>
      {isRating(kind) && <LevelField />}
      {hasPeriod(kind) && <PeriodField kind={kind} />}
      {!hasPeriod(kind) && (
        <Form.Item
          name={['content', 'happened_on']}
          label={t(kind === 'fee_settled' ? 'facts.settledOn' : 'facts.happenedOn')}
          rules={[{ required: true, message: t('field.needed') }]}
        >
          <Input type="date" max={today} />
        </Form.Item>
      )}
      {kind === 'over_permit_discharge' && (
        <Form.Item name={['content', 'pollutant']} label={t('facts.pollutant')}>
          <Select allowClear options={pollutants.map((value) => ({ value, label: t(`pollutant.${value}`) }))} />
        </Form.Item>
      )}
      {kind === 'fee_settled' && <SettledFields site={site} />}
    </>
  );
}

/** The kind and the site that a form has at the moment. */
export function useTellingOf(form: FormInstance): { kind: string | undefined; site: string | undefined } {
  const kind = Form.useWatch(['content', 'kind'], form) as string | undefined;
  const site = Form.useWatch('site', form) as string | undefined;
  return { kind, site };
}
