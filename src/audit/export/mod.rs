//! The book as text that the programs of others read: hledger and Beancount add it up again, a spreadsheet takes the rows.
//!
//! What is written says twice what each account holds: by its entries, and by assertions of the balance at the end of every
//! month that has a journal and of the book. The last one is the balance that the accounts themselves carry, so a book whose entries do not
//! lead there does not pass. Everything comes from one state of the books and is written as it is read: the memory it takes
//! grows with the owners and the assets, not with the entries.

mod beancount;
mod hledger;
mod names;
mod queries;
mod rows;

use crate::db::Db;
use crate::kernel::Failure;
use accounting::decimal;
use jiff::civil::Date;
use queries::{Account, Asset, Chart, Journal};
use sea_orm::ConnectionTrait;
use std::collections::BTreeSet;
use std::io::{self, Write};
use uuid::Uuid;

/// What the book is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A journal of hledger, for `hledger check --strict`.
    Hledger,
    /// A ledger of Beancount 3, for `bean-check`.
    Beancount,
    /// One row for each entry.
    Csv,
}

/// How much was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// Accounts.
    pub accounts: u64,
    /// Journals, those that moved nothing among them.
    pub journals: u64,
    /// Entries.
    pub entries: u64,
}

/// A balance that an account has at the end of a day.
struct Assertion<'a> {
    account: &'a Account,
    day: Date,
    units: i64,
}

/// How a format writes each part of the book. The parts come in this order.
trait Form {
    /// The head, with the assets.
    fn begin(&mut self, chart: &Chart) -> io::Result<()>;
    /// An account, before anything is entered in it.
    fn account(&mut self, chart: &Chart, account: &Account) -> io::Result<()>;
    /// A journal with its entries.
    fn journal(&mut self, chart: &Chart, journal: &Journal) -> io::Result<()>;
    /// Whether it has balances at all.
    fn asserts(&self) -> bool {
        true
    }
    /// A balance, after every journal.
    fn assertion(&mut self, chart: &Chart, assertion: &Assertion<'_>) -> io::Result<()>;
    /// The end, which a file that was cut off lacks.
    fn end(&mut self, extent: &Extent) -> io::Result<()>;
}

/// Writes the whole book.
///
/// # Errors
/// A fault of the database or of the writer.
pub async fn write(db: &Db, format: Format, out: &mut dyn Write) -> Result<Extent, Failure> {
    let books = db.snapshot().await?;
    let chart = queries::read_chart(&books).await?;
    let extent = match format {
        Format::Hledger => write_parts(&books, &chart, &mut hledger::Hledger::new(out, &chart)).await?,
        Format::Beancount => write_parts(&books, &chart, &mut beancount::Beancount::new(out, &chart)).await?,
        Format::Csv => write_parts(&books, &chart, &mut rows::Rows::new(out)).await?,
    };
    books.commit().await?;
    Ok(extent)
}

async fn write_parts(books: &impl ConnectionTrait, chart: &Chart, form: &mut impl Form) -> Result<Extent, Failure> {
    let mut extent = Extent::default();
    form.begin(chart).map_err(Failure::bug)?;
    let mut after = Uuid::nil();
    loop {
        let accounts = queries::read_accounts(books, after).await?;
        let Some(last) = accounts.last() else { break };
        after = last.id;
        extent.accounts += accounts.len() as u64;
        for account in &accounts {
            form.account(chart, account).map_err(Failure::bug)?;
        }
    }
    let mut after = (i64::MIN, Uuid::nil());
    loop {
        let journals = queries::read_journals(books, after).await?;
        let Some(last) = journals.last() else { break };
        after = (last.recorded_at.micros(), last.id);
        extent.journals += journals.len() as u64;
        for journal in &journals {
            extent.entries += journal.entries.len() as u64;
            form.journal(chart, journal).map_err(Failure::bug)?;
        }
    }
    if form.asserts() {
        write_assertions(books, chart, form).await?;
    }
    form.end(&extent).map_err(Failure::bug)?;
    Ok(extent)
}

/// The balances of each account at the end of every month that has a journal, summed by effective date, and at the end of the book, as
/// its own row says.
async fn write_assertions(books: &impl ConnectionTrait, chart: &Chart, form: &mut impl Form) -> Result<(), Failure> {
    let Some((_, book_end)) = chart.days else { return Ok(()) };
    let mut after = Uuid::nil();
    loop {
        let accounts = queries::read_accounts(books, after).await?;
        let Some(last) = accounts.last() else { break };
        let months = queries::read_months(books, after, last.id).await?;
        after = last.id;
        for account in &accounts {
            let moved = months.range((account.id, Date::MIN)..=(account.id, Date::MAX));
            let moved = moved.map(|((_, month_end), units)| (*month_end, *units));
            for (day, units) in month_ends(moved, &chart.months, account.subject.is_some(), book_end)? {
                form.assertion(chart, &Assertion { account, day, units }).map_err(Failure::bug)?;
            }
            let whole = Assertion { account, day: book_end, units: account.balance };
            form.assertion(chart, &whole).map_err(Failure::bug)?;
        }
    }
    Ok(())
}

/// The balance at the end of each month of the book before its end, from the first month that moved. An account of a subject (a
/// trade, a lien) is left out in the months in which it stands at zero and nothing moved: every trade leaves some of those behind
/// for ever, and a text of ten million entries would grow by more assertions of nothing than it has entries.
fn month_ends(
    moved: impl Iterator<Item = (Date, i64)>,
    months: &BTreeSet<Date>,
    is_of_a_subject: bool,
    book_end: Date,
) -> Result<Vec<(Date, i64)>, Failure> {
    let mut moved = moved.peekable();
    let Some((first, _)) = moved.peek().copied() else { return Ok(Vec::new()) };
    let (mut ends, mut units) = (Vec::new(), 0_i64);
    for month in months.range(first..).copied().take_while(|month| *month < book_end) {
        let mut has_moved = false;
        while let Some((_, change)) = moved.next_if(|(month_end, _)| *month_end <= month) {
            let sum = units.checked_add(change);
            units = sum.ok_or_else(|| Failure::bug("a sum of entries cannot be counted"))?;
            has_moved = true;
        }
        if has_moved || units != 0 || !is_of_a_subject {
            ends.push((month, units));
        }
    }
    Ok(ends)
}

/// The asset of an account; one that the chart lacks is a fault of the tables.
fn asset_of<'a>(chart: &'a Chart, account: &Account) -> io::Result<&'a Asset> {
    chart.assets.get(&account.asset).ok_or_else(|| io::Error::other(format!("no asset {}", account.asset)))
}

/// A quantity as an exact decimal in the display unit.
fn print(asset: &Asset, units: i64) -> String {
    decimal::print(units, asset.units_per_whole, asset.decimals)
}

/// Free text on one line.
fn one_line(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}

/// What is known of a journal beside its day and its kind, in the order it is written.
fn facts(journal: &Journal) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("journal", journal.id.to_string()),
        ("subject-kind", journal.subject_kind.clone()),
        ("subject", journal.subject.to_string()),
        ("subject-version", journal.subject_version.to_string()),
        ("recorded-at", journal.recorded_at.to_string()),
        ("actor", journal.actor.to_string()),
    ];
    facts.extend(journal.reason.as_ref().map(|reason| ("reason", one_line(reason))));
    facts.extend(journal.document_hash.as_ref().map(|hash| ("document-hash", one_line(hash))));
    facts.extend(journal.reverses.map(|reversed| ("reverses", reversed.to_string())));
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// The months of a book that has journals in all of them from the autumn of 2022 to the spring of 2023.
    fn months() -> BTreeSet<Date> {
        let ends = ["2022-11-30", "2022-12-31", "2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30", "2023-05-31"];
        ends.into_iter().map(day).collect()
    }

    fn ends_in(
        months: &BTreeSet<Date>,
        moved: &[(&str, i64)],
        is_of_a_subject: bool,
        book_end: &str,
    ) -> Vec<(String, i64)> {
        let moved = moved.iter().map(|(month_end, units)| (day(month_end), *units));
        let ends = month_ends(moved, months, is_of_a_subject, day(book_end)).unwrap();
        ends.into_iter().map(|(day, units)| (day.to_string(), units)).collect()
    }

    fn ends(moved: &[(&str, i64)], is_of_a_subject: bool, book_end: &str) -> Vec<(String, i64)> {
        ends_in(&months(), moved, is_of_a_subject, book_end)
    }

    fn told(ends: &[(&str, i64)]) -> Vec<(String, i64)> {
        ends.iter().map(|(day, units)| ((*day).to_owned(), *units)).collect()
    }

    #[test]
    fn every_month_from_the_first_that_moved_is_asserted() {
        let moved = [("2022-11-30", 5), ("2023-01-31", -5)];
        let all = told(&[("2022-11-30", 5), ("2022-12-31", 5), ("2023-01-31", 0), ("2023-02-28", 0)]);
        assert_eq!(ends(&moved, false, "2023-03-09"), all);
        assert_eq!(ends(&moved, true, "2023-03-09"), all[..3], "what a trade held is over");
        assert_eq!(
            ends(&moved, false, "2023-02-28"),
            all[..3],
            "the end of the book is asserted by the account's own row"
        );
    }

    #[test]
    fn what_is_held_is_asserted_while_it_is_held_and_when_it_moves_again() {
        let moved = [("2022-12-31", 0), ("2023-03-31", 7)];
        let expected = told(&[("2022-12-31", 0), ("2023-03-31", 7), ("2023-04-30", 7)]);
        assert_eq!(ends(&moved, true, "2023-05-01"), expected);
        assert_eq!(ends(&[], false, "2023-05-01"), []);
        assert_eq!(ends(&[("2023-05-31", 4)], false, "2023-05-09"), []);
    }

    #[test]
    fn a_date_at_the_end_of_time_brings_one_month() {
        let months = ["2022-11-30", "2022-12-31", "9999-12-31"].into_iter().map(day).collect();
        let moved = [("2022-11-30", 5), ("9999-12-31", -5)];
        let both = told(&[("2022-11-30", 5), ("2022-12-31", 5)]);
        assert_eq!(ends_in(&months, &moved, false, "9999-12-31"), both);
        assert_eq!(ends_in(&months, &moved, true, "9999-12-31"), both);
    }

    #[test]
    fn a_sum_beyond_counting_is_a_fault() {
        let moved = [(day("2022-11-30"), i64::MAX), (day("2022-12-31"), 1)];
        assert!(month_ends(moved.into_iter(), &months(), false, day("2023-05-09")).is_err());
    }
}
