import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { api, call } from '../api/client';
import { at, whole } from '../api/list';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';
import { Refusal } from '../ui/Refusal';
import { LotPanel } from './LotPanel';
import { Bids, Results, SessionFacts } from './SessionParts';

/** How often whoever is not signed in asks anew. */
const LOOKED_AT_EVERY = 3_000;

/** An announced session for everybody: what is on offer, and the bids under numbers. */
export default function PublicAuctionPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const path = { id };
  const auction = useQuery({
    queryKey: ['public', 'auction', id],
    queryFn: () => call(api.GET('/api/v1/public/auctions/{id}', { params: { path } })),
  });
  const isRunning = ['open', 'final'].includes(auction.data?.state ?? '');
  const isRanked = ['ranked', 'confirmed', 'settled'].includes(auction.data?.state ?? '');
  const refetchInterval = isRunning ? LOOKED_AT_EVERY : false;
  const lots = useQuery({
    queryKey: ['public', 'auction', id, 'lots'],
    queryFn: () =>
      whole((cursor) =>
        call(api.GET('/api/v1/public/auctions/{id}/lots', { params: { path, query: { limit: 200, ...at(cursor) } } })),
      ),
    refetchInterval,
  });
  const bids = useQuery({
    queryKey: ['public', 'auction', id, 'bids'],
    queryFn: () =>
      whole((cursor) =>
        call(api.GET('/api/v1/public/auctions/{id}/bids', { params: { path, query: { limit: 200, ...at(cursor) } } })),
      ),
    refetchInterval,
  });
  const results = useQuery({
    queryKey: ['public', 'auction', id, 'results'],
    queryFn: () =>
      whole((cursor) =>
        call(
          api.GET('/api/v1/public/auctions/{id}/results', { params: { path, query: { limit: 200, ...at(cursor) } } }),
        ),
      ),
    enabled: isRanked,
  });
  if (auction.isLoadingError) return <Refusal error={auction.error} retry={() => void auction.refetch()} />;
  if (auction.data === undefined || lots.data === undefined) return <Loading />;
  return (
    <>
      <PageHead title={auction.data.title || t('auction.session')} lead={t('auction.publicLead')} />
      <div className="stack">
        <SessionFacts auction={auction.data} />
        {lots.data.map((lot) => (
          <div key={lot.id} className="two">
            <LotPanel lot={lot} live={undefined} />
            <div className="stack">
              <Results awards={results.data?.filter((one) => one.lot === lot.id) ?? []} unit={lot.unit} />
              <Bids
                bids={bids.data?.filter((bid) => bid.lot === lot.id) ?? []}
                unit={lot.unit}
                isLoading={bids.isPending}
                error={bids.error}
              />
            </div>
          </div>
        ))}
      </div>
    </>
  );
}
