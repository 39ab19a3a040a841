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

/** The parameters of a page: a first page has no cursor. */
export const at = (cursor?: string): { cursor?: string } => (cursor === undefined ? {} : { cursor });
