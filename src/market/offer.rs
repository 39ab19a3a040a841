//! An offer to a named buyer.

use super::error::MarketRefusal;
use crate::kernel::Moment;
use crate::kernel::ids::{OfferId, OrganisationId, RightClassId, RulebookId, SiteId, TradeId, UserId};
use accounting::{Money, Price, PriceBasis, Quantity};
use jiff::civil::Date;

/// By which way rights change hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Agreed between enterprises (协议转让).
    Negotiated,
    /// Listed at a fixed price (挂牌).
    Listing,
    /// Sold to the best bids (竞价).
    Auction,
}

impl Mode {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["negotiated", "listing", "auction"];
    /// Those of offers to a named buyer.
    pub const OF_OFFERS: &'static [&'static str] = &["negotiated", "listing"];

    /// The word the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Negotiated => "negotiated",
            Self::Listing => "listing",
            Self::Auction => "auction",
        }
    }

    /// Reads the word back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Negotiated, Self::Listing, Self::Auction].into_iter().find(|mode| mode.as_str() == text)
    }

    /// Reads the word back where it is one of offers to a named buyer.
    pub fn parse_of_offer(text: &str) -> Option<Self> {
        Self::parse(text).filter(|mode| Self::OF_OFFERS.contains(&mode.as_str()))
    }
}

/// One party of an offer or trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The site whose rights or need it is.
    pub site: SiteId,
    /// Whose site.
    pub organisation: OrganisationId,
    /// Path of the site's area.
    pub area_path: String,
}

/// An offer. The seller's quantity is held for its trade from the proposal on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Its identity.
    pub id: OfferId,
    /// The trade that it holds for, and becomes.
    pub trade: TradeId,
    /// By which way.
    pub mode: Mode,
    /// Who sells.
    pub seller: Party,
    /// Who may buy.
    pub buyer: Party,
    /// What.
    pub right_class: RightClassId,
    /// How much.
    pub quantity: Quantity,
    /// CNY per display unit.
    pub unit_price: Price,
    /// What the price is for.
    pub price_basis: PriceBasis,
    /// The agreed total: price × quantity, half up to the fen, once, or what was stated within the tolerance.
    pub total: Money,
    /// The last day on which the buyer may accept; none where nobody says so.
    pub valid_until: Option<Date>,
    /// How far it has come.
    pub state: OfferState,
    /// Who proposed it.
    pub proposed_by: UserId,
    /// When.
    pub proposed_at: Moment,
    /// The rules it was judged by.
    pub rulebook: RulebookId,
    /// Counts from 1.
    pub version: i64,
}

/// How far an offer has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfferState {
    /// Waits for the buyer.
    Proposed,
    /// Has become its trade.
    Accepted,
    /// The buyer said no.
    Declined {
        /// Why.
        reason: Option<String>,
    },
    /// The seller took it back.
    Withdrawn {
        /// Why.
        reason: Option<String>,
    },
    /// Nobody answered it in its time.
    Expired,
}

impl OfferState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["proposed", "accepted", "declined", "withdrawn", "expired"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Accepted => "accepted",
            Self::Declined { .. } => "declined",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Expired => "expired",
        }
    }
}

impl Offer {
    /// The buyer says yes, until the end of the last day, whether or not the clock has run since.
    ///
    /// # Errors
    /// [`MarketRefusal::NotTheBuyer`], [`MarketRefusal::OfferNotOpen`], [`MarketRefusal::OfferOver`].
    pub fn accept(self, by: OrganisationId, today: Date) -> Result<Self, MarketRefusal> {
        let over = self.valid_until.filter(|last| *last < today && self.state == OfferState::Proposed);
        let offer = self.answered_by(by)?;
        match over {
            Some(last) => Err(MarketRefusal::OfferOver { valid_until: last.to_string() }),
            None => offer.ended(OfferState::Accepted),
        }
    }

    /// The buyer says no.
    ///
    /// # Errors
    /// [`MarketRefusal::NotTheBuyer`], [`MarketRefusal::OfferNotOpen`].
    pub fn decline(self, by: OrganisationId, reason: Option<String>) -> Result<Self, MarketRefusal> {
        self.answered_by(by)?.ended(OfferState::Declined { reason })
    }

    /// The seller takes it back.
    ///
    /// # Errors
    /// [`MarketRefusal::NotTheSeller`], [`MarketRefusal::OfferNotOpen`].
    pub fn withdraw(self, by: OrganisationId, reason: Option<String>) -> Result<Self, MarketRefusal> {
        if by != self.seller.organisation {
            return Err(MarketRefusal::NotTheSeller {});
        }
        self.ended(OfferState::Withdrawn { reason })
    }

    /// Its last day has passed.
    ///
    /// # Errors
    /// [`MarketRefusal::OfferNotOpen`].
    pub fn expire(self) -> Result<Self, MarketRefusal> {
        self.ended(OfferState::Expired)
    }

    /// It ends because its rights are over, whoever its parties are.
    ///
    /// # Errors
    /// [`MarketRefusal::OfferNotOpen`].
    pub fn end(self, reason: Option<String>) -> Result<Self, MarketRefusal> {
        self.ended(OfferState::Withdrawn { reason })
    }

    fn answered_by(self, by: OrganisationId) -> Result<Self, MarketRefusal> {
        if by == self.buyer.organisation { Ok(self) } else { Err(MarketRefusal::NotTheBuyer {}) }
    }

    fn ended(self, state: OfferState) -> Result<Self, MarketRefusal> {
        match self.state {
            OfferState::Proposed => Ok(Self { state, version: self.version + 1, ..self }),
            ended => Err(MarketRefusal::OfferNotOpen { state: ended.as_str().to_owned() }),
        }
    }
}
