//! Trades that cross an area, that the reserve makes, that are refused or called off; and how the market goes beyond them.

mod deadlines;
pub mod listings;
pub mod objections;
pub mod overrides;
mod paths;
mod previews;
mod races;
mod refusals;
mod totals;

use crate::support::World;
use crate::support::world::{CHIBI, TONGCHENG, WUHAN, XIANAN};
use ganhe::kernel::ids::fresh;
use ganhe::market::clock::{Passed, pass_day};
use serde_json::{Value, json};
use uuid::Uuid;

fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

/// The clock looks at the market, on a node of its own.
pub async fn day_passes(world: &World) -> Passed {
    pass_day(&world.app.shared.db, fresh()).await.unwrap()
}

/// Headroom, held and used tonnes of an area for COD.
async fn capacity(world: &World, area: &str) -> (String, String, String) {
    let found = world.auditor.get(&format!("/capacities?area={area}&pollutant=COD")).await.granted();
    let line = &found["items"][0];
    let text = |field: &str| line[field].as_str().unwrap().to_owned();
    (text("headroom"), text("committed"), text("used"))
}

fn tonnes(headroom: &str, committed: &str, used: &str) -> (String, String, String) {
    (headroom.to_owned(), committed.to_owned(), used.to_owned())
}

#[tokio::test]
async fn a_trade_between_two_counties_moves_their_headroom_gram_for_gram() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let brewery = world.enterprise_in("赤壁酒业", CHIBI, "food").await;
    world.deposits(&brewery, "1000000.00").await;
    assert_eq!(capacity(&world, TONGCHENG).await, tonnes("880.000", "0.000", "120.000"));
    let offer = id(&mill.offers("50.000 t COD", "8790.00", &brewery).await.granted());
    let trade = id(&brewery.accepts(offer).await.granted());
    let approve = format!("/trades/{trade}/approve");
    let first = world.officer.post(&approve, json!({})).await.granted();
    assert_eq!((&first["state"], &first["approved_by"]), (&json!("matched"), &json!([TONGCHENG])));
    world.xianan_officer.post(&approve, json!({})).await.with_status(404);
    world.city_officer.post(&approve, json!({})).await.is_refused_with("TRD_NOT_IN_CHARGE").with_status(403);
    world.officer.post(&approve, json!({})).await.is_refused_with("TRD_ALREADY_APPROVED").with_status(409);
    brewery.pays(trade).await.is_refused_with("TRD_WRONG_STATE").with_status(409);
    world.chibi_officer.post(&approve, json!({})).await.granted();
    assert_eq!(capacity(&world, CHIBI).await, tonnes("950.000", "50.000", "0.000"));
    assert_eq!(brewery.pays(trade).await.granted()["state"], "settled");
    assert_eq!(capacity(&world, CHIBI).await, tonnes("950.000", "0.000", "50.000"));
    assert_eq!(capacity(&world, TONGCHENG).await, tonnes("930.000", "0.000", "70.000"));
    let vary = format!("/trades/{trade}/vary-permit");
    let seller_side = json!({"side": "seller", "permit": mill.permit});
    world.chibi_officer.post(&vary, seller_side.clone()).await.is_refused_with("TRD_NOT_IN_CHARGE");
    world.officer.post(&vary, seller_side).await.granted();
    let buyer_side = json!({"side": "buyer", "permit": brewery.permit});
    assert_eq!(world.chibi_officer.post(&vary, buyer_side).await.granted()["state"], "closed");
    let permit = world.chibi_officer.get(&format!("/permits?site={}", brewery.site)).await.granted();
    assert_eq!(permit["items"][0]["quantities"][0]["quantity"], "550.000", "{permit:#}");
    world.books_are_right().await;
}

#[tokio::test]
async fn the_reserve_sells_into_the_treasury_and_uses_the_buyers_headroom() {
    let world = World::new().await;
    world.allocate(&world.reserve, "80.000 t COD").await;
    assert_eq!(capacity(&world, TONGCHENG).await, tonnes("1000.000", "0.000", "0.000"));
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let body = json!({
        "mode": "listing", "seller_site": world.reserve.site, "buyer_site": glass.site,
        "right_class": world.reserve.class("COD"), "quantity": "30.000", "unit_price": "8789.99",
    });
    world.reserve.client.post("/offers", body.clone()).await.is_refused_with("TRD_BELOW_BASE_PRICE");
    let mut body = body;
    body["unit_price"] = json!("8790.00");
    let offer = id(&world.reserve.client.post("/offers", body).await.granted());
    let trade = id(&glass.accepts(offer).await.granted());
    world.city_officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    world.officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    assert_eq!(glass.pays(trade).await.granted()["state"], "settled");
    assert_eq!(capacity(&world, TONGCHENG).await, tonnes("970.000", "0.000", "30.000"));
    let trial = world.auditor.get("/audit/trial-balance").await.granted();
    let money = trial["assets"].as_array().unwrap().iter().find(|asset| asset["asset"] == "CNY").unwrap().clone();
    let treasury =
        money["lines"].as_array().unwrap().iter().find(|line| line["purpose"] == "treasury").unwrap().clone();
    assert_eq!(treasury["balance"], "263700.00");
    let vary = json!({"side": "buyer", "permit": glass.permit});
    let closed = world.officer.post(&format!("/trades/{trade}/vary-permit"), vary).await.granted();
    assert_eq!(closed["state"], "closed");
    world.books_are_right().await;
}

#[tokio::test]
async fn whatever_ends_a_trade_early_gives_everything_back() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let brewery = world.enterprise_in("赤壁酒业", CHIBI, "food").await;
    world.deposits(&brewery, "1000000.00").await;
    let as_before = async |world: &World| {
        assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "120.000");
        assert_eq!(world.balance(brewery.id, "CNY", "available").await, "1000000.00");
        assert_eq!(capacity(world, CHIBI).await, tonnes("1000.000", "0.000", "0.000"));
        world.books_are_right().await;
    };
    let offer = id(&mill.offers("50.000 t COD", "8790.00", &brewery).await.granted());
    brewery.client.post(&format!("/offers/{offer}/decline"), json!({"reason": "价格过高"})).await.granted();
    brewery.accepts(offer).await.is_refused_with("TRD_OFFER_NOT_OPEN").with_status(409);
    as_before(&world).await;

    let trade = matched(&mill, &brewery).await;
    let no = json!({"reason": "不符合区域要求"});
    world.officer.post(&format!("/trades/{trade}/refuse"), no.clone()).await.granted();
    world.chibi_officer.post(&format!("/trades/{trade}/approve"), json!({})).await.is_refused_with("TRD_WRONG_STATE");
    as_before(&world).await;

    let trade = matched(&mill, &brewery).await;
    brewery.client.post(&format!("/trades/{trade}/cancel"), json!({})).await.granted();
    as_before(&world).await;

    let trade = world.approved_trade(&mill, &brewery, "50.000 t COD", "8790.00").await;
    assert_eq!(capacity(&world, CHIBI).await, tonnes("950.000", "50.000", "0.000"));
    let pay = |amount: &str| json!({"amount": amount});
    let path = format!("/trades/{trade}/pay");
    brewery.client.post(&path, pay("1000.00")).await.granted();
    brewery.client.post(&path, pay("307650.00")).await.is_refused_with("STL_OVERPAID");
    let cancel = format!("/trades/{trade}/cancel");
    brewery.client.post(&cancel, json!({})).await.is_refused_with("TRD_NOT_THE_SELLER").with_status(403);
    mill.client.post(&cancel, json!({})).await.granted();
    as_before(&world).await;
}

async fn matched(seller: &crate::support::world::Enterprise, buyer: &crate::support::world::Enterprise) -> Uuid {
    let offer = id(&seller.offers("50.000 t COD", "8790.00", buyer).await.granted());
    id(&buyer.accepts(offer).await.granted())
}

#[tokio::test]
async fn rights_stay_within_their_basin_their_city_and_their_sector() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    world.allocate(&mill, "120.000 t SO2").await;
    world.reduces(&mill, "120.000 t SO2").await;
    let lake = world.enterprise_in("斧头湖纺织", XIANAN, "textile").await;
    mill.offers("5.000 t COD", "8790.00", &lake).await.is_refused_with("TRD_BASIN_MISMATCH");
    mill.offers("5.000 t SO2", "3990.00", &lake).await.granted();
    let wuhan = world.enterprise_in("武汉钢铁", WUHAN, "steel").await;
    let far = mill.offers("5.000 t SO2", "3990.00", &wuhan).await;
    far.is_refused_with("TRD_CITY_MISMATCH").is_refused_with("TRD_NO_CAP");
    let power = world.enterprise_in("通城热电", TONGCHENG, "power").await;
    mill.offers("5.000 t SO2", "3990.00", &power).await.is_refused_with("TRD_POWER_SECTOR");
    mill.offers("5.000 t COD", "8790.00", &power).await.granted();
    let farm = world.enterprise_in("通城养殖", TONGCHENG, "agriculture").await;
    mill.offers("5.000 t COD", "8790.00", &farm).await.is_refused_with("TRD_AGRICULTURE_SECTOR");
}

#[tokio::test]
async fn a_refusal_lists_every_broken_rule_and_is_kept_as_evidence() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.allocate(&mill, "10.000 t COD").await;
    let lake = world.enterprise_in("斧头湖纺织", XIANAN, "textile").await;
    let answer = mill.offers("50.000 t COD", "8790.00", &lake).await;
    answer.with_status(422);
    let mut codes = answer.codes();
    codes.sort_unstable();
    assert_eq!(codes, ["TRD_BASIN_MISMATCH", "TRD_NOT_ENOUGH_AVAILABLE", "TRD_REDUCTION_NOT_REGISTERED"]);
    let refusals = world.auditor.get("/audit/refusals").await.granted();
    let kept = refusals["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(kept["operation"], "POST /api/v1/offers");
    assert_eq!(kept["codes"].as_array().unwrap().len(), 3, "{kept:#}");
}

#[tokio::test]
async fn no_more_is_sold_than_was_registered_as_reduced() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.allocate(&mill, "100.000 t COD").await;
    world.reduces(&mill, "30.000 t COD").await;
    let glass = world.buyer("通城玻璃", "10000000.00").await;
    let first = id(&mill.offers("20.000 t COD", "8790.00", &glass).await.granted());
    mill.offers("10.001 t COD", "8790.00", &glass).await.is_refused_with("TRD_REDUCTION_NOT_REGISTERED");
    mill.offers("10.000 t COD", "8790.00", &glass).await.granted();
    mill.offers("0.001 t COD", "8790.00", &glass).await.is_refused_with("TRD_REDUCTION_NOT_REGISTERED");
    glass.client.post(&format!("/offers/{first}/decline"), json!({})).await.granted();
    mill.offers("20.000 t COD", "8790.00", &glass).await.granted();
}

#[tokio::test]
async fn a_buyer_without_money_or_project_is_told_both() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "100.00").await;
    let offer = id(&mill.offers("50.000 t COD", "8790.00", &glass).await.granted());
    let accept = format!("/offers/{offer}/accept");
    let refused = glass.client.post(&accept, json!({"project": mill.project})).await;
    refused.is_refused_with("TRD_PROJECT_MISSING").is_refused_with("STL_MONEY_SHORT");
    mill.client.post(&accept, json!({"project": mill.project})).await.is_refused_with("TRD_NOT_THE_BUYER");
    world.deposits(&glass, "131750.00").await;
    glass.accepts(offer).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn a_pending_reduction_is_taken_as_use_falls() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let brewery = world.enterprise_in("赤壁酒业", CHIBI, "food").await;
    world.deposits(&brewery, "1000000.00").await;
    let trade = world.approved_trade(&mill, &brewery, "50.000 t COD", "8790.00").await;
    let cut =
        json!({"area": TONGCHENG, "pollutant": "COD", "cap": "90.000", "valid_from": "2022-12-01", "document": "削减"});
    let set = world.city_head.post("/capacities", cut).await.granted();
    assert_eq!(set["pending_reduction"], "30.000");
    let cut =
        json!({"area": CHIBI, "pollutant": "COD", "cap": "20.000", "valid_from": "2022-12-01", "document": "削减"});
    assert_eq!(world.city_head.post("/capacities", cut).await.granted()["pending_reduction"], "30.000");
    assert_eq!(brewery.pays(trade).await.granted()["state"], "settled");
    assert_eq!(capacity(&world, TONGCHENG).await, tonnes("20.000", "0.000", "70.000"));
    assert_eq!(capacity(&world, CHIBI).await, tonnes("0.000", "0.000", "50.000"));
    let found = world.auditor.get(&format!("/capacities?area={TONGCHENG}&pollutant=COD")).await.granted();
    assert_eq!(found["items"][0]["pending_reduction"], "0.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn what_a_called_off_trade_gives_back_pays_off_the_reduction_first() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let brewery = world.enterprise_in("赤壁酒业", CHIBI, "food").await;
    world.deposits(&brewery, "1000000.00").await;
    let trade = world.approved_trade(&mill, &brewery, "50.000 t COD", "8790.00").await;
    let cut =
        json!({"area": CHIBI, "pollutant": "COD", "cap": "20.000", "valid_from": "2022-12-01", "document": "削减"});
    world.city_head.post("/capacities", cut).await.granted();
    mill.client.post(&format!("/trades/{trade}/cancel"), json!({})).await.granted();
    assert_eq!(capacity(&world, CHIBI).await, tonnes("20.000", "0.000", "0.000"));
    let more = world.propose_allocation(&brewery, "20.001 t COD").await;
    more.is_refused_with("QTA_OVER_HEADROOM");
    world.books_are_right().await;
}

#[tokio::test]
async fn two_heads_do_not_overwrite_each_others_cap() {
    let world = World::new().await;
    let cap = |tonnes: &str| json!({"area": TONGCHENG, "pollutant": "COD", "cap": tonnes, "valid_from": "2022-12-01", "document": "总量"});
    let set = |tonnes: &str, version: &str| {
        let request = world.city_head.request(reqwest::Method::POST, "/capacities");
        let key = ganhe::kernel::ids::fresh().to_string();
        crate::support::Answer::of(
            request.header("Idempotency-Key", key).header("If-Match", version).json(&cap(tonnes)),
        )
    };
    set("900.000", "\"1\"").await.granted();
    set("800.000", "\"1\"").await.is_refused_with("API_STALE_VERSION").with_status(412);
    set("800.000", "\"2\"").await.granted();
}

#[tokio::test]
async fn a_document_verifies_one_reduction_however_often_it_is_sent() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let body = json!({"site": mill.site, "pollutant": "COD", "quantity": "30.000", "document": "减排登记2022-009"});
    world.city_officer.post("/reductions", body.clone()).await.granted();
    world.city_officer.post("/reductions", body).await.is_refused_with("ORG_DUPLICATE").with_status(409);
}

#[tokio::test]
async fn a_bureau_holds_no_money_and_a_settlement_bank_sees_no_users() {
    let world = World::new().await;
    let organisations = world.auditor.get("/organisations?kind=bureau").await.granted();
    let body = json!({"organisation": organisations["items"][0]["id"], "amount": "1.00", "bank_reference": "X1"});
    world.settlement.post("/money/deposits", body).await.is_refused_with("STL_NO_MONEY_ACCOUNT");
    for client in [&world.settlement, &world.exchange] {
        let users = client.get("/users").await.granted();
        assert_eq!(users["items"].as_array().unwrap().len(), 1, "only its own: {users:#}");
    }
    world.enterprise("临江纸业").await;
    assert_eq!(world.settlement.get("/permits").await.granted()["items"], json!([]));
}
