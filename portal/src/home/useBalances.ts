import { useQuery } from '@tanstack/react-query';
import { api, call } from '../api/client';
import { at, whole } from '../api/list';

/** Every balance of an organisation: its sites' and its money. */
export const useBalances = (organisation: string | undefined) =>
  useQuery({
    queryKey: ['balances', organisation],
    queryFn: () =>
      whole((cursor) =>
        call(
          api.GET('/api/v1/balances', {
            params: { query: { organisation: organisation ?? '', limit: 200, ...at(cursor) } },
          }),
        ),
      ),
    enabled: organisation !== undefined,
  });
