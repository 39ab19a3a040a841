//! Taking over a legacy register (原登记系统导入): its accounts, assets, opening balances and transactions, from four CSV
//! files into the empty books of a database of its own. What the register asserted is posted through the ledger like
//! everything else, so that its history can be verified, exported and sealed; what does not add up is named by file and line.
//!
//! - A transaction is one journal, all or nothing, dated as the register dated it; its rows take effect in their order.
//! - It stands where its first row stands, also when others stand between its rows.
//! - Nobody pays what they do not hold: accounts are guarded, and only the register itself issues.
//! - What was imported and how far the import has come are committed together: an import that was cut off goes on there.
//!
//! There is no legal source: an import asserts nothing beyond what the register says. `docs/IMPORT.md` describes the files.

pub mod api;
mod commands;
pub mod error;
mod lines;
pub mod queries;
mod reading;
mod register;
mod report;
pub mod run;
mod store;
mod survey;
pub mod table;
mod transaction;

pub use error::ImportRefusal;
pub use run::{Ending, Options, Outcome, import};
pub use store::COVERED;
pub use table::Fault;
