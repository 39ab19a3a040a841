//! Enforcement: a default with its term, a buyer who passes every check, and proceeds that are paid out to the fen.

use super::{Stage, id, registered, secured_on};
use crate::organisations::facts::tells;
use crate::quota::tenure::granted;
use crate::support::Answer;
use crate::support::world::{CHIBI, Enterprise, XIANAN};
use serde_json::{Value, json};

impl Stage {
    pub(super) fn path(&self, act: &str) -> String {
        format!("/pledges/{}/{act}", id(&self.pledge))
    }

    pub(super) async fn defaults(&self) -> Value {
        let notice = json!({"reason": "逾期未还", "amount_due": "61000.00"});
        self.world.bank.client.post(&self.path("declare-default"), notice).await.granted()
    }

    /// A disposal of the only lien to a buyer at so much a tonne.
    pub(super) fn disposal(&self, mode: &str, buyer: &Enterprise, price: &str) -> Value {
        let project = if mode == "buy_back" { Value::Null } else { json!(buyer.project) };
        json!({"lien": self.pledge["liens"][0]["id"], "mode": mode, "document": "处置2022-001", "buyer_site": buyer.site,
            "project": project, "unit_price": price, "costs": "1000.00", "owed": "61000.00",
            "settlement_bank": self.world.settlement_bank})
    }

    pub(super) async fn proposes(&self, body: Value) -> Answer {
        self.world.bank.client.post(&self.path("disposals"), body).await
    }
}

#[tokio::test]
async fn at_auction_the_proceeds_pay_costs_then_the_claim_and_the_surplus_is_the_pledgors() {
    let stage = Stage::of("100.000 t COD").await;
    stage
        .proposes(stage.disposal("auction", &stage.glass, "8790.00"))
        .await
        .is_refused_with("PLG_DISPOSAL_BEFORE_DEFAULT");
    assert_eq!(stage.defaults().await["state"], "defaulted");
    let disposal = stage.proposes(stage.disposal("auction", &stage.glass, "8790.00")).await.granted();
    assert_eq!((&disposal["total"], &disposal["state"]), (&json!("87900.00"), &json!("proposed")));
    let settle = format!("/disposals/{}/settle", id(&disposal));
    stage.mill.client.post(&settle, json!({})).await.is_refused_with("PLG_NOT_THE_BUYER").with_status(403);
    stage.world.other_bank.client.get(&format!("/disposals/{}", id(&disposal))).await.with_status(404);
    let settled = stage.glass.client.post(&settle, json!({})).await.granted();
    let told = ["paid_costs", "paid_claim", "surplus", "shortfall"].map(|field| settled[field].clone());
    assert_eq!(told, [json!("1000.00"), json!("61000.00"), json!("25900.00"), json!("0.00")]);
    assert_eq!(stage.money(stage.glass.id).await, "912100.00");
    assert_eq!(stage.money(stage.mill.id).await, "25900.00");
    let class = stage.mill.class("COD");
    assert_eq!(stage.world.balance(stage.glass.site, &class, "available").await, "10.000");
    assert_eq!(stage.world.balance(stage.mill.site, &class, "pledged").await, "0.000");
    let over = stage.state().await;
    assert_eq!((&over["state"], &over["still_owed"]), (&json!("closed"), &json!("0.00")));
    stage.glass.client.post(&settle, json!({})).await.is_refused_with("PLG_ENFORCED_ALREADY").with_status(409);
    stage.world.bank.releases(id(&stage.pledge)).await.is_refused_with("PLG_ENFORCED_ALREADY").with_status(409);
    stage.world.books_are_right().await;
}

#[tokio::test]
async fn what_the_proceeds_do_not_cover_is_still_owed() {
    let stage = Stage::of("100.000 t COD").await;
    stage.defaults().await;
    let disposal = stage.proposes(stage.disposal("agreement", &stage.glass, "5000.00")).await.granted();
    let path = |act: &str| format!("/disposals/{}/{act}", id(&disposal));
    let early = stage.glass.client.post(&path("settle"), json!({})).await;
    early.is_refused_with("PLG_DISPOSAL_STATE").with_status(409);
    stage.glass.client.post(&path("agree"), json!({})).await.is_refused_with("PLG_NOT_THE_PLEDGOR");
    stage.mill.client.post(&path("agree"), json!({})).await.granted();
    let settled = stage.glass.client.post(&path("settle"), json!({})).await.granted();
    let told = ["paid_costs", "paid_claim", "surplus", "shortfall"].map(|field| settled[field].clone());
    assert_eq!(told, [json!("1000.00"), json!("49000.00"), json!("0.00"), json!("12000.00")]);
    assert_eq!(stage.state().await["still_owed"], "12000.00");
    assert_eq!(stage.money(stage.mill.id).await, "0");
    stage.world.books_are_right().await;
}

#[tokio::test]
async fn the_reserve_buys_back_with_the_treasurys_money_and_the_area_is_free_again() {
    let stage = Stage::of("100.000 t COD").await;
    let (world, class) = (&stage.world, stage.mill.class("COD"));
    stage.defaults().await;
    stage.proposes(stage.disposal("buy_back", &stage.glass, "7000.00")).await.is_refused_with("PLG_NOT_THE_RESERVE");
    stage.proposes(stage.disposal("auction", &world.reserve, "7000.00")).await.is_refused_with("PLG_NOT_THE_RESERVE");
    let disposal = stage.proposes(stage.disposal("buy_back", &world.reserve, "7000.00")).await.granted();
    let settle = format!("/disposals/{}/settle", id(&disposal));
    let poor = world.reserve.client.post(&settle, json!({})).await;
    poor.with_status(422);
    // The treasury has what the reserve has sold.
    world.allocate(&world.reserve, "20.000 t COD").await;
    let works = world.buyer("通城砖瓦", "1000000.00").await;
    crate::prices::settled(world, &world.reserve, &works, "10.000 t COD", "8790.00").await;
    let before = world.balance(world.reserve.site, &class, "available").await;
    let settled = world.reserve.client.post(&settle, json!({})).await.granted();
    assert_eq!((&settled["paid_claim"], &settled["surplus"]), (&json!("61000.00"), &json!("8000.00")));
    assert_eq!(
        (before.as_str(), world.balance(world.reserve.site, &class, "available").await.as_str()),
        ("10.000", "20.000")
    );
    world.books_are_right().await;
}

#[tokio::test]
async fn a_default_may_be_cured_within_its_term_and_nothing_is_disposed_of_before_that_is_over() {
    let stage = Stage::of("100.000 t COD").await;
    stage.world.adopts(&[("pledge_cure_days", "10")]).await.granted();
    stage
        .mill
        .client
        .post(&stage.path("declare-default"), json!({"reason": "x", "amount_due": "1.00"}))
        .await
        .is_refused_with("AUT_NOT_ALLOWED");
    assert_eq!(stage.defaults().await["default_notice"]["cure_until"], "2022-12-15");
    stage
        .proposes(stage.disposal("auction", &stage.glass, "8790.00"))
        .await
        .is_refused_with("PLG_CURE_RUNNING")
        .with_status(409);
    let again = stage
        .world
        .bank
        .client
        .post(&stage.path("declare-default"), json!({"reason": "x", "amount_due": "1.00"}))
        .await;
    again.is_refused_with("PLG_WRONG_STATE").with_status(409);
    let cured = stage.world.bank.client.post(&stage.path("cure-default"), json!({})).await.granted();
    assert_eq!((&cured["state"], &cured["default_notice"]), (&json!("registered"), &Value::Null));
    stage.world.bank.client.post(&stage.path("cure-default"), json!({})).await.is_refused_with("PLG_WRONG_STATE");
    stage.defaults().await;
    stage.world.days_pass(15);
    let disposal = stage.proposes(stage.disposal("auction", &stage.glass, "8790.00")).await.granted();
    stage.world.bank.client.post(&stage.path("cure-default"), json!({})).await.is_refused_with("PLG_DISPOSAL_OPEN");
    stage.proposes(stage.disposal("auction", &stage.glass, "8790.00")).await.is_refused_with("PLG_DISPOSAL_OPEN");
    stage.world.bank.client.post(&format!("/disposals/{}/withdraw", id(&disposal)), json!({})).await.granted();
    stage.world.bank.client.post(&stage.path("cure-default"), json!({})).await.granted();
    stage.world.books_are_right().await;
}

#[tokio::test]
async fn the_buyer_passes_every_check_and_is_never_the_pledgee() {
    let stage = Stage::of("100.000 t COD").await;
    let world = &stage.world;
    stage.defaults().await;
    let basin = world.enterprise_in("咸安陶瓷", XIANAN, "paper").await;
    world.deposits(&basin, "1000000.00").await;
    stage
        .proposes(stage.disposal("auction", &basin, "8790.00"))
        .await
        .is_refused_with("TRD_BASIN_MISMATCH")
        .with_status(422);
    stage.proposes(stage.disposal("auction", &stage.glass, "8789.99")).await.is_refused_with("TRD_BELOW_BASE_PRICE");
    stage.proposes(stage.disposal("auction", &stage.mill, "8790.00")).await.is_refused_with("TRD_SAME_PARTY");
    let farm = world.enterprise_in("通城农场", CHIBI, "agriculture").await;
    stage.proposes(stage.disposal("auction", &farm, "8790.00")).await.is_refused_with("TRD_AGRICULTURE_SECTOR");
    let own = json!({"number": "SITE-BANK", "organisation": world.bank.id, "name": "抵债", "area": CHIBI, "basin": "LUSHUI", "sector": "paper"});
    let refused = world.city_officer.post("/sites", own).await;
    assert!(refused.status.is_client_error(), "a bank owns no site that anything could go to: {:#}", refused.body);
    let mut nowhere = stage.disposal("auction", &stage.glass, "8790.00");
    nowhere["project"] = Value::Null;
    stage.proposes(nowhere).await.is_refused_with("TRD_PROJECT_MISSING").with_status(422);

    let mut more = stage.disposal("auction", &stage.glass, "8790.00");
    more["quantity"] = json!("10.001");
    stage.proposes(more).await.is_refused_with("PLG_MORE_THAN_HELD");
    let disposal = stage.proposes(stage.disposal("auction", &stage.glass, "8790.00")).await.granted();
    let poor = json!({"organisation": stage.glass.id, "amount": "950000.00", "bank_reference": "OUT-1"});
    world.settlement.post("/money/withdrawals", poor).await.granted();
    let settle = format!("/disposals/{}/settle", id(&disposal));
    stage.glass.client.post(&settle, json!({})).await.is_refused_with("STL_MONEY_SHORT").with_status(422);
    stage.glass.client.post(&format!("/disposals/{}/decline", id(&disposal)), json!({})).await.granted();
    stage.glass.client.post(&settle, json!({})).await.is_refused_with("PLG_DISPOSAL_STATE").with_status(409);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_part_is_disposed_of_and_the_rest_stays_pledged_until_it_is_released() {
    let stage = Stage::of("100.000 t COD").await;
    stage.defaults().await;
    let mut part = stage.disposal("auction", &stage.glass, "8790.00");
    part["quantity"] = json!("7.000");
    let disposal = stage.proposes(part).await.granted();
    let settled = stage.glass.client.post(&format!("/disposals/{}/settle", id(&disposal)), json!({})).await.granted();
    assert_eq!((&settled["paid_claim"], &settled["shortfall"]), (&json!("60530.00"), &json!("470.00")));
    let now = stage.state().await;
    assert_eq!((&now["state"], &now["liens"][0]["held"]), (&json!("defaulted"), &json!("3.000")));
    stage.world.books_are_right().await;
    stage.world.bank.releases(id(&stage.pledge)).await.granted();
    assert_eq!(stage.world.balance(stage.mill.site, &stage.mill.class("COD"), "available").await, "93.000");
    stage.world.books_are_right().await;
}

#[tokio::test]
async fn no_more_is_claimed_than_is_outstanding_and_what_is_due_may_be_told_anew() {
    let stage = Stage::of("100.000 t COD").await;
    let bank = &stage.world.bank.client;
    let interest = json!({"reason": "至今日利息", "amount_due": "62000.00"});
    let restate = stage.path("restate-default");
    bank.post(&restate, interest.clone()).await.is_refused_with("PLG_WRONG_STATE").with_status(409);
    assert_eq!(stage.defaults().await["default_notice"]["outstanding"], "61000.00");
    let with = |quantity: &str, owed: &str| {
        let mut body = stage.disposal("auction", &stage.glass, "8790.00");
        (body["quantity"], body["owed"]) = (json!(quantity), json!(owed));
        body
    };
    let more = stage.proposes(with("7.000", "61000.01")).await;
    assert_eq!(
        more.is_refused_with("PLG_MORE_THAN_OUTSTANDING").with_status(422).body["violations"][0]["field"],
        "owed"
    );

    stage.mill.client.post(&restate, interest.clone()).await.is_refused_with("AUT_NOT_ALLOWED");
    stage.world.other_bank.client.post(&restate, interest.clone()).await.with_status(404);
    let told = bank.post(&restate, interest).await.granted();
    assert_eq!(told["default_notice"]["outstanding"], "62000.00");
    let disposal = stage.proposes(with("7.000", "62000.00")).await.granted();
    let settled = stage.glass.client.post(&format!("/disposals/{}/settle", id(&disposal)), json!({})).await.granted();
    assert_eq!((&settled["paid_claim"], &settled["shortfall"]), (&json!("60530.00"), &json!("1470.00")));
    let notice = stage.state().await["default_notice"].clone();
    assert_eq!((&notice["amount_due"], &notice["outstanding"]), (&json!("62000.00"), &json!("1470.00")));

    stage.proposes(with("3.000", "62000.00")).await.is_refused_with("PLG_MORE_THAN_OUTSTANDING");
    let rest = stage.proposes(with("3.000", "1470.00")).await.granted();
    let settled = stage.glass.client.post(&format!("/disposals/{}/settle", id(&rest)), json!({})).await.granted();
    assert_eq!((&settled["paid_claim"], &settled["surplus"]), (&json!("1470.00"), &json!("23900.00")));
    stage.world.books_are_right().await;
}

#[tokio::test]
async fn the_ceiling_of_a_maximum_amount_pledge_counts_claim_and_costs() {
    let stage = Stage::of("100.000 t COD").await;
    let (world, bank) = (&stage.world, &stage.world.bank.client);
    let mut body = secured_on(&stage.mill, "10.000", "60000.00", "90000.00");
    body["maximum_amount"] = json!({"from": "2022-12-01", "to": "2023-06-30"});
    let pledge = registered(world, &stage.mill, body).await;
    let extract = bank.post("/extracts", json!({"pledge": pledge["id"]})).await.granted();
    let text = extract["content"].as_str().unwrap();
    assert!(text.contains("maximum 2022-12-01 2023-06-30\nrestricts_transfer true\n"), "{text}");
    let path = |act: &str| format!("/pledges/{}/{act}", id(&pledge));
    let notice = json!({"reason": "逾期未还", "amount_due": "75000.00"});
    let told = bank.post(&path("declare-default"), notice).await.granted();
    assert_eq!(told["default_notice"]["outstanding"], "60000.00", "what is above the ceiling is not secured");
    let mut sale = stage.disposal("auction", &stage.glass, "8790.00");
    (sale["lien"], sale["owed"]) = (pledge["liens"][0]["id"].clone(), json!("59000.01"));
    bank.post(&path("disposals"), sale.clone()).await.is_refused_with("PLG_MORE_THAN_OUTSTANDING");
    sale["owed"] = json!("59000.00");
    let disposal = bank.post(&path("disposals"), sale).await.granted();
    let settled = stage.glass.client.post(&format!("/disposals/{}/settle", id(&disposal)), json!({})).await.granted();
    assert_eq!((&settled["paid_claim"], &settled["surplus"]), (&json!("59000.00"), &json!("27900.00")));
    world.books_are_right().await;
}

#[tokio::test]
async fn what_a_creditor_sold_of_free_rights_has_used_the_fee_that_was_paid_for_them() {
    let stage = Stage::of("100.000 t COD").await;
    let (world, mill, glass) = (&stage.world, &stage.mill, &stage.glass);
    let class = granted(world, mill.site, "5.000", "free", "2025-12-31").await;
    let content =
        json!({"kind": "fee_settled", "happened_on": "2022-12-01", "right_class": class, "quantity": "2.000"});
    tells(&world.officer, mill, content).await.granted();
    let eyes = json!({"pledgee": world.bank.id, "right_classes": [class], "valid_until": "2023-11-30"});
    mill.client.post("/consents", eyes).await.granted();
    let mut body = secured_on(mill, "2.000", "5000.00", "9000.00");
    body["rights"][0]["right_class"] = json!(class);
    let pledge = registered(world, mill, body).await;
    let path = |act: &str| format!("/pledges/{}/{act}", id(&pledge));
    let notice = json!({"reason": "逾期未还", "amount_due": "5100.00"});
    world.bank.client.post(&path("declare-default"), notice).await.granted();
    let mut sale = stage.disposal("auction", glass, "8790.00");
    (sale["lien"], sale["owed"]) = (pledge["liens"][0]["id"].clone(), json!("5100.00"));
    let disposal = world.bank.client.post(&path("disposals"), sale).await.granted();
    glass.client.post(&format!("/disposals/{}/settle", id(&disposal)), json!({})).await.granted();
    let offer = json!({"seller_site": mill.site, "buyer_site": glass.site, "right_class": class, "quantity": "0.001", "unit_price": "9000.00"});
    mill.client.post("/offers", offer).await.is_refused_with("TRD_FREE_ORIGIN_FEE_UNPAID").with_status(422);
    world.books_are_right().await;
}

#[tokio::test]
async fn the_pledgee_of_a_pledge_in_default_finds_the_project_that_the_buyer_told_the_number_of() {
    let stage = Stage::of("100.000 t COD").await;
    let (world, glass) = (&stage.world, &stage.glass);
    let known = glass.client.get("/projects").await.granted()["items"][0].clone();
    let ask = |number: &str| stage.path(&format!("buyer-project?number={number}"));
    let number = known["number"].as_str().unwrap();
    let bank = &world.bank.client;
    bank.get(&ask(number)).await.with_status(409).is_refused_with("PLG_DISPOSAL_BEFORE_DEFAULT");
    stage.defaults().await;
    bank.get(&ask("P-NONE")).await.with_status(404).is_refused_with("API_NOT_FOUND");
    bank.get(&ask("%20")).await.with_status(422).is_refused_with("API_BAD_TEXT");
    bank.get(&stage.path("buyer-project")).await.with_status(400).is_refused_with("API_BAD_QUERY");
    let found = bank.get(&ask(number)).await.granted();
    let told = json!({"id": known["id"], "number": number, "site": glass.site, "site_name": found["site_name"],
        "organisation": glass.id, "organisation_name": "赤壁酒业"});
    assert_eq!(found, told);
    for stranger in [&stage.mill.client, &glass.client, &world.officer, &world.auditor] {
        stranger.get(&ask(number)).await.with_status(403).is_refused_with("AUT_NOT_ALLOWED");
    }
    world.other_bank.client.get(&ask(number)).await.with_status(404).is_refused_with("API_NOT_FOUND");
    let disposal = json!({"lien": stage.pledge["liens"][0]["id"], "mode": "auction", "document": "处置2022-001",
        "buyer_site": found["site"], "project": found["id"], "unit_price": "8790.00", "costs": "1000.00",
        "owed": "61000.00", "settlement_bank": world.settlement_bank});
    stage.proposes(disposal).await.granted();
    let log = glass.client.get("/access-log?order=newest").await.granted();
    let looks = log["items"].as_array().unwrap().iter();
    let looks = looks.filter(|look| look["operation"] == "GET /api/v1/pledges/{id}/buyer-project");
    assert_eq!(looks.map(|look| look["times"].as_i64().unwrap()).sum::<i64>(), 1, "the buyer is told: {log:#}");
}
