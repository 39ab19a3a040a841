import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Order } from '../api/list';

/** From which end a log is read. */
export function OrderChoice({ value, choose }: { value: Order; choose: (order: Order) => void }) {
  const { t } = useTranslation();
  return (
    <Select
      aria-label={t('order.name')}
      value={value}
      onChange={choose}
      style={{ width: 130 }}
      options={(['newest', 'oldest'] as const).map((one) => ({ value: one, label: t(`order.${one}`) }))}
    />
  );
}
