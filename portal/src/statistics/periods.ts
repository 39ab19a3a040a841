export type By = 'month' | 'quarter' | 'year';

const two = (value: number) => String(value).padStart(2, '0');

/** The periods of a year, of which each has its own figures; of five years when they are years. */
export function periodsOf(by: By, year: number): string[] {
  switch (by) {
    case 'month':
      return Array.from({ length: 12 }, (_, month) => `${year}-${two(month + 1)}`);
    case 'quarter':
      return [1, 2, 3, 4].map((quarter) => `${year}-Q${quarter}`);
    case 'year':
      return [4, 3, 2, 1, 0].map((before) => String(year - before));
  }
}
