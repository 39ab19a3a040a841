//! Reading the bank's file of a day: every fault of every line at once, each with its place.

use super::{Flow, StatementLine};
use crate::http::Fields;
use crate::http::shape::turns_direction;
use crate::http::upload::line_at;
use crate::kernel::{Failure, Kind, Refusal, Violation};
use crate::treasury::TreasuryRefusal;
use jiff::civil::Date;

/// Most lines of a file: a province's busiest day, and room to spare.
pub const MOST_LINES: usize = 200_000;
/// Most faults that are told one by one; of the others the number is told.
const MOST_FAULTS: usize = 10_000;
/// Longest text of a remittance, in characters.
const LONGEST_TEXT: usize = 400;

/// The columns: name and Chinese name. All of them must be there, in any order.
const COLUMNS: [(&str, &str); 5] =
    [("date", "日期"), ("bank_reference", "流水号"), ("direction", "收支"), ("amount", "金额"), ("text", "附言")];

/// Where each column stands.
type Columns = [usize; COLUMNS.len()];

/// Faults with their places; beyond a number they are only counted.
#[derive(Default)]
struct Faults {
    told: Vec<Violation>,
    more: usize,
}

impl Faults {
    fn note(&mut self, violation: Violation) {
        if self.told.len() < MOST_FAULTS {
            self.told.push(violation);
        } else {
            self.more += 1;
        }
    }

    fn refuse(&mut self, place: &str, refusal: &TreasuryRefusal) {
        self.note(refusal.violation().within(place));
    }
}

/// The lines of a CSV file in UTF-8, of which the first names the columns in either language. A day on which nothing moved has no
/// other.
///
/// # Errors
/// Every fault of every line.
pub fn read(content: &[u8], day: Date) -> Result<Vec<StatementLine>, Failure> {
    let content = content.strip_prefix("\u{feff}".as_bytes()).unwrap_or(content);
    let mut source = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(content);
    let (mut faults, mut lines, mut columns) = (Faults::default(), Vec::new(), None);
    for record in source.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let place = format!("lines[{}]", error.position().map_or(1, csv::Position::line));
                faults.refuse(&place, &TreasuryRefusal::StatementUnreadable { reason: error.to_string() });
                break;
            }
        };
        let line = record.position().map_or(1, |at| line_at(content, at.byte(), at.line()));
        let place = format!("lines[{line}]");
        let Some(known) = &columns else {
            columns = begin(&mut faults, &place, &record);
            if columns.is_none() {
                break;
            }
            continue;
        };
        if lines.len() >= MOST_LINES {
            faults.refuse(&place, &TreasuryRefusal::StatementTooLong { max: MOST_LINES.to_string() });
            break;
        }
        match take(known, &record, line, day) {
            Ok(read) => lines.push(read),
            Err(failure) => failure.violations.into_iter().for_each(|fault| faults.note(fault.within(&place))),
        }
    }
    if columns.is_none() && faults.told.is_empty() {
        let column = COLUMNS.map(|(name, _)| name).join(", ");
        faults.refuse("lines[1]", &TreasuryRefusal::StatementColumnMissing { column });
    }
    finish(faults, lines)
}

fn finish(mut faults: Faults, lines: Vec<StatementLine>) -> Result<Vec<StatementLine>, Failure> {
    if faults.told.is_empty() {
        return Ok(lines);
    }
    if faults.more > 0 {
        faults.told.push(TreasuryRefusal::StatementMoreFaults { count: faults.more.to_string() }.violation());
    }
    Err(Failure { kind: Kind::Refused, violations: faults.told, source: None })
}

/// Finds the columns by their names; nothing when one is missing, unknown or there twice.
fn begin(faults: &mut Faults, place: &str, names: &csv::StringRecord) -> Option<Columns> {
    let mut columns = [None; COLUMNS.len()];
    for (at, name) in names.iter().map(str::trim).enumerate() {
        let known = COLUMNS.iter().position(|(column, zh)| name.eq_ignore_ascii_case(column) || name == *zh);
        if let Some(column @ None) = known.map(|known| &mut columns[known]) {
            *column = Some(at);
        } else {
            let column = name.chars().take(100).collect();
            faults.refuse(place, &TreasuryRefusal::StatementColumnUnknown { column });
        }
    }
    for ((name, _), _) in COLUMNS.iter().zip(&columns).filter(|(_, at)| at.is_none()) {
        faults.refuse(place, &TreasuryRefusal::StatementColumnMissing { column: (*name).to_owned() });
    }
    if faults.told.is_empty() { Some(columns.map(Option::unwrap_or_default)) } else { None }
}

fn take(columns: &Columns, record: &csv::StringRecord, line: u64, day: Date) -> Result<StatementLine, Failure> {
    if record.len() != COLUMNS.len() {
        let (found, wanted) = (record.len().to_string(), COLUMNS.len().to_string());
        return Err(TreasuryRefusal::StatementFields { found, wanted }.into());
    }
    let [date, reference, direction, amount, text] = columns.map(|at| record.get(at).unwrap_or_default().trim());
    let mut fields = Fields::default();
    if [reference, text].iter().any(|cell| cell.chars().any(|char| char.is_control() || turns_direction(char))) {
        let reason = "控制字符 / a control character".to_owned();
        fields.take::<(), _>("", Err(TreasuryRefusal::StatementUnreadable { reason }));
    }
    if fields.date("date", date).is_some_and(|date| date != day) {
        fields.take::<(), _>("", Err(TreasuryRefusal::StatementOtherDay { day: day.to_string() }));
    }
    let bank_reference = fields.text("bank_reference", reference);
    let flow = fields.word("direction", direction, flow_of, &["in", "out", "收", "支"]);
    let amount = fields.money("amount", amount);
    let text = fields.long_text("text", text, LONGEST_TEXT);
    let whole = bank_reference.zip(flow).zip(amount).zip(text);
    fields.finish(whole.map(|(((bank_reference, flow), amount), text)| StatementLine {
        line,
        bank_reference,
        flow,
        amount,
        text,
    }))
}

fn flow_of(word: &str) -> Option<Flow> {
    match word {
        "收" => Some(Flow::In),
        "支" => Some(Flow::Out),
        word => Flow::parse(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const DAY: Date = date(2022, 12, 1);

    fn codes(content: &str) -> Vec<(String, String)> {
        let faults = read(content.as_bytes(), DAY).unwrap_err().violations;
        faults.into_iter().map(|fault| (fault.field, fault.code.into_owned())).collect()
    }

    #[test]
    fn columns_stand_in_any_order_and_either_language() {
        let zh = read("\u{feff}流水号,日期,收支,金额,附言\nXN1,2022-12-01,收,17580.00,货款\n".as_bytes(), DAY).unwrap();
        let en = read(
            b"date,bank_reference,direction,amount,text\n\n2022-12-01,XN1,in,17580.00,\xe8\xb4\xa7\xe6\xac\xbe\n",
            DAY,
        );
        let en = en.unwrap();
        assert_eq!((zh[0].line, en[0].line), (2, 3));
        assert_eq!((&zh[0].bank_reference, zh[0].flow, zh[0].amount), (&en[0].bank_reference, Flow::In, en[0].amount));
        assert!(
            read(b"date,bank_reference,direction,amount,text\n", DAY).unwrap().is_empty(),
            "a day without movements"
        );
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let file = "date,bank_reference,direction,amount,text\n2022-12-02,XN1,in,1.00,\n2022-12-01,,sideways,1.001,\n2022-12-01,XN3\n";
        let told = codes(file);
        let expected = [
            ("lines[2].date", "STL_STATEMENT_OTHER_DAY"),
            ("lines[3].bank_reference", "API_BAD_TEXT"),
            ("lines[3].direction", "API_UNKNOWN_WORD"),
            ("lines[3].amount", "API_TOO_PRECISE"),
            ("lines[4]", "STL_STATEMENT_FIELDS"),
        ];
        assert_eq!(told, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    }

    #[test]
    fn a_file_without_its_columns_is_none() {
        assert_eq!(codes(""), [("lines[1]".to_owned(), "STL_STATEMENT_COLUMN_MISSING".to_owned())]);
        let told = codes("date,date,bank_reference,direction,amount\n");
        let of = |code: &str| told.iter().filter(|(_, known)| known == code).count();
        assert_eq!((of("STL_STATEMENT_COLUMN_UNKNOWN"), of("STL_STATEMENT_COLUMN_MISSING")), (1, 1));
    }

    #[test]
    fn what_is_no_text_cannot_be_read() {
        let faults = read(b"date,bank_reference,direction,amount,text\n\xff\xfe,1,in,1.00,\n", DAY).unwrap_err();
        assert_eq!(faults.violations[0].code, "STL_STATEMENT_UNREADABLE");
    }

    proptest! {
        #[test]
        fn no_file_makes_the_reading_stumble(content in "\\PC{0,200}") {
            let _ = read(content.as_bytes(), DAY);
            let _ = read(format!("date,bank_reference,direction,amount,text\n{content}").as_bytes(), DAY);
        }
    }
}
