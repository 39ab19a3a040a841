//! The ledger itself: what the database refuses by itself, what a posting writes, and what a balance was.

mod as_of;
mod dates;
pub(crate) mod desk;
mod finality;
mod gathered;
pub(crate) mod history;
mod laws;
mod order;
mod posting;
mod refused;
mod statements;
mod terms;
mod works;
