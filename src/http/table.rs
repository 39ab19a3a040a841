//! Reading tables: a file of CSV or XLSX, or a list, row by row, with every fault of every row at once and the place where it stands. What
//! reads a table names its columns, reads a row, and says each fault in its own words.

use super::shape::turns_direction;
use super::upload::line_at;
use crate::kernel::{Failure, Kind, Refusal, Violation};
use calamine::{DataRef, Reader as _, Xlsx};
use std::io::{self, Cursor, Read};

/// Most faults that are told one by one; of the others the number is told.
const MOST_FAULTS: usize = 10_000;
/// Bytes that a workbook may unpack to: ten times what a province needs, and no bomb.
const LARGEST_UNPACKED: u64 = 256 * 1024 * 1024;
/// Said of a file in another encoding.
const NOT_UTF8: &str = "须为 UTF-8 编码，请另存为“CSV UTF-8”（not UTF-8: save it as “CSV UTF-8”）";
/// Longest name of a column that a fault repeats, in characters.
const LONGEST_NAME: usize = 200;

/// What a table came as, which says how its places are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A file: `lines[2]` is the first row after the names of the columns.
    File,
    /// A list: `items[0]` is the first row.
    List,
}

impl Form {
    /// The place of a row, which counts from 1.
    pub fn place(self, line: u64) -> String {
        match self {
            Self::File => format!("lines[{line}]"),
            Self::List => format!("items[{}]", line.saturating_sub(1)),
        }
    }
}

/// A column: a file names it in either language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its name in Chinese.
    pub zh: &'static str,
    /// Whether a file must have it.
    pub is_needed: bool,
}

impl Column {
    /// A column that a file must have.
    pub const fn needed(name: &'static str, zh: &'static str) -> Self {
        Self { name, zh, is_needed: true }
    }

    /// A column that a file may leave out.
    pub const fn optional(name: &'static str, zh: &'static str) -> Self {
        Self { name, zh, is_needed: false }
    }

    fn is_called(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case(self.name) || name == self.zh
    }
}

/// What is wrong with a table, whatever it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableFault {
    /// It is no such file, or breaks off.
    Unreadable {
        /// Where the reader stumbled.
        reason: String,
    },
    /// Nobody reads this column.
    UnknownColumn {
        /// Its name.
        column: String,
    },
    /// The column is there twice.
    DuplicateColumn {
        /// Its name.
        column: String,
    },
    /// The column must be there.
    MissingColumn {
        /// Its name.
        column: String,
    },
    /// A row does not fit its columns.
    FieldCount {
        /// How many fields it has.
        found: usize,
        /// How many columns there are.
        wanted: usize,
    },
    /// A cell holds a control character, or one that turns the direction of text.
    BadCharacter,
    /// There are too many rows.
    TooManyRows {
        /// How many there may be.
        max: usize,
    },
    /// There is no row.
    NoRows,
    /// There are more faults than are told one by one.
    MoreFaults {
        /// How many more.
        count: u64,
    },
}

/// What reads the rows of a table of `N` columns.
pub trait Rows<const N: usize> {
    /// What a row becomes.
    type Row;

    /// The columns, in the order in which [`Rows::row`] takes their cells.
    const COLUMNS: [Column; N];
    /// Most rows.
    const MOST: usize;
    /// Whether each row of a CSV file has as many fields as there are columns; otherwise the last ones may be left out.
    const IS_STRICT: bool;

    /// A fault of the table in the words of whoever reads it.
    fn fault(fault: TableFault) -> Violation;

    /// Reads a row; its cells are trimmed, and an empty one says nothing. Faults are named by the columns.
    fn row(&mut self, line: u64, place: &str, cells: [&str; N]) -> ReadRow<Self::Row>;
}

/// What a row tells, and what is wrong with it.
#[derive(Debug)]
pub struct ReadRow<T> {
    /// What it tells. A row with faults may tell something too, so that the rest of it can be judged.
    pub row: Option<T>,
    /// Its faults.
    pub faults: Vec<Violation>,
}

impl<T> From<Result<T, Failure>> for ReadRow<T> {
    fn from(read: Result<T, Failure>) -> Self {
        match read {
            Ok(row) => Self { row: Some(row), faults: Vec::new() },
            Err(failure) => Self { row: None, faults: failure.violations },
        }
    }
}

/// A table as far as it could be read.
#[derive(Debug)]
pub struct Table<T> {
    /// The rows that tell something, in the order of their lines.
    pub rows: Vec<T>,
    /// What is wrong.
    pub faults: Faults,
}

impl<T> Table<T> {
    /// The rows of a table without a fault; `fault` says what the table itself is blamed for.
    ///
    /// # Errors
    /// Every fault of every row.
    pub fn expect_whole(self, fault: impl FnOnce(TableFault) -> Violation) -> Result<Vec<T>, Failure> {
        self.faults.finish(fault)?;
        Ok(self.rows)
    }
}

/// The rows of a CSV file in UTF-8, of which the first line names the columns in either language and any order.
///
/// # Errors
/// Every fault of every row.
pub fn read_csv<const N: usize, R: Rows<N>>(rows: R, content: &[u8]) -> Result<Vec<R::Row>, Failure> {
    survey_csv(rows, content).expect_whole(R::fault)
}

/// The same as far as it can be read, for whoever judges what is there together with what is wrong.
pub fn survey_csv<const N: usize, R: Rows<N>>(rows: R, content: &[u8]) -> Table<R::Row> {
    let content = content.strip_prefix("\u{feff}".as_bytes()).unwrap_or(content);
    let mut source = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(content);
    let mut reading = Reading::new(Form::File, rows);
    let mut record = csv::StringRecord::new();
    while !reading.is_over {
        match source.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                let line = record.position().map_or(1, |at| line_at(content, at.byte(), at.line()));
                reading.take(line, &record.iter().collect::<Vec<_>>(), R::IS_STRICT);
            }
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                reading.refuse(&Form::File.place(line), TableFault::Unreadable { reason: reason_of(&error) });
                break;
            }
        }
    }
    reading.finish()
}

/// Why a file of CSV cannot be read. Most that cannot were saved in GBK.
fn reason_of(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => NOT_UTF8.to_owned(),
        _ => error.to_string(),
    }
}

/// The rows of the first sheet of a workbook, of which the first line names the columns, as far as they can be read.
pub fn survey_xlsx<const N: usize, R: Rows<N>>(rows: R, content: &[u8]) -> Table<R::Row> {
    let mut reading = Reading::new(Form::File, rows);
    if let Err(reason) = fill_from_workbook(content, &mut reading) {
        reading.refuse("", TableFault::Unreadable { reason });
    }
    reading.finish()
}

/// The rows of a list as far as they can be read. Each of them was given, so one that says nothing is a row, too.
pub fn survey_items<const N: usize, R: Rows<N>>(rows: R, items: &[[String; N]]) -> Table<R::Row> {
    let mut reading = Reading::new(Form::List, rows);
    reading.columns = Some(std::array::from_fn(Some));
    reading.width = N;
    for (line, cells) in (1..).zip(items) {
        reading.take(line, &cells.each_ref().map(String::as_str), false);
    }
    reading.finish()
}

fn fill_from_workbook<const N: usize, R: Rows<N>>(content: &[u8], reading: &mut Reading<N, R>) -> Result<(), String> {
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
            // A sheet does not store its empty cells, so a row is as long as what was written in it.
            reading.take(u64::from(row.0) + 1, &texts, false);
            row.1.clear();
        }
        let (Some(cell), Some((line, column))) = (cell, at) else { return Ok(()) };
        if reading.is_over {
            return Ok(());
        }
        row.0 = line;
        // A cell far to the right is a fault of its row like one just beyond the last column.
        let column = usize::try_from(column).unwrap_or(usize::MAX).min(N);
        let text = text_of(cell.get_value());
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

/// Faults with their places; beyond a number they are only counted.
#[derive(Debug, Clone, Default)]
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

    /// Ends the reading; `fault` says how many faults are not told.
    ///
    /// # Errors
    /// Every fault in the order of the rows, when there is one.
    pub fn finish(mut self, fault: impl FnOnce(TableFault) -> Violation) -> Result<(), Failure> {
        if self.told.is_empty() {
            return Ok(());
        }
        self.told.sort_by_key(|fault| row_of(&fault.field));
        if self.more > 0 {
            self.told.push(fault(TableFault::MoreFaults { count: self.more }));
        }
        Err(Failure { kind: Kind::Refused, violations: self.told, source: None })
    }
}

/// The number of the row in a place such as `lines[17].quantity`; what concerns the whole table comes first.
fn row_of(place: &str) -> u64 {
    let number = place.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map(|(number, _)| number);
    number.and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// A table while it is read.
struct Reading<const N: usize, R: Rows<N>> {
    form: Form,
    rows: R,
    /// Where each of the known columns stands, once the first line was read.
    columns: Option<[Option<usize>; N]>,
    width: usize,
    read: Vec<R::Row>,
    faults: Faults,
    /// Whether it makes no sense to read on.
    is_over: bool,
}

impl<const N: usize, R: Rows<N>> Reading<N, R> {
    fn new(form: Form, rows: R) -> Self {
        let (read, faults) = (Vec::new(), Faults::default());
        Self { form, rows, columns: None, width: 0, read, faults, is_over: false }
    }

    fn refuse(&mut self, place: &str, fault: TableFault) {
        self.faults.note(place, R::fault(fault));
    }

    fn finish(mut self) -> Table<R::Row> {
        if self.read.is_empty() && self.faults.is_empty() {
            self.refuse("", TableFault::NoRows);
        }
        Table { rows: self.read, faults: self.faults }
    }

    /// Takes a row in; the first one of a file names the columns. An empty line of a file says nothing, while an item of a list was given.
    fn take(&mut self, line: u64, cells: &[&str], is_strict: bool) {
        if self.form == Form::File && cells.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        let place = self.form.place(line);
        let Some(columns) = self.columns else {
            self.begin(&place, cells);
            return;
        };
        if self.read.len() >= R::MOST {
            self.refuse(&place, TableFault::TooManyRows { max: R::MOST });
            // Nobody looks up what so many rows say.
            self.read.clear();
            self.is_over = true;
            return;
        }
        let is_more = cells.iter().skip(self.width).any(|cell| !cell.trim().is_empty());
        if is_more || (is_strict && cells.len() != self.width) {
            self.refuse(&place, TableFault::FieldCount { found: cells.len(), wanted: self.width });
            return;
        }
        let cells = columns.map(|at| at.and_then(|at| cells.get(at)).map_or("", |cell| cell.trim()));
        for (column, cell) in R::COLUMNS.iter().zip(cells) {
            if cell.chars().any(|char| char.is_control() || turns_direction(char)) {
                self.refuse(&format!("{place}.{}", column.name), TableFault::BadCharacter);
            }
        }
        let ReadRow { row, faults } = self.rows.row(line, &place, cells);
        self.read.extend(row);
        for fault in faults {
            self.faults.note(&place, fault);
        }
    }

    /// Finds the columns by their names.
    fn begin(&mut self, place: &str, names: &[&str]) {
        let mut columns = [None; N];
        for (at, name) in names.iter().enumerate().map(|(at, name)| (at, name.trim())) {
            let known = R::COLUMNS.iter().position(|column| column.is_called(name));
            let column = || name.chars().take(LONGEST_NAME).collect::<String>();
            match known.and_then(|known| columns.get_mut(known)) {
                Some(place @ None) => *place = Some(at),
                Some(Some(_)) => self.refuse(place, TableFault::DuplicateColumn { column: column() }),
                None => self.refuse(place, TableFault::UnknownColumn { column: column() }),
            }
        }
        for (column, at) in R::COLUMNS.iter().zip(columns) {
            if column.is_needed && at.is_none() {
                self.refuse(place, TableFault::MissingColumn { column: column.name.to_owned() });
            }
        }
        // What says the same of each column says it once.
        self.faults.told.dedup();
        (self.columns, self.width, self.is_over) = (Some(columns), names.len(), !self.faults.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name and perhaps a number.
    struct Names;

    impl Rows<2> for Names {
        type Row = (u64, String, String);
        const COLUMNS: [Column; 2] = [Column::needed("name", "名称"), Column::optional("number", "编号")];
        const MOST: usize = 3;
        const IS_STRICT: bool = false;

        fn fault(fault: TableFault) -> Violation {
            let told = format!("{fault:?}");
            Violation { code: "TABLE".into(), field: String::new(), zh: told.clone(), en: told, legal_basis: None }
        }

        fn row(&mut self, line: u64, place: &str, [name, number]: [&str; 2]) -> ReadRow<Self::Row> {
            assert!([Form::File.place(line), Form::List.place(line)].iter().any(|known| known == place));
            ReadRow { row: Some((line, name.to_owned(), number.to_owned())), faults: Vec::new() }
        }
    }

    fn told(content: &str) -> Vec<(String, String)> {
        let faults = read_csv(Names, content.as_bytes()).unwrap_err().violations;
        faults.into_iter().map(|fault| (fault.field, fault.en)).collect()
    }

    fn row(line: u64, name: &str, number: &str) -> (u64, String, String) {
        (line, name.to_owned(), number.to_owned())
    }

    #[test]
    fn a_fault_names_the_line_of_a_file_and_the_item_of_a_list() {
        assert_eq!((Form::File.place(17), Form::List.place(17)), ("lines[17]".to_owned(), "items[16]".to_owned()));
        let cell = |text: &str| text.to_owned();
        let items = [[cell("a"), cell("1")], [cell("\u{202e}b"), cell("2")]];
        let read = survey_items(Names, &items).expect_whole(Names::fault).unwrap_err();
        assert_eq!(read.violations[0].field, "items[1].name");
        let items = [[cell("a"), cell("1")], [cell(""), cell(" ")], [cell("b"), cell("")]];
        let read = survey_items(Names, &items).expect_whole(Names::fault).unwrap();
        assert_eq!(read, [row(1, "a", "1"), row(2, "", ""), row(3, "b", "")], "an item that says nothing was given");
    }

    #[test]
    fn columns_stand_in_any_order_and_either_language_and_lines_are_counted_as_people_count() {
        let read = read_csv(Names, "\u{feff}编号, NAME \r\n\r\n7,临江\n,\n8, 通城 \n".as_bytes()).unwrap();
        assert_eq!(read, [row(3, "临江", "7"), row(5, "通城", "8")]);
        assert_eq!(read_csv(Names, b"name\nx\n").unwrap(), [row(2, "x", "")], "a column may be left out");
        assert_eq!(read_csv(Names, b"name,number\nx\n").unwrap(), [row(2, "x", "")], "and the end of a row");
    }

    #[test]
    fn every_fault_is_told_where_it_stands() {
        let fault = |field: &str, fault: TableFault| (field.to_owned(), format!("{fault:?}"));
        let column = |column: &str| column.to_owned();
        let expected = [
            fault("lines[1]", TableFault::DuplicateColumn { column: column("number") }),
            fault("lines[1]", TableFault::UnknownColumn { column: column("x") }),
            fault("lines[1]", TableFault::MissingColumn { column: column("name") }),
        ];
        assert_eq!(told("number,number,x\n1,2,3\n"), expected, "and nothing is read");
        let expected = [
            fault("lines[2]", TableFault::FieldCount { found: 3, wanted: 2 }),
            fault("lines[3].name", TableFault::BadCharacter),
            fault("lines[6]", TableFault::TooManyRows { max: 3 }),
        ];
        assert_eq!(told("name,number\na,1,more\n\u{202e}a,1\nb,1\nc,1\nd,1\ne,1\n"), expected);
        assert_eq!(told(""), [fault("", TableFault::NoRows)]);
        assert_eq!(told("name\n"), [fault("", TableFault::NoRows)]);
        let broken = read_csv(Names, b"name\nx\n\xff\n").unwrap_err();
        assert!(broken.violations[0].field == "lines[3]" && broken.violations[0].en.starts_with("Unreadable"));
        let none = survey_xlsx(Names, b"name\nx\n").expect_whole(Names::fault).unwrap_err();
        assert!(none.violations[0].field.is_empty() && none.violations[0].en.starts_with("Unreadable"));
    }

    #[test]
    fn what_can_be_read_is_there_beside_what_is_wrong() {
        let read = survey_csv(Names, b"name,number\na,1,more\nb,2\n\xff\n");
        assert_eq!(read.rows, [row(3, "b", "2")]);
        let told = read.faults.finish(Names::fault).unwrap_err().violations;
        assert_eq!(told.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>(), ["lines[2]", "lines[4]"]);
    }

    #[test]
    fn faults_are_told_in_the_order_of_the_rows() {
        let mut faults = Faults::default();
        for place in ["lines[10].name", "lines[2]", "", "lines[9].number", "lines[2].name"] {
            faults.note(place, Names::fault(TableFault::NoRows));
        }
        let told = faults.finish(Names::fault).unwrap_err().violations;
        let places: Vec<&str> = told.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(places, ["", "lines[2]", "lines[2].name", "lines[9].number", "lines[10].name"]);
    }

    #[test]
    fn beyond_a_number_faults_are_only_counted() {
        let mut faults = Faults::default();
        for _ in 0..=MOST_FAULTS {
            faults.note("lines[2]", Names::fault(TableFault::NoRows));
        }
        let told = faults.finish(Names::fault).unwrap_err().violations;
        assert_eq!((told.len(), told[MOST_FAULTS].en.as_str()), (MOST_FAULTS + 1, "MoreFaults { count: 1 }"));
    }
}
