import { useQuery } from '@tanstack/react-query';
import { api, call } from '../api/client';
import { at, whole } from '../api/list';

/** Every cap with its use: one for each pollutant of an area. */
export const useCaps = () =>
  useQuery({
    queryKey: ['capacities'],
    queryFn: () =>
      whole((cursor) => call(api.GET('/api/v1/capacities', { params: { query: { limit: 200, ...at(cursor) } } }))),
  });
