//! Audit: the trial balance as of any instant, every journal, the refusals, and the verification that derives every balance
//! again. The auditor reads everything and writes nothing.

pub mod api;
pub mod api_periods;
pub mod archive;
pub mod export;
mod feed;
pub mod holds;
mod legacy;
pub mod queries;
pub mod reconciliation;
pub mod records;
pub mod verification;
pub mod verify;

use crate::operations::LongWork;

/// The long works of audit.
pub const WORKS: &[&dyn LongWork] = &[&reconciliation::Reconciliation, &verification::Verification];
