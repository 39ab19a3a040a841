import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, whole } from '../api/list';
import { subtract } from '../figures/decimal';
import { minuteOf } from '../figures/instant';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { FreezeState } from './columns';

type Freeze = Schemas['Freeze'];

/** Every freeze of a site in one state, whatever the right. */
const inState = (site: string, state: string) =>
  whole((cursor) =>
    call(api.GET('/api/v1/freezes', { params: { query: { site, state, limit: 200, ...at(cursor) } } })),
  );

/** The freezes of the same rights that have not ended, in the order in which they are served. */
export function Line({ freeze }: { freeze: Freeze }) {
  const { t } = useTranslation();
  const { site, right_class } = freeze;
  const line = useQuery({
    queryKey: ['freezes', 'line', site, right_class],
    queryFn: async () => {
      const [holding, waiting] = await Promise.all([inState(site, 'in_force'), inState(site, 'waiting')]);
      return [...holding, ...waiting]
        .filter((one) => one.right_class === right_class)
        .sort((a, b) => Date.parse(a.recorded_at) - Date.parse(b.recorded_at) || a.rank - b.rank);
    },
  });
  const columns: Column<Freeze>[] = [
    {
      key: 'document',
      title: t('freeze.document'),
      cell: (one) => (one.id === freeze.id ? <b>{one.document}</b> : one.document),
    },
    { key: 'court', title: t('freeze.court'), cell: (one) => one.court },
    {
      key: 'recorded',
      title: t('freeze.recordedAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.recorded_at)}</span>,
    },
    {
      key: 'taken',
      title: t('freeze.taken'),
      isFigure: true,
      cell: (one) => <Amount value={one.taken} unit={one.unit} />,
    },
    {
      key: 'wanted',
      title: t('freeze.wanted'),
      isFigure: true,
      cell: (one) => <Amount value={subtract(one.quantity, one.taken)} unit={one.unit} />,
    },
    { key: 'state', title: t('field.state'), cell: (one) => <FreezeState freeze={one} /> },
  ];
  return (
    <Panel flush title={t('freeze.line')}>
      <Rows
        label={t('freeze.line')}
        columns={columns}
        rows={line.data ?? []}
        rowKey={(one) => one.id}
        isLoading={line.isPending}
        error={line.error}
        retry={() => void line.refetch()}
        empty={<Nothing brief title={t('freeze.lineEmpty')} />}
      />
    </Panel>
  );
}
