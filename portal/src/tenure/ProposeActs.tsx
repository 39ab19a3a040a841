import { Form, type FormInstance, Input, Select } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { daysLater } from '../figures/instant';
import { readRightClass } from '../figures/rightClass';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { AreaFields, DocumentField, OwnFields, type Rights, rightsOf } from './RightsFields';

type Surrender = Schemas['ProposeSurrender'];
type Variation = Schemas['ProposeVariation'];

/** Why each may be done: the closed lists of the contract. */
const surrendered: Surrender['cause'][] = ['voluntary', 'closure', 'relocation', 'end_of_discharge'];
const varied: Variation['cause'][] = ['total_control', 'correction'];

function CauseField({ causes }: { causes: readonly string[] }) {
  const { t } = useTranslation();
  return (
    <Form.Item name="cause" label={t('rightAct.cause')} rules={[{ required: true, message: t('field.needed') }]}>
      <Select options={causes.map((value) => ({ value, label: t(`rightAct.causes.${value}`) }))} />
    </Form.Item>
  );
}

/** An enterprise gives rights up for good. */
export function SurrenderRights() {
  const { t } = useTranslation();
  return (
    <FormAct<Rights & Pick<Surrender, 'cause'>, unknown>
      label={t('tenure.surrender')}
      lead={t('tenure.surrenderLead')}
      isDanger
      fields={(form) => (
        <>
          <OwnFields form={form as unknown as FormInstance<Rights>} />
          <CauseField causes={surrendered} />
          <DocumentField />
        </>
      )}
      run={({ cause, ...rights }, key) =>
        call(api.POST('/api/v1/surrenders', { ...keyed(key), body: { ...rightsOf(rights), cause } }))
      }
    />
  );
}

/** A bureau takes rights off, with cause. */
function VaryRights() {
  const { t } = useTranslation();
  return (
    <FormAct<Rights & Pick<Variation, 'cause'>, unknown>
      label={t('tenure.vary')}
      lead={t('tenure.varyLead')}
      isDanger
      fields={(form) => (
        <>
          <AreaFields form={form as unknown as FormInstance<Rights>} />
          <CauseField causes={varied} />
          <DocumentField />
        </>
      )}
      run={({ cause, ...rights }, key) =>
        call(api.POST('/api/v1/variations', { ...keyed(key), body: { ...rightsOf(rights), cause } }))
      }
    />
  );
}

type Renewal = Rights & Pick<Schemas['ProposeRenewal'], 'valid_from' | 'valid_to'> & { confirmed?: string };

/** The new validity, which begins on the day after the old one where nothing else is said; a bureau may confirm less than all. */
function RenewalFields({ form, isBureau }: { form: FormInstance<Renewal>; isBureau: boolean }) {
  const { t } = useTranslation();
  const needed = [{ required: true, message: t('field.needed') }];
  const chosen = Form.useWatch('right_class', form) as string | undefined;
  const old = readRightClass(chosen?.split(' ')[1] ?? '');
  const follows = old && daysLater(old.to, 1);
  useEffect(() => {
    if (follows !== undefined && !form.isFieldTouched('valid_from')) form.setFieldValue('valid_from', follows);
  }, [form, follows]);
  return (
    <>
      <Form.Item name="valid_from" label={t('tenure.validFrom')} rules={needed}>
        <Input type="date" {...(follows !== undefined && { max: follows })} />
      </Form.Item>
      <Form.Item name="valid_to" label={t('tenure.validTo')} rules={needed}>
        <Input type="date" {...(follows !== undefined && { min: follows })} />
      </Form.Item>
      {isBureau && old?.origin === 'FREE' && (
        <Form.Item name="confirmed" label={t('tenure.confirmedField')} rules={decimalRules(t, 6, false)}>
          <DecimalInput unit="t" />
        </Form.Item>
      )}
    </>
  );
}

/** Rights are renewed before their validity ends: asked for by who holds them, or by a bureau that re-verifies them. */
export function RenewRights() {
  const { t } = useTranslation();
  const isBureau = hasRole(useSession(), 'bureau_officer');
  const Fields = isBureau ? AreaFields : OwnFields;
  return (
    <FormAct<Renewal, unknown>
      label={t('tenure.renew')}
      lead={t(isBureau ? 'tenure.reverifyLead' : 'tenure.renewLead')}
      fields={(form) => (
        <>
          <Fields form={form as unknown as FormInstance<Rights>} isRenewal />
          <RenewalFields form={form} isBureau={isBureau} />
          <DocumentField />
        </>
      )}
      run={({ valid_from, valid_to, confirmed, ...rights }, key) =>
        call(
          api.POST('/api/v1/renewals', {
            ...keyed(key),
            body: { ...rightsOf(rights), valid_from, valid_to, ...(confirmed && { confirmed }) },
          }),
        )
      }
    />
  );
}

/** What whoever looks may propose about rights: a holder of its own, a bureau in its area. */
export default function ProposeActs() {
  const session = useSession();
  return (
    <>
      {hasRole(session, 'enterprise_trader', 'bureau_officer') && <RenewRights />}
      {hasRole(session, 'enterprise_trader') && <SurrenderRights />}
      {hasRole(session, 'bureau_officer') && <VaryRights />}
    </>
  );
}
