//! Reading documents, and contents against the hashes that stand for them.

use super::store::{document_links, documents};
use super::{Document, Link, is_visible, lets_read};
use crate::access::{Caller, Scope};
use crate::db::columns::hexadecimal;
use crate::db::contents::Contents;
use crate::db::{Db, rows};
use crate::kernel::Failure;
use crate::kernel::ids::DocumentId;
use crate::kernel::page::{Page, PageRequest};
use accounting::verify::Difference;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Statement};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A document that the caller may read, and why others may.
///
/// # Errors
/// A fault of the database.
pub async fn find_document(db: &Db, caller: &Caller, id: DocumentId) -> Result<Option<(Document, Vec<Link>)>, Failure> {
    let Some(row) = documents::Entity::find_by_id(id.0).one(db.reader()).await? else { return Ok(None) };
    let links = document_links::Entity::find().filter(document_links::Column::DocumentId.eq(id.0)).all(db.reader());
    let links = links.await?.into_iter().map(Link::try_from).collect::<Result<Vec<_>, _>>()?;
    let document = Document::try_from(row)?;
    if !is_visible(&document, &links, caller) {
        return Ok(None);
    }
    // Its owner learns who reads it; a reader learns only why they may.
    let is_owner = document.organisation == caller.organisation || caller.scope() == Scope::Everything;
    let links = links.into_iter().filter(|link| is_owner || lets_read(link, caller)).collect();
    Ok(Some((document, links)))
}

/// The documents that are evidence in a thing, by links like these.
fn evidence_in(subject: Uuid, links: Condition) -> SelectStatement {
    let of_it = document_links::Entity::find().filter(document_links::Column::SubjectId.eq(subject)).filter(links);
    QuerySelect::select_only(of_it).column(document_links::Column::DocumentId).into_query()
}

/// The links that let the caller read, as [`lets_read`] says it of one; any for whoever sees everything.
fn letting_read(caller: &Caller) -> Condition {
    use document_links::Column::{AreaPath, OrganisationId};
    let own = Condition::any().add(OrganisationId.eq(caller.organisation.0));
    match caller.scope() {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => own.add(AreaPath.eq(&path)).add(AreaPath.starts_with(format!("{path}/"))),
        Scope::Organisation { .. } => own,
    }
}

/// Documents of the caller's own organisation; of one thing, when asked, those that are evidence in it and that the caller may read.
///
/// # Errors
/// A fault of the database.
pub async fn list_documents(
    db: &Db,
    caller: &Caller,
    subject: Option<Uuid>,
    page: &PageRequest,
) -> Result<Page<Document>, Failure> {
    use documents::Column::{Id, OrganisationId};
    let own = Condition::all().add(OrganisationId.eq(caller.organisation.0));
    let wanted = match subject {
        None => own,
        Some(subject) => Condition::any()
            .add(own.add(Id.in_subquery(evidence_in(subject, Condition::all()))))
            .add(Id.in_subquery(evidence_in(subject, letting_read(caller)))),
    };
    let select = documents::Entity::find().filter(wanted);
    let found = rows::page(select, documents::Column::Id, page).all(db.reader()).await?;
    let items = found.into_iter().map(Document::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |document| document.id.0))
}

/// What a document holds, wherever it is kept; absent when it was lost.
///
/// # Errors
/// A fault of the database or of the disk.
pub async fn find_content(db: &Db, sha256: &str) -> Result<Option<Vec<u8>>, Failure> {
    if let Some(found) = content_in(db.reader(), sha256).await? {
        return Ok(Some(found));
    }
    db.contents().find(sha256).await
}

/// A content that the database keeps.
async fn content_in(books: &impl ConnectionTrait, sha256: &str) -> Result<Option<Vec<u8>>, Failure> {
    let sql = "SELECT content FROM document_contents WHERE sha256 = $1";
    let statement = Statement::from_sql_and_values(books.get_database_backend(), sql, [sha256.into()]);
    let found = books.query_one_raw(statement).await?;
    found.map(|row| row.try_get_by_index(0).map_err(Failure::from)).transpose()
}

/// Hashes of documents or of contents in ascending order, after one.
async fn hashes_after(
    books: &impl ConnectionTrait,
    table: &'static str,
    after: &str,
    most: usize,
) -> Result<Vec<String>, Failure> {
    let sql = format!("SELECT DISTINCT sha256 FROM {table} WHERE sha256 > $1 ORDER BY sha256 LIMIT {most}");
    let statement = Statement::from_sql_and_values(books.get_database_backend(), sql, [after.into()]);
    let found = books.query_all_raw(statement).await?;
    found.iter().map(|row| row.try_get_by_index(0).map_err(Failure::from)).collect()
}

/// Hashes read at a time. Contents are read one by one: they may be large.
const CHUNK: usize = 500;

/// Computes the hash of every content again, and finds the content that each row of these tables rests on, in the database or where
/// `elsewhere` says.
///
/// # Errors
/// A fault of the database or of the disk; differences are findings, not errors.
pub async fn compare_contents(
    books: &impl ConnectionTrait,
    elsewhere: &Contents,
    resting: &[&'static str],
) -> Result<Vec<Difference>, Failure> {
    let mut differences = Vec::new();
    for table in ["document_contents"].into_iter().chain(resting.iter().copied()) {
        let mut after = String::new();
        loop {
            let hashes = hashes_after(books, table, &after, CHUNK).await?;
            let Some(last) = hashes.last() else { break };
            after.clone_from(last);
            for sha256 in &hashes {
                let fault = match (content_in(books, sha256).await?, table) {
                    (Some(content), "document_contents") => fault_of(sha256, &content),
                    (Some(_), _) => None,
                    (None, _) => match elsewhere.find(sha256).await? {
                        Some(content) => fault_of(sha256, &content),
                        None => Some("a document rests on it, and it is missing".to_owned()),
                    },
                };
                let row = sha256.clone();
                differences.extend(fault.map(|fault| Difference { table: "document_contents", row, fault }));
            }
        }
    }
    Ok(differences)
}

fn fault_of(sha256: &str, content: &[u8]) -> Option<String> {
    let hash = hexadecimal(&Sha256::digest(content));
    (hash != *sha256).then(|| format!("its content has the hash {hash}"))
}
