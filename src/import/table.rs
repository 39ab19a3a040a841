//! Reading a CSV file row by row: the columns by the names of its first line, and where each row stands.

use super::error::ImportRefusal;
use super::lines::Numbered;
use crate::db::columns::hexadecimal;
use crate::kernel::{Refusal, Violation};
use csv::{ByteRecord, Position};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};

/// Longest text of a field, in characters: it fits into an index of either database.
const LONGEST: usize = 200;

/// Something wrong in a file, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Name of the file.
    pub file: String,
    /// Its line, from 1.
    pub line: u64,
    /// The transaction that is refused for it.
    pub transaction: Option<String>,
    /// Code, field and message.
    pub violation: Violation,
}

impl Fault {
    /// A fault in a file; the refusal names the field.
    pub fn new(file: &str, line: u64, refusal: &ImportRefusal) -> Self {
        Self { file: file.to_owned(), line, transaction: None, violation: refusal.violation() }
    }

    /// A fault of a field of which the refusal does not know the name.
    pub fn at(file: &str, line: u64, field: &str, refusal: &ImportRefusal) -> Self {
        let mut fault = Self::new(file, line, refusal);
        field.clone_into(&mut fault.violation.field);
        fault
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { code, field, zh, en, .. } = &self.violation;
        write!(out, "{}:{}: {code} {}: {en} / {zh}", self.file, self.line, if field.is_empty() { "-" } else { field })?;
        self.transaction.as_ref().map_or(Ok(()), |transaction| write!(out, " [transaction {transaction}]"))
    }
}

/// Where a row begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// Bytes before it.
    pub byte: u64,
    /// Its line, from 1.
    pub line: u64,
}

/// A source that is hashed as it is read.
pub struct Hashed<R> {
    source: R,
    hash: Sha256,
}

impl<R> Hashed<R> {
    /// Nothing read yet.
    pub fn new(source: R) -> Self {
        Self { source, hash: Sha256::new() }
    }

    /// SHA-256 of what was read, in hexadecimal.
    pub fn digest(&self) -> String {
        hexadecimal(&self.hash.clone().finalize())
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}

/// A file with a first line that names its columns; other columns than the wanted ones are left alone.
pub struct Table<R> {
    file: &'static str,
    names: &'static [&'static str],
    columns: Vec<usize>,
    width: usize,
    reader: csv::Reader<Numbered<R>>,
    record: ByteRecord,
    /// Where the row that was read last begins.
    begins: Place,
    is_held: bool,
}

impl<R: Read> Table<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// [`ImportRefusal::Unreadable`], [`ImportRefusal::LineEnd`], [`ImportRefusal::MissingColumn`],
    /// [`ImportRefusal::DuplicateColumn`], all at once.
    pub fn begin(file: &'static str, source: R, names: &'static [&'static str]) -> Result<Self, Vec<Fault>> {
        // The first line is read like the others, so that a fault in it has a line too. A row with too many or too few
        // fields is a fault of that row, not the end of the reading.
        let mut reader = csv::ReaderBuilder::new();
        reader.has_headers(false).flexible(true).buffer_capacity(1 << 16);
        let mut table = Self {
            file,
            names,
            columns: Vec::new(),
            width: 0,
            reader: reader.from_reader(Numbered::new(source)),
            record: ByteRecord::new(),
            begins: Place { byte: 0, line: 1 },
            is_held: false,
        };
        table.read()?;
        table.is_held = false;
        table.width = table.record.len();
        let (mut faults, line) = (Vec::new(), table.begins.line);
        for name in names {
            let mut found = table.record.iter().enumerate().filter(|(_, field)| *field == name.as_bytes());
            let column = (*name).to_owned();
            match (found.next(), found.next()) {
                (Some((at, _)), None) => table.columns.push(at),
                (None, _) => faults.push(Fault::at(file, line, name, &ImportRefusal::MissingColumn { column })),
                (Some(_), Some(_)) => {
                    faults.push(Fault::at(file, line, name, &ImportRefusal::DuplicateColumn { column }));
                }
            }
        }
        if faults.is_empty() { Ok(table) } else { Err(faults) }
    }

    fn read(&mut self) -> Result<bool, Vec<Fault>> {
        self.is_held = self.reader.read_byte_record(&mut self.record).map_err(|error| {
            let line = error.position().map_or(1, Position::line);
            vec![Fault::new(self.file, line, &ImportRefusal::Unreadable { reason: error.to_string() })]
        })?;
        let from = self.record.position().map_or(0, Position::byte);
        let lines = self.reader.get_mut();
        if let Some(line) = lines.lone_return() {
            return Err(vec![Fault::new(self.file, line, &ImportRefusal::LineEnd {})]);
        }
        if self.is_held {
            self.begins = lines.start_from(from).unwrap_or(self.begins);
        }
        Ok(self.is_held)
    }

    /// The row at hand, read when there is none; nothing at the end of the file.
    ///
    /// # Errors
    /// [`ImportRefusal::Unreadable`], [`ImportRefusal::LineEnd`].
    pub fn peek(&mut self) -> Result<Option<Line<'_>>, Vec<Fault>> {
        if !self.is_held && !self.read()? {
            return Ok(None);
        }
        let Self { file, names, columns, width, record, begins, .. } = self;
        Ok(Some(Line { file, names, columns, width: *width, record, place: *begins }))
    }

    /// Goes on to the next row.
    pub fn advance(&mut self) {
        self.is_held = false;
    }

    /// Where the row at hand begins, or the file ends.
    ///
    /// # Errors
    /// [`ImportRefusal::Unreadable`], [`ImportRefusal::LineEnd`].
    pub fn place(&mut self) -> Result<Place, Vec<Fault>> {
        if let Some(line) = self.peek()? {
            return Ok(line.place);
        }
        let end = self.reader.position();
        Ok(Place { byte: end.byte(), line: end.line() })
    }

    /// What is read from.
    pub fn source(&self) -> &R {
        self.reader.get_ref().source()
    }
}

impl<R: Read + Seek> Table<R> {
    /// Goes to a row.
    ///
    /// # Errors
    /// [`ImportRefusal::Unreadable`].
    pub fn go_to(&mut self, place: Place) -> Result<(), Vec<Fault>> {
        let mut position = Position::new();
        position.set_byte(place.byte).set_line(place.line);
        self.is_held = false;
        self.reader.get_mut().leads_to(place.line);
        self.reader.seek_raw(SeekFrom::Start(place.byte), position).map_err(|error| {
            vec![Fault::new(self.file, place.line, &ImportRefusal::Unreadable { reason: error.to_string() })]
        })
    }
}

/// A row.
#[derive(Clone, Copy)]
pub struct Line<'t> {
    file: &'static str,
    names: &'static [&'static str],
    columns: &'t [usize],
    width: usize,
    record: &'t ByteRecord,
    /// Where it begins.
    pub place: Place,
}

impl<'t> Line<'t> {
    /// The bytes of a wanted column, by its number among the names.
    pub fn raw(&self, column: usize) -> &'t [u8] {
        self.columns.get(column).and_then(|at| self.record.get(*at)).unwrap_or_default()
    }

    /// A fault of a column of this row.
    pub fn fault(&self, column: usize, refusal: &ImportRefusal) -> Fault {
        Fault::at(self.file, self.place.line, self.names.get(column).copied().unwrap_or_default(), refusal)
    }

    /// Notes when the row has another number of fields than the first line.
    pub fn must_be_whole(&self, faults: &mut Vec<Fault>) -> bool {
        let is_whole = self.record.len() == self.width;
        if !is_whole {
            let refusal =
                ImportRefusal::FieldCount { found: self.record.len().to_string(), wanted: self.width.to_string() };
            faults.push(Fault::new(self.file, self.place.line, &refusal));
        }
        is_whole
    }

    /// Whether a field goes on over the end of the line.
    pub fn has_line_break(&self) -> bool {
        self.record.as_slice().iter().any(|byte| matches!(byte, b'\n' | b'\r'))
    }

    /// The text of a column, which may be empty; notes what is wrong with it.
    pub fn text(&self, column: usize, faults: &mut Vec<Fault>) -> Option<&'t str> {
        let refusal = match std::str::from_utf8(self.raw(column)) {
            Err(_) => ImportRefusal::NotUtf8 {},
            Ok(text) if text.len() > LONGEST && text.chars().count() > LONGEST => {
                ImportRefusal::TooLong { max: LONGEST.to_string() }
            }
            Ok(text) if text.chars().any(char::is_control) => ImportRefusal::ControlCharacter {},
            Ok(text) => return Some(text),
        };
        faults.push(self.fault(column, &refusal));
        None
    }

    /// The text of a column that must not be empty; notes what is wrong with it.
    pub fn required(&self, column: usize, faults: &mut Vec<Fault>) -> Option<&'t str> {
        let text = self.text(column, faults)?;
        if text.is_empty() {
            faults.push(self.fault(column, &ImportRefusal::Required {}));
            return None;
        }
        Some(text)
    }
}
