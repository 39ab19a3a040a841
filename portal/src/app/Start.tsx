import { lazy } from 'react';
import { Navigate } from 'react-router';
import { withWords } from '../i18n/areas';
import { type Desk, deskOf, takesPart } from '../session/roles';
import { useIsKnown, useSession } from '../session/session';
import { Loading } from '../ui/Loading';

const AuctionsPage = lazy(() => import('../auctions/AuctionsPage'));
const DecisionsPage = lazy(() => import('../decisions/DecisionsPage'));
const HomePage = lazy(withWords('home', () => import('../home/HomePage')));
const MoneyPage = lazy(withWords('settlement', () => import('../money/MoneyPage')));
const OrganisationPage = lazy(() => import('../organisation/OrganisationPage'));
const PledgesPage = lazy(withWords('pledges', () => import('../pledges/PledgesPage')));
const ReservePage = lazy(() => import('../reserve/ReservePage'));
const TasksPage = lazy(() => import('../tasks/TasksPage'));
const StandingPage = lazy(withWords('joining', () => import('../joining/StandingPage')));
const TrialBalancePage = lazy(withWords('audit', () => import('../audit/TrialBalancePage')));

/** Where each desk begins its day. */
const starts: Record<Desk, typeof HomePage> = {
  enterprise: HomePage,
  bank: PledgesPage,
  bureau: TasksPage,
  review: DecisionsPage,
  auditor: TrialBalancePage,
  exchange: AuctionsPage,
  reserve: ReservePage,
  administration: OrganisationPage,
  office: MoneyPage,
};

/** The first page: the desk of whoever is signed in, and what is public for everybody else. */
export function Start() {
  const session = useSession();
  const isKnown = useIsKnown();
  if (!isKnown) return <Loading />;
  if (session === undefined) return <Navigate to="/public/trades" replace />;
  const Page = takesPart(session) ? starts[deskOf(session)] : StandingPage;
  return <Page />;
}
