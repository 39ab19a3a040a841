//! Verification of the whole book.

use super::holds;
use crate::db::Db;
use crate::kernel::Failure;
use crate::ledger::verify::{self, Findings};

/// Derives every balance again from the entries, and compares every hold with the business that holds it.
///
/// # Errors
/// A fault of the database; differences are findings, not errors.
pub async fn verify(db: &Db) -> Result<Findings, Failure> {
    let mut findings = verify::verify(db).await?;
    findings.differences.extend(holds::compare(db).await?);
    Ok(findings)
}
