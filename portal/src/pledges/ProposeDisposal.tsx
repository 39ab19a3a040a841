import { Form, type FormInstance, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useOrganisationName, useSites } from '../parties/names';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { BuyerProject } from './BuyerProject';
import { ClaimFields, LienFields, useClaim } from './ClaimFields';

type Disposal = Schemas['ProposeDisposal'];

const modes = ['auction', 'agreement', 'buy_back'] as const;

/** What is disposed of, how, and to whom. */
function Fields({ pledge, form }: { pledge: Schemas['Pledge']; form: FormInstance<Disposal> }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const sites = useSites().data ?? [];
  const mode = Form.useWatch('mode', form) as string | undefined;
  const lien = Form.useWatch('lien', form) as string | undefined;
  const unit = pledge.liens.find((one) => one.id === lien)?.unit ?? 't';
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <>
      <LienFields pledge={pledge} unit={unit} />
      <Form.Item name="mode" label={t('disposal.mode')} rules={needed} extra={mode && t(`disposal.modeHint.${mode}`)}>
        <Select options={modes.map((value) => ({ value, label: t(`disposal.modes.${value}`) }))} />
      </Form.Item>
      <Form.Item name="document" label={t('disposal.document')} rules={needed}>
        <Input autoComplete="off" />
      </Form.Item>
      {mode === 'buy_back' ? (
        <Form.Item key="reserve" name="buyer_site" label={t('disposal.buyer')} rules={needed}>
          <Select
            options={sites
              .filter((one) => one.is_reserve)
              .map((one) => ({ value: one.id, label: `${organisationName(one.organisation)} · ${one.number}` }))}
          />
        </Form.Item>
      ) : (
        <BuyerProject
          key="buyer"
          form={form}
          find={(number) =>
            call(
              api.GET('/api/v1/pledges/{id}/buyer-project', { params: { path: { id: pledge.id }, query: { number } } }),
            )
          }
        />
      )}
      <Form.Item name="unit_price" label={t('field.unitPrice')} rules={decimalRules(t, 2)}>
        <DecimalInput unit={`CNY/${unit}`} />
      </Form.Item>
      <ClaimFields />
    </>
  );
}

/** Proposing the disposal of what a lien holds. */
export function ProposeDisposal({ pledge }: { pledge: Schemas['Pledge'] }) {
  const { t } = useTranslation();
  const claim = useClaim(pledge);
  return (
    <FormAct<Disposal, Schemas['Disposal']>
      label={t('disposal.propose')}
      lead={t('disposal.proposeLead')}
      initial={{ mode: 'auction', ...claim }}
      fields={(form) => <Fields pledge={pledge} form={form} />}
      run={(body, key) =>
        call(
          api.POST('/api/v1/pledges/{id}/disposals', {
            params: { path: { id: pledge.id } },
            ...keyed(key),
            body: given(body) as Disposal,
          }),
        )
      }
    />
  );
}
