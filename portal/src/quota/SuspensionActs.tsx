import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useAreaName } from '../parties/names';
import { usePollutantName, usePollutants } from '../parties/pollutants';
import { useToday } from '../session/installation';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { FormAct } from '../ui/FormAct';
import { useGoverned } from '../parties/governed';

type Suspension = Schemas['AreaSuspension'];

const media = ['water', 'air'] as const;
type Medium = (typeof media)[number];

const isMedium = (reach: string): reach is Medium => (media as readonly string[]).includes(reach);

/** Whether somebody suspends areas: the authority of the province does. */
export function useMaySuspend(): boolean {
  const isBureau = hasRole(useSession(), 'bureau_officer', 'bureau_head');
  return useGoverned().isProvince && isBureau;
}

/** What an area is suspended for, in words. */
export function useReach(): (one: Pick<Suspension, 'medium' | 'pollutant'>) => string {
  const { t } = useTranslation();
  const pollutantName = usePollutantName();
  return ({ medium, pollutant }) =>
    pollutant === null ? t(`suspension.media.${medium ?? 'water'}`) : pollutantName(pollutant);
}

interface Ordered {
  area: string;
  /** A pollutant by its code, or a medium. */
  reach: string;
  valid_from: string;
  document: string;
  reason: string;
}

/** From when, by which document and why: of a suspension and of its end. */
function OrderFields({ from, reasonHint }: { from: string; reasonHint?: string }) {
  const { t } = useTranslation();
  const today = useToday();
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <>
      <Form.Item name="valid_from" label={from} rules={needed}>
        <Input type="date" min={today} />
      </Form.Item>
      <Form.Item name="document" label={t('field.document')} rules={needed}>
        <Input autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="reason"
        label={t('field.reason')}
        rules={needed}
        {...(reasonHint !== undefined && { extra: reasonHint })}
      >
        <Input.TextArea rows={3} maxLength={500} />
      </Form.Item>
    </>
  );
}

/** The province suspends an area for a pollutant or for all of water or air. */
export function Suspend() {
  const { t } = useTranslation();
  const today = useToday();
  const { below } = useGoverned();
  const pollutants = usePollutants().data ?? [];
  const pollutantName = usePollutantName();
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <FormAct<Ordered, Suspension | Schemas['Task']>
      label={t('suspension.suspend')}
      lead={t('suspension.suspendLead')}
      isDanger
      initial={today === undefined ? {} : { valid_from: today }}
      fields={
        <>
          <Form.Item name="area" label={t('suspension.area')} rules={needed}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={below.map((one) => ({ value: one.code, label: one.name }))}
            />
          </Form.Item>
          <Form.Item name="reach" label={t('suspension.reach')} rules={needed}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={[
                ...media.map((value) => ({ value, label: t(`suspension.media.${value}`) })),
                ...pollutants.map((one) => ({ value: one.code, label: pollutantName(one.code) })),
              ]}
            />
          </Form.Item>
          <OrderFields from={t('suspension.from')} reasonHint={t('suspension.reasonHint')} />
        </>
      }
      run={({ reach, ...order }, key) =>
        call(
          api.POST('/api/v1/area-suspensions', {
            ...keyed(key),
            body: { ...order, ...(isMedium(reach) ? { medium: reach } : { pollutant: reach }) },
          }),
        )
      }
    />
  );
}

/** The province lifts a suspension from a day on. */
export function Lift({ suspension }: { suspension: Suspension }) {
  const { t } = useTranslation();
  const today = useToday();
  const areaName = useAreaName();
  const reach = useReach();
  return (
    <FormAct<Schemas['LiftAreaSuspension'], Suspension | Schemas['Task']>
      label={t('suspension.lift')}
      lead={t('suspension.liftLead', { area: areaName(suspension.area), reach: reach(suspension) })}
      size="small"
      initial={today === undefined ? {} : { valid_from: today }}
      fields={<OrderFields from={t('suspension.until')} />}
      run={(body, key) =>
        call(
          api.POST('/api/v1/area-suspensions/{id}/lift', {
            params: { path: { id: suspension.id } },
            ...keyed(key),
            body,
          }),
        )
      }
    />
  );
}
