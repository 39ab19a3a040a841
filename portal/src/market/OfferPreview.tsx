import { useQuery } from '@tanstack/react-query';
import { api, call, keyed } from '../api/client';
import { Preview } from './Preview';

/** What accepting an offer would mean. */
export function OfferPreview({ offer, project }: { offer: string; project: string | undefined }) {
  const preview = useQuery({
    queryKey: ['preview', offer, project],
    queryFn: () =>
      call(
        api.POST('/api/v1/trades/preview', {
          ...keyed(crypto.randomUUID()),
          body: { offer, ...(project !== undefined && { project }) },
        }),
      ),
  });
  return <Preview preview={preview.data} isPending={preview.isFetching} error={preview.error} />;
}
