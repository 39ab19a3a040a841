import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, call } from '../api/client';

/** How often long work is looked at. */
const LOOKED_AT_EVERY = 700;

/** How far a long work has come, until it has ended. */
export function useOperation(id: string | undefined) {
  const cache = useQueryClient();
  const operation = useQuery({
    queryKey: ['operation', id],
    queryFn: () => call(api.GET('/api/v1/operations/{id}', { params: { path: { id: id ?? '' } } })),
    enabled: id !== undefined,
    refetchInterval: (query) =>
      ['finished', 'failed'].includes(query.state.data?.state ?? '') ? false : LOOKED_AT_EVERY,
  });
  const state = operation.data?.state;
  // What it has made is seen by its lists from now on.
  useEffect(() => {
    if (state === 'finished')
      void cache.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'operation' });
  }, [state, cache]);
  return operation;
}
