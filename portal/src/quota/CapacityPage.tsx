import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { add, isZero, percentage, thousandths } from '../figures/decimal';
import { useAreaName, useOrganisationName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { Gauge } from '../ui/Gauge';
import { ListPanel } from '../ui/ListPanel';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import type { Column } from '../ui/Rows';
import CapacityActs from './CapacityActs';
import CapacityChanges from './CapacityChanges';
import { CapacityTrend } from './CapacityTrend';
import { useReach } from './SuspensionActs';

type Capacity = Schemas['CapacityUseView'];

/** Which suspension stands over the area: by which document, why and since when. */
function Suspended({ id }: { id: string }) {
  const { t } = useTranslation();
  const areaName = useAreaName();
  const reach = useReach();
  const { data } = useQuery({
    queryKey: ['area-suspensions', id],
    queryFn: () => call(api.GET('/api/v1/area-suspensions/{id}', { params: { path: { id } } })),
  });
  if (data === undefined) return null;
  return (
    <div className="notice">
      <h3>{t('suspension.isSuspended', { area: areaName(data.area), reach: reach(data) })}</h3>
      <p>
        {t('suspension.isSuspendedLead', { document: data.document, from: data.valid_from, reason: data.reason })}
        {data.lifted_from !== null && ` ${t('suspension.endsOn', { day: data.lifted_from })}`}
      </p>
    </div>
  );
}

/** The figures of a cap, and how much of it is taken. */
function Figures({ capacity }: { capacity: Capacity }) {
  const { t } = useTranslation();
  const { cap, used, committed, headroom, pending_reduction: pending, unit } = capacity;
  const amount = (value: string) => <Amount value={value} unit={unit} />;
  return (
    <div className="two">
      <Panel title={t('capacity.figures')}>
        <Facts
          wide
          facts={[
            [t('capacity.cap'), <b>{amount(cap)}</b>],
            [t('capacity.used'), amount(used)],
            [t('capacity.committedFor'), amount(committed)],
            [t('capacity.headroom'), <b>{amount(headroom)}</b>],
            !isZero(pending) && [t('capacity.pending'), <span className="beyond">{amount(pending)}</span>],
          ]}
        />
      </Panel>
      <Panel title={t('capacity.taken')}>
        <Gauge label={t('capacity.taken')} part={add(used, committed)} whole={cap} note={t('capacity.ofTheCap')} />
      </Panel>
    </div>
  );
}

type User = Schemas['SiteUse'] & { id: string };

/** How much of what is used is one site's, as a bar with its percentage. */
function Share({ part, whole }: { part: string; whole: string }) {
  const filled = thousandths(part, whole);
  const share = percentage(part, whole);
  return (
    <div className="share">
      <div className="bars" aria-hidden="true">
        {filled > 0 && <span className="available" style={{ width: `${filled / 10}%` }} />}
      </div>
      <small className="figures">{share === undefined ? '—' : `${share} %`}</small>
    </div>
  );
}

/** Who uses a cap, the largest first. */
function Users({ capacity }: { capacity: Capacity }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const list = useList<User>(['capacity-users', capacity.id], async (cursor) => {
    const page = await call(
      api.GET('/api/v1/capacities/{id}/users', {
        params: { path: { id: capacity.id }, query: { limit: 10, ...at(cursor) } },
      }),
    );
    return { ...page, items: page.items.map((one) => ({ ...one, id: one.site })) };
  });
  const columns: Column<User>[] = [
    {
      key: 'site',
      title: t('field.site'),
      cell: (one) => {
        const organisation = organisationName(one.organisation);
        return (
          <>
            <b>{one.name}</b>
            {organisation !== one.name && (
              <>
                <br />
                <small className="muted">{organisation}</small>
              </>
            )}
          </>
        );
      },
    },
    {
      key: 'share',
      title: t('capacity.shareOfUse'),
      cell: (one) => <Share part={one.used} whole={capacity.used} />,
      width: 220,
    },
    {
      key: 'used',
      title: t('capacity.used'),
      isFigure: true,
      cell: (one) => <Amount value={one.used} unit={one.unit} />,
    },
  ];
  return <ListPanel title={t('capacity.users')} list={list} columns={columns} none={t('capacity.noUsers')} />;
}

/** The cap of an area for a pollutant: how it stands and stood, who uses it, and which changes wait. */
export default function CapacityPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const session = useSession();
  const areaName = useAreaName();
  const query = useQuery({
    queryKey: ['capacities', id],
    queryFn: () => call(api.GET('/api/v1/capacities/{id}', { params: { path: { id } } })),
  });
  if (query.isLoadingError) return <Refusal error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading />;
  const capacity = query.data;
  const { area, pollutant } = capacity;
  return (
    <>
      <PageHead
        title={`${areaName(area)} · ${t(`pollutant.${pollutant}`, { defaultValue: pollutant })}`}
        lead={t('capacity.oneLead')}
        actions={
          <>
            <Link to={`/capacities?area=${area}`}>{t('capacity.toMatrix')}</Link>
            <CapacityActs area={area} pollutant={pollutant} />
          </>
        }
      />
      <div className="stack">
        {capacity.suspension && <Suspended id={capacity.suspension} />}
        <Figures capacity={capacity} />
        <CapacityTrend capacity={capacity} />
        <CapacityChanges area={area} pollutant={pollutant} />
        {!hasRole(session, 'legal_reviewer') && <Users capacity={capacity} />}
      </div>
    </>
  );
}
