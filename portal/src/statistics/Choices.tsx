import { Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useAreas } from '../parties/names';
import type { By } from './periods';
import type { useYear } from './useYear';
import { YearChoice } from './YearChoice';

interface ChoicesProps {
  by: By;
  setBy: (by: By) => void;
  years: ReturnType<typeof useYear>;
  area: string | undefined;
  setArea: (area: string | undefined) => void;
}

/** Of which periods of which year, and of which area. */
export default function Choices({ by, setBy, years, area, setArea }: ChoicesProps) {
  const { t } = useTranslation();
  const areas = useAreas().data;
  return (
    <>
      <Segmented<By>
        value={by}
        onChange={setBy}
        options={(['month', 'quarter', 'year'] as const).map((value) => ({
          value,
          label: t(`statistics.by.${value}`),
        }))}
      />
      <YearChoice {...years} />
      <Select
        allowClear
        placeholder={t('statistics.wholeMarket')}
        aria-label={t('field.area')}
        style={{ width: 170 }}
        value={area}
        onChange={setArea}
        options={[...(areas ?? [])].map(([value, label]) => ({ value, label }))}
      />
    </>
  );
}
