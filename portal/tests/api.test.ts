import { describe, expect, it } from 'vitest';
import { Attempts } from '../src/api/command';
import { oneAfterAnother } from '../src/api/list';
import { byField, isProblem, pathOf } from '../src/api/problem';
import { readEvents } from '../src/auctions/events';

describe('a refusal', () => {
  const violations = [
    { code: 'TRD_NOT_ENOUGH_AVAILABLE', field: 'quantity', legal_basis: null, message: 'too much' },
    { code: 'API_OVER_PRECISE', field: 'quantity', legal_basis: null, message: 'too precise' },
    { code: 'TRD_SAME_PARTY', field: '', legal_basis: null, message: 'yourself' },
  ];

  it('shows every message at its field, and what concerns the whole only in the list', () => {
    expect([...byField(violations)]).toEqual([['quantity', ['too much', 'too precise']]]);
  });

  it('names fields inside lists', () => {
    expect(pathOf('rights[0].quantity')).toEqual(['rights', 0, 'quantity']);
    expect(pathOf('lines[17].site')).toEqual(['lines', 17, 'site']);
  });

  it('is told from what a proxy answers', () => {
    expect(isProblem({ code: 'X', violations: [] })).toBe(true);
    for (const other of [null, undefined, 'Bad gateway', {}, { code: 'X' }]) expect(isProblem(other)).toBe(false);
  });
});

describe('an idempotency key', () => {
  it('stays while nobody knows whether the first attempt got through', () => {
    const attempts = new Attempts();
    const first = attempts.key({ quantity: '1.000' });
    expect(attempts.key({ quantity: '1.000' })).toBe(first);
    expect(attempts.key({ quantity: '2.000' })).not.toBe(first);
  });

  it('is another once an answer has come', () => {
    const attempts = new Attempts();
    const first = attempts.key({ quantity: '1.000' });
    attempts.answered();
    expect(attempts.key({ quantity: '1.000' })).not.toBe(first);
  });
});

describe('server-sent events', () => {
  const stream =
    'event: state\ndata: {"a":1}\n\n: still here\n\nevent: time\ndata: {"a":2}\n\nevent: ended\ndata: {}\n\n';

  it('are the same wherever the stream is cut', () => {
    const whole = readEvents(stream).events;
    expect(whole.map((one) => one.event)).toEqual(['state', 'time', 'ended']);
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const first = readEvents(stream.slice(0, cut));
      const second = readEvents(first.rest + stream.slice(cut));
      expect([...first.events, ...second.events]).toEqual(whole);
      expect(second.rest).toBe('');
    }
  });

  it('may have data on several lines and line ends of either kind', () => {
    expect(readEvents('data: one\r\ndata: two\r\n\r\n').events).toEqual([{ event: 'message', data: 'one\ntwo' }]);
  });
});

describe('lists that follow one another', () => {
  const pages: Record<string, Record<string, { items: string[]; next_cursor?: string }>> = {
    open: { '': { items: ['a', 'b'], next_cursor: 'b' }, b: { items: ['c'] } },
    partly_filled: { '': { items: ['d'], next_cursor: 'd' }, d: { items: ['e'] } },
    none: { '': { items: [] } },
  };
  const read = oneAfterAnother(['open', 'none', 'partly_filled'], (state, cursor) =>
    Promise.resolve(pages[state]?.[cursor ?? ''] ?? { items: ['lost'] }),
  );

  it('are one list, of which nothing is left out or told twice', async () => {
    const all: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await read(cursor);
      all.push(...page.items);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(all).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
