//! Auctions: sessions of several lots, bids in the open and sealed, and the trades that come of them.

mod batches;
mod checks;
mod crowd;
mod fixtures;
mod nodes;
mod planned;
mod public;
mod sealed;
pub mod stage;
mod stories;

pub use stage::happened;
