import { useInfiniteQuery } from '@tanstack/react-query';

/** From which end a log is read. */
export type Order = 'newest' | 'oldest';

/** A page of a list of the API. */
interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

/** A list of the API, page after page; `more` is there while another one is. */
export function useList<T>(
  key: readonly unknown[],
  page: (cursor?: string) => Promise<Page<T>>,
  enabled = true,
  staleTime?: number,
) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => page(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    enabled,
    ...(staleTime !== undefined && { staleTime }),
  });
  return {
    items: query.data?.pages.flatMap((one) => one.items) ?? [],
    isLoading: query.isPending && enabled,
    error: query.error,
    retry: () => void query.refetch(),
    more: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    isLoadingMore: query.isFetchingNextPage,
  };
}

/** All pages of a list that is known to be short, as what a form offers to choose from is; of another, `told` hears how much has come. */
export async function whole<T>(
  page: (cursor?: string) => Promise<Page<T>>,
  told?: (count: number) => void,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const next = await page(cursor);
    items.push(...next.items);
    told?.(items.length);
    cursor = next.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}

/** Several lists of the API as one, each after the one before: what stands in one of several states, where a list knows one at a time. */
export const oneAfterAnother =
  <Q, T>(queries: readonly Q[], page: (query: Q, cursor?: string) => Promise<Page<T>>) =>
  async (cursor?: string): Promise<Page<T>> => {
    const [place = '0', within] = cursor?.split(' ') ?? [];
    const items: T[] = [];
    let from = within;
    for (const [number, query] of queries.entries()) {
      if (number < Number(place)) continue;
      const next = await page(query, from);
      items.push(...next.items);
      if (next.next_cursor) return { items, next_cursor: `${number} ${next.next_cursor}` };
      from = undefined;
    }
    return { items };
  };

/** The parameters of a page: a first page has no cursor. */
export const at = (cursor?: string): { cursor?: string } => (cursor === undefined ? {} : { cursor });
