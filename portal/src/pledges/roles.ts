import type { Schemas } from '../api/client';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';

/** Who looks at a pledge: the bank or guarantor, the enterprise, or the bureau. */
export function usePart(pledge: Schemas['Pledge']) {
  const session = useSession();
  const own = session?.me.organisation;
  return {
    isPledgee: hasRole(session, 'pledgee_officer') && pledge.pledgee === own,
    isPledgor: hasRole(session, 'enterprise_trader') && pledge.pledgor === own,
    isBureau: hasRole(session, 'bureau_officer', 'bureau_head'),
  };
}
