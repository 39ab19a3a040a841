import type { Schemas } from '../api/client';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';

type Pledge = Schemas['Pledge'];

const awaiting = ['applied', 'verified', 'agreed'];

/** Whether a pledgor has still to agree: the borrower moves the pledge on, the others say their own yes beside it. */
function hasToAgree(pledge: Pledge, own: string | undefined): boolean {
  const pledgor = pledge.pledgors.find((one) => one.pledgor === own);
  if (pledgor === undefined) return false;
  if (pledgor.borrows) return pledge.state === 'verified';
  return ['verified', 'agreed'].includes(pledge.state) && !pledgor.agreed_at;
}

/** Who looks at a pledge: a bank or guarantor, an enterprise, the bureau, or the exchange; and whose yes it waits for. */
export function usePart(pledge: Pledge) {
  const session = useSession();
  const own = session?.me.organisation;
  const lends = hasRole(session, 'pledgee_officer');
  const share = pledge.pledgees.find((one) => one.pledgee === own && !one.leads);
  const isPledgor = hasRole(session, 'enterprise_trader') && pledge.pledgors.some((one) => one.pledgor === own);
  return {
    own,
    isPledgee: lends && pledge.pledgee === own,
    isPledgor,
    isExchange: hasRole(session, 'exchange_officer'),
    isBureau: hasRole(session, 'bureau_officer', 'bureau_head'),
    mayAgree: isPledgor && hasToAgree(pledge, own),
    hasShare: lends && share !== undefined,
    mayJoin: lends && share !== undefined && !share.joined_at && awaiting.includes(pledge.state),
  };
}
