//! Leaves with the values of their sources, and the lines of witnesses.

use crate::db::BOOK;
use crate::kernel::Failure;
use accounting::leaf::{LeafEntry, LeafJournal};
use accounting::record::Record;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

async fn rows(books: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>, Failure> {
    let values = std::iter::once(Value::from(BOOK.0)).chain(values);
    Ok(books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?)
}

/// How many journals are not among the first leaves of the log.
pub(super) async fn count_waiting(books: &impl ConnectionTrait, leaves: u64) -> Result<u64, Failure> {
    let sql = "SELECT (SELECT COUNT(*) FROM journals WHERE book_id = $1) - (SELECT COUNT(*) FROM log_leaves l \
               JOIN journals j ON j.book_id = l.book_id AND j.id = l.source_id WHERE l.book_id = $1 AND l.position < $2) AS waiting";
    let found = rows(books, sql, vec![Value::from(i64::try_from(leaves).map_err(Failure::bug)?)]).await?;
    let waiting = found.first().map(|row| row.try_get::<i64>("", "waiting")).transpose()?.unwrap_or_default();
    u64::try_from(waiting).map_err(Failure::bug)
}

/// The leaves from a position on, each as it is recorded and with the canonical text that its source gives now.
pub(super) async fn read_leaves(
    books: &impl ConnectionTrait,
    from: u64,
    most: u64,
) -> Result<Vec<(Vec<u8>, String)>, Failure> {
    let from = i64::try_from(from).map_err(Failure::bug)?;
    let to = from.saturating_add(i64::try_from(most).map_err(Failure::bug)?);
    let span = vec![Value::from(from), Value::from(to)];
    let mut texts: HashMap<Uuid, String> = HashMap::new();
    for journal in read_journals(books, &span).await? {
        texts.insert(journal.id, journal.canonical());
    }
    for record in read_records(books, &span).await? {
        texts.insert(record.id, record.canonical());
    }
    let sql = "SELECT position, source_id, leaf_hash FROM log_leaves \
               WHERE book_id = $1 AND position >= $2 AND position < $3 ORDER BY position";
    let found = rows(books, sql, span).await?;
    found
        .iter()
        .map(|row| {
            let source: Uuid = row.try_get("", "source_id")?;
            let text = texts.remove(&source);
            let text = text.ok_or_else(|| Failure::bug(format!("{source} is in the log and nowhere else")))?;
            Ok((row.try_get("", "leaf_hash")?, text))
        })
        .collect()
}

const SPAN: &str = "JOIN log_leaves l ON l.book_id = s.book_id AND l.source_id = s.id \
     WHERE s.book_id = $1 AND l.position >= $2 AND l.position < $3";

async fn read_journals(books: &impl ConnectionTrait, span: &[Value]) -> Result<Vec<LeafJournal>, Failure> {
    let sql = format!(
        "SELECT e.journal_id, e.line, e.account_id, a.owner_id, a.asset_id, a.purpose, a.subject_id, e.amount, \
         e.balance_after, e.version FROM journals s JOIN entries e ON e.book_id = s.book_id AND e.journal_id = s.id \
         JOIN accounts a ON a.book_id = e.book_id AND a.id = e.account_id {SPAN}"
    );
    let mut entries: HashMap<Uuid, Vec<LeafEntry>> = HashMap::new();
    for row in &rows(books, &sql, span.to_vec()).await? {
        let subject: Uuid = row.try_get("", "subject_id")?;
        entries.entry(row.try_get("", "journal_id")?).or_default().push(LeafEntry {
            line: row.try_get("", "line")?,
            account: row.try_get("", "account_id")?,
            owner: row.try_get("", "owner_id")?,
            asset: row.try_get("", "asset_id")?,
            purpose: row.try_get("", "purpose")?,
            subject: (!subject.is_nil()).then_some(subject),
            amount: row.try_get("", "amount")?,
            balance_after: row.try_get("", "balance_after")?,
            version: row.try_get("", "version")?,
        });
    }
    let sql = format!(
        "SELECT s.id, s.kind, s.subject_kind, s.subject_id, s.subject_version, s.effective_on, s.recorded_at, s.actor_id, \
         s.reason, s.document_hash, s.reverses_id FROM journals s {SPAN}"
    );
    let read = |row: &QueryResult| -> Result<LeafJournal, Failure> {
        let id: Uuid = row.try_get("", "id")?;
        let leaf = LeafJournal {
            book: BOOK.0,
            id,
            kind: row.try_get("", "kind")?,
            subject_kind: row.try_get("", "subject_kind")?,
            subject: row.try_get("", "subject_id")?,
            subject_version: row.try_get("", "subject_version")?,
            effective_on: row.try_get("", "effective_on")?,
            recorded_at: row.try_get("", "recorded_at")?,
            actor: row.try_get("", "actor_id")?,
            reason: row.try_get("", "reason")?,
            document_hash: row.try_get("", "document_hash")?,
            reverses: row.try_get("", "reverses_id")?,
            entries: entries.remove(&id).unwrap_or_default(),
        };
        Ok(leaf.in_order())
    };
    rows(books, &sql, span.to_vec()).await?.iter().map(read).collect()
}

async fn read_records(books: &impl ConnectionTrait, span: &[Value]) -> Result<Vec<Record>, Failure> {
    let sql =
        format!("SELECT s.id, s.table_name, s.row_key, s.version, s.recorded_at, s.content FROM evidence s {SPAN}");
    let read = |row: &QueryResult| -> Result<Record, Failure> {
        Ok(Record {
            book: BOOK.0,
            id: row.try_get("", "id")?,
            table: row.try_get("", "table_name")?,
            key: row.try_get("", "row_key")?,
            version: row.try_get("", "version")?,
            recorded_at: row.try_get("", "recorded_at")?,
            content: row.try_get("", "content")?,
        })
    };
    rows(books, &sql, span.to_vec()).await?.iter().map(read).collect()
}

/// The lines of witnesses under the checkpoints of these numbers.
pub(super) async fn read_cosignatures(
    books: &impl ConnectionTrait,
    first: i64,
    last: i64,
) -> Result<BTreeMap<i64, Vec<String>>, Failure> {
    let sql = "SELECT checkpoint_number, line FROM log_cosignatures \
               WHERE book_id = $1 AND checkpoint_number >= $2 AND checkpoint_number <= $3 ORDER BY checkpoint_number, witness";
    let mut lines: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for row in &rows(books, sql, vec![first.into(), last.into()]).await? {
        lines.entry(row.try_get("", "checkpoint_number")?).or_default().push(row.try_get("", "line")?);
    }
    Ok(lines)
}
