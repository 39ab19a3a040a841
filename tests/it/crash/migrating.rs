//! The program, killed while it makes the tables of an SQLite file, and started several times at once on one file.

use super::server;
use crate::exports::programs::ganhe;
use crate::support::app::is_postgres;
use crate::support::demo::unloaded_database;
use futures::future::join_all;
use ganhe::db::{Db, sqlite_path};
use ganhe::kernel::Clock;
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Statement};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;

/// Moments, spread over the time that a whole run takes, at which it is killed.
const MOMENTS: u32 = 12;
/// Programs that begin at once on one file.
const AT_ONCE: usize = 4;

async fn migrate(url: &str) -> Duration {
    let began = Instant::now();
    let output = ganhe(url, &["migrate"]).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    began.elapsed()
}

/// Kills the program some time after its start. True when it had not come to its end.
async fn killed_after(url: &str, time: Duration) -> bool {
    let mut child = ganhe(url, &["migrate"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    tokio::time::sleep(time).await;
    let is_cut_off = child.try_wait().unwrap().is_none();
    let _ = child.start_kill();
    child.wait().await.unwrap();
    is_cut_off
}

/// How many migrations the tables of a database have seen.
async fn applied(url: &str) -> usize {
    if sqlite_path(url).is_some_and(|path| !path.exists()) {
        return 0;
    }
    let db = Db::open(url, Clock::system()).await.unwrap();
    let statement = Statement::from_string(db.backend(), "SELECT version FROM seaql_migrations");
    let found = db.reader().query_all_raw(statement).await.map_or(0, |rows| rows.len());
    db.close().await.unwrap();
    found
}

/// A file whose tables are those of an older program.
async fn older(migrations: usize) -> String {
    let url = unloaded_database().await;
    let db = Db::open(&url, Clock::system()).await.unwrap();
    Migrator::up(db.writer(), Some(u32::try_from(migrations).unwrap())).await.unwrap();
    db.close().await.unwrap();
    url
}

/// A book can be founded in it, and is right.
async fn serves_a_book(url: &str) {
    let arguments = ["admin", "found", "--province", "420000", "--name", "湖北省", "--login", "keeper"];
    let operator = ["--operator-code", "91420000MA00009906", "--operator-name", "淦河"];
    let mut child = ganhe(url, &[&arguments[..], &operator].concat());
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut password = child.stdin.take().unwrap();
    password.write_all(b"a long enough password\n").await.unwrap();
    drop(password);
    assert!(child.wait().await.unwrap().success());
    server::verify(url).await;
}

#[tokio::test]
async fn killed_while_it_makes_tables_the_program_makes_them_all_the_next_time() {
    // Each migration of PostgreSQL is a transaction of its own.
    if is_postgres() {
        return;
    }
    let all = Migrator::migrations().len();
    let whole = migrate(&unloaded_database().await).await;
    let (mut cut_off, mut last) = (0, String::new());
    for moment in 1..=MOMENTS {
        last = unloaded_database().await;
        cut_off += u32::from(killed_after(&last, whole * moment / MOMENTS).await);
        let found = applied(&last).await;
        assert!(found == 0 || found == all, "{found} of {all} after {moment} of {MOMENTS} parts of {whole:?}");
        migrate(&last).await;
        migrate(&last).await;
        assert_eq!(applied(&last).await, all);
    }
    assert!(cut_off > MOMENTS / 3, "it was over {cut_off} times of {MOMENTS} before it was killed: nothing was tried");
    serves_a_book(&last).await;
}

#[tokio::test]
async fn an_upgrade_that_is_killed_leaves_the_tables_as_they_were() {
    if is_postgres() {
        return;
    }
    let all = Migrator::migrations().len();
    let whole = migrate(&older(all / 2).await).await;
    let mut last = String::new();
    for moment in 1..=MOMENTS {
        last = older(all / 2).await;
        killed_after(&last, whole * moment / MOMENTS).await;
        let found = applied(&last).await;
        assert!(found == all / 2 || found == all, "{found} of {all} after {moment} of {MOMENTS} parts of {whole:?}");
        migrate(&last).await;
        assert_eq!(applied(&last).await, all);
    }
    serves_a_book(&last).await;
}

#[tokio::test]
async fn several_that_make_the_tables_of_one_database_all_end_well() {
    let mut last = String::new();
    for _ in 0..4 {
        last = unloaded_database().await;
        let programs = join_all((0..AT_ONCE).map(|_| ganhe(&last, &["migrate"]).output())).await;
        for output in programs {
            let output = output.unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(applied(&last).await, Migrator::migrations().len());
    }
    serves_a_book(&last).await;
}
