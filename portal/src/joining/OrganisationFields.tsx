import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { AreaSelect } from './AreaSelect';
import { creditCodeRules, neededRule } from './rules';

interface OrganisationFieldsProps {
  /** What it may be. */
  kinds: readonly string[];
  /** Under which name a form keeps what is told of it. */
  within?: string;
}

/** What the register asks of an organisation. */
export function OrganisationFields({ kinds, within }: OrganisationFieldsProps) {
  const { t } = useTranslation();
  const named = (name: string) => (within === undefined ? name : [within, name]);
  return (
    <>
      <Form.Item name={named('kind')} label={t('joining.kind')} rules={[neededRule(t)]}>
        <Select options={kinds.map((value) => ({ value, label: t(`organisation.kinds.${value}`) }))} />
      </Form.Item>
      <Form.Item name={named('name')} label={t('joining.name')} extra={t('joining.nameHint')} rules={[neededRule(t)]}>
        <Input autoComplete="organization" maxLength={200} />
      </Form.Item>
      <Form.Item
        name={named('code')}
        label={t('organisation.code')}
        extra={t('joining.codeHint')}
        normalize={(code: string) => code.trim().toUpperCase()}
        validateTrigger="onBlur"
        rules={creditCodeRules(t)}
      >
        <Input autoComplete="off" maxLength={18} className="figures" />
      </Form.Item>
      <Form.Item name={named('area')} label={t('field.area')} extra={t('joining.areaHint')} rules={[neededRule(t)]}>
        <AreaSelect />
      </Form.Item>
      <Form.Item name={named('sector')} label={t('joining.sector')} extra={t('joining.sectorHint')}>
        <Input autoComplete="off" maxLength={200} />
      </Form.Item>
    </>
  );
}
