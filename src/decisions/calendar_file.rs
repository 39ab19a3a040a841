//! A working-day calendar as a file, as the yearly notice of the State Council's office (国务院办公厅关于节假日安排的通知) gives it: one
//! line for each holiday and for each weekend day that is worked.

use super::error::DecisionRefusal;
use crate::http::Fields;
use crate::http::table::{self, Column, ReadRow, Rows, TableFault};
use crate::kernel::calendar::DayKind;
use crate::kernel::{Failure, Refusal, Violation};
use jiff::civil::Date;
use std::collections::HashSet;

/// Most days of one file: a dozen years.
const MOST_DAYS: usize = 1_000;
/// Words for the kinds of days, in either language.
const KINDS: [(&str, DayKind); 4] = [
    ("holiday", DayKind::Holiday),
    ("working_day", DayKind::WorkingDay),
    ("放假", DayKind::Holiday),
    ("上班", DayKind::WorkingDay),
];

/// A day with the number of its line.
pub type NamedDay = (u64, (Date, DayKind));

/// Reads the days, each with its line, of a CSV file in UTF-8, whose first line names the columns `date` (日期) and `kind` (类型).
///
/// # Errors
/// Every fault of every line at once, each with the number of its line.
pub fn read(content: &[u8]) -> Result<Vec<NamedDay>, Failure> {
    table::read_csv(Days::default(), content)
}

/// The days that were named so far.
#[derive(Default)]
struct Days {
    named: HashSet<Date>,
}

impl Rows<2> for Days {
    type Row = NamedDay;
    const COLUMNS: [Column; 2] = [Column::needed("date", "日期"), Column::needed("kind", "类型")];
    const MOST: usize = MOST_DAYS;
    const IS_STRICT: bool = true;

    fn fault(fault: TableFault) -> Violation {
        told(fault).violation()
    }

    fn row(&mut self, line: u64, _: &str, [date, kind]: [&str; 2]) -> ReadRow<Self::Row> {
        let mut fields = Fields::default();
        let date = fields.date("date", date);
        let known = KINDS.map(|(word, _)| word);
        let parse = |text: &str| KINDS.iter().find(|(word, _)| *word == text).map(|(_, kind)| *kind);
        let day = date.zip(fields.word("kind", kind, parse, &known));
        if let Some((date, _)) = day.filter(|(date, _)| !self.named.insert(*date)) {
            fields.take::<(), _>("", Err(DecisionRefusal::CalendarDayTwice { day: date.to_string() }));
        }
        fields.finish(day.map(|day| (line, day))).into()
    }
}

/// A fault of the table, as the calendar tells it.
fn told(fault: TableFault) -> DecisionRefusal {
    match fault {
        TableFault::Unreadable { reason } => DecisionRefusal::CalendarUnreadable { reason },
        TableFault::BadCharacter => DecisionRefusal::CalendarUnreadable { reason: "control character".to_owned() },
        TableFault::UnknownColumn { .. } | TableFault::DuplicateColumn { .. } | TableFault::MissingColumn { .. } => {
            DecisionRefusal::CalendarHeader {}
        }
        TableFault::FieldCount { found, .. } => DecisionRefusal::CalendarRow { cells: found.to_string() },
        TableFault::TooManyRows { .. } | TableFault::MoreFaults { .. } => {
            DecisionRefusal::CalendarTooLong { most: MOST_DAYS.to_string() }
        }
        TableFault::NoRows => DecisionRefusal::CalendarEmpty {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn faults(text: &str) -> Vec<(String, String)> {
        let violations = read(text.as_bytes()).unwrap_err().violations.into_iter();
        violations.map(|fault| (fault.field, fault.code.into_owned())).collect()
    }

    fn fault(field: &str, code: &str) -> (String, String) {
        (field.to_owned(), code.to_owned())
    }

    #[test]
    fn a_file_is_read_in_either_language_and_any_order() {
        let expected = [(date(2023, 1, 2), DayKind::Holiday), (date(2023, 1, 28), DayKind::WorkingDay)];
        for text in [
            "date,kind\n2023-01-02,holiday\n2023-01-28,working_day\n",
            "\u{feff}类型,日期\r\n放假,2023-01-02\r\n\r\n 上班 , 2023-01-28",
        ] {
            let days: Vec<_> = read(text.as_bytes()).unwrap().into_iter().map(|(_, day)| day).collect();
            assert_eq!(days, expected, "{text:?}");
        }
    }

    #[test]
    fn every_fault_of_every_line_is_told_at_once() {
        let text = "date,kind\n2023-02-30,holiday\n2023-01-02,feast\n2023-01-02,holiday\n\n2023-01-02,holiday\n2023-01-03\nx,y,z\n";
        let expected = [
            fault("lines[2].date", "API_NOT_DATE"),
            fault("lines[3].kind", "API_UNKNOWN_WORD"),
            fault("lines[6]", "API_CALENDAR_DAY_TWICE"),
            fault("lines[7]", "API_CALENDAR_ROW"),
            fault("lines[8]", "API_CALENDAR_ROW"),
        ];
        assert_eq!(faults(text), expected);
    }

    #[test]
    fn what_is_no_calendar_is_refused_as_a_whole() {
        assert_eq!(faults("day,sort\n2023-01-02,holiday\n"), [fault("lines[1]", "API_CALENDAR_HEADER")]);
        assert_eq!(faults("date,kind,note\n"), [fault("lines[1]", "API_CALENDAR_HEADER")]);
        assert_eq!(faults("date,kind\n"), [fault("", "API_CALENDAR_EMPTY")]);
        assert_eq!(faults(""), [fault("", "API_CALENDAR_EMPTY")]);
        let not_text = read(b"date,kind\n\xff\xfe,holiday\n").unwrap_err();
        assert_eq!(not_text.violations[0].code, "API_CALENDAR_UNREADABLE");
        let long: Vec<String> = (0..=MOST_DAYS).map(|at| format!("{:04}-01-01,holiday\n", 2000 + at)).collect();
        assert_eq!(faults(&format!("date,kind\n{}", long.concat())).last().unwrap().1, "API_CALENDAR_TOO_LONG");
    }
}
