//! A set of rows in a statement whose text does not depend on how many there are: arrays by `UNNEST` on PostgreSQL, one run of
//! bytes cut by a counter on SQLite.

use crate::kernel::Failure;
pub use accounting::hexadecimal;
use sea_orm::sea_query::ArrayType;
use sea_orm::{DbBackend, Value};
use std::io::Write;
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
            _ => self.cut(from),
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

    /// SQLite has no arrays, and reading JSON costs it more than writing the rows. So every row becomes a record of the same
    /// width, numbers as digits, texts as their place and length in a second run of bytes, and a counter cuts them out.
    fn cut(self, from: usize) -> Result<(String, Vec<Value>), Failure> {
        let count = self.cells.first().map_or(0, Vec::len);
        let width: usize = self.kinds.iter().map(|kind| kind.width()).sum();
        let (mut records, mut heap) = (vec![b' '; width * count], Vec::new());
        let (mut columns, mut at) = (Vec::new(), 0);
        for (number, (kind, cells)) in self.kinds.iter().zip(self.cells).enumerate() {
            let end = at + kind.width();
            let mut has_null = false;
            for (record, cell) in records.chunks_exact_mut(width).zip(cells) {
                has_null |= is_null(&cell);
                fill(&mut record[at..end], cell, &mut heap)?;
            }
            let cut =
                |from_at: usize, bytes: usize| format!("substr(${from}, n.i * {width} + {}, {bytes})", from_at + 1);
            let digits = |from_at| format!("CAST({} AS INTEGER)", cut(from_at, DIGITS));
            let text = format!("substr(${}, {} + 1, {})", from + 1, digits(at), digits(at + DIGITS));
            let value = match kind {
                Kind::Uuid => cut(at + 1, 16),
                Kind::Big | Kind::Int | Kind::Bool => digits(at),
                Kind::Text => format!("CAST({text} AS TEXT)"),
                Kind::Bytes => text,
            };
            columns.push(if has_null {
                format!("CASE {} WHEN x'{NULL:02x}' THEN NULL ELSE {value} END AS c{number}", cut(at, 1))
            } else {
                format!("{value} AS c{number}")
            });
            at = end;
        }
        let counter = format!(
            "WITH RECURSIVE n(i) AS (SELECT 0 WHERE ${last} > 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${last})",
            last = from + 2
        );
        let count = i64::try_from(count).map_err(Failure::bug)?;
        let source = format!("({counter} SELECT {} FROM n) AS r", columns.join(", "));
        Ok((source, vec![records.into(), heap.into(), count.into()]))
    }
}

/// Digits of a 64-bit integer with its sign.
const DIGITS: usize = 20;
/// The first byte of a null in a record: no number, no place of a text and no blank before a UUID begins with it.
const NULL: u8 = b'N';

impl Kind {
    /// Bytes in a record.
    fn width(self) -> usize {
        match self {
            Self::Uuid => 1 + 16,
            Self::Big | Self::Int | Self::Bool => DIGITS,
            Self::Text | Self::Bytes => 2 * DIGITS,
        }
    }
}

/// Writes a cell into its place of a record, which is blank.
fn fill(place: &mut [u8], cell: Value, heap: &mut Vec<u8>) -> Result<(), Failure> {
    let mut append = |place: &mut [u8], bytes: &[u8]| -> Result<(), Failure> {
        let (begin, length) = place.split_at_mut(DIGITS);
        write_digits(begin, i64::try_from(heap.len()).map_err(Failure::bug)?)?;
        write_digits(length, i64::try_from(bytes.len()).map_err(Failure::bug)?)?;
        heap.extend_from_slice(bytes);
        Ok(())
    };
    match cell {
        cell if is_null(&cell) => place[0] = NULL,
        Value::Uuid(Some(uuid)) => place[1..].copy_from_slice(uuid.as_bytes()),
        Value::String(Some(text)) => append(place, text.as_bytes())?,
        Value::Bytes(Some(bytes)) => append(place, &bytes)?,
        Value::BigInt(Some(number)) => write_digits(place, number)?,
        Value::Int(Some(number)) => write_digits(place, number.into())?,
        Value::Bool(Some(truth)) => write_digits(place, truth.into())?,
        other => return Err(Failure::bug(format!("{other:?} is sent in no column"))),
    }
    Ok(())
}

/// A number before blanks, which SQLite leaves alone when it reads one.
fn write_digits(mut place: &mut [u8], number: i64) -> Result<(), Failure> {
    write!(place, "{number}").map_err(Failure::bug)
}

fn is_null(value: &Value) -> bool {
    matches!(
        value,
        Value::Uuid(None)
            | Value::String(None)
            | Value::BigInt(None)
            | Value::Int(None)
            | Value::Bool(None)
            | Value::Bytes(None)
    )
}
