import { Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';

const methods = ['market_price', 'base_price', 'appraisal', 'market_statistics'] as const;

/** How rights were assessed. */
export function MethodField({ name, isNeeded = true }: { name: string; isNeeded?: boolean }) {
  const { t } = useTranslation();
  return (
    <Form.Item
      name={name}
      label={t('pledge.method')}
      rules={isNeeded ? [{ required: true, message: t('field.needed') }] : []}
    >
      <Select
        allowClear={!isNeeded}
        options={methods
          .filter((value) => isNeeded || value !== 'market_statistics')
          .map((value) => ({ value, label: t(`valuation.methods.${value}`) }))}
      />
    </Form.Item>
  );
}
