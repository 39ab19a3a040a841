import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useOrganisations } from '../parties/names';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';

type Offer = Schemas['OfferFacility'];

/** Enterprises with what each may draw. */
function Limits() {
  const { t } = useTranslation();
  const enterprises = useOrganisations().data?.filter((one) => one.kind === 'enterprise') ?? [];
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <Form.List name="limits">
      {(fields, { add, remove }) => (
        <>
          {fields.map((field) => (
            <div key={field.key} className="line">
              <Form.Item name={[field.name, 'organisation']} label={t('facility.enterprise')} rules={needed}>
                <Select
                  showSearch={{ optionFilterProp: 'label' }}
                  options={enterprises.map((one) => ({ value: one.id, label: one.name }))}
                />
              </Form.Item>
              <Form.Item name={[field.name, 'sub_limit']} label={t('facility.limit')} rules={decimalRules(t, 2)}>
                <DecimalInput unit="CNY" />
              </Form.Item>
              {fields.length > 1 && (
                <Button
                  type="text"
                  icon={<DeleteOutlined />}
                  aria-label={t('facility.removeLimit')}
                  onClick={() => remove(field.name)}
                />
              )}
            </div>
          ))}
          <Form.Item>
            <Button icon={<PlusOutlined />} onClick={() => add({})} block>
              {t('facility.addLimit')}
            </Button>
          </Form.Item>
        </>
      )}
    </Form.List>
  );
}

/** A bank offers a facility to one or more enterprises. */
export function OfferFacility() {
  const { t } = useTranslation();
  return (
    <FormAct<Offer, Schemas['Facility']>
      label={t('facility.offer')}
      lead={t('facility.offerLead')}
      kind="primary"
      initial={{ limits: [{} as Offer['limits'][number]] }}
      fields={
        <>
          <Form.Item name="name" label={t('facility.name')} rules={[{ required: true, message: t('field.needed') }]}>
            <Input autoComplete="off" maxLength={200} />
          </Form.Item>
          <Limits />
        </>
      }
      run={(body, key) => call(api.POST('/api/v1/facilities', { ...keyed(key), body }))}
    />
  );
}
