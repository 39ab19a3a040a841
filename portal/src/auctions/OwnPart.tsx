import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { Panel } from '../ui/Panel';
import { BidForm } from './BidForm';
import { RegisterForm } from './RegisterForm';
import { registrationOf } from './registration';
import { RegistrationState } from './States';
import { running } from './useAuction';
import type { Live } from './useLive';

type Registration = Schemas['AuctionRegistration'];

interface PartProps {
  auction: Schemas['Auction'];
  lot: Schemas['AuctionLot'];
  live: Live | undefined;
  registrations: readonly Registration[];
  /** Those for the lot; nothing while they are not known. */
  bids: readonly Schemas['AuctionBid'][] | undefined;
}

/** Taking a registration back, which nobody does who has bid. */
function TakeBack({
  auction,
  registration,
  bids,
}: Omit<PartProps, 'lot' | 'live' | 'registrations'> & { registration: Registration }) {
  const { t } = useTranslation();
  const isLive =
    ['registered', 'qualified'].includes(registration.state) && [...running, 'closed'].includes(auction.state);
  const hasBid = bids?.some((bid) => bid.bidder === registration.number) ?? true;
  if (!isLive || hasBid) return null;
  return (
    <Act
      label={t('auction.takeBack')}
      isDanger
      size="small"
      run={(_, key) =>
        call(
          api.POST('/api/v1/auction-registrations/{id}/withdraw', {
            params: { path: { id: registration.id } },
            ...keyed(key),
            body: {},
          }),
        )
      }
    >
      {t('auction.takeBackLead')}{' '}
      <b>
        <Amount value={registration.deposit} unit="CNY" />
      </b>
    </Act>
  );
}

/** A registration that cannot bid: it waits, or is over. */
function Standing({ registration, actions }: { registration: Registration; actions: ReactNode }) {
  const { t } = useTranslation();
  const { state, number, reason } = registration;
  return (
    <Panel
      title={t('auction.registration')}
      actions={
        <>
          <RegistrationState state={state} />
          {actions}
        </>
      }
    >
      <div className="stack">
        <p>{t(`auction.registrationIs.${state}`, { number })}</p>
        <Facts
          wide
          facts={[
            [t('preview.deposit'), <Amount value={registration.deposit} unit="CNY" />],
            reason !== null && ([t('field.reason'), reason] as const),
          ]}
        />
      </div>
    </Panel>
  );
}

/** Whether registering is possible, as far as the page knows the server's time. */
function mayRegister({ auction, lot, live }: PartProps): boolean {
  const isInTime = live === undefined || Date.parse(live.now) < Date.parse(auction.registration_until);
  return auction.state === 'announced' && lot.state === 'offered' && isInTime;
}

/** What an enterprise does here: register, wait to be let in, bid. */
export function OwnPart(props: PartProps) {
  const { t } = useTranslation();
  const session = useSession();
  const { auction, lot, live, registrations, bids } = props;
  const organisation = session?.me.organisation;
  const own = registrationOf(registrations, lot.id, organisation);
  if (!hasRole(session, 'enterprise_trader') || lot.seller === organisation) return null;
  const takeBack = own && <TakeBack auction={auction} registration={own} bids={bids} />;
  if (own?.state === 'qualified') {
    return (
      <BidForm
        lot={lot}
        registration={own}
        live={live?.lots.get(lot.id)}
        isSealed={auction.format === 'sealed'}
        actions={takeBack}
      />
    );
  }
  const isRefused = own?.state === 'refused';
  return (
    <>
      {own && <Standing registration={own} actions={takeBack} />}
      {(own === undefined || isRefused) && mayRegister(props) && <RegisterForm auction={auction} lot={lot} />}
      {own === undefined && !mayRegister(props) && (
        <div className="notice calm">{auction.state === 'planned' ? t('auction.notYet') : t('auction.tooLate')}</div>
      )}
    </>
  );
}
