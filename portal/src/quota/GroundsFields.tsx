import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { EvidenceInput } from '../documents/EvidenceInput';

/** What a decision rests on, as a form has it. */
export interface Grounds {
  reason?: string;
  documents?: File[];
}

/** The reason of a decision, and the documents that it rests on. */
export function GroundsFields({ isNeeded = false }: { isNeeded?: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      <Form.Item
        name="reason"
        label={isNeeded ? t('field.reason') : t('field.reasonOptional')}
        rules={[{ required: isNeeded, whitespace: true, message: t('field.needed') }]}
      >
        <Input.TextArea rows={3} maxLength={500} />
      </Form.Item>
      <Form.Item name="documents" label={t('grant.grounds')}>
        <EvidenceInput />
      </Form.Item>
    </>
  );
}
