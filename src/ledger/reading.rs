//! Reads journals beside their entries, both in the order of journal ids, a page of each at a time: every row once, whatever
//! the size of the book or of one journal's neighbours.

use crate::db::BOOK;
use crate::kernel::Failure;
use accounting::leaf::{LeafEntry, LeafJournal};
use accounting::verify::ReadEntry;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use std::collections::VecDeque;
use uuid::Uuid;

/// Rows read at a time: bounds memory, and is enough that the way to the database and back does not show.
pub const PAGE: usize = 10_000;

/// A journal's own row.
#[derive(Debug)]
pub struct Head {
    /// Its values, without entries.
    pub values: LeafJournal,
    /// The leaf hash that the row claims.
    pub leaf_hash: Vec<u8>,
}

/// An entry with the day that it claims.
#[derive(Debug)]
pub struct Side {
    /// Its values.
    pub entry: ReadEntry,
    /// The legal date.
    pub effective_on: String,
}

/// A journal with its entries in the order of their lines.
#[derive(Debug)]
pub struct Whole {
    /// Which.
    pub id: Uuid,
    /// Its row; none when entries name a journal that is not there.
    pub head: Option<Head>,
    /// Its entries.
    pub sides: Vec<Side>,
}

/// Rows as they came from the database: what stands in them is decoded where they are checked, beside the next page's way here.
pub enum Page {
    /// Journals.
    Heads(Vec<QueryResult>),
    /// Entries.
    Sides(Vec<QueryResult>),
}

/// Where a reading of the whole book has come to.
pub struct Reading<'c, C> {
    books: &'c C,
    /// From which id on the next journals are; none when all are read.
    heads: Option<Uuid>,
    /// After which entry the next ones follow; none when all are read.
    sides: Option<(Uuid, i32, Uuid)>,
}

impl<'c, C: ConnectionTrait> Reading<'c, C> {
    /// Begins before the first journal.
    pub fn new(books: &'c C) -> Self {
        let start = Uuid::nil();
        Self { books, heads: Some(start), sides: Some((start, i32::MIN, start)) }
    }

    /// The next page of whichever of the two is behind, and the journal before which everything is read then (none: all of it).
    /// Nothing at the end.
    pub async fn next(&mut self) -> Result<Option<(Page, Option<Uuid>)>, Failure> {
        let page = match (self.heads, self.sides) {
            (None, None) => return Ok(None),
            (Some(head), Some(side)) if head <= side.0 => self.next_heads(head).await?,
            (Some(head), None) => self.next_heads(head).await?,
            (_, Some(side)) => self.next_sides(side).await?,
        };
        let reached = self.heads.into_iter().chain(self.sides.map(|(journal, ..)| journal)).min();
        Ok(Some((page, reached)))
    }

    async fn next_heads(&mut self, from: Uuid) -> Result<Page, Failure> {
        let sql = format!("SELECT {HEAD} FROM journals WHERE book_id = $1 AND id >= $2 ORDER BY id LIMIT {PAGE}");
        let found = rows(self.books, &sql, [from.into()]).await?;
        let last = found.last().filter(|_| found.len() == PAGE);
        let last: Option<Uuid> = last.map(|row| row.try_get_by_index(0)).transpose()?;
        self.heads = last.and_then(|last| last.as_u128().checked_add(1)).map(Uuid::from_u128);
        Ok(Page::Heads(found))
    }

    async fn next_sides(&mut self, (journal, line, account): (Uuid, i32, Uuid)) -> Result<Page, Failure> {
        let sql = format!(
            "SELECT {SIDE} FROM entries WHERE book_id = $1 AND (journal_id, line, account_id) > ($2, $3, $4) \
             ORDER BY journal_id, line, account_id LIMIT {PAGE}"
        );
        let found = rows(self.books, &sql, [journal.into(), line.into(), account.into()]).await?;
        self.sides = match found.last().filter(|_| found.len() == PAGE) {
            Some(row) => Some((row.try_get_by_index(2)?, row.try_get_by_index(3)?, row.try_get_by_index(0)?)),
            None => None,
        };
        Ok(Page::Sides(found))
    }
}

/// Puts journals and their entries together as their pages come.
#[derive(Debug, Default)]
pub struct Joining {
    heads: VecDeque<Head>,
    sides: VecDeque<Side>,
}

impl Joining {
    /// Takes a page, and tells the journals before `reached` that are complete with it.
    pub fn take(&mut self, page: Page, reached: Option<Uuid>) -> Result<Vec<Whole>, Failure> {
        match page {
            Page::Heads(rows) => rows.iter().try_for_each(|row| head_of(row).map(|head| self.heads.push_back(head)))?,
            Page::Sides(rows) => rows.iter().try_for_each(|row| side_of(row).map(|side| self.sides.push_back(side)))?,
        }
        let mut journals = Vec::new();
        loop {
            let of_head = self.heads.front().map(|head| head.values.id);
            let of_side = self.sides.front().map(|side| side.entry.journal);
            let Some(id) = of_head.into_iter().chain(of_side).min() else { return Ok(journals) };
            if reached.is_some_and(|reached| id >= reached) {
                return Ok(journals);
            }
            let head = self.heads.pop_front_if(|head| head.values.id == id);
            let mut sides = Vec::new();
            while let Some(side) = self.sides.pop_front_if(|side| side.entry.journal == id) {
                sides.push(side);
            }
            journals.push(Whole { id, head, sides });
        }
    }
}

/// The next entries of one account from a version on, in version order.
pub async fn read_trail(books: &impl ConnectionTrait, account: Uuid, from: i64) -> Result<Vec<ReadEntry>, Failure> {
    let sql = format!(
        "SELECT {SIDE} FROM entries WHERE book_id = $1 AND account_id = $2 AND version >= $3 ORDER BY version LIMIT {PAGE}"
    );
    let rows = rows(books, &sql, [account.into(), from.into()]).await?;
    rows.iter().map(|row| Ok(side_of(row)?.entry)).collect()
}

/// The row of one journal.
pub async fn read_head(books: &impl ConnectionTrait, id: Uuid) -> Result<Option<Head>, Failure> {
    let sql = format!("SELECT {HEAD} FROM journals WHERE book_id = $1 AND id = $2");
    rows(books, &sql, [id.into()]).await?.first().map(head_of).transpose()
}

/// The entries of one journal as they are hashed.
pub async fn read_leaf_entries(books: &impl ConnectionTrait, journal: Uuid) -> Result<Vec<LeafEntry>, Failure> {
    let sql = "SELECT e.line, e.account_id, a.owner_id, a.asset_id, a.purpose, a.subject_id, e.amount, e.balance_after, e.version \
         FROM entries e JOIN accounts a ON a.book_id = e.book_id AND a.id = e.account_id \
         WHERE e.book_id = $1 AND e.journal_id = $2";
    let read = |row: &QueryResult| -> Result<LeafEntry, Failure> {
        let subject: Uuid = row.try_get_by_index(5)?;
        Ok(LeafEntry {
            line: row.try_get_by_index(0)?,
            account: row.try_get_by_index(1)?,
            owner: row.try_get_by_index(2)?,
            asset: row.try_get_by_index(3)?,
            purpose: row.try_get_by_index(4)?,
            subject: (!subject.is_nil()).then_some(subject),
            amount: row.try_get_by_index(6)?,
            balance_after: row.try_get_by_index(7)?,
            version: row.try_get_by_index(8)?,
        })
    };
    rows(books, sql, [journal.into()]).await?.iter().map(read).collect()
}

const HEAD: &str = "id, kind, subject_kind, subject_id, subject_version, effective_on, recorded_at, actor_id, reason, \
     document_hash, reverses_id, leaf_hash";

const SIDE: &str = "account_id, version, journal_id, line, amount, balance_after, recorded_at, effective_on";

async fn rows<const N: usize>(
    books: &impl ConnectionTrait,
    sql: &str,
    others: [Value; N],
) -> Result<Vec<QueryResult>, Failure> {
    let values: Vec<Value> = std::iter::once(BOOK.0.into()).chain(others).collect();
    Ok(books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?)
}

// Columns are read by position: looking one up by name costs more than all the rest of reading it.

fn head_of(row: &QueryResult) -> Result<Head, Failure> {
    let values = LeafJournal {
        book: BOOK.0,
        id: row.try_get_by_index(0)?,
        kind: row.try_get_by_index(1)?,
        subject_kind: row.try_get_by_index(2)?,
        subject: row.try_get_by_index(3)?,
        subject_version: row.try_get_by_index(4)?,
        effective_on: row.try_get_by_index(5)?,
        recorded_at: row.try_get_by_index(6)?,
        actor: row.try_get_by_index(7)?,
        reason: row.try_get_by_index(8)?,
        document_hash: row.try_get_by_index(9)?,
        reverses: row.try_get_by_index(10)?,
        entries: Vec::new(),
    };
    Ok(Head { values, leaf_hash: row.try_get_by_index(11)? })
}

fn side_of(row: &QueryResult) -> Result<Side, Failure> {
    let entry = ReadEntry {
        account: row.try_get_by_index(0)?,
        version: row.try_get_by_index(1)?,
        journal: row.try_get_by_index(2)?,
        line: row.try_get_by_index(3)?,
        amount: row.try_get_by_index(4)?,
        balance_after: row.try_get_by_index(5)?,
        recorded_at: row.try_get_by_index(6)?,
    };
    Ok(Side { entry, effective_on: row.try_get_by_index(7)? })
}
