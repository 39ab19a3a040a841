//! What the clock ends: offers that nobody answers, and approved trades that nobody pays; what is laid open before it is paid, and what the
//! exchange confirms.

use super::{capacity, day_passes, id, tonnes};
use crate::support::World;
use crate::support::world::{CHIBI, Enterprise};
use serde_json::{Value, json};
use uuid::Uuid;

async fn state(world: &World, trade: Uuid) -> String {
    world.auditor.get(&format!("/trades/{trade}")).await.text("state")
}

/// What somebody has free.
async fn money(world: &World, of: &Enterprise) -> String {
    world.balance(of.id, "CNY", "available").await
}

async fn treasury(world: &World, purpose: &str) -> String {
    let trial = world.auditor.get("/audit/trial-balance").await.granted();
    let assets = trial["assets"].as_array().unwrap().clone();
    let lines = assets.iter().find(|asset| asset["asset"] == "CNY").unwrap()["lines"].as_array().unwrap().clone();
    let line = lines.iter().find(|line| line["purpose"] == purpose);
    line.map_or_else(|| "0.00".to_owned(), |line| line["balance"].as_str().unwrap().to_owned())
}

fn offer(seller: &Enterprise, buyer: &Enterprise, until: Option<&str>) -> Value {
    json!({"seller_site": seller.site, "buyer_site": buyer.site, "right_class": seller.class("COD"), "quantity": "5.000",
        "unit_price": "9000.00", "valid_until": until})
}

#[tokio::test]
async fn an_offer_stands_until_its_last_day_and_then_ends_by_itself() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "20.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let post = async |until: Option<&str>| mill.client.post("/offers", offer(&mill, &glass, until)).await;
    post(Some("2022-11-30")).await.is_refused_with("TRD_OFFER_IN_PAST");
    let first = post(Some("2022-12-01")).await.granted();
    assert_eq!(first["valid_until"], "2022-12-01");
    let endless = post(None).await.granted();
    assert_eq!(endless["valid_until"], Value::Null, "no rule of Hubei sets a term");
    world.days_pass(1);
    glass.accepts(id(&first)).await.is_refused_with("TRD_OFFER_OVER").with_status(409);
    assert_eq!(day_passes(&world).await.offers, 1);
    assert_eq!(day_passes(&world).await.offers, 0);
    assert_eq!(glass.client.get(&format!("/offers/{}", id(&first))).await.text("state"), "expired");
    glass.accepts(id(&first)).await.is_refused_with("TRD_OFFER_NOT_OPEN");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "committed").await, "5.000");

    world.adopts(&[("offer_days", "3")]).await.granted();
    // Friday the 2nd, and three working days after it.
    assert_eq!(post(None).await.granted()["valid_until"], "2022-12-07");
    post(Some("2022-12-08")).await.is_refused_with("TRD_OFFER_TOO_LONG");
    let last = id(&post(Some("2022-12-07")).await.granted());
    world.days_pass(5);
    assert_eq!(day_passes(&world).await.offers, 0, "the last day counts");
    glass.accepts(last).await.granted();
    glass.accepts(id(&endless)).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn a_trade_that_is_not_paid_in_time_ends_and_the_deposit_goes_where_the_rules_say() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let brewery = world.enterprise_in("赤壁酒业", CHIBI, "food").await;
    world.deposits(&brewery, "1000000.00").await;
    world.adopts(&[("payment_days", "5")]).await.granted();
    let returned = world.approved_trade(&mill, &brewery, "10.000 t COD", "9000.00").await;
    let found = world.auditor.get(&format!("/trades/{returned}")).await.granted();
    assert_eq!(found["pay_by"], "2022-12-08", "five working days after Thursday the 1st");
    let pay = json!({"amount": "1000.00"});
    brewery.client.post(&format!("/trades/{returned}/pay"), pay.clone()).await.granted();
    world.days_pass(7);
    assert_eq!(day_passes(&world).await.trades, 0, "the last day counts");
    world.days_pass(1);
    let late = brewery.pays(returned).await;
    late.is_refused_with("STL_DEADLINE_PASSED").with_status(409);
    assert_eq!(state(&world, returned).await, "approved", "the clock has not run yet");
    assert_eq!(day_passes(&world).await.trades, 1);
    assert_eq!(state(&world, returned).await, "expired");
    brewery.pays(returned).await.is_refused_with("TRD_WRONG_STATE");
    assert_eq!(money(&world, &brewery).await, "1000000.00", "no rule says that it is lost");
    assert_eq!(capacity(&world, CHIBI).await, tonnes("1000.000", "0.000", "0.000"));
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "120.000");
    world.books_are_right().await;

    world.adopts(&[("deposit_forfeit", "on")]).await.granted();
    let lost = world.approved_trade(&mill, &brewery, "10.000 t COD", "9000.00").await;
    brewery.client.post(&format!("/trades/{lost}/pay"), pay).await.granted();
    let called_off = world.approved_trade(&mill, &brewery, "1.000 t COD", "9000.00").await;
    mill.client.post(&format!("/trades/{called_off}/cancel"), json!({})).await.granted();
    world.days_pass(8);
    assert_eq!(day_passes(&world).await.trades, 1);
    assert_eq!(day_passes(&world).await.trades, 0);
    let found = world.auditor.get(&format!("/trades/{lost}")).await.granted();
    assert_eq!((&found["state"], &found["forfeited"]), (&json!("expired"), &json!("27000.00")));
    assert_eq!(money(&world, &brewery).await, "973000.00", "30 % of 90,000, and nothing that was paid beyond it");
    assert_eq!(money(&world, &mill).await, "27000.00");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_deposit_on_rights_of_the_reserve_is_lost_to_the_treasury() {
    let world = World::new().await;
    world.allocate(&world.reserve, "80.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    world.adopts(&[("payment_days", "1"), ("deposit_forfeit", "on")]).await.granted();
    let listing = super::listings::lists(&world.reserve, "10.000 t COD", "1.000", "8790.00").await;
    let trade = id(&super::listings::buys(&glass, listing, None).await.granted());
    for officer in [&world.city_officer, &world.officer] {
        officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    }
    world.days_pass(2);
    assert_eq!(day_passes(&world).await.trades, 1);
    assert_eq!(treasury(&world, "treasury").await, "26370.00");
    assert_eq!(money(&world, &glass).await, "973630.00");
    world.books_are_right().await;
}

#[tokio::test]
async fn an_approved_trade_is_laid_open_before_it_is_paid_and_refused_when_an_objection_is_right() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    world.adopts(&[("trade_publicity_days", "5"), ("payment_days", "2")]).await.granted();
    let trade = world.approved_trade(&mill, &glass, "10.000 t COD", "9000.00").await;
    let found = world.auditor.get(&format!("/trades/{trade}")).await.granted();
    assert_eq!(found["state"], "publicised");
    assert_eq!((&found["publicised_until"], &found["pay_by"]), (&json!("2022-12-08"), &json!("2022-12-12")));
    glass.pays(trade).await.is_refused_with("STL_PUBLICITY_RUNNING").with_status(409);
    world.days_pass(7);
    glass.pays(trade).await.is_refused_with("STL_PUBLICITY_RUNNING");
    world.days_pass(1);
    assert_eq!(glass.pays(trade).await.granted()["state"], "settled");

    let objected = world.approved_trade(&mill, &glass, "10.000 t COD", "9000.00").await;
    let no = json!({"reason": "公示期异议成立:减排量不实"});
    world.chibi_officer.post(&format!("/trades/{objected}/refuse"), no.clone()).await.with_status(404);
    world.officer.post(&format!("/trades/{objected}/refuse"), no).await.granted();
    assert_eq!(state(&world, objected).await, "refused");
    let records = world.auditor.get(&format!("/decisions?subject={objected}")).await.granted();
    assert_eq!(records["items"].as_array().unwrap().len(), 2, "its approval, and its refusal: {records:#}");
    assert_eq!(money(&world, &glass).await, "910000.00");
    world.forgets_rules(&["trade_publicity_days"]).await.granted();
    let plain = world.approved_trade(&mill, &glass, "10.000 t COD", "9000.00").await;
    assert_eq!(state(&world, plain).await, "approved");
    world
        .officer
        .post(&format!("/trades/{plain}/refuse"), json!({"reason": "迟"}))
        .await
        .is_refused_with("TRD_WRONG_STATE");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_trade_whose_deposit_is_all_of_it_settles_when_the_buyer_says_so_after_the_publicity() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    world.forgets_rules(&["deposit_rate"]).await.granted();
    world.adopts(&[("trade_publicity_days", "1"), ("payment_days", "1")]).await.granted();
    let trade = world.approved_trade(&mill, &glass, "10.000 t COD", "9000.00").await;
    world.days_pass(4);
    assert_eq!(day_passes(&world).await.trades, 0, "what is paid is not late");
    assert_eq!(glass.pays(trade).await.granted()["state"], "settled");
    world.books_are_right().await;
}

#[tokio::test]
async fn the_exchange_confirms_what_is_paid_where_a_switch_asks_for_it() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let brewery = world.enterprise_in("赤壁酒业", CHIBI, "food").await;
    world.deposits(&brewery, "1000000.00").await;
    world.adopts(&[("settlement_confirmation", "on"), ("payment_days", "1")]).await.granted();
    let trade = world.approved_trade(&mill, &brewery, "10.000 t COD", "9000.00").await;
    let confirm = format!("/trades/{trade}/confirm-settlement");
    world.exchange.post(&confirm, json!({})).await.is_refused_with("TRD_WRONG_STATE").with_status(409);
    assert_eq!(brewery.pays(trade).await.granted()["state"], "paid");
    brewery.pays(trade).await.is_refused_with("TRD_WRONG_STATE");
    world.days_pass(3);
    assert_eq!(day_passes(&world).await.trades, 0, "it was paid in time");
    world.officer.post(&confirm, json!({})).await.is_refused_with("AUT_NOT_ALLOWED");
    let tasks = world.exchange.get(&format!("/tasks?subject={trade}")).await.granted();
    assert_eq!(tasks["items"][0]["act"], "settlement_confirmation", "{tasks:#}");
    let decide = format!("/tasks/{}/decide", id(&tasks["items"][0]));
    let no = json!({"outcome": "refused", "reason": "再议"});
    world.exchange.post(&decide, no).await.is_refused_with("STL_CONFIRMATION_OWED");
    world.exchange.post(&decide, json!({"outcome": "approved", "reason": "资金已到位"})).await.granted();
    assert_eq!(state(&world, trade).await, "settled");
    assert_eq!(money(&world, &mill).await, "90000.00");
    world.exchange.post(&confirm, json!({})).await.is_refused_with("STL_ALREADY_SETTLED");

    let second = world.approved_trade(&mill, &brewery, "10.000 t COD", "9000.00").await;
    brewery.pays(second).await.granted();
    let by_operation = format!("/trades/{second}/confirm-settlement");
    assert_eq!(world.exchange.post(&by_operation, json!({})).await.text("state"), "settled");
    let left = world.exchange.get("/tasks").await.granted();
    assert_eq!(left["items"], json!([]), "nothing is left to be confirmed");
    let third = world.approved_trade(&mill, &brewery, "10.000 t COD", "9000.00").await;
    brewery.pays(third).await.granted();
    mill.client.post(&format!("/trades/{third}/cancel"), json!({})).await.granted();
    assert_eq!(money(&world, &brewery).await, "820000.00", "all of it comes back");
    world.books_are_right().await;
}

#[tokio::test]
async fn nobody_pays_where_a_confirmation_is_asked_for_and_there_is_no_exchange_to_give_it() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    world.adopts(&[("settlement_confirmation", "on")]).await.granted();
    let trade = world.approved_trade(&mill, &glass, "10.000 t COD", "9000.00").await;
    let exchange = world.auditor.get("/organisations?kind=exchange").await.granted()["items"][0].clone();
    let act = |word: &str| format!("/organisations/{}/{word}", id(&exchange));
    world.operator.post(&act("suspend"), json!({"reason": "停业整顿"})).await.granted();
    glass.pays(trade).await.is_refused_with("STL_NO_EXCHANGE").with_status(409);
    assert_eq!(state(&world, trade).await, "approved");
    world.operator.post(&act("reinstate"), json!({"reason": "整改完成"})).await.granted();
    assert_eq!(glass.pays(trade).await.granted()["state"], "paid");
    world.books_are_right().await;
}
