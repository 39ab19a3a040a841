//! What a trail says about the rows of one account.

#![expect(clippy::expect_used, reason = "what a test builds up must be there, or the test is wrong")]

use accounting::Purpose;
use accounting::verify::{AccountTrail, Difference, ReadAccount, ReadEntry};
use uuid::Uuid;

const MILL: Uuid = Uuid::from_u128(10);

fn account() -> ReadAccount {
    ReadAccount {
        id: MILL,
        asset: Uuid::from_u128(1),
        purpose: Some(Purpose::Available),
        guarded: true,
        balance: 70,
        version: 3,
        last_recorded_at: 3_000,
    }
}

fn rows() -> [ReadEntry; 3] {
    let row = |version, amount, balance_after| ReadEntry {
        account: MILL,
        version,
        journal: Uuid::from_u128(900 + u128::try_from(version).expect("a version")),
        line: 0,
        amount,
        balance_after,
        recorded_at: 1_000 * version,
    };
    [row(1, 100, 100), row(2, -60, 40), row(3, 30, 70)]
}

fn differences(account: ReadAccount, rows: &[ReadEntry]) -> Vec<Difference> {
    let mut trail = AccountTrail::new(account);
    let mut found: Vec<_> = rows.iter().flat_map(|row| trail.follow(row)).collect();
    found.extend(trail.close());
    found
}

fn words(account: ReadAccount, rows: &[ReadEntry]) -> Vec<String> {
    differences(account, rows).iter().map(ToString::to_string).collect()
}

const SECOND: &str = "entries account 00000000-0000-0000-0000-00000000000a version 2 \
                      (journal 00000000-0000-0000-0000-000000000386 line 0)";
const THIRD: &str = "entries account 00000000-0000-0000-0000-00000000000a version 3 \
                     (journal 00000000-0000-0000-0000-000000000387 line 0)";
const ACCOUNT: &str = "accounts account 00000000-0000-0000-0000-00000000000a";

#[test]
fn rows_that_add_up_are_clean() {
    assert_eq!(differences(account(), &rows()), []);
    let untouched = ReadAccount { balance: 0, version: 0, last_recorded_at: 0, ..account() };
    assert_eq!(differences(untouched, &[]), []);
}

#[test]
fn an_account_that_tells_another_last_instant_is_named() {
    let moved = ReadAccount { last_recorded_at: 3_001, ..account() };
    assert_eq!(
        words(moved, &rows()),
        [format!("{ACCOUNT}: the row claims a last entry at 3001, its last entry is recorded at 3000")]
    );
    let touched = ReadAccount { balance: 0, version: 0, last_recorded_at: 1, ..account() };
    assert_eq!(words(touched, &[]).len(), 1);
}

#[test]
fn whether_an_account_may_be_negative_follows_from_its_purpose() {
    let contra = ReadAccount { guarded: false, ..account() };
    let fault = "its purpose does not say whether it may be negative as the row does";
    assert_eq!(words(contra, &rows()), [format!("{ACCOUNT}: {fault}")]);
    assert_eq!(differences(ReadAccount { purpose: Some(Purpose::Outside), ..contra }, &rows()), []);
    let unknown = ReadAccount { purpose: None, ..account() };
    assert_eq!(words(unknown, &rows()), [format!("{ACCOUNT}: {fault}")]);
}

#[test]
fn an_altered_amount_is_named_once_and_the_rows_after_it_are_not() {
    let mut rows = rows();
    rows[1].amount = -50;
    assert_eq!(
        words(account(), &rows),
        [format!("{SECOND}: the row claims a balance of 40, its entries add up to 50")]
    );
    rows[1].amount = i64::MAX;
    assert_eq!(
        words(account(), &rows),
        [format!("{SECOND}: the row claims a balance of 40, its entries add up to beyond 64 bits")]
    );
}

#[test]
fn an_altered_last_balance_is_named_on_the_row_and_against_the_account() {
    let mut rows = rows();
    rows[2].balance_after = 71;
    assert_eq!(
        words(account(), &rows),
        [
            format!("{THIRD}: the row claims a balance of 71, its entries add up to 70"),
            format!("{ACCOUNT}: the row claims a balance of 70, its last entry says 71"),
        ]
    );
}

#[test]
fn a_missing_row_is_told_by_the_one_after_it() {
    let [first, _, third] = rows();
    assert_eq!(
        words(account(), &[first, third]),
        [
            format!("{THIRD}: version 2 was expected here"),
            format!("{THIRD}: the row claims a balance of 70, its entries add up to 130"),
        ]
    );
}

#[test]
fn a_missing_last_row_is_told_by_the_account() {
    let [first, second, _] = rows();
    let balanced = ReadAccount { balance: 40, ..account() };
    assert_eq!(
        words(balanced, &[first, second]),
        [format!("{ACCOUNT}: the row claims version 3, its last entry has 2")]
    );
}

#[test]
fn a_guarded_account_below_zero_is_a_difference_and_a_contra_account_is_not() {
    let mut rows = rows();
    (rows[1].amount, rows[1].balance_after) = (-101, -1);
    (rows[2].amount, rows[2].balance_after) = (71, 70);
    assert_eq!(words(account(), &rows), [format!("{SECOND}: a guarded account stands at -1")]);
    let contra = ReadAccount { purpose: Some(Purpose::Outside), guarded: false, ..account() };
    assert_eq!(words(contra, &rows), Vec::<String>::new());
}

#[test]
fn two_rows_of_one_journal_are_recorded_at_the_same_instant() {
    let mut rows = rows();
    (rows[2].journal, rows[2].line, rows[2].recorded_at) = (rows[1].journal, 1, rows[1].recorded_at);
    assert_eq!(differences(ReadAccount { last_recorded_at: 2_000, ..account() }, &rows), []);
}

#[test]
fn a_row_recorded_before_the_one_ahead_of_it_is_a_difference() {
    let mut rows = rows();
    rows[1].recorded_at = 999;
    assert_eq!(words(account(), &rows), [format!("{SECOND}: it is recorded before the entry ahead of it")]);
}
