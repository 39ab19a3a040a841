//! Listings (挂牌): rights put up at a fixed price for whoever comes. From the opening on the whole quantity is held for the listing; each
//! buyer who takes part of it opens a trade of its own, and what nobody bought goes back when the listing ends.
//!
//! draft → open → partly_filled → filled; withdrawn by the seller, or expired by the clock after its last day (`listing_days`,
//! 2017年度湖北省第五次主要污染物排污权转让公告: 21 days). A trade that is called off later gives its grams back to the seller, not to the listing.

pub mod acts;
pub mod api;
pub mod commands;
pub mod queries;
pub(super) mod store;

use super::error::MarketRefusal;
use super::offer::Party;
use crate::kernel::Moment;
use crate::kernel::ids::{ListingId, OrganisationId, RightClassId, RulebookId, UserId};
use accounting::{Measure, Price, PriceBasis, Quantity, decimal};
use jiff::civil::Date;

/// A listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Its identity; the subject of what it holds.
    pub id: ListingId,
    /// Who sells.
    pub seller: Party,
    /// Whether the reserve sells.
    pub seller_is_reserve: bool,
    /// What.
    pub right_class: RightClassId,
    /// How much.
    pub quantity: Quantity,
    /// The least that is sold to one buyer; of the rest less is sold when it is all that is left.
    pub minimum: Quantity,
    /// CNY per display unit.
    pub unit_price: Price,
    /// What the price is for.
    pub price_basis: PriceBasis,
    /// Grams that were bought.
    pub sold: i64,
    /// How far it has come.
    pub state: ListingState,
    /// Who drafted it.
    pub drafted_by: UserId,
    /// When.
    pub drafted_at: Moment,
    /// The rules it was last judged by.
    pub rulebook: RulebookId,
    /// Counts from 1.
    pub version: i64,
}

/// How a listing was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// By whom.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// The last day on which somebody may buy; none where no rule sets a period.
    pub last_day: Option<Date>,
}

/// How far a listing has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListingState {
    /// The seller's own matter: nothing is held.
    Draft,
    /// Nobody has bought yet.
    Open(Opening),
    /// Part of it was bought.
    PartlyFilled(Opening),
    /// All of it was bought.
    Filled(Opening),
    /// The seller took it back.
    Withdrawn {
        /// How it was opened, if it was.
        opening: Option<Opening>,
        /// Why.
        reason: Option<String>,
    },
    /// Its last day has passed.
    Expired(Opening),
}

impl ListingState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["draft", "open", "partly_filled", "filled", "withdrawn", "expired"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open(_) => "open",
            Self::PartlyFilled(_) => "partly_filled",
            Self::Filled(_) => "filled",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Expired(_) => "expired",
        }
    }

    /// How it was opened, if it was.
    pub fn opening(&self) -> Option<Opening> {
        match self {
            Self::Draft => None,
            Self::Open(opening) | Self::PartlyFilled(opening) | Self::Filled(opening) | Self::Expired(opening) => {
                Some(*opening)
            }
            Self::Withdrawn { opening, .. } => *opening,
        }
    }
}

impl Listing {
    /// Grams that nobody has bought.
    pub fn left(&self) -> i64 {
        self.quantity.grams() - self.sold
    }

    /// Grams that it holds.
    pub fn held(&self) -> i64 {
        match self.state {
            ListingState::Open(_) | ListingState::PartlyFilled(_) => self.left(),
            _ => 0,
        }
    }

    /// It is opened: the whole quantity is held.
    ///
    /// # Errors
    /// [`MarketRefusal::ListingNotOpen`] when it is no draft any more.
    pub fn open(self, opening: Opening) -> Result<Self, MarketRefusal> {
        match self.state {
            ListingState::Draft => Ok(self.turned(ListingState::Open(opening))),
            _ => Err(self.not_open()),
        }
    }

    /// Somebody buys part of it, or all that is left, until the end of its last day, whether or not the clock has run since.
    ///
    /// # Errors
    /// [`MarketRefusal::ListingNotOpen`], [`MarketRefusal::ListingOver`], [`MarketRefusal::ListingShort`],
    /// [`MarketRefusal::BelowMinimum`].
    pub fn take(mut self, wanted: Quantity, today: Date, measure: &Measure) -> Result<Self, MarketRefusal> {
        let (ListingState::Open(opening) | ListingState::PartlyFilled(opening)) = self.state else {
            return Err(self.not_open());
        };
        if let Some(last_day) = opening.last_day.filter(|last| *last < today) {
            return Err(MarketRefusal::ListingOver { last_day: last_day.to_string() });
        }
        let (left, print) = (self.left(), |grams| {
            format!("{} {}", decimal::print(grams, measure.grams_per_unit, measure.decimals), measure.unit)
        });
        if wanted.grams() > left {
            return Err(MarketRefusal::ListingShort { left: print(left) });
        }
        if wanted < self.minimum && wanted.grams() < left {
            return Err(MarketRefusal::BelowMinimum { minimum: print(self.minimum.grams()) });
        }
        self.sold += wanted.grams();
        let state = if self.left() == 0 { ListingState::Filled(opening) } else { ListingState::PartlyFilled(opening) };
        Ok(self.turned(state))
    }

    /// The seller takes it back, as a draft or open.
    ///
    /// # Errors
    /// [`MarketRefusal::NotTheSeller`], [`MarketRefusal::ListingNotOpen`].
    pub fn withdraw(self, by: OrganisationId, reason: Option<String>) -> Result<Self, MarketRefusal> {
        if by != self.seller.organisation {
            return Err(MarketRefusal::NotTheSeller {});
        }
        match self.state {
            ListingState::Draft => Ok(self.turned(ListingState::Withdrawn { opening: None, reason })),
            _ => self.end(reason),
        }
    }

    /// It ends because its rights are over, or its seller took it back.
    ///
    /// # Errors
    /// [`MarketRefusal::ListingNotOpen`].
    pub fn end(self, reason: Option<String>) -> Result<Self, MarketRefusal> {
        match self.state {
            ListingState::Open(opening) | ListingState::PartlyFilled(opening) => {
                Ok(self.turned(ListingState::Withdrawn { opening: Some(opening), reason }))
            }
            _ => Err(self.not_open()),
        }
    }

    /// Its last day has passed.
    ///
    /// # Errors
    /// [`MarketRefusal::ListingNotOpen`].
    pub fn expire(self) -> Result<Self, MarketRefusal> {
        match self.state {
            ListingState::Open(opening) | ListingState::PartlyFilled(opening) => {
                Ok(self.turned(ListingState::Expired(opening)))
            }
            _ => Err(self.not_open()),
        }
    }

    fn not_open(&self) -> MarketRefusal {
        MarketRefusal::ListingNotOpen { state: self.state.as_str().to_owned() }
    }

    fn turned(self, state: ListingState) -> Self {
        Self { state, version: self.version + 1, ..self }
    }
}

#[cfg(test)]
mod tests;
