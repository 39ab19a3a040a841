import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { IssueExtract } from '../extracts/IssueExtract';
import { withWords } from '../i18n/areas';
import { minuteOf } from '../figures/instant';
import { useOrganisationName, useSiteName } from '../parties/names';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { Later } from '../ui/Later';
import { Loading } from '../ui/Loading';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { Steps } from '../ui/Steps';
import { CourtReleases } from './CourtReleases';
import { LienNotices } from './LienNotices';
import { Parties } from './Parties';
import { percent } from './figures';
import { MarginCalls } from './MarginCalls';
import { usePart } from './roles';

// What stands further down comes after the head, and so do the forms of its acts.
const DeclareDefault = lazy(() => import('./DeclareDefault').then((found) => ({ default: found.DeclareDefault })));
const ReleaseByCourt = lazy(() => import('./ReleaseByCourt').then((found) => ({ default: found.ReleaseByCourt })));
const Valuations = lazy(() => import('./Valuations').then((found) => ({ default: found.Valuations })));
const Enforcement = lazy(() => import('./DefaultParts').then((found) => ({ default: found.Enforcement })));
const Versions = lazy(() => import('./Versions').then((found) => ({ default: found.Versions })));
const Payouts = lazy(() => import('./Payouts').then((found) => ({ default: found.Payouts })));
const ExternalRegistration = lazy(() =>
  import('./ExternalRegistration').then((found) => ({ default: found.ExternalRegistration })),
);
const MetMarginCalls = lazy(() => import('./MetMarginCalls').then((found) => ({ default: found.MetMarginCalls })));
const PledgeSales = lazy(
  withWords('sales', () => import('../sales/Sales').then((found) => ({ default: found.PledgeSales }))),
);
const PledgeTransfers = lazy(
  withWords('sales', () => import('../sales/Transfers').then((found) => ({ default: found.PledgeTransfers }))),
);
const Screenings = lazy(() => import('./Screenings').then((found) => ({ default: found.Screenings })));

type Pledge = Schemas['Pledge'];

/** What whoever looks at it may do now. */
function PledgeActs({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  const path = { params: { path: { id: pledge.id } } };
  const { isPledgee, isPledgor, isBureau, isExchange, mayAgree, hasShare, mayJoin } = usePart(pledge);
  const isPending = ['applied', 'verified', 'agreed'].includes(pledge.state);
  const mayRefuse = (isBureau && pledge.state === 'applied') || ((isPledgor || hasShare) && isPending);
  return (
    <>
      {isBureau && pledge.state === 'applied' && (
        <Act
          label={t('pledge.verify')}
          kind="primary"
          reason="asked"
          run={(reason, key) =>
            call(
              api.POST('/api/v1/pledges/{id}/verify', {
                ...path,
                ...keyed(key),
                body: { documents: [], ...(reason !== undefined && { reason }) },
              }),
            )
          }
        >
          {t('pledge.verifyLead')}
        </Act>
      )}
      {mayAgree && (
        <Act
          label={t('pledge.agree')}
          kind="primary"
          run={(_, key) => call(api.POST('/api/v1/pledges/{id}/agree', { ...path, ...keyed(key), body: {} }))}
        >
          {t('pledge.agreeLead')}{' '}
          <b>
            <Amount value={pledge.secured} unit="CNY" />
          </b>
        </Act>
      )}
      {mayJoin && (
        <Act
          label={t('parties.join')}
          kind="primary"
          run={(_, key) => call(api.POST('/api/v1/pledges/{id}/join', { ...path, ...keyed(key), body: {} }))}
        >
          {t('parties.joinLead')}
        </Act>
      )}
      {isPledgee && pledge.state === 'agreed' && (
        <Act
          label={t('pledge.register')}
          kind="primary"
          run={(_, key) => call(api.POST('/api/v1/pledges/{id}/register', { ...path, ...keyed(key), body: {} }))}
        >
          {t('pledge.registerLead')}
        </Act>
      )}
      {Boolean(pledge.registered_at) && (isPledgee || isPledgor || isBureau) && <IssueExtract pledge={pledge} />}
      {isPledgee && pledge.state === 'registered' && (
        <Later label={t('default.declare')} isDanger>
          <DeclareDefault pledge={pledge} />
        </Later>
      )}
      {isPledgee && ['registered', 'defaulted'].includes(pledge.state) && (
        <Act
          label={t('pledge.release')}
          isDanger
          run={(_, key) => call(api.POST('/api/v1/pledges/{id}/release', { ...path, ...keyed(key), body: {} }))}
        >
          {t('pledge.releaseLead')}{' '}
          <b>
            <Amount value={pledge.secured} unit="CNY" />
          </b>
        </Act>
      )}
      {isExchange && ['registered', 'defaulted'].includes(pledge.state) && (
        <Later label={t('court.release')} isDanger>
          <ReleaseByCourt pledge={pledge} />
        </Later>
      )}
      {isPledgee && isPending && (
        <Act
          label={t('pledge.withdraw')}
          isDanger
          run={(_, key) => call(api.POST('/api/v1/pledges/{id}/withdraw', { ...path, ...keyed(key), body: {} }))}
        >
          {t('pledge.withdrawLead')}
        </Act>
      )}
      {mayRefuse && (
        <Act
          label={t('tasks.refuse')}
          isDanger
          reason="needed"
          run={(reason, key) =>
            call(
              api.POST('/api/v1/pledges/{id}/refuse', {
                ...path,
                ...keyed(key),
                body: { documents: [], reason: reason ?? '' },
              }),
            )
          }
        >
          {t('pledge.refuseLead')}
        </Act>
      )}
    </>
  );
}

/** The rights that are pledged. */
function Liens({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const columns: Column<Schemas['Lien']>[] = [
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.right_class} /> },
    { key: 'site', title: t('field.site'), cell: (one) => siteName(one.site) },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    {
      key: 'held',
      title: t('pledge.held'),
      isFigure: true,
      cell: (one) => <Amount value={one.held} unit={one.unit} />,
    },
    {
      key: 'secured',
      title: t('pledge.secured'),
      isFigure: true,
      cell: (one) => <Amount value={one.secured} unit="CNY" />,
    },
    {
      key: 'ltv',
      title: t('pledge.ltv'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.ltv ? percent(one.ltv) : '—'}</span>,
    },
    {
      key: 'lapsed',
      title: t('pledge.lapsed'),
      isFigure: true,
      cell: (one) => <Amount value={one.lapsed} unit={one.unit} />,
    },
  ];
  return (
    <Panel flush title={t('pledge.rights')}>
      <Rows
        label={t('pledge.rights')}
        columns={columns}
        rows={pledge.liens}
        rowKey={(one) => one.id}
        empty={<Nothing title={t('pledge.noRights')} />}
      />
    </Panel>
  );
}

/** What stands below the rights, together: none of it moves what came before. */
function Further({ pledge }: { pledge: Pledge }) {
  const { isBureau, isExchange } = usePart(pledge);
  const wasRegistered = Boolean(pledge.registered_at);
  // Whom a claim goes to is told to its parties.
  const seesTransfers = wasRegistered && !isBureau && !isExchange;
  return (
    <Suspense fallback={<Loading />}>
      <Valuations pledge={pledge} />
      <MetMarginCalls pledge={pledge} />
      {wasRegistered && <PledgeSales pledge={pledge} />}
      {wasRegistered && <Versions pledge={pledge} />}
      {wasRegistered && <Payouts pledge={pledge} />}
      {seesTransfers && <PledgeTransfers pledge={pledge} />}
      {wasRegistered && <ExternalRegistration pledge={pledge} />}
      <Screenings pledge={pledge.id} />
    </Suspense>
  );
}

/** The steps of a pledge: to its release, or through a default to its enforcement. */
function stepsOf(pledge: Pledge): string[] {
  const before = ['applied', 'verified', 'agreed', 'registered'];
  return ['defaulted', 'closed'].includes(pledge.state) ? [...before, 'defaulted', 'closed'] : [...before, 'released'];
}

/** A pledge with its steps. */
export default function PledgePage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const organisationName = useOrganisationName();
  const query = useQuery({
    queryKey: ['pledge', id],
    queryFn: () => call(api.GET('/api/v1/pledges/{id}', { params: { path: { id } } })),
  });
  if (query.isLoadingError) return <Refusal error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading />;
  const pledge = query.data;
  const isOver = ['refused', 'withdrawn'].includes(pledge.state);
  return (
    <>
      <PageHead
        title={pledge.number ?? pledge.pledge_contract}
        lead={t('pledge.between', {
          pledgor: organisationName(pledge.pledgor),
          pledgee: organisationName(pledge.pledgee),
        })}
        actions={<PledgeActs pledge={pledge} />}
      />
      <div className="stack">
        <Panel title={t('trade.steps')} actions={<State state={pledge.state} />}>
          {isOver ? (
            <p>{pledge.reason ?? t(`state.${pledge.state}`)}</p>
          ) : (
            <Steps steps={stepsOf(pledge)} now={pledge.state} />
          )}
        </Panel>
        <CourtReleases pledge={pledge} />
        {(pledge.default_notice || pledge.state === 'closed') && (
          <Suspense fallback={<Loading />}>
            <Enforcement pledge={pledge} />
          </Suspense>
        )}
        <MarginCalls pledge={pledge} />
        <LienNotices pledge={pledge} />
        <Panel title={t('pledge.terms')}>
          <Facts
            facts={[
              [t('pledge.pledgor'), organisationName(pledge.pledgor)],
              [t('pledge.pledgee'), organisationName(pledge.pledgee)],
              [t('pledge.principal'), <Amount value={pledge.principal} unit="CNY" />],
              [t('pledge.secured'), <Amount value={pledge.secured} unit="CNY" />],
              [t('pledge.assessed'), <Amount value={pledge.assessed_value} unit="CNY" />],
              [t('pledge.ltv'), percent(pledge.ltv)],
              [t('pledge.debtFrom'), pledge.debt_from],
              [t('pledge.debtTo'), pledge.debt_to],
              [t('pledge.loanContract'), pledge.loan_contract],
              [t('pledge.pledgeContract'), pledge.pledge_contract],
              [
                t('pledge.method'),
                t(`valuation.methods.${pledge.valuation_method}`, { defaultValue: pledge.valuation_method }),
              ],
              [t('pledge.valuedOn'), pledge.valued_on],
              [t('pledge.scope'), pledge.claim_scope.map((one) => t(`claim.${one}`)).join(t('shell.comma'))],
              Boolean(pledge.maximum_amount) &&
                ([
                  t('pledge.maximum'),
                  t('right.validity', { from: pledge.maximum_amount?.from, to: pledge.maximum_amount?.to }),
                ] as const),
              [t('pledge.restricts'), pledge.restricts_transfer ? t('pledge.restricted') : t('pledge.notRestricted')],
              Boolean(pledge.due_on) && ([t('pledge.dueOn'), pledge.due_on] as const),
              [t('pledge.appliedAt'), minuteOf(pledge.applied_at)],
              [t('pledge.registeredAt'), pledge.registered_at ? minuteOf(pledge.registered_at) : '—'],
              Boolean(pledge.released_at) && ([t('pledge.releasedAt'), minuteOf(pledge.released_at ?? '')] as const),
            ]}
          />
        </Panel>
        <Parties pledge={pledge} />
        <Liens pledge={pledge} />
        <Further pledge={pledge} />
      </div>
    </>
  );
}
