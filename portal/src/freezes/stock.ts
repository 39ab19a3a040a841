import { useQuery } from '@tanstack/react-query';
import { api, call } from '../api/client';
import { at, whole } from '../api/list';
import { compare, subtract } from '../figures/decimal';
import { type Position, positionsOf } from '../home/position';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';

/** Who may look at the accounts of others, or at their own. */
const readers = [
  'exchange_officer',
  'exchange_approver',
  'bureau_officer',
  'bureau_head',
  'enterprise_trader',
  'enterprise_approver',
  'reserve_trader',
  'reserve_approver',
  'auditor',
];

/** What a site holds of one right class and what binds it; nothing for whoever may not see that. */
export function useStock(site: string, rightClass: string): Position | undefined {
  const query = { owner: site, asset: rightClass, limit: 200 };
  const balances = useQuery({
    queryKey: ['balances', query],
    queryFn: () =>
      whole((cursor) => call(api.GET('/api/v1/balances', { params: { query: { ...query, ...at(cursor) } } }))),
    enabled: hasRole(useSession(), ...readers),
  });
  return positionsOf(balances.data ?? [])[0];
}

const lesser = (one: string, other: string) => (compare(one, other) < 0 ? one : other);

/** What a freeze of so much does to a holding: frozen at once, made free by undoing what is under way, waited for behind others. */
export function effectOf({ available, committed, held }: Position, quantity: string) {
  if (compare(quantity, held) > 0) return undefined;
  const atOnce = lesser(quantity, available);
  const short = subtract(quantity, atOnce);
  const undone = lesser(short, committed);
  return { atOnce, undone, waits: subtract(short, undone) };
}
