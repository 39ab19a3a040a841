import { Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSites } from '../parties/names';
import { useGoverned } from '../parties/governed';

/** The field of a form for a site that the bureau of whoever is signed in has in charge. */
export function SiteInChargeField() {
  const { t } = useTranslation();
  const { own, below } = useGoverned();
  const inCharge = new Set([own, ...below].map((one) => one?.code));
  const sites = useSites().data?.filter((one) => !one.is_reserve && inCharge.has(one.area)) ?? [];
  return (
    <Form.Item name="site" label={t('field.site')} rules={[{ required: true, message: t('field.needed') }]}>
      <Select
        showSearch={{ optionFilterProp: 'label' }}
        options={sites.map((one) => ({ value: one.id, label: `${one.name} · ${one.number}` }))}
      />
    </Form.Item>
  );
}
