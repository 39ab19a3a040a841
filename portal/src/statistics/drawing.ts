import type { EChartsCoreOption } from 'echarts/core';
import { drawn, grouped } from '../figures/decimal';
import type { Palette } from '../shell/tokens';

/** One line or row of bars: a decimal string for each period, nothing where there was no trade. */
export interface Series {
  name: string;
  values: (string | undefined)[];
}

/** What is drawn, without a word of markup: the policy of the page lets no chart bring styles of its own. */
export function drawing(
  kind: 'bar' | 'line',
  periods: string[],
  series: Series[],
  unit: string,
  palette: Palette,
): EChartsCoreOption {
  const colours = [palette.river, palette.amber, palette.slate, palette.rust, palette.leaf];
  return {
    aria: { enabled: true },
    animation: false,
    color: colours,
    textStyle: { fontFamily: 'inherit' },
    grid: { left: 8, right: 8, top: series.length > 1 ? 36 : 16, bottom: 4, containLabel: true },
    ...(series.length > 1 && {
      legend: {
        top: 0,
        left: 0,
        icon: 'roundRect',
        itemWidth: 10,
        itemHeight: 10,
        textStyle: { color: palette.muted },
      },
    }),
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      backgroundColor: palette.surface,
      borderColor: palette.line,
      textStyle: { color: palette.ink, fontSize: 12.5 },
      // What is read is the decimal of the API, not the position of the point.
      formatter: (points: { seriesIndex: number; dataIndex: number; seriesName: string }[]) =>
        [
          periods[points[0]?.dataIndex ?? 0] ?? '',
          ...points.map((point) => {
            const value = series[point.seriesIndex]?.values[point.dataIndex];
            return `${point.seriesName}  ${value === undefined ? '—' : `${grouped(value)} ${unit}`}`;
          }),
        ].join('\n'),
    },
    xAxis: {
      type: 'category',
      data: periods,
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      axisLabel: { color: palette.muted },
    },
    yAxis: {
      type: 'value',
      name: '',
      splitLine: { lineStyle: { color: palette.line } },
      axisLabel: { color: palette.muted },
      scale: kind === 'line',
    },
    series: series.map(({ name, values }) => ({
      type: kind,
      name,
      barMaxWidth: 26,
      symbolSize: 6,
      connectNulls: true,
      itemStyle: { borderRadius: kind === 'bar' ? [3, 3, 0, 0] : 0 },
      data: values.map((value) => (value === undefined ? null : drawn(value))),
    })),
  };
}
