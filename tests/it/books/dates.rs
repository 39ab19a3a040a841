//! Laws over random histories with back-dated journals: whatever is asked of either clock, the books answer what a plain
//! fold over their entries gives, and a statement's opening balance and entries make its closing balance.

use super::desk::{Desk, moved, paid_in};
use accounting::{Holding, Journal};
use ganhe::access::Scope;
use ganhe::kernel::Moment;
use ganhe::kernel::ids::AccountId;
use ganhe::kernel::page::PageRequest;
use ganhe::ledger::account_statements::{Basis, Span, StatementEntry, find_statement};
use ganhe::ledger::balances::{BalanceFilter, View, list_balances, sums, trial_balance};
use jiff::SignedDuration;
use jiff::civil::Date;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use uuid::Uuid;

/// One posting: from (0 is the outside), to, how much, and how many days before it is recorded it is effective.
type Step = (usize, usize, i64, i64);

/// What is asked: from which day to which, and how many entries fit a page.
type Asked = (i64, i64, u64);

/// Batches, each some hours after the one before, and a span to ask about.
fn history() -> impl Strategy<Value = (Vec<(i64, Vec<Step>)>, Asked)> {
    let step = (0..3_usize, 1..3_usize, 1..50_i64, -2..40_i64);
    let step = step.prop_filter("an account cannot pay itself", |(from, to, ..)| from != to);
    let batches = vec((0..60_i64, vec(step, 1..5)), 1..6);
    (batches, (0..50_i64, 0..50_i64, 1..5_u64))
}

/// An entry as it stands in its table.
#[derive(Debug, Clone)]
struct Plain {
    account: Uuid,
    version: i64,
    amount: i64,
    recorded_at: i64,
    effective_on: String,
}

async fn entries(desk: &Desk) -> Vec<Plain> {
    let sql = "SELECT account_id, version, amount, recorded_at, effective_on FROM entries";
    let read = |row: &sea_orm::QueryResult| Plain {
        account: row.try_get_by_index(0).unwrap(),
        version: row.try_get_by_index(1).unwrap(),
        amount: row.try_get_by_index(2).unwrap(),
        recorded_at: row.try_get_by_index(3).unwrap(),
        effective_on: row.try_get_by_index(4).unwrap(),
    };
    desk.rows(sql).await.iter().map(read).collect()
}

fn days(day: Date, count: i64) -> Date {
    day.checked_add(jiff::Span::new().days(count)).unwrap()
}

/// Money that fits: who has nothing is paid from outside.
async fn happens(desk: &Desk, purses: &[Holding], batches: &[(i64, Vec<Step>)]) -> Vec<Moment> {
    let clock = desk.db().clock().clone();
    let mut instants = Vec::new();
    for (hours, steps) in batches {
        clock.advance(SignedDuration::from_hours(*hours));
        let today = clock.business_day();
        let mut journals: Vec<Journal> = Vec::new();
        for (from, to, fen, before) in steps {
            let effective_on = days(today, -before);
            let to = purses[*to - 1];
            if let Some(from) = from.checked_sub(1).map(|at| purses[at]) {
                journals.push(Journal { effective_on: days(today, 1), ..paid_in(from, *fen) });
                journals.push(Journal { effective_on, ..moved(from, to, *fen) });
            } else {
                journals.push(Journal { effective_on, ..paid_in(to, *fen) });
            }
        }
        instants.push(clock.business_now());
        let stamps = desk.post(&journals).await.unwrap();
        instants.extend(stamps.iter().map(|(instant, _)| Moment::from_micros(*instant)));
    }
    clock.advance(SignedDuration::from_secs(1));
    instants.push(clock.business_now());
    instants
}

/// Whether an entry counts in a view.
fn counts(entry: &Plain, view: View) -> bool {
    view.as_of.is_none_or(|instant| entry.recorded_at <= instant.micros())
        && view.effective_on.is_none_or(|date| entry.effective_on <= date.to_string())
}

async fn a_view_is_a_fold(desk: &Desk, plain: &[Plain], view: View) {
    let mut expected: BTreeMap<Uuid, i64> = BTreeMap::new();
    for entry in plain.iter().filter(|entry| counts(entry, view)) {
        *expected.entry(entry.account).or_default() += entry.amount;
    }
    let filter = BalanceFilter { view, ..BalanceFilter::default() };
    let page = PageRequest::of(10_000);
    let found = list_balances(desk.db(), &Scope::Everything, &filter, &page).await.unwrap();
    for balance in found.items {
        let units = expected.get(&balance.account.0).copied().unwrap_or_default();
        assert_eq!(balance.units, units, "{view:?} of {}", balance.account);
    }
    let lines = trial_balance(desk.db(), view).await.unwrap();
    assert!(sums(&lines).values().all(|sum| *sum == 0), "{view:?}: {lines:?}");
    let available: i64 = lines.iter().filter(|line| line.purpose == "available").map(|line| line.units).sum();
    let outside = lines.iter().find(|line| line.purpose == "outside").map_or(0, |line| line.units);
    assert_eq!(available, -outside);
    assert_eq!(lines.is_empty(), expected.is_empty(), "an account that had no entry yet has no line");
}

async fn a_statement_adds_up(desk: &Desk, plain: &[Plain], account: Uuid, span: &Span, limit: u64) {
    let (from, to) = (span.from().to_string(), span.to().to_string());
    let day = |entry: &Plain| match span.basis() {
        Basis::Effective => entry.effective_on.clone(),
        Basis::Recorded => Moment::from_micros(entry.recorded_at).day().to_string(),
    };
    let mut expected: Vec<&Plain> = plain.iter().filter(|entry| entry.account == account).collect();
    expected.sort_by_key(|entry| match span.basis() {
        Basis::Effective => (entry.effective_on.clone(), entry.version),
        Basis::Recorded => (String::new(), entry.version),
    });
    let opening: i64 = expected.iter().filter(|entry| day(entry) < from).map(|entry| entry.amount).sum();
    expected.retain(|entry| day(entry) >= from && day(entry) <= to);
    let mut page = PageRequest::of(limit);
    let mut found: Vec<StatementEntry> = Vec::new();
    let summary = loop {
        let statement = find_statement(desk.db(), &Scope::Everything, AccountId(account), span, &page).await.unwrap();
        let statement = statement.unwrap();
        assert!(statement.entries.items.len() <= usize::try_from(limit).unwrap());
        found.extend(statement.entries.items);
        page.after = statement.entries.next.map(|next| next.after);
        if page.after.is_none() {
            break statement.summary;
        }
    };
    let identity: Vec<(i64, i64)> = found.iter().map(|entry| (entry.version, entry.amount)).collect();
    assert_eq!(identity, expected.iter().map(|entry| (entry.version, entry.amount)).collect::<Vec<_>>(), "{span:?}");
    assert_eq!((summary.opening, summary.entries), (opening, i64::try_from(found.len()).unwrap()), "{span:?}");
    let mut balance = opening;
    for entry in &found {
        balance += entry.amount;
        assert_eq!(entry.balance, balance, "{span:?} version {}", entry.version);
    }
    assert_eq!(summary.account.units, balance, "{span:?}");
}

async fn holds(desk: &Desk, batches: &[(i64, Vec<Step>)], (first, length, limit): Asked) {
    let began = desk.db().clock().business_day();
    let purses = desk.purses(2).await;
    let instants = happens(desk, &purses, batches).await;
    let plain = entries(desk).await;
    let dates = [days(began, -60), days(began, first - 40), days(began, 1), days(began, 90)];
    for date in dates {
        a_view_is_a_fold(desk, &plain, View { as_of: None, effective_on: Some(date) }).await;
    }
    for (at, instant) in instants.iter().enumerate() {
        let just_before = Moment::from_micros(instant.micros() - 1);
        for as_of in [just_before, *instant] {
            a_view_is_a_fold(desk, &plain, View { as_of: Some(as_of), effective_on: None }).await;
            let effective_on = Some(dates[at % dates.len()]);
            a_view_is_a_fold(desk, &plain, View { as_of: Some(as_of), effective_on }).await;
        }
    }
    let from = days(began, first - 40);
    let mut accounts: Vec<Uuid> = plain.iter().map(|entry| entry.account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    for basis in [Basis::Effective, Basis::Recorded] {
        let span = Span::try_new(from, days(from, length), basis).unwrap();
        // The outside is in every history, the last account in this one.
        for account in accounts.iter().take(1).chain(accounts.last()) {
            a_statement_adds_up(desk, &plain, *account, &span, limit).await;
        }
    }
    desk.is_right().await;
}

#[test]
fn both_clocks_answer_what_the_entries_add_up_to() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let desk = runtime.block_on(Desk::open());
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    runner
        .run(&history(), |(batches, asked)| {
            runtime.block_on(holds(&desk, &batches, asked));
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn a_day_turns_at_midnight_in_shanghai_also_in_the_totals() {
    let desk = Desk::open().await;
    let purses = desk.purses(1).await;
    let clock = desk.db().clock().clone();
    clock.set(Moment::parse("2022-12-01T23:59:59.999999+08:00").unwrap());
    // The second entry is stamped one microsecond after the first, on the next day.
    desk.post(&[paid_in(purses[0], 1), paid_in(purses[0], 2)]).await.unwrap();
    let rows = desk.rows("SELECT recorded_on, entries FROM daily_totals ORDER BY recorded_on, account_id").await;
    let days: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    assert_eq!(days, ["2022-12-01", "2022-12-01", "2022-12-02", "2022-12-02"]);
    desk.is_right().await;
}

#[tokio::test]
async fn a_total_beyond_what_the_books_count_is_refused_not_a_fault() {
    let desk = Desk::open().await;
    let purses = desk.purses(2).await;
    let dated = |journal: Journal, day: &str| Journal { effective_on: day.parse().unwrap(), ..journal };
    // Balances stay within 64 bits all the while; what is dated on one day does not.
    let back = |fen| {
        let posting = accounting::Posting::transfer(purses[0].available(), super::desk::outside(), fen).unwrap();
        super::desk::journal(vec![posting])
    };
    desk.post(&[dated(paid_in(purses[0], i64::MAX), "2022-11-01")]).await.unwrap();
    desk.post(&[dated(back(i64::MAX), "2022-11-02")]).await.unwrap();
    let refusal = desk.post(&[dated(paid_in(purses[0], 1), "2022-11-01")]).await.unwrap_err();
    assert_eq!(refusal.violations[0].code, "LED_OVERFLOW");
    desk.post(&[dated(paid_in(purses[0], 1), "2022-11-03")]).await.unwrap();
    desk.is_right().await;
}
