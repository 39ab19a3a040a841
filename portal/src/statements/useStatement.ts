import { useInfiniteQuery } from '@tanstack/react-query';
import { api, call } from '../api/client';
import { at } from '../api/list';
import type { Span } from './SpanChoice';

/** The statement of one account over a span, page after page: each page tells the account with its balances, too. */
export const useStatement = (id: string, span: Span) =>
  useInfiniteQuery({
    queryKey: ['statements', id, span],
    queryFn: ({ pageParam }) =>
      call(
        api.GET('/api/v1/accounts/{id}/statement', {
          params: { path: { id }, query: { ...span, limit: 50, ...at(pageParam) } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    enabled: span.from !== '' && span.to !== '',
  });
