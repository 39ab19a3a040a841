//! Journals in the order of the log, which never changes behind a reader: no late commit takes a place that was passed.

use crate::db::{BOOK, bind_all};
use crate::kernel::{Failure, Moment};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

/// A journal at its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequenced {
    /// Its place.
    pub position: i64,
    /// Which journal.
    pub id: Uuid,
    /// What happened; a word that nobody knows is a finding of whoever verifies, and no fault of the reading.
    pub kind: String,
    /// What kind of thing it is about.
    pub subject_kind: String,
    /// Which thing.
    pub subject: Uuid,
    /// The version the thing has reached with it.
    pub subject_version: i64,
    /// The legal date.
    pub effective_on: String,
    /// When the book learnt it, in business time.
    pub recorded_at: Moment,
    /// SHA-256 of its leaf.
    pub leaf_hash: Vec<u8>,
}

const JOURNALS: &str = "SELECT l.position, j.id, j.kind, j.subject_kind, j.subject_id, j.subject_version, j.effective_on, \
     j.recorded_at, j.leaf_hash FROM log_leaves l JOIN journals j ON j.book_id = l.book_id AND j.id = l.source_id \
     WHERE l.book_id = $1 AND l.source = 'journal'";

fn read(row: &QueryResult) -> Result<Sequenced, Failure> {
    Ok(Sequenced {
        position: row.try_get("", "position")?,
        id: row.try_get("", "id")?,
        kind: row.try_get("", "kind")?,
        subject_kind: row.try_get("", "subject_kind")?,
        subject: row.try_get("", "subject_id")?,
        subject_version: row.try_get("", "subject_version")?,
        effective_on: row.try_get("", "effective_on")?,
        recorded_at: Moment::from_micros(row.try_get("", "recorded_at")?),
        leaf_hash: row.try_get("", "leaf_hash")?,
    })
}

async fn select(books: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<Vec<Sequenced>, Failure> {
    let rows = books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?;
    rows.iter().map(read).collect()
}

/// At most so many journals whose place lies in `[from, before)`, in the order of the log.
///
/// # Errors
/// A fault of the database.
pub async fn journals_from(
    books: &impl ConnectionTrait,
    from: i64,
    before: i64,
    most: u64,
) -> Result<Vec<Sequenced>, Failure> {
    let sql = format!("{JOURNALS} AND l.position >= $2 AND l.position < $3 ORDER BY l.position LIMIT {most}");
    select(books, &sql, vec![BOOK.0.into(), from.into(), before.into()]).await
}

/// The journals at these places, in the order of the log.
///
/// # Errors
/// A fault of the database.
pub async fn journals_at(books: &impl ConnectionTrait, positions: &[i64]) -> Result<Vec<Sequenced>, Failure> {
    if positions.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = vec![BOOK.0.into()];
    let places = bind_all(&mut values, positions.iter().copied());
    let sql = format!("{JOURNALS} AND l.position IN ({places}) ORDER BY l.position");
    select(books, &sql, values).await
}

/// Journals with the organisations whose accounts they touch, each pair once.
///
/// # Errors
/// A fault of the database.
pub async fn owners_touched(books: &impl ConnectionTrait, journals: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>, Failure> {
    if journals.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = vec![BOOK.0.into()];
    let places = bind_all(&mut values, journals.iter().copied());
    let sql = format!(
        "SELECT DISTINCT e.journal_id, o.organisation_id FROM entries e \
         JOIN accounts a ON a.book_id = e.book_id AND a.id = e.account_id \
         JOIN owners o ON o.book_id = a.book_id AND o.id = a.owner_id \
         WHERE e.book_id = $1 AND e.journal_id IN ({places}) AND o.organisation_id IS NOT NULL"
    );
    let rows = books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?;
    rows.iter().map(|row| Ok((row.try_get("", "journal_id")?, row.try_get("", "organisation_id")?))).collect()
}
