import { Checkbox, Form, type FormInstance, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { isDecimal, isZero, product } from '../figures/decimal';
import { useProjects } from '../market/projects';
import { useOrganisationName, useSites } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';

type Freeze = Schemas['Freeze'];

/** The two documents that every end of a freeze names: that by which it was recorded, so that none is ended by a slip, and the new one. */
function Documents({ newOne }: { newOne: string }) {
  const { t } = useTranslation();
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <>
      <Form.Item
        name="freezing_document"
        label={t('freeze.freezingDocument')}
        extra={t('freeze.freezingDocumentHint')}
        rules={needed}
      >
        <Input autoComplete="off" maxLength={200} />
      </Form.Item>
      <Form.Item name="document" label={newOne} rules={needed}>
        <Input autoComplete="off" maxLength={200} />
      </Form.Item>
    </>
  );
}

function Lift({ freeze }: { freeze: Freeze }) {
  const { t } = useTranslation();
  return (
    <FormAct<Schemas['LiftFreeze'], Freeze>
      label={t('freeze.lift')}
      lead={t('freeze.liftLead')}
      isDanger
      fields={
        <>
          <Documents newOne={t('freeze.liftingDocument')} />
          <Form.Item
            name="quantity"
            label={t('freeze.liftQuantity')}
            extra={t('freeze.liftQuantityHint')}
            rules={decimalRules(t, 6, false)}
          >
            <DecimalInput unit={freeze.unit} />
          </Form.Item>
        </>
      }
      run={({ quantity, ...order }, key) =>
        call(
          api.POST('/api/v1/freezes/{id}/lift', {
            params: { path: { id: freeze.id } },
            ...keyed(key),
            body: { ...order, ...given({ quantity }) },
          }),
        )
      }
    />
  );
}

/** Who gets the rights, and for which project. */
function Buyer({ freeze, form }: { freeze: Freeze; form: FormInstance<Schemas['ExecuteFreeze']> }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const sites = useSites().data?.filter((one) => one.id !== freeze.site) ?? [];
  const site = Form.useWatch('buyer_site', form) as string | undefined;
  const projects = useProjects(site).data ?? [];
  return (
    <>
      <Form.Item
        name="buyer_site"
        label={t('freeze.buyerSite')}
        rules={[{ required: true, message: t('field.needed') }]}
      >
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          onChange={() => form.setFieldValue('project', undefined)}
          options={sites.map((one) => ({
            value: one.id,
            label: `${organisationName(one.organisation)} · ${one.name} · ${one.number}`,
          }))}
        />
      </Form.Item>
      <Form.Item name="project" label={t('freeze.project')} extra={t('freeze.projectHint')}>
        <Select
          allowClear
          disabled={site === undefined}
          options={projects.map((one) => ({ value: one.id, label: one.number }))}
        />
      </Form.Item>
    </>
  );
}

/** How much is sold and at what price; of a freeze that still waits only a part of what it holds can be. */
function Sale({ freeze, form }: { freeze: Freeze; form: FormInstance<Schemas['ExecuteFreeze']> }) {
  const { t } = useTranslation();
  const isWhole = freeze.state === 'in_force';
  const price = Form.useWatch('unit_price', form) as string | undefined;
  const part = Form.useWatch('quantity', form);
  const quantity = part ? part : isWhole ? freeze.quantity : '';
  const isRead = isDecimal(price ?? '', 2) && isDecimal(quantity, 6);
  return (
    <>
      <Form.Item
        name="quantity"
        label={t('freeze.executeQuantity')}
        extra={t(isWhole ? 'freeze.executeQuantityHint' : 'freeze.executePartHint')}
        rules={decimalRules(t, 6, !isWhole)}
      >
        <DecimalInput unit={freeze.unit} />
      </Form.Item>
      <Form.Item name="unit_price" label={t('field.unitPrice')} rules={decimalRules(t, 2)}>
        <DecimalInput unit={`CNY/${freeze.unit}`} />
      </Form.Item>
      {isRead && (
        <p aria-live="polite">
          {t('freeze.passes')} <Amount value={quantity} unit={freeze.unit} /> · {t('field.total')}{' '}
          <Amount value={product(price ?? '0', quantity)} unit="CNY" />
        </p>
      )}
      <Form.Item name="ordered_anyway" valuePropName="checked" extra={t('freeze.anywayHint')}>
        <Checkbox>{t('freeze.anyway')}</Checkbox>
      </Form.Item>
    </>
  );
}

function Execute({ freeze }: { freeze: Freeze }) {
  const { t } = useTranslation();
  return (
    <FormAct<Schemas['ExecuteFreeze'], Freeze>
      label={t('freeze.execute')}
      lead={t('freeze.executeLead')}
      isDanger
      fields={(form) => (
        <>
          <Documents newOne={t('freeze.executingDocument')} />
          <Buyer freeze={freeze} form={form} />
          <Sale freeze={freeze} form={form} />
        </>
      )}
      run={({ project, quantity, ordered_anyway, ...order }, key) =>
        call(
          api.POST('/api/v1/freezes/{id}/execute', {
            params: { path: { id: freeze.id } },
            ...keyed(key),
            body: { ...order, ...given({ project, quantity }), ordered_anyway: ordered_anyway ?? false },
          }),
        )
      }
    />
  );
}

/** What the exchange may record about a freeze that has not ended. */
export function FreezeActs({ freeze }: { freeze: Freeze }) {
  const mayRecord = hasRole(useSession(), 'exchange_officer');
  if (!mayRecord || !['waiting', 'in_force'].includes(freeze.state)) return null;
  const holdsSomething = !isZero(freeze.taken);
  return (
    <>
      {holdsSomething && <Execute freeze={freeze} />}
      <Lift freeze={freeze} />
    </>
  );
}
