import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { Panel } from './Panel';
import { type Column, Rows } from './Rows';

/** Every fault of a file, by its line. */
export function FileFaults({ faults }: { faults: readonly Schemas['Violation'][] }) {
  const { t } = useTranslation();
  const columns: Column<Schemas['Violation']>[] = [
    {
      key: 'line',
      title: t('batch.line'),
      cell: (one) => <b className="figures">{/\[(\d+)\]/.exec(one.field)?.[1] ?? '—'}</b>,
      width: 80,
    },
    {
      key: 'field',
      title: t('batch.field'),
      cell: (one) => <span className="code">{one.field.split('.').pop()}</span>,
    },
    { key: 'message', title: t('batch.fault'), cell: (one) => one.message },
    { key: 'code', title: t('batch.code'), cell: (one) => <span className="code">{one.code}</span> },
  ];
  return (
    <Panel flush title={t('batch.faults', { count: faults.length })}>
      <Rows
        label={t('batch.faults', { count: faults.length })}
        columns={columns}
        rows={faults}
        rowKey={(one) => `${one.field}${one.code}${one.message}`}
        empty={null}
      />
    </Panel>
  );
}
