import { useQuery } from '@tanstack/react-query';
import { Skeleton } from 'antd';
import { lazy, Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { isZero, sum } from '../figures/decimal';
import { dayOf } from '../figures/instant';
import { readRightClass } from '../figures/rightClass';
import { positionsOf } from '../home/position';
import { useBalances } from '../home/useBalances';
import { useOrganisationName, useSiteName } from '../parties/names';
import { useToday } from '../session/installation';
import { usePalette } from '../shell/appearance';
import { drawing } from '../statistics/drawing';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { Gauge } from '../ui/Gauge';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { State } from '../ui/State';
import { Steps } from '../ui/Steps';
import { dischargedBy, missingUntil, months } from './days';
import { YearActs } from './YearActs';

const Chart = lazy(() => import('../statistics/Chart'));

type Year = Schemas['ComplianceYear'];

/** What a site holds now of a pollutant's multi-year rights. */
function useHeld(year: Year): string | undefined {
  const balances = useBalances(year.organisation).data;
  if (balances === undefined) return undefined;
  const held = positionsOf(balances).filter((one) => {
    const parts = readRightClass(one.rightClass);
    return one.site === year.site && parts?.pollutant === year.pollutant && parts.product === 'MULTI';
  });
  return sum(held.map((one) => one.held)) ?? '0.000';
}

/** The right against the discharge. */
function Measured({ year, days }: { year: Year; days: Schemas['DischargeDays'] | undefined }) {
  const { t } = useTranslation();
  const today = useToday();
  const held = useHeld(year);
  const right = year.entitlement ?? days?.entitlement_to_date ?? '0.000';
  const discharged = year.discharged ?? (days && dischargedBy(days.items)) ?? '0.000';
  const isFinal = Boolean(year.entitlement);
  const amount = (value: string | null | undefined) => <Amount value={value} unit={year.unit} />;
  return (
    <Panel
      title={t('compliance.measured')}
      actions={<State state={year.state} word={t(`compliance.states.${year.state}`)} />}
    >
      <div className="measured">
        <Gauge label={t('compliance.used')} part={discharged} whole={right} note={t('compliance.used')} />
        <Facts
          facts={[
            [isFinal ? t('compliance.entitlement') : t('compliance.entitledSoFar'), amount(right)],
            [isFinal ? t('compliance.discharged') : t('compliance.dischargedSoFar'), amount(discharged)],
            !isFinal && ([t('compliance.heldNow'), amount(held)] as const),
            isFinal && ([t('compliance.surplus'), amount(year.surplus)] as const),
            isFinal && ([t('compliance.shortfall'), amount(year.shortfall)] as const),
            isFinal && ([t('compliance.granted'), amount(year.granted)] as const),
            isFinal && ([t('compliance.covered'), amount(year.covered)] as const),
            Boolean(year.uncovered) && ([t('compliance.uncovered'), amount(year.uncovered)] as const),
            [
              t('compliance.missing'),
              t('compliance.days', {
                count: year.missing_days ?? (days && today ? missingUntil(days.items, today) : 0),
              }),
            ],
          ]}
        />
      </div>
      {!isFinal && <p className="muted gap">{t('compliance.notFinal')}</p>}
    </Panel>
  );
}

/** What an account was verified as, once it was. */
function verifiedAs(year: Year): string {
  if (!year.verified_at) return 'verified';
  return year.shortfall && !isZero(year.shortfall) ? 'shortfall' : 'surplus';
}

/** Whose word the figures rest on. */
function Sources({ year }: { year: Year }) {
  const { t } = useTranslation();
  if (!year.discharged) return null;
  return (
    <Panel title={t('compliance.sources')}>
      <Facts
        facts={(['by_bureau', 'by_monitor', 'by_report'] as const).map(
          (name) => [t(`compliance.${name}`), <Amount value={year[name]} unit={year.unit} />] as const,
        )}
      />
    </Panel>
  );
}

/** The discharge of each month. */
function Months({ days }: { days: Schemas['DischargeDays'] }) {
  const { t } = useTranslation();
  const palette = usePalette();
  const name = t('compliance.discharged');
  const option = useMemo(() => {
    const all = months(days.items);
    return drawing(
      'bar',
      all.map((one) => one.month),
      [{ name, values: all.map((one) => one.discharged) }],
      days.unit,
      palette,
    );
  }, [days, name, palette]);
  return (
    <Panel title={t('compliance.months')}>
      <Suspense fallback={<Skeleton active paragraph={{ rows: 5 }} title={false} />}>
        <Chart option={option} label={t('compliance.months')} />
      </Suspense>
    </Panel>
  );
}

/** One annual account: the right against the discharge, and how it is settled. */
export default function ComplianceYearPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const siteName = useSiteName();
  const organisationName = useOrganisationName();
  const query = useQuery({
    queryKey: ['compliance-year', id],
    queryFn: () => call(api.GET('/api/v1/compliance-years/{id}', { params: { path: { id } } })),
  });
  const days = useQuery({
    queryKey: ['discharge-days', id],
    queryFn: () => call(api.GET('/api/v1/compliance-years/{id}/days', { params: { path: { id } } })),
  });
  if (query.isLoadingError) return <Refusal error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading />;
  const year = query.data;
  const reached = (instant: string | null | undefined) => (instant ? dayOf(instant) : '—');
  return (
    <>
      <PageHead
        title={`${t(`pollutant.${year.pollutant}`)} · ${year.year}`}
        lead={`${organisationName(year.organisation)} · ${siteName(year.site)}`}
        actions={<YearActs year={year} />}
      />
      <div className="stack">
        <Measured year={year} days={days.data} />
        <Panel title={t('trade.steps')}>
          <Steps
            steps={['open', 'reported', verifiedAs(year), 'settled', 'sealed']}
            now={year.state}
            word={(step) => t(`compliance.states.${step}`)}
          />
          <div className="gap">
            <Facts
              facts={[
                [t('compliance.openedAt'), reached(year.opened_at)],
                [t('compliance.reportedAt'), reached(year.reported_at)],
                [t('compliance.verifiedAt'), reached(year.verified_at)],
                [t('compliance.settledAt'), reached(year.settled_at)],
              ]}
            />
          </div>
        </Panel>
        <Sources year={year} />
        <Refusal error={days.error} retry={() => void days.refetch()} />
        {days.data && <Months days={days.data} />}
      </div>
    </>
  );
}
