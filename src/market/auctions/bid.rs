//! A bid, and what stands against it.

use super::auction::{Auction, AuctionState, Format};
use super::error::AuctionRefusal;
use super::lot::{Lot, LotState, Registration, RegistrationState};
use super::timetable::Phase;
use crate::kernel::Moment;
use crate::kernel::ids::{AuctionBidId, AuctionId, AuctionLotId, AuctionRegistrationId, UserId};
use accounting::{Measure, Price, Quantity};

/// What is bid: so much for each unit of so many.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// CNY per display unit.
    pub price: Price,
    /// How much.
    pub quantity: Quantity,
}

/// What the books keep of a bid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Everything, of one in the open.
    Open(Quoted),
    /// Of a sealed one what binds the bidder, and what only both keys open.
    Sealed {
        /// SHA-256 over the canonical form, in hexadecimal.
        commitment: String,
        /// The canonical form, sealed: base64.
        sealed: String,
    },
}

/// Price and quantity of a bid in the open, which anybody may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quoted {
    /// CNY per display unit.
    pub price: Price,
    /// How much.
    pub quantity: Quantity,
}

/// A bid that has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bid {
    /// Its identity.
    pub id: AuctionBidId,
    /// In which session.
    pub auction: AuctionId,
    /// For which lot.
    pub lot: AuctionLotId,
    /// Whose.
    pub registration: AuctionRegistrationId,
    /// Counts from 1 within the lot, in the order of arrival.
    pub number: i64,
    /// When it arrived, by the server's clock under the lock of its lot: later than the one before it.
    pub arrived_at: Moment,
    /// What is kept of it.
    pub content: Content,
    /// Who placed it.
    pub placed_by: UserId,
}

/// What the bidder has bid for the lot so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OwnBids {
    /// How often.
    pub count: u32,
    /// The newest of them, in the open.
    pub best: Option<Quoted>,
}

/// Everything that stands against a bid at the instant of its arrival. Nothing that is told repeats what was bid.
pub fn judge(
    auction: &Auction,
    lot: &Lot,
    registration: Option<&Registration>,
    own: OwnBids,
    wanted: Terms,
    measure: &Measure,
    at: Moment,
) -> Vec<AuctionRefusal> {
    let mut broken = Vec::new();
    broken.extend(judge_time(auction, lot, at));
    judge_terms(auction, lot, wanted, measure, &mut broken);
    match registration.filter(|registration| registration.state == RegistrationState::Qualified) {
        None => broken.push(AuctionRefusal::Unqualified {}),
        Some(registration) if wanted.quantity > registration.quantity => {
            broken.push(AuctionRefusal::NoDeposit { covered: told(registration.quantity, measure) });
        }
        Some(_) => {}
    }
    if let Some(most) = auction.rules.bids_per_bidder().filter(|most| own.count >= *most) {
        broken.push(AuctionRefusal::TooManyBids { most: most.to_string() });
    }
    if auction.format == Format::Ascending && own.best.is_some_and(|best| !is_better(wanted, best)) {
        broken.push(AuctionRefusal::NotBetter {});
    }
    broken
}

fn told(quantity: Quantity, measure: &Measure) -> String {
    format!("{} {}", quantity.print(measure), measure.unit)
}

fn is_better(new: Terms, old: Quoted) -> bool {
    let is_no_less = new.price >= old.price && new.quantity >= old.quantity;
    is_no_less && (new.price > old.price || new.quantity > old.quantity)
}

/// Whether bids for the lot are taken at this instant, whether or not the clock has carried out what it has brought.
pub fn judge_time(auction: &Auction, lot: &Lot, at: Moment) -> Option<AuctionRefusal> {
    let is_running = matches!(auction.state, AuctionState::Announced | AuctionState::Open | AuctionState::Final);
    let phase = auction.timetable().phase(u32::try_from(lot.bidders).unwrap_or(u32::MAX), lot.ends_at, at);
    let closed = |state: &str| Some(AuctionRefusal::Closed { state: state.to_owned() });
    match phase {
        Phase::Over { since } if auction.state != AuctionState::Planned => match (&auction.state, &lot.state) {
            (AuctionState::Cancelled { .. }, _) => closed("cancelled"),
            (_, LotState::Cancelled { .. } | LotState::Withdrawn { .. }) => closed(lot.state.as_str()),
            _ => Some(AuctionRefusal::Late { ended: since.to_string() }),
        },
        _ if auction.state == AuctionState::Planned => {
            Some(AuctionRefusal::BeforeOpening { opens: auction.opens_at.to_string() })
        }
        _ if !is_running => closed(auction.state.as_str()),
        _ if lot.state != LotState::Offered => closed(lot.state.as_str()),
        Phase::Before => Some(AuctionRefusal::BeforeOpening { opens: auction.opens_at.to_string() }),
        Phase::Waiting { until } => Some(AuctionRefusal::Waiting { until: until.to_string() }),
        Phase::Bidding | Phase::Timed | Phase::Over { .. } => None,
    }
}

fn judge_terms(auction: &Auction, lot: &Lot, wanted: Terms, measure: &Measure, broken: &mut Vec<AuctionRefusal>) {
    let base = || lot.base_price.print();
    if wanted.price < lot.base_price {
        broken.push(AuctionRefusal::BelowBase { base: base() });
    } else if let Some(step) = auction.rules.bid_step()
        && (wanted.price.fen() - lot.base_price.fen()) % step.fen() != 0
    {
        broken.push(AuctionRefusal::OffStep { step: step.print(), base: base() });
    }
    if wanted.quantity > lot.most() {
        broken.push(AuctionRefusal::OverLotQuantity { most: told(lot.most(), measure) });
    }
    if let Some(least) = lot.least.filter(|least| wanted.quantity < *least) {
        broken.push(AuctionRefusal::UnderLotQuantity { least: told(least, measure) });
    }
    if !wanted.price.times(wanted.quantity, measure).is_ok_and(|total| !total.is_zero()) {
        broken.push(AuctionRefusal::TotalOutOfRange {});
    }
}
