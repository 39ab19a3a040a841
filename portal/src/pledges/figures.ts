import type { Schemas } from '../api/client';
import { sum } from '../figures/decimal';
import { daysBetween } from '../figures/instant';

/** A debt that ends within so many days is due soon. */
const SOON = 90;

/** A share with four places as a percentage with two: `0.6826` is `68.26 %`. */
export function percent(share: string): string {
  const [whole = '0', rest = ''] = share.split('.');
  const digits = `${whole}${rest.padEnd(4, '0').slice(0, 4)}`;
  const shown = `${digits.slice(0, -2).replace(/^0+(?=\d)/, '')}.${digits.slice(-2)}`;
  return `${shown} %`;
}

/** The figures of a pledge book. */
export function summary(pledges: readonly Schemas['Pledge'][], today: string | undefined) {
  const inForce = pledges.filter((one) => ['registered', 'defaulted'].includes(one.state));
  return {
    inForce: inForce.length,
    secured: sum(inForce.map((one) => one.secured)) ?? '0.00',
    assessed: sum(inForce.map((one) => one.assessed_value)) ?? '0.00',
    waiting: pledges.filter((one) => ['applied', 'verified', 'agreed'].includes(one.state)).length,
    dueSoon: today === undefined ? 0 : inForce.filter((one) => daysBetween(today, one.debt_to) <= SOON).length,
    called: inForce.filter((one) => one.margin_calls.some((margin) => !margin.ended_at)).length,
    defaulted: inForce.filter((one) => one.state === 'defaulted').length,
  };
}

/** Spans of a ladder of maturities, by the last day that falls into each; the last has no end. */
const spans = [
  ['overdue', -1],
  ['month', 30],
  ['quarter', 90],
  ['halfYear', 180],
  ['year', 365],
  ['later', Infinity],
] as const;

/** One span of the ladder. */
export interface Maturity {
  readonly span: (typeof spans)[number][0];
  readonly count: number;
  readonly secured: string;
}

/** What falls due when: the pledges in force by how many days are left of their debt. Spans without any are left out. */
export function maturities(pledges: readonly Schemas['Pledge'][], today: string): Maturity[] {
  const spanOf = (days: number) => spans.find(([, last]) => days <= last)?.[0] ?? 'later';
  const inForce = pledges.filter((one) => ['registered', 'defaulted'].includes(one.state));
  return spans
    .map(([span]) => {
      const found = inForce.filter((one) => spanOf(daysBetween(today, one.debt_to)) === span);
      return { span, count: found.length, secured: sum(found.map((one) => one.secured)) ?? '0.00' };
    })
    .filter((one) => one.count > 0);
}
