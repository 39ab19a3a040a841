import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';
import { useToday } from '../session/installation';
import { Tile } from '../ui/Tile';

/** The market of the business year in four figures. */
export function YearFigures() {
  const { t } = useTranslation();
  const year = useToday()?.slice(0, 4);
  const { data } = useQuery({
    queryKey: ['public', 'statistics', 'year', year],
    queryFn: () =>
      call(
        api.GET('/api/v1/public/statistics', { params: { query: { by: 'year', from: year ?? '', to: year ?? '' } } }),
      ),
    enabled: year !== undefined,
  });
  const total = data?.totals[0];
  return (
    <div className="tiles">
      <Tile
        lead
        name={t('statistics.volumeOf', { year: year ?? '' })}
        value={total?.volume}
        unit={total?.unit ?? 't'}
      />
      <Tile name={t('statistics.turnover')} value={total?.turnover} unit="CNY" />
      <Tile name={t('statistics.trades')} value={total && String(total.trades)} />
      <Tile name={t('statistics.participants')} value={total && String(total.participants)} />
    </div>
  );
}
