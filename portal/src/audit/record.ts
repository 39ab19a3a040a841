/** Evidence of rows as docs/RECORD-FORMAT.md writes it: read back into columns, and written down again for its hash. */

/** A value of a row: what it says, and of which kind it is. */
export interface Value {
  kind: 'absent' | 'text' | 'secret' | 'plain';
  text: string;
}

/** Reads the value that begins at a place, and where the next line begins: a text tells its length in bytes and may have lines of its own. */
function readValue(bytes: Uint8Array, from: number): [Value, number] {
  const decoder = new TextDecoder();
  const end = bytes.indexOf(10, from);
  const line = decoder.decode(bytes.subarray(from, end));
  const length = /^(\d+) /.exec(line);
  if (length !== null) {
    const begin = from + length[0].length;
    const last = begin + Number(length[1]);
    return [{ kind: 'text', text: decoder.decode(bytes.subarray(begin, last)) }, last + 1];
  }
  if (line === '-') return [{ kind: 'absent', text: '' }, end + 1];
  if (line.startsWith('sha256 ')) return [{ kind: 'secret', text: line.slice('sha256 '.length) }, end + 1];
  return [{ kind: 'plain', text: line }, end + 1];
}

/** The columns of a version of a row, in the order of their names. */
export function readColumns(content: string): Map<string, Value> {
  const bytes = new TextEncoder().encode(content);
  const columns = new Map<string, Value>();
  let place = 0;
  while (place < bytes.length) {
    const name = /^column (\S+) /.exec(new TextDecoder().decode(bytes.subarray(place, place + 200)));
    if (name === null) break;
    const [value, next] = readValue(bytes, place + name[0].length);
    columns.set(name[1] ?? '', value);
    place = next;
  }
  return columns;
}

/** What a version has changed of the one before it; all of it where there is none. */
export function changed(before: Map<string, Value> | undefined, after: Map<string, Value>): string[] {
  const isSame = (name: string) => {
    const [old, now] = [before?.get(name), after.get(name)];
    return old !== undefined && old.kind === now?.kind && old.text === now.text;
  };
  return [...after.keys()].filter((name) => !isSame(name));
}

/** Microseconds since 1970 of an instant in RFC 3339 with six places. */
export function microsecondsOf(instant: string): string {
  const fraction = /\.(\d{1,6})/.exec(instant)?.[1] ?? '';
  const whole = instant.replace(/\.\d+/, '');
  return String(BigInt(Date.parse(whole)) * 1000n + BigInt(fraction.padEnd(6, '0')));
}

interface Row {
  table: string;
  key: string;
  version: { id: string; version: number; recorded_at: string; content: string };
}

/** A server keeps one book. */
const BOOK = 1;

/** The canonical form of a version, whose hash is its leaf in the log. */
export function canonical({ table, key, version }: Row): string {
  const length = new TextEncoder().encode(key).length;
  const lines = [
    'ganhe-record/1',
    `book ${BOOK}`,
    `id ${version.id}`,
    `table ${table}`,
    `row ${length} ${key}`,
    `version ${version.version}`,
    `recorded_at ${microsecondsOf(version.recorded_at)}`,
  ];
  return `${lines.join('\n')}\n${version.content}`;
}

/** The table in which each kind of thing stands, where its rows leave evidence. */
export const tables: Record<string, string> = {
  capacity: 'capacities',
  capacity_change: 'capacity_changes',
  area_suspension: 'area_suspensions',
  allocation: 'allocations',
  allocation_application: 'allocation_applications',
  reduction_application: 'reduction_applications',
  certificate: 'certificates',
  extract: 'extracts',
  objection: 'objections',
  fact: 'facts',
  allocation_batch: 'allocation_batches',
  allocation_part: 'allocation_parts',
  money_movement: 'money_movements',
  payment: 'payments',
  offer: 'offers',
  listing: 'listings',
  trade: 'trades',
  trade_override: 'trade_overrides',
  auction: 'auctions',
  auction_lot: 'auction_lots',
  auction_registration: 'auction_registrations',
  auction_bid: 'auction_bids',
  facility: 'facilities',
  pledge: 'pledges',
  freeze: 'freezes',
  tenure: 'right_acts',
  compliance_year: 'compliance_years',
  organisation: 'organisations',
  rulebook: 'rulebooks',
  reduction: 'reductions',
  consent: 'consents',
  task: 'tasks',
};
