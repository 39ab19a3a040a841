//! The newest journals are taken away together with everything that goes with them: entries, evidence, business rows, and the
//! accounts put back to where they stood.

use super::attack::{begin, execute, take_the_guards_away};
use super::catalogue::tables;
use super::story;
use crate::books::history::History;
use crate::support::figures;
use accounting::verify::Difference;
use ganhe::audit::verify::{KeptCheckpoint, verify_in};
use ganhe::db::Db;
use ganhe::db::contents::Contents;
use ganhe::ledger::log::{queries, sequence_once};
use jiff::SignedDuration;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::json;

/// Journals that are there to be cut off, and how many of them each trial takes away.
const DEPOSITS: usize = 8;
const CUT: [usize; 4] = [1, 2, 5, DEPOSITS];

/// Copies of all tables of the books, to go back to.
async fn keep(db: &Db, names: &[String], copy: usize) {
    for name in names {
        execute(db.writer(), &format!("CREATE TABLE kept_{copy}_{name} AS SELECT * FROM {name}")).await;
    }
}

/// Puts every table back to its copy.
async fn go_back(attack: &DatabaseTransaction, names: &[String], copy: usize) {
    for name in names {
        execute(attack, &format!("DELETE FROM {name}")).await;
        execute(attack, &format!("INSERT INTO {name} SELECT * FROM kept_{copy}_{name}")).await;
    }
}

async fn journals(db: &impl ConnectionTrait) -> i64 {
    super::catalogue::rows(db, "SELECT COUNT(*) FROM journals").await[0].try_get_by_index(0).unwrap()
}

/// Everything enters the log, and somebody keeps its newest checkpoint.
async fn checkpoint(db: &Db) -> KeptCheckpoint {
    db.clock().advance(SignedDuration::from_mins(1));
    sequence_once(db).await.unwrap();
    let newest = queries::newest_checkpoint(db.reader()).await.unwrap();
    KeptCheckpoint { note: newest.note, vkey: None }
}

/// Rows and hashes alone cannot tell that something came after them: that takes a checkpoint which somebody else has kept.
#[tokio::test]
async fn what_is_cut_off_consistently_is_found_with_a_checkpoint_in_hand() {
    let history = story::happen().await;
    let world = &history.world;
    let db = &world.app.shared.db;
    take_the_guards_away(db).await;
    let names: Vec<String> = tables(db).await.into_keys().collect();
    let older = checkpoint(db).await;
    let before = journals(db.reader()).await;
    let (mut entered, mut in_the_log) = (0, older.clone());
    let mut known = Vec::new();
    for k in CUT.into_iter().rev() {
        // As the books stood when k of the journals were still to come; half of the copies are taken behind a checkpoint of their own.
        while entered < DEPOSITS - k {
            deposit(&history, entered).await;
            entered += 1;
        }
        if k % 2 == 1 {
            in_the_log = checkpoint(db).await;
        }
        keep(db, &names, k).await;
        known.push((k, in_the_log.clone()));
    }
    while entered < DEPOSITS {
        deposit(&history, entered).await;
        entered += 1;
    }
    assert_eq!(journals(db.reader()).await, before + count(DEPOSITS));
    let newer = checkpoint(db).await;
    let mut found_of = 0;
    for (k, in_the_log) in known {
        let attack = begin(db).await;
        go_back(&attack, &names, k).await;
        assert_eq!(journals(&attack).await, before + count(DEPOSITS - k), "{k} journals are gone");
        let clean: [Difference; 0] = [];
        for kept in [None, Some(&older), Some(&in_the_log)] {
            let found = verify_in(&attack, &Contents::default(), kept).await.unwrap().differences;
            assert_eq!(found, clean, "{k}: what is left agrees with itself and with what was signed before");
        }
        let found = verify_in(&attack, &Contents::default(), Some(&newer)).await.unwrap().differences;
        let is_named = |found: &Difference| found.table == "log_checkpoints" && found.fault.contains("cut off");
        assert!(found.iter().any(is_named), "{k}: {found:#?}");
        found_of += 1;
        attack.rollback().await.unwrap();
    }
    let told = format!("found {found_of} of {} trials: the newest {CUT:?} journals", CUT.len());
    figures::keep("journals cut off with a checkpoint in hand", &told);
    world.books_are_right().await;
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}

async fn deposit(history: &History, number: usize) {
    let body = json!({"organisation": history.mill.id, "amount": "10.00", "bank_reference": format!("CUT-{number}")});
    history.world.settlement.post("/money/deposits", body).await.granted();
}
