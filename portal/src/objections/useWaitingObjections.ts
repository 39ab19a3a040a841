import { useQuery } from '@tanstack/react-query';
import { api, call } from '../api/client';
import { at, whole } from '../api/list';

/** How many objections to something wait for their answer. */
export function useWaitingObjections(subject: string): number {
  const { data } = useQuery({
    queryKey: ['objections', 'waiting', subject],
    queryFn: () =>
      whole((cursor) =>
        call(
          api.GET('/api/v1/objections', { params: { query: { subject, state: 'raised', limit: 200, ...at(cursor) } } }),
        ),
      ),
  });
  return data?.length ?? 0;
}
