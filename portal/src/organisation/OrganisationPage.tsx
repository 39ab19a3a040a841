import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';
import { withWords } from '../i18n/areas';
import { minuteOf } from '../figures/instant';
import { useAreaName, useSitesOf } from '../parties/names';
import { useSession } from '../session/session';
import { Facts } from '../ui/Facts';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { State } from '../ui/State';
import { Users } from './Users';

const FactList = lazy(
  withWords('facts', () => import('../facts/FactList').then((found) => ({ default: found.FactList }))),
);
// What stands further down comes after the head.
const ApprovalsPanel = lazy(() => import('./ApprovalsPanel').then((found) => ({ default: found.ApprovalsPanel })));
const Delegations = lazy(() => import('./Delegations').then((found) => ({ default: found.Delegations })));

/** The own organisation: what it is, its people, and what they hand to each other. */
export default function OrganisationPage() {
  const { t } = useTranslation();
  const id = useSession()?.me.organisation ?? '';
  const areaName = useAreaName();
  const sites = useSitesOf(id);
  const query = useQuery({
    queryKey: ['organisation', id],
    queryFn: () => call(api.GET('/api/v1/organisations/{id}', { params: { path: { id } } })),
  });
  if (query.isLoadingError) return <Refusal error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading />;
  const organisation = query.data;
  return (
    <>
      <PageHead title={organisation.name} lead={t('organisation.lead')} />
      <div className="stack">
        <Panel
          title={t('organisation.facts')}
          actions={
            <State
              state={organisation.state === 'verified' ? 'active' : organisation.state}
              word={t(`organisation.states.${organisation.state}`, { defaultValue: organisation.state })}
            />
          }
        >
          <Facts
            facts={[
              [t('organisation.code'), <span className="code">{organisation.code}</span>],
              [t('field.kind'), t(`organisation.kinds.${organisation.kind}`, { defaultValue: organisation.kind })],
              [t('field.area'), areaName(organisation.area)],
              Boolean(organisation.sector) &&
                ([
                  t('organisation.sector'),
                  t(`sector.${organisation.sector}`, { defaultValue: organisation.sector }),
                ] as const),
              [t('user.registeredAt'), minuteOf(organisation.registered_at)],
              sites.length > 0 &&
                ([
                  t('field.site'),
                  <ul className="bare">
                    {sites.map((site) => (
                      <li key={site.id}>
                        {site.name} <small className="code muted">{site.number}</small>
                      </li>
                    ))}
                  </ul>,
                ] as const),
              Boolean(organisation.reason) && ([t('field.reason'), organisation.reason] as const),
            ]}
          />
        </Panel>
        <Users kind={organisation.kind} />
        <Suspense fallback={<Loading />}>
          <ApprovalsPanel organisation={id} />
          <Delegations />
          {organisation.kind === 'enterprise' && <FactList title={t('place.facts')} />}
        </Suspense>
      </div>
    </>
  );
}
