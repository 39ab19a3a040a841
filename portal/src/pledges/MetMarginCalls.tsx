import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { Amount } from '../ui/Amount';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { percent } from './figures';

/** Calls for more security that are over, the last one first; nothing where there was none. */
export function MetMarginCalls({ pledge }: { pledge: Schemas['Pledge'] }) {
  const { t } = useTranslation();
  const over = pledge.margin_calls.filter((one) => one.ended_at).reverse();
  if (over.length === 0) return null;
  const columns: Column<Schemas['MarginCall']>[] = [
    { key: 'called', title: t('margin.calledAt'), cell: (one) => minuteOf(one.called_at) },
    {
      key: 'secured',
      title: t('pledge.secured'),
      isFigure: true,
      cell: (one) => <Amount value={one.secured} unit="CNY" />,
    },
    {
      key: 'assessed',
      title: t('pledge.assessed'),
      isFigure: true,
      cell: (one) => <Amount value={one.assessed_value} unit="CNY" />,
    },
    {
      key: 'ltv',
      title: t('pledge.ltv'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.ltv ? percent(one.ltv) : '—'}</span>,
    },
    {
      key: 'cap',
      title: t('margin.cap'),
      isFigure: true,
      cell: (one) => <span className="figures">{percent(one.cap)}</span>,
    },
    { key: 'due', title: t('margin.dueOn'), isFigure: true, cell: (one) => one.due_on ?? '—' },
    {
      key: 'ended',
      title: t('margin.endedAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.ended_at ? minuteOf(one.ended_at) : '—'}</span>,
    },
  ];
  return (
    <Panel flush title={t('margin.over')}>
      <Rows label={t('margin.over')} columns={columns} rows={over} rowKey={(one) => one.id} empty={null} />
    </Panel>
  );
}
