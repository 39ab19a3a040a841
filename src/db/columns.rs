//! A set of rows in a statement whose text does not depend on how many there are: arrays by `UNNEST` on PostgreSQL, one JSON
//! text by `json_each` on SQLite.

use crate::kernel::Failure;
pub use accounting::hexadecimal;
use sea_orm::sea_query::ArrayType;
use sea_orm::{DbBackend, Value};
use uuid::Uuid;

/// The type of a column that is sent as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A UUID.
    Uuid,
    /// Text.
    Text,
    /// A 64-bit integer.
    Big,
    /// A 32-bit integer.
    Int,
    /// A truth value.
    Bool,
    /// Raw bytes.
    Bytes,
}

/// A set of rows on its way to the database, column by column.
pub struct Rows {
    kinds: &'static [Kind],
    cells: Vec<Vec<Value>>,
}

impl Rows {
    /// No rows yet, of columns of these types.
    pub fn new(kinds: &'static [Kind]) -> Self {
        Self { kinds, cells: vec![Vec::new(); kinds.len()] }
    }

    /// Adds a row.
    pub fn push(&mut self, row: impl IntoIterator<Item = Value>) {
        for (column, value) in self.cells.iter_mut().zip(row) {
            column.push(value);
        }
    }

    /// The rows as a table expression with columns `c0`, `c1` …, and the values to bind from `$from` on.
    ///
    /// # Errors
    /// A fault when a value is none of these types.
    pub fn source(self, backend: DbBackend, from: usize) -> Result<(String, Vec<Value>), Failure> {
        match backend {
            DbBackend::Postgres => Ok(self.unnest(from)),
            _ => self.json_each(from),
        }
    }

    /// An array with a null in it cannot be bound, so a column that has nulls brings a second one that tells where.
    fn unnest(self, from: usize) -> (String, Vec<Value>) {
        let (mut casts, mut names, mut columns) = (Vec::new(), Vec::new(), Vec::new());
        let mut values = Vec::new();
        let mut bind = |array: ArrayType, cast: &str, name: String, cells: Vec<Value>| {
            casts.push(format!("${}::{cast}[]", from + values.len()));
            names.push(name);
            values.push(Value::Array(array, Some(Box::new(cells))));
        };
        for (at, (kind, mut cells)) in self.kinds.iter().zip(self.cells).enumerate() {
            let (array, cast, filler) = match kind {
                Kind::Uuid => (ArrayType::Uuid, "uuid", Uuid::nil().into()),
                Kind::Text => (ArrayType::String, "text", "".into()),
                Kind::Big => (ArrayType::BigInt, "bigint", 0_i64.into()),
                Kind::Int => (ArrayType::Int, "int", 0_i32.into()),
                Kind::Bool => (ArrayType::Bool, "boolean", false.into()),
                Kind::Bytes => (ArrayType::Bytes, "bytea", Vec::<u8>::new().into()),
            };
            let nulls: Vec<bool> = cells.iter().map(is_null).collect();
            if nulls.contains(&true) {
                cells.iter_mut().filter(|cell| is_null(cell)).for_each(|cell| *cell = Value::clone(&filler));
                bind(ArrayType::Bool, "boolean", format!("n{at}"), nulls.into_iter().map(Value::from).collect());
                columns.push(format!("CASE WHEN u.n{at} THEN NULL ELSE u.c{at} END AS c{at}"));
            } else {
                columns.push(format!("u.c{at}"));
            }
            bind(array, cast, format!("c{at}"), cells);
        }
        let (columns, casts, names) = (columns.join(", "), casts.join(", "), names.join(", "));
        (format!("(SELECT {columns} FROM UNNEST({casts}) AS u({names})) AS r"), values)
    }

    fn json_each(self, from: usize) -> Result<(String, Vec<Value>), Failure> {
        let count = self.cells.first().map_or(0, Vec::len);
        let mut rows = vec![Vec::with_capacity(self.kinds.len()); count];
        for column in self.cells {
            for (row, value) in rows.iter_mut().zip(column) {
                row.push(json(value)?);
            }
        }
        let columns: Vec<String> = self
            .kinds
            .iter()
            .enumerate()
            .map(|(at, kind)| match kind {
                Kind::Uuid | Kind::Bytes => format!("unhex(json_extract(value, '$[{at}]')) AS c{at}"),
                _ => format!("json_extract(value, '$[{at}]') AS c{at}"),
            })
            .collect();
        let text = serde_json::to_string(&rows).map_err(Failure::bug)?;
        Ok((format!("(SELECT {} FROM json_each(${from})) AS r", columns.join(", ")), vec![text.into()]))
    }
}

fn is_null(value: &Value) -> bool {
    matches!(
        value,
        Value::Uuid(None) | Value::String(None) | Value::BigInt(None) | Value::Int(None) | Value::Bool(None)
    )
}

fn json(value: Value) -> Result<serde_json::Value, Failure> {
    Ok(match value {
        Value::Uuid(uuid) => uuid.map(|uuid| uuid.simple().to_string()).into(),
        Value::String(text) => text.into(),
        Value::BigInt(number) => number.into(),
        Value::Int(number) => number.into(),
        Value::Bool(truth) => truth.map(i32::from).into(),
        Value::Bytes(bytes) => bytes.map(|bytes| hexadecimal(&bytes)).into(),
        other => return Err(Failure::bug(format!("{other:?} is sent in no column"))),
    })
}
