import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';

/** The courts' orders by which a pledge was released, whole or in part. */
export function CourtReleases({ pledge }: { pledge: Schemas['Pledge'] }) {
  const { t } = useTranslation();
  if (pledge.court_releases.length === 0) return null;
  const columns: Column<Schemas['CourtRelease']>[] = [
    { key: 'document', title: t('court.document'), cell: (one) => <span className="code">{one.document}</span> },
    { key: 'court', title: t('court.court'), cell: (one) => one.court },
    { key: 'dated', title: t('court.datedOn'), cell: (one) => one.dated_on },
    { key: 'what', title: t('court.what'), cell: (one) => t(one.amendment ? 'court.part' : 'court.whole') },
    { key: 'ground', title: t('court.ground'), cell: (one) => one.ground },
    { key: 'recorded', title: t('court.recordedAt'), cell: (one) => minuteOf(one.recorded_at) },
  ];
  return (
    <Panel flush title={t('court.title')}>
      <Rows
        label={t('court.title')}
        columns={columns}
        rows={pledge.court_releases}
        rowKey={(one) => one.id}
        empty={<Nothing title={t('court.title')} />}
      />
    </Panel>
  );
}
