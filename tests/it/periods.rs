//! Months are sealed one after the other; what is sealed stays what it is, and whatever is changed in it shows.

mod logged;
mod races;
mod tampered;

use crate::support::World;
use crate::support::client::Client;
use crate::support::world::Enterprise;
use serde_json::{Value, json};

/// A world with money dated in October and in November.
async fn autumn() -> (World, Enterprise, Client) {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let head = world.settlement_head().await;
    world.deposits_on(&head, &mill, "100.00", "2022-10-15").await.granted();
    world.deposits_on(&head, &mill, "50.00", "2022-11-20").await.granted();
    world.deposits_on(&head, &mill, "25.00", "2022-10-31").await.granted();
    (world, mill, head)
}

/// The months with their states.
async fn states(world: &World) -> Vec<String> {
    let periods = world.auditor.get("/audit/periods").await.granted();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = periods["items"].as_array().unwrap().iter();
    items.map(|period| format!("{} {}", text(&period["month"]), text(&period["state"]))).collect()
}

#[tokio::test]
async fn months_are_sealed_in_order_and_once() {
    let (world, ..) = autumn().await;
    assert_eq!(states(&world).await, ["2022-10 closed", "2022-11 closed", "2022-12 open"]);
    world.seals("2022-11").await.is_refused_with("LED_PERIOD_OUT_OF_ORDER").with_status(409);
    world.seals("2022-09").await.is_refused_with("LED_PERIOD_OUT_OF_ORDER").with_status(409);
    for month in ["2022-12", "2023-01"] {
        world.seals(month).await.is_refused_with("LED_PERIOD_NOT_CLOSED").with_status(409);
    }
    for month in ["2022-13", "2022-1", "november", "2022-10-01"] {
        world.seals(month).await.is_refused_with("API_BAD_MONTH").with_status(400);
    }
    let october = world.seals("2022-10").await.granted();
    assert_eq!((&october["first_day"], &october["last_day"]), (&json!("2022-10-01"), &json!("2022-10-31")));
    assert_eq!((&october["seal"]["journals"], &october["seal"]["previous_hash"]), (&json!(2), &Value::Null));
    assert_eq!(states(&world).await, ["2022-10 sealed", "2022-11 closed", "2022-12 open"]);
    world.seals("2022-10").await.is_refused_with("LED_PERIOD_ALREADY_SEALED").with_status(409);
    let november = world.seals("2022-11").await.granted();
    assert_eq!(november["seal"]["previous_hash"], october["seal"]["seal_hash"]);
    world.seals("2022-12").await.is_refused_with("LED_PERIOD_NOT_CLOSED");
    world.days_pass(31);
    world.seals("2022-12").await.granted();
    let page = world.auditor.get("/audit/periods?limit=2").await.granted();
    let rest = format!("/audit/periods?limit=2&cursor={}", page["next_cursor"].as_str().unwrap());
    let rest = world.auditor.get(&rest).await.granted();
    assert_eq!((&page["items"][1], &rest["items"][1]["state"]), (&november, &json!("open")));
    assert!(rest["next_cursor"].is_null());
    world.books_are_right().await;
}

#[tokio::test]
async fn a_seal_is_a_journal_and_stands_for_the_journals_of_its_month() {
    let (world, ..) = autumn().await;
    let seal = world.seals("2022-10").await.granted()["seal"].clone();
    let about = format!("/audit/journals?subject={}", seal["id"].as_str().unwrap());
    let journals = world.auditor.get(&about).await.granted();
    let journal = &journals["items"][0];
    assert_eq!((&journal["kind"], &journal["subject_kind"]), (&json!("period_sealed"), &json!("period")));
    assert_eq!((&journal["document_hash"], &journal["id"]), (&seal["seal_hash"], &seal["journal"]));
    assert_eq!(journal["reason"], "2022-10");
    assert_eq!((&journal["recorded_at"], &journal["entries"]), (&seal["sealed_at"], &json!([])));
    let all = world.auditor.get("/audit/journals?limit=200").await.granted();
    let october = all["items"].as_array().unwrap().iter();
    let october = october.filter(|one| one["effective_on"].as_str().unwrap().starts_with("2022-10"));
    let mut october: Vec<(&str, &str, &str)> = october
        .map(|one| ["recorded_at", "id", "leaf_hash"].map(|field| one[field].as_str().unwrap()))
        .map(|[recorded, id, leaf]| (recorded, id, leaf))
        .collect();
    october.sort_unstable();
    let mut running = accounting::seal::RunningLeaves::default();
    for (_, _, leaf) in october {
        let digits: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&leaf[at * 2..at * 2 + 2], 16).unwrap()).collect();
        running.take(&digits);
    }
    let leaves = running.finish();
    assert_eq!((seal["journals"].as_i64(), leaves.count), (Some(2), 2));
    assert_eq!(seal["leaves_hash"], accounting::hexadecimal(&leaves.hash), "anybody can compute it");
    let trial = world.auditor.get("/audit/trial-balance?effective_on=2022-10-31").await.granted();
    assert_eq!(trial["is_balanced"], true);
}

#[tokio::test]
async fn only_who_is_in_charge_of_the_whole_book_seals_it() {
    let (world, ..) = autumn().await;
    let path = "/audit/periods/2022-10/seal";
    for client in [&world.auditor, &world.exchange, &world.officer, &world.settlement] {
        client.post(path, json!({})).await.is_refused_with("AUT_NOT_ALLOWED").with_status(403);
    }
    world.city_head.post(path, json!({})).await.is_refused_with("LED_NOT_THE_WHOLE_BOOK").with_status(403);
    world.head_of_the_province().await.post(path, json!({})).await.granted();
    world.seals("2022-11").await.granted();
    for client in [&world.operator, &world.city_head] {
        client.get("/audit/periods").await.granted();
    }
    world.settlement.get("/audit/periods").await.is_refused_with("AUT_NOT_ALLOWED");
}

#[tokio::test]
async fn the_same_key_seals_once_and_gets_the_same_seal() {
    let (world, ..) = autumn().await;
    let seal = async || world.operator.post_with_key("/audit/periods/2022-10/seal", json!({}), "seal-october").await;
    let first = seal().await.granted();
    assert_eq!(seal().await.granted(), first);
    assert_eq!(states(&world).await[0], "2022-10 sealed");
}

#[tokio::test]
async fn an_empty_month_is_sealed_like_any_other_and_an_empty_book_has_none() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let head = world.settlement_head().await;
    world.deposits_on(&head, &mill, "1.00", "2022-09-30").await.granted();
    for (month, journals) in [("2022-09", 1), ("2022-10", 0), ("2022-11", 0)] {
        assert_eq!(world.seals(month).await.granted()["seal"]["journals"], journals, "{month}");
    }
    world.books_are_right().await;
    let empty = crate::books::desk::Desk::open().await;
    let operator = Client::of(empty.app.address, &empty.app.shared, &empty.app.operator);
    let answer = operator.post("/audit/periods/2022-10/seal", json!({})).await;
    answer.is_refused_with("LED_NOTHING_TO_SEAL").with_status(409);
    assert_eq!(operator.get("/audit/periods").await.granted()["items"], json!([]));
}
