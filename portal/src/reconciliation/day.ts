import { useQuery } from '@tanstack/react-query';
import { api, call } from '../api/client';

/** A day at a bank as the books have it; nothing is asked for while the day or the bank is not known. */
export const useDay = (day: string, bank: string | undefined) =>
  useQuery({
    queryKey: ['daily-statement', day, bank],
    queryFn: () => call(api.GET('/api/v1/money/daily-statement', { params: { query: { day, bank: bank ?? '' } } })),
    enabled: day !== '' && bank !== undefined,
  });
