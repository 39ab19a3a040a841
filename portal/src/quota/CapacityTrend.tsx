import { useQuery } from '@tanstack/react-query';
import { Segmented, Skeleton } from 'antd';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { isZero } from '../figures/decimal';
import { daysLater } from '../figures/instant';
import { useToday } from '../session/installation';
import { usePalette } from '../shell/appearance';
import { drawing } from '../statistics/drawing';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { type Column, Rows } from '../ui/Rows';

const Chart = lazy(() => import('../statistics/Chart'));

type Step = 'month' | 'day';
type Point = Schemas['TrendPoint'];

/** How many days back each step looks. */
const SPAN: Record<Step, number> = { month: 365, day: 90 };

/** What is drawn of each point, in this order. */
const figures = ['cap', 'used', 'headroom'] as const;

/** A trend without the days before there was a cap. */
const sinceSet = (trend: Schemas['CapacityTrend']): Schemas['CapacityTrend'] => ({
  ...trend,
  points: trend.points.slice(
    Math.max(
      0,
      trend.points.findIndex((one) => !isZero(one.cap) || !isZero(one.used)),
    ),
  ),
});

function Drawn({ trend }: { trend: Schemas['CapacityTrend'] }) {
  const { t } = useTranslation();
  const palette = usePalette();
  const option = useMemo(
    () =>
      drawing(
        'line',
        trend.points.map((one) => one.date),
        figures.map((figure) => ({
          name: t(`capacity.${figure}`),
          values: trend.points.map((one) => one[figure]),
        })),
        trend.unit,
        palette,
      ),
    [trend, palette, t],
  );
  return (
    <Suspense fallback={<Skeleton active className="chart" />}>
      <Chart option={option} label={t('capacity.trend')} />
    </Suspense>
  );
}

/** The same figures to be read, the last day first. */
function Points({ trend }: { trend: Schemas['CapacityTrend'] }) {
  const { t } = useTranslation();
  const columns: Column<Point>[] = [
    { key: 'date', title: t('capacity.endOf'), cell: (one) => <span className="figures">{one.date}</span> },
    ...([...figures, 'committed', 'pending_reduction'] as const).map((figure) => ({
      key: figure,
      title: figure === 'pending_reduction' ? t('capacity.pending') : t(`capacity.${figure}`),
      isFigure: true,
      cell: (one: Point) => <Amount value={one[figure]} unit={trend.unit} />,
    })),
  ];
  return (
    <details>
      <summary>{t('capacity.asTable')}</summary>
      <Rows
        label={t('capacity.trend')}
        columns={columns}
        rows={[...trend.points].reverse()}
        rowKey={(one) => one.date}
        empty={<Nothing title={t('capacity.trend')} />}
      />
    </details>
  );
}

/** How a cap and its use stood over the last year or months. */
export function CapacityTrend({ capacity }: { capacity: Schemas['CapacityUseView'] }) {
  const { t } = useTranslation();
  const [step, setStep] = useState<Step>('month');
  const today = useToday();
  const to = today ?? '';
  const query = useQuery({
    queryKey: ['capacity-trend', capacity.id, step, to],
    queryFn: () =>
      call(
        api.GET('/api/v1/capacities/{id}/trend', {
          params: { path: { id: capacity.id }, query: { from: daysLater(to, -SPAN[step]), to, step } },
        }),
      ),
    select: sinceSet,
    enabled: today !== undefined,
  });
  return (
    <Panel
      title={`${t('capacity.trend')}（${capacity.unit}）`}
      actions={
        <Segmented<Step>
          aria-label={t('capacity.span')}
          value={step}
          onChange={setStep}
          options={(['month', 'day'] as const).map((value) => ({ value, label: t(`capacity.spans.${value}`) }))}
        />
      }
    >
      <Refusal error={query.error} retry={() => void query.refetch()} />
      {query.isPending && <Skeleton active className="chart" />}
      {query.data && (
        <div className="stack">
          <Drawn trend={query.data} />
          <Points trend={query.data} />
        </div>
      )}
    </Panel>
  );
}
