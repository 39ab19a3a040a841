//! The canonical form of an evidence record (存证规范格式), version 1, and its leaf hash: a business row as it was at one of
//! its versions, every column of it. `docs/RECORD-FORMAT.md` describes it for a stranger, with a test vector.

use crate::leaf::Lines;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use uuid::Uuid;

/// First line of the canonical form; a changed form gets another number.
pub const VERSION: &str = "ganhe-record/1";

/// What one column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing (SQL null).
    Absent,
    /// An id.
    Id(Uuid),
    /// A whole number: an amount, an instant, a count.
    Number(i64),
    /// True or false.
    Truth(bool),
    /// Text.
    Text(String),
    /// Raw bytes.
    Bytes(Vec<u8>),
    /// A secret, told by its SHA-256 alone: who reads the evidence must not learn a key or the hash of a password.
    Secret([u8; 32]),
}

impl Cell {
    /// Keeps a text secret; what is absent stays so, and anything else is told as it is.
    #[must_use]
    pub fn hidden(self) -> Self {
        match self {
            Self::Text(text) => Self::Secret(Sha256::digest(text.as_bytes()).into()),
            other => other,
        }
    }

    /// The value as it stands in a line: each kind has a form of its own, so no value can pass for one of another kind.
    fn canonical(&self) -> String {
        match self {
            Self::Absent => "-".to_owned(),
            Self::Id(id) => id.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Truth(truth) => truth.to_string(),
            Self::Text(text) => format!("{} {text}", text.len()),
            Self::Bytes(bytes) => format!("x{}", hexadecimal(bytes)),
            Self::Secret(hash) => format!("sha256 {}", hexadecimal(hash)),
        }
    }
}

/// Lower-case hexadecimal digits.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The lines of a row's columns, in the order of the bytes of their names.
pub fn content<'a>(columns: impl IntoIterator<Item = (&'a str, Cell)>) -> String {
    let mut columns: Vec<(&str, Cell)> = columns.into_iter().collect();
    columns.sort_by_key(|(name, _)| *name);
    columns.iter().fold(String::new(), |mut text, (name, cell)| {
        let _ = writeln!(text, "column {name} {}", cell.canonical());
        text
    })
}

/// Names and canonical values of a content that was read back; nothing when it is none.
pub fn columns(content: &str) -> Option<Vec<(&str, &str)>> {
    let mut found = Vec::new();
    let mut rest = content;
    while !rest.is_empty() {
        let (name, from) = rest.strip_prefix("column ")?.split_once(' ')?;
        let line = from.find('\n')?;
        // Text tells its length, and may have line feeds within.
        let length = from[..line].split_once(' ').and_then(|(length, _)| Some((length.len(), length.parse().ok()?)));
        let end =
            length.map_or(Some(line), |(digits, bytes): (usize, usize)| digits.checked_add(1)?.checked_add(bytes))?;
        let value = from.get(..end)?;
        rest = from.get(end..)?.strip_prefix('\n')?;
        found.push((name, value));
    }
    Some(found)
}

/// An evidence record: one version of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Number of the book.
    pub book: i32,
    /// Its identity.
    pub id: Uuid,
    /// Table of the row.
    pub table: String,
    /// Key of the row: its key columns in order, joined by a blank.
    pub key: String,
    /// Version of the row, counted from 1.
    pub version: i64,
    /// When the work that wrote the row was about to commit, in microseconds since 1970 UTC, in business time.
    pub recorded_at: i64,
    /// The lines of its columns.
    pub content: String,
}

impl Record {
    /// The canonical bytes. Free text carries its length in bytes, so that no text can pass for another line.
    pub fn canonical(&self) -> String {
        let Self { book, id, table, key, version, recorded_at, content } = self;
        format!(
            "{VERSION}\nbook {book}\nid {id}\ntable {table}\nrow {} {key}\nversion {version}\nrecorded_at {recorded_at}\n\
             {content}",
            key.len()
        )
    }

    /// Reads a canonical form back; nothing when the text is not exactly the form of some record.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = Lines::of(text, VERSION)?;
        let record = Self {
            book: lines.plain("book")?.parse().ok()?,
            id: lines.plain("id")?.parse().ok()?,
            table: lines.plain("table")?.to_owned(),
            key: lines.text("row")?.value()?,
            version: lines.plain("version")?.parse().ok()?,
            recorded_at: lines.plain("recorded_at")?.parse().ok()?,
            content: lines.rest().to_owned(),
        };
        (columns(&record.content).is_some() && record.canonical() == text).then_some(record)
    }

    /// The leaf hash of RFC 6962: SHA-256 of a zero byte and the canonical bytes.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::new().chain_update([0]).chain_update(self.canonical().as_bytes()).finalize().into()
    }
}
