import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Form, type FormInstance, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { usePollutantName, usePollutants } from '../parties/pollutants';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { SiteInChargeField } from '../ui/SiteInChargeField';

type Registering = Schemas['RegisterPermit'];

/** What the permit allows in a year, pollutant by pollutant. */
function Quantities({ form }: { form: FormInstance<Registering> }) {
  const { t } = useTranslation();
  const pollutants = usePollutants().data ?? [];
  const pollutantName = usePollutantName();
  const chosen = Form.useWatch('quantities', form) as { pollutant?: string }[] | undefined;
  const needed = [{ required: true, message: t('field.needed') }];
  const unitOf = (place: number) => pollutants.find((one) => one.code === chosen?.[place]?.pollutant)?.unit ?? 't';
  return (
    <Form.List name="quantities">
      {(fields, { add, remove }) => (
        <>
          {fields.map((field) => (
            <div key={field.key} className="line">
              <Form.Item name={[field.name, 'pollutant']} label={t('field.pollutant')} rules={needed}>
                <Select
                  showSearch={{ optionFilterProp: 'label' }}
                  options={pollutants.map((one) => ({ value: one.code, label: pollutantName(one.code) }))}
                />
              </Form.Item>
              <Form.Item name={[field.name, 'quantity']} label={t('permit.permitted')} rules={decimalRules(t, 6)}>
                <DecimalInput unit={unitOf(field.name)} />
              </Form.Item>
              {fields.length > 1 && (
                <Button
                  type="text"
                  icon={<DeleteOutlined />}
                  aria-label={t('permit.removePollutant')}
                  onClick={() => remove(field.name)}
                />
              )}
            </div>
          ))}
          <Form.Item>
            <Button icon={<PlusOutlined />} onClick={() => add({})} block>
              {t('permit.addPollutant')}
            </Button>
          </Form.Item>
        </>
      )}
    </Form.List>
  );
}

/** The bureau registers a discharge permit that was issued to a site of its area. */
export function RegisterPermit() {
  const { t } = useTranslation();
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <FormAct<Registering, Schemas['Permit']>
      label={t('permit.register')}
      lead={t('permit.registerLead')}
      kind="primary"
      initial={{ quantities: [{} as Registering['quantities'][number]] }}
      fields={(form) => (
        <>
          <SiteInChargeField />
          <Form.Item name="number" label={t('permit.number')} rules={needed}>
            <Input autoComplete="off" maxLength={64} />
          </Form.Item>
          <div className="two even">
            <Form.Item name="valid_from" label={t('permit.validFrom')} rules={needed}>
              <Input type="date" />
            </Form.Item>
            <Form.Item name="valid_to" label={t('permit.validTo')} rules={needed}>
              <Input type="date" />
            </Form.Item>
          </div>
          <Quantities form={form} />
        </>
      )}
      run={(body, key) => call(api.POST('/api/v1/permits', { ...keyed(key), body }))}
    />
  );
}
