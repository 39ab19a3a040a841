//! Computes the leaf hash of every journal again from the values that were read, and names each journal whose recorded hash
//! differs: a changed kind, actor, reason, date, amount or account shows, also in a journal that moves nothing.

use crate::db::BOOK;
use crate::db::columns::hexadecimal;
use crate::kernel::Failure;
use crate::ledger::verify::Findings;
use accounting::leaf::{LeafEntry, LeafJournal};
use accounting::verify::Difference;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use std::collections::HashMap;
use uuid::Uuid;

/// Journals read at a time: bounds memory whatever the size of the book.
const CHUNK: u64 = 2_000;

/// Checks every journal in the order of their ids.
pub async fn check(books: &impl ConnectionTrait, findings: &mut Findings) -> Result<(), Failure> {
    let mut after = Uuid::nil();
    loop {
        let heads = read_heads(books, after).await?;
        let (Some(first), Some(last)) = (heads.first(), heads.last()) else { return Ok(()) };
        let mut entries = read_entries(books, first.0.id, last.0.id).await?;
        after = last.0.id;
        findings.journals += i64::try_from(heads.len()).map_err(Failure::bug)?;
        findings.progress.advance(heads.len() as u64);
        for (head, recorded) in heads {
            let leaf = LeafJournal { entries: entries.remove(&head.id).unwrap_or_default(), ..head }.in_order();
            let derived = leaf.hash();
            if recorded != derived {
                findings.differences.push(Difference {
                    table: "journals",
                    row: format!("journal {}", leaf.id),
                    fault: format!(
                        "the row claims the leaf {}, its values give {}",
                        hexadecimal(&recorded),
                        hexadecimal(&derived)
                    ),
                });
            }
        }
    }
}

/// What the seal of a month takes from a journal.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The legal date.
    pub effective_on: String,
    /// The leaf hash that its row claims; [`check`] compares it with the values.
    pub leaf_hash: Vec<u8>,
}

/// Hands over the journals that were recorded from one instant to another, in the order of (recorded instant, id).
pub async fn each_in_order(
    books: &impl ConnectionTrait,
    (first, last): (i64, i64),
    mut take: impl FnMut(Recorded),
) -> Result<(), Failure> {
    let sql = format!(
        "SELECT id, recorded_at, effective_on, leaf_hash FROM journals WHERE book_id = $1 AND recorded_at <= $4 \
         AND (recorded_at, id) > ($2, $3) ORDER BY recorded_at, id LIMIT {CHUNK}"
    );
    let mut after: (i64, Uuid) = (first.saturating_sub(1), Uuid::max());
    loop {
        let values = [BOOK.0.into(), after.0.into(), after.1.into(), last.into()];
        let rows =
            books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), &sql, values)).await?;
        for row in &rows {
            take(Recorded { effective_on: row.try_get("", "effective_on")?, leaf_hash: row.try_get("", "leaf_hash")? });
        }
        let Some(last) = rows.last() else { return Ok(()) };
        after = (last.try_get("", "recorded_at")?, last.try_get("", "id")?);
    }
}

const HEAD: &str = "id, kind, subject_kind, subject_id, subject_version, effective_on, recorded_at, actor_id, reason, \
     document_hash, reverses_id, leaf_hash";

/// A journal with all its entries, as it is hashed; nothing when there is none.
pub async fn find(books: &impl ConnectionTrait, id: Uuid) -> Result<Option<LeafJournal>, Failure> {
    let sql = format!("SELECT {HEAD} FROM journals WHERE book_id = $1 AND id = $2");
    let values = [BOOK.0.into(), id.into()];
    let row = books.query_one_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?;
    let Some(row) = row else { return Ok(None) };
    let (head, _) = read_head(&row)?;
    let entries = read_entries(books, id, id).await?.remove(&id).unwrap_or_default();
    Ok(Some(LeafJournal { entries, ..head }.in_order()))
}

async fn read_heads(books: &impl ConnectionTrait, after: Uuid) -> Result<Vec<(LeafJournal, Vec<u8>)>, Failure> {
    let sql = format!("SELECT {HEAD} FROM journals WHERE book_id = $1 AND id > $2 ORDER BY id LIMIT {CHUNK}");
    let values = [BOOK.0.into(), after.into()];
    let rows = books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?;
    rows.iter().map(read_head).collect()
}

fn read_head(row: &QueryResult) -> Result<(LeafJournal, Vec<u8>), Failure> {
    let leaf = LeafJournal {
        book: BOOK.0,
        id: row.try_get("", "id")?,
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
        entries: Vec::new(),
    };
    Ok((leaf, row.try_get("", "leaf_hash")?))
}

async fn read_entries(
    books: &impl ConnectionTrait,
    first: Uuid,
    last: Uuid,
) -> Result<HashMap<Uuid, Vec<LeafEntry>>, Failure> {
    let sql = "SELECT e.journal_id, e.line, e.account_id, a.owner_id, a.asset_id, a.purpose, a.subject_id, e.amount, \
         e.balance_after, e.version FROM entries e \
         JOIN accounts a ON a.book_id = e.book_id AND a.id = e.account_id \
         WHERE e.book_id = $1 AND e.journal_id >= $2 AND e.journal_id <= $3";
    let values = [BOOK.0.into(), first.into(), last.into()];
    let rows = books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?;
    let mut entries: HashMap<Uuid, Vec<LeafEntry>> = HashMap::new();
    for row in &rows {
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
    Ok(entries)
}
