import { useQuery } from '@tanstack/react-query';
import { api, call } from '../api/client';
import { at, whole } from '../api/list';

/** Every right class there is. */
export const useRightClasses = () =>
  useQuery({
    queryKey: ['right-classes'],
    queryFn: () =>
      whole((cursor) => call(api.GET('/api/v1/right-classes', { params: { query: { limit: 200, ...at(cursor) } } }))),
    staleTime: 300_000,
  });
