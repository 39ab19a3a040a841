//! What is on offer in a session, and who may bid for it.

use super::error::AuctionRefusal;
use super::pledged::OfLien;
use crate::kernel::ids::{
    AuctionId, AuctionLotId, AuctionRegistrationId, OrganisationId, ProjectId, RightClassId, UserId,
};
use crate::kernel::{Moment, Refusal, Violation};
use crate::market::offer::Party;
use accounting::{Holding, Money, Price, Quantity};

/// How far a lot has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LotState {
    /// Proposed by its seller; nothing is held.
    Planned,
    /// Taken out before the announcement.
    Withdrawn {
        /// Why, where it was the exchange that took it out.
        reason: Option<String>,
    },
    /// Announced: its grams are held, unless a lien holds them.
    Offered,
    /// Nobody may have it.
    Failed,
    /// Its winners are confirmed.
    Awarded,
    /// Called off.
    Cancelled {
        /// Why.
        reason: Option<String>,
    },
}

impl LotState {
    /// Every word of one.
    pub const WORDS: &'static [&'static str] = &["planned", "withdrawn", "offered", "failed", "awarded", "cancelled"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Offered => "offered",
            Self::Failed => "failed",
            Self::Awarded => "awarded",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// Why it was taken out or called off.
    pub fn reason(&self) -> Option<&String> {
        match self {
            Self::Withdrawn { reason } | Self::Cancelled { reason } => reason.as_ref(),
            _ => None,
        }
    }
}

/// A lot (标的).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// Its identity; the subject of the account that holds its grams.
    pub id: AuctionLotId,
    /// Of which session.
    pub auction: AuctionId,
    /// Counts from 1 within the session.
    pub number: i64,
    /// Who sells.
    pub seller: Party,
    /// Whether that is the reserve.
    pub seller_is_reserve: bool,
    /// The lien that holds it, where its pledgee has put it in; none of a seller's own.
    pub of_lien: Option<OfLien>,
    /// What.
    pub right_class: RightClassId,
    /// Code of its pollutant.
    pub pollutant: String,
    /// How much.
    pub quantity: Quantity,
    /// The least that a bid may be for.
    pub least: Option<Quantity>,
    /// The most that a bid may be for; the whole lot where nobody says so.
    pub most: Option<Quantity>,
    /// CNY per display unit, for the whole validity.
    pub base_price: Price,
    /// How far it has come.
    pub state: LotState,
    /// When bidding for it ends, as far as its bids have moved that.
    pub ends_at: Moment,
    /// When the newest bid arrived.
    pub last_arrival: Option<Moment>,
    /// How many bids have arrived.
    pub bids: i64,
    /// How many had bid by the planned close.
    pub bidders: i64,
    /// Who proposed it.
    pub proposed_by: UserId,
    /// When.
    pub proposed_at: Moment,
    /// Counts from 1.
    pub version: i64,
}

impl Lot {
    /// The seller's stock that it is of.
    pub fn stock(&self) -> Holding {
        Holding { owner: self.seller.site.into(), asset: self.right_class.into() }
    }

    /// Who has put it in: its pledgee, or its seller.
    pub fn proposer(&self) -> OrganisationId {
        self.of_lien.map_or(self.seller.organisation, |of| of.pledgee)
    }

    /// The grams that it holds while it is on offer: none of what a lien holds.
    pub fn held(&self) -> i64 {
        if self.of_lien.is_some() { 0 } else { self.quantity.grams() }
    }

    /// The most that one bid may be for.
    pub fn most(&self) -> Quantity {
        self.most.unwrap_or(self.quantity)
    }

    /// What of the bounds cannot be kept, each about its own field.
    pub fn judge_bounds(&self) -> Vec<Violation> {
        let most = self.most();
        let is_wide = most > self.quantity;
        let is_crossed = self.least.is_some_and(|least| least > most.min(self.quantity));
        let fields = [("max_quantity", is_wide), ("min_quantity", is_crossed)];
        let broken = fields.into_iter().filter(|(_, is_broken)| *is_broken);
        broken.map(|(field, _)| AuctionRefusal::BadBounds {}.violation().about(field)).collect()
    }

    /// Whoever has put it in takes it out.
    ///
    /// # Errors
    /// [`AuctionRefusal::NotYours`], [`AuctionRefusal::WrongState`].
    pub fn withdraw(self, by: OrganisationId) -> Result<Self, AuctionRefusal> {
        if self.proposer() != by {
            return Err(AuctionRefusal::NotYours {});
        }
        self.from(&LotState::Planned, LotState::Withdrawn { reason: None })
    }

    /// The exchange takes it out, so that no seller keeps a session from being announced.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn remove(self, reason: Option<String>) -> Result<Self, AuctionRefusal> {
        self.from(&LotState::Planned, LotState::Withdrawn { reason })
    }

    /// It is announced.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn offer(self) -> Result<Self, AuctionRefusal> {
        self.from(&LotState::Planned, LotState::Offered)
    }

    /// Nobody may have it.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn fail(self) -> Result<Self, AuctionRefusal> {
        self.from(&LotState::Offered, LotState::Failed)
    }

    /// Its winners are confirmed.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn award(self) -> Result<Self, AuctionRefusal> {
        self.from(&LotState::Offered, LotState::Awarded)
    }

    /// It is called off.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn cancel(self, reason: Option<String>) -> Result<Self, AuctionRefusal> {
        self.from(&LotState::Offered, LotState::Cancelled { reason })
    }

    fn from(mut self, needed: &LotState, next: LotState) -> Result<Self, AuctionRefusal> {
        if self.state != *needed {
            let state = self.state.as_str().to_owned();
            return Err(AuctionRefusal::WrongState { state, needed: needed.as_str().to_owned() });
        }
        self.state = next;
        self.version += 1;
        Ok(self)
    }
}

/// How a registration stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistrationState {
    /// Waits for the exchange; the deposit is held.
    Registered,
    /// May bid.
    Qualified,
    /// The exchange said no.
    Refused {
        /// Why.
        reason: Option<String>,
    },
    /// The bidder took it back.
    Withdrawn,
    /// The bidder won nothing.
    Released,
    /// The bidder won: the deposit went on into the trade or the disposal.
    Won,
}

impl RegistrationState {
    /// Every word of one.
    pub const WORDS: &'static [&'static str] = &["registered", "qualified", "refused", "withdrawn", "released", "won"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Qualified => "qualified",
            Self::Refused { .. } => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Released => "released",
            Self::Won => "won",
        }
    }
}

/// Who may bid for a lot (竞买登记).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Its identity; the subject of the account that holds the deposit.
    pub id: AuctionRegistrationId,
    /// For which session.
    pub auction: AuctionId,
    /// For which lot.
    pub lot: AuctionLotId,
    /// The number under which the bidder is shown.
    pub number: i64,
    /// Who bids, for which site.
    pub bidder: Party,
    /// For which project.
    pub project: ProjectId,
    /// The most that the bidder wants; what the deposit is for.
    pub quantity: Quantity,
    /// The fewest grams that are still of use to the bidder.
    pub minimum: Quantity,
    /// What is held.
    pub deposit: Money,
    /// How it stands.
    pub state: RegistrationState,
    /// Who registered.
    pub registered_by: UserId,
    /// When.
    pub registered_at: Moment,
    /// Counts from 1.
    pub version: i64,
}

impl Registration {
    /// Whether its deposit is held.
    pub fn is_live(&self) -> bool {
        matches!(self.state, RegistrationState::Registered | RegistrationState::Qualified)
    }

    /// The exchange lets the bidder in.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn qualify(self) -> Result<Self, AuctionRefusal> {
        match self.state {
            RegistrationState::Registered => Ok(self.turn(RegistrationState::Qualified)),
            _ => Err(self.wrong("registered")),
        }
    }

    /// The exchange does not.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn refuse(self, reason: Option<String>) -> Result<Self, AuctionRefusal> {
        match self.state {
            RegistrationState::Registered => Ok(self.turn(RegistrationState::Refused { reason })),
            _ => Err(self.wrong("registered")),
        }
    }

    /// The bidder takes it back before having bid.
    ///
    /// # Errors
    /// [`AuctionRefusal::NotYours`], [`AuctionRefusal::HasBid`], [`AuctionRefusal::WrongState`].
    pub fn withdraw(self, by: OrganisationId, has_bid: bool) -> Result<Self, AuctionRefusal> {
        if self.bidder.organisation != by {
            return Err(AuctionRefusal::NotYours {});
        }
        if has_bid {
            return Err(AuctionRefusal::HasBid {});
        }
        self.end(RegistrationState::Withdrawn)
    }

    /// The bidder won nothing.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn release(self) -> Result<Self, AuctionRefusal> {
        self.end(RegistrationState::Released)
    }

    /// The bidder won.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongState`].
    pub fn win(self) -> Result<Self, AuctionRefusal> {
        self.end(RegistrationState::Won)
    }

    fn end(self, state: RegistrationState) -> Result<Self, AuctionRefusal> {
        if self.is_live() { Ok(self.turn(state)) } else { Err(self.wrong("registered, qualified")) }
    }

    fn wrong(&self, needed: &str) -> AuctionRefusal {
        AuctionRefusal::WrongState { state: self.state.as_str().to_owned(), needed: needed.to_owned() }
    }

    fn turn(mut self, state: RegistrationState) -> Self {
        self.state = state;
        self.version += 1;
        self
    }
}
