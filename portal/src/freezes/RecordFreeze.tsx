import { Form, type FormInstance, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { isDecimal } from '../figures/decimal';
import { type Position, positionsOf } from '../home/position';
import { useBalances } from '../home/useBalances';
import { Whose } from '../money/Whose';
import { useToday } from '../session/installation';
import { Amount } from '../ui/Amount';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { Facts } from '../ui/Facts';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { StockSelect, stockOf } from '../ui/StockSelect';
import { effectOf } from './stock';
import { StockFacts } from './StockFacts';

interface Order {
  organisation: string;
  /** Site and right class. */
  holding: string;
  quantity: string;
  document: string;
  court: string;
  until?: string;
}

/** What will become of the holding, before it does. */
function Effect({ position, quantity }: { position: Position; quantity: string | undefined }) {
  const { t } = useTranslation();
  const isRead = quantity !== undefined && isDecimal(quantity, 6);
  const effect = isRead ? effectOf(position, quantity) : undefined;
  if (effect === undefined) return null;
  const amount = (value: string) => <Amount value={value} unit={position.unit} />;
  return (
    <Form.Item>
      <div className="notice calm" aria-live="polite">
        <h3>{t('freeze.effect.title')}</h3>
        <Facts
          wide
          facts={[
            [t('freeze.effect.atOnce'), amount(effect.atOnce)],
            [t('freeze.effect.undone'), amount(effect.undone)],
            [t('freeze.effect.waits'), amount(effect.waits)],
          ]}
        />
      </div>
    </Form.Item>
  );
}

function Fields({ form }: { form: FormInstance<Order> }) {
  const { t } = useTranslation();
  const today = useToday();
  const needed = [{ required: true, message: t('field.needed') }];
  const organisation = Form.useWatch('organisation', form) as string | undefined;
  const holding = Form.useWatch('holding', form) as string | undefined;
  const quantity = Form.useWatch('quantity', form) as string | undefined;
  const balances = useBalances(organisation);
  const positions = positionsOf(balances.data ?? []);
  const position = positions.find((one) => stockOf(one) === holding);
  return (
    <>
      <Form.Item name="court" label={t('freeze.court')} rules={needed}>
        <Input autoComplete="off" maxLength={200} />
      </Form.Item>
      <Form.Item name="document" label={t('freeze.document')} extra={t('freeze.documentHint')} rules={needed}>
        <Input autoComplete="off" maxLength={200} />
      </Form.Item>
      <Whose
        label={t('freeze.debtor')}
        kinds={['enterprise', 'reserve']}
        onChange={() => form.setFieldValue('holding', undefined)}
      />
      <Form.Item name="holding" label={t('right.name')} rules={needed}>
        <StockSelect
          disabled={organisation === undefined}
          loading={balances.isFetching}
          notFoundContent={t('freeze.nothingHeld')}
          stocks={positions.map((one) => ({ ...one, free: one.available }))}
        />
      </Form.Item>
      {position !== undefined && (
        <Form.Item>
          <StockFacts position={position} />
        </Form.Item>
      )}
      <Form.Item name="quantity" label={t('freeze.quantity')} rules={decimalRules(t, 6)}>
        <DecimalInput unit={position?.unit ?? 't'} />
      </Form.Item>
      {position !== undefined && <Effect position={position} quantity={quantity} />}
      <Form.Item name="until" label={t('freeze.until')} extra={t('freeze.untilHint')}>
        <Input type="date" min={today} />
      </Form.Item>
    </>
  );
}

/** The exchange records what a court has ordered frozen. */
export function RecordFreeze({ done }: { done: (freeze: Schemas['Freeze']) => void }) {
  const { t } = useTranslation();
  return (
    <FormAct<Order, Schemas['Freeze']>
      label={t('freeze.record')}
      lead={t('freeze.recordLead')}
      kind="primary"
      fields={(form) => <Fields form={form} />}
      run={({ holding, quantity, document, court, until }, key) => {
        const [site = '', right_class = ''] = holding.split(' ');
        const body = { site, right_class, quantity, document, court, ...given({ until }) };
        return call(api.POST('/api/v1/freezes', { ...keyed(key), body }));
      }}
      done={done}
    />
  );
}
