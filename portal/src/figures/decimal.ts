/**
 * Quantities and money as the API tells them: decimal strings. They are calculated with as whole numbers of their last place and never
 * as floats, so that nothing is rounded on the way to the eye.
 */

const form = /^(-?)(\d+)(?:\.(\d+))?$/;

/** A decimal as a whole number of its last place. */
interface Parts {
  readonly units: bigint;
  readonly places: number;
}

function parts(text: string): Parts {
  const found = form.exec(text);
  if (!found) throw new RangeError(`${text} is no decimal`);
  const [, sign = '', whole = '', rest = ''] = found;
  return { units: BigInt(`${sign}${whole}${rest}`), places: rest.length };
}

/** The same number with so many places, none of which is lost. */
function widened({ units, places }: Parts, wanted: number): bigint {
  return units * 10n ** BigInt(wanted - places);
}

function aligned(first: string, second: string): { a: bigint; b: bigint; places: number } {
  const [one, other] = [parts(first), parts(second)];
  const places = Math.max(one.places, other.places);
  return { a: widened(one, places), b: widened(other, places), places };
}

function written(units: bigint, places: number): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0');
  if (places === 0) return sign + digits;
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** Whether a text that somebody has typed is a decimal without a sign, with at most so many places. */
export function isDecimal(text: string, places: number): boolean {
  const found = form.exec(text);
  return found !== null && found[1] === '' && (found[3] ?? '').length <= places;
}

export function add(first: string, second: string): string {
  const { a, b, places } = aligned(first, second);
  return written(a + b, places);
}

export function subtract(first: string, second: string): string {
  const { a, b, places } = aligned(first, second);
  return written(a - b, places);
}

/** The sum of any number of decimals, and nothing when there are none. */
export function sum(all: readonly string[]): string | undefined {
  return all.length === 0 ? undefined : all.reduce(add);
}

/** Below zero, zero or above zero, as a sort wants it. */
export function compare(first: string, second: string): number {
  const { a, b } = aligned(first, second);
  return a < b ? -1 : a > b ? 1 : 0;
}

export function isZero(text: string): boolean {
  return parts(text).units === 0n;
}

/** Price times quantity, half up to the fen, as the market itself rounds: for what is shown while somebody types. */
export function product(price: string, quantity: string): string {
  const [one, other] = [parts(price), parts(quantity)];
  const places = one.places + other.places;
  const exact = one.units * other.units;
  if (places <= 2) return written(widened({ units: exact, places }, 2), 2);
  const step = 10n ** BigInt(places - 2);
  return written((exact + step / 2n) / step, 2);
}

/** How much of a whole a part is, in thousandths from 0 to 1000: the length of a bar, no figure to be read. */
export function thousandths(part: string, whole: string): number {
  const { a, b } = aligned(part, whole);
  if (b <= 0n || a <= 0n) return 0;
  const share = (a * 1000n) / b;
  return share > 1000n ? 1000 : Number(share);
}

/** What a part is of a whole, in percent with one place, half up: `12.5`; nothing where the whole is nothing. */
export function percentage(part: string, whole: string): string | undefined {
  const { a, b } = aligned(part, whole);
  if (b <= 0n) return undefined;
  return written((a * 2000n + b) / (2n * b), 1);
}

/** A decimal with its thousands set apart: `-1234567.500` is `−1,234,567.500`, with a true minus. */
export function grouped(text: string): string {
  const found = form.exec(text);
  if (!found) return text;
  const [, sign = '', whole = '', rest] = found;
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${sign === '-' ? '−' : ''}${groups}${rest === undefined ? '' : `.${rest}`}`;
}

/** A decimal as the position of a point in a drawing; what is read beside it is the string itself. */
export function drawn(text: string): number {
  return Number(text);
}
