import type { Schemas } from '../api/client';
import { add, compare, subtract, sum } from '../figures/decimal';

/** What stands in the accounts of one right class, by what binds it. */
export interface Position {
  readonly rightClass: string;
  readonly site: string;
  readonly siteName: string;
  readonly unit: string;
  readonly available: string;
  readonly committed: string;
  readonly pledged: string;
  readonly frozen: string;
  readonly held: string;
}

export const binding = ['available', 'committed', 'pledged', 'frozen'] as const;
export type Binding = (typeof binding)[number];

const isBinding = (purpose: string): purpose is Binding => (binding as readonly string[]).includes(purpose);

/** Of two that are as large, always the same first, whatever order the books tell them in. */
const stable = (a: Position, b: Position) => a.rightClass.localeCompare(b.rightClass) || a.site.localeCompare(b.site);

/** Positions by site and right class, the largest first; what is retired or expired is no holding any more. */
export function positionsOf(balances: readonly Schemas['Balance'][]): Position[] {
  const found = new Map<string, Position>();
  for (const one of balances) {
    if (one.asset_kind !== 'right' || one.owner_kind !== 'site' || !isBinding(one.purpose)) continue;
    const key = `${one.owner} ${one.asset}`;
    // Nothing, with as many places as the rest.
    const none = subtract(one.balance, one.balance);
    const before = found.get(key) ?? {
      rightClass: one.asset,
      site: one.owner,
      siteName: one.owner_name,
      unit: one.unit,
      available: none,
      committed: none,
      pledged: none,
      frozen: none,
      held: none,
    };
    found.set(key, {
      ...before,
      [one.purpose]: add(before[one.purpose], one.balance),
      held: add(before.held, one.balance),
    });
  }
  return [...found.values()]
    .filter((one) => compare(one.held, '0') > 0)
    .sort((a, b) => compare(b.held, a.held) || stable(a, b));
}

/** Money of an organisation, free and held. */
export function moneyOf(balances: readonly Schemas['Balance'][]): { free: string; held: string } {
  let [free, held] = ['0.00', '0.00'];
  for (const one of balances) {
    if (one.asset_kind !== 'money' || one.owner_kind !== 'organisation') continue;
    if (one.purpose === 'available') free = add(free, one.balance);
    if (one.purpose === 'committed') held = add(held, one.balance);
  }
  return { free, held };
}

/** The sum over positions of one unit; kilograms and tonnes are not added up. */
export function totalOf(positions: readonly Position[], pick: Binding | 'held', unit: string): string {
  return sum(positions.filter((one) => one.unit === unit).map((one) => one[pick])) ?? '0';
}
