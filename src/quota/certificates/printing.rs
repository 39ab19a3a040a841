//! The file of a certificate: it is printed once, when the journal of its issue is in the log, and kept under its hash with the documents.

use super::certificate::Issued;
use super::document::{Names, paper as paper_of};
use super::queries::{Standing, prove};
use super::store;
use crate::access::Permit;
use crate::db::Db;
use crate::decisions::documents::{OwnFile, queries::find_content};
use crate::kernel::Failure;
use crate::paper::{self, Letterless};
use crate::parties::queries as parties;
use crate::quota::error::QuotaRefusal;
use accounting::RightClass;
use std::time::Duration;

/// The file of a certificate, printed now when it was not before.
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
        None => print(db, permit, &standing.issued, public_url, patience).await?,
    };
    let content = find_content(db, &sha256).await?;
    content.ok_or_else(|| Failure::bug(format!("the file {sha256} of a certificate is lost")))
}

async fn print(
    db: &Db,
    permit: &Permit,
    issued: &Issued,
    public_url: &str,
    patience: Duration,
) -> Result<String, Failure> {
    let proof = prove(db, issued, patience).await?;
    let paper = paper_of(issued, &proof, &names(db, issued).await?, public_url)?;
    let cannot_print = |letter: Letterless| QuotaRefusal::CannotPrint { letter: letter.0.to_string() };
    let file = paper::print(paper).await?.map_err(cannot_print)?;
    let id = issued.id;
    // Whoever printed it a moment earlier is right: that file counts.
    db.run(permit, &OwnFile::new(db, file).await?, |work, file| {
        Box::pin(async move {
            file.keep(work).await?;
            store::keep_file(work, id, file).await
        })
    })
    .await
}

async fn names(db: &Db, issued: &Issued) -> Result<Names, Failure> {
    let class = RightClass::parse(&issued.certificate.right_class).map_err(Failure::bug)?;
    let pollutant = parties::pollutants(db.reader()).await?.remove(&class.pollutant);
    let codes = [issued.certificate.area.clone(), class.zone.clone()];
    let areas = parties::areas_by_code(db.reader(), &codes).await?;
    let basins = parties::list_basins(db.reader()).await?;
    let basin = basins.into_iter().find(|(code, _)| *code == class.zone).map(|(_, name)| name);
    let area_name = |code: &str| areas.get(code).map(|area| area.name.clone());
    Ok(Names {
        area: area_name(&issued.certificate.area).unwrap_or_default(),
        pollutant: pollutant.map(|known| (known.name_zh, known.name_en)).unwrap_or_default(),
        zone: basin.or_else(|| area_name(&class.zone)).unwrap_or_default(),
    })
}
