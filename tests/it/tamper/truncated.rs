//! The newest journals are taken away together with everything that goes with them: entries, evidence, business rows, and the
//! accounts put back to where they stood.

use super::attack::{begin, execute, take_the_guards_away};
use super::catalogue::tables;
use super::story;
use accounting::verify::Difference;
use ganhe::audit::verify::{KeptCheckpoint, verify_in};
use ganhe::db::Db;
use ganhe::db::contents::Contents;
use ganhe::ledger::log::{queries, sequence_once};
use jiff::SignedDuration;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::json;

/// Copies of all tables, to go back to.
async fn kept(db: &Db) -> Vec<String> {
    let names: Vec<String> = tables(db).await.into_keys().collect();
    for name in &names {
        execute(db.writer(), &format!("CREATE TABLE kept_{name} AS SELECT * FROM {name}")).await;
    }
    names
}

/// Puts every table back to its copy.
async fn go_back(attack: &DatabaseTransaction, names: &[String]) {
    for name in names {
        execute(attack, &format!("DELETE FROM {name}")).await;
        execute(attack, &format!("INSERT INTO {name} SELECT * FROM kept_{name}")).await;
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
    let names = kept(db).await;
    let before = journals(db.reader()).await;
    let older = checkpoint(db).await;
    for number in 1..=3 {
        let deposit =
            json!({"organisation": history.mill.id, "amount": "10.00", "bank_reference": format!("CUT-{number}")});
        world.settlement.post("/money/deposits", deposit).await.granted();
    }
    assert_eq!(journals(db.reader()).await, before + 3);
    let newer = checkpoint(db).await;
    let attack = begin(db).await;
    go_back(&attack, &names).await;
    assert_eq!(journals(&attack).await, before, "three journals are gone");
    let clean: [Difference; 0] = [];
    for kept in [None, Some(&older)] {
        let found = verify_in(&attack, &Contents::default(), kept).await.unwrap().differences;
        assert_eq!(found, clean, "what is left agrees with itself and with what was signed before");
    }
    let found = verify_in(&attack, &Contents::default(), Some(&newer)).await.unwrap().differences;
    let is_named = |found: &Difference| found.table == "log_checkpoints" && found.fault.contains("cut off");
    assert!(found.iter().any(is_named), "{found:#?}");
    attack.rollback().await.unwrap();
    world.books_are_right().await;
}
