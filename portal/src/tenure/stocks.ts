import { useQuery } from '@tanstack/react-query';
import { api, call } from '../api/client';
import { at, whole } from '../api/list';
import { isZero } from '../figures/decimal';
import { readRightClass } from '../figures/rightClass';
import { type Position, positionsOf } from '../home/position';
import { useBalances } from '../home/useBalances';
import { useSession } from '../session/session';
import type { Stock } from '../ui/StockSelect';

/** What is free of it: what is held, pledged or frozen goes nowhere. */
const freeOf = (positions: readonly Position[]): Stock[] =>
  positions
    .filter((one) => !isZero(one.available))
    .map(({ site, rightClass, available, unit }) => ({ site, rightClass, free: available, unit }));

/** What one's own sites have free. */
export const useOwnStocks = (): Stock[] => freeOf(positionsOf(useBalances(useSession()?.me.organisation).data ?? []));

/** What a site in one's area has free. */
export function useStocksOf(site: string | undefined): Stock[] {
  const { data } = useQuery({
    queryKey: ['balances', 'of', site],
    queryFn: () =>
      whole((cursor) =>
        call(api.GET('/api/v1/balances', { params: { query: { owner: site ?? '', limit: 200, ...at(cursor) } } })),
      ),
    enabled: site !== undefined,
  });
  return freeOf(positionsOf(data ?? []));
}

/** Whether rights may be renewed: a surplus of one year ends with it. */
export const isRenewable = ({ rightClass }: Stock): boolean => readRightClass(rightClass)?.product === 'MULTI';
