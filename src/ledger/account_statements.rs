//! Statements of accounts (对账单): what stood at the begin of a span of days, what moved in it, what stands at its end; by
//! legal date or by the day of recording. Opening balance and entries always make the closing balance.

use crate::access::Scope;
use crate::db::{BOOK, Db};
use crate::kernel::ids::AccountId;
use crate::kernel::ids::OrganisationId;
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use crate::ledger::balances::{ACCOUNTS, Balance, COLUMNS, Conditions, read_balance};
use crate::ledger::error::LedgerRefusal;
use crate::ledger::log::queries as log;
use jiff::civil::Date;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

accounting::words! {
    /// By which clock of the books a statement counts.
    Basis {
        /// By legal date.
        Effective = "effective",
        /// By the day on which the book learnt it.
        Recorded = "recorded",
    }
}

/// Days, both inclusive, and the clock they are counted by.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    from: Date,
    to: Date,
    basis: Basis,
    /// The first instant of the span and the first one after it.
    instants: (Moment, Moment),
}

impl Span {
    /// A span of days.
    ///
    /// # Errors
    /// [`LedgerRefusal::SpanReversed`].
    pub fn try_new(from: Date, to: Date, basis: Basis) -> Result<Self, LedgerRefusal> {
        let instants = Moment::midnight(from).zip(Moment::end_of(to)).filter(|_| from <= to);
        Ok(Self { from, to, basis, instants: instants.ok_or(LedgerRefusal::SpanReversed {})? })
    }

    /// Its first day.
    pub fn from(&self) -> Date {
        self.from
    }

    /// Its last day.
    pub fn to(&self) -> Date {
        self.to
    }

    /// By which clock it counts.
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// Waits until what was recorded in the span is final, where the span is over.
    async fn settle(&self, db: &Db) -> Result<(), Failure> {
        let last = Moment::from_micros(self.instants.1.micros().saturating_sub(1));
        let is_over = self.basis == Basis::Recorded && last < db.clock().business_now();
        if is_over { db.wait_until_final(last).await } else { Ok(()) }
    }
}

/// An account over a span.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The account; its units are the closing balance.
    pub account: Balance,
    /// What stood before the span, in smallest units.
    pub opening: i64,
    /// How many entries the span has.
    pub entries: i64,
    /// The version the account had before the span, by the order of recording.
    before: i64,
}

impl Summary {
    /// Smallest units as a decimal string in the display unit of the account.
    pub fn print(&self, units: i64) -> String {
        accounting::decimal::print(units, self.account.units_per_whole, self.account.decimals)
    }

    /// What moved, in smallest units; negative when more left than entered.
    pub fn moved(&self) -> i64 {
        self.account.units.saturating_sub(self.opening)
    }
}

/// An entry in a statement.
#[derive(Debug, Clone)]
pub struct StatementEntry {
    /// Which journal it belongs to.
    pub journal: Uuid,
    /// What happened.
    pub kind: String,
    /// Why, in the actor's words.
    pub reason: Option<String>,
    /// Position of the posting in its journal.
    pub line: i32,
    /// The account's version with this entry.
    pub version: i64,
    /// The legal date.
    pub effective_on: String,
    /// When the book learnt it.
    pub recorded_at: Moment,
    /// Signed smallest units.
    pub amount: i64,
    /// What stands after it in the order of this statement.
    pub balance: i64,
}

/// A statement of one account: its summary and a page of its entries.
#[derive(Debug, Clone)]
pub struct AccountStatement {
    /// The account over the span.
    pub summary: Summary,
    /// Entries in the order of the basis.
    pub entries: Page<StatementEntry>,
    /// The newest checkpoint of the log in the state of the books that was read.
    pub checkpoint: String,
}

/// Whole statements, for a document.
#[derive(Debug, Clone)]
pub struct WholeStatements {
    /// Account by account.
    pub accounts: Vec<(Summary, Vec<StatementEntry>)>,
    /// The newest checkpoint of the log in the state of the books that was read: who keeps the document keeps it, too.
    pub checkpoint: String,
}

/// Whose accounts a statement is about.
#[derive(Debug, Clone, Copy)]
pub enum Holder {
    /// Those of one owner: a site, an organisation, an area.
    Owner(Uuid),
    /// Those of an organisation: its sites and its money.
    Organisation(OrganisationId),
}

/// The statement of an account that the caller may see. Nothing when it is hidden from them.
///
/// # Errors
/// A fault of the database.
pub async fn find_statement(
    db: &Db,
    scope: &Scope,
    account: AccountId,
    span: &Span,
    page: &PageRequest,
) -> Result<Option<AccountStatement>, Failure> {
    span.settle(db).await?;
    // Balances and entries are read from one state of the books, so they agree while others write.
    let books = db.snapshot().await?;
    let mut conditions = Conditions::visible_to(scope);
    conditions.and("a.id = ?", [account.0.into()]);
    let summaries = read_summaries(&books, conditions, span, "", 1).await?;
    let Some(summary) = summaries.into_iter().next() else {
        return Ok(None);
    };
    let entries = read_entries(&books, &summary, span, page).await?;
    let checkpoint = log::newest_checkpoint(&books).await?.note;
    books.commit().await?;
    Ok(Some(AccountStatement { summary, entries, checkpoint }))
}

/// Accounts of a holder that the caller may see and in which something stood or moved, in the order of their ids.
///
/// # Errors
/// A fault of the database.
pub async fn list_summaries(
    db: &Db,
    scope: &Scope,
    holder: Holder,
    span: &Span,
    page: &PageRequest,
) -> Result<Page<Summary>, Failure> {
    span.settle(db).await?;
    let summaries = summaries_of(db.reader(), scope, holder, span, page).await?;
    Ok(Page::cut(summaries, page, |summary| summary.account.account.0))
}

/// Whole statements, account by account, for a document.
///
/// # Errors
/// [`LedgerRefusal::StatementTooLong`] beyond `largest` entries.
pub async fn whole_statements(
    db: &Db,
    scope: &Scope,
    holder: Holder,
    span: &Span,
    largest: i64,
) -> Result<WholeStatements, Failure> {
    span.settle(db).await?;
    let books = db.snapshot().await?;
    let (mut accounts, mut count) = (Vec::new(), 0_i64);
    let mut page = PageRequest::of(WHOLE_PAGE);
    loop {
        let summaries = summaries_of(&books, scope, holder, span, &page).await?;
        let summaries = Page::cut(summaries, &page, |summary| summary.account.account.0);
        for summary in summaries.items {
            count = count.saturating_add(summary.entries);
            refuse_long(count, largest)?;
            let entries = whole_entries(&books, &summary, span).await?;
            accounts.push((summary, entries));
        }
        page.after = summaries.next.map(|next| next.after);
        if page.after.is_none() {
            let checkpoint = log::newest_checkpoint(&books).await?.note;
            books.commit().await?;
            return Ok(WholeStatements { accounts, checkpoint });
        }
    }
}

/// The whole statement of one account, for a document. Nothing when it is hidden from the caller.
///
/// # Errors
/// [`LedgerRefusal::StatementTooLong`] beyond `largest` entries.
pub async fn whole_statement(
    db: &Db,
    scope: &Scope,
    account: AccountId,
    span: &Span,
    largest: i64,
) -> Result<Option<WholeStatements>, Failure> {
    span.settle(db).await?;
    let books = db.snapshot().await?;
    let mut conditions = Conditions::visible_to(scope);
    conditions.and("a.id = ?", [account.0.into()]);
    let Some(summary) = read_summaries(&books, conditions, span, "", 1).await?.into_iter().next() else {
        return Ok(None);
    };
    refuse_long(summary.entries, largest)?;
    let entries = whole_entries(&books, &summary, span).await?;
    let checkpoint = log::newest_checkpoint(&books).await?.note;
    books.commit().await?;
    Ok(Some(WholeStatements { accounts: vec![(summary, entries)], checkpoint }))
}

/// Entries and accounts read at a time for a document.
const WHOLE_PAGE: u64 = 5_000;

fn refuse_long(entries: i64, largest: i64) -> Result<(), LedgerRefusal> {
    if entries <= largest {
        return Ok(());
    }
    Err(LedgerRefusal::StatementTooLong { entries: entries.to_string(), largest: largest.to_string() })
}

async fn whole_entries(
    books: &impl ConnectionTrait,
    summary: &Summary,
    span: &Span,
) -> Result<Vec<StatementEntry>, Failure> {
    let (mut entries, mut page) = (Vec::new(), PageRequest::of(WHOLE_PAGE));
    loop {
        let read = read_entries(books, summary, span, &page).await?;
        entries.extend(read.items);
        page.after = read.next.map(|next| next.after);
        if page.after.is_none() {
            return Ok(entries);
        }
    }
}

async fn summaries_of(
    books: &impl ConnectionTrait,
    scope: &Scope,
    holder: Holder,
    span: &Span,
    page: &PageRequest,
) -> Result<Vec<Summary>, Failure> {
    let mut conditions = Conditions::visible_to(scope);
    match holder {
        Holder::Owner(owner) => conditions.and("a.owner_id = ?", [owner.into()]),
        Holder::Organisation(organisation) => conditions.and("o.organisation_id = ?", [organisation.0.into()]),
    }
    if let Some(after) = page.after {
        conditions.and("a.id > ?", [after.into()]);
    }
    let is_told = "WHERE x.opening <> 0 OR x.units <> 0 OR x.entries <> 0";
    read_summaries(books, conditions, span, is_told, page.fetch()).await
}

/// The expressions for opening balance, closing balance, number of entries and the version before the span.
fn figures(conditions: &mut Conditions, span: &Span) -> [String; 4] {
    let mut bind = |value: Value| conditions.bind(value);
    match span.basis {
        Basis::Recorded => {
            let (from, end) = (bind(span.instants.0.micros().into()), bind(span.instants.1.micros().into()));
            let last = |column: &str, before: &str| {
                format!(
                    "COALESCE((SELECT e.{column} FROM entries e WHERE e.book_id = a.book_id AND e.account_id = a.id \
                     AND e.recorded_at < {before} ORDER BY e.recorded_at DESC, e.version DESC LIMIT 1), 0)"
                )
            };
            let version = last("version", &from);
            let entries = format!("{} - {version}", last("version", &end));
            [last("balance_after", &from), last("balance_after", &end), entries, version]
        }
        Basis::Effective => {
            let (from, to) = (bind(span.from.to_string().into()), bind(span.to.to_string().into()));
            let sum = |column: &str, until: &str| {
                format!(
                    "CAST(COALESCE((SELECT SUM(t.{column}) FROM daily_totals t WHERE t.book_id = a.book_id \
                     AND t.account_id = a.id AND {until}), 0) AS bigint)"
                )
            };
            let within = format!("t.effective_on >= {from} AND t.effective_on <= {to}");
            let opening = sum("amount", &format!("t.effective_on < {from}"));
            [opening, sum("amount", &format!("t.effective_on <= {to}")), sum("entries", &within), "0".to_owned()]
        }
    }
}

async fn read_summaries(
    books: &impl ConnectionTrait,
    mut conditions: Conditions,
    span: &Span,
    filter: &str,
    fetch: u64,
) -> Result<Vec<Summary>, Failure> {
    let [opening, closing, entries, before] = figures(&mut conditions, span);
    let sql = format!(
        "SELECT * FROM (SELECT {COLUMNS}, {closing} AS units, {opening} AS opening, {entries} AS entries, \
         CAST({before} AS bigint) AS version_before FROM {ACCOUNTS} WHERE {}) x {filter} ORDER BY x.id LIMIT {fetch}",
        conditions.text()
    );
    let statement = Statement::from_sql_and_values(books.get_database_backend(), sql, conditions.values);
    let read = |row: &QueryResult| -> Result<Summary, Failure> {
        Ok(Summary {
            account: read_balance(row)?,
            opening: row.try_get("", "opening")?,
            entries: row.try_get("", "entries")?,
            before: row.try_get("", "version_before")?,
        })
    };
    books.query_all_raw(statement).await?.iter().map(read).collect()
}

async fn read_entries(
    books: &impl ConnectionTrait,
    summary: &Summary,
    span: &Span,
    page: &PageRequest,
) -> Result<Page<StatementEntry>, Failure> {
    match span.basis {
        Basis::Recorded => by_recording(books, summary, page).await,
        Basis::Effective => by_legal_date(books, summary, span, page).await,
    }
}

const ENTRIES: &str = "SELECT e.journal_id, j.kind, j.reason, e.line, e.version, e.effective_on, e.recorded_at, e.amount, \
     e.balance_after FROM entries e JOIN journals j ON j.book_id = e.book_id AND j.id = e.journal_id \
     WHERE e.book_id = $1 AND e.account_id = $2";

fn read_entry(row: &QueryResult) -> Result<StatementEntry, Failure> {
    Ok(StatementEntry {
        journal: row.try_get("", "journal_id")?,
        kind: row.try_get("", "kind")?,
        reason: row.try_get("", "reason")?,
        line: row.try_get("", "line")?,
        version: row.try_get("", "version")?,
        effective_on: row.try_get("", "effective_on")?,
        recorded_at: Moment::from_micros(row.try_get("", "recorded_at")?),
        amount: row.try_get("", "amount")?,
        balance: row.try_get("", "balance_after")?,
    })
}

/// In the order of recording the entries of a span are a run of versions.
async fn by_recording(
    books: &impl ConnectionTrait,
    summary: &Summary,
    page: &PageRequest,
) -> Result<Page<StatementEntry>, Failure> {
    // The cursor of this list is an entry's version, carried in the low bits of a UUID.
    let after = page.after.map_or(0, |after| i64::try_from(after.as_u128()).unwrap_or(i64::MAX)).max(summary.before);
    let last = summary.before.saturating_add(summary.entries);
    let values = [BOOK.0.into(), summary.account.account.0.into(), after.into(), last.into()];
    let sql = format!("{ENTRIES} AND e.version > $3 AND e.version <= $4 ORDER BY e.version LIMIT {}", page.fetch());
    let rows = books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?;
    let entries = rows.iter().map(read_entry).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(entries, page, |entry| Uuid::from_u128(u128::try_from(entry.version).unwrap_or_default())))
}

/// A place in the order of legal dates: the date, and the version within it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    date: String,
    version: i64,
}

impl Place {
    /// The date's digits in the high half of a UUID, the version in the low half.
    fn cursor(&self) -> Uuid {
        let digits: String = self.date.chars().filter(char::is_ascii_digit).collect();
        Uuid::from_u64_pair(digits.parse().unwrap_or_default(), self.version.cast_unsigned())
    }

    fn of(cursor: Uuid) -> Self {
        let (digits, version) = cursor.as_u64_pair();
        let (year, month, day) = (digits / 10_000, digits / 100 % 100, digits % 100);
        Self { date: format!("{year:04}-{month:02}-{day:02}"), version: version.cast_signed() }
    }
}

/// One legal date of an account: when its entries were recorded, and how many they are.
struct LegalDay {
    date: String,
    recorded: (String, String),
    entries: i64,
}

/// In the order of legal dates a page is found by the daily totals: they tell on which days its entries were recorded.
async fn by_legal_date(
    books: &impl ConnectionTrait,
    summary: &Summary,
    span: &Span,
    page: &PageRequest,
) -> Result<Page<StatementEntry>, Failure> {
    let begin = Place { date: span.from.to_string(), version: 0 };
    // A cursor of another span does not lead before this one.
    let place = page.after.map(Place::of).filter(|place| place.date >= begin.date).unwrap_or(begin);
    let days = legal_days(books, summary, &place, span).await?;
    let mut wanted: Vec<LegalDay> = Vec::new();
    let mut count = 0;
    for day in days {
        if count >= i64::try_from(page.fetch()).map_err(Failure::bug)? {
            break;
        }
        // Of the first date some entries may stand on the page before, so it does not count.
        count += if day.date == place.date { 0 } else { day.entries };
        wanted.push(day);
    }
    let Some(last) = wanted.last().map(|day| day.date.clone()) else {
        return Ok(Page { items: Vec::new(), next: None });
    };
    let (first, end) = recorded_within(&wanted)?;
    let sql = format!(
        "{ENTRIES} AND e.recorded_at >= $3 AND e.recorded_at < $4 AND (e.effective_on, e.version) > ($5, $6) \
         AND e.effective_on <= $7 ORDER BY e.effective_on, e.version LIMIT {}",
        page.fetch()
    );
    let values = [
        BOOK.0.into(),
        summary.account.account.0.into(),
        first.into(),
        end.into(),
        place.date.clone().into(),
        place.version.into(),
        last.into(),
    ];
    let rows = books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?;
    let mut entries = rows.iter().map(read_entry).collect::<Result<Vec<_>, _>>()?;
    let mut balance = standing_at(books, summary, &place, (first, end)).await?;
    for entry in &mut entries {
        balance = balance.checked_add(entry.amount).ok_or(LedgerRefusal::Overflow {})?;
        entry.balance = balance;
    }
    let place = |entry: &StatementEntry| Place { date: entry.effective_on.clone(), version: entry.version };
    Ok(Page::cut(entries, page, |entry| place(entry).cursor()))
}

async fn legal_days(
    books: &impl ConnectionTrait,
    summary: &Summary,
    place: &Place,
    span: &Span,
) -> Result<Vec<LegalDay>, Failure> {
    let sql = "SELECT effective_on, MIN(recorded_on) AS first, MAX(recorded_on) AS last, \
         CAST(SUM(entries) AS bigint) AS entries FROM daily_totals \
         WHERE book_id = $1 AND account_id = $2 AND effective_on >= $3 AND effective_on <= $4 \
         GROUP BY effective_on ORDER BY effective_on";
    let from = place.date.clone();
    let values = [BOOK.0.into(), summary.account.account.0.into(), from.into(), span.to.to_string().into()];
    let rows = books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?;
    let read = |row: &QueryResult| -> Result<LegalDay, Failure> {
        Ok(LegalDay {
            date: row.try_get("", "effective_on")?,
            recorded: (row.try_get("", "first")?, row.try_get("", "last")?),
            entries: row.try_get("", "entries")?,
        })
    };
    rows.iter().map(read).collect()
}

/// The instants within which the entries of these dates were recorded: the first one, and the first one after.
fn recorded_within(days: &[LegalDay]) -> Result<(i64, i64), Failure> {
    let bad = || Failure::bug("a day of recording is no date");
    let first = days.iter().map(|day| &day.recorded.0).min().and_then(|day| day.parse::<Date>().ok());
    let last = days.iter().map(|day| &day.recorded.1).max().and_then(|day| day.parse::<Date>().ok());
    let first = first.and_then(Moment::midnight).ok_or_else(bad)?;
    let end = last.and_then(Moment::end_of).ok_or_else(bad)?;
    Ok((first.micros(), end.micros()))
}

/// The balance by legal date at a place: what earlier dates left, and the entries of its own date up to it.
async fn standing_at(
    books: &impl ConnectionTrait,
    summary: &Summary,
    place: &Place,
    (first, end): (i64, i64),
) -> Result<i64, Failure> {
    let sql = "SELECT CAST(COALESCE(SUM(k.amount), 0) AS bigint) AS units FROM \
         (SELECT t.amount FROM daily_totals t WHERE t.book_id = $1 AND t.account_id = $2 AND t.effective_on < $3 UNION ALL \
         SELECT e.amount FROM entries e WHERE e.book_id = $1 AND e.account_id = $2 AND e.recorded_at >= $5 \
         AND e.recorded_at < $6 AND e.effective_on = $3 AND e.version <= $4) k";
    let values = [
        BOOK.0.into(),
        summary.account.account.0.into(),
        place.date.clone().into(),
        place.version.into(),
        first.into(),
        end.into(),
    ];
    let statement = Statement::from_sql_and_values(books.get_database_backend(), sql, values);
    let row = books.query_one_raw(statement).await?.ok_or_else(|| Failure::bug("a sum is missing"))?;
    Ok(row.try_get("", "units")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_takes_as_many_entries_as_are_allowed_and_not_one_more() {
        assert_eq!(refuse_long(100_000, 100_000), Ok(()));
        assert!(matches!(refuse_long(100_001, 100_000), Err(LedgerRefusal::StatementTooLong { .. })));
    }

    #[test]
    fn a_place_is_carried_in_a_cursor() {
        let place = Place { date: "2022-11-30".to_owned(), version: 10_000_000_001 };
        assert_eq!(Place::of(place.cursor()), place);
    }
}
