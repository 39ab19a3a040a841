/** Tables as spreadsheets read them (RFC 4180), with the mark by which they know UTF-8. */

const MARK = '\uFEFF';

/** A text that a spreadsheet would take for a formula is told to be a text; a figure that is negative stays one. */
const harmless = (text: string): string => (/^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text);

function cell(value: string | number | null | undefined): string {
  const text = harmless(String(value ?? ''));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A line of a table. */
export type Line = readonly (string | number | null | undefined)[];

/** A table with its heads. */
export const csv = (heads: Line, lines: readonly Line[]): string =>
  MARK + [heads, ...lines].map((line) => `${line.map(cell).join(',')}\r\n`).join('');
