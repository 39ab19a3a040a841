import { Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useAreas } from '../parties/names';
import type { By } from './periods';

interface ChoicesProps {
  by: By;
  setBy: (by: By) => void;
  area: string | undefined;
  setArea: (area: string | undefined) => void;
}

/** Of which periods, and of which area. */
export default function Choices({ by, setBy, area, setArea }: ChoicesProps) {
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
