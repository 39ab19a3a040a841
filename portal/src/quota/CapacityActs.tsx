import { Form, type FormInstance, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { add, compare, grouped, isDecimal, subtract } from '../figures/decimal';
import { daysLater } from '../figures/instant';
import { usePollutantName, usePollutants } from '../parties/pollutants';
import { useToday } from '../session/installation';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { DecimalInput } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { useGoverned } from '../parties/governed';
import { useCaps } from './caps';

type Setting = Schemas['SetCapacity'];

/** What the cap is of, where a page is about one already. */
export interface CapOf {
  area?: string | undefined;
  pollutant?: string | undefined;
}

/** Whether somebody sets the cap of an area; of any, where none is named. */
export function useMaySetCap(area?: string): boolean {
  const isHead = hasRole(useSession(), 'bureau_head');
  const { capped } = useGoverned();
  return isHead && (area === undefined ? capped.length > 0 : capped.some((one) => one.code === area));
}

/** What would be left under the cap that is typed: nothing moves before the bureau sees that it cuts into what is used. */
function Consequence({ form }: { form: FormInstance<Setting> }) {
  const { t } = useTranslation();
  const [area, pollutant, cap] = [
    Form.useWatch('area', form) as string | undefined,
    Form.useWatch('pollutant', form) as string | undefined,
    Form.useWatch('cap', form) as string | undefined,
  ];
  const now = useCaps().data?.find((one) => one.area === area && one.pollutant === pollutant);
  if (now === undefined) return null;
  if (cap === undefined || !isDecimal(cap, 6))
    return t('capacity.capNow', { cap: grouped(now.cap), headroom: grouped(now.headroom), unit: now.unit });
  const taken = add(now.used, now.committed);
  return compare(cap, taken) < 0 ? (
    <span className="beyond">
      {t('capacity.cutsIntoUse', { pending: grouped(subtract(taken, cap)), unit: now.unit })}
    </span>
  ) : (
    t('capacity.leaves', { headroom: grouped(subtract(cap, taken)), unit: now.unit })
  );
}

function CapFields({ form, isPlanned }: { form: FormInstance<Setting>; isPlanned: boolean }) {
  const { t } = useTranslation();
  const { capped } = useGoverned();
  const pollutants = usePollutants().data ?? [];
  const pollutantName = usePollutantName();
  const today = useToday();
  const chosen = Form.useWatch('pollutant', form) as string | undefined;
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <>
      <Form.Item name="area" label={t('field.area')} rules={needed}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={capped.map((one) => ({ value: one.code, label: one.name }))}
        />
      </Form.Item>
      <Form.Item name="pollutant" label={t('field.pollutant')} rules={needed}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={pollutants.map((one) => ({ value: one.code, label: pollutantName(one.code) }))}
        />
      </Form.Item>
      <Form.Item
        name="cap"
        label={t('capacity.cap')}
        extra={<Consequence form={form} />}
        rules={[
          {
            validator: (_: unknown, value: string | undefined) =>
              isDecimal(value ?? '', 6) ? Promise.resolve() : Promise.reject(new Error(t('report.quantityForm'))),
          },
        ]}
      >
        <DecimalInput unit={pollutants.find((one) => one.code === chosen)?.unit ?? 't'} />
      </Form.Item>
      {isPlanned && (
        <Form.Item name="valid_from" label={t('capacity.validFrom')} rules={needed}>
          <Input type="date" min={today === undefined ? undefined : daysLater(today, 1)} />
        </Form.Item>
      )}
      <Form.Item name="document" label={t('field.document')} rules={needed}>
        <Input autoComplete="off" />
      </Form.Item>
    </>
  );
}

/** Setting the cap of an area, in force from today. */
function SetCap({ initial }: { initial: Partial<Setting> }) {
  const { t } = useTranslation();
  const today = useToday();
  return (
    <FormAct<Setting, Schemas['Capacity'] | Schemas['Task']>
      label={t('capacity.set')}
      lead={t('capacity.setLead')}
      initial={initial}
      fields={(form) => <CapFields form={form} isPlanned={false} />}
      run={(body, key) =>
        call(api.POST('/api/v1/capacities', { ...keyed(key), body: { ...body, valid_from: today ?? '' } }))
      }
    />
  );
}

/** Planning that a cap changes on a later day. */
function PlanCap({ initial }: { initial: Partial<Setting> }) {
  const { t } = useTranslation();
  return (
    <FormAct<Setting, Schemas['CapacityChange'] | Schemas['Task']>
      label={t('capacity.plan')}
      lead={t('capacity.planLead')}
      kind="primary"
      initial={initial}
      fields={(form) => <CapFields form={form} isPlanned />}
      run={(body, key) => call(api.POST('/api/v1/capacity-changes', { ...keyed(key), body }))}
    />
  );
}

/** Setting a cap and planning a change of one, for whoever may; begun with what the page is about. */
export default function CapacityActs({ area, pollutant }: CapOf) {
  const maySetThis = useMaySetCap(area);
  const maySetAny = useMaySetCap();
  // A page about areas offers all that there are, one about a cap that cap alone.
  if (!(pollutant === undefined ? maySetAny : maySetThis)) return null;
  const initial = {
    ...(maySetThis && area !== undefined && { area }),
    ...(pollutant !== undefined && { pollutant }),
  };
  return (
    <>
      <SetCap initial={initial} />
      <PlanCap initial={initial} />
    </>
  );
}
