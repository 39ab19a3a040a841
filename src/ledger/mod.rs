//! The ledger (总账): the one place where quantities and money change hands. Everything else decides whether something
//! may happen; this records that it did, once, balanced, for ever.
//!
//! There is one way in, [`post`]: it locks the touched accounts in id order, judges guarded balances under the locks,
//! stamps the instant, and writes journals, entries and balances in a fixed number of statements whatever the batch.
//! Journals and entries are never changed; a mistake is undone by a linked counter-journal.

pub mod account_statements;
pub mod api;
pub mod api_statements;
pub mod balances;
pub mod day;
pub mod document;
pub mod error;
pub mod holdings;
mod leaves;
pub mod log;
pub mod movements;
pub mod owned;
pub mod owners;
pub mod periods;
pub mod post;
mod reading;
pub mod recorded;
mod rows;
mod seals;
pub mod statements;
mod store;
mod totals;
pub mod verify;

pub use error::LedgerRefusal;
pub use leaves::{find as find_leaf, journals_about};
pub use log::LogRefusal;
pub use owners::{
    Asset, Owner, OwnerKind, assets_by_code, found_book, organisations_of, register_assets, register_owners,
};
pub use post::{Posted, balances_under_lock, post, standings_under_lock};
pub use rows::COVERED;

use accounting::{AssetId, Holding, OwnerId};
use uuid::Uuid;

/// The book as an owner of contra accounts, fees and the treasury.
pub const BOOK_OWNER: OwnerId = OwnerId(Uuid::from_u128(1));

/// Money: CNY in fen.
pub const CNY: AssetId = AssetId(Uuid::from_u128(0x434e_5900));

/// The money of an owner.
pub fn money_of(owner: impl Into<OwnerId>) -> Holding {
    Holding { owner: owner.into(), asset: CNY }
}

/// The contra side of an asset: what the book itself has issued, or holds of it.
pub fn book_side(asset: impl Into<AssetId>) -> Holding {
    Holding { owner: BOOK_OWNER, asset: asset.into() }
}
