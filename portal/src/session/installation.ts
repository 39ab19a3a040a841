import { useQuery } from '@tanstack/react-query';
import { api, call } from '../api/client';

/** What kind of installation this is: a demonstration lives in a business time of its own, and names its logins. */
export const useInstallation = () =>
  useQuery({
    queryKey: ['installation'],
    queryFn: () => call(api.GET('/api/v1/public/installation')),
    staleTime: 60_000,
    refetchInterval: 60_000,
  });

/** Today in business time; nothing while it is not known. */
export function useToday(): string | undefined {
  return useInstallation().data?.business_time.slice(0, 10);
}
