/** Instants as people read them: always in the business time zone, whatever that of the browser. */

const ZONE = 'Asia/Shanghai';

// Sweden writes dates as ISO 8601 does.
const day = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short' });
const minute = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'short' });
const second = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'medium' });

const MILLISECONDS_OF_A_DAY = 86_400_000;

/** `2022-12-01` of an instant in RFC 3339. */
export const dayOf = (instant: string): string => day.format(new Date(instant));

/** `2022-12-01 09:00`. */
export const minuteOf = (instant: string): string => minute.format(new Date(instant));

/** `2022-12-01 09:00:05`. */
export const secondOf = (instant: string): string => second.format(new Date(instant));

/** The instant of a field `2022-12-01T09:00`, with or without seconds, which stands in business time: as RFC 3339. */
export const instantOf = (field: string): string => `${field.length === 16 ? `${field}:00` : field}.000000+08:00`;

/** What a field of date and time shows of an instant, in business time. */
export const fieldOf = (instant: string): string => secondOf(instant).replace(' ', 'T');

/** Days from one date to another, both `YYYY-MM-DD`; negative when the other is past. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / MILLISECONDS_OF_A_DAY);

/** A date so many days later. */
export const daysLater = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * MILLISECONDS_OF_A_DAY).toISOString().slice(0, 10);
