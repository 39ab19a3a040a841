//! Statements as documents: comma-separated values and spreadsheets. Amounts are texts, to the last digit; a text that a
//! spreadsheet would take for a formula is guarded.

use crate::http::Language;
use crate::http::sheet::{MARK, guarded};
use crate::kernel::{Failure, chinese};
use crate::ledger::account_statements::{StatementEntry, Summary, WholeStatements};
use rust_xlsxwriter::{Format, Workbook};

/// Entries that one document takes: it is put together in memory.
pub const LARGEST_DOCUMENT: i64 = 100_000;

/// The words of a document in one language.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    language: Language,
    columns: [&'static str; 13],
    opening: &'static str,
    entry: &'static str,
    closing: &'static str,
    checkpoint: &'static str,
    sheet: &'static str,
}

impl Words {
    /// What an account is for.
    fn purpose(&self, word: &str) -> String {
        let chinese = chinese::word(word).filter(|_| self.language == Language::Zh);
        chinese.unwrap_or(word).to_owned()
    }
}

/// Chinese.
pub const ZH: Words = Words {
    language: Language::Zh,
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
    language: Language::En,
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
        let standing = move |word: &str, units| row(summary, words, word, None, units);
        let opening = standing(words.opening, summary.opening);
        let closing = standing(words.closing, summary.account.units);
        let moved = entries.iter().map(move |entry| row(summary, words, words.entry, Some(entry), entry.balance));
        std::iter::once(opening).chain(moved).chain(std::iter::once(closing))
    })
}

fn row(summary: &Summary, words: &Words, word: &str, entry: Option<&StatementEntry>, balance: i64) -> Row {
    let account = &summary.account;
    let of_entry = |cell: fn(&StatementEntry) -> String| entry.map(cell).unwrap_or_default();
    [
        account.account.to_string(),
        account.owner_name.clone(),
        account.asset.clone(),
        account.unit.clone(),
        words.purpose(&account.purpose),
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
