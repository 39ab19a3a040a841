import { Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useOrganisations } from '../parties/names';

/** The field of a form for whose money it is. */
export function Whose() {
  const { t } = useTranslation();
  const organisations = useOrganisations().data ?? [];
  return (
    <Form.Item
      name="organisation"
      label={t('subjectKind.organisation')}
      rules={[{ required: true, message: t('field.needed') }]}
    >
      <Select
        showSearch={{ optionFilterProp: 'label' }}
        options={organisations.map((one) => ({ value: one.id, label: one.name }))}
      />
    </Form.Item>
  );
}
