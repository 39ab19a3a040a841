//! Verification of the whole book.

use super::{holds, legacy};
use crate::db::Db;
use crate::kernel::Failure;
use crate::ledger::verify::{self, Findings};

/// Derives every balance again from the entries, and compares every hold with the business that holds it.
///
/// # Errors
/// A fault of the database; differences are findings, not errors.
pub async fn verify(db: &Db) -> Result<Findings, Failure> {
    // What others commit meanwhile is not half seen: everything is read from one state of the books.
    let books = db.snapshot().await?;
    let mut findings = verify::verify(&books).await?;
    findings.differences.extend(holds::compare(&books).await?);
    findings.differences.extend(legacy::compare(&books).await?);
    books.commit().await?;
    Ok(findings)
}
