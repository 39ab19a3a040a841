import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { useYear } from './useYear';

/** How many years back there may be figures. */
const YEARS = 10;

/** Chooses the year of some figures. */
export function YearChoice({ year, now, choose }: ReturnType<typeof useYear>) {
  const { t } = useTranslation();
  return (
    <Select<number>
      aria-label={t('statistics.year')}
      style={{ width: 110 }}
      {...(year !== undefined && { value: year })}
      onChange={choose}
      options={
        now === undefined
          ? []
          : Array.from({ length: YEARS }, (_, before) => ({ value: now - before, label: String(now - before) }))
      }
    />
  );
}
