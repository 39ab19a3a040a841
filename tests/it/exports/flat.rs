//! The memory that an export takes does not grow with the entries.

use super::programs::{ganhe, scratch};
use crate::books::desk::{Desk, execute, paid_in};
use crate::support::app::is_postgres;
use crate::support::figures;
use ganhe::db::Db;
use std::process::Stdio;
use std::time::Duration;

/// Journals of the large book; each has two entries.
const JOURNALS: i64 = 60_000;
/// What the peak may grow by, in kB: an entry that is kept takes 400 bytes and more, so a collected book takes over 50 MB.
/// An SQLite connection keeps up to 64 MB of the file's pages.
const GROWTH: u64 = 16 * 1_024;
const SQLITE_PAGES: u64 = 64 * 1_024;

/// Lets so many deposits happen after the first, past the books: the posting is not what is measured.
pub async fn fill(db: &Db, journals: i64) {
    let (id, numbers) = if is_postgres() {
        ("lpad(to_hex(i), 32, '0')::uuid", format!("generate_series(2, {journals}) AS n(i)"))
    } else {
        let n = format!(
            "(WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {journals}) SELECT i FROM n)"
        );
        ("unhex(printf('%032x', i))", n)
    };
    let first = "(SELECT MAX(recorded_at) FROM entries)";
    let leaf = if is_postgres() { "decode(repeat('00', 32), 'hex')" } else { "zeroblob(32)" };
    let mut sql = format!(
        "INSERT INTO journals (book_id, id, kind, subject_kind, subject_id, subject_version, effective_on, recorded_at, actor_id, leaf_hash) \
         SELECT 1, {id}, 'money_deposited', 'money_movement', {id}, 1, '2022-12-01', (SELECT MAX(recorded_at) FROM journals) + i, \
         {id}, {leaf} FROM {numbers};"
    );
    for (purpose, sign) in [("available", 1), ("outside", -1)] {
        let account = format!("(SELECT id FROM accounts WHERE purpose = '{purpose}')");
        sql = format!(
            "{sql} INSERT INTO entries (book_id, account_id, version, journal_id, line, amount, balance_after, recorded_at, effective_on) \
             SELECT 1, {account}, i, {id}, 0, {sign}, {sign} * i, {first} + i, '2022-12-01' FROM {numbers}; \
             UPDATE accounts SET balance = {sign} * {journals}, version = {journals} WHERE purpose = '{purpose}';"
        );
    }
    execute(db, &format!("BEGIN; {sql} COMMIT")).await.unwrap();
}

/// The most memory that the program had while it exported, in kB.
async fn peak(url: &str, entries: i64) -> u64 {
    let file = scratch("csv");
    let arguments = ["export", "--format", "hledger", "--output", file.to_str().unwrap()];
    let mut child = ganhe(url, &arguments).stdout(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id().unwrap());
    let mut peak = 0;
    let exit = loop {
        let now = std::fs::read_to_string(&status).unwrap_or_default();
        let line = now.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(peak);
        if let Some(exit) = child.try_wait().unwrap() {
            break exit;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    let said = child.wait_with_output().await.unwrap().stdout;
    let said = String::from_utf8_lossy(&said);
    assert!(exit.success() && said.contains(&format!(" {entries} entries")), "{exit}: {said}");
    std::fs::remove_file(&file).unwrap();
    peak
}

#[tokio::test]
async fn a_large_book_takes_no_more_memory_than_a_small_one() {
    let desk = Desk::open().await;
    let purses = desk.purses(1).await;
    desk.post(&[paid_in(purses[0], 1)]).await.unwrap();
    let small = peak(&desk.app.url, 2).await;
    fill(desk.db(), JOURNALS).await;
    let large = peak(&desk.app.url, 2 * JOURNALS).await;
    figures::keep("peak memory of an export", &format!("{small} kB for 2 entries, {large} kB for {}", 2 * JOURNALS));
    let allowed = if is_postgres() { GROWTH } else { GROWTH + SQLITE_PAGES };
    assert!(small > 0 && large < small + allowed, "{small} kB, then {large} kB");
}
