//! The ledger itself: what the database refuses by itself, what a posting writes, what a balance was, and what the verification
//! finds when somebody has been at the tables.

mod as_of;
pub(crate) mod desk;
mod finality;
mod gathered;
mod history;
mod laws;
mod posting;
mod refused;
mod statements;
mod verified;
mod works;
