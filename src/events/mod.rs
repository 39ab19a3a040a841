//! What has happened, told to whom it concerns. An event is a journal at its place in the transparency log: it is written with what
//! made it true, its place never changes, and no later commit takes a place before one that was read. So nothing is lost and nothing
//! invented, whatever crashes; what is kept here is only whom each journal concerns, and that is derived from the books again by the
//! verification.
//!
//! An organisation follows its events by `GET /events?after=`, or registers webhooks (Standard Webhooks) that bring them: each event is
//! tried until it is delivered, or dead after the last try, and can be replayed.
//!
//! in the log → told to its parties → waiting ⇄ tried → delivered | dead → (replayed) waiting

pub mod api;
pub mod api_kinds;
pub mod clock;
mod error;
mod kinds;
mod parties;
pub mod queries;
mod store;
mod telling;
pub mod webhooks;

pub use error::EventRefusal;
pub use parties::of_journals;
pub use telling::{BATCH, tell};
pub use webhooks::COVERED;
