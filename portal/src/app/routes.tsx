import { type ComponentType, lazy } from 'react';
import { createBrowserRouter, matchPath } from 'react-router';
import { withWords } from '../i18n/areas';
import { Failed } from '../shell/Failed';
import { Frame } from '../shell/Frame';
import { SignedIn } from './SignedIn';
import { Start } from './Start';

const NotFound = lazy(() => import('../shell/Failed'));

/** A page that may be fetched before anything is painted: it then stands with the frame, and nothing is painted in its place before. */
function pageOf(load: () => Promise<{ default: ComponentType }>) {
  let fetched: ComponentType | undefined;
  const Later = lazy(load);
  return {
    Component: () => {
      const Page = fetched ?? Later;
      return <Page />;
    },
    fetch: async () => {
      fetched = (await load()).default;
    },
  };
}

const signIn = pageOf(() => import('../session/SignInPage'));

// What is said of passwords is said to whoever has one, too.
const applying = withWords('joining', () => import('../joining/ApplyPage'));
const resetting = withWords('joining', () => import('../joining/PasswordResetPage'));

/** Where each page is that everybody may see. */
const published = {
  trades: pageOf(() => import('../disclosure/TradesPage')),
  announcements: pageOf(() => import('../disclosure/AnnouncementsPage')),
  auctions: pageOf(() => import('../auctions/PublicAuctionsPage')),
  'auctions/:id': pageOf(() => import('../auctions/PublicAuctionPage')),
  statistics: pageOf(() => import('../statistics/StatisticsPage')),
  capacities: pageOf(() => import('../quota/PublicCapacitiesPage')),
  certificates: pageOf(() => import('../certificates/CheckPage')),
  ratings: pageOf(withWords('ratings', () => import('../disclosure/RatingsPage'))),
  refusals: pageOf(withWords('ratings', () => import('../disclosure/PublicRefusalsPage'))),
  log: pageOf(withWords('audit', () => import('../log/LogPage'))),
  apply: pageOf(withWords('account', applying)),
  'password-reset': pageOf(withWords('account', resetting)),
};

const publicPages = Object.entries(published).map(([path, { Component }]) => ({ path, Component }));

/**
 * Fetches the page that a visitor's address names, beside everything else that the first paint waits for. One that cannot be fetched now is
 * asked for again when it is shown.
 */
export async function fetchFirstPage(address: string): Promise<void> {
  const below = Object.entries(published).map(([path, page]) => [`/public/${path}`, page] as const);
  const named = [['/sign-in', signIn] as const, ...below].find(([path]) => matchPath(path, address) !== null);
  await named?.[1].fetch().catch(() => undefined);
}

// Its forms are those of an application, and say the same.
const organisations = withWords('officials', () => import('../organisations/OrganisationsPage'));

const ownPages = [
  { path: 'tasks', Component: lazy(() => import('../tasks/TasksPage')) },
  { path: 'holdings', Component: lazy(() => import('../holdings/HoldingsPage')) },
  { path: 'statements', Component: lazy(() => import('../statements/StatementsPage')) },
  { path: 'statements/:id', Component: lazy(withWords('tenure', () => import('../statements/AccountStatementPage'))) },
  { path: 'right-acts', Component: lazy(withWords('tenure', () => import('../tenure/RightActsPage'))) },
  { path: 'right-acts/:id', Component: lazy(withWords('tenure', () => import('../tenure/RightActsPage'))) },
  { path: 'objections', Component: lazy(withWords('objections', () => import('../objections/ObjectionsPage'))) },
  { path: 'objections/:id', Component: lazy(withWords('objections', () => import('../objections/ObjectionsPage'))) },
  { path: 'market', Component: lazy(() => import('../market/ListingsPage')) },
  { path: 'market/sell', Component: lazy(() => import('../market/SellPage')) },
  { path: 'market/:id', Component: lazy(() => import('../market/ListingPage')) },
  { path: 'offers', Component: lazy(() => import('../market/OffersPage')) },
  { path: 'trades', Component: lazy(() => import('../market/TradesPage')) },
  { path: 'trades/overrides', Component: lazy(withWords('tenure', () => import('../overrides/OverridesPage'))) },
  { path: 'trades/overrides/:id', Component: lazy(withWords('tenure', () => import('../overrides/OverridesPage'))) },
  { path: 'trades/:id', Component: lazy(() => import('../market/TradePage')) },
  { path: 'auctions', Component: lazy(() => import('../auctions/AuctionsPage')) },
  { path: 'auctions/:id', Component: lazy(() => import('../auctions/AuctionPage')) },
  { path: 'pledges', Component: lazy(withWords('pledges', () => import('../pledges/PledgesPage'))) },
  { path: 'pledges/apply', Component: lazy(withWords('pledges', () => import('../pledges/ApplyPage'))) },
  { path: 'pledges/:id', Component: lazy(withWords('pledges', () => import('../pledges/PledgePage'))) },
  { path: 'facilities', Component: lazy(() => import('../facilities/FacilitiesPage')) },
  { path: 'freezes', Component: lazy(withWords('freezes', () => import('../freezes/FreezesPage'))) },
  { path: 'freezes/:id', Component: lazy(withWords('freezes', () => import('../freezes/FreezePage'))) },
  {
    path: 'reconciliation',
    Component: lazy(withWords('settlement', () => import('../reconciliation/ReconciliationPage'))),
  },
  {
    path: 'reconciliation/:id',
    Component: lazy(withWords('settlement', () => import('../reconciliation/StatementPage'))),
  },
  { path: 'extracts', Component: lazy(() => import('../extracts/ExtractsPage')) },
  { path: 'consents', Component: lazy(() => import('../consents/ConsentsPage')) },
  { path: 'batches', Component: lazy(() => import('../quota/BatchesPage')) },
  { path: 'applications', Component: lazy(withWords('grants', () => import('../quota/ApplicationsPage'))) },
  { path: 'applications/:id', Component: lazy(withWords('grants', () => import('../quota/ApplicationsPage'))) },
  { path: 'allocations/:id', Component: lazy(withWords('grants', () => import('../quota/GrantPage'))) },
  { path: 'reductions', Component: lazy(() => import('../quota/ReductionsPage')) },
  { path: 'reductions/:id', Component: lazy(() => import('../quota/ReductionsPage')) },
  { path: 'capacities', Component: lazy(() => import('../quota/CapacitiesPage')) },
  { path: 'sites', Component: lazy(withWords('sites', () => import('../parties/SitesPage'))) },
  { path: 'capacities/:id', Component: lazy(withWords('caps', () => import('../quota/CapacityPage'))) },
  { path: 'permits', Component: lazy(withWords('permits', () => import('../permits/PermitsPage'))) },
  { path: 'rulebook', Component: lazy(() => import('../rulebook/RulebookPage')) },
  { path: 'compliance', Component: lazy(withWords('compliance', () => import('../compliance/CompliancePage'))) },
  {
    path: 'compliance/:id',
    Component: lazy(withWords('compliance', () => import('../compliance/ComplianceYearPage'))),
  },
  { path: 'rulebook/edit', Component: lazy(() => import('../rulebook/RulebookEditPage')) },
  { path: 'reserve', Component: lazy(() => import('../reserve/ReservePage')) },
  { path: 'publications', Component: lazy(withWords('publications', () => import('../disclosure/PublicationsPage'))) },
  { path: 'decisions', Component: lazy(() => import('../decisions/DecisionsPage')) },
  { path: 'facts', Component: lazy(withWords('facts', () => import('../facts/FactsPage'))) },
  { path: 'organisations', Component: lazy(withWords('joining', organisations)) },
  { path: 'reference', Component: lazy(withWords('officials', () => import('../reference/ReferencePage'))) },
  { path: 'access-log', Component: lazy(() => import('../access/AccessLogPage')) },
  { path: 'organisation', Component: lazy(() => import('../organisation/OrganisationPage')) },
  { path: 'roles', Component: lazy(() => import('../organisation/RolesPage')) },
  { path: 'account', Component: lazy(withWords('account', () => import('../account/AccountPage'))) },
  { path: 'webhooks', Component: lazy(withWords('integration', () => import('../integration/WebhooksPage'))) },
  { path: 'webhooks/:id', Component: lazy(withWords('integration', () => import('../integration/WebhookPage'))) },
  { path: 'clients', Component: lazy(withWords('integration', () => import('../integration/ClientsPage'))) },
  { path: 'rulebook/checks', Component: lazy(withWords('ratings', () => import('../rulebook/ChecksPage'))) },
  { path: 'operations', Component: lazy(withWords('audit', () => import('../operations/OperationsPage'))) },
  { path: 'audit/accounts/:id', Component: lazy(withWords('audit', () => import('../audit/AccountPage'))) },
  { path: 'audit/balances', Component: lazy(withWords('audit', () => import('../audit/BalancesPage'))) },
  { path: 'audit/journals', Component: lazy(withWords('audit', () => import('../audit/JournalsPage'))) },
  { path: 'audit/journals/:id', Component: lazy(withWords('audit', () => import('../audit/JournalPage'))) },
  { path: 'audit/accounts/:id/statement', Component: lazy(withWords('audit', () => import('../audit/StatementPage'))) },
  { path: 'audit/periods', Component: lazy(withWords('audit', () => import('../audit/PeriodsPage'))) },
  { path: 'audit/records', Component: lazy(withWords('audit', () => import('../audit/RecordsPage'))) },
  { path: 'audit/legacy', Component: lazy(withWords('audit', () => import('../audit/LegacyPage'))) },
  { path: 'audit/refusals', Component: lazy(withWords('audit', () => import('../audit/RefusalsPage'))) },
  { path: 'audit/verify', Component: lazy(withWords('audit', () => import('../audit/VerifyPage'))) },
];

/** Every page by its address. None begins as anything that the server answers by itself. */
export const router = createBrowserRouter([
  { path: '/sign-in', Component: signIn.Component, ErrorBoundary: Failed },
  {
    path: '/',
    Component: Frame,
    ErrorBoundary: Failed,
    children: [
      { index: true, Component: Start },
      { path: 'public', children: publicPages },
      { Component: SignedIn, children: ownPages },
      { path: '*', Component: NotFound },
    ],
  },
]);
