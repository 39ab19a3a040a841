import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams, useSearchParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { Evidence } from '../documents/Evidence';
import { minuteOf } from '../figures/instant';
import { withWords } from '../i18n/areas';
import { useOrganisationName, useSiteName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { ListPanel } from '../ui/ListPanel';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import type { Column } from '../ui/Rows';
import { StateChoice } from '../ui/StateChoice';
import { ApplyForReduction } from './ApplyForReduction';
import { ReductionActs } from './ReductionActs';

// Bureaux alone register by themselves.
const RegisterReduction = lazy(withWords('grants', () => import('./RegisterReduction')));

type Application = Schemas['ReductionApplication'];

const states = ['submitted', 'registered', 'refused', 'withdrawn'] as const;

/** The one application that a task or a decision is about. */
function Named({ id }: { id: string }) {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const organisationName = useOrganisationName();
  const found = useQuery({
    queryKey: ['reduction-applications', id],
    queryFn: () => call(api.GET('/api/v1/reduction-applications/{id}', { params: { path: { id } } })),
  });
  const one = found.data;
  if (one === undefined) return <Refusal error={found.error} retry={() => void found.refetch()} />;
  return (
    <Panel title={one.number} actions={<ReductionActs application={one} />}>
      <Facts
        wide
        facts={[
          [t('subjectKind.organisation'), organisationName(one.organisation)],
          [t('field.site'), siteName(one.site)],
          [t('field.pollutant'), t(`pollutant.${one.pollutant}`)],
          [t('reduction.quantity'), <Amount value={one.quantity} unit={one.unit} />],
          [t('reduction.statement'), one.statement],
          [t('reduction.appliedAt'), <span className="figures">{minuteOf(one.applied_at)}</span>],
          [t('reduction.documents'), <Evidence subject={one.id} />],
          one.reason !== null && [t('field.reason'), one.reason],
        ]}
      />
    </Panel>
  );
}

function Applications() {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const [state, setState] = useState<string>();
  const list = useList(['reduction-applications', state], (cursor) =>
    call(
      api.GET('/api/v1/reduction-applications', {
        params: { query: { limit: 25, order: 'newest', ...(state !== undefined && { state }), ...at(cursor) } },
      }),
    ),
  );
  const columns: Column<Application>[] = [
    {
      key: 'number',
      title: t('reduction.number'),
      cell: (one) => (
        <>
          <b className="figures">{one.number}</b>
          <br />
          <small className="muted figures">{minuteOf(one.applied_at)}</small>
        </>
      ),
    },
    {
      key: 'site',
      title: t('field.site'),
      cell: (one) => (
        <>
          {siteName(one.site)}
          <br />
          <small className="muted">{one.statement}</small>
        </>
      ),
    },
    { key: 'pollutant', title: t('field.pollutant'), cell: (one) => t(`pollutant.${one.pollutant}`) },
    {
      key: 'quantity',
      title: t('reduction.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    { key: 'evidence', title: t('reduction.documents'), cell: (one) => <Evidence subject={one.id} /> },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => (
        <>
          <ReductionActs application={one} />
          {one.reason && <small className="muted">{one.reason}</small>}
        </>
      ),
    },
  ];
  const word = (one: string) => (one === 'submitted' ? t('reduction.submitted') : t(`state.${one}`));
  return (
    <ListPanel
      title={t('reduction.all')}
      list={list}
      columns={columns}
      actions={<StateChoice states={states} word={word} value={state} choose={setState} />}
      none={t('reduction.none')}
      noneLead={t('reduction.noneLead')}
    />
  );
}

/** What is registered and may be sold, applied for or registered by the bureau itself. */
function Registered() {
  const { t } = useTranslation();
  const mayRegister = hasRole(useSession(), 'bureau_officer', 'bureau_head');
  const siteName = useSiteName();
  const list = useList(['reductions'], (cursor) =>
    call(api.GET('/api/v1/reductions', { params: { query: { limit: 25, order: 'newest', ...at(cursor) } } })),
  );
  const columns: Column<Schemas['Reduction']>[] = [
    { key: 'site', title: t('field.site'), cell: (one) => siteName(one.site) },
    { key: 'pollutant', title: t('field.pollutant'), cell: (one) => t(`pollutant.${one.pollutant}`) },
    {
      key: 'quantity',
      title: t('reduction.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    { key: 'document', title: t('field.document'), cell: (one) => one.document },
    {
      key: 'at',
      title: t('reduction.registeredAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.registered_at)}</span>,
    },
  ];
  return (
    <ListPanel
      title={t('reduction.registered')}
      list={list}
      columns={columns}
      {...(mayRegister && {
        actions: (
          <Suspense>
            <RegisterReduction />
          </Suspense>
        ),
      })}
      none={t('reduction.noRegistered')}
    />
  );
}

/** Registering what was reduced, without which nobody sells: enterprises apply with their evidence, their bureau decides. */
export default function ReductionsPage() {
  const { t } = useTranslation();
  const { id } = useParams();
  const [parameters] = useSearchParams();
  const mayApply = hasRole(useSession(), 'enterprise_trader');
  const [site, pollutant] = ['site', 'pollutant'].map((name) => parameters.get(name) || undefined);
  return (
    <>
      <PageHead
        title={t('reduction.title')}
        lead={t('reduction.lead')}
        {...(mayApply && { actions: <ApplyForReduction site={site} pollutant={pollutant} /> })}
      />
      <div className="stack">
        {id !== undefined && <Named id={id} />}
        <Applications />
        <Registered />
      </div>
    </>
  );
}
