import { Form, Input, Select } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { pollutants } from '../compliance/sites';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';

export const origins = ['free', 'paid'] as const;

/** Which rights are applied for or granted: of which pollutant, how come by, for how long and how much; under that what its area has room for. */
export function RightFields({ room }: { room?: ReactNode }) {
  const { t } = useTranslation();
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <>
      <div className="two even" style={{ rowGap: 0 }}>
        <Form.Item name="pollutant" label={t('field.pollutant')} rules={needed}>
          <Select options={pollutants.map((value) => ({ value, label: t(`pollutant.${value}`) }))} />
        </Form.Item>
        <Form.Item name="origin" label={t('grant.origin')} rules={needed}>
          <Select options={origins.map((value) => ({ value, label: t(`grant.origins.${value}`) }))} />
        </Form.Item>
      </div>
      <div className="two even" style={{ rowGap: 0 }}>
        <Form.Item name="valid_from" label={t('grant.validFrom')} rules={needed}>
          <Input type="date" />
        </Form.Item>
        <Form.Item name="valid_to" label={t('grant.validTo')} rules={needed}>
          <Input type="date" />
        </Form.Item>
      </div>
      <Form.Item name="quantity" label={t('field.quantity')} extra={room} rules={decimalRules(t, 6)}>
        <DecimalInput unit="t" />
      </Form.Item>
    </>
  );
}
