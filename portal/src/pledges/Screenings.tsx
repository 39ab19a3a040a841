import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';

type Finding = Schemas['ScreeningFinding'] & { step: string; at: string };

/** What each check saw when the pledge was applied for and registered. */
export function Screenings({ pledge }: { pledge: string }) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['screenings', pledge],
    queryFn: () => call(api.GET('/api/v1/pledges/{id}/screenings', { params: { path: { id: pledge } } })),
  });
  const findings: Finding[] =
    query.data?.items.flatMap((one) =>
      one.findings
        .filter((finding) => finding.outcome === 'passed')
        .map((finding) => ({ ...finding, step: one.step, at: one.screened_at })),
    ) ?? [];
  const off = new Set(
    query.data?.items.flatMap((one) =>
      one.findings.filter((found) => found.outcome === 'off').map((found) => found.check),
    ),
  );
  const ending = query.data?.items.flatMap((one) => one.permits.filter((permit) => permit.ends_before_debt)) ?? [];
  const columns: Column<Finding>[] = [
    { key: 'check', title: t('screening.check'), cell: (one) => <span className="code">{one.check}</span> },
    {
      key: 'step',
      title: t('screening.step'),
      cell: (one) => (
        <>
          {t(`state.${one.step}`)} <small className="muted figures">{minuteOf(one.at)}</small>
        </>
      ),
    },
    {
      key: 'rule',
      title: t('rulebook.rule'),
      isFigure: true,
      cell: (one) => <span className="code">{one.rule ?? '—'}</span>,
    },
    {
      key: 'seen',
      title: t('screening.seen'),
      isFigure: true,
      cell: (one) => <span className="code">{one.seen ?? '—'}</span>,
    },
  ];
  return (
    <Panel flush title={t('screening.title')}>
      <Rows
        label={t('screening.title')}
        columns={columns}
        rows={findings}
        rowKey={(one) => one.step + one.check}
        isLoading={query.isPending}
        error={query.error}
        retry={() => void query.refetch()}
        empty={<Nothing brief title={t('screening.none')} />}
      />
      {(off.size > 0 || ending.length > 0) && (
        <p className="remark muted">
          {off.size > 0 && t('screening.off', { count: off.size })}{' '}
          {[...new Set(ending.map((one) => one.number))]
            .map((number) => t('screening.permitEnds', { number }))
            .join(' ')}
        </p>
      )}
    </Panel>
  );
}
