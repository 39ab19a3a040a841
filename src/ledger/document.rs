//! Statements as documents: comma-separated values and spreadsheets. Amounts are texts, to the last digit; a text that a
//! spreadsheet would take for a formula is guarded.

use crate::kernel::Failure;
use crate::ledger::account_statements::{StatementEntry, Summary, WholeStatements};
use rust_xlsxwriter::{Format, Workbook};
use std::borrow::Cow;

/// Entries that one document takes: it is put together in memory.
pub const LARGEST_DOCUMENT: i64 = 100_000;

/// What a formula begins with; spreadsheets of this country take the full-width signs for the same.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
/// Tells spreadsheets that the text is UTF-8; without it those of this country read GBK.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// A text that a spreadsheet would take for a formula gets an apostrophe before it. Numbers, dates and ids need none.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(FORMULA) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// The words of a document in one language.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    columns: [&'static str; 13],
    opening: &'static str,
    entry: &'static str,
    closing: &'static str,
    checkpoint: &'static str,
    sheet: &'static str,
}

/// Chinese.
pub const ZH: Words = Words {
    columns: [
        "账户",
        "户名",
        "资产",
        "单位",
        "用途",
        "行次类型",
        "生效日期",
        "记账时间",
        "凭证",
        "业务类型",
        "摘要",
        "发生额",
        "余额",
    ],
    opening: "期初余额",
    entry: "发生",
    closing: "期末余额",
    checkpoint: "检查点",
    sheet: "对账单",
};

/// English.
pub const EN: Words = Words {
    columns: [
        "account",
        "owner",
        "asset",
        "unit",
        "purpose",
        "row",
        "effective_on",
        "recorded_at",
        "journal",
        "kind",
        "reason",
        "amount",
        "balance",
    ],
    opening: "opening balance",
    entry: "entry",
    closing: "closing balance",
    checkpoint: "checkpoint",
    sheet: "Statement",
};

/// The places of the two columns that hold amounts.
const AMOUNTS: [usize; 2] = [11, 12];

/// The places of the kind of a row, and of the text that stands for its reason.
const KIND: usize = 5;
const REASON: usize = 10;

/// One row, cell by cell.
type Row = [String; 13];

/// Every row of the statements: of each account the opening balance, its entries, the closing balance.
fn rows<'a>(statements: &'a [(Summary, Vec<StatementEntry>)], words: &'a Words) -> impl Iterator<Item = Row> + 'a {
    statements.iter().flat_map(move |(summary, entries)| {
        let standing = move |word: &str, units| row(summary, word, None, units);
        let opening = standing(words.opening, summary.opening);
        let closing = standing(words.closing, summary.account.units);
        let moved = entries.iter().map(move |entry| row(summary, words.entry, Some(entry), entry.balance));
        std::iter::once(opening).chain(moved).chain(std::iter::once(closing))
    })
}

fn row(summary: &Summary, word: &str, entry: Option<&StatementEntry>, balance: i64) -> Row {
    let account = &summary.account;
    let of_entry = |cell: fn(&StatementEntry) -> String| entry.map(cell).unwrap_or_default();
    [
        account.account.to_string(),
        account.owner_name.clone(),
        account.asset.clone(),
        account.unit.clone(),
        account.purpose.clone(),
        word.to_owned(),
        of_entry(|entry| entry.effective_on.clone()),
        of_entry(|entry| entry.recorded_at.to_string()),
        of_entry(|entry| entry.journal.to_string()),
        of_entry(|entry| entry.kind.clone()),
        of_entry(|entry| entry.reason.clone().unwrap_or_default()),
        entry.map(|entry| summary.print(entry.amount)).unwrap_or_default(),
        summary.print(balance),
    ]
}

/// The statements as comma-separated values. The last row carries the signed checkpoint of the log.
///
/// # Errors
/// A fault of the writer.
pub fn as_csv(statements: &WholeStatements, words: &Words) -> Result<Vec<u8>, Failure> {
    let mut out = csv::Writer::from_writer(MARK.to_vec());
    out.write_record(words.columns).map_err(Failure::bug)?;
    for row in rows(&statements.accounts, words) {
        let cell = |(at, cell): (usize, &String)| {
            if AMOUNTS.contains(&at) { cell.clone() } else { guarded(cell).into_owned() }
        };
        out.write_record(row.iter().enumerate().map(cell)).map_err(Failure::bug)?;
    }
    let mut last: Row = std::array::from_fn(|_| String::new());
    (last[KIND], last[REASON]) = (words.checkpoint.to_owned(), statements.checkpoint.clone());
    out.write_record(&last).map_err(Failure::bug)?;
    out.into_inner().map_err(|fault| Failure::bug(fault.to_string()))
}

/// The statements as a spreadsheet, with the signed checkpoint of the log on a sheet of its own. Every cell is a text, so nothing in it is a formula and no digit is lost.
///
/// # Errors
/// A fault of the writer.
pub fn as_xlsx(statements: &WholeStatements, words: &Words) -> Result<Vec<u8>, Failure> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(words.sheet).map_err(Failure::bug)?;
    let heading = Format::new().set_bold();
    for (column, word) in (0_u16..).zip(words.columns) {
        sheet.write_string_with_format(0, column, word, &heading).map_err(Failure::bug)?;
    }
    for (at, row) in (1_u32..).zip(rows(&statements.accounts, words)) {
        for (column, cell) in (0_u16..).zip(&row) {
            sheet.write_string(at, column, cell).map_err(Failure::bug)?;
        }
    }
    sheet.set_freeze_panes(1, 0).map_err(Failure::bug)?;
    let sheet = book.add_worksheet();
    sheet.set_name(words.checkpoint).map_err(Failure::bug)?;
    for (at, line) in (0_u32..).zip(statements.checkpoint.lines()) {
        sheet.write_string(at, 0, line).map_err(Failure::bug)?;
    }
    book.save_to_buffer().map_err(Failure::bug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_a_text() {
        for formula in ["=1+1", "+86", "-x", "@SUM(A1)", "\u{ff1d}1", "\t=1"] {
            assert_eq!(guarded(formula), format!("'{formula}"));
        }
        assert_eq!(guarded("临江纸业=甲"), "临江纸业=甲");
    }
}
