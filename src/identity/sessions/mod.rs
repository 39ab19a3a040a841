//! Sessions: the sign-ins of people. A session hands out access tokens of minutes, each time against a refresh token that is then
//! used up (RFC 9700): opaque, random, kept by its hash. Whoever sends a used one shows that two have it, and the session ends.
//!
//! States: begun → finished (where a second factor is due) → ended, or past its time.

pub mod commands;
pub mod queries;
pub mod session;
mod store;

pub use session::{EndReason, Session};
