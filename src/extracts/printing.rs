//! The file of an extract: it is printed once, when the journal of its issue is in the log, and kept under its hash with the documents.

use super::document::paper as paper_of;
use super::queries::{Standing, prove};
use super::store;
use crate::access::Permit;
use crate::db::Db;
use crate::decisions::documents::{OwnFile, queries::find_content};
use crate::kernel::Failure;
use crate::paper::{self, Letterless};
use crate::quota::QuotaRefusal;
use std::time::Duration;

/// The file of an extract, printed now when it was not before.
///
/// # Errors
/// [`crate::ledger::LogRefusal::NotYet`] while its journal is not in the log, [`QuotaRefusal::CannotPrint`].
pub async fn file_of(
    db: &Db,
    permit: &Permit,
    standing: &Standing,
    public_url: &str,
    patience: Duration,
) -> Result<Vec<u8>, Failure> {
    let sha256 = match &standing.file_sha256 {
        Some(known) => known.clone(),
        None => print(db, permit, standing, public_url, patience).await?,
    };
    let content = find_content(db, &sha256).await?;
    content.ok_or_else(|| Failure::bug(format!("the file {sha256} of an extract is lost")))
}

async fn print(
    db: &Db,
    permit: &Permit,
    standing: &Standing,
    public_url: &str,
    patience: Duration,
) -> Result<String, Failure> {
    let proof = prove(db, &standing.issued, patience).await?;
    let cannot_print = |letter: Letterless| QuotaRefusal::CannotPrint { letter: letter.0.to_string() };
    let file = paper::print(paper_of(&standing.issued, &proof, public_url)?).await?.map_err(cannot_print)?;
    let id = standing.issued.id;
    // Whoever printed it a moment earlier is right: that file counts.
    db.run(permit, &OwnFile::new(db, file).await?, |work, file| {
        Box::pin(async move {
            file.keep(work).await?;
            store::keep_file(work, id, file).await
        })
    })
    .await
}
