//! Computes the leaf hash of a journal again from the values that were read, and names it when its recorded hash differs: a
//! changed kind, actor, reason, date, amount or account shows, also in a journal that moves nothing. And adds up its lines.

use crate::db::columns::hexadecimal;
use crate::db::{BOOK, Work};
use crate::kernel::Failure;
use crate::ledger::reading::{Head, PAGE, Side, Whole, read_head, read_leaf_entries};
use crate::ledger::verify::Accounts;
use accounting::leaf::{LeafEntry, LeafJournal};
use accounting::verify::Difference;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use uuid::Uuid;

/// A journal with all its entries, as it is hashed; nothing when there is none.
pub async fn find(books: &impl ConnectionTrait, id: Uuid) -> Result<Option<LeafJournal>, Failure> {
    let Some(head) = read_head(books, id).await? else { return Ok(None) };
    let entries = read_leaf_entries(books, id).await?;
    Ok(Some(LeafJournal { entries, ..head.values }.in_order()))
}

/// A journal about a thing, by its leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AboutThing {
    /// What happened.
    pub kind: String,
    /// Its legal date, ISO.
    pub effective_on: String,
    /// Its leaf hash in hexadecimal.
    pub leaf_hash: String,
}

/// The newest journals about a thing, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn journals_about(work: &Work, subject: Uuid, most: usize) -> Result<Vec<AboutThing>, Failure> {
    let sql = format!(
        "SELECT kind, effective_on, leaf_hash FROM journals WHERE book_id = $1 AND subject_id = $2 \
         ORDER BY subject_version DESC LIMIT {most}"
    );
    let rows = work.connection().query_all_raw(work.statement(&sql, vec![BOOK.0.into(), subject.into()])).await?;
    let read = |row: &QueryResult| -> Result<AboutThing, Failure> {
        Ok(AboutThing {
            kind: row.try_get("", "kind")?,
            effective_on: row.try_get("", "effective_on")?,
            leaf_hash: hexadecimal(&row.try_get::<Vec<u8>>("", "leaf_hash")?),
        })
    };
    rows.iter().rev().map(read).collect()
}

/// What the seal of a month takes from a journal.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The legal date.
    pub effective_on: String,
    /// The leaf hash that its row claims; [`changed`] compares it with the values.
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
         AND (recorded_at, id) > ($2, $3) ORDER BY recorded_at, id LIMIT {PAGE}"
    );
    let mut after: (i64, Uuid) = (first.saturating_sub(1), Uuid::max());
    loop {
        let values = [BOOK.0.into(), after.0.into(), after.1.into(), last.into()];
        let rows =
            books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), &sql, values)).await?;
        for row in &rows {
            take(Recorded { effective_on: row.try_get_by_index(2)?, leaf_hash: row.try_get_by_index(3)? });
        }
        let Some(last) = rows.last() else { return Ok(()) };
        after = (last.try_get_by_index(1)?, last.try_get_by_index(0)?);
    }
}

/// What the values give, when that is not what the journal's row claims.
pub fn changed(head: Head, sides: &[Side], accounts: &Accounts) -> Option<Difference> {
    let entry = |side: &Side| {
        let account = accounts.get(&side.entry.account)?;
        Some(LeafEntry {
            line: side.entry.line,
            account: side.entry.account,
            owner: account.owner,
            asset: account.asset,
            purpose: account.purpose.clone(),
            subject: account.subject,
            amount: side.entry.amount,
            balance_after: side.entry.balance_after,
            version: side.entry.version,
        })
    };
    let leaf = LeafJournal { entries: sides.iter().filter_map(entry).collect(), ..head.values }.in_order();
    let derived = leaf.hash();
    (head.leaf_hash != derived).then(|| Difference {
        table: "journals",
        row: format!("journal {}", leaf.id),
        fault: format!(
            "the row claims the leaf {}, its values give {}",
            hexadecimal(&head.leaf_hash),
            hexadecimal(&derived)
        ),
    })
}

/// Finds lines that are not one positive amount leaving one account and entering another of the same asset at the instant
/// and on the date of their journal.
pub fn broken_lines(journal: &Whole, accounts: &Accounts) -> Vec<Difference> {
    let lines = journal.sides.chunk_by(|one, other| one.entry.line == other.entry.line);
    let broken = |sides: &[Side]| {
        let line = sides.first()?.entry.line;
        Some(Difference {
            table: "entries",
            row: format!("journal {} line {line}", journal.id),
            fault: fault_of(sides, journal.head.as_ref(), accounts)?,
        })
    };
    lines.filter_map(broken).collect()
}

fn fault_of(sides: &[Side], head: Option<&Head>, accounts: &Accounts) -> Option<String> {
    let Some(head) = head else { return Some("its journal is not in the books".to_owned()) };
    let mut assets: Vec<_> = sides.iter().filter_map(|side| Some(accounts.get(&side.entry.account)?.asset)).collect();
    assets.sort_unstable();
    assets.dedup();
    let total: i128 = sides.iter().map(|side| i128::from(side.entry.amount)).sum();
    let is_misdated = |side: &&Side| {
        side.entry.recorded_at != head.values.recorded_at || side.effective_on != head.values.effective_on
    };
    let misdated = sides.iter().filter(is_misdated).count();
    if sides.len() != 2 || assets.len() != 1 {
        Some(format!("it has {} sides over {} assets", sides.len(), assets.len()))
    } else if total != 0 {
        Some(format!("its sides sum to {total}, not to zero"))
    } else if misdated > 0 {
        Some(format!("{misdated} of its sides carry another instant or date than the journal"))
    } else {
        None
    }
}
