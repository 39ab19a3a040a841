import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';
import { useYear } from '../statistics/useYear';
import { YearChoice } from '../statistics/YearChoice';
import { Refusal } from '../ui/Refusal';
import { Tile } from '../ui/Tile';

/** The market of a year in four figures: of the business year until another one is chosen. */
export function YearFigures() {
  const { t } = useTranslation();
  const years = useYear();
  const year = years.year === undefined ? undefined : String(years.year);
  const { data, error, refetch } = useQuery({
    queryKey: ['public', 'statistics', 'year', year],
    queryFn: () =>
      call(
        api.GET('/api/v1/public/statistics', { params: { query: { by: 'year', from: year ?? '', to: year ?? '' } } }),
      ),
    enabled: year !== undefined,
  });
  const total = data?.totals[0];
  // Where nothing was traded there is no total.
  const count = (value: number | undefined) => (data === undefined ? undefined : String(value ?? 0));
  return (
    <div className="stack">
      <div className="actions">
        <YearChoice {...years} />
        {data && total === undefined && <span className="muted">{t('statistics.none')}</span>}
      </div>
      <Refusal error={error} retry={() => void refetch()} />
      <div className="tiles">
        <Tile
          lead
          name={t('statistics.volumeOf', { year: year ?? '' })}
          value={total?.volume}
          unit={total?.unit ?? 't'}
        />
        <Tile name={t('statistics.turnover')} value={total?.turnover} unit="CNY" />
        <Tile name={t('statistics.trades')} value={count(total?.trades)} />
        <Tile name={t('statistics.participants')} value={count(total?.participants)} />
      </div>
    </div>
  );
}
