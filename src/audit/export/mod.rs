//! The book as text that the programs of others read: hledger and Beancount add it up again, a spreadsheet takes the rows.
//!
//! What is written says twice what each account holds: by its entries, and by assertions of the balance at the end of each
//! month and of the book. The last one is the balance that the accounts themselves carry, so a book whose entries do not
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

/// The balances of each account at the end of the months in which it has entries, summed by effective date, and at the end
/// of the book, as its own row says.
async fn write_assertions(books: &impl ConnectionTrait, chart: &Chart, form: &mut impl Form) -> Result<(), Failure> {
    let Some((_, book_end)) = chart.days else { return Ok(()) };
    let mut after = Uuid::nil();
    loop {
        let accounts = queries::read_accounts(books, after).await?;
        let Some(last) = accounts.last() else { break };
        let months = queries::read_months(books, after, last.id).await?;
        after = last.id;
        for account in &accounts {
            let mut units: i64 = 0;
            for ((_, month_end), moved) in months.range((account.id, Date::MIN)..=(account.id, Date::MAX)) {
                units = units.checked_add(*moved).ok_or_else(|| Failure::bug("a sum of entries cannot be counted"))?;
                if *month_end < book_end {
                    form.assertion(chart, &Assertion { account, day: *month_end, units }).map_err(Failure::bug)?;
                }
            }
            let whole = Assertion { account, day: book_end, units: account.balance };
            form.assertion(chart, &whole).map_err(Failure::bug)?;
        }
    }
    Ok(())
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
