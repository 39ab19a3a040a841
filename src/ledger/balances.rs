//! Balances as their owner, the bureau or the auditor sees them: now, as of any instant, by any legal date, or as known at
//! an instant about a date.

use crate::access::Scope;
use crate::db::{BOOK, Db, Work, bind_all};
use crate::kernel::ids::{AccountId, OrganisationId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use crate::ledger::error::LedgerRefusal;
use accounting::decimal;
use jiff::civil::Date;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A balance with what it takes to read it.
#[derive(Debug, Clone)]
pub struct Balance {
    /// Which account.
    pub account: AccountId,
    /// Its owner.
    pub owner: Uuid,
    /// What kind of owner: `site`, `organisation`, `area`, `book`.
    pub owner_kind: String,
    /// The owner's name.
    pub owner_name: String,
    /// Code of what it counts.
    pub asset: String,
    /// `right`, `money`, `capacity`.
    pub asset_kind: String,
    /// Display unit.
    pub unit: String,
    /// Smallest units in a display unit.
    pub units_per_whole: i64,
    /// Decimals it is written with.
    pub decimals: u32,
    /// What the account is for.
    pub purpose: String,
    /// Which trade, lien or freeze holds it.
    pub subject: Option<Uuid>,
    /// Smallest units.
    pub units: i64,
}

impl Balance {
    /// The balance as a decimal string in its display unit.
    pub fn print(&self) -> String {
        accounting::decimal::print(self.units, self.units_per_whole, self.decimals)
    }
}

/// Which balances are wanted.
#[derive(Debug, Clone, Default)]
pub struct BalanceFilter {
    /// Of one owner.
    pub owner: Option<Uuid>,
    /// Of one organisation, over its sites and its money.
    pub organisation: Option<OrganisationId>,
    /// Of one asset, by code.
    pub asset: Option<String>,
    /// For one purpose.
    pub purpose: Option<String>,
    /// Of when.
    pub view: View,
}

/// Of when a balance is asked, by either clock of the books or by both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct View {
    /// As the book knew it at an instant; as it knows it now when absent.
    pub as_of: Option<Moment>,
    /// What is legally effective on a date or before it; whatever is recorded when absent.
    pub effective_on: Option<Date>,
}

impl From<Option<Moment>> for View {
    fn from(as_of: Option<Moment>) -> Self {
        Self { as_of, effective_on: None }
    }
}

/// Builds a `WHERE` clause and its values side by side.
pub(super) struct Conditions {
    text: String,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    /// Starts from the book and from who may see it.
    pub(super) fn visible_to(scope: &Scope) -> Self {
        let mut conditions = Self { text: "a.book_id = $1".to_owned(), values: vec![BOOK.0.into()] };
        match scope {
            Scope::Everything => {}
            Scope::Area { path } => {
                conditions
                    .and("(o.area_path = ? OR o.area_path LIKE ?)", [path.clone().into(), format!("{path}/%").into()]);
            }
            Scope::Organisation { id } => conditions.and("o.organisation_id = ?", [id.0.into()]),
        }
        conditions
    }

    /// Adds a condition; each `?` in it becomes the next placeholder.
    pub(super) fn and<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        self.text.push_str(" AND ");
        let mut at = self.values.len();
        for part in condition.split_inclusive('?') {
            match part.strip_suffix('?') {
                Some(before) => {
                    at += 1;
                    self.text = format!("{}{before}${at}", self.text);
                }
                None => self.text.push_str(part),
            }
        }
        self.values.extend(values);
    }

    /// The next placeholder, for a value that is no condition.
    pub(super) fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    /// The clause.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// What tells an account.
pub(super) const COLUMNS: &str = "a.id, a.owner_id, o.kind AS owner_kind, o.name AS owner_name, s.code, s.kind AS asset_kind, s.unit, \
                       s.units_per_whole, s.decimals, a.purpose, a.subject_id";

/// The tables that give an account its owner and its asset.
pub(super) const ACCOUNTS: &str = "accounts a \
     JOIN owners o ON o.book_id = a.book_id AND o.id = a.owner_id \
     JOIN assets s ON s.book_id = a.book_id AND s.id = a.asset_id";

/// The last balance at or before an instant, or none when the account had no entry yet.
fn balance_as_of(placeholder: &str) -> String {
    format!(
        "(SELECT e.balance_after FROM entries e WHERE e.book_id = a.book_id AND e.account_id = a.id \
         AND e.recorded_at <= {placeholder} ORDER BY e.recorded_at DESC, e.version DESC LIMIT 1)"
    )
}

/// The sum of what an account's totals carry: no row when nothing had moved.
fn total_until(effective_on: &str, and: &str) -> String {
    format!(
        "SELECT t.amount FROM daily_totals t WHERE t.book_id = a.book_id AND t.account_id = a.id \
         AND t.effective_on <= {effective_on}{and}"
    )
}

/// What was effective by a date as it was known at an instant: whole days from the totals, the day of the instant from its
/// entries.
fn known_until(effective_on: &str, first: &str, instant: &str, recorded_on: &str) -> String {
    let totals = total_until(effective_on, &format!(" AND t.recorded_on < {recorded_on}"));
    format!(
        "(SELECT CAST(SUM(k.amount) AS bigint) FROM ({totals} UNION ALL \
         SELECT e.amount FROM entries e WHERE e.book_id = a.book_id AND e.account_id = a.id AND e.recorded_at >= {first} \
         AND e.recorded_at <= {instant} AND e.effective_on <= {effective_on}) k)"
    )
}

/// The expression for an account's balance in a view; null when the account had no entry by then.
fn units_in(view: View, conditions: &mut Conditions) -> Result<String, Failure> {
    let mut bind = |value: Value| conditions.bind(value);
    Ok(match (view.as_of, view.effective_on) {
        (None, None) => "a.balance".to_owned(),
        (Some(instant), None) => balance_as_of(&bind(instant.micros().into())),
        (None, Some(date)) => {
            let totals = total_until(&bind(date.to_string().into()), "");
            format!("(SELECT CAST(SUM(k.amount) AS bigint) FROM ({totals}) k)")
        }
        (Some(instant), Some(date)) => {
            let day = instant.day();
            let first = Moment::midnight(day).ok_or(LedgerRefusal::Future {})?;
            let effective_on = bind(date.to_string().into());
            let (first, recorded_on) = (bind(first.micros().into()), bind(day.to_string().into()));
            known_until(&effective_on, &first, &bind(instant.micros().into()), &recorded_on)
        }
    })
}

/// Refuses an instant that has not come yet, and waits for one that is not final yet: what is answered never changes.
///
/// # Errors
/// [`LedgerRefusal::Future`]; [`crate::kernel::Kind::Busy`] when a work that began before it is still under way.
pub async fn settle_instant(db: &Db, as_of: Option<Moment>) -> Result<(), Failure> {
    match as_of {
        Some(instant) if instant > db.clock().business_now() => Err(LedgerRefusal::Future {}.into()),
        Some(instant) => db.wait_until_final(instant).await,
        None => Ok(()),
    }
}

/// Balances that the caller may see.
///
/// # Errors
/// [`LedgerRefusal::Future`].
pub async fn list_balances(
    db: &Db,
    scope: &Scope,
    filter: &BalanceFilter,
    page: &PageRequest,
) -> Result<Page<Balance>, Failure> {
    settle_instant(db, filter.view.as_of).await?;
    let mut conditions = Conditions::visible_to(scope);
    if let Some(owner) = filter.owner {
        conditions.and("a.owner_id = ?", [owner.into()]);
    }
    if let Some(organisation) = filter.organisation {
        conditions.and("o.organisation_id = ?", [organisation.0.into()]);
    }
    if let Some(asset) = &filter.asset {
        conditions.and("s.code = ?", [asset.clone().into()]);
    }
    if let Some(purpose) = &filter.purpose {
        conditions.and("a.purpose = ?", [purpose.clone().into()]);
    }
    if let Some(after) = page.after {
        conditions.and("a.id > ?", [after.into()]);
    }
    let units = units_in(filter.view, &mut conditions)?;
    let sql = format!(
        "SELECT {COLUMNS}, COALESCE({units}, 0) AS units FROM {ACCOUNTS} WHERE {} ORDER BY a.id LIMIT {}",
        conditions.text(),
        page.fetch()
    );
    let statement = Statement::from_sql_and_values(db.backend(), sql, conditions.values);
    let rows = db.reader().query_all_raw(statement).await?;
    let balances = rows.iter().map(read_balance).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(balances, page, |balance| balance.account.0))
}

/// A balance with its account.
pub(super) fn read_balance(row: &QueryResult) -> Result<Balance, Failure> {
    let subject: Uuid = row.try_get("", "subject_id")?;
    let decimals: i32 = row.try_get("", "decimals")?;
    Ok(Balance {
        account: AccountId(row.try_get("", "id")?),
        owner: row.try_get("", "owner_id")?,
        owner_kind: row.try_get("", "owner_kind")?,
        owner_name: row.try_get("", "owner_name")?,
        asset: row.try_get("", "code")?,
        asset_kind: row.try_get("", "asset_kind")?,
        unit: row.try_get("", "unit")?,
        units_per_whole: row.try_get("", "units_per_whole")?,
        decimals: u32::try_from(decimals).map_err(Failure::bug)?,
        purpose: row.try_get("", "purpose")?,
        subject: (!subject.is_nil()).then_some(subject),
        units: row.try_get("", "units")?,
    })
}

/// Most accounts that a header carries; the others are in the journal.
const TOLD: usize = 40;

/// How accounts stand within a work, as far as its caller may see them: items of a structured field (RFC 9651).
pub(super) async fn tell_standings(work: &Work, accounts: &[AccountId]) -> Result<Vec<String>, Failure> {
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let mut conditions = Conditions::visible_to(&work.caller().scope());
    let accounts = bind_all(&mut conditions.values, accounts.iter().map(|account| account.0));
    let sql = format!(
        "SELECT a.id, s.code, s.units_per_whole, s.decimals, a.purpose, a.balance, a.version FROM {ACCOUNTS} \
         WHERE {} AND a.id IN ({accounts}) ORDER BY a.id LIMIT {TOLD}",
        conditions.text()
    );
    let rows = work.connection().query_all_raw(work.statement(&sql, conditions.values)).await?;
    rows.iter()
        .map(|row| {
            let decimals = u32::try_from(row.try_get::<i32>("", "decimals")?).map_err(Failure::bug)?;
            let balance = decimal::print(row.try_get("", "balance")?, row.try_get("", "units_per_whole")?, decimals);
            let (id, version): (Uuid, i64) = (row.try_get("", "id")?, row.try_get("", "version")?);
            let (asset, purpose): (String, String) = (row.try_get("", "code")?, row.try_get("", "purpose")?);
            Ok(format!("\"{id}\";version={version};balance=\"{balance}\";asset=\"{asset}\";purpose=\"{purpose}\""))
        })
        .collect()
}

/// One line of the trial balance: an asset and a purpose, over all owners.
#[derive(Debug, Clone)]
pub struct TrialLine {
    /// Code of the asset.
    pub asset: String,
    /// `right`, `money`, `capacity`.
    pub asset_kind: String,
    /// Display unit.
    pub unit: String,
    /// Smallest units in a display unit.
    pub units_per_whole: i64,
    /// Decimals it is written with.
    pub decimals: u32,
    /// What the accounts are for.
    pub purpose: String,
    /// Sum of their balances in smallest units.
    pub units: i64,
}

/// The trial balance (试算平衡表) of the whole book in a view. Every asset's lines sum to zero.
///
/// # Errors
/// [`LedgerRefusal::Future`].
pub async fn trial_balance(db: &Db, view: impl Into<View>) -> Result<Vec<TrialLine>, Failure> {
    let view = view.into();
    settle_instant(db, view.as_of).await?;
    let mut conditions = Conditions::visible_to(&Scope::Everything);
    let units = units_in(view, &mut conditions)?;
    let (visible, values) = (conditions.text().to_owned(), conditions.values);
    let sql = format!(
        "SELECT t.code, t.kind, t.unit, t.units_per_whole, t.decimals, t.purpose, CAST(SUM(t.units) AS bigint) AS units FROM \
         (SELECT s.code, s.kind, s.unit, s.units_per_whole, s.decimals, a.purpose, {units} AS units FROM {ACCOUNTS} \
         WHERE {visible}) t WHERE t.units IS NOT NULL \
         GROUP BY t.code, t.kind, t.unit, t.units_per_whole, t.decimals, t.purpose ORDER BY t.kind, t.code, t.purpose"
    );
    let rows = db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?;
    rows.iter()
        .map(|row| {
            let decimals: i32 = row.try_get("", "decimals")?;
            Ok(TrialLine {
                asset: row.try_get("", "code")?,
                asset_kind: row.try_get("", "kind")?,
                unit: row.try_get("", "unit")?,
                units_per_whole: row.try_get("", "units_per_whole")?,
                decimals: u32::try_from(decimals).map_err(Failure::bug)?,
                purpose: row.try_get("", "purpose")?,
                units: row.try_get("", "units")?,
            })
        })
        .collect()
}

/// The sum of each asset over all its purposes, in smallest units. Each is zero, or the books are wrong.
pub fn sums(lines: &[TrialLine]) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for line in lines {
        let sum: &mut i64 = sums.entry(line.asset.clone()).or_insert(0);
        *sum = sum.saturating_add(line.units);
    }
    sums
}
