//! The market: offers to a named buyer (协议转让) and the trades that come of them.
//!
//! Offer: proposed → accepted | declined | withdrawn; the quantity is held from the proposal on. Trade: matched (deposit held)
//! → approved by the bureau of each party's area → paid → settled (delivery versus payment, one journal) → closed when the
//! permits are varied; refused or cancelled before that, always with the holds undone. Every rule is judged when proposed,
//! accepted, approved, and again under the locks when settled; what the province lifts of them is an override.

pub mod acts;
pub mod api_offers;
pub mod api_preview;
pub mod api_trades;
pub mod auctions;
pub mod cases;
pub mod clock;
pub mod consented;
pub mod dues;
pub mod error;
pub mod listings;
pub mod matching;
pub mod offer;
pub mod offer_commands;
pub mod overrides;
pub mod preview;
mod price;
pub mod publicity;
pub mod queries;
pub mod settlement;
pub mod source;
mod store;
pub mod trade;
pub mod trade_commands;
pub mod trade_endings;
pub mod undoing;

pub use error::MarketRefusal;
pub use matching::{HeldBy, Holds, Match};
pub use offer::{Mode, Offer, OfferState};
pub use source::Source;
pub use store::COVERED;
pub use trade::{Side, Trade, TradeState};
