//! A book that was founded before newer rules existed gets them when its tables are brought up to date, and keeps what it has.

use crate::support::World;
use crate::support::app::TestApp;
use ganhe::access::{Action, Caller};
use ganhe::app::opening::migrated;
use ganhe::db::Db;
use ganhe::kernel::Clock;
use ganhe::rulebook::commands::{Completed, adopt, complete};
use ganhe::rulebook::{Rule, hubei};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the book does not know yet.
const UNKNOWN: [&str; 3] = ["four_eyes_reduction", "four_eyes_surplus_grant", "idle_years"];

/// The rules of a book that is older than some of them, and has a price of its own.
fn older() -> BTreeMap<String, Rule> {
    let mut rules = hubei::rules();
    rules.retain(|name, _| !UNKNOWN.contains(&name.as_str()));
    let own = Rule { value: Some("9000.00".to_owned()), legal_basis: Some("鄂发改价〔2021〕1号".to_owned()) };
    rules.insert("base_price_cod".to_owned(), own);
    rules
}

async fn adopts_older(db: &Db, jurisdiction: &'static str, from: &'static str) {
    let permit = Caller::clock().may(Action::RegisterReference).unwrap();
    let input = (jurisdiction, from);
    db.run(&permit, &input, |work, (jurisdiction, from)| {
        Box::pin(async move { adopt(work, jurisdiction, from.parse().unwrap(), older()).await.map(|_| ()) })
    })
    .await
    .unwrap();
}

async fn completes(db: &Db) -> Vec<Completed> {
    let permit = Caller::clock().may(Action::RegisterReference).unwrap();
    db.run(&permit, &(), |work, ()| Box::pin(complete(work))).await.unwrap()
}

fn rule<'r>(rulebook: &'r Value, name: &str) -> &'r Value {
    rulebook["rules"].as_array().unwrap().iter().find(|rule| rule["name"] == name).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn what_an_older_rulebook_lacks_is_added_by_a_version_of_its_own_and_nothing_else_changes() {
    let world = World::new().await;
    let db = &world.app.shared.db;
    assert_eq!(completes(db).await, [], "a new book lacks nothing");
    adopts_older(db, "420000", "2022-06-01").await;
    adopts_older(db, "420000", "2023-01-01").await;
    let before = world.auditor.get("/rulebooks/current").await.granted();
    assert_eq!((rule(&before, "idle_years"), &before["version"]), (&Value::Null, &json!(2)));
    let completed = completes(db).await;
    let told: Vec<(String, i64, Vec<&str>)> = completed
        .iter()
        .map(|one| (one.effective_from.clone(), one.version, one.added.keys().map(String::as_str).collect()))
        .collect();
    let expected = [("2022-12-01".to_owned(), 4, UNKNOWN.to_vec()), ("2023-01-01".to_owned(), 5, UNKNOWN.to_vec())];
    assert_eq!(told, expected, "the one in force, and the one that waits for its day");
    let current = world.auditor.get("/rulebooks/current").await.granted();
    assert_eq!(current["version"], 4);
    let of_first = ["four_eyes_reduction", "four_eyes_surplus_grant", "idle_years"]
        .map(|name| rule(&current, name)["value"].clone());
    assert_eq!(of_first, [json!("off"), json!("on"), Value::Null], "as the first rulebook has them");
    let own = rule(&current, "base_price_cod");
    assert_eq!((&own["value"], &own["legal_basis"]), (&json!("9000.00"), &json!("鄂发改价〔2021〕1号")));
    assert_eq!(completes(db).await, [], "once");
    world.days_pass(40);
    assert_eq!(world.auditor.get("/rulebooks/current").await.granted()["version"], 5);
    world.adopts(&[("idle_years", "3")]).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn in_a_province_whose_papers_nobody_has_read_what_is_added_is_null() {
    let world = World::new().await;
    let db = &world.app.shared.db;
    adopts_older(db, "430000", "2022-06-01").await;
    let completed = completes(db).await;
    assert_eq!(completed.len(), 1);
    assert!(completed[0].added.values().all(Option::is_none));
    assert_eq!(completed[0].added.len(), UNKNOWN.len());
}

#[tokio::test]
async fn bringing_the_tables_up_to_date_says_which_rules_a_book_has_got() {
    let app = TestApp::start_beside_the_wall().await;
    adopts_older(&app.shared.db, "420000", "2022-06-01").await;
    let completed = migrated(&app.url, Clock::system()).await.unwrap();
    assert_eq!(completed.len(), 1);
    let told = (completed[0].effective_from.as_str(), completed[0].added.len());
    assert_eq!(told, ("2022-12-01", UNKNOWN.len()), "in the business time of the book");
    assert_eq!(migrated(&app.url, Clock::system()).await.unwrap(), []);
}
