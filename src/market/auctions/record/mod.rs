//! The record of a session: what is written once and never changed, which are its bids, what the sealed ones said when they were opened,
//! and who came in which place.

pub mod store;

pub use store::COVERED;
