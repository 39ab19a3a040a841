/** The days of a calendar that do not follow the week: `holiday`, or `working_day` for a weekend day that is worked. */
export type Listed = ReadonlyMap<string, 'holiday' | 'working_day'>;

const MILLISECONDS_OF_A_DAY = 86_400_000;

function works(day: Date, listed: Listed): boolean {
  const said = listed.get(day.toISOString().slice(0, 10));
  if (said !== undefined) return said === 'working_day';
  return day.getUTCDay() % 6 !== 0;
}

/** Working days after one date up to another and with it, both `YYYY-MM-DD`; none when the other is not later. */
export function workingDaysBetween(from: string, to: string, listed: Listed): number {
  let count = 0;
  for (let day = Date.parse(from) + MILLISECONDS_OF_A_DAY; day <= Date.parse(to); day += MILLISECONDS_OF_A_DAY) {
    if (works(new Date(day), listed)) count += 1;
  }
  return count;
}
