//! Reading rows of reports and measurements from a file or a list.

use super::commands::NewReport;
use super::read_period;
use crate::compliance::days::Source;
use crate::compliance::error::ComplianceRefusal;
use crate::http::Fields;
use crate::http::field::FieldRefusal;
use crate::http::table::{Column, ReadRow, Rows, TableFault};
use crate::kernel::{Refusal, Violation};
use crate::parties::place::measure_for;
use crate::parties::{PartyRefusal, Pollutant};
use accounting::{Measure, decimal};
use std::collections::HashMap;

/// Most rows of one request: a city's sites, twelve months, four pollutants.
pub const MOST_ROWS: usize = 5_000;
/// How many columns there are.
const WIDTH: usize = 5;

/// The cells of a row in the order of the columns.
pub type Cells = [String; WIDTH];

/// What rows are read by.
pub struct ReportRows<'p> {
    /// Who says it.
    pub source: Source,
    /// The pollutants of the register.
    pub pollutants: &'p HashMap<String, Pollutant>,
}

impl Rows<WIDTH> for ReportRows<'_> {
    type Row = NewReport;
    const COLUMNS: [Column; WIDTH] = [
        Column::needed("site", "排污单位编号"),
        Column::needed("pollutant", "污染物"),
        Column::needed("period", "期间"),
        Column::needed("quantity", "排放量"),
        Column::needed("document", "文号"),
    ];
    const MOST: usize = MOST_ROWS;
    const IS_STRICT: bool = true;

    fn fault(fault: TableFault) -> Violation {
        told(fault).violation()
    }

    fn row(&mut self, line: u64, _: &str, cells: [&str; WIDTH]) -> ReadRow<NewReport> {
        let [site, pollutant, period, quantity, document] = cells;
        let mut fields = Fields::default();
        let site = fields.text("site", site);
        let unknown = || PartyRefusal::UnknownPollutant { code: pollutant.chars().take(50).collect() };
        let known = fields.take("", self.pollutants.get(pollutant).ok_or_else(unknown));
        let days = fields.take("", read_period(period, self.source));
        let grams = measure_for(known, self.pollutants).and_then(|by| read_grams(&mut fields, quantity, by));
        let document = fields.text("document", document);
        let pollutant = known.map(|known| known.code.clone());
        let row = NewReport { line, site, pollutant, days, grams, document };
        ReadRow { row: Some(row), faults: fields.into_faults() }
    }
}

/// A fault of the table, as compliance tells it.
pub(super) fn told(fault: TableFault) -> ComplianceRefusal {
    match fault {
        TableFault::Unreadable { reason } => ComplianceRefusal::Unreadable { reason },
        TableFault::UnknownColumn { column }
        | TableFault::DuplicateColumn { column }
        | TableFault::MissingColumn { column } => ComplianceRefusal::BadColumn { column },
        TableFault::FieldCount { found, wanted } => {
            ComplianceRefusal::FieldCount { found: found.to_string(), wanted: wanted.to_string() }
        }
        TableFault::BadCharacter => ComplianceRefusal::BadCharacter {},
        TableFault::TooManyRows { .. } | TableFault::NoRows => {
            ComplianceRefusal::RowCount { max: MOST_ROWS.to_string() }
        }
        TableFault::MoreFaults { count } => ComplianceRefusal::MoreFaults { count: count.to_string() },
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::table;
    use crate::parties::place::founding_pollutants;

    fn read(content: &str) -> Result<Vec<NewReport>, Vec<(String, String)>> {
        let pollutants = founding_pollutants().into_iter().map(|known| (known.code.clone(), known)).collect();
        let rows = ReportRows { source: Source::Report, pollutants: &pollutants };
        table::read_csv(rows, content.as_bytes()).map_err(|failure| {
            failure.violations.into_iter().map(|fault| (fault.field, fault.code.into_owned())).collect()
        })
    }

    #[test]
    fn a_file_is_read_in_either_language_and_any_order() {
        let rows = read(
            "\u{feff}排放量,site,污染物,period,文号\n\n1.500,S-1,COD,2022-11,报〔2022〕11号\n0,S-2,SO2,2022,年报\n",
        )
        .unwrap();
        assert_eq!((rows[0].line, rows[0].grams, rows[0].site.as_deref()), (3, Some(1_500_000), Some("S-1")));
        let last = rows[1].days.map(|(_, last)| last.to_string());
        assert_eq!((rows[1].grams, last), (Some(0), Some("2022-12-31".to_owned())));
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
                pair("lines[2].quantity", "API_TOO_PRECISE"),
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
        let rows = ReportRows { source: Source::Report, pollutants: &pollutants };
        let content = b"site,pollutant,period,quantity,document\n\xff,COD,2022,1,x\n";
        let failure = table::read_csv(rows, content).unwrap_err();
        assert_eq!(
            (failure.violations[0].field.as_str(), &*failure.violations[0].code),
            ("lines[2]", "CMP_UNREADABLE")
        );
    }

    #[test]
    fn columns_that_are_missing_unknown_or_twice_are_named_and_nothing_is_read() {
        let faults = read("site,site,pollutants,period,quantity\nS-1,S-1,COD,2022,1\n").unwrap_err();
        assert_eq!(faults.len(), 4, "{faults:?}");
        assert!(faults.iter().all(|(place, code)| place == "lines[1]" && code == "CMP_BAD_COLUMN"));
        assert_eq!(read("").unwrap_err()[0].1, "CMP_ROW_COUNT");
        assert_eq!(read("site,pollutant,period,quantity,document\n").unwrap_err()[0].1, "CMP_ROW_COUNT");
    }

    #[test]
    fn too_many_rows_and_too_many_faults_are_told_as_such() {
        let header = "site,pollutant,period,quantity,document\n";
        let many = (0..=MOST_ROWS).map(|at| format!("S-{at},COD,2021,1,x\n")).collect::<Vec<_>>().concat();
        let told = read(&format!("{header}{many}")).unwrap_err();
        assert_eq!(told, [("lines[5002]".to_owned(), "CMP_ROW_COUNT".to_owned())]);
        let faulty = read(&format!("{header}{}", "S,cod,x,x,x\n".repeat(MOST_ROWS))).unwrap_err();
        assert_eq!((faulty.len(), faulty[10_000].1.as_str()), (10_001, "CMP_MORE_FAULTS"));
    }
}
