import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api, call } from '../api/client';
import { at, whole } from '../api/list';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';

/** States of a session that goes on: time alone carries it further. */
export const running = ['announced', 'open', 'final'];
/** States of a session whose bidders are ranked. */
const ranked = ['ranked', 'confirmed', 'settled'];

/** States that only people carry further, which is not told of by itself; a session that is followed tells no registrations either. */
const waiting = ['planned', 'closed', 'ranked'];
const LOOKED_AT_EVERY = 10_000;

/** Asks for everything of a session again when it has come further: its lots, registrations and bids have, too. */
function useFurther(id: string, state: string | undefined) {
  const cache = useQueryClient();
  const before = useRef(state);
  useEffect(() => {
    if (before.current !== undefined && before.current !== state)
      void cache.invalidateQueries({ queryKey: ['auction', id] });
    before.current = state;
  }, [cache, id, state]);
}

/** Everything of one session. */
export function useAuction(id: string) {
  const path = { id };
  const pages = { limit: 200 };
  // A bank that looks at what it has put in reads no registrations.
  const seesRegistrations = hasRole(useSession(), 'enterprise_trader', 'exchange_officer');
  const auction = useQuery({
    queryKey: ['auction', id, 'itself'],
    queryFn: () => call(api.GET('/api/v1/auctions/{id}', { params: { path } })),
    refetchInterval: ({ state }) => waiting.includes(state.data?.state ?? '') && LOOKED_AT_EVERY,
  });
  useFurther(id, auction.data?.state);
  const lots = useQuery({
    queryKey: ['auction', id, 'lots'],
    queryFn: () =>
      whole((cursor) =>
        call(api.GET('/api/v1/auctions/{id}/lots', { params: { path, query: { ...pages, ...at(cursor) } } })),
      ),
  });
  const registrations = useQuery({
    queryKey: ['auction', id, 'registrations'],
    queryFn: () =>
      whole((cursor) =>
        call(api.GET('/api/v1/auctions/{id}/registrations', { params: { path, query: { ...pages, ...at(cursor) } } })),
      ),
    enabled: seesRegistrations,
    refetchInterval: auction.data?.state === 'announced' && LOOKED_AT_EVERY,
  });
  const results = useQuery({
    queryKey: ['auction', id, 'results'],
    queryFn: () =>
      whole((cursor) =>
        call(api.GET('/api/v1/auctions/{id}/results', { params: { path, query: { ...pages, ...at(cursor) } } })),
      ),
    enabled: ranked.includes(auction.data?.state ?? ''),
  });
  return { auction, lots, registrations, results };
}

/** The bids for one lot of a session. */
export const useBids = (id: string, lot: string | undefined) =>
  useQuery({
    queryKey: ['auction', id, 'bids', lot],
    queryFn: () =>
      whole((cursor) =>
        call(
          api.GET('/api/v1/auctions/{id}/bids', {
            params: { path: { id }, query: { lot: lot ?? '', limit: 200, ...at(cursor) } },
          }),
        ),
      ),
    enabled: lot !== undefined,
  });
