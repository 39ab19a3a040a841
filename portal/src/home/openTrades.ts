import { api, call, type Schemas } from '../api/client';

/** The states of a trade that is still on its way. */
const OPEN = ['matched', 'approved', 'publicised', 'paid'] as const;
/** So many of them are told at a glance. */
const TOLD = 5;

/** The last trades that are still on their way, however many are over. */
export async function openTrades(): Promise<Schemas['Trade'][]> {
  const pages = await Promise.all(
    OPEN.map((state) =>
      call(api.GET('/api/v1/trades', { params: { query: { state, order: 'newest', limit: TOLD } } })),
    ),
  );
  const found = pages.flatMap((page) => page.items);
  // Ids are in the order in which things were made.
  return found.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, TOLD);
}
