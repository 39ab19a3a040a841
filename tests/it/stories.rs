//! The main journey as small stories: allocate, trade, pledge, audit.

use crate::support::World;
use serde_json::json;
use uuid::Uuid;

fn id(value: &serde_json::Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn rights_come_into_being_when_a_second_person_confirms_them() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let proposed = world.propose_allocation(&mill, "120.000 t COD").await.granted();
    assert_eq!(proposed["state"], "proposed");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "0");
    let confirm = format!("/allocations/{}/confirm", id(&proposed));
    world.city_officer.post(&confirm, json!({})).await.is_refused_with("AUT_NOT_ALLOWED").with_status(403);
    let active = world.city_head.post(&confirm, json!({"reason": "资料齐全"})).await.granted();
    assert_eq!((&active["state"], &active["version"]), (&json!("active"), &json!(2)));
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "120.000");
    world.city_head.post(&confirm, json!({})).await.is_refused_with("QTA_ALREADY_DECIDED").with_status(409);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_trade_moves_rights_and_money_in_one_journal() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "500000.00").await;
    let offer = mill.offers("50.000 t COD", "8790.00", &glass).await.granted();
    assert_eq!(offer["total"], "439500.00");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "committed").await, "50.000");
    let trade = glass.accepts(id(&offer)).await.granted();
    assert_eq!((&trade["deposit"], &trade["state"]), (&json!("131850.00"), &json!("matched")));
    let trade = id(&trade);
    world.officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    let settled = glass.pays(trade).await.granted();
    assert_eq!(settled["state"], "settled");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "70.000");
    assert_eq!(world.balance(glass.site, &mill.class("COD"), "available").await, "50.000");
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "439500.00");
    assert_eq!(world.balance(glass.id, "CNY", "available").await, "60500.00");
    let journals = world.auditor.get(&format!("/audit/journals?subject={trade}")).await.granted();
    let kinds: Vec<&str> =
        journals["items"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["trade_matched", "trade_approved", "trade_paid", "trade_settled"]);
    assert_eq!(journals["items"][3]["entries"].as_array().unwrap().len(), 4);
    world.books_are_right().await;
}
