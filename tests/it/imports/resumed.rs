//! Imports that are cut off, run again, and run at once.

use super::files::{Balances, Files, count, import, read_report, reported, right_book};
use super::generator::{Dice, generate};
use crate::exports::programs::ganhe;
use crate::support::app::fresh_database;
use crate::support::demo::unloaded_database;
use ganhe::access::SignInRules;
use ganhe::app::opening;
use ganhe::db::{Db, sqlite_path};
use ganhe::http::Shared;
use ganhe::kernel::Clock;
use sea_orm::{ConnectionTrait, Statement};
use std::fmt::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

const ROWS: usize = 8_000;
/// Rows between two that stand apart or are refused.
const BETWEEN: usize = 1_000;
/// Rows of a table of the books and of the import.
const TABLES: [&str; 8] =
    ["accounts", "journals", "entries", "owners", "legacy_transactions", "import_refusals", "users", "refusals"];

async fn sizes(shared: &Shared) -> Vec<i64> {
    let mut sizes = Vec::new();
    for table in TABLES {
        sizes.push(count(shared, &format!("SELECT COUNT(*) FROM {table}")).await);
    }
    sizes
}

/// A register in which some transactions stand apart and some are refused.
fn mixed(rows: usize, seed: u64) -> Files {
    let mut files = generate(rows, seed);
    let text = files.texts.get_mut("transactions.csv").unwrap();
    let mut seq = 0_usize;
    let mut mixed = String::new();
    for (at, line) in text.lines().enumerate() {
        let (first, rest) = line.split_once(',').unwrap();
        if at == 0 {
            writeln!(mixed, "{first},{rest}").unwrap();
            continue;
        }
        seq += 1;
        writeln!(mixed, "{seq},{rest}").unwrap();
        if at % BETWEEN == 0 {
            writeln!(mixed, "{},BROKE-{at},2010-01-01,x,H-00001,H-00002,NOX,9000000000000", seq + 1).unwrap();
            writeln!(mixed, "{},APART-{},2010-01-01,x,,H-00003,NOX,0.5", seq + 2, at % (3 * BETWEEN)).unwrap();
            seq += 2;
        }
    }
    *text = mixed;
    files
}

/// Starts the program and kills it soon after it has posted something new. True when it came to its end before.
async fn killed(url: &str, folder: &Path, dice: &mut Dice) -> bool {
    let before = posted(url).await;
    let arguments = ["import", "register", folder.to_str().unwrap(), "--continue"];
    let mut child = ganhe(url, &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    loop {
        tokio::time::sleep(Duration::from_millis(20 + dice.below(150))).await;
        if let Some(exit) = child.try_wait().unwrap() {
            assert!(exit.success());
            return true;
        }
        if posted(url).await > before {
            tokio::time::sleep(Duration::from_millis(dice.below(300))).await;
            child.start_kill().unwrap();
            child.wait().await.unwrap();
            return false;
        }
    }
}

/// Transactions in the books so far; fewer than none before there are tables.
async fn posted(url: &str) -> i64 {
    if sqlite_path(url).is_some_and(|path| !path.exists()) {
        return -1;
    }
    let db = Db::open(url, Clock::system()).await.unwrap();
    let statement = Statement::from_string(db.backend(), "SELECT posted FROM import_runs");
    let row = db.reader().query_one_raw(statement).await.ok().flatten();
    db.close().await.unwrap();
    row.map_or(-1, |row| row.try_get_by_index(0).unwrap())
}

#[tokio::test]
async fn an_import_that_is_killed_goes_on_exactly_there() {
    let files = mixed(ROWS, 3);
    let (folder, url) = (files.write(), unloaded_database().await);
    let (mut dice, mut kills) = (Dice::new(5), 0);
    while kills < 4 && !killed(&url, &folder, &mut dice).await {
        kills += 1;
    }
    assert!(kills > 1, "it was over after {kills} kills: nothing was tried");
    let (said, balances) = reported(&url, &folder, &["--continue"]).await;
    assert!(said.is_success, "{said:?}");
    assert_eq!(balances, files.fold());
    let whole = unloaded_database().await;
    let (_, at_once): (_, Balances) = reported(&whole, &folder, &["--continue"]).await;
    assert_eq!(balances, at_once);
    let (interrupted, whole) = (right_book(&url).await, right_book(&whole).await);
    assert_eq!(sizes(&interrupted).await, sizes(&whole).await);
    let refused = "SELECT COUNT(*) FROM import_refusals WHERE code = 'IMP_NOT_ENOUGH'";
    assert_eq!(count(&interrupted, refused).await, i64::try_from(ROWS / BETWEEN).unwrap());
}

#[tokio::test]
async fn a_finished_import_run_again_changes_nothing_and_says_so() {
    let (files, url) = (mixed(6_000, 4), unloaded_database().await);
    let folder = files.write();
    let (first, balances) = reported(&url, &folder, &["--continue"]).await;
    let shared = opening::founded(&url, SignInRules::default()).await.unwrap();
    let before = sizes(&shared).await;
    std::fs::remove_file(folder.join("report.csv")).unwrap();
    let again = import(&url, &folder, &["--report", folder.join("report.csv").to_str().unwrap()]).await;
    assert!(again.is_success && again.out.contains("nothing has changed"), "{again:?}");
    assert_eq!(again.faults, first.faults);
    assert_eq!(read_report(&folder.join("report.csv")), balances);
    assert_eq!(sizes(&shared).await, before);
}

#[tokio::test]
async fn two_imports_at_once_double_nothing() {
    let (files, url) = (mixed(12_000, 8), fresh_database().await);
    let folder = files.write();
    let (one, other) = tokio::join!(import(&url, &folder, &["--continue"]), import(&url, &folder, &["--continue"]));
    assert!(one.is_success || other.is_success, "{one:?} {other:?}");
    for said in [one, other].iter().filter(|said| !said.is_success) {
        let is_named = |fault: &String| fault.contains("IMP_UNDER_WAY") || fault.contains("Busy");
        assert!(said.faults.iter().any(is_named), "{said:?}");
    }
    let (said, balances) = reported(&url, &folder, &["--continue"]).await;
    assert!(said.is_success, "{said:?}");
    assert_eq!(balances, files.fold());
    right_book(&url).await;
}
