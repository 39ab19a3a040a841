import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { useAreaName, useOrganisationName, useSiteName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { RightClass } from '../ui/RightClass';
import { State } from '../ui/State';
import { useRightWords } from '../ui/useRightWords';
import { BuyForm } from './BuyForm';

/** What the seller does with a listing of its own. */
function OwnActs({ listing }: { listing: Schemas['MarketListing'] }) {
  const { t } = useTranslation();
  const path = { params: { path: { id: listing.id } } };
  const isThere = ['draft', 'open', 'partly_filled'].includes(listing.state);
  return (
    <>
      {listing.state === 'draft' && (
        <Act
          label={t('market.open')}
          kind="primary"
          run={(_, key) => call(api.POST('/api/v1/listings/{id}/open', { ...path, ...keyed(key), body: {} }))}
        >
          {t('market.openLead', { quantity: listing.quantity, unit: listing.unit })}
        </Act>
      )}
      {isThere && (
        <Act
          label={t('market.withdraw')}
          isDanger
          reason="asked"
          run={(reason, key) =>
            call(
              api.POST('/api/v1/listings/{id}/withdraw', {
                ...path,
                ...keyed(key),
                body: reason === undefined ? {} : { reason },
              }),
            )
          }
        >
          {t('market.withdrawLead')}
        </Act>
      )}
    </>
  );
}

/** A listing, and the way to buy from it. */
export default function ListingPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const session = useSession();
  const organisationName = useOrganisationName();
  const siteName = useSiteName();
  const areaName = useAreaName();
  const rightWords = useRightWords();
  const query = useQuery({
    queryKey: ['listing', id],
    queryFn: () => call(api.GET('/api/v1/listings/{id}', { params: { path: { id } } })),
  });
  if (query.isLoadingError) return <Refusal error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading />;
  const listing = query.data;
  const isOwn = listing.seller === session?.me.organisation;
  const mayBuy = !isOwn && hasRole(session, 'enterprise_trader') && ['open', 'partly_filled'].includes(listing.state);
  return (
    <>
      <PageHead
        title={rightWords(listing.right_class)}
        lead={t('market.listingOf', { seller: organisationName(listing.seller) })}
        actions={isOwn && <OwnActs listing={listing} />}
      />
      <div className="two">
        <Panel title={t('market.terms')}>
          <Facts
            facts={[
              [t('right.name'), <RightClass code={listing.right_class} />],
              [t('field.state'), <State state={listing.state} />],
              [t('market.left'), <Amount value={listing.left} unit={listing.unit} />],
              [t('field.quantity'), <Amount value={listing.quantity} unit={listing.unit} />],
              [t('market.minimum'), <Amount value={listing.minimum} unit={listing.unit} />],
              [t('field.unitPrice'), <Amount value={listing.unit_price} unit={`CNY/${listing.unit}`} />],
              [t('trade.priceBasis'), t(`priceBasis.${listing.price_basis}`)],
              [t('trade.seller'), organisationName(listing.seller)],
              [t('field.site'), siteName(listing.seller_site)],
              [t('field.area'), areaName(listing.area)],
              [t('market.openedAt'), listing.opened_at ? minuteOf(listing.opened_at) : '—'],
              [t('market.lastDay'), listing.last_day ?? t('market.noEnd')],
              Boolean(listing.reason) && ([t('field.reason'), listing.reason] as const),
            ]}
          />
        </Panel>
        {mayBuy ? (
          <Panel title={t('market.buy')}>
            <BuyForm listing={listing} />
          </Panel>
        ) : (
          <div className="notice calm">
            <h3>{isOwn ? t('market.own') : t('market.notForYou')}</h3>
            <p>{isOwn ? t('market.ownLead') : t('market.notForYouLead')}</p>
          </div>
        )}
      </div>
    </>
  );
}
