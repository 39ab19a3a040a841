import { useQuery } from '@tanstack/react-query';
import { api, call } from '../api/client';

/** The most that a badge counts to. */
const MOST = 50;

/** How many tasks wait for whoever is signed in. */
export function useWaiting(isSignedIn: boolean): number | undefined {
  const { data } = useQuery({
    queryKey: ['tasks', 'waiting'],
    queryFn: () => call(api.GET('/api/v1/tasks', { params: { query: { as: 'decider', limit: MOST } } })),
    enabled: isSignedIn,
    refetchInterval: 30_000,
  });
  return data?.items.length;
}
