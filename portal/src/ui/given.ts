/** What was filled in of a form: an empty field is left out, which is not the same as an empty text. */
export function given<Values extends object>(values: Values): Partial<Values> {
  const kept = Object.entries(values).filter(
    ([, value]) =>
      value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(kept) as Partial<Values>;
}
