//! What every API file uses and no capability owns: how a request is read, how a refusal is said, how the contract is
//! put together.

pub mod answer;
pub mod concern;
pub mod contract;
pub mod door;
pub mod extract;
pub mod field;
pub mod layers;
pub mod paging;
pub mod problem;
pub mod upload;

pub use answer::{Answer, Reply, Versioned};
pub use extract::{Command, Empty, Filters, Id, NoFilters, Signed, Unsigned};
pub use field::Fields;
pub use paging::{Listing, Paging};
pub use problem::Problem;

use crate::access::token::Tokens;
use crate::db::Db;
use crate::kernel::Check;
use std::sync::Arc;

/// What all requests share. A node keeps no other state.
#[derive(Clone)]
pub struct Shared {
    /// The database and its clock.
    pub db: Db,
    /// Makes and checks access tokens.
    pub tokens: Tokens,
    /// The check catalogue: every refusal there is, gathered from the capabilities.
    pub checks: &'static [&'static [Check]],
    /// Lets callers in.
    pub door: Arc<dyn door::Door>,
    /// Takes note of whoever reads another party's data.
    pub watch: Arc<dyn concern::Watch>,
}
