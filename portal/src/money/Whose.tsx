import { Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useOrganisations } from '../parties/names';

interface WhoseProps {
  label?: string;
  /** Of which kinds; of any when left out. */
  kinds?: readonly string[];
  onChange?: () => void;
}

/** The field of a form for whose money it is, or whose rights. */
export function Whose({ label, kinds, onChange }: WhoseProps) {
  const { t } = useTranslation();
  const organisations = useOrganisations().data?.filter((one) => kinds?.includes(one.kind) ?? true) ?? [];
  return (
    <Form.Item
      name="organisation"
      label={label ?? t('subjectKind.organisation')}
      rules={[{ required: true, message: t('field.needed') }]}
    >
      <Select
        showSearch={{ optionFilterProp: 'label' }}
        {...(onChange !== undefined && { onChange })}
        options={organisations.map((one) => ({ value: one.id, label: one.name }))}
      />
    </Form.Item>
  );
}
