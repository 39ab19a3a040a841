import { Select } from 'antd';
import { useTranslation } from 'react-i18next';

interface StateChoiceProps {
  states: readonly string[];
  /** What a state is called here. */
  word: (state: string) => string;
  value: string | undefined;
  choose: (state: string | undefined) => void;
}

/** Which states a list shows; all of them when none is chosen. */
export function StateChoice({ states, word, value, choose }: StateChoiceProps) {
  const { t } = useTranslation();
  return (
    <Select
      allowClear
      placeholder={t('field.anyState')}
      aria-label={t('field.state')}
      value={value}
      onChange={choose}
      style={{ width: 150 }}
      options={states.map((one) => ({ value: one, label: word(one) }))}
    />
  );
}
