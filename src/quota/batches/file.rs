//! Reading the rows of a batch from a file or a list: every fault of every row at once, each with its place.

use super::super::error::QuotaRefusal;
use super::{BatchRow, Form};
use crate::http::Fields;
use crate::http::shape::turns_direction;
use crate::http::upload::line_at;
use crate::kernel::{Failure, Kind, Refusal, Violation};
use crate::parties::{PartyRefusal, Pollutant};
use accounting::{Origin, Validity};
use calamine::{DataRef, Reader as _, Xlsx};
use std::collections::HashMap;
use std::io::{self, Cursor, Read};

/// Most rows of a batch: a whole province, and room to spare.
pub const MOST_ROWS: usize = 200_000;
/// Most faults that are told one by one; of the others the number is told.
const MOST_FAULTS: usize = 10_000;
/// Bytes that a workbook may unpack to: ten times what a province needs, and no bomb.
const LARGEST_UNPACKED: u64 = 256 * 1024 * 1024;

/// The columns: name, Chinese name, whether a file must have it.
const COLUMNS: [(&str, &str, bool); 8] = [
    ("site", "排污单位编号", true),
    ("pollutant", "污染物", true),
    ("origin", "取得方式", true),
    ("valid_from", "有效期起", true),
    ("valid_to", "有效期止", true),
    ("zone", "流域或城市", false),
    ("quantity", "数量", true),
    ("document", "核定文号", false),
];

/// The cells of a row in the order of the columns; an empty one says nothing.
pub type Cells = [String; COLUMNS.len()];

/// Faults with their places; beyond a number they are only counted.
#[derive(Debug, Default)]
pub struct Faults {
    told: Vec<Violation>,
    more: u64,
}

impl Faults {
    /// Notes a broken rule at a place.
    pub fn note(&mut self, place: &str, violation: Violation) {
        if self.told.len() < MOST_FAULTS {
            self.told.push(violation.within(place));
        } else {
            self.more += 1;
        }
    }

    /// Notes a refusal at a place.
    pub fn refuse(&mut self, place: &str, refusal: &impl Refusal) {
        self.note(place, refusal.violation());
    }

    /// Whether nothing was noted.
    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// # Errors
    /// Every fault, when there is one.
    pub fn finish(mut self) -> Result<(), Failure> {
        if self.told.is_empty() {
            return Ok(());
        }
        if self.more > 0 {
            self.told.push(QuotaRefusal::MoreFaults { count: self.more.to_string() }.violation());
        }
        Err(Failure { kind: Kind::Refused, violations: self.told, source: None })
    }
}

/// The rows of a CSV file in UTF-8.
///
/// # Errors
/// Every fault of every row.
pub(super) fn read_csv(content: &[u8], pollutants: &HashMap<String, Pollutant>) -> Result<Vec<BatchRow>, Failure> {
    let content = content.strip_prefix("\u{feff}".as_bytes()).unwrap_or(content);
    let mut source = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(content);
    let mut reading = Reading::new(Form::File, pollutants);
    let mut record = csv::StringRecord::new();
    loop {
        match source.read_record(&mut record) {
            Ok(false) => return reading.finish(),
            Ok(true) => {
                let line = record.position().map_or(1, |at| line_at(content, at.byte(), at.line()));
                reading.take(line, &record.iter().collect::<Vec<_>>());
            }
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                reading.broken(line, error.to_string());
                return reading.finish();
            }
        }
        if reading.is_over() {
            return reading.finish();
        }
    }
}

/// The rows of the first sheet of a workbook.
///
/// # Errors
/// Every fault of every row; [`QuotaRefusal::Unreadable`] of a workbook that is none.
pub(super) fn read_xlsx(content: &[u8], pollutants: &HashMap<String, Pollutant>) -> Result<Vec<BatchRow>, Failure> {
    let mut reading = Reading::new(Form::File, pollutants);
    match fill_from_workbook(content, &mut reading) {
        Ok(()) => reading.finish(),
        Err(reason) => Err(QuotaRefusal::Unreadable { reason }.into()),
    }
}

fn fill_from_workbook(content: &[u8], reading: &mut Reading<'_>) -> Result<(), String> {
    expect_small(content).map_err(|error| error.to_string())?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(content)).map_err(|error| error.to_string())?;
    let sheet = book.sheet_names().first().cloned().ok_or_else(|| "no sheet".to_owned())?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(|error| error.to_string())?;
    let mut row: (u32, Vec<String>) = (0, Vec::new());
    loop {
        let cell = cells.next_cell().map_err(|error| error.to_string())?;
        let at = cell.as_ref().map(calamine::Cell::get_position);
        if at.is_none_or(|(line, _)| line != row.0) {
            let texts: Vec<&str> = row.1.iter().map(String::as_str).collect();
            reading.take(u64::from(row.0) + 1, &texts);
            row.1.clear();
        }
        let (Some(cell), Some((line, column))) = (cell, at) else { return Ok(()) };
        if reading.is_over() {
            return Ok(());
        }
        row.0 = line;
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        let text = text_of(cell.get_value());
        // A cell far to the right is a fault of its row like one just beyond the last column.
        let column = column.min(COLUMNS.len());
        if !text.is_empty() {
            row.1.resize(row.1.len().max(column + 1), String::new());
            row.1[column] = text;
        }
    }
}

/// Unpacks a workbook into nothing, to learn how large it is.
fn expect_small(content: &[u8]) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(Cursor::new(content))?;
    let mut left = LARGEST_UNPACKED;
    for at in 0..archive.len() {
        let unpacked = io::copy(&mut archive.by_index(at)?.take(left), &mut io::sink())?;
        left -= unpacked;
        if left == 0 {
            return Err(io::Error::other(format!("it unpacks to more than {LARGEST_UNPACKED} bytes")));
        }
    }
    Ok(())
}

/// A cell as the text that a person would have typed. Numbers are told to their last digit: what a spreadsheet has computed in
/// binary is over-precise and refused, not rounded.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.trim().to_owned(),
        DataRef::Error(error) => error.to_string(),
        DataRef::DateTime(moment) => match moment.to_ymd_hms_milli() {
            (year, month, day, 0, 0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
            moment => format!("{moment:?}"),
        },
    }
}

/// Free or paid, in either language.
fn origin_of(word: &str) -> Option<Origin> {
    match word {
        "free" | "无偿" => Some(Origin::Free),
        "paid" | "有偿" => Some(Origin::Paid),
        _ => None,
    }
}

/// The rows of a list.
///
/// # Errors
/// Every fault of every row.
pub(super) fn read_items(items: &[Cells], pollutants: &HashMap<String, Pollutant>) -> Result<Vec<BatchRow>, Failure> {
    let mut reading = Reading::new(Form::List, pollutants);
    reading.columns = Some((0..COLUMNS.len()).map(Some).collect());
    reading.width = COLUMNS.len();
    for (line, cells) in (1..).zip(items) {
        reading.take(line, &cells.each_ref().map(String::as_str));
    }
    reading.finish()
}

/// A batch while it is read.
struct Reading<'p> {
    form: Form,
    pollutants: &'p HashMap<String, Pollutant>,
    /// Where each of the known columns stands, once the first line was read.
    columns: Option<Vec<Option<usize>>>,
    width: usize,
    rows: Vec<BatchRow>,
    faults: Faults,
    is_over: bool,
}

impl<'p> Reading<'p> {
    fn new(form: Form, pollutants: &'p HashMap<String, Pollutant>) -> Self {
        let (columns, rows, faults) = (None, Vec::new(), Faults::default());
        Self { form, pollutants, columns, width: 0, rows, faults, is_over: false }
    }

    /// Whether it makes no sense to read on.
    fn is_over(&self) -> bool {
        self.is_over
    }

    fn broken(&mut self, line: u64, reason: String) {
        self.faults.refuse(&self.form.place(line), &QuotaRefusal::Unreadable { reason });
        self.is_over = true;
    }

    fn finish(mut self) -> Result<Vec<BatchRow>, Failure> {
        if self.rows.is_empty() && self.faults.is_empty() {
            self.faults.refuse("", &QuotaRefusal::NoRows {});
        }
        self.faults.finish()?;
        Ok(self.rows)
    }

    /// Takes a row in; the first one of a file names the columns, an empty one says nothing.
    fn take(&mut self, line: u64, cells: &[&str]) {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        let place = self.form.place(line);
        let Some(columns) = self.columns.clone() else {
            self.begin(&place, cells);
            return;
        };
        if self.rows.len() >= MOST_ROWS {
            self.faults.refuse(&place, &QuotaRefusal::TooManyRows { max: MOST_ROWS.to_string() });
            self.is_over = true;
            return;
        }
        if cells.len() > self.width && cells.iter().skip(self.width).any(|cell| !cell.trim().is_empty()) {
            let (found, wanted) = (cells.len().to_string(), self.width.to_string());
            self.faults.refuse(&place, &QuotaRefusal::FieldCount { found, wanted });
            return;
        }
        let cell = |at: usize| columns[at].and_then(|at| cells.get(at)).map_or("", |cell| cell.trim());
        match self.read_row(line, std::array::from_fn(cell)) {
            Ok(row) => self.rows.push(row),
            Err(failure) => failure.violations.into_iter().for_each(|fault| self.faults.note(&place, fault)),
        }
    }

    /// Finds the columns by their names.
    fn begin(&mut self, place: &str, names: &[&str]) {
        let mut columns = vec![None; COLUMNS.len()];
        for (at, name) in names.iter().enumerate().map(|(at, name)| (at, name.trim())) {
            let known = COLUMNS.iter().position(|(column, zh, _)| name.eq_ignore_ascii_case(column) || name == *zh);
            let column = name.chars().take(200).collect::<String>();
            match known {
                Some(known) if columns[known].is_none() => columns[known] = Some(at),
                Some(_) => self.faults.refuse(place, &QuotaRefusal::DuplicateColumn { column }),
                None => self.faults.refuse(place, &QuotaRefusal::UnknownColumn { column }),
            }
        }
        let missing = COLUMNS.iter().zip(&columns).filter(|((_, _, must), at)| *must && at.is_none());
        for ((name, ..), _) in missing {
            self.faults.refuse(place, &QuotaRefusal::MissingColumn { column: (*name).to_owned() });
        }
        (self.columns, self.width, self.is_over) = (Some(columns), names.len(), !self.faults.is_empty());
    }

    fn read_row(&self, line: u64, cells: [&str; COLUMNS.len()]) -> Result<BatchRow, Failure> {
        let [site, pollutant, origin, from, to, zone, quantity, document] = cells;
        let mut fields = Fields::default();
        for ((name, ..), cell) in COLUMNS.iter().zip(cells) {
            if cell.chars().any(|char| char.is_control() || turns_direction(char)) {
                fields.take::<(), _>(name, Err(QuotaRefusal::BadCharacter {}));
            }
        }
        let site = fields.text("site", site);
        let unknown = || PartyRefusal::UnknownPollutant { code: pollutant.chars().take(50).collect() };
        let known = fields.take("", self.pollutants.get(pollutant).ok_or_else(unknown));
        let quantity = known.and_then(|known| fields.quantity("quantity", quantity, &known.measure));
        let origin = fields.word("origin", origin, origin_of, &["free", "paid"]);
        let days = fields.date("valid_from", from).zip(fields.date("valid_to", to));
        let validity = days.and_then(|(from, to)| {
            fields.take("", Validity::try_new(from, to).map_err(|_| PartyRefusal::BadValidity {}))
        });
        let optional = |text: &'_ str| (!text.is_empty()).then_some(text.to_owned());
        let zone = fields.optional_text("zone", optional(zone).as_deref());
        let document = fields.optional_text("document", optional(document).as_deref());
        let whole = site.zip(quantity).zip(origin).zip(validity);
        let row = whole.map(|(((site, quantity), origin), validity)| BatchRow {
            line,
            site,
            pollutant: pollutant.to_owned(),
            origin,
            validity,
            zone,
            quantity,
            document,
        });
        fields.finish(row)
    }
}
