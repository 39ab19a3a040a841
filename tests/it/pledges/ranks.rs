//! Junior liens: registered behind others, they wait in one line with court freezes and take what comes free in its order.

use super::{id, secured_on};
use crate::events::told;
use crate::support::world::{Bank, CHIBI, Enterprise};
use crate::support::{Answer, World};
use ganhe::app::binders::BINDERS;
use ganhe::kernel::ids::fresh;
use serde_json::{Value, json};
use uuid::Uuid;

/// Number of a court's document.
const ORDER: &str = "(2022)鄂12执123号";

/// A mill with a hundred tonnes under rules that know junior liens; the first bank holds as many of them as it is told.
async fn stage(senior: &str) -> (World, Enterprise, Uuid) {
    let world = World::new().await;
    world.adopts(&[("junior_liens", "on")]).await.granted();
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    for bank in [&world.bank, &world.other_bank] {
        mill.consents(bank, &["COD"]).await;
    }
    let pledge = world.bank.agreed_pledge(&world, &mill, &format!("{senior} t COD")).await;
    world.bank.registers(pledge).await.granted();
    world.an_hour_passes();
    (world, mill, pledge)
}

/// An application of a bank that may wait for others.
async fn asks(bank: &Bank, mill: &Enterprise, tonnes: &str) -> Answer {
    let mut body = secured_on(mill, tonnes, "60000.00", "400000.00");
    body["rights"][0]["junior"] = json!(true);
    bank.client.post("/pledges", body).await
}

/// The same up to its registration, which is answered.
async fn junior(world: &World, bank: &Bank, mill: &Enterprise, tonnes: &str) -> Value {
    let pledge = id(&asks(bank, mill, tonnes).await.granted());
    world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
    mill.client.post(&format!("/pledges/{pledge}/agree"), json!({})).await.granted();
    let registered = bank.registers(pledge).await.granted();
    world.an_hour_passes();
    registered
}

async fn freezes(world: &World, mill: &Enterprise, tonnes: &str) -> Uuid {
    let body = json!({"document": ORDER, "court": "咸宁市中级人民法院", "site": mill.site,
        "right_class": mill.class("COD"), "quantity": tonnes});
    let freeze = id(&world.exchange.post("/freezes", body).await.granted());
    world.an_hour_passes();
    freeze
}

/// What the only lien of a pledge holds and waits for.
async fn stands(world: &World, pledge: Uuid) -> [String; 2] {
    let seen = world.auditor.get(&format!("/pledges/{pledge}")).await.granted();
    ["held", "waiting"].map(|field| seen["liens"][0][field].as_str().unwrap().to_owned())
}

async fn free(world: &World, mill: &Enterprise) -> String {
    world.balance(mill.site, &mill.class("COD"), "available").await
}

fn partly(lien: &Value, tonnes: &str) -> Value {
    json!({"reason": "部分还款", "liens": [{"lien": lien, "quantity": tonnes}]})
}

/// A junior lien of the other bank that has waited, taken, given up and lost: every row of what waits, for the trials of the verification.
pub async fn happened(world: &World) -> Uuid {
    world.adopts(&[("junior_liens", "on")]).await.granted();
    let mill = world.seller("后顺位纸业", "10.000 t COD").await;
    for bank in [&world.bank, &world.other_bank] {
        mill.consents(bank, &["COD"]).await;
    }
    let senior = world.bank.agreed_pledge(world, &mill, "8.000 t COD").await;
    let senior = world.bank.registers(senior).await.granted();
    let waits = junior(world, &world.other_bank, &mill, "9.000").await;
    for (bank, of, tonnes) in [(&world.bank, &senior, "2.000"), (&world.other_bank, &waits, "1.000")] {
        let path = format!("/pledges/{}/release-part", id(of));
        bank.client.post(&path, partly(&of["liens"][0]["id"], tonnes)).await.granted();
    }
    let over = junior(world, &world.other_bank, &mill, "3.000").await;
    world.other_bank.releases(id(&over)).await.granted();
    waits["liens"][0]["id"].as_str().unwrap().parse().unwrap()
}

/// So many tonnes of the only lien of a pledge are sold with its bank's consent, which takes so much of the price.
async fn sells(world: &World, bank: &Bank, mill: &Enterprise, buyer: &Enterprise, pledge: Uuid, part: [&str; 2]) {
    let [tonnes, to_claim] = part;
    let lien = bank.client.get(&format!("/pledges/{pledge}")).await.granted()["liens"][0]["id"].clone();
    let wish = json!({"lien": lien, "buyer_site": buyer.site, "project": buyer.project, "quantity": tonnes, "unit_price": "9000.00"});
    let sale = id(&mill.client.post(&format!("/pledges/{pledge}/consented-sales"), wish).await.granted());
    let path = |act: &str| format!("/consented-sales/{sale}/{act}");
    let order = json!({"document": "同意转让2022-011", "to_claim": to_claim, "settlement_bank": world.settlement_bank});
    let consented = bank.client.post(&path("consent"), order).await.granted();
    world.officer.post(&format!("/trades/{}/approve", consented["trade"].as_str().unwrap()), json!({})).await.granted();
    buyer.client.post(&path("settle"), json!({})).await.granted();
}

#[tokio::test]
async fn what_is_sold_with_consent_nobody_waits_for_and_who_waits_sells_what_it_holds() {
    let (world, mill, senior) = stage("80.000").await;
    let second = id(&junior(&world, &world.other_bank, &mill, "60.000").await);
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    sells(&world, &world.bank, &mill, &glass, senior, ["50.000", "30000.00"]).await;
    assert_eq!(stands(&world, senior).await, ["30.000", "0.000"]);
    assert_eq!(stands(&world, second).await, ["20.000", "30.000"], "ten of what it waited for nobody holds any more");
    world.books_are_right().await;
    sells(&world, &world.other_bank, &mill, &glass, second, ["5.000", "10000.00"]).await;
    assert_eq!(stands(&world, second).await, ["15.000", "30.000"], "it has sold of what it held");
    world.books_are_right().await;
    // The whole claim is paid: what is left goes back, and what it waited for comes to nothing.
    sells(&world, &world.other_bank, &mill, &glass, second, ["10.000", "50000.00"]).await;
    let over = world.other_bank.client.get(&format!("/pledges/{second}")).await.granted();
    assert_eq!(over["state"], "released");
    assert_eq!(free(&world, &mill).await, "5.000");
    world.bank.releases(senior).await.granted();
    assert_eq!(free(&world, &mill).await, "35.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn where_no_rule_lets_it_be_nothing_is_pledged_twice() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(&world, &mill, "80.000 t COD").await;
    world.bank.registers(pledge).await.granted();
    asks(&world.bank, &mill, "60.000").await.is_refused_with("PLG_JUNIOR_NOT_ALLOWED").with_status(422);
    world.adopts(&[("junior_liens", "off")]).await.granted();
    asks(&world.bank, &mill, "60.000").await.is_refused_with("PLG_JUNIOR_NOT_ALLOWED");
    world.adopts(&[("junior_liens", "on")]).await.granted();
    asks(&world.bank, &mill, "100.001").await.is_refused_with("PLG_BEYOND_SENIORS").with_status(422);
    let first = world.bank.client.post("/pledges", secured_on(&mill, "60.000", "60000.00", "400000.00")).await;
    first.is_refused_with("PLG_NOT_ENOUGH_AVAILABLE");
    asks(&world.bank, &mill, "100.000").await.granted();
}

#[tokio::test]
async fn a_junior_takes_what_is_free_waits_for_the_rest_and_its_senior_is_told() {
    let (world, mill, senior) = stage("80.000").await;
    let registered = junior(&world, &world.other_bank, &mill, "60.000").await;
    let lien = &registered["liens"][0];
    let told_of = ["held", "waiting", "claimed", "secured_ahead"].map(|field| lien[field].as_str().unwrap());
    // 100,000 are secured on the 80 t before it: 50,000 on the 40 t that it waits for.
    assert_eq!(told_of, ["20.000", "40.000", "60.000", "50000.00"]);
    assert_eq!(
        (&lien["rank"], &lien["junior"], &registered["number"]),
        (&json!(2), &json!(true), &json!("PL-2022-000002"))
    );
    let seen = world.bank.client.get(&format!("/pledges/{senior}")).await.granted();
    let notice = &seen["liens"][0]["notices"][0];
    assert_eq!((&notice["cause"], &notice["quantity"]), (&json!("junior_lien"), &json!("40.000")), "{seen:#}");
    assert_eq!((&seen["liens"][0]["rank"], &seen["liens"][0]["held"]), (&json!(1), &json!("80.000")));
    told(&world).await;
    let events = world.bank.client.get("/events?limit=200").await.granted();
    let kinds: Vec<&Value> = events["items"].as_array().unwrap().iter().map(|event| &event["kind"]).collect();
    assert!(kinds.contains(&&json!("pledgee_notified")), "{kinds:?}");
    world.books_are_right().await;

    let part = partly(&seen["liens"][0]["id"], "10.000");
    world.bank.client.post(&format!("/pledges/{senior}/release-part"), part).await.granted();
    assert_eq!(stands(&world, id(&registered)).await, ["30.000", "30.000"]);
    world.books_are_right().await;
    world.bank.releases(senior).await.granted();
    assert_eq!(stands(&world, id(&registered)).await, ["60.000", "0.000"]);
    assert_eq!(free(&world, &mill).await, "40.000");
    told(&world).await;
    let events = world.other_bank.client.get("/events?limit=200").await.granted();
    let advanced = events["items"].as_array().unwrap().iter().filter(|event| event["kind"] == "lien_advanced");
    assert_eq!(advanced.count(), 2, "{events:#}");
    world.other_bank.releases(id(&registered)).await.granted();
    assert_eq!(free(&world, &mill).await, "100.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn juniors_and_freezes_stand_in_one_line_by_the_instant_of_their_record() {
    let (world, mill, senior) = stage("100.000").await;
    let second = id(&junior(&world, &world.other_bank, &mill, "50.000").await);
    let freeze = freezes(&world, &mill, "40.000").await;
    let third = junior(&world, &world.bank, &mill, "100.000").await;
    assert_eq!(third["liens"][0]["rank"], 3);
    let taken = async || world.exchange.get(&format!("/freezes/{freeze}")).await.granted()["taken"].clone();
    let lien = world.bank.client.get(&format!("/pledges/{senior}")).await.granted()["liens"][0]["id"].clone();
    let path = format!("/pledges/{senior}/release-part");
    world.bank.client.post(&path, partly(&lien, "60.000")).await.granted();
    assert_eq!(stands(&world, second).await, ["50.000", "0.000"]);
    assert_eq!(taken().await, "10.000");
    assert_eq!(stands(&world, id(&third)).await, ["0.000", "100.000"]);
    world.books_are_right().await;
    world.bank.releases(senior).await.granted();
    assert_eq!(taken().await, "40.000");
    assert_eq!(stands(&world, id(&third)).await, ["10.000", "90.000"]);
    world.other_bank.releases(second).await.granted();
    assert_eq!(stands(&world, id(&third)).await, ["60.000", "40.000"]);
    let lifting = json!({"freezing_document": ORDER, "document": "解除"});
    world.exchange.post(&format!("/freezes/{freeze}/lift"), lifting).await.granted();
    assert_eq!(stands(&world, id(&third)).await, ["100.000", "0.000"]);
    assert_eq!(free(&world, &mill).await, "0.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn who_waits_may_be_released_or_give_up_what_it_waits_for_first() {
    let (world, mill, senior) = stage("80.000").await;
    let second = junior(&world, &world.other_bank, &mill, "60.000").await;
    let path = format!("/pledges/{}/release-part", id(&second));
    let lien = &second["liens"][0]["id"];
    world.other_bank.client.post(&path, partly(lien, "60.000")).await.is_refused_with("PLG_WHOLE_RELEASED");
    world.other_bank.client.post(&path, partly(lien, "60.001")).await.is_refused_with("PLG_MORE_THAN_HELD");
    world.other_bank.client.post(&path, partly(lien, "30.000")).await.granted();
    assert_eq!(stands(&world, id(&second)).await, ["20.000", "10.000"]);
    // What it lets go itself does not come back to it.
    world.other_bank.client.post(&path, partly(lien, "15.000")).await.granted();
    assert_eq!(stands(&world, id(&second)).await, ["15.000", "0.000"]);
    assert_eq!(free(&world, &mill).await, "5.000");
    world.books_are_right().await;
    let third = id(&junior(&world, &world.other_bank, &mill, "25.000").await);
    assert_eq!(stands(&world, third).await, ["5.000", "20.000"]);
    world.other_bank.releases(third).await.granted();
    assert_eq!(free(&world, &mill).await, "5.000");
    world.bank.releases(senior).await.granted();
    assert_eq!(free(&world, &mill).await, "85.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn only_what_a_junior_holds_is_disposed_of_and_what_its_senior_has_sold_it_waits_for_no_more() {
    let (world, mill, senior) = stage("80.000").await;
    let second = junior(&world, &world.other_bank, &mill, "60.000").await;
    let glass = world.enterprise_in("赤壁酒业", CHIBI, "food").await;
    world.deposits(&glass, "1000000.00").await;
    let sale = |lien: &Value, tonnes: &str| {
        json!({"lien": lien, "mode": "auction", "document": "处置2022-001", "buyer_site": glass.site, "project": glass.project,
            "quantity": tonnes, "unit_price": "8790.00", "costs": "0.00", "owed": "1000.00", "settlement_bank": world.settlement_bank})
    };
    let seen = world.bank.client.get(&format!("/pledges/{senior}")).await.granted();
    for (bank, pledge) in [(&world.bank, senior), (&world.other_bank, id(&second))] {
        let notice = json!({"reason": "逾期未还", "amount_due": "1000.00"});
        bank.client.post(&format!("/pledges/{pledge}/declare-default"), notice).await.granted();
    }
    let of_junior = format!("/pledges/{}/disposals", id(&second));
    let more = world.other_bank.client.post(&of_junior, sale(&second["liens"][0]["id"], "20.001")).await;
    more.is_refused_with("PLG_MORE_THAN_HELD");
    let path = format!("/pledges/{senior}/disposals");
    let disposal = world.bank.client.post(&path, sale(&seen["liens"][0]["id"], "50.000")).await.granted();
    glass.client.post(&format!("/disposals/{}/settle", id(&disposal)), json!({})).await.granted();
    // 30 t are left with the senior: the junior waits for no more than that.
    assert_eq!(stands(&world, id(&second)).await, ["20.000", "30.000"]);
    world.books_are_right().await;
    world.bank.releases(senior).await.granted();
    assert_eq!(stands(&world, id(&second)).await, ["50.000", "0.000"]);
    world.books_are_right().await;
}

#[tokio::test]
async fn what_comes_first_counts_against_the_value_that_is_lent_on() {
    let (world, mill, _) = stage("80.000").await;
    world.adopts(&[("ltv_cap", "0.50")]).await.granted();
    let lends = async |secured: &str| {
        let mut body = secured_on(&mill, "60.000", secured, "170000.00");
        body["rights"][0]["junior"] = json!(true);
        world.other_bank.client.post("/pledges", body).await
    };
    // Of 170,000 there are 50,000 before it: half of 120,000 may be lent.
    let over = lends("60000.01").await;
    over.is_refused_with("PLG_LTV_OVER_CAP");
    lends("60000.00").await.granted();
}

#[tokio::test]
async fn a_search_and_the_public_register_tell_who_waits() {
    let (world, mill, _) = stage("80.000").await;
    let second = junior(&world, &world.other_bank, &mill, "60.000").await;
    let search = json!({"site": mill.site, "right_class": mill.class("COD")});
    let found = world.other_bank.client.post("/encumbrance-searches", search).await.granted();
    let told: Vec<[&str; 2]> = found["search"]["encumbrances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| ["kind", "quantity"].map(|field| one[field].as_str().unwrap()))
        .collect();
    assert_eq!(told, [["pledge", "80.000"], ["pledge", "20.000"], ["waiting_pledge", "40.000"]], "{found:#}");
    let public = world.nobody().get("/public/liens").await.granted();
    let listed = public["items"].as_array().unwrap().iter().find(|one| one["number"] == second["number"]).unwrap();
    assert_eq!((&listed["quantity"], &listed["waiting"]), (&json!("20.000"), &json!("40.000")));
}

#[tokio::test]
async fn rights_that_are_over_are_waited_for_no_more() {
    let (world, mill, senior) = stage("100.000").await;
    let second = id(&junior(&world, &world.other_bank, &mill, "60.000").await);
    world.days_pass(1_200);
    ganhe::quota::tenure::clock::pass_day(&world.app.shared.db, BINDERS, fresh()).await.unwrap();
    assert_eq!(stands(&world, senior).await, ["0.000", "0.000"]);
    assert_eq!(stands(&world, second).await, ["0.000", "0.000"]);
    world.other_bank.releases(second).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn what_comes_in_by_a_change_is_no_junior() {
    let (world, mill, senior) = stage("80.000").await;
    world.allocate(&mill, "2.000 t SO2").await;
    let body = json!({"reason": "追加质押", "valuation_method": "market_price", "valued_on": "2022-12-01", "rights": [{
        "site": mill.site, "right_class": mill.class("SO2"), "quantity": "1.000", "secured": "1000.00", "assessed_value": "9000.00",
        "junior": true}]});
    let path = format!("/pledges/{senior}/amendments");
    world.bank.client.post(&path, body).await.is_refused_with("PLG_JUNIOR_COMES_LATER").with_status(422);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_registers_while_the_senior_is_released_waits_for_nothing_that_is_free() {
    let (world, mill, senior) = stage("100.000").await;
    let mut pledges = Vec::new();
    for _ in 0..4 {
        let pledge = id(&asks(&world.other_bank, &mill, "25.000").await.granted());
        world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
        mill.client.post(&format!("/pledges/{pledge}/agree"), json!({})).await.granted();
        pledges.push(pledge);
    }
    let registered = futures::future::join_all(pledges.iter().map(|pledge| world.other_bank.registers(*pledge)));
    let (registered, released) = tokio::join!(registered, world.bank.releases(senior));
    released.granted();
    assert!(registered.iter().all(|answer| answer.status == 200), "{registered:#?}");
    for pledge in pledges {
        assert_eq!(stands(&world, pledge).await, ["25.000", "0.000"]);
    }
    assert_eq!(free(&world, &mill).await, "0.000");
    world.books_are_right().await;
}
