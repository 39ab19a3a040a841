//! What every API file uses and no capability owns: how a request is read, how a refusal is said, how the contract is
//! put together.

pub mod address;
pub mod answer;
pub mod contract;
pub mod extract;
pub mod field;
pub mod layers;
pub mod paging;
pub mod problem;

pub use address::{Address, Proxies};
pub use answer::{Answer, Reply, Versioned};
pub use extract::{Command, Empty, Filters, Id, NoFilters, Signed};
pub use field::Fields;
pub use paging::{Listing, Paging};
pub use problem::Problem;

use crate::access::token::Tokens;
use crate::db::Db;
use crate::kernel::Check;

/// What all requests share. A node keeps no other state.
#[derive(Clone)]
pub struct Shared {
    /// The database and its clock.
    pub db: Db,
    /// Makes and checks access tokens.
    pub tokens: Tokens,
    /// The check catalogue: every refusal there is, gathered from the capabilities.
    pub checks: &'static [&'static [Check]],
    /// The proxies that are believed when they say for whom they ask.
    pub proxies: Proxies,
}
