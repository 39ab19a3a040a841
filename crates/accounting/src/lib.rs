//! The pure books of Ganhe (淦河): what a gram, a fen and a cap are, how they move, and what may never happen to them.
//!
//! Nothing here touches a clock, a network or a database. Quantities are integer grams, money is integer fen, and every
//! movement is a [`Posting`] that balances by construction. `ledger::post` computes with [`Books`]; the property
//! tests, the model and `ganhe verify` use the very same types.

pub mod account;
pub mod archive;
mod archive_seals;
pub mod balance;
pub mod certificate;
pub mod decimal;
pub mod extract;
pub mod hex;
pub mod journal;
pub mod leaf;
pub mod money;
pub mod month;
pub mod note;
pub mod posting;
pub mod price_basis;
pub mod quantity;
pub mod ratio;
pub mod recipes;
pub mod record;
pub mod right_class;
pub mod seal;
pub mod tree;
pub mod verify;
pub mod waterfall;
pub mod words;

pub use account::{AccountKey, AssetId, AssetKind, Holding, OwnerId, Purpose, SubjectId};
pub use balance::{Books, EntryDraft, Insufficient, Standing};
pub use hex::hexadecimal;
pub use journal::{Journal, JournalId, JournalKind, Subject, SubjectKind};
pub use money::{Money, Price};
pub use month::Month;
pub use posting::{Posting, PostingFault};
pub use price_basis::{PriceBasis, PriceBasisFault};
pub use quantity::{Measure, Quantity};
pub use ratio::Ratio;
pub use right_class::{Origin, Product, RightClass, Validity};
