//! Placing bids: many of one lot share a work, each judged in its turn at the instant of its arrival under the lot's lock.

use super::auction::{Auction, Format};
use super::bid::{self, Bid, Content, OwnBids, Quoted, Terms};
use super::error::AuctionRefusal;
use super::lot::{Lot, Registration};
use super::record::store as record;
use super::sealed::{self, Opened};
use super::store;
use super::timetable::{Phase, Timetable};
use crate::access::Caller;
use crate::db::Work;
use crate::http::extract::not_found;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, AuctionBidId, AuctionId, AuctionLotId, AuctionRegistrationId, OrganisationId};
use crate::kernel::{Failure, Kind, Moment, Refusal};
use crate::ledger;
use accounting::{Journal, JournalKind, Measure, Subject, SubjectKind};
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A bid to place. It has no form that could be printed: a sealed one is nowhere to be read.
pub struct NewBid {
    /// Who bids. Bids of several may stand in one batch.
    pub by: Caller,
    /// In which session.
    pub auction: AuctionId,
    /// For which lot of it.
    pub lot: AuctionLotId,
    /// What.
    pub terms: Terms,
    /// The bidder's salt, for a sealed bid.
    pub salt: Option<String>,
    /// How the lot's pollutant is counted.
    pub measure: Measure,
}

/// What the bids of a batch are judged on, as far as the ones before them have brought it.
struct Floor {
    auctions: HashMap<AuctionId, Auction>,
    lots: BTreeMap<AuctionLotId, Lot>,
    registrations: HashMap<(AuctionLotId, OrganisationId), Registration>,
    own: HashMap<AuctionRegistrationId, OwnBids>,
    keys: HashMap<AuctionId, Vec<String>>,
    touched: HashSet<AuctionLotId>,
}

/// Places bids in the order given. The first one that is refused refuses the batch; whoever gathers it then tries smaller ones.
///
/// # Errors
/// Everything that [`bid::judge`] finds against a bid, [`AuctionRefusal::SaltMissing`], [`AuctionRefusal::NotSealed`].
pub async fn place(work: &mut Work, wanted: &[NewBid]) -> Result<Vec<Bid>, Failure> {
    let mut floor = Floor::load(work, wanted).await?;
    // Read under the locks: a bid that waited for them has not arrived before.
    let now = work.clock().business_now();
    let mut bids = Vec::with_capacity(wanted.len());
    for new in wanted {
        bids.push(floor.take(new, now)?);
    }
    record::insert_bids(work, &bids).await?;
    let touched: Vec<Lot> = floor.lots.into_values().filter(|lot| floor.touched.contains(&lot.id)).collect();
    store::save_lots(work, &touched).await?;
    let today = work.today();
    let journals: Vec<Journal> = bids
        .iter()
        .filter_map(|bid| {
            let Content::Sealed { commitment, .. } = &bid.content else { return None };
            let subject = Subject { kind: SubjectKind::AuctionBid, id: bid.id.0, version: 1 };
            let journal = Journal::new(ids::fresh_journal(), JournalKind::SealedBidPlaced, subject, today, Vec::new());
            Some(journal.by(bid.placed_by.0).proved_by(Some(commitment.clone())))
        })
        .collect();
    if !journals.is_empty() {
        ledger::post(work, &journals).await?;
    }
    for bid in &bids {
        let payload = json!({ "lot": bid.lot, "number": bid.number });
        work.tell(Event { kind: "auction.bid_placed", subject: bid.id.0, payload });
    }
    Ok(bids)
}

/// Carries a lot on by a bid that has arrived: its number, and what it moves of the end.
pub fn carry_on(lot: &mut Lot, timetable: &Timetable, at: Moment, is_first_of_bidder: bool) -> i64 {
    let bidders = u32::try_from(lot.bidders).unwrap_or(u32::MAX);
    let counts = timetable.phase(bidders, lot.ends_at, at) == Phase::Bidding;
    lot.bidders += i64::from(counts && is_first_of_bidder);
    lot.bids += 1;
    lot.last_arrival = Some(at);
    lot.ends_at = timetable.extended(lot.ends_at, at);
    lot.bids
}

/// The instant at which the next bid for a lot arrives: no two arrive at once.
pub fn arrival(lot: &Lot, now: Moment) -> Moment {
    lot.last_arrival.map_or(now, |last| now.max(Moment::from_micros(last.micros().saturating_add(1))))
}

impl Floor {
    async fn load(work: &Work, wanted: &[NewBid]) -> Result<Self, Failure> {
        let lot_ids: Vec<AuctionLotId> = wanted.iter().map(|new| new.lot).collect::<HashSet<_>>().into_iter().collect();
        let lots: BTreeMap<_, _> =
            store::lock_lots(work, &lot_ids).await?.into_iter().map(|lot| (lot.id, lot)).collect();
        let auction_ids: Vec<AuctionId> = lots.values().map(|lot| lot.auction).collect();
        let connection = work.connection();
        let auctions: HashMap<_, _> =
            store::auctions_by_id(connection, &auction_ids).await?.into_iter().map(|one| (one.id, one)).collect();
        let bidders: Vec<OrganisationId> = wanted.iter().map(|new| new.by.organisation).collect();
        let found = store::registrations_of(connection, &lot_ids, Some(&bidders)).await?;
        let live: Vec<Registration> = found.into_iter().filter(Registration::is_live).collect();
        let under: Vec<AuctionRegistrationId> = live.iter().map(|one| one.id).collect();
        let mut own: HashMap<AuctionRegistrationId, OwnBids> = HashMap::new();
        for bid in record::bids_under(connection, &under).await? {
            own.entry(bid.registration).or_default().count_in(&bid.content);
        }
        let mut keys: HashMap<AuctionId, Vec<String>> = HashMap::new();
        if auctions.values().any(|auction| auction.format == Format::Sealed) {
            for key in store::keys_of(connection, &auction_ids).await? {
                keys.entry(key.auction).or_default().push(key.public_key);
            }
        }
        let registrations = live.into_iter().map(|one| ((one.lot, one.bidder.organisation), one)).collect();
        Ok(Self { auctions, lots, registrations, own, keys, touched: HashSet::new() })
    }

    fn take(&mut self, new: &NewBid, now: Moment) -> Result<Bid, Failure> {
        let lot = self.lots.get_mut(&new.lot).filter(|lot| lot.auction == new.auction);
        let lot = lot.ok_or_else(|| not_found("lot"))?;
        let auction = self.auctions.get(&new.auction).ok_or_else(|| not_found("auction"))?;
        let registration = self.registrations.get(&(lot.id, new.by.organisation));
        let own = registration.and_then(|one| self.own.get(&one.id)).copied().unwrap_or_default();
        let at = arrival(lot, now);
        let mut broken = bid::judge(auction, lot, registration, own, new.terms, &new.measure, at);
        match (auction.format, &new.salt) {
            (Format::Sealed, Some(salt)) if sealed::is_hex(salt) => {}
            (Format::Sealed, _) => broken.push(AuctionRefusal::SaltMissing {}),
            (Format::Ascending, Some(_)) => broken.push(AuctionRefusal::NotSealed {}),
            (Format::Ascending, None) => {}
        }
        let registration = match registration {
            Some(registration) if broken.is_empty() => registration,
            _ => {
                let violations = broken.iter().map(Refusal::violation).collect();
                let kind = broken.first().map_or(Kind::Refused, Refusal::kind);
                return Err(Failure { kind, violations, source: None });
            }
        };
        let keys = self.keys.get(&auction.id).map(Vec::as_slice).unwrap_or_default();
        let content = content(auction.format, registration, new, keys)?;
        let number = carry_on(lot, &auction.timetable(), at, own.count == 0);
        if self.touched.insert(lot.id) {
            lot.version += 1;
        }
        self.own.entry(registration.id).or_default().count_in(&content);
        Ok(Bid {
            id: AuctionBidId::fresh(),
            auction: auction.id,
            lot: lot.id,
            registration: registration.id,
            number,
            arrived_at: at,
            content,
            placed_by: new.by.user,
        })
    }
}

fn content(format: Format, registration: &Registration, new: &NewBid, keys: &[String]) -> Result<Content, Failure> {
    match (format, &new.salt) {
        (Format::Sealed, Some(salt)) => {
            let opened = Opened { terms: new.terms, salt: salt.clone() };
            let canonical = sealed::canonical(registration.lot, registration.id, &opened);
            let commitment = sealed::commitment(&canonical);
            Ok(Content::Sealed { commitment, sealed: sealed::seal(&canonical, keys)? })
        }
        _ => Ok(Content::Open(Quoted { price: new.terms.price, quantity: new.terms.quantity })),
    }
}

impl OwnBids {
    /// Counts a bid in, the newest last.
    pub fn count_in(&mut self, content: &Content) {
        self.count += 1;
        if let Content::Open(quoted) = content {
            self.best = Some(*quoted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::{RightClassId, SiteId, UserId};
    use crate::market::auctions::lot::LotState;
    use crate::market::offer::Party;
    use accounting::{Price, Quantity};
    use proptest::prelude::*;

    fn lot(ends_at: Moment) -> Lot {
        let seller =
            Party { site: SiteId::fresh(), organisation: OrganisationId::fresh(), area_path: "420000".to_owned() };
        Lot {
            id: AuctionLotId::fresh(),
            auction: AuctionId::fresh(),
            number: 1,
            seller,
            seller_is_reserve: true,
            of_lien: None,
            right_class: RightClassId::fresh(),
            pollutant: "COD".to_owned(),
            quantity: Quantity::try_new(1_000_000).unwrap(),
            least: None,
            most: None,
            base_price: Price::try_new(879_000).unwrap(),
            state: LotState::Offered,
            ends_at,
            last_arrival: None,
            bids: 0,
            bidders: 0,
            proposed_by: UserId::fresh(),
            proposed_at: Moment::from_micros(0),
            version: 1,
        }
    }

    proptest! {
        /// Bid after bid, by clocks of several nodes that differ: what the row of the lot says in the end follows from the arrivals alone.
        #[test]
        fn the_end_of_a_lot_follows_from_the_arrivals_alone(
            seen in prop::collection::vec((0_i64..60_000_000, 0_usize..5), 1..40),
            timed in prop::option::of((0_i64..5_000_000, 1_i64..20_000_000)),
            soft in prop::option::of(1_i64..10_000_000),
        ) {
            let (opens, closes) = (Moment::from_micros(5_000_000), Moment::from_micros(30_000_000));
            let timetable = Timetable { opens, closes, timed, soft, min_bidders: 2 };
            let mut lot = lot(timetable.first_end());
            let (mut arrivals, mut bidders) = (Vec::new(), HashSet::new());
            for (now, bidder) in seen {
                let at = arrival(&lot, Moment::from_micros(now));
                let so_far = u32::try_from(lot.bidders).unwrap();
                if !matches!(timetable.phase(so_far, lot.ends_at, at), Phase::Bidding | Phase::Timed) {
                    continue;
                }
                prop_assert!(at < lot.ends_at, "none is taken after the end");
                let number = carry_on(&mut lot, &timetable, at, bidders.insert(bidder));
                arrivals.push(at);
                prop_assert_eq!(usize::try_from(number).unwrap(), arrivals.len());
            }
            prop_assert!(arrivals.windows(2).all(|pair| pair[0] < pair[1]), "no two arrive at once");
            prop_assert_eq!(lot.ends_at, timetable.end_after(arrivals.iter().copied()));
            prop_assert!(lot.bidders <= i64::try_from(bidders.len()).unwrap());
        }
    }
}
