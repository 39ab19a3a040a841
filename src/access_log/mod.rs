//! The access log (查阅记录): who has read whose data, which, and when; the party sees it.
//!
//! A look under a consent is logged before it is answered, as evidence, by `parties::commands::look`: the law of consent rests on it.
//! Every other read of another party's data (a bureau's, an auditor's, the exchange's, the operator's) is noted by the watch around
//! the operations ([`crate::http::concern`]) and written behind, a few times a second, so that reading stays quick. An orderly stop
//! writes everything; a crash can lose what was noted in the last [`keeper::WRITTEN_EVERY`]. What can be neither written nor kept is
//! not shown.

pub mod api;
pub mod keeper;
pub mod queries;
mod store;

pub use keeper::Keeper;
