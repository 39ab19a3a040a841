//! Verification of the whole book.

use super::{feed, holds, legacy, records};
use crate::db::Db;
use crate::db::contents::Contents;
use crate::decisions::documents::queries::compare_contents;
use crate::kernel::{Failure, Progress};
use crate::ledger::log::queries;
use crate::ledger::verify::{self, Findings};
use accounting::note;
use accounting::verify::Difference;
use sea_orm::ConnectionTrait;

/// Tables whose rows rest on a content that they name by its `sha256`.
const RESTING: &[&str] = &["documents", "certificate_files"];

/// A checkpoint of the log that somebody has kept, and the key that they trust.
#[derive(Debug, Clone)]
pub struct KeptCheckpoint {
    /// The signed note.
    pub note: String,
    /// Public key of the log; any of those that the log lists when left out.
    pub vkey: Option<String>,
}

/// Verifies the whole book, read from one state of it: what others commit meanwhile is not half seen.
///
/// # Errors
/// A fault of the database; differences are findings, not errors.
pub async fn verify(db: &Db) -> Result<Findings, Failure> {
    verify_against(db, None).await
}

/// The same, with a checkpoint in hand: today's log must extend the one that it was taken of.
///
/// # Errors
/// A fault of the database; differences are findings, not errors.
pub async fn verify_against(db: &Db, kept: Option<&KeptCheckpoint>) -> Result<Findings, Failure> {
    verify_telling(db, kept, &Progress::default()).await
}

/// The same, telling how far it has come.
///
/// # Errors
/// A fault of the database; differences are findings, not errors.
pub async fn verify_telling(db: &Db, kept: Option<&KeptCheckpoint>, progress: &Progress) -> Result<Findings, Failure> {
    let books = db.snapshot().await?;
    let findings = read(&books, db.contents(), kept, progress).await?;
    books.commit().await?;
    Ok(findings)
}

/// Derives every balance again from the entries, compares every hold with the business that holds it and every business row
/// with its evidence, computes the hash of every document again, and builds the log again.
///
/// # Errors
/// A fault of the database; differences are findings, not errors.
pub async fn verify_in(
    books: &impl ConnectionTrait,
    contents: &Contents,
    kept: Option<&KeptCheckpoint>,
) -> Result<Findings, Failure> {
    read(books, contents, kept, &Progress::default()).await
}

async fn read(
    books: &impl ConnectionTrait,
    contents: &Contents,
    kept: Option<&KeptCheckpoint>,
    progress: &Progress,
) -> Result<Findings, Failure> {
    let keys = queries::list_keys(books).await?;
    let opened = kept.map(|kept| open(kept, &keys)).transpose();
    let (heads, unreadable) = match opened {
        Ok(head) => (head.into_iter().collect(), None),
        Err(difference) => (Vec::new(), Some(difference)),
    };
    let mut findings = verify::verify(books, &heads, progress).await?;
    findings.differences.extend(unreadable);
    findings.differences.extend(holds::compare(books).await?);
    findings.differences.extend(legacy::compare(books).await?);
    findings.differences.extend(feed::compare(books).await?);
    findings.differences.extend(compare_contents(books, contents, RESTING).await?);
    records::check(books, &mut findings).await?;
    Ok(findings)
}

/// What a kept checkpoint says, when it is of this log and its signature is right.
fn open(kept: &KeptCheckpoint, keys: &[queries::LogKey]) -> Result<note::TreeHead, Difference> {
    let differs = |fault: String| Difference { table: "log_checkpoints", row: "kept".to_owned(), fault };
    let listed: Vec<&str> = keys.iter().map(|key| key.vkey.as_str()).collect();
    let trusted = kept.vkey.as_deref().map_or_else(|| listed.clone(), |vkey| vec![vkey]);
    if let Some(vkey) = trusted.iter().find(|vkey| !listed.contains(vkey)) {
        return Err(differs(format!("the log does not list the key {vkey}")));
    }
    let opened = note::open(&kept.note, &trusted).map_err(|fault| differs(fault.to_string()))?;
    let origin = queries::origin_of(keys);
    if opened.head.origin == origin {
        Ok(opened.head)
    } else {
        Err(differs(format!("it is of the log {}, this one is {origin}", opened.head.origin)))
    }
}
