//! A working-day calendar as a file, as the yearly notice of the State Council's office (国务院办公厅关于节假日安排的通知) gives it: one
//! line for each holiday and for each weekend day that is worked.

use super::error::DecisionRefusal;
use crate::http::Fields;
use crate::http::upload::line_at;
use crate::kernel::Failure;
use crate::kernel::calendar::DayKind;
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

/// Reads the days of a CSV file in UTF-8, whose first line names the columns `date` (日期) and `kind` (类型).
///
/// # Errors
/// Every fault of every line at once, each with the number of its line.
pub fn read(content: &[u8]) -> Result<Vec<(Date, DayKind)>, Failure> {
    let content = content.strip_prefix("\u{feff}".as_bytes()).unwrap_or(content);
    let mut source =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(content);
    let mut fields = Fields::default();
    let (mut columns, mut named, mut days) = (None, HashSet::new(), Vec::new());
    for (at, record) in (1_u64..).zip(source.records()) {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(at, csv::Position::line);
                fields.take::<(), _>(
                    &place(line),
                    Err(DecisionRefusal::CalendarUnreadable { reason: error.to_string() }),
                );
                break;
            }
        };
        let line = record.position().map_or(at, |at| line_at(content, at.byte(), at.line()));
        let cells: Vec<&str> = record.iter().collect();
        match columns {
            None => match columns_of(&cells) {
                Ok(known) => columns = Some(known),
                // Without its columns nothing more can be told of a file.
                Err(refusal) => return fields_failed(fields, &place(line), refusal),
            },
            Some(columns) => {
                let day = read_day(&mut fields, &place(line), &cells, columns);
                if let Some((date, kind)) = day {
                    if !named.insert(date) {
                        fields.take::<(), _>(
                            &place(line),
                            Err(DecisionRefusal::CalendarDayTwice { day: date.to_string() }),
                        );
                    }
                    days.push((date, kind));
                }
            }
        }
        if days.len() > MOST_DAYS {
            let most = DecisionRefusal::CalendarTooLong { most: MOST_DAYS.to_string() };
            return fields_failed(fields, &place(line), most);
        }
    }
    let is_empty = named.is_empty();
    let days = fields.finish(Some(days))?;
    if is_empty { Err(DecisionRefusal::CalendarEmpty {}.into()) } else { Ok(days) }
}

fn place(line: u64) -> String {
    format!("lines[{line}]")
}

fn fields_failed<T>(mut fields: Fields, at: &str, refusal: DecisionRefusal) -> Result<T, Failure> {
    fields.take::<(), _>(at, Err(refusal));
    fields.finish(None)
}

/// Where the two columns stand.
fn columns_of(cells: &[&str]) -> Result<(usize, usize), DecisionRefusal> {
    let find = |names: [&str; 2]| cells.iter().position(|cell| names.contains(cell));
    let found = find(["date", "日期"]).zip(find(["kind", "类型"]));
    found.filter(|_| cells.len() == 2).ok_or(DecisionRefusal::CalendarHeader {})
}

fn read_day(fields: &mut Fields, at: &str, cells: &[&str], (date, kind): (usize, usize)) -> Option<(Date, DayKind)> {
    let &[_, _] = cells else {
        return fields.take(at, Err(DecisionRefusal::CalendarRow { cells: cells.len().to_string() }));
    };
    let day = fields.date(&format!("{at}.date"), cells[date]);
    let known = KINDS.map(|(word, _)| word);
    let parse = |text: &str| KINDS.iter().find(|(word, _)| *word == text).map(|(_, kind)| *kind);
    let kind = fields.word(&format!("{at}.kind"), cells[kind], parse, &known);
    day.zip(kind)
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
            assert_eq!(read(text.as_bytes()).unwrap(), expected, "{text:?}");
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
