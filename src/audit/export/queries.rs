//! Reading the book in pieces of a fixed size.

use crate::db::{BOOK, bind_all};
use crate::kernel::{Failure, Moment};
use jiff::civil::Date;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// Journals and accounts read at a time: bounds memory whatever the size of the book.
const CHUNK: u64 = 1_000;
/// Accounts asked for by their ids at a time.
const ASKED: usize = 1_000;
/// Entries added up at a time; their rows are small.
const SUMMED: u64 = 5_000;

/// Something counted.
pub(super) struct Asset {
    pub(super) kind: String,
    pub(super) code: String,
    pub(super) unit: String,
    pub(super) units_per_whole: i64,
    pub(super) decimals: u32,
}

/// Who has accounts.
pub(super) struct Owner {
    pub(super) kind: String,
    pub(super) name: String,
}

/// What the book is about: it has as many owners as parties and as many assets as right classes, however much they trade.
pub(super) struct Chart {
    /// Code of the book.
    pub(super) code: String,
    /// Its name.
    pub(super) name: String,
    /// The first and the last effective date, when there is any journal.
    pub(super) days: Option<(Date, Date)>,
    /// The last days of the months that have a journal: one date far from the others brings one month and not all between.
    pub(super) months: BTreeSet<Date>,
    pub(super) owners: BTreeMap<Uuid, Owner>,
    pub(super) assets: BTreeMap<Uuid, Asset>,
}

/// An account.
pub(super) struct Account {
    pub(super) id: Uuid,
    pub(super) owner: Uuid,
    pub(super) asset: Uuid,
    pub(super) purpose: String,
    pub(super) subject: Option<Uuid>,
    pub(super) guarded: bool,
    pub(super) balance: i64,
}

/// One side of a posting.
pub(super) struct Entry {
    pub(super) account: Arc<Account>,
    pub(super) line: i32,
    pub(super) version: i64,
    pub(super) amount: i64,
    pub(super) balance_after: i64,
}

/// A business event.
pub(super) struct Journal {
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) subject_kind: String,
    pub(super) subject: Uuid,
    pub(super) subject_version: i64,
    pub(super) effective_on: Date,
    pub(super) recorded_at: Moment,
    pub(super) actor: Uuid,
    pub(super) reason: Option<String>,
    pub(super) document_hash: Option<String>,
    pub(super) reverses: Option<Uuid>,
    pub(super) entries: Vec<Entry>,
}

/// Rows of the book; `$1` is the book itself.
async fn rows(
    books: &impl ConnectionTrait,
    sql: impl Into<String>,
    others: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, Failure> {
    bound_rows(books, sql, std::iter::once(BOOK.0.into()).chain(others).collect()).await
}

async fn bound_rows(
    books: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>, Failure> {
    Ok(books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?)
}

fn day(text: &str) -> Result<Date, Failure> {
    text.parse().map_err(Failure::bug)
}

/// The book with its owners and its assets.
pub(super) async fn read_chart(books: &impl ConnectionTrait) -> Result<Chart, Failure> {
    let mut chart = Chart {
        code: String::new(),
        name: String::new(),
        days: None,
        months: BTreeSet::new(),
        owners: BTreeMap::new(),
        assets: BTreeMap::new(),
    };
    for row in rows(books, "SELECT code, name FROM books WHERE id = $1", []).await? {
        (chart.code, chart.name) = (row.try_get("", "code")?, row.try_get("", "name")?);
    }
    let sql = "SELECT MIN(effective_on) AS first_day, MAX(effective_on) AS last_day FROM journals WHERE book_id = $1";
    for row in rows(books, sql, []).await? {
        let days: (Option<String>, Option<String>) = (row.try_get("", "first_day")?, row.try_get("", "last_day")?);
        if let (Some(first), Some(last)) = days {
            chart.days = Some((day(&first)?, day(&last)?));
        }
    }
    let sql = "SELECT DISTINCT substr(effective_on, 1, 7) AS month FROM journals WHERE book_id = $1";
    for row in rows(books, sql, []).await? {
        chart.months.insert(day(&format!("{}-01", row.try_get::<String>("", "month")?))?.last_of_month());
    }
    for row in rows(books, "SELECT id, kind, name FROM owners WHERE book_id = $1", []).await? {
        let owner = Owner { kind: row.try_get("", "kind")?, name: row.try_get("", "name")? };
        chart.owners.insert(row.try_get("", "id")?, owner);
    }
    let sql = "SELECT id, kind, code, unit, units_per_whole, decimals FROM assets WHERE book_id = $1";
    for row in rows(books, sql, []).await? {
        let decimals: i32 = row.try_get("", "decimals")?;
        let asset = Asset {
            kind: row.try_get("", "kind")?,
            code: row.try_get("", "code")?,
            unit: row.try_get("", "unit")?,
            units_per_whole: row.try_get("", "units_per_whole")?,
            decimals: u32::try_from(decimals).map_err(Failure::bug)?,
        };
        chart.assets.insert(row.try_get("", "id")?, asset);
    }
    Ok(chart)
}

// What there is much of is read by position: looking a column up by name costs more than all the rest of reading it.

const ACCOUNT: &str = "a.id, a.owner_id, a.asset_id, a.purpose, a.subject_id, a.guarded, a.balance";

/// An account that begins the row.
fn read_account(row: &QueryResult) -> Result<Account, Failure> {
    let subject: Uuid = row.try_get_by_index(4)?;
    Ok(Account {
        id: row.try_get_by_index(0)?,
        owner: row.try_get_by_index(1)?,
        asset: row.try_get_by_index(2)?,
        purpose: row.try_get_by_index(3)?,
        subject: (!subject.is_nil()).then_some(subject),
        guarded: row.try_get_by_index(5)?,
        balance: row.try_get_by_index(6)?,
    })
}

/// The next accounts in the order of their ids.
pub(super) async fn read_accounts(books: &impl ConnectionTrait, after: Uuid) -> Result<Vec<Account>, Failure> {
    let sql =
        format!("SELECT {ACCOUNT} FROM accounts a WHERE a.book_id = $1 AND a.id > $2 ORDER BY a.id LIMIT {CHUNK}");
    rows(books, sql, [after.into()]).await?.iter().map(read_account).collect()
}

/// The next journals in the order they were recorded, with their entries.
pub(super) async fn read_journals(books: &impl ConnectionTrait, after: (i64, Uuid)) -> Result<Vec<Journal>, Failure> {
    let sql = format!(
        "SELECT id, kind, subject_kind, subject_id, subject_version, effective_on, recorded_at, actor_id, reason, \
         document_hash, reverses_id FROM journals WHERE book_id = $1 AND (recorded_at, id) > ($2, $3) \
         ORDER BY recorded_at, id LIMIT {CHUNK}"
    );
    let found = rows(books, sql, [after.0.into(), after.1.into()]).await?;
    let mut journals = found.iter().map(read_journal).collect::<Result<Vec<_>, _>>()?;
    if journals.is_empty() {
        return Ok(journals);
    }
    let ids = journals.iter().map(|journal| journal.id);
    let mut by_journal = read_entries(books, ids.collect()).await?;
    for journal in &mut journals {
        journal.entries = by_journal.remove(&journal.id).unwrap_or_default();
        journal.entries.sort_by_key(|entry| (entry.line, entry.amount));
    }
    Ok(journals)
}

/// The entries of journals. Their accounts are asked for by a query of their own: a join is planned well only by a database
/// that has counted its rows lately.
async fn read_entries(books: &impl ConnectionTrait, journals: Vec<Uuid>) -> Result<HashMap<Uuid, Vec<Entry>>, Failure> {
    let bounds = journals.iter().min().copied().zip(journals.iter().max().copied());
    let Some((first, last)) = bounds else { return Ok(HashMap::new()) };
    // Ids follow each other in time. Their bounds beside their list keep PostgreSQL on the index of journals: for a list alone it
    // may walk all entries of the book.
    let mut values = vec![BOOK.0.into(), first.into(), last.into()];
    let listed = bind_all(&mut values, journals);
    let sql = format!(
        "SELECT journal_id, account_id, line, version, amount, balance_after FROM entries \
         WHERE book_id = $1 AND journal_id IN ({listed}) AND journal_id >= $2 AND journal_id <= $3"
    );
    let found = bound_rows(books, sql, values).await?;
    let touched = found.iter().map(|row| Ok(row.try_get_by_index(1)?)).collect::<Result<BTreeSet<Uuid>, Failure>>()?;
    let accounts = read_touched(books, touched).await?;
    let mut by_journal: HashMap<Uuid, Vec<Entry>> = HashMap::new();
    for row in &found {
        let Some(account) = accounts.get(&row.try_get_by_index::<Uuid>(1)?) else { continue };
        let entry = Entry {
            account: account.clone(),
            line: row.try_get_by_index(2)?,
            version: row.try_get_by_index(3)?,
            amount: row.try_get_by_index(4)?,
            balance_after: row.try_get_by_index(5)?,
        };
        by_journal.entry(row.try_get_by_index(0)?).or_default().push(entry);
    }
    Ok(by_journal)
}

async fn read_touched(
    books: &impl ConnectionTrait,
    ids: BTreeSet<Uuid>,
) -> Result<HashMap<Uuid, Arc<Account>>, Failure> {
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let mut accounts = HashMap::with_capacity(ids.len());
    for some in ids.chunks(ASKED) {
        let mut values = vec![BOOK.0.into()];
        let listed = bind_all(&mut values, some.iter().copied());
        let sql = format!("SELECT {ACCOUNT} FROM accounts a WHERE a.book_id = $1 AND a.id IN ({listed})");
        for row in bound_rows(books, sql, values).await? {
            let account = read_account(&row)?;
            accounts.insert(account.id, Arc::new(account));
        }
    }
    Ok(accounts)
}

fn read_journal(row: &QueryResult) -> Result<Journal, Failure> {
    Ok(Journal {
        id: row.try_get_by_index(0)?,
        kind: row.try_get_by_index(1)?,
        subject_kind: row.try_get_by_index(2)?,
        subject: row.try_get_by_index(3)?,
        subject_version: row.try_get_by_index(4)?,
        effective_on: day(&row.try_get_by_index::<String>(5)?)?,
        recorded_at: Moment::from_micros(row.try_get_by_index(6)?),
        actor: row.try_get_by_index(7)?,
        reason: row.try_get_by_index(8)?,
        document_hash: row.try_get_by_index(9)?,
        reverses: row.try_get_by_index(10)?,
        entries: Vec::new(),
    })
}

/// What the accounts after one and up to another moved in each month, by effective date; months are named by their last
/// day. The entries are added up here, in the order of their key: a database would sort them by month first, and the
/// memory and the temporary files for that grow with the book.
pub(super) async fn read_months(
    books: &impl ConnectionTrait,
    after: Uuid,
    last: Uuid,
) -> Result<BTreeMap<(Uuid, Date), i64>, Failure> {
    let sql = format!(
        "SELECT account_id, version, amount, effective_on FROM entries \
         WHERE book_id = $1 AND (account_id, version) > ($2, $3) ORDER BY account_id, version LIMIT {SUMMED}"
    );
    let mut months: BTreeMap<(Uuid, Date), i64> = BTreeMap::new();
    let mut position = (after, i64::MAX);
    loop {
        let entries = rows(books, sql.clone(), [position.0.into(), position.1.into()]).await?;
        for row in &entries {
            position = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            // The end is looked for here: a second bound on the account tempts PostgreSQL into another index.
            if position.0 > last {
                return Ok(months);
            }
            let effective_on = day(&row.try_get_by_index::<String>(3)?)?;
            let moved = months.entry((position.0, effective_on.last_of_month())).or_default();
            let sum = moved.checked_add(row.try_get_by_index(2)?);
            *moved = sum.ok_or_else(|| Failure::bug("a sum of entries cannot be counted"))?;
        }
        if (entries.len() as u64) < SUMMED {
            return Ok(months);
        }
    }
}
