//! Money in and out of the market. The settlement bank confirms every deposit and withdrawal with its own reference,
//! which is booked once; the market's money stands against the contra account `outside` of that bank. A movement may be
//! dated back inside the open period, and one that was booked by mistake is undone once, by a linked counter-journal.

pub mod api;
pub mod commands;
pub mod error;
pub mod movement;
pub mod queries;
pub mod reversal;
mod store;

pub use error::TreasuryRefusal;
pub use movement::{Direction, MoneyMovement};
pub use store::COVERED;
