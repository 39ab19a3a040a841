/** The letters of GB 32100: digits and capitals without I, O, S, V and Z, which are too easily mistaken. */
const LETTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** Whether a unified social credit code has its 18 letters and the right check digit (GB 32100-2015). */
export function isCreditCode(code: string): boolean {
  const values = Array.from(code, (letter) => LETTERS.indexOf(letter));
  if (values.length !== 18 || values.includes(-1)) return false;
  let [weight, sum] = [1, 0];
  for (const value of values.slice(0, -1)) {
    sum += value * weight;
    weight = (weight * 3) % 31;
  }
  return values.at(-1) === (31 - (sum % 31)) % 31;
}
