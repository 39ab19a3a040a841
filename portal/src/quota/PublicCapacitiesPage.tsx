import { useQuery } from '@tanstack/react-query';
import { Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, whole } from '../api/list';
import { subtract, thousandths } from '../figures/decimal';
import { useAreaName } from '../parties/names';
import { usePalette } from '../shell/appearance';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { room } from './headroom';

/** How much of a cap is taken, as a bar. */
function Taken({ capacity }: { capacity: Schemas['PublicCapacity'] }) {
  const palette = usePalette();
  const { t } = useTranslation();
  const colours = { ample: palette.leaf, narrow: palette.amber, none: palette.rust };
  const share = thousandths(subtract(capacity.cap, capacity.headroom), capacity.cap) / 10;
  return (
    <Progress
      percent={share}
      showInfo={false}
      size="small"
      strokeColor={colours[room(capacity.headroom, capacity.cap)]}
      aria-label={t('capacity.taken')}
      style={{ minWidth: 120 }}
    />
  );
}

/** The caps of all areas, and how much room there is beneath them. */
export default function PublicCapacitiesPage() {
  const { t } = useTranslation();
  const areaName = useAreaName();
  const query = useQuery({
    queryKey: ['public', 'capacities'],
    queryFn: () =>
      whole((cursor) =>
        call(api.GET('/api/v1/public/capacities', { params: { query: { limit: 200, ...at(cursor) } } })),
      ),
  });
  const columns: Column<Schemas['PublicCapacity']>[] = [
    { key: 'area', title: t('field.area'), cell: (one) => <b>{areaName(one.area)}</b> },
    {
      key: 'pollutant',
      title: t('field.pollutant'),
      cell: (one) => t(`pollutant.${one.pollutant}`, { defaultValue: one.pollutant }),
    },
    { key: 'taken', title: t('capacity.taken'), cell: (one) => <Taken capacity={one} />, width: 180 },
    { key: 'cap', title: t('capacity.cap'), isFigure: true, cell: (one) => <Amount value={one.cap} unit={one.unit} /> },
    {
      key: 'used',
      title: t('capacity.used'),
      isFigure: true,
      cell: (one) => <Amount value={one.used} unit={one.unit} />,
    },
    {
      key: 'committed',
      title: t('capacity.committed'),
      isFigure: true,
      cell: (one) => <Amount value={one.committed} unit={one.unit} />,
    },
    {
      key: 'headroom',
      title: t('capacity.headroom'),
      isFigure: true,
      cell: (one) => <Amount value={one.headroom} unit={one.unit} />,
    },
  ];
  return (
    <>
      <PageHead title={t('capacity.title')} lead={t('capacity.lead')} />
      <Panel flush>
        <Rows
          label={t('capacity.title')}
          columns={columns}
          rows={query.data ?? []}
          rowKey={(one) => one.id}
          isLoading={query.isPending}
          error={query.error}
          retry={() => void query.refetch()}
          empty={<Nothing title={t('capacity.none')} />}
        />
      </Panel>
    </>
  );
}
