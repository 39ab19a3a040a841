import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Form, type FormInstance, Input, InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { usePollutantName, usePollutants } from '../parties/pollutants';

import { FormAct } from '../ui/FormAct';
import { SiteInChargeField } from '../ui/SiteInChargeField';

type Registering = Schemas['RegisterOutlet'];

const editions = ['2017', '2025'] as const;

/** A kilogram, in which totals are told by the edition of 2017. */
const GRAMS_PER_KILOGRAM = 1000;

/** Which codes of the monitor are which pollutants: known for the edition of 2017, named for that of 2025. */
function Factors() {
  const { t } = useTranslation();
  const pollutants = usePollutants().data ?? [];
  const pollutantName = usePollutantName();
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <Form.List name="factors">
      {(fields, { add, remove }) => (
        <>
          {fields.map((field) => (
            <div key={field.key} className="line three">
              <Form.Item name={[field.name, 'code']} label={t('monitor.code')} rules={needed}>
                <Input autoComplete="off" maxLength={20} />
              </Form.Item>
              <Form.Item name={[field.name, 'pollutant']} label={t('field.pollutant')} rules={needed}>
                <Select
                  showSearch={{ optionFilterProp: 'label' }}
                  options={pollutants.map((one) => ({ value: one.code, label: pollutantName(one.code) }))}
                />
              </Form.Item>
              <Form.Item name={[field.name, 'grams_per_unit']} label={t('monitor.gramsPerUnit')} rules={needed}>
                <InputNumber min={1} precision={0} style={{ width: '100%' }} />
              </Form.Item>
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t('monitor.removeFactor')}
                onClick={() => remove(field.name)}
              />
            </div>
          ))}
          <Form.Item>
            <Button icon={<PlusOutlined />} onClick={() => add({ grams_per_unit: GRAMS_PER_KILOGRAM })} block>
              {t('monitor.addFactor')}
            </Button>
          </Form.Item>
        </>
      )}
    </Form.List>
  );
}

function OutletFields({ form }: { form: FormInstance<Registering> }) {
  const { t } = useTranslation();
  const edition = Form.useWatch('edition', form) as string | undefined;
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <>
      <SiteInChargeField />
      <Form.Item name="name" label={t('monitor.name')} rules={needed}>
        <Input autoComplete="off" maxLength={200} placeholder={t('monitor.nameSuch')} />
      </Form.Item>
      <Form.Item
        name="mn"
        label={t('monitor.mn')}
        rules={[...needed, { pattern: /^[0-9A-Za-z]{1,24}$/, message: t('monitor.mnForm') }]}
      >
        <Input autoComplete="off" maxLength={24} />
      </Form.Item>
      <Form.Item
        name="edition"
        label={t('monitor.edition')}
        extra={edition === '2025' ? t('monitor.mustName') : t('monitor.mayName')}
        rules={needed}
      >
        <Select options={editions.map((value) => ({ value, label: t('monitor.editionOf', { edition: value }) }))} />
      </Form.Item>
      <Factors />
    </>
  );
}

/** The bureau registers an outlet of a site of its area, with its monitor. */
export function RegisterOutlet() {
  const { t } = useTranslation();
  return (
    <FormAct<Registering, Schemas['Outlet']>
      label={t('monitor.register')}
      lead={t('monitor.registerLead')}
      size="small"
      initial={{ edition: '2017' }}
      fields={(form) => <OutletFields form={form} />}
      run={({ factors, ...outlet }, key) =>
        call(
          api.POST('/api/v1/outlets', {
            ...keyed(key),
            body: { ...outlet, ...(factors && factors.length > 0 && { factors }) },
          }),
        )
      }
    />
  );
}
