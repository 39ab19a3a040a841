//! A transaction of the legacy register: its rows, read into one journal, or everything that is wrong with them.

use super::error::ImportRefusal;
use super::register::{self, Register};
use super::survey::Survey;
use super::table::{Fault, Line, Place};
use crate::db::columns::hexadecimal;
use crate::kernel::ids;
use crate::ledger::book_side;
use accounting::{AccountKey, Books, Holding, Journal, JournalKind, Posting, Purpose, Subject, SubjectKind};
use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;
use sha2::{Digest, Sha256};

/// What moved, row by row.
pub const TRANSACTIONS: &str = "transactions.csv";
/// Its columns.
pub const COLUMNS: &[&str] =
    &["seq", "transaction_id", "timestamp", "type", "from_account", "to_account", "asset", "amount"];
/// Number of the column of the sequence number.
pub const SEQ: usize = 0;
/// Number of the column of the id.
pub const ID: usize = 1;
/// Number of the column of the timestamp.
pub const TIMESTAMP: usize = 2;
const KIND: usize = 3;
const FROM: usize = 4;
const TO: usize = 5;
const ASSET: usize = 6;
const AMOUNT: usize = 7;

/// A transaction with all its rows.
#[derive(Debug)]
pub struct Transaction {
    /// The id that the register knew it by.
    pub id: String,
    /// Where it begins.
    pub at: Place,
    /// Where the next one begins: the place to go on from.
    pub next: Place,
    /// The line of each row.
    pub lines: Vec<u64>,
    /// What it has become.
    pub read: Result<Read, Vec<Fault>>,
}

/// A transaction without a fault of form.
#[derive(Debug, Clone)]
pub struct Read {
    /// Sequence number of its first row.
    pub first_seq: i64,
    /// Timestamp of its first row, as it was written.
    pub occurred_at: String,
    /// Type of its first row.
    pub kind: String,
    /// Sequence number, time and type of each row as JSON, where they do not follow from those of the first.
    pub row_facts: Option<String>,
    /// All its rows.
    pub journal: Journal,
}

/// Reads a sequence number.
pub fn read_seq(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The date as it is written: what the register called the day is the legal date, whatever the offset.
pub fn day_of(timestamp: &str) -> Option<Date> {
    let is_dated = timestamp.get(..10).is_some_and(|day| day.as_bytes()[4] == b'-' && day.as_bytes()[7] == b'-');
    if !is_dated || !timestamp.starts_with(|char: char| char.is_ascii_digit()) {
        return None;
    }
    // Nearly every timestamp of a register is a date, or a date and a time without a fraction; the parser takes the rest. No calendar of
    // those who read an export has a year 0.
    Pieces::parse(timestamp).ok().map(|pieces| pieces.date()).filter(|date| date.year() > 0)
}

/// Gathers the rows of a transaction.
pub struct Gathering<'s> {
    register: &'s Register,
    survey: &'s Survey,
    id: String,
    at: Place,
    lines: Vec<u64>,
    faults: Vec<Fault>,
    seqs: Vec<i64>,
    occurred_at: String,
    kind: String,
    /// Number of a row with its own time and type.
    others: Vec<(usize, String, String)>,
    day: Option<Date>,
    postings: Vec<Posting>,
}

impl<'s> Gathering<'s> {
    /// Begins with the place of the first row.
    pub fn begin(register: &'s Register, survey: &'s Survey, line: &Line<'_>) -> Self {
        let mut faults = Vec::new();
        let id =
            line.required(ID, &mut faults).map_or_else(|| String::from_utf8_lossy(line.raw(ID)).into(), str::to_owned);
        Self {
            register,
            survey,
            id,
            at: line.place,
            lines: Vec::new(),
            faults,
            seqs: Vec::new(),
            occurred_at: String::new(),
            kind: String::new(),
            others: Vec::new(),
            day: None,
            postings: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn add(&mut self, line: &Line<'_>) {
        let number = self.lines.len();
        self.lines.push(line.place.line);
        if !line.must_be_whole(&mut self.faults) {
            return;
        }
        self.add_seq(line);
        self.add_facts(line, number);
        self.add_posting(line);
    }

    fn add_seq(&mut self, line: &Line<'_>) {
        let Some(text) = line.required(SEQ, &mut self.faults) else { return };
        match (read_seq(text), self.survey.out_of_order.get(&line.place.byte)) {
            (None, _) => self.faults.push(line.fault(SEQ, &ImportRefusal::BadSeq {})),
            (_, Some(before)) => {
                self.faults.push(line.fault(SEQ, &ImportRefusal::SeqNotAscending { before: before.to_string() }));
            }
            (Some(seq), None) => self.seqs.push(seq),
        }
    }

    /// The time and the type: those of the first row are those of the transaction, others are kept beside them.
    fn add_facts(&mut self, line: &Line<'_>, number: usize) {
        let timestamp = line.required(TIMESTAMP, &mut self.faults);
        let (Some(timestamp), Some(kind)) = (timestamp, line.text(KIND, &mut self.faults)) else { return };
        if number > 0 && timestamp == self.occurred_at && kind == self.kind {
            return;
        }
        let Some(day) = day_of(timestamp) else {
            return self.faults.push(line.fault(TIMESTAMP, &ImportRefusal::BadTimestamp {}));
        };
        if number == 0 {
            self.day = Some(day);
            timestamp.clone_into(&mut self.occurred_at);
            kind.clone_into(&mut self.kind);
        } else {
            self.others.push((number, timestamp.to_owned(), kind.to_owned()));
        }
    }

    fn add_posting(&mut self, line: &Line<'_>) {
        let faults = &mut self.faults;
        let counted = register::counted(self.register, line, ASSET, faults);
        let to = register::holder(self.register, line, TO, faults);
        let from = match line.raw(FROM) {
            b"" => Some(None),
            _ => register::holder(self.register, line, FROM, faults).map(Some),
        };
        let units = counted.and_then(|counted| register::units(counted, line, AMOUNT, faults));
        let (Some(counted), Some(to), Some(from), Some(units)) = (counted, to, from, units) else { return };
        let available = |owner| -> AccountKey { Holding { owner, asset: counted.asset }.available() };
        let from =
            from.map_or_else(|| book_side(counted.asset).account(Purpose::Issued), |holder| available(holder.owner));
        let to = available(to.owner);
        match Posting::transfer(from, to, units) {
            Ok(posting) => self.postings.push(posting),
            Err(_) if from == to => faults.push(line.fault(TO, &ImportRefusal::SameAccount {})),
            Err(_) => faults.push(line.fault(AMOUNT, &ImportRefusal::NotPositive {})),
        }
    }

    /// The transaction; `next` is where the file goes on after its first rows.
    pub fn finish(mut self, next: Place) -> Transaction {
        for fault in &mut self.faults {
            fault.transaction = Some(self.id.clone());
        }
        let read = match (self.day, self.seqs.first().copied()) {
            (Some(day), Some(first_seq)) if self.faults.is_empty() => Ok(self.read(day, first_seq)),
            _ => Err(std::mem::take(&mut self.faults)),
        };
        Transaction { id: self.id, at: self.at, next, lines: self.lines, read }
    }

    fn read(&mut self, day: Date, first_seq: i64) -> Read {
        let row_facts = self.row_facts(first_seq);
        let id = ids::fresh_journal();
        let subject = Subject { kind: SubjectKind::LegacyTransaction, id: id.0, version: 1 };
        let postings = std::mem::take(&mut self.postings);
        // Everything that the register said of the transaction is in the journal and so under its hash.
        let reason = format!("{}\t{}\t{}\t{first_seq}", self.kind, self.id, self.occurred_at);
        let hash = row_facts.as_ref().map(|facts| hexadecimal(&Sha256::digest(facts.as_bytes())));
        Read {
            first_seq,
            occurred_at: std::mem::take(&mut self.occurred_at),
            kind: std::mem::take(&mut self.kind),
            row_facts,
            journal: Journal::new(id, JournalKind::LegacyTransaction, subject, day, postings)
                .because(Some(reason))
                .proved_by(hash),
        }
    }

    fn row_facts(&self, first_seq: i64) -> Option<String> {
        let follows = self.seqs.iter().zip(first_seq..).all(|(seq, wanted)| *seq == wanted);
        if follows && self.others.is_empty() {
            return None;
        }
        let mut others = self.others.iter().peekable();
        let rows = self.seqs.iter().enumerate().map(|(number, seq)| {
            let own = others.next_if(|(at, _, _)| *at == number);
            let (time, kind) = own.map_or((&self.occurred_at, &self.kind), |(_, time, kind)| (time, kind));
            serde_json::json!([seq, time, kind])
        });
        Some(serde_json::Value::from(rows.collect::<Vec<_>>()).to_string())
    }
}

impl Transaction {
    /// Judges it on books, which change when it passes.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn judge(&self, books: &mut Books, register: &Register) -> Result<&Read, Vec<Fault>> {
        let read = self.read.as_ref().map_err(Clone::clone)?;
        register::apply(books, &read.journal).map(|()| read).map_err(|(at, insufficient)| {
            let line = self.lines.get(at).copied().unwrap_or(self.at.line);
            let mut fault = Fault::new(TRANSACTIONS, line, &register.explain(insufficient));
            fault.transaction = Some(self.id.clone());
            vec![fault]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_begins_with_its_legal_date() {
        for written in [
            "2016-12-31",
            "2016-12-31T23:59:59",
            "2016-12-31 23:59:59.123",
            "2016-12-31T23:59:59Z",
            "2016-12-31T23:59:59+08:00",
            "2016-12-31 08:00",
        ] {
            assert_eq!(day_of(written).map(|day| day.to_string()), Some("2016-12-31".to_owned()), "{written}");
        }
        for refused in [
            "",
            "31.12.2016",
            "2016-02-30",
            "2016-12-31 and so on",
            "-002016-12-31",
            "20161231",
            "2016-12-3",
            "0000-01-01",
        ] {
            assert_eq!(day_of(refused), None, "{refused}");
        }
    }

    #[test]
    fn a_sequence_number_is_digits() {
        assert_eq!(read_seq("0012"), Some(12));
        for refused in ["", "-1", "+1", "1.0", "一", "9223372036854775808"] {
            assert_eq!(read_seq(refused), None, "{refused}");
        }
    }
}
