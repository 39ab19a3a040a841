import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useSites } from '../parties/names';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { useRightClasses } from '../ui/useRightClasses';
import { useRightWords } from '../ui/useRightWords';

type Operation = Schemas['OperateReserve'];
export type Kind = 'set_aside' | 'buy_back' | 'take_back';

/** Why each may be done: the closed lists of the rules. */
const causes: Record<Kind, string[]> = {
  set_aside: ['initial_reserve', 'funded_reduction'],
  buy_back: ['surplus', 'bankruptcy', 'closure', 'relocation', 'end_of_discharge'],
  take_back: ['bankruptcy', 'closure', 'ban', 'ordered_closure', 'relocation', 'end_of_discharge'],
};

/** Rights of the origin that each is about: free ones are taken back, paid ones bought back. */
const origin: Record<Kind, string | undefined> = { set_aside: undefined, buy_back: 'paid', take_back: 'free' };

function Fields({ kind }: { kind: Kind }) {
  const { t } = useTranslation();
  const rightWords = useRightWords();
  const sites = useSites().data ?? [];
  const classes = useRightClasses().data ?? [];
  const needed = [{ required: true, message: t('field.needed') }];
  const options = (isReserve: boolean) =>
    sites
      .filter((one) => one.is_reserve === isReserve)
      .map((one) => ({ value: one.id, label: `${one.name} · ${one.number}` }));
  return (
    <>
      <Form.Item name="site" label={kind === 'set_aside' ? t('reserve.site') : t('reserve.fromSite')} rules={needed}>
        <Select showSearch={{ optionFilterProp: 'label' }} options={options(kind === 'set_aside')} />
      </Form.Item>
      {kind !== 'set_aside' && (
        <Form.Item name="reserve_site" label={t('reserve.site')} rules={needed}>
          <Select options={options(true)} />
        </Form.Item>
      )}
      <Form.Item name="right_class" label={t('right.name')} rules={needed}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={classes
            .filter((one) => origin[kind] === undefined || one.origin === origin[kind])
            .map((one) => ({ value: one.code, label: rightWords(one.code) }))}
        />
      </Form.Item>
      <Form.Item name="quantity" label={t('field.quantity')} rules={decimalRules(t, 6)}>
        <DecimalInput unit="t" />
      </Form.Item>
      {kind === 'buy_back' && (
        <Form.Item name="total" label={t('reserve.total')} rules={decimalRules(t, 2)}>
          <DecimalInput unit="CNY" />
        </Form.Item>
      )}
      <Form.Item name="cause" label={t('rightAct.cause')} rules={needed}>
        <Select options={causes[kind].map((value) => ({ value, label: t(`rightAct.causes.${value}`) }))} />
      </Form.Item>
      <Form.Item name="document" label={t('field.document')} rules={needed}>
        <Input autoComplete="off" />
      </Form.Item>
    </>
  );
}

/** Proposing that the reserve sets rights aside, buys paid ones back or takes free ones back. */
export function ProposeOperation({ kind, isMain = false }: { kind: Kind; isMain?: boolean }) {
  const { t } = useTranslation();
  const reserves = useSites().data?.filter((one) => one.is_reserve) ?? [];
  const only = reserves.length === 1 ? reserves[0] : undefined;
  return (
    <FormAct<Omit<Operation, 'kind'>, Schemas['RightAct']>
      label={t(`rightAct.kinds.${kind}`)}
      lead={t(`reserve.leads.${kind}`)}
      kind={isMain ? 'primary' : 'default'}
      initial={only ? (kind === 'set_aside' ? { site: only.id } : { reserve_site: only.id }) : {}}
      fields={<Fields kind={kind} />}
      run={(body, key) =>
        call(
          api.POST('/api/v1/reserve-operations', {
            ...keyed(key),
            body: { ...(given(body) as Omit<Operation, 'kind'>), kind },
          }),
        )
      }
    />
  );
}
