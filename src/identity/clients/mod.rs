//! API clients: programs of an organisation (a bank's core system, a settlement bank's desk) that sign in with a secret of their own
//! (OAuth 2 client credentials, RFC 6749 4.4). A client is a row among the users, so that everything that names who acted names it;
//! it has roles that fit the kind of its organisation, and scopes (permissions) that narrow what its tokens may do.
//!
//! States: active ⇄ suspended → removed. While its secret is rotated, two are good until a date.

pub mod client;
pub mod commands;
pub mod queries;
mod store;

pub use client::{Client, ClientState};
pub use store::COVERED;
