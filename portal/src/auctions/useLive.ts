import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Schemas } from '../api/client';
import type { Told } from '../figures/countdown';
import { follow } from './follow';

/** A lot as the server tells it while bidding goes on. */
export interface LiveLot {
  lot: string;
  number: number;
  phase: 'before' | 'bidding' | 'waiting' | 'timed' | 'over';
  ends_at: string;
  bids: number;
  bidders: number;
  best_price: string | null;
}

interface LiveAuction {
  state: Schemas['Auction']['state'];
  now: string;
  remaining_milliseconds: number[];
  lots: LiveLot[];
}

/** A lot with how long its phase still lasts. */
export type Lasting = LiveLot & { told: Told };

/** A session as it stands at the moment. */
export interface Live {
  state: Schemas['Auction']['state'];
  /** The server's business time when it was told. */
  now: string;
  lots: Map<string, Lasting>;
}

/** A session as it goes on; every change also brings the lists of bids and lots up to date. */
export function useLive(auction: string, isFollowed: boolean): Live | undefined {
  const cache = useQueryClient();
  const [live, setLive] = useState<Live>();
  useEffect(() => {
    if (!isFollowed) return;
    const stop = new AbortController();
    void follow(
      `/api/v1/auctions/${auction}/events`,
      ({ event, data }) => {
        const { state, now, remaining_milliseconds: remaining, lots } = JSON.parse(data) as LiveAuction;
        const at = performance.now();
        setLive({
          state,
          now,
          lots: new Map(
            lots.map((lot, place) => [lot.lot, { ...lot, told: { milliseconds: remaining[place] ?? 0, at } }]),
          ),
        });
        if (event !== 'time') void cache.invalidateQueries({ queryKey: ['auction', auction] });
      },
      stop.signal,
    );
    return () => stop.abort();
  }, [auction, isFollowed, cache]);
  return live;
}
