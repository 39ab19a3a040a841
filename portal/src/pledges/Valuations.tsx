import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useToday } from '../session/installation';
import { Amount } from '../ui/Amount';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { useRightWords } from '../ui/useRightWords';
import { MethodField } from './MethodField';
import { percent } from './figures';
import { usePart } from './roles';

type Pledge = Schemas['Pledge'];

interface Revaluation {
  method: string;
  price_period?: string;
  valued_on: string;
  expires_on?: string;
  valuer?: string;
  valuations?: { assessed_value?: string }[];
}

/** The market's own price needs no value that somebody has assessed. */
const BY_MARKET = 'market_statistics';

function Fields({ pledge, method }: { pledge: Pledge; method: string | undefined }) {
  const { t } = useTranslation();
  const rightWords = useRightWords();
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <>
      <MethodField name="method" />
      {method === BY_MARKET ? (
        <Form.Item name="price_period" label={t('valuation.period')} extra={t('valuation.periodHint')} rules={needed}>
          <Input autoComplete="off" />
        </Form.Item>
      ) : (
        pledge.liens.map((one, place) => (
          <Form.Item
            key={one.id}
            name={['valuations', place, 'assessed_value']}
            label={`${t('pledge.assessed')} · ${rightWords(one.right_class)}`}
            rules={decimalRules(t, 2, pledge.liens.length === 1)}
          >
            <DecimalInput unit="CNY" />
          </Form.Item>
        ))
      )}
      <Form.Item name="valued_on" label={t('pledge.valuedOn')} rules={needed}>
        <Input type="date" />
      </Form.Item>
      <Form.Item name="expires_on" label={t('valuation.goodUntil')}>
        <Input type="date" />
      </Form.Item>
      <Form.Item name="valuer" label={t('valuation.valuer')} extra={t('valuation.valuerHint')}>
        <Input autoComplete="off" />
      </Form.Item>
    </>
  );
}

/** Valuing anew what is pledged; each right by itself, and those that are left out keep what they were assessed at. */
function Revalue({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  const today = useToday();
  return (
    <FormAct<Revaluation, Pledge>
      label={t('valuation.anew')}
      lead={t('valuation.anewLead')}
      size="small"
      initial={{ method: 'market_price', ...(today !== undefined && { valued_on: today }) }}
      fields={(form) => (
        <Form.Item noStyle shouldUpdate={(before: Revaluation, now: Revaluation) => before.method !== now.method}>
          {() => <Fields pledge={pledge} method={form.getFieldValue('method') as string | undefined} />}
        </Form.Item>
      )}
      run={({ valuations, ...rest }, key) => {
        const of = pledge.liens.map((one, place) => ({ lien: one.id, ...given(valuations?.[place] ?? {}) }));
        return call(
          api.POST('/api/v1/pledges/{id}/revalue', {
            params: { path: { id: pledge.id } },
            ...keyed(key),
            body: {
              ...(given(rest) as Pick<Revaluation, 'method' | 'valued_on'>),
              valuations: rest.method === BY_MARKET ? of : of.filter((one) => one.assessed_value !== undefined),
            },
          }),
        );
      }}
    />
  );
}

/** What the rights were assessed at, with the application and ever since. */
export function Valuations({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  const { isPledgee } = usePart(pledge);
  const { items, ...list } = useList(['valuations', pledge.id], (cursor) =>
    call(
      api.GET('/api/v1/pledges/{id}/valuations', {
        params: { path: { id: pledge.id }, query: { limit: 50, order: 'newest', ...at(cursor) } },
      }),
    ),
  );
  const columns: Column<Schemas['Valuation']>[] = [
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.right_class} /> },
    {
      key: 'on',
      title: t('pledge.valuedOn'),
      cell: (one) => (
        <span className="figures">
          {one.valued_on}
          {one.expires_on && (
            <>
              <br />
              <small className="muted">{t('right.until', { to: one.expires_on })}</small>
            </>
          )}
        </span>
      ),
    },
    {
      key: 'method',
      title: t('pledge.method'),
      cell: (one) => (
        <>
          {t(`valuation.methods.${one.method}`, { defaultValue: one.method })}
          <br />
          <small className="muted">{one.price_period ?? one.valuer}</small>
        </>
      ),
    },
    {
      key: 'value',
      title: t('pledge.assessed'),
      isFigure: true,
      cell: (one) => <Amount value={one.assessed_value} unit="CNY" />,
    },
    {
      key: 'ltv',
      title: t('pledge.ltv'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.ltv ? percent(one.ltv) : '—'}</span>,
    },
  ];
  return (
    <Panel
      flush
      title={t('valuation.title')}
      actions={isPledgee && ['registered', 'defaulted'].includes(pledge.state) && <Revalue pledge={pledge} />}
    >
      <Rows
        label={t('valuation.title')}
        columns={columns}
        rows={items}
        rowKey={(one) => one.id}
        {...list}
        empty={<Nothing brief title={t('valuation.none')} />}
      />
    </Panel>
  );
}
