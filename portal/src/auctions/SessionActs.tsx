import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { retold, type Violation } from '../api/problem';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';

// Keys are of sealed sessions alone.
const ContributeKey = lazy(() => import('./SealKeys').then((found) => ({ default: found.ContributeKey })));
const HandInHalf = lazy(() => import('./SealKeys').then((found) => ({ default: found.HandInHalf })));

interface SessionActsProps {
  auction: Schemas['Auction'];
  lots: readonly Schemas['AuctionLot'][];
}

/** Officials who each contribute a key to a sealed session. */
const KEYS = 2;

/** States in which a session may still be called off: once it is ranked it is confirmed. */
const notRanked = ['planned', 'announced', 'open', 'final', 'closed'];

const lacksKeys = ({ format, keys }: Schemas['Auction']) => format === 'sealed' && keys.length < KEYS;
const lacksLots = (lots: SessionActsProps['lots']) => !lots.some((lot) => lot.state === 'planned');

/** Publishing a session; what stands against a lot is told with the number of that lot. */
function Announce({ auction }: { auction: Schemas['Auction'] }) {
  const { t } = useTranslation();
  const aboutLot = (violation: Violation): Violation => {
    const number = /^lots\[(\d+)\]/.exec(violation.field)?.[1];
    if (number === undefined) return violation;
    return { ...violation, message: t('auction.ofLot', { number, message: violation.message }) };
  };
  return (
    <Act
      label={t('auction.announce')}
      kind="primary"
      run={(_, key) =>
        retold(
          call(
            api.POST('/api/v1/auctions/{id}/announce', {
              params: { path: { id: auction.id } },
              ...keyed(key),
              body: {},
            }),
          ),
          aboutLot,
        )
      }
    >
      {t('auction.announceLead')}
    </Act>
  );
}

/** What the exchange may do about a session now. */
export function SessionActs({ auction, lots }: SessionActsProps) {
  const { t } = useTranslation();
  const path = { params: { path: { id: auction.id } } };
  const isPlanned = auction.state === 'planned';
  if (!hasRole(useSession(), 'exchange_officer')) return null;
  return (
    <>
      {isPlanned && lacksKeys(auction) && (
        <Suspense>
          <ContributeKey auction={auction} />
        </Suspense>
      )}
      {isPlanned && !lacksKeys(auction) && !lacksLots(lots) && <Announce auction={auction} />}
      {auction.state === 'closed' && (
        <Suspense>
          <HandInHalf auction={auction} />
        </Suspense>
      )}
      {auction.state === 'ranked' && (
        <Act
          label={t('auction.confirm')}
          kind="primary"
          run={(_, key) => call(api.POST('/api/v1/auctions/{id}/confirm', { ...path, ...keyed(key), body: {} }))}
        >
          {t('auction.confirmLead')}
        </Act>
      )}
      {notRanked.includes(auction.state) && (
        <Act
          label={t('auction.callOff')}
          isDanger
          reason="needed"
          run={(reason, key) =>
            call(api.POST('/api/v1/auctions/{id}/cancel', { ...path, ...keyed(key), body: { reason: reason ?? null } }))
          }
        >
          {t('auction.callOffLead')}
        </Act>
      )}
    </>
  );
}

/** What a planned session lacks before the exchange can announce it. */
export function Lacking({ auction, lots }: SessionActsProps) {
  const { t } = useTranslation();
  const isOfficer = hasRole(useSession(), 'exchange_officer');
  const [keys, goods] = [lacksKeys(auction), lacksLots(lots)];
  if (!isOfficer || auction.state !== 'planned' || !(keys || goods)) return null;
  return (
    <div className="notice calm">
      <h3>{t('auction.lacking')}</h3>
      {goods && <p>{t('auction.lacksLots')}</p>}
      {keys && <p>{t('auction.lacksKeys', { count: auction.keys.length })}</p>}
    </div>
  );
}
