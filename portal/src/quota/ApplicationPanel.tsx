import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { Evidence } from '../documents/Evidence';
import { minuteOf } from '../figures/instant';
import { useOrganisationName, useSiteName, useZoneName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { State } from '../ui/State';
import { Steps } from '../ui/Steps';
import { ApplicantActs } from './ApplicantActs';
import { BureauActs } from './BureauActs';
import { CapAfter } from './GrantPreview';
import { Term } from './Term';
import { runningTerm } from './terms';

type Application = Schemas['AllocationApplication'];

const steps = ['draft', 'submitted', 'accepted', 'proposed'] as const;
/** Where somebody may still do something about it. */
const living = ['draft', 'submitted', 'correction_requested', 'accepted'];

/** The grant that came of an application, and how far that has come. */
function Granted({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ['allocations', id],
    queryFn: () => call(api.GET('/api/v1/allocations/{id}', { params: { path: { id } } })),
  });
  if (data === undefined) return '…';
  return (
    <span className="actions">
      <Link to={`/allocations/${id}`} className="underlined">
        {data.document}
      </Link>
      <Amount value={data.quantity} unit={data.unit} />
      <State state={data.state} {...(data.state === 'proposed' && { word: t('grant.waits') })} />
    </span>
  );
}

/** What an application was found to lack. */
function Lacking({ points }: { points: readonly string[] }) {
  const { t } = useTranslation();
  if (points.length === 0) return null;
  return (
    <div className="notice calm">
      <h3>{t('application.lacking')}</h3>
      <ul>
        {points.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
    </div>
  );
}

function Acts({ application }: { application: Application }) {
  const session = useSession();
  if (!living.includes(application.state)) return null;
  if (hasRole(session, 'bureau_officer', 'bureau_head')) return <BureauActs application={application} />;
  const isOwn = hasRole(session, 'enterprise_trader') && application.organisation === session?.me.organisation;
  return isOwn ? <ApplicantActs application={application} /> : null;
}

/** What an application says, and what became of it. */
function useFacts(one: Application): (readonly [string, ReactNode] | false)[] {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const organisationName = useOrganisationName();
  const zoneName = useZoneName();
  const isBureau = hasRole(useSession(), 'bureau_officer', 'bureau_head');
  const term = runningTerm(one);
  return [
    [t('subjectKind.organisation'), organisationName(one.organisation)],
    [t('field.site'), siteName(one.site)],
    [
      t('right.name'),
      `${t(`pollutant.${one.pollutant}`)} · ${t(`grant.origins.${one.origin}`)} · ${zoneName(one.zone)}`,
    ],
    [t('grant.validity'), t('right.validity', { from: one.valid_from, to: one.valid_to })],
    [t('field.quantity'), <Amount value={one.quantity} unit={one.unit} />],
    isBureau &&
      living.includes(one.state) && [
        t('field.area'),
        <CapAfter site={one.site} pollutant={one.pollutant} quantity={one.quantity} />,
      ],
    one.statement !== null && [t('application.statement'), one.statement],
    one.submitted_at !== null && [t('application.submittedAt'), minuteOf(one.submitted_at)],
    term !== undefined && [t(`application.terms.${term[0]}`), <Term until={term[1]} />],
    one.accepted_on !== null && [
      t('application.acceptedOn'),
      one.accepted_by === null ? t('application.bySilence', { day: one.accepted_on }) : one.accepted_on,
    ],
    one.submitted_at !== null && [t('reduction.documents'), <Evidence subject={one.id} />],
    one.allocation !== null && [t('application.granted'), <Granted id={one.allocation} />],
    one.decided_at !== null && [t('grant.decidedAt'), minuteOf(one.decided_at)],
    one.reason !== null && [t('field.reason'), one.reason],
  ];
}

function Found({ application }: { application: Application }) {
  const { t } = useTranslation();
  const facts = useFacts(application);
  const { state } = application;
  const step = state === 'correction_requested' ? 'submitted' : state;
  return (
    <Panel
      title={application.number ?? t('application.unnumbered')}
      actions={
        <>
          {(step !== state || !living.includes(state)) && (
            <State state={state} word={t(`application.states.${state}`)} />
          )}
          <Acts application={application} />
        </>
      }
    >
      <div className="stack">
        {state !== 'rejected' && state !== 'withdrawn' && (
          <Steps steps={steps} now={step} word={(one) => t(`application.states.${one}`)} />
        )}
        <Lacking points={application.correction_points} />
        <Facts wide facts={facts} />
      </div>
    </Panel>
  );
}

/** The one application that a link is about, with what may be done about it now. */
export default function ApplicationPanel({ id }: { id: string }) {
  const found = useQuery({
    queryKey: ['allocation-applications', id],
    queryFn: () => call(api.GET('/api/v1/allocation-applications/{id}', { params: { path: { id } } })),
  });
  if (found.data === undefined) return <Refusal error={found.error} retry={() => void found.refetch()} />;
  return <Found application={found.data} />;
}
