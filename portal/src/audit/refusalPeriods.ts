/** The month in which a period begins: `2022`, `2022-Q4` or `2022-12`. */
export function beginOf(period: string): string {
  const [year = '', part = '01'] = period.split('-');
  const month = part.startsWith('Q') ? String(Number(part.slice(1)) * 3 - 2).padStart(2, '0') : part;
  return `${year}-${month}`;
}

/** Whether an instant of business time lies in a period. */
export function isWithin(instant: string, period: string): boolean {
  const [year = '', part] = period.split('-');
  if (part === undefined) return instant.startsWith(`${year}-`);
  if (!part.startsWith('Q')) return instant.startsWith(`${period}-`);
  const month = Number(instant.slice(5, 7));
  return instant.startsWith(`${year}-`) && Math.ceil(month / 3) === Number(part.slice(1));
}
