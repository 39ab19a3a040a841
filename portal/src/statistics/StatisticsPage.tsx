import { useQuery } from '@tanstack/react-query';
import { Skeleton } from 'antd';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { useAreaName } from '../parties/names';
import { usePalette } from '../shell/appearance';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { type Column, Rows } from '../ui/Rows';
import { drawing, type Series } from './drawing';
import { type By, periodsOf } from './periods';
import { useYear } from './useYear';

const Chart = lazy(() => import('./Chart'));
const Choices = lazy(() => import('./Choices'));

type Record = Schemas['StatisticsRecord'];

/** A series for each pollutant. */
function byPollutant(
  records: Record[],
  periods: string[],
  pick: (record: Record) => string,
  name: (pollutant: string) => string,
): Series[] {
  const pollutants = [...new Set(records.map((record) => record.pollutant))].sort();
  return pollutants.map((pollutant) => ({
    name: name(pollutant),
    values: periods.map((period) => {
      const found = records.find((record) => record.pollutant === pollutant && record.period === period);
      return found && pick(found);
    }),
  }));
}

interface DrawnProps {
  title: string;
  kind: 'bar' | 'line';
  periods: string[];
  series: Series[];
  unit: string;
}

/** A drawing with its heading; the table beneath the drawings has the same figures. */
function Drawn({ title, kind, periods, series, unit }: DrawnProps) {
  const palette = usePalette();
  const option = useMemo(() => drawing(kind, periods, series, unit, palette), [kind, periods, series, unit, palette]);
  return (
    <Panel title={`${title}（${unit}）`}>
      <Suspense fallback={<Skeleton active className="chart" />}>
        <Chart option={option} label={title} />
      </Suspense>
    </Panel>
  );
}

/** The price index of all pollutants and of each. */
function Index({ by, periods }: { by: By; periods: string[] }) {
  const { t } = useTranslation();
  const [from, to] = [periods[0] ?? '', periods[periods.length - 1] ?? ''];
  const { data, error } = useQuery({
    queryKey: ['public', 'price-index', by, from, to],
    queryFn: () => call(api.GET('/api/v1/public/price-index', { params: { query: { by, from, to } } })),
  });
  const series = useMemo(() => {
    const points = data?.points.filter((point) => point.value) ?? [];
    const pollutants = [...new Set(points.map((point) => point.pollutant))];
    return pollutants.map((pollutant) => ({
      name: t(`pollutant.${pollutant}`, { defaultValue: pollutant }),
      values: periods.map(
        (period) =>
          points.find((point) => point.pollutant === pollutant && point.period === period)?.value ?? undefined,
      ),
    }));
  }, [data, periods, t]);
  if (error) return <Refusal error={error} />;
  if (series.length === 0) return null;
  return (
    <Drawn
      title={t('statistics.index')}
      kind="line"
      periods={periods}
      series={series}
      unit={t('statistics.base', { base: data?.base ?? '' })}
    />
  );
}

function useColumns(): Column<Record>[] {
  const { t } = useTranslation();
  const areaName = useAreaName();
  return [
    { key: 'period', title: t('statistics.period'), cell: (one) => <span className="figures">{one.period}</span> },
    {
      key: 'pollutant',
      title: t('field.pollutant'),
      cell: (one) => t(`pollutant.${one.pollutant}`, { defaultValue: one.pollutant }),
    },
    { key: 'area', title: t('field.area'), cell: (one) => areaName(one.area) },
    {
      key: 'volume',
      title: t('statistics.volume'),
      isFigure: true,
      cell: (one) => <Amount value={one.volume} unit={one.unit} />,
    },
    {
      key: 'turnover',
      title: t('statistics.turnover'),
      isFigure: true,
      cell: (one) => <Amount value={one.turnover} unit="CNY" />,
    },
    {
      key: 'mean',
      title: t('statistics.meanPrice'),
      isFigure: true,
      cell: (one) => <Amount value={one.mean_price} unit={`CNY/${one.unit}`} />,
    },
    { key: 'low', title: t('statistics.lowest'), isFigure: true, cell: (one) => <Amount value={one.lowest_price} /> },
    {
      key: 'high',
      title: t('statistics.highest'),
      isFigure: true,
      cell: (one) => <Amount value={one.highest_price} />,
    },
    { key: 'trades', title: t('statistics.trades'), isFigure: true, cell: (one) => one.trades },
  ];
}

/** Volume, turnover, mean prices and the index of the market. */
export default function StatisticsPage() {
  const { t } = useTranslation();
  const years = useYear();
  const { year } = years;
  const [by, setBy] = useState<By>('month');
  const [area, setArea] = useState<string>();
  const periods = useMemo(() => (year === undefined ? [] : periodsOf(by, year)), [by, year]);
  const [from, to] = [periods[0] ?? '', periods[periods.length - 1] ?? ''];
  const query = useQuery({
    queryKey: ['public', 'statistics', by, from, to, area],
    queryFn: () =>
      call(
        api.GET('/api/v1/public/statistics', {
          params: { query: { by, from, to, ...(area !== undefined && { area }) } },
        }),
      ),
    enabled: year !== undefined,
  });
  const records = useMemo(() => query.data?.records.filter((record) => record.mode === 'all') ?? [], [query.data]);
  const name = (pollutant: string) => t(`pollutant.${pollutant}`, { defaultValue: pollutant });
  const columns = useColumns();
  return (
    <>
      <PageHead
        title={t('statistics.title')}
        lead={t('statistics.lead')}
        actions={
          <Suspense>
            <Choices by={by} setBy={setBy} years={years} area={area} setArea={setArea} />
          </Suspense>
        }
      />
      <div className="stack">
        {records.length > 0 && (
          <>
            <div className="two even">
              <Drawn
                title={t('statistics.volume')}
                kind="bar"
                periods={periods}
                series={byPollutant(records, periods, (one) => one.volume, name)}
                unit="t"
              />
              <Drawn
                title={t('statistics.turnover')}
                kind="bar"
                periods={periods}
                series={byPollutant(records, periods, (one) => one.turnover, name)}
                unit="CNY"
              />
            </div>
            <Drawn
              title={t('statistics.meanPrice')}
              kind="line"
              periods={periods}
              series={byPollutant(records, periods, (one) => one.mean_price, name)}
              unit="CNY/t"
            />
          </>
        )}
        {periods.length > 0 && <Index by={by} periods={periods} />}
        <Panel flush title={t('statistics.table')}>
          <Rows
            label={t('statistics.table')}
            columns={columns}
            rows={records}
            rowKey={(one) => one.key}
            isLoading={query.isPending}
            error={query.error}
            retry={() => void query.refetch()}
            empty={<Nothing title={t('statistics.none')} />}
          />
        </Panel>
      </div>
    </>
  );
}
