//! The newest journals are taken away together with everything that goes with them: entries, evidence, business rows, and the
//! accounts put back to where they stood.

use super::attack::{begin, execute, take_the_guards_away};
use super::catalogue::tables;
use super::story;
use ganhe::audit::verify::verify_in;
use ganhe::db::Db;
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

/// Rows and hashes alone cannot tell that something came after them: that takes a checkpoint which somebody else has kept.
#[tokio::test]
async fn what_is_cut_off_consistently_leaves_sound_books_behind() {
    let history = story::happen().await;
    let world = &history.world;
    let db = &world.app.shared.db;
    take_the_guards_away(db).await;
    let names = kept(db).await;
    let before = journals(db.reader()).await;
    for number in 1..=3 {
        let deposit =
            json!({"organisation": history.mill.id, "amount": "10.00", "bank_reference": format!("CUT-{number}")});
        world.settlement.post("/money/deposits", deposit).await.granted();
    }
    assert_eq!(journals(db.reader()).await, before + 3);
    let attack = begin(db).await;
    go_back(&attack, &names).await;
    assert_eq!(journals(&attack).await, before, "three journals are gone");
    assert_eq!(verify_in(&attack, None).await.unwrap().differences, [], "and what is left agrees with itself");
    attack.rollback().await.unwrap();
    world.books_are_right().await;
}
