import { Select } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import type { Schemas } from '../api/client';
import { useOrganisationName } from '../parties/names';
import { hasRole } from '../session/roles';
import { type Session, useSession } from '../session/session';
import { Loading } from '../ui/Loading';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Refusal } from '../ui/Refusal';
import { LotActs } from './LotActs';
import { LotPanel } from './LotPanel';
import { ProposeLot } from './ProposeLot';
import { registrationOf } from './registration';
import { Registrations } from './Registrations';
import { Lacking, SessionActs } from './SessionActs';
import { Bids, Results, SessionFacts } from './SessionParts';
import { running, useAuction, useBids } from './useAuction';
import { useLive } from './useLive';

// What only a bidder has here comes when a bidder looks.
const OwnPart = lazy(() => import('./OwnPart').then((found) => ({ default: found.OwnPart })));

type Auction = Schemas['Auction'];
type Lot = Schemas['AuctionLot'];

interface LotChoiceProps {
  lots: readonly Lot[];
  chosen: Lot | undefined;
  choose: (lot: string) => void;
}

/** Which lot of a session is looked at, where it has several. */
function LotChoice({ lots, chosen, choose }: LotChoiceProps) {
  const { t } = useTranslation();
  if (lots.length < 2) return null;
  return (
    <Select
      aria-label={t('auction.lot')}
      style={{ width: 220 }}
      {...(chosen && { value: chosen.id })}
      onChange={choose}
      options={lots.map((one) => ({
        value: one.id,
        label: `${t('auction.lotNumber', { number: one.number })} · ${t(`state.${one.state}`)}`,
      }))}
    />
  );
}

/** Where whoever looks follows a win: the page of its trade, or those of the parties among the disposals; nowhere before the confirmation. */
function wayOf(session: Session | undefined, auction: Auction, lot: Lot) {
  const own = session?.me.organisation;
  const looksOn = hasRole(session, 'exchange_officer', 'exchange_approver', 'auditor');
  return (award: Schemas['AuctionAward']): string | undefined => {
    const isParty = own !== undefined && [award.organisation, lot.seller, lot.pledgee].includes(own);
    if (!['confirmed', 'settled'].includes(auction.state)) return undefined;
    if (award.trade !== null && (isParty || looksOn)) return `/trades/${award.trade}`;
    return award.disposal !== null && isParty ? '/pledges' : undefined;
  };
}

interface SessionBodyProps {
  auction: Auction;
  lot: Lot | undefined;
  live: ReturnType<typeof useLive>;
  registrations: readonly Schemas['AuctionRegistration'][];
  results: readonly Schemas['AuctionAward'][];
}

/** The lot that is looked at with its bids, and what whoever looks does about it. */
function SessionBody({ auction, lot, live, registrations, results }: SessionBodyProps) {
  const { t } = useTranslation();
  const session = useSession();
  const organisationName = useOrganisationName();
  const bids = useBids(auction.id, lot?.id);
  if (lot === undefined)
    return (
      <div className="two">
        <Nothing title={t('auction.noLots')} />
        <SessionFacts auction={auction} />
      </div>
    );
  return (
    <div className="two">
      <div className="stack">
        <LotPanel
          lot={lot}
          live={live?.lots.get(lot.id)}
          seller={organisationName(lot.seller)}
          {...(lot.pledgee !== null && { pledgee: organisationName(lot.pledgee) })}
          actions={<LotActs lot={lot} />}
        />
        <Results
          awards={results.filter((one) => one.lot === lot.id)}
          unit={lot.unit}
          name={organisationName}
          way={wayOf(session, auction, lot)}
        />
        <Bids
          bids={bids.data ?? []}
          unit={lot.unit}
          isLoading={bids.isPending}
          error={bids.error}
          own={registrationOf(registrations, lot.id, session?.me.organisation)?.number}
          name={organisationName}
        />
      </div>
      <div className="stack">
        <Suspense>
          <OwnPart
            key={lot.id}
            auction={auction}
            lot={lot}
            live={live}
            registrations={registrations}
            bids={bids.data}
          />
        </Suspense>
        <SessionFacts auction={auction} />
      </div>
    </div>
  );
}

/** A session of bidding as it goes on: the time that is left, the bids as they arrive, and one's own; for the exchange, what it does about it. */
export default function AuctionPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const session = useSession();
  const { auction, lots, registrations, results } = useAuction(id);
  const isRunning = running.includes(auction.data?.state ?? '');
  const live = useLive(id, isRunning);
  const [chosen, choose] = useState<string>();
  if (auction.isLoadingError) return <Refusal error={auction.error} retry={() => void auction.refetch()} />;
  if (auction.data === undefined || lots.data === undefined) return <Loading />;
  const lot =
    lots.data.find((one) => one.id === chosen) ?? lots.data.find((one) => one.state !== 'withdrawn') ?? lots.data[0];
  // What is followed is ahead of what was asked for, as long as it goes on.
  const shown = { ...auction.data, ...(isRunning && live && { state: live.state }) };
  return (
    <>
      <PageHead
        title={shown.title}
        lead={t(`auction.formats.${shown.format}`)}
        actions={
          <>
            <LotChoice lots={lots.data} chosen={lot} choose={choose} />
            <ProposeLot auction={shown} />
            <SessionActs auction={shown} lots={lots.data} />
          </>
        }
      />
      <div className="stack">
        <Lacking auction={shown} lots={lots.data} />
        <SessionBody
          auction={shown}
          lot={lot}
          live={live}
          registrations={registrations.data ?? []}
          results={results.data ?? []}
        />
        {hasRole(session, 'exchange_officer') && shown.state !== 'planned' && (
          <Registrations registrations={registrations.data ?? []} lots={lots.data} />
        )}
      </div>
    </>
  );
}
