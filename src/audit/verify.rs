//! Verification of the whole book.

use super::{holds, records};
use crate::db::Db;
use crate::kernel::Failure;
use crate::ledger::verify::{self, Findings};
use sea_orm::ConnectionTrait;

/// Verifies the whole book, read from one state of it: what others commit meanwhile is not half seen.
///
/// # Errors
/// A fault of the database; differences are findings, not errors.
pub async fn verify(db: &Db) -> Result<Findings, Failure> {
    let books = db.snapshot().await?;
    let findings = verify_in(&books).await?;
    books.commit().await?;
    Ok(findings)
}

/// Derives every balance again from the entries, compares every hold with the business that holds it, and every business row
/// with its evidence.
///
/// # Errors
/// A fault of the database; differences are findings, not errors.
pub async fn verify_in(books: &impl ConnectionTrait) -> Result<Findings, Failure> {
    let mut findings = verify::verify(books).await?;
    findings.differences.extend(holds::compare(books).await?);
    records::check(books, &mut findings).await?;
    Ok(findings)
}
