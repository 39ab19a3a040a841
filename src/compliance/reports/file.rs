//! Reading rows from a file or a list: every fault of every row at once, each with its place.

use super::commands::NewReport;
use super::read_period;
use crate::compliance::days::Source;
use crate::compliance::error::ComplianceRefusal;
use crate::http::Fields;
use crate::http::field::FieldRefusal;
use crate::http::shape::turns_direction;
use crate::kernel::{Failure, Kind, Refusal, Violation};
use crate::parties::{PartyRefusal, Pollutant};
use accounting::{Measure, decimal};
use std::collections::HashMap;

/// Most rows of one request: a city's sites, twelve months, four pollutants.
pub const MOST_ROWS: usize = 5_000;

/// The columns: name and Chinese name. All of them must be there.
const COLUMNS: [(&str, &str); 5] = [
    ("site", "排污单位编号"),
    ("pollutant", "污染物"),
    ("period", "期间"),
    ("quantity", "排放量"),
    ("document", "文号"),
];

/// The cells of a row in the order of the columns.
pub type Cells = [String; COLUMNS.len()];

/// What rows are read by.
pub struct Reader<'p> {
    /// Who says it.
    pub source: Source,
    /// The pollutants of the register.
    pub pollutants: &'p HashMap<String, Pollutant>,
}

/// The rows that were read, and what is wrong with the others.
#[derive(Default)]
struct Reading {
    rows: Vec<NewReport>,
    faults: Vec<Violation>,
}

impl Reading {
    fn refuse(&mut self, place: &str, refusal: &ComplianceRefusal) {
        self.faults.push(refusal.violation().within(place));
    }

    fn finish(mut self) -> Result<Vec<NewReport>, Failure> {
        if self.faults.is_empty() && !(1..=MOST_ROWS).contains(&self.rows.len()) {
            self.refuse("", &ComplianceRefusal::RowCount { max: MOST_ROWS.to_string() });
        }
        if self.faults.is_empty() {
            Ok(self.rows)
        } else {
            Err(Failure { kind: Kind::Refused, violations: self.faults, source: None })
        }
    }
}

impl Reader<'_> {
    /// The rows of a list.
    ///
    /// # Errors
    /// Every fault of every row.
    pub fn items(&self, items: &[Cells]) -> Result<Vec<NewReport>, Failure> {
        let mut reading = Reading::default();
        for (at, cells) in items.iter().enumerate() {
            self.take(&mut reading, at + 1, &format!("items[{at}]"), cells.each_ref().map(String::as_str));
        }
        reading.finish()
    }

    /// The rows of a CSV file in UTF-8, of which the first line names the columns in either language and any order.
    ///
    /// # Errors
    /// Every fault of every row.
    pub fn csv(&self, content: &[u8]) -> Result<Vec<NewReport>, Failure> {
        let content = content.strip_prefix("\u{feff}".as_bytes()).unwrap_or(content);
        let mut source = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(content);
        let (mut reading, mut columns) = (Reading::default(), None);
        for record in source.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(1, csv::Position::line);
                    let reason = error.to_string();
                    reading.refuse(&format!("lines[{line}]"), &ComplianceRefusal::Unreadable { reason });
                    break;
                }
            };
            let line = record.position().map_or(1, |position| line_of(position, content));
            let place = format!("lines[{line}]");
            let Some(known) = &columns else {
                let Some(found) = begin(&mut reading, &place, &record) else { break };
                columns = Some(found);
                continue;
            };
            if record.len() != COLUMNS.len() {
                let (found, wanted) = (record.len().to_string(), COLUMNS.len().to_string());
                reading.refuse(&place, &ComplianceRefusal::FieldCount { found, wanted });
                continue;
            }
            let cells = known.map(|at: usize| record.get(at).unwrap_or_default().trim());
            self.take(&mut reading, usize::try_from(line).unwrap_or(usize::MAX), &place, cells);
        }
        reading.finish()
    }

    fn take(&self, reading: &mut Reading, line: usize, place: &str, cells: [&str; COLUMNS.len()]) {
        match self.row(line, place.to_owned(), cells) {
            Ok(row) => reading.rows.push(row),
            Err(failure) => {
                let violations = failure.violations.into_iter();
                reading.faults.extend(violations.map(|violation| violation.within(place)));
            }
        }
    }

    fn row(&self, line: usize, place: String, cells: [&str; COLUMNS.len()]) -> Result<NewReport, Failure> {
        let [site, pollutant, period, quantity, document] = cells;
        let mut fields = Fields::default();
        for ((name, _), cell) in COLUMNS.iter().zip(cells) {
            if cell.chars().any(|char| char.is_control() || turns_direction(char)) {
                fields.take::<(), _>(name, Err(ComplianceRefusal::BadCharacter {}));
            }
        }
        let site = fields.text("site", site);
        let unknown = || PartyRefusal::UnknownPollutant { code: pollutant.chars().take(50).collect() };
        let known = fields.take("", self.pollutants.get(pollutant).ok_or_else(unknown));
        let days = fields.take("", read_period(period, self.source));
        let grams = known.and_then(|known| read_grams(&mut fields, quantity, &known.measure));
        let document = fields.text("document", document);
        let pollutant = pollutant.to_owned();
        let row = site.zip(days).zip(grams).zip(document);
        fields.finish(row.map(|(((site, (first, last)), grams), document)| NewReport {
            line,
            place,
            site,
            pollutant,
            first,
            last,
            grams,
            document,
        }))
    }
}

/// The line on which a record begins: its position is before the empty lines that the reader passes over.
fn line_of(position: &csv::Position, content: &[u8]) -> u64 {
    let before = usize::try_from(position.byte()).ok().and_then(|byte| content.get(byte..)).unwrap_or_default();
    let passed = before.iter().take_while(|byte| [b'\r', b'\n'].contains(byte));
    (0..).zip(passed.filter(|byte| **byte == b'\n')).fold(position.line(), |line, _: (u64, _)| line + 1)
}

/// A quantity that may be nothing. Less than nothing is no typing mistake, so it is named for what it is.
fn read_grams(fields: &mut Fields, text: &str, measure: &Measure) -> Option<i64> {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let parsed = decimal::parse(rest, measure.grams_per_unit, measure.decimals).map_err(FieldRefusal::from);
    let grams = fields.take("quantity", parsed)?;
    if rest.len() < text.len() && grams > 0 {
        fields.take::<(), _>("", Err(ComplianceRefusal::Implausible { most: "≥ 0".to_owned() }));
        return None;
    }
    Some(grams)
}

/// Where each column stands.
fn begin(reading: &mut Reading, place: &str, names: &csv::StringRecord) -> Option<[usize; COLUMNS.len()]> {
    let mut places = [None; COLUMNS.len()];
    for (at, name) in names.iter().enumerate().map(|(at, name)| (at, name.trim())) {
        let known = COLUMNS.iter().position(|(column, zh)| name.eq_ignore_ascii_case(column) || name == *zh);
        if let Some(free) = known.and_then(|known| places.get_mut(known)).filter(|place| place.is_none()) {
            *free = Some(at);
        } else {
            let column = name.chars().take(50).collect();
            reading.refuse(place, &ComplianceRefusal::BadColumn { column });
        }
    }
    for ((name, _), _) in COLUMNS.iter().zip(places).filter(|(_, at)| at.is_none()) {
        reading.refuse(place, &ComplianceRefusal::BadColumn { column: (*name).to_owned() });
    }
    let found = places.map(Option::unwrap_or_default);
    reading.faults.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parties::place::founding_pollutants;

    fn read(content: &str) -> Result<Vec<NewReport>, Vec<(String, String)>> {
        let pollutants = founding_pollutants().into_iter().map(|known| (known.code.clone(), known)).collect();
        let reader = Reader { source: Source::Report, pollutants: &pollutants };
        reader.csv(content.as_bytes()).map_err(|failure| {
            failure.violations.into_iter().map(|fault| (fault.field, fault.code.into_owned())).collect()
        })
    }

    #[test]
    fn a_file_is_read_in_either_language_and_any_order() {
        let rows = read(
            "\u{feff}排放量,site,污染物,period,文号\n\n1.500,S-1,COD,2022-11,报〔2022〕11号\n0,S-2,SO2,2022,年报\n",
        )
        .unwrap();
        assert_eq!((rows[0].line, rows[0].grams, rows[0].site.as_str()), (3, 1_500_000, "S-1"));
        assert_eq!((rows[1].grams, rows[1].last.to_string()), (0, "2022-12-31".to_owned()));
    }

    #[test]
    fn every_fault_of_every_row_is_told_with_its_line_and_code() {
        let faults = read(
            "site,pollutant,period,quantity,document\nS-1,cod,2022-11,1.0001,x\n,COD,2022-11-30,1,\nS-1,SO2,2022,-3,x\nS-1,SO2,2022\n",
        )
        .unwrap_err();
        let pair = |field: &str, code: &str| (field.to_owned(), code.to_owned());
        assert_eq!(
            faults,
            [
                pair("lines[2].pollutant", "QTA_UNKNOWN_POLLUTANT"),
                pair("lines[3].site", "API_BAD_TEXT"),
                pair("lines[3].period", "CMP_BAD_PERIOD"),
                pair("lines[3].document", "API_BAD_TEXT"),
                pair("lines[4].quantity", "CMP_IMPLAUSIBLE"),
                pair("lines[5]", "CMP_FIELD_COUNT"),
            ]
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_told_with_their_line() {
        let pollutants = founding_pollutants().into_iter().map(|known| (known.code.clone(), known)).collect();
        let reader = Reader { source: Source::Report, pollutants: &pollutants };
        let failure = reader.csv(b"site,pollutant,period,quantity,document\n\xff,COD,2022,1,x\n").unwrap_err();
        assert_eq!(
            (failure.violations[0].field.as_str(), &*failure.violations[0].code),
            ("lines[2]", "CMP_UNREADABLE")
        );
    }

    #[test]
    fn columns_that_are_missing_unknown_or_twice_are_named_and_nothing_is_read() {
        let faults = read("site,site,pollutants,period,quantity\nS-1,S-1,COD,2022,1\n").unwrap_err();
        assert_eq!(faults.len(), 4);
        assert!(faults.iter().all(|(place, code)| place == "lines[1]" && code == "CMP_BAD_COLUMN"));
        assert_eq!(read("").unwrap_err()[0].1, "CMP_ROW_COUNT");
        assert_eq!(read("site,pollutant,period,quantity,document\n").unwrap_err()[0].1, "CMP_ROW_COUNT");
    }
}
