//! Reading extracts, always from who may see them, and what proves them.

use super::extract::Issued;
use super::store::{extract_files, extracts};
use crate::access::{Caller, Scope};
use crate::db::{Db, rows};
use crate::http::concern::Party;
use crate::kernel::Failure;
use crate::kernel::ids::ExtractId;
use crate::kernel::page::{Page, PageRequest};
use crate::ledger::log::proved::{self, Proved};
use crate::parties::queries::in_area;
use extracts::Column;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

/// As [`Issued::is_visible_to`] says.
fn visible(caller: &Caller) -> Condition {
    match caller.scope() {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => {
            Condition::any().add(in_area(Column::AreaPath, &path)).add(Column::ApplicantId.eq(caller.organisation.0))
        }
        Scope::Organisation { id } => Condition::any()
            .add(Column::ApplicantId.eq(id.0))
            .add(Column::HolderId.eq(id.0))
            .add(Column::PledgeeId.eq(id.0)),
    }
}

/// An extract, and the hash of the file that it was printed as.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The extract.
    pub issued: Issued,
    /// SHA-256 of its file, once it was printed.
    pub file_sha256: Option<String>,
}

/// Extracts that the caller may see, about one pledge or one site when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_extracts(
    db: &Db,
    caller: &Caller,
    subject: Option<Uuid>,
    page: &PageRequest,
) -> Result<Page<Standing>, Failure> {
    let mut select = extracts::Entity::find().filter(visible(caller));
    if let Some(subject) = subject {
        select = select.filter(Column::SubjectId.eq(subject));
    }
    let rows = rows::page(select, Column::Id, page).all(db.reader()).await?;
    Ok(Page::cut(standings(db, rows).await?, page, |standing| standing.issued.id.0))
}

/// An extract that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_extract(db: &Db, caller: &Caller, id: ExtractId) -> Result<Option<Standing>, Failure> {
    let row = extracts::Entity::find_by_id(id.0).filter(visible(caller)).one(db.reader()).await?;
    Ok(standings(db, row.into_iter().collect()).await?.pop())
}

/// The extract of a number, for anybody.
///
/// # Errors
/// A fault of the database.
pub async fn find_by_number(db: &Db, number: &str) -> Result<Option<Standing>, Failure> {
    let row = extracts::Entity::find().filter(Column::Number.eq(number)).one(db.reader()).await?;
    Ok(standings(db, row.into_iter().collect()).await?.pop())
}

/// The extract that was printed as the file of this hash, for anybody.
///
/// # Errors
/// A fault of the database.
pub async fn find_by_file(db: &Db, sha256: &str) -> Result<Option<Standing>, Failure> {
    let file = extract_files::Entity::find().filter(extract_files::Column::Sha256.eq(sha256));
    let Some(file) = file.one(db.reader()).await? else { return Ok(None) };
    let row = extracts::Entity::find_by_id(file.extract_id).one(db.reader()).await?;
    Ok(standings(db, row.into_iter().collect()).await?.pop())
}

async fn standings(db: &Db, rows: Vec<extracts::Model>) -> Result<Vec<Standing>, Failure> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = rows.iter().map(|row| row.id);
    let files = extract_files::Entity::find().filter(extract_files::Column::ExtractId.is_in(ids));
    let mut files: HashMap<Uuid, String> =
        files.all(db.reader()).await?.into_iter().map(|file| (file.extract_id, file.sha256)).collect();
    let standing = |row: extracts::Model| {
        let file_sha256 = files.remove(&row.id);
        Ok(Standing { issued: row.try_into()?, file_sha256 })
    };
    rows.into_iter().map(standing).collect()
}

/// What proves an extract.
///
/// # Errors
/// [`crate::ledger::LogRefusal::NotYet`] while its journal is not in the log.
pub async fn prove(db: &Db, issued: &Issued, patience: Duration) -> Result<Proved, Failure> {
    proved::prove(db, issued.journal, &issued.extract.leaves(), patience).await
}

/// Who asked for extracts and whose rights they are about, by the ids of these.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_extracts(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    let rows = extracts::Entity::find().filter(Column::Id.is_in(ids.iter().copied())).all(books).await?;
    let parties = |row: extracts::Model| {
        let all = [Some(row.applicant_id), Some(row.holder_id), row.pledgee_id];
        (row.id, all.into_iter().flatten().map(Party::Organisation).collect())
    };
    Ok(rows.into_iter().map(parties).collect())
}
