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
  const inForce = pledges.filter((one) => one.state === 'registered');
  return {
    inForce: inForce.length,
    secured: sum(inForce.map((one) => one.secured)) ?? '0.00',
    assessed: sum(inForce.map((one) => one.assessed_value)) ?? '0.00',
    waiting: pledges.filter((one) => ['applied', 'verified', 'agreed'].includes(one.state)).length,
    dueSoon: today === undefined ? 0 : inForce.filter((one) => daysBetween(today, one.debt_to) <= SOON).length,
  };
}
