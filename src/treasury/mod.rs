//! Money in and out of the market. The settlement bank confirms every deposit and withdrawal with its own reference,
//! which is booked once; the market's money stands against the contra account `outside` of that bank. A movement may be
//! dated back inside the open period, and one that was booked by mistake is undone once, by a linked counter-journal.
//! [`payments`] are matched by what their text says, or wait in suspense; [`statements`] of the bank are compared with the books.

pub mod api;
pub mod commands;
pub mod error;
pub mod movement;
pub mod payments;
pub mod queries;
pub mod reversal;
pub mod statements;
mod store;

pub use error::TreasuryRefusal;
pub use movement::{Direction, MoneyMovement};
pub use store::COVERED;

use crate::operations::LongWork;

/// The long works of the treasury.
pub const WORKS: &[&dyn LongWork] = &[&statements::StatementReading];
