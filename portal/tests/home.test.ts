import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openTrades } from '../src/home/openTrades';

/** A year of a busy enterprise: sixty trades that are over, and then two that are on their way. */
const trades = Array.from({ length: 62 }, (_, place) => ({
  id: `0185-${String(place).padStart(4, '0')}`,
  state: place < 60 ? 'closed' : place === 60 ? 'paid' : 'matched',
}));

/** The list of trades as the API gives it. */
function list(address: string): { items: typeof trades; next_cursor: null } {
  const asked = new URL(address).searchParams;
  const items = trades.filter((one) => !asked.has('state') || one.state === asked.get('state'));
  if (asked.get('order') === 'newest') items.reverse();
  return { items: items.slice(0, Number(asked.get('limit') ?? '50')), next_cursor: null };
}

beforeEach(() => {
  vi.stubGlobal('fetch', (request: Request) =>
    Promise.resolve(
      new Response(JSON.stringify(list(request.url)), { headers: { 'Content-Type': 'application/json' } }),
    ),
  );
});
afterEach(() => vi.unstubAllGlobals());

it('an enterprise with more than fifty trades sees those that are on their way, the last one first', async () => {
  const found = await openTrades();
  expect(found.map((one) => one.state)).toEqual(['matched', 'paid']);
});
