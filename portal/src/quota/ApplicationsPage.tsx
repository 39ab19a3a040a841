import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useOrganisationName, useSiteName, useZoneName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { ListPanel } from '../ui/ListPanel';
import { PageHead } from '../ui/PageHead';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { StateChoice } from '../ui/StateChoice';
import { runningTerm } from './terms';
import { Term } from './Term';

// The list is there before what may be done: its forms weigh as much as the rest of the page.
const DraftApplication = lazy(async () => ({ default: (await import('./ApplicantActs')).DraftApplication }));
const ApplicationPanel = lazy(() => import('./ApplicationPanel'));
const GrantsPanel = lazy(() => import('./GrantsPanel'));

type Application = Schemas['AllocationApplication'];

const states = ['draft', 'submitted', 'correction_requested', 'accepted', 'proposed', 'rejected', 'withdrawn'] as const;

function useColumns(): Column<Application>[] {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const organisationName = useOrganisationName();
  const zoneName = useZoneName();
  return [
    {
      key: 'number',
      title: t('reduction.number'),
      cell: (one) => (
        <>
          <Link to={`/applications/${one.id}`} className="underlined figures">
            {one.number ?? t('application.unnumbered')}
          </Link>
          <br />
          <small className="muted figures">{minuteOf(one.submitted_at ?? one.drafted_at)}</small>
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
          <small className="muted">{organisationName(one.organisation)}</small>
        </>
      ),
    },
    {
      key: 'right',
      title: t('right.name'),
      cell: (one) => (
        <>
          <b>{t(`pollutant.${one.pollutant}`)}</b> · {t(`grant.origins.${one.origin}`)}
          <br />
          <small className="muted">
            {zoneName(one.zone)} · {t('right.validity', { from: one.valid_from, to: one.valid_to })}
          </small>
        </>
      ),
    },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => <State state={one.state} word={t(`application.states.${one.state}`)} />,
    },
    { key: 'term', title: t('grant.term'), cell: (one) => <Term until={runningTerm(one)?.[1] ?? null} /> },
  ];
}

function Applications() {
  const { t } = useTranslation();
  const isBureau = hasRole(useSession(), 'bureau_officer', 'bureau_head');
  const [state, setState] = useState<string>();
  const columns = useColumns();
  const list = useList(['allocation-applications', 'all', state], (cursor) =>
    call(
      api.GET('/api/v1/allocation-applications', {
        params: { query: { limit: 25, order: 'newest', ...(state !== undefined && { state }), ...at(cursor) } },
      }),
    ),
  );
  return (
    <ListPanel
      title={t('application.all')}
      list={list}
      columns={columns}
      actions={
        <StateChoice
          // Nobody but its applicant knows of a draft.
          states={states.filter((one) => !isBureau || one !== 'draft')}
          word={(one) => t(`application.states.${one}`)}
          value={state}
          choose={setState}
        />
      }
      none={t('application.none')}
      noneLead={isBureau ? t('reduction.noneLead') : t('application.noneLead')}
    />
  );
}

/** Applications for rights: an enterprise asks for what its site is to be granted, its bureau accepts, has it corrected once, and proposes the grant. */
export default function ApplicationsPage() {
  const { t } = useTranslation();
  const { id } = useParams();
  const session = useSession();
  const mayApply = hasRole(session, 'enterprise_trader');
  const isEnterprise = mayApply || hasRole(session, 'enterprise_approver');
  return (
    <>
      <PageHead
        title={t('application.title')}
        lead={t('application.lead')}
        {...(mayApply && {
          actions: (
            <Suspense>
              <DraftApplication />
            </Suspense>
          ),
        })}
      />
      <div className="stack">
        <Suspense>{id !== undefined && <ApplicationPanel id={id} />}</Suspense>
        <Applications />
        <Suspense>{isEnterprise && <GrantsPanel />}</Suspense>
      </div>
    </>
  );
}
