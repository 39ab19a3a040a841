import type { Schemas } from '../api/client';
import { add, sum } from '../figures/decimal';

type Day = Schemas['DischargeDay'];

/** What is believed of a day: the word of the source that counts. */
const believed = (day: Day): string | undefined => {
  if (day.source === 'bureau') return day.bureau ?? undefined;
  if (day.source === 'monitor') return day.monitor ?? undefined;
  return day.source === 'report' ? (day.report ?? undefined) : undefined;
};

/** What was discharged by the days so far; nothing where nobody says anything. */
export const dischargedBy = (days: readonly Day[]): string | undefined =>
  sum(days.map(believed).filter((one) => one !== undefined));

/** How many days up to one of them nobody says anything of. */
export const missingUntil = (days: readonly Day[], last: string): number =>
  days.filter((one) => one.day <= last && !one.source).length;

/** What was discharged in each month of the year; nothing of months of which nobody says anything. */
export function months(days: readonly Day[]): { month: string; discharged: string | undefined }[] {
  const found = new Map<string, string | undefined>();
  for (const day of days) {
    const month = day.day.slice(0, 7);
    const [before, more] = [found.get(month), believed(day)];
    found.set(month, before === undefined || more === undefined ? (before ?? more) : add(before, more));
  }
  return [...found].map(([month, discharged]) => ({ month, discharged }));
}
