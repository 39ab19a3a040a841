//! Adds the entries up by account, legal date and day of recording while they pass, and names each daily total that differs
//! from that, is missing or is one too many.

use crate::db::BOOK;
use crate::kernel::{Failure, Moment};
use crate::ledger::reading::PAGE;
use crate::ledger::verify::{Accounts, Findings};
use accounting::verify::{Difference, ReadEntry};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// How far Asia/Shanghai is ahead, and how long a day is, in microseconds.
const AHEAD: i64 = 8 * 3_600 * 1_000_000;
const DAY: i64 = 24 * 3_600 * 1_000_000;

/// What moved in a month, by asset and purpose.
pub(super) type Movements = BTreeMap<String, HashMap<(Uuid, String), i128>>;

/// An account with its legal date and its day of recording, both as numbers of [`Sums::dates`].
type Key = (Uuid, u32, u32);

#[derive(Debug, Default)]
struct Sum {
    amount: i128,
    entries: i64,
}

/// What the entries that have passed add up to: as many sums as `daily_totals` has rows.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// Every date once, as it stands in the rows: millions of sums share some hundreds of them.
    dates: Vec<String>,
    numbers: HashMap<String, u32>,
    /// The number of the date of a day of recording, counted from 1970-01-01.
    recorded: HashMap<i64, u32>,
    by_key: HashMap<Key, Sum>,
}

impl Sums {
    /// Adds an entry.
    pub(super) fn add(&mut self, entry: &ReadEntry, effective_on: &str) {
        let effective = self.number_of(effective_on);
        let day = entry.recorded_at.saturating_add(AHEAD).div_euclid(DAY);
        let recorded = if let Some(number) = self.recorded.get(&day) {
            *number
        } else {
            let number = self.number_of(&Moment::from_micros(day.saturating_mul(DAY) - AHEAD).day().to_string());
            self.recorded.insert(day, number);
            number
        };
        let sum = self.by_key.entry((entry.account, effective, recorded)).or_default();
        sum.amount += i128::from(entry.amount);
        sum.entries += 1;
    }

    fn number_of(&mut self, date: &str) -> u32 {
        if let Some(number) = self.numbers.get(date) {
            return *number;
        }
        let number = u32::try_from(self.dates.len()).unwrap_or(u32::MAX);
        self.dates.push(date.to_owned());
        self.numbers.insert(date.to_owned(), number);
        number
    }

    fn date(&self, number: u32) -> &str {
        self.dates.get(number as usize).map_or("", String::as_str)
    }

    /// The sums by the month of their legal date.
    pub(super) fn by_month(&self, accounts: &Accounts) -> Movements {
        let mut movements = Movements::new();
        for ((account, effective, _), sum) in &self.by_key {
            let Some(account) = accounts.get(account) else { continue };
            let month = self.date(*effective).get(..7).unwrap_or_default();
            if !movements.contains_key(month) {
                movements.insert(month.to_owned(), HashMap::new());
            }
            if let Some(moved) = movements.get_mut(month) {
                *moved.entry((account.asset, account.purpose.clone())).or_default() += sum.amount;
            }
        }
        movements
    }

    /// Takes the sum that a row of the table stands for.
    fn take(&mut self, row: &Total) -> Option<Sum> {
        let effective = *self.numbers.get(&row.effective_on)?;
        let recorded = *self.numbers.get(&row.recorded_on)?;
        self.by_key.remove(&(row.account, effective, recorded))
    }

    /// What no row of the table stands for, in a stable order.
    fn left(self) -> Vec<(String, Sum)> {
        let Self { dates, by_key, .. } = self;
        let date = |number: u32| dates.get(number as usize).map_or("", String::as_str);
        let name = |((account, effective, recorded), sum)| (name_of(account, date(effective), date(recorded)), sum);
        let mut left: Vec<(String, Sum)> = by_key.into_iter().map(name).collect();
        left.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        left
    }
}

/// A row of the table.
struct Total {
    account: Uuid,
    effective_on: String,
    recorded_on: String,
    amount: i64,
    entries: i64,
}

fn name_of(account: Uuid, effective: &str, recorded: &str) -> String {
    format!("account {account} effective {effective} recorded {recorded}")
}

/// Compares the table with what the entries add up to.
pub(super) async fn check(
    books: &impl ConnectionTrait,
    mut sums: Sums,
    findings: &mut Findings,
) -> Result<(), Failure> {
    let mut differ = |row: String, fault: String| {
        findings.differences.push(Difference { table: "daily_totals", row, fault });
    };
    let mut after = None;
    loop {
        let rows = read_page(books, after.as_ref()).await?;
        for row in &rows {
            let name = || name_of(row.account, &row.effective_on, &row.recorded_on);
            match sums.take(row) {
                None => differ(name(), "no entry adds to the row".to_owned()),
                Some(Sum { amount, entries }) if amount != i128::from(row.amount) || entries != row.entries => {
                    let (claimed, count) = (row.amount, row.entries);
                    let fault =
                        format!("the row claims {claimed} in {count} entries, {entries} entries add up to {amount}");
                    differ(name(), fault);
                }
                Some(_) => {}
            }
        }
        if rows.len() < PAGE {
            break;
        }
        after = rows.into_iter().next_back();
    }
    for (name, Sum { amount, entries }) in sums.left() {
        differ(name, format!("the row is missing: {entries} entries add up to {amount}"));
    }
    Ok(())
}

async fn read_page(books: &impl ConnectionTrait, after: Option<&Total>) -> Result<Vec<Total>, Failure> {
    let (account, effective_on, recorded_on) = after.map_or((Uuid::nil(), "", ""), |after| {
        (after.account, after.effective_on.as_str(), after.recorded_on.as_str())
    });
    let sql = format!(
        "SELECT account_id, effective_on, recorded_on, amount, entries FROM daily_totals WHERE book_id = $1 \
         AND (account_id, effective_on, recorded_on) > ($2, $3, $4) ORDER BY account_id, effective_on, recorded_on LIMIT {PAGE}"
    );
    let values = [BOOK.0.into(), account.into(), effective_on.into(), recorded_on.into()];
    let rows = books.query_all_raw(Statement::from_sql_and_values(books.get_database_backend(), sql, values)).await?;
    let read = |row: &QueryResult| -> Result<Total, Failure> {
        Ok(Total {
            account: row.try_get_by_index(0)?,
            effective_on: row.try_get_by_index(1)?,
            recorded_on: row.try_get_by_index(2)?,
            amount: row.try_get_by_index(3)?,
            entries: row.try_get_by_index(4)?,
        })
    };
    rows.iter().map(read).collect()
}
