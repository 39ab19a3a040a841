import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { Evidence } from '../documents/Evidence';
import { minuteOf } from '../figures/instant';
import { withWords } from '../i18n/areas';
import { useProjects } from '../market/projects';
import { useOrganisationName, useSiteName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { RightClass } from '../ui/RightClass';
import { State } from '../ui/State';
import { Steps } from '../ui/Steps';
import { Term } from './Term';
import { useGrantState } from './useGrantState';

// What an enterprise pays, and what a bureau decides: whoever looks does one of them at most.
const Pay = lazy(async () => ({ default: (await import('./DueFees')).Pay }));
const GrantActs = lazy(async () => ({ default: (await import('./GrantActs')).GrantActs }));

// Of what was laid open alone.
const ObjectionsTo = lazy(withWords('objections', () => import('../objections/ObjectionsTo')));

type Allocation = Schemas['Allocation'];

/** The way of a grant: what the rules ask for between its proposal and its effect. */
const wayOf = (grant: Allocation) => [
  'proposed',
  ...(grant.publicised_until === null ? [] : ['publicised']),
  ...(grant.fee === null ? [] : ['confirmed']),
  'active',
];

/** The application that a grant was proposed for; nothing where it was proposed by itself. */
function AppliedFor({ grant }: { grant: string }) {
  const { data } = useQuery({
    queryKey: ['allocation-applications', 'of', grant],
    queryFn: () =>
      call(api.GET('/api/v1/allocation-applications', { params: { query: { allocation: grant, limit: 1 } } })),
  });
  const found = data?.items[0];
  if (found === undefined) return <span className="muted">—</span>;
  return (
    <Link to={`/applications/${found.id}`} className="underlined figures">
      {found.number}
    </Link>
  );
}

function useFacts(one: Allocation): (readonly [string, ReactNode] | false)[] {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const organisationName = useOrganisationName();
  const project = useProjects(one.project === null ? undefined : one.site).data?.find((of) => of.id === one.project);
  return [
    [t('subjectKind.organisation'), organisationName(one.organisation)],
    [t('field.site'), siteName(one.site)],
    [t('right.name'), <RightClass code={one.right_class} />],
    [t('field.quantity'), <Amount value={one.quantity} unit={one.unit} />],
    project !== undefined && [t('market.project'), `${project.number} · ${project.document}`],
    one.replacement_ratio !== null && [t('grant.ratio'), one.replacement_ratio],
    one.replacement_ratio !== null && [t('preview.excess'), <Amount value={one.excess} unit={one.unit} />],
    [t('batch.proposedAt'), minuteOf(one.proposed_at)],
    one.publicised_until !== null && [
      t('grant.publicisedUntil'),
      <Term until={one.publicised_until} isRunning={one.state === 'publicised'} />,
    ],
    one.fee !== null && [t('fee.name'), <Amount value={one.fee} unit="CNY" />],
    one.fee !== null && [t('fee.paid'), <Amount value={one.fee_paid} unit="CNY" />],
    one.decided_at !== null && [t('grant.decidedAt'), minuteOf(one.decided_at)],
    one.reason !== null && [t('field.reason'), one.reason],
    one.batch === null
      ? [t('application.title'), <AppliedFor grant={one.id} />]
      : [t('batch.title'), t('grant.lineOfBatch', { line: one.line ?? '—' })],
    [t('reduction.documents'), <Evidence subject={one.batch ?? one.id} />],
  ];
}

function Found({ grant }: { grant: Allocation }) {
  const { t } = useTranslation();
  const stateName = useGrantState();
  const session = useSession();
  const facts = useFacts(grant);
  const isOver = ['rejected', 'withdrawn'].includes(grant.state);
  const mayPay =
    grant.state === 'confirmed' &&
    hasRole(session, 'enterprise_trader') &&
    grant.organisation === session?.me.organisation;
  return (
    <>
      <PageHead
        title={grant.document}
        lead={t('grant.lead')}
        actions={
          <>
            {isOver && <State state={grant.state} word={stateName(grant.state)} />}
            <Suspense>{mayPay ? <Pay allocation={grant} /> : <GrantActs grant={grant} size="middle" />}</Suspense>
          </>
        }
      />
      <div className="stack">
        <Panel>
          <div className="stack">
            {!isOver && (
              <Steps
                steps={wayOf(grant)}
                now={grant.state}
                word={(step) => (step === 'proposed' ? t('grant.proposed') : stateName(step))}
              />
            )}
            <Facts wide facts={facts} />
          </div>
        </Panel>
        {grant.publicised_until !== null && (
          <Suspense>
            <ObjectionsTo
              subject={grant.batch ?? grant.id}
              subject_kind={grant.batch === null ? 'allocation' : 'allocation_batch'}
              until={grant.publicised_until}
            />
          </Suspense>
        )}
      </div>
    </>
  );
}

/** One grant: what is granted to whom, how it was laid open, decided and paid for. */
export default function GrantPage() {
  const { id = '' } = useParams();
  const found = useQuery({
    queryKey: ['allocations', id],
    queryFn: () => call(api.GET('/api/v1/allocations/{id}', { params: { path: { id } } })),
  });
  if (found.isLoadingError) return <Refusal error={found.error} retry={() => void found.refetch()} />;
  return found.data === undefined ? <Loading /> : <Found grant={found.data} />;
}
