//! Evidence (存证) of business rows: what a work inserts or saves it also records, column by column, in the same transaction.
//! A row that somebody changes later, past the program, no longer equals its newest record. The stores call this by
//! themselves through [`super::rows`]; only a store that writes by its own SQL calls [`Work::record`].

use super::columns::{Kind, Rows};
use crate::db::Work;
use crate::kernel::{Failure, ids};
use accounting::record::{self, Cell, Record};
use sea_orm::{
    ColumnTrait, ColumnType, ConnectionTrait, EntityName, EntityTrait, IdenStatic, Iterable, ModelTrait,
    PrimaryKeyToColumn, Value,
};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Columns that hold what not even an auditor may learn. Hashes of random secrets are told: nobody finds the secret of one.
const SECRETS: [(&str, &str); 8] = [
    ("auction_key_halves", "private_key"),
    ("installation", "request_secret"),
    ("users", "password_hash"),
    ("token_keys", "private_key"),
    ("second_factors", "secret"),
    ("second_factors", "recovery_codes"),
    ("webhooks", "secret"),
    ("webhooks", "former_secret"),
];

/// A table whose rows leave evidence, for the registry of the verification.
#[derive(Debug, Clone, Copy)]
pub struct Covered {
    shape: fn() -> Result<Shape, Failure>,
}

impl Covered {
    /// The table of an entity.
    pub const fn of<E: EntityTrait>() -> Self {
        Self { shape: shape_of::<E> }
    }

    /// What its rows look like.
    ///
    /// # Errors
    /// A fault of ours: a column of a type that evidence does not know.
    pub fn shape(self) -> Result<Shape, Failure> {
        (self.shape)()
    }
}

/// What the rows of a table look like.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Its name.
    pub table: &'static str,
    /// Every column.
    pub columns: Vec<Column>,
    /// Those that make the key of a row within its book, in order.
    pub keys: Vec<Column>,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Told by its hash alone.
    pub is_secret: bool,
}

impl Shape {
    /// Whether rows say which book they belong to.
    pub fn has_book(&self) -> bool {
        self.columns.iter().any(|column| column.name == BOOK_COLUMN)
    }
}

/// The column that leads every key of the ledger; a record has it of its own.
const BOOK_COLUMN: &str = "book_id";

fn shape_of<E: EntityTrait>() -> Result<Shape, Failure> {
    let table = E::default().table_name();
    let column = |column: E::Column| -> Result<Column, Failure> {
        let kind = match column.def().get_column_type() {
            ColumnType::Uuid => Kind::Uuid,
            ColumnType::String(_) | ColumnType::Text => Kind::Text,
            ColumnType::BigInteger => Kind::Big,
            ColumnType::Integer => Kind::Int,
            ColumnType::Boolean => Kind::Bool,
            ColumnType::VarBinary(_) | ColumnType::Binary(_) | ColumnType::Blob => Kind::Bytes,
            other => return Err(Failure::bug(format!("{table} has a column of the type {other:?}"))),
        };
        Ok(Column { name: column.as_str(), kind, is_secret: SECRETS.contains(&(table, column.as_str())) })
    };
    let columns = E::Column::iter().map(column).collect::<Result<_, _>>()?;
    let keys = keys_of::<E>().map(column).collect::<Result<_, _>>()?;
    Ok(Shape { table, columns, keys })
}

fn keys_of<E: EntityTrait>() -> impl Iterator<Item = E::Column> {
    // A table with one row for each book has no other key than the book.
    let is_alone = E::PrimaryKey::iter().count() == 1;
    let columns = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
    columns.filter(move |column| is_alone || column.as_str() != BOOK_COLUMN)
}

/// The key of a row as its record tells it: ids in lower case with dashes, joined by a blank.
pub fn joined<'a>(keys: impl IntoIterator<Item = &'a Cell>) -> String {
    let parts = keys.into_iter().map(|key| match key {
        Cell::Text(text) => text.clone(),
        Cell::Id(id) => id.to_string(),
        Cell::Number(number) => number.to_string(),
        other => format!("{other:?}"),
    });
    parts.collect::<Vec<_>>().join(" ")
}

/// The key of a row.
pub fn key_of<M: ModelTrait>(row: &M) -> Result<String, Failure> {
    let keys = keys_of::<M::Entity>().map(|column| cell(row.get(column))).collect::<Result<Vec<_>, _>>()?;
    Ok(joined(&keys))
}

fn cell(value: Value) -> Result<Cell, Failure> {
    let present = match value {
        Value::Uuid(id) => id.map(Cell::Id),
        Value::String(text) => text.map(Cell::Text),
        Value::BigInt(number) => number.map(Cell::Number),
        Value::Int(number) => number.map(|number| Cell::Number(number.into())),
        Value::Bool(truth) => truth.map(Cell::Truth),
        Value::Bytes(bytes) => bytes.map(Cell::Bytes),
        other => return Err(Failure::bug(format!("{other:?} is no value of a row"))),
    };
    Ok(present.unwrap_or(Cell::Absent))
}

/// A record that waits for the end of its work.
#[derive(Debug)]
struct Waiting {
    table: &'static str,
    key: String,
    version: i64,
    content: String,
}

/// What a work has recorded so far.
#[derive(Debug, Default)]
pub(super) struct Records(Mutex<Vec<Waiting>>);

impl Records {
    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        // Whoever panicked while it held the lock was pushing a whole record or none.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many there are: a mark to come back to.
    pub(super) fn mark(&self) -> usize {
        self.waiting().len()
    }

    /// Forgets what was recorded after the mark, because those rows were rolled back.
    pub(super) fn forget_after(&self, mark: usize) {
        self.waiting().truncate(mark);
    }
}

impl Work {
    /// Records a row as it is about to stand. Its version is that of its column `version`, or 1 where rows never change; a
    /// row that is written twice in one version breaks the unique key of the evidence.
    ///
    /// # Errors
    /// A fault of ours: a value of a type that evidence does not know.
    pub fn record<M: ModelTrait>(&self, row: &M) -> Result<(), Failure> {
        let table = M::Entity::default().table_name();
        let mut version = 1;
        let mut columns = Vec::new();
        for column in <M::Entity as EntityTrait>::Column::iter() {
            let (name, value) = (column.as_str(), cell(row.get(column))?);
            if let ("version", Cell::Number(number)) = (name, &value) {
                version = *number;
            }
            columns.push((name, if SECRETS.contains(&(table, name)) { value.hidden() } else { value }));
        }
        let (key, content) = (key_of(row)?, record::content(columns));
        self.records.waiting().push(Waiting { table, key, version, content });
        Ok(())
    }
}

/// Writes what the work has recorded, in one statement, stamped with the instant at which it is about to commit.
pub(super) async fn write(work: &Work) -> Result<(), Failure> {
    use Kind::{Big, Bytes, Text, Uuid};
    let waiting = std::mem::take(&mut *work.records.waiting());
    if waiting.is_empty() {
        return Ok(());
    }
    let (book, recorded_at) = (work.book().0, work.clock().business_now().micros());
    let mut rows = Rows::new(&[Uuid, Text, Text, Big, Text, Bytes]);
    for Waiting { table, key, version, content } in waiting {
        let record = Record { book, id: ids::fresh(), table: table.to_owned(), key, version, recorded_at, content };
        let hash = record.hash().to_vec();
        let Record { id, table, key, content, .. } = record;
        rows.push([id.into(), table.into(), key.into(), version.into(), content.into(), hash.into()]);
    }
    let (source, mut values) = rows.source(work.backend(), 3)?;
    values.splice(0..0, [book.into(), recorded_at.into()]);
    let sql = format!(
        "INSERT INTO evidence (book_id, recorded_at, id, table_name, row_key, version, content, leaf_hash) \
         SELECT $1, $2, r.c0, r.c1, r.c2, r.c3, r.c4, r.c5 FROM {source}"
    );
    work.connection().execute_raw(work.statement(&sql, values)).await?;
    Ok(())
}
