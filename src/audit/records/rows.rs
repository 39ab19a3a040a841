//! Rows and records of one table, each in the order of their keys, a bounded number at a time.

use crate::db::columns::Kind;
use crate::db::records::{Column, Shape, joined};
use crate::db::{BOOK, bind_all};
use crate::kernel::Failure;
use accounting::record::{self, Cell, Record};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, TryGetable, Value};
use std::collections::VecDeque;
use uuid::Uuid;

/// Rows or records read at a time: bounds memory whatever the size of the book.
const CHUNK: usize = 2_000;

/// A row as it stands.
pub struct LiveRow {
    pub key: String,
    pub content: String,
}

/// The rows of a table in the order of their keys.
pub struct LiveRows<'a, C> {
    books: &'a C,
    shape: &'a Shape,
    sql: String,
    after: Option<Vec<Cell>>,
    read: VecDeque<LiveRow>,
    is_over: bool,
}

impl<'a, C: ConnectionTrait> LiveRows<'a, C> {
    pub fn of(books: &'a C, shape: &'a Shape) -> Self {
        let columns: Vec<&str> = shape.columns.iter().map(|column| column.name).collect();
        let sql = format!("SELECT {} FROM {}", columns.join(", "), shape.table);
        Self { books, shape, sql, after: None, read: VecDeque::new(), is_over: false }
    }

    pub async fn next(&mut self) -> Result<Option<LiveRow>, Failure> {
        if self.read.is_empty() && !self.is_over {
            self.read_more().await?;
        }
        Ok(self.read.pop_front())
    }

    async fn read_more(&mut self) -> Result<(), Failure> {
        let backend = self.books.get_database_backend();
        let order: Vec<String> = self.shape.keys.iter().map(|key| in_order(*key, backend)).collect();
        let order = order.join(", ");
        let mut conditions = Vec::new();
        if self.shape.has_book() && !self.shape.keys.iter().any(|key| key.name == "book_id") {
            conditions.push(format!("book_id = {}", BOOK.0));
        }
        let mut values = Vec::new();
        if let Some(after) = self.after.take() {
            let after = bind_all(&mut values, after.into_iter().map(bound));
            conditions.push(format!("({order}) > ({after})"));
        }
        let filter = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
        let sql = format!("{}{filter} ORDER BY {order} LIMIT {CHUNK}", self.sql);
        let found = self.books.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        self.is_over = found.len() < CHUNK;
        for row in &found {
            let (keys, live) = self.live(row, backend)?;
            self.after = Some(keys);
            self.read.push_back(live);
        }
        Ok(())
    }

    fn live(&self, row: &QueryResult, backend: DbBackend) -> Result<(Vec<Cell>, LiveRow), Failure> {
        let mut cells = Vec::with_capacity(self.shape.columns.len());
        for (at, column) in self.shape.columns.iter().enumerate() {
            cells.push((column, cell(row, at, column.kind, backend)?));
        }
        let key_of = |key: &Column| cells.iter().find(|(column, _)| *column == key).map(|(_, cell)| cell.clone());
        let keys: Vec<Cell> = self.shape.keys.iter().filter_map(key_of).collect();
        let key = joined(&keys);
        let told = cells.into_iter().map(|(column, cell)| {
            let cell = if column.is_secret { cell.hidden() } else { cell };
            (column.name, cell)
        });
        Ok((keys, LiveRow { key, content: record::content(told) }))
    }
}

/// A key column as it sorts in the order of the bytes of its text, whatever the language of the database.
fn in_order(key: Column, backend: DbBackend) -> String {
    let name = key.name;
    match (key.kind, backend) {
        (Kind::Uuid, _) | (Kind::Text, DbBackend::Sqlite) => name.to_owned(),
        (Kind::Text, _) => format!("{name} COLLATE \"C\""),
        (_, DbBackend::Sqlite) => format!("CAST({name} AS text)"),
        _ => format!("CAST({name} AS text) COLLATE \"C\""),
    }
}

/// A key as it is bound beside [`in_order`].
fn bound(key: Cell) -> Value {
    match key {
        Cell::Id(id) => id.into(),
        Cell::Bytes(bytes) => bytes.into(),
        other => joined([&other]).into(),
    }
}

/// What stands in a column, also where it is not what the program would have written there.
fn cell(row: &QueryResult, at: usize, kind: Kind, backend: DbBackend) -> Result<Cell, Failure> {
    fn read<T: TryGetable>(row: &QueryResult, at: usize, cell: impl Fn(T) -> Cell) -> Result<Cell, Failure> {
        Ok(row.try_get_by_index::<Option<T>>(at)?.map_or(Cell::Absent, cell))
    }
    let loose = backend == DbBackend::Sqlite;
    match kind {
        Kind::Uuid if loose => {
            read(row, at, |bytes: Vec<u8>| Uuid::from_slice(&bytes).map_or(Cell::Bytes(bytes), Cell::Id))
        }
        Kind::Uuid => read(row, at, Cell::Id),
        Kind::Text => read(row, at, Cell::Text),
        Kind::Bool if loose => read(row, at, |number: i64| match number {
            0 | 1 => Cell::Truth(number == 1),
            other => Cell::Number(other),
        }),
        Kind::Bool => read(row, at, Cell::Truth),
        Kind::Int if !loose => read(row, at, |number: i32| Cell::Number(number.into())),
        Kind::Int | Kind::Big => read(row, at, Cell::Number),
        Kind::Bytes => read(row, at, Cell::Bytes),
    }
}

/// A record as it was read, and the hash that its row claims.
pub struct ReadRecord {
    pub record: Record,
    pub claimed: Vec<u8>,
}

/// The records of a table in the order of keys and versions.
pub struct ReadRecords<'a, C> {
    books: &'a C,
    table: &'a str,
    after: (String, i64),
    read: VecDeque<ReadRecord>,
    is_over: bool,
}

impl<'a, C: ConnectionTrait> ReadRecords<'a, C> {
    pub fn of(books: &'a C, table: &'a str) -> Self {
        Self { books, table, after: (String::new(), 0), read: VecDeque::new(), is_over: false }
    }

    /// The next one, left where it is.
    pub async fn peek(&mut self) -> Result<Option<&ReadRecord>, Failure> {
        if self.read.is_empty() && !self.is_over {
            self.read_more().await?;
        }
        Ok(self.read.front())
    }

    pub async fn next(&mut self) -> Result<Option<ReadRecord>, Failure> {
        self.peek().await?;
        Ok(self.read.pop_front())
    }

    async fn read_more(&mut self) -> Result<(), Failure> {
        let sql = format!(
            "{RECORDS} WHERE book_id = $1 AND table_name = $2 AND (row_key, version) > ($3, $4) \
             ORDER BY row_key, version LIMIT {CHUNK}"
        );
        let (key, version) = std::mem::take(&mut self.after);
        let values = [BOOK.0.into(), self.table.into(), key.into(), version.into()];
        let found = query(self.books, sql, values.to_vec()).await?;
        self.is_over = found.len() < CHUNK;
        if let Some(last) = found.last() {
            self.after = (last.record.key.clone(), last.record.version);
        }
        self.read.extend(found);
        Ok(())
    }
}

const RECORDS: &str = "SELECT book_id, id, table_name, row_key, version, recorded_at, content, leaf_hash FROM evidence";

/// Records of tables that are not among these, in the order of their ids.
pub async fn records_beside(
    books: &impl ConnectionTrait,
    tables: &[&str],
    after: Uuid,
) -> Result<Vec<ReadRecord>, Failure> {
    let known: Vec<String> = tables.iter().map(|table| format!("'{table}'")).collect();
    let known = known.join(", ");
    let sql =
        format!("{RECORDS} WHERE book_id = $1 AND id > $2 AND table_name NOT IN ({known}) ORDER BY id LIMIT {CHUNK}");
    query(books, sql, vec![BOOK.0.into(), after.into()]).await
}

async fn query(books: &impl ConnectionTrait, sql: String, values: Vec<Value>) -> Result<Vec<ReadRecord>, Failure> {
    let found = books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?;
    let read = |row: &QueryResult| -> Result<ReadRecord, Failure> {
        let record = Record {
            book: row.try_get_by_index(0)?,
            id: row.try_get_by_index(1)?,
            table: row.try_get_by_index(2)?,
            key: row.try_get_by_index(3)?,
            version: row.try_get_by_index(4)?,
            recorded_at: row.try_get_by_index(5)?,
            content: row.try_get_by_index(6)?,
        };
        Ok(ReadRecord { record, claimed: row.try_get_by_index(7)? })
    };
    found.iter().map(read).collect()
}
