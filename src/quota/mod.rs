//! Quota: the standing cap of each area and pollutant, and the grants of rights inside it.
//!
//! A cap is a ledger account: no headroom, no grant. An allocation (核定) is proposed by an officer and confirmed by a second
//! person of a bureau in charge of the site's area: proposed → (publicised) → (confirmed, until the usage fee is paid) → active | rejected
//! | withdrawn. What the rulebook leaves null is skipped, and the grant shows it: without a publicity it never was `publicised`, without a
//! fee it names none. The reserve's holdings use no headroom.
//! An area without a recorded cap can take nothing (环境保护法第四十四条: total-quantity control).

pub mod acts;
pub mod allocation;
pub mod api;
pub mod api_capacities;
pub mod applications;
pub mod batches;
pub mod capacity;
pub mod capacity_commands;
pub mod certificates;
pub mod changes;
pub mod commands;
pub mod dashboard;
pub mod error;
pub mod fees;
pub mod idle;
mod judge;
pub mod publicity;
pub mod queries;
pub mod reductions;
mod store;
pub mod tenure;

pub use allocation::{Allocation, AllocationState};
pub use applications::issue_number;
pub use capacity::Capacity;
pub use error::QuotaRefusal;
pub use store::COVERED;

use crate::operations::LongWork;

/// The long works of quota.
pub const WORKS: &[&dyn LongWork] = &[&batches::works::BatchProposal, &batches::works::BatchConfirmation];
