import { useQuery } from '@tanstack/react-query';
import { Skeleton } from 'antd';
import { lazy, Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';
import { usePalette } from '../shell/appearance';
import { drawing } from '../statistics/drawing';
import { periodsOf } from '../statistics/periods';
import { useYear } from '../statistics/useYear';
import { YearChoice } from '../statistics/YearChoice';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';

const Chart = lazy(() => import('../statistics/Chart'));

/** Mean prices of a year by month: what a price is compared with. */
export function PriceHistory() {
  const { t } = useTranslation();
  const palette = usePalette();
  const years = useYear();
  const year = years.year ?? 0;
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['public', 'statistics', 'month', year],
    queryFn: () =>
      call(
        api.GET('/api/v1/public/statistics', {
          params: { query: { by: 'month', from: `${year}-01`, to: `${year}-12` } },
        }),
      ),
    enabled: year > 0,
  });
  const option = useMemo(() => {
    const periods = periodsOf('month', year);
    const records = data?.records.filter((record) => record.mode === 'all') ?? [];
    const pollutants = [...new Set(records.map((record) => record.pollutant))].sort();
    const series = pollutants.map((pollutant) => ({
      name: t(`pollutant.${pollutant}`, { defaultValue: pollutant }),
      values: periods.map(
        (period) => records.find((one) => one.pollutant === pollutant && one.period === period)?.mean_price,
      ),
    }));
    return series.length === 0 ? undefined : drawing('line', periods, series, 'CNY/t', palette);
  }, [data, year, palette, t]);
  return (
    <Panel title={t('market.priceHistory')} actions={<YearChoice {...years} />}>
      <Refusal error={error} retry={() => void refetch()} />
      {isPending && <Skeleton active className="chart" />}
      {data && option === undefined && <Nothing title={t('statistics.none')} />}
      {option && (
        <Suspense fallback={<Skeleton active className="chart" />}>
          <Chart option={option} label={t('market.priceHistory')} />
        </Suspense>
      )}
    </Panel>
  );
}
