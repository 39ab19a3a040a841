import { Navigate, Outlet, useLocation } from 'react-router';
import { takesPart } from '../session/roles';
import { useIsKnown, useSession } from '../session/session';
import { Loading } from '../ui/Loading';

/** Pages for whoever is signed in; everybody else is shown the way in, and comes back here. */
export function SignedIn() {
  const session = useSession();
  const isKnown = useIsKnown();
  const { pathname, search } = useLocation();
  if (!isKnown) return <Loading />;
  if (session === undefined || session.next === 'second_factor') {
    return <Navigate to="/sign-in" replace state={{ from: pathname + search }} />;
  }
  if (!takesPart(session) && pathname !== '/account') return <Navigate to="/" replace />;
  return <Outlet />;
}
