import { type Desk, deskOf, hasRole, takesPart } from '../session/roles';
import type { Session } from '../session/session';

/** A place of the portal. */
export interface Place {
  path: string;
  /** Its name among the words. */
  name: string;
}

/** What everybody may see, signed in or not. */
export const publicPlaces: Place[] = [
  { path: '/public/trades', name: 'place.publicTrades' },
  { path: '/public/announcements', name: 'place.announcements' },
  { path: '/public/auctions', name: 'place.publicAuctions' },
  { path: '/public/statistics', name: 'place.statistics' },
  { path: '/public/capacities', name: 'place.publicCapacities' },
  { path: '/public/certificates', name: 'place.certificateCheck' },
  { path: '/public/ratings', name: 'place.ratings' },
  { path: '/public/refusals', name: 'place.publicRefusals' },
  { path: '/public/log', name: 'place.log' },
];

const tasks: Place = { path: '/tasks', name: 'place.tasks' };
const compliance: Place = { path: '/compliance', name: 'place.compliance' };
const permits: Place = { path: '/permits', name: 'place.permits' };
const decisions: Place = { path: '/decisions', name: 'place.decisions' };
const publications: Place = { path: '/publications', name: 'place.publications' };
const facilities: Place = { path: '/facilities', name: 'place.facilities' };
const freezes: Place = { path: '/freezes', name: 'place.freezes' };
const reconciliation: Place = { path: '/reconciliation', name: 'place.reconciliation' };
const extracts: Place = { path: '/extracts', name: 'place.extracts' };
const applications: Place = { path: '/applications', name: 'place.applications' };
const objections: Place = { path: '/objections', name: 'place.objections' };
const reductions: Place = { path: '/reductions', name: 'place.reductions' };
const rulebook: Place = { path: '/rulebook', name: 'place.rulebook' };
const periods: Place = { path: '/audit/periods', name: 'place.periods' };
const operations: Place = { path: '/operations', name: 'place.operations' };
const market: Place[] = [
  { path: '/market', name: 'place.market' },
  { path: '/offers', name: 'place.offers' },
  { path: '/trades', name: 'place.trades' },
  { path: '/auctions', name: 'place.auctions' },
];

/** The places of each desk, the daily ones first. */
export const placesOf: Record<Desk, Place[]> = {
  enterprise: [
    { path: '/', name: 'place.home' },
    tasks,
    { path: '/holdings', name: 'place.holdings' },
    ...market,
    applications,
    reductions,
    { path: '/pledges', name: 'place.pledges' },
    facilities,
    extracts,
    { path: '/consents', name: 'place.consents' },
    permits,
    compliance,
    objections,
    { path: '/statements', name: 'place.statements' },
    rulebook,
  ],
  bank: [
    { path: '/', name: 'place.pledgeBook' },
    tasks,
    facilities,
    extracts,
    { path: '/consents', name: 'place.consentsReceived' },
    { path: '/auctions', name: 'place.auctions' },
    rulebook,
  ],
  bureau: [
    { path: '/', name: 'place.inbox' },
    { path: '/batches', name: 'place.batches' },
    applications,
    objections,
    { path: '/right-acts', name: 'place.rightActs' },
    reductions,
    { path: '/capacities', name: 'place.capacities' },
    { path: '/sites', name: 'place.sites' },
    permits,
    { path: '/organisations', name: 'place.organisations' },
    { path: '/facts', name: 'place.facts' },
    compliance,
    { path: '/reserve', name: 'place.reserve' },
    { path: '/trades', name: 'place.trades' },
    { path: '/pledges', name: 'place.pledges' },
    freezes,
    publications,
    decisions,
    rulebook,
  ],
  review: [
    { path: '/', name: 'place.decisions' },
    tasks,
    applications,
    reductions,
    compliance,
    { path: '/trades', name: 'place.trades' },
    { path: '/pledges', name: 'place.pledges' },
    freezes,
    rulebook,
  ],
  auditor: [
    { path: '/', name: 'place.trialBalance' },
    { path: '/audit/journals', name: 'place.journals' },
    { path: '/audit/verify', name: 'place.verify' },
    periods,
    { path: '/audit/records', name: 'place.records' },
    { path: '/audit/refusals', name: 'place.refusals' },
    operations,
    reconciliation,
    compliance,
    { path: '/trades', name: 'place.trades' },
    { path: '/pledges', name: 'place.pledges' },
    freezes,
    publications,
    decisions,
    { path: '/access-log', name: 'place.accessLog' },
    rulebook,
  ],
  exchange: [
    { path: '/', name: 'place.auctions' },
    tasks,
    ...market.filter((place) => place.path !== '/auctions'),
    publications,
    { path: '/pledges', name: 'place.pledges' },
    freezes,
    rulebook,
  ],
  reserve: [
    { path: '/', name: 'place.reserve' },
    tasks,
    { path: '/holdings', name: 'place.holdings' },
    ...market,
    { path: '/pledges', name: 'place.pledges' },
    { path: '/statements', name: 'place.statements' },
    rulebook,
  ],
  administration: [{ path: '/', name: 'place.organisation' }, tasks, rulebook],
  office: [{ path: '/', name: 'place.money' }, reconciliation, tasks, rulebook],
};

/** Whoever compares statements of the settlement bank. */
const bankers = ['settlement_officer', 'settlement_head'];
/** What the operator alone keeps, at the desk of administrators. */
const kept: Place[] = [
  { path: '/organisations', name: 'place.organisations' },
  { path: '/reference', name: 'place.reference' },
];

/** The places of whoever is signed in, at their desk. */
export function deskPlaces(session: Session): Place[] {
  if (!takesPart(session)) return [{ path: '/', name: 'place.standing' }];
  return [...placesOf[deskOf(session)], ...(hasRole(session, 'operator') ? kept : [])];
}

/** What places are about, in the order in which a long rail shows them; the daily ones stand above, under the name of the desk. */
const groups = {
  rights: ['/batches', '/applications', '/reductions', '/right-acts', '/objections', '/capacities', '/reserve'],
  trading: ['/market', '/offers', '/trades', '/auctions', '/publications'],
  security: ['/pledges', '/facilities', '/extracts', '/consents', '/freezes'],
  supervision: ['/sites', '/organisations', '/permits', '/compliance', '/facts'],
  records: [
    '/audit/periods',
    '/audit/records',
    '/audit/refusals',
    '/operations',
    '/access-log',
    '/decisions',
    '/rulebook',
  ],
} satisfies Record<string, readonly string[]>;

/** From how many places on a rail is read by what they are about. */
const MANY_PLACES = 10;

/** A rail in its parts: the daily places first, which have no name of their own. */
export function inGroups(places: Place[]): { group: keyof typeof groups | undefined; places: Place[] }[] {
  if (places.length < MANY_PLACES) return [{ group: undefined, places }];
  const named = Object.keys(groups) as (keyof typeof groups)[];
  const isIn = (group: keyof typeof groups, place: Place) => (groups[group] as readonly string[]).includes(place.path);
  return [
    { group: undefined, places: places.filter((place) => !named.some((group) => isIn(group, place))) },
    ...named.map((group) => ({ group, places: places.filter((place) => isIn(group, place)) })),
  ].filter((one) => one.places.length > 0);
}

/** The places of an organisation's own affairs: what everybody of it sees, and what its administrator keeps. */
export function ownPlaces(session: Session): Place[] {
  if (!takesPart(session)) return [{ path: '/account', name: 'place.account' }];
  const keepsPrograms = hasRole(session, 'organisation_admin', 'operator');
  const seesLooks = hasRole(session, 'organisation_admin', 'enterprise_trader', 'enterprise_approver');
  return [
    ...(deskOf(session) === 'administration' ? [] : [{ path: '/organisation', name: 'place.organisation' }]),
    ...(hasRole(session, 'organisation_admin') ? [{ path: '/webhooks', name: 'place.webhooks' }] : []),
    ...(seesLooks ? [{ path: '/access-log', name: 'place.accessLog' }] : []),
    ...(keepsPrograms ? [{ path: '/clients', name: 'place.clients' }] : []),
    ...(hasRole(session, 'operator', 'bureau_head') ? [periods] : []),
    ...(hasRole(session, 'operator', 'bureau_officer', 'bureau_head', ...bankers) ? [operations] : []),
    { path: '/roles', name: 'place.roles' },
    { path: '/account', name: 'place.account' },
  ];
}
