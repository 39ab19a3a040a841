//! Refusals of pledges by their code and the field they are told at, and beside each what is let pass.

use super::pledgors::blames;
use super::{Stage, id, registered, secured_on};
use crate::support::World;
use crate::support::world::Enterprise;
use serde_json::{Value, json};

/// A mill with a hundred tonnes that has consented to the bank, and an application on ten of them.
async fn stage() -> (World, Enterprise, Value) {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let application = secured_on(&mill, "10.000", "60000.00", "90000.00");
    (world, mill, application)
}

/// The application with another value in a field.
fn with(application: &Value, field: &str, value: &str) -> Value {
    let mut body = application.clone();
    body[field] = json!(value);
    body
}

#[tokio::test]
async fn a_debt_ends_after_it_begins_and_no_more_is_secured_than_is_lent() {
    let (world, _, application) = stage().await;
    let apply = async |body: Value| world.bank.client.post("/pledges", body).await;
    for end in ["2022-11-30", "2022-12-01"] {
        blames(apply(with(&application, "debt_to", end)).await.with_status(422), "PLG_DEBT_TERM", "debt_to");
    }
    let less = apply(with(&application, "principal", "59999.99")).await;
    blames(less.with_status(422), "PLG_SECURED_OVER_PRINCIPAL", "secured");
    apply(with(&with(&application, "principal", "60000.00"), "debt_to", "2022-12-02")).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn a_stock_is_named_once() {
    let (world, mill, application) = stage().await;
    let mut body = application;
    let half = json!({"site": mill.site, "right_class": mill.class("COD"), "quantity": "5.000", "secured": "30000.00",
        "assessed_value": "45000.00"});
    body["rights"] = json!([half, half]);
    let refused = world.bank.client.post("/pledges", body).await;
    blames(refused.with_status(422), "PLG_RIGHT_NAMED_TWICE", "rights");
    let message = refused.body["violations"][0]["message"].as_str().unwrap();
    assert!(message.contains(&mill.class("COD")), "{message}");
}

#[tokio::test]
async fn the_rules_cap_the_term_and_the_age_of_a_valuation_and_both_are_told_at_once() {
    let (world, _, application) = stage().await;
    world.adopts(&[("pledge_term_cap_months", "6"), ("valuation_days", "30")]).await.granted();
    let refused = world.bank.client.post("/pledges", with(&application, "valued_on", "2022-10-31")).await;
    blames(refused.with_status(422), "PLG_TERM_OVER_CAP", "debt_to");
    blames(&refused, "PLG_VALUATION_STALE", "valued_on");
    let at_the_bounds = with(&with(&application, "valued_on", "2022-11-01"), "debt_to", "2023-06-01");
    world.bank.client.post("/pledges", at_the_bounds).await.granted();
}

#[tokio::test]
async fn a_right_is_pledged_from_its_first_day_on() {
    let (world, mill, application) = stage().await;
    let grant = json!({"site": mill.site, "pollutant": "COD", "origin": "paid", "zone": "LUSHUI", "valid_from": "2023-01-01",
        "valid_to": "2027-12-31", "quantity": "20.000", "document": "核定2022-009"});
    let grant = id(&world.city_officer.post("/allocations", grant).await.granted());
    world.city_head.post(&format!("/allocations/{grant}/confirm"), json!({})).await.granted();
    let class = "COD-MULTI-PAID-LUSHUI-20230101-20271231";
    let eyes = json!({"pledgee": world.bank.id, "right_classes": [class], "valid_until": "2023-11-30"});
    mill.client.post("/consents", eyes).await.granted();
    let mut body = application;
    body["rights"][0]["right_class"] = json!(class);
    let early = world.bank.client.post("/pledges", body.clone()).await;
    blames(early.with_status(422), "PLG_OUTSIDE_VALIDITY", "rights[0].right_class");
    world.days_pass(31);
    registered(&world, &mill, body).await;
    world.books_are_right().await;
}

#[tokio::test]
async fn nobody_lends_to_an_enterprise_that_is_suspended() {
    let (world, mill, application) = stage().await;
    let ruling = |act: &str| format!("/organisations/{}/{act}", mill.id);
    world.head.post(&ruling("suspend"), json!({"reason": "未按规定报告排放数据"})).await.granted();
    let refused = world.bank.client.post("/pledges", application.clone()).await;
    blames(refused.with_status(422), "PLG_PLEDGOR_SUSPENDED", "pledgor");
    world.head.post(&ruling("reinstate"), json!({"reason": "已整改"})).await.granted();
    registered(&world, &mill, application).await;
}

#[tokio::test]
async fn a_facility_is_for_enterprises_each_named_once_and_accepted_once() {
    let (world, mill, application) = stage().await;
    let glass = world.enterprise("通城玻璃").await;
    let limit = |organisation| json!({"organisation": organisation, "sub_limit": "150000.00"});
    let wrong = json!({"name": "2022授信", "limits": [limit(mill.id), limit(world.other_bank.id), limit(mill.id)]});
    let refused = world.bank.client.post("/facilities", wrong).await;
    blames(refused.with_status(422), "PLG_NOT_AN_ENTERPRISE", "limits[1].organisation");
    blames(&refused, "PLG_PART_NAMED_TWICE", "limits[2].organisation");
    let right = json!({"name": "2022授信", "limits": [limit(mill.id)]});
    let facility = id(&world.bank.client.post("/facilities", right).await.granted());
    let accept = format!("/facilities/{facility}/accept");
    glass.client.post(&accept, json!({})).await.with_status(404);
    mill.client.post(&accept, json!({})).await.granted();
    blames(mill.client.post(&accept, json!({})).await.with_status(409), "PLG_PART_ACCEPTED", "");

    let mut body = application;
    body["facility"] = json!(facility);
    let pledge = registered(&world, &mill, body).await;
    let transfer = json!({"to": world.other_bank.id, "document": "债转2023-007"});
    let refused = world.bank.client.post(&format!("/pledges/{}/transfers", id(&pledge)), transfer).await;
    blames(refused.with_status(409), "PLG_CLAIM_OF_FACILITY", "");
    world.books_are_right().await;
}

#[tokio::test]
async fn at_auction_nobody_asks_the_pledgor_and_a_price_comes_to_a_fen_at_least() {
    let stage = Stage::of("100.000 t COD").await;
    stage.defaults().await;
    let mut little = stage.disposal("auction", &stage.glass, "0.01");
    little["quantity"] = json!("0.001");
    blames(stage.proposes(little).await.with_status(422), "PLG_NOT_WORTH_COUNTING", "unit_price");
    let disposal = stage.proposes(stage.disposal("auction", &stage.glass, "8790.00")).await.granted();
    let agree = format!("/disposals/{}/agree", id(&disposal));
    blames(stage.mill.client.post(&agree, json!({})).await.with_status(409), "PLG_NO_AGREEMENT_NEEDED", "");
    let settle = format!("/disposals/{}/settle", id(&disposal));
    assert_eq!(stage.glass.client.post(&settle, json!({})).await.granted()["state"], "settled");
    stage.world.books_are_right().await;
}
