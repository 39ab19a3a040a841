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

/// Where a reading of the whole book has come to.
pub struct Reading<'c, C> {
    books: &'c C,
    heads: VecDeque<Head>,
    sides: VecDeque<Side>,
    from_head: Option<Uuid>,
    after_side: Option<(Uuid, i32, Uuid)>,
}

impl<'c, C: ConnectionTrait> Reading<'c, C> {
    /// Begins before the first journal.
    pub fn new(books: &'c C) -> Self {
        let start = Uuid::nil();
        Self {
            books,
            heads: VecDeque::new(),
            sides: VecDeque::new(),
            from_head: Some(start),
            after_side: Some((start, i32::MIN, start)),
        }
    }

    /// The next journals, some thousands of them; none at the end.
    pub async fn next(&mut self) -> Result<Vec<Whole>, Failure> {
        let mut journals = Vec::new();
        let mut rows = 0;
        while rows < PAGE {
            let Some(whole) = self.next_journal().await? else { break };
            rows += 1 + whole.sides.len();
            journals.push(whole);
        }
        Ok(journals)
    }

    async fn next_journal(&mut self) -> Result<Option<Whole>, Failure> {
        self.fill_heads().await?;
        self.fill_sides().await?;
        let of_head = self.heads.front().map(|head| head.values.id);
        let of_side = self.sides.front().map(|side| side.entry.journal);
        let Some(id) = of_head.into_iter().chain(of_side).min() else { return Ok(None) };
        let head = if of_head == Some(id) { self.heads.pop_front() } else { None };
        let mut sides = Vec::new();
        while let Some(side) = self.sides.pop_front_if(|side| side.entry.journal == id) {
            sides.push(side);
            self.fill_sides().await?;
        }
        Ok(Some(Whole { id, head, sides }))
    }

    async fn fill_heads(&mut self) -> Result<(), Failure> {
        let Some(from) = self.from_head.filter(|_| self.heads.is_empty()) else { return Ok(()) };
        let sql = format!("SELECT {HEAD} FROM journals WHERE book_id = $1 AND id >= $2 ORDER BY id LIMIT {PAGE}");
        for row in rows(self.books, &sql, [from.into()]).await? {
            self.heads.push_back(head_of(&row)?);
        }
        let last = self.heads.back().filter(|_| self.heads.len() == PAGE).map(|head| head.values.id);
        self.from_head = last.and_then(|last| last.as_u128().checked_add(1)).map(Uuid::from_u128);
        Ok(())
    }

    async fn fill_sides(&mut self) -> Result<(), Failure> {
        let Some((journal, line, account)) = self.after_side.filter(|_| self.sides.is_empty()) else { return Ok(()) };
        let sql = format!(
            "SELECT {SIDE} FROM entries WHERE book_id = $1 AND (journal_id, line, account_id) > ($2, $3, $4) \
             ORDER BY journal_id, line, account_id LIMIT {PAGE}"
        );
        for row in rows(self.books, &sql, [journal.into(), line.into(), account.into()]).await? {
            self.sides.push_back(side_of(&row)?);
        }
        let last = self.sides.back().filter(|_| self.sides.len() == PAGE).map(|side| &side.entry);
        self.after_side = last.map(|entry| (entry.journal, entry.line, entry.account));
        Ok(())
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
