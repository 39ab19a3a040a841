//! What is pledged is sold with the bank's written consent: the trade passes every check and every bureau, and the price goes where the bank
//! has said.

use super::{Stage, id, registered, secured_on};
use crate::support::World;
use crate::support::client::Answer;
use crate::support::world::{Enterprise, XIANAN};
use serde_json::{Value, json};
use uuid::Uuid;

impl Stage {
    fn wish(&self, buyer: &Enterprise, tonnes: &str, price: &str) -> Value {
        json!({"lien": self.pledge["liens"][0]["id"], "buyer_site": buyer.site, "project": buyer.project,
            "quantity": tonnes, "unit_price": price})
    }

    async fn asks(&self, wish: Value) -> Answer {
        self.mill.client.post(&format!("/pledges/{}/consented-sales", id(&self.pledge)), wish).await
    }

    fn order(&self, to_claim: &str) -> Value {
        json!({"document": "同意转让2022-003", "to_claim": to_claim, "settlement_bank": self.world.settlement_bank})
    }

    /// A sale to the brewery to which the bank has consented.
    async fn consented(&self, tonnes: &str, price: &str, to_claim: &str) -> Value {
        let sale = self.asks(self.wish(&self.glass, tonnes, price)).await.granted();
        self.world.bank.client.post(&at(&sale, "consent"), self.order(to_claim)).await.granted()
    }

    /// Both bureaux approve the trade of a sale.
    async fn approved(&self, sale: &Value) {
        let approve = format!("/trades/{}/approve", sale["trade"].as_str().unwrap());
        self.world.officer.post(&approve, json!({})).await.granted();
        self.world.chibi_officer.post(&approve, json!({})).await.granted();
    }

    async fn settles(&self, sale: &Value) -> Answer {
        self.glass.client.post(&at(sale, "settle"), json!({})).await
    }

    async fn stock(&self, owner: &Enterprise, purpose: &str) -> String {
        self.world.balance(owner.site, &self.mill.class("COD"), purpose).await
    }
}

fn at(sale: &Value, act: &str) -> String {
    format!("/consented-sales/{}/{act}", id(sale))
}

/// A sale that waits for the bank's consent, and its buyer: of the bank's pledge of a tonne of COD.
pub async fn requested(world: &World, pledgor: &Enterprise) -> (Uuid, Enterprise) {
    pledgor.consents(&world.bank, &["COD"]).await;
    let pledge = registered(world, pledgor, secured_on(pledgor, "1.000", "5000.00", "9000.00")).await;
    let buyer = world.buyer("通城瓷厂", "100000.00").await;
    let wish = json!({"lien": pledge["liens"][0]["id"], "buyer_site": buyer.site, "project": buyer.project,
        "quantity": "0.400", "unit_price": "9000.00"});
    let asked = pledgor.client.post(&format!("/pledges/{}/consented-sales", id(&pledge)), wish).await.granted();
    (id(&asked), buyer)
}

/// Sales of every state, for the trials of the verification.
pub async fn happened(world: &World, pledgor: &Enterprise) {
    let path = |sale: Uuid, act: &str| format!("/consented-sales/{sale}/{act}");
    let (refused, _) = requested(world, pledgor).await;
    world.bank.client.post(&path(refused, "refuse"), json!({"reason": "暂不同意"})).await.granted();
    let (withdrawn, _) = requested(world, pledgor).await;
    pledgor.client.post(&path(withdrawn, "withdraw"), json!({})).await.granted();
    let order =
        json!({"document": "同意转让2022-001", "to_claim": "2000.00", "settlement_bank": world.settlement_bank});
    let (sold, buyer) = requested(world, pledgor).await;
    let consented = world.bank.client.post(&path(sold, "consent"), order.clone()).await.granted();
    let approve = format!("/trades/{}/approve", consented["trade"].as_str().unwrap());
    world.officer.post(&approve, json!({})).await.granted();
    buyer.client.post(&path(sold, "settle"), json!({})).await.granted();
    let (waiting, _) = requested(world, pledgor).await;
    world.bank.client.post(&path(waiting, "consent"), order).await.granted();
    requested(world, pledgor).await;
}

#[tokio::test]
async fn a_part_of_what_is_pledged_is_sold_with_consent_and_the_price_goes_by_the_banks_order() {
    let stage = Stage::of("120.000 t COD").await;
    let (world, bank) = (&stage.world, &stage.world.bank.client);
    let sale = stage.asks(stage.wish(&stage.glass, "4.000", "9000.00")).await.granted();
    assert_eq!(
        (&sale["state"], &sale["total"], &sale["trade"]),
        (&json!("requested"), &json!("36000.00"), &Value::Null)
    );
    stage.settles(&sale).await.is_refused_with("PLG_SALE_STATE").with_status(409);
    stage.mill.client.post(&at(&sale, "consent"), stage.order("30000.00")).await.is_refused_with("AUT_NOT_ALLOWED");
    world.other_bank.client.post(&at(&sale, "consent"), stage.order("30000.00")).await.with_status(404);
    bank.post(&at(&sale, "consent"), stage.order("36000.01")).await.is_refused_with("PLG_MORE_THAN_PRICE");
    let more = bank.post(&at(&sale, "consent"), stage.order("60000.01")).await;
    more.is_refused_with("PLG_MORE_THAN_OUTSTANDING").with_status(422);
    assert_eq!(more.body["violations"][0]["field"], "to_claim");
    let sale = bank.post(&at(&sale, "consent"), stage.order("30000.00")).await.granted();
    assert_eq!((&sale["state"], &sale["to_pledgor"]), (&json!("consented"), &json!("6000.00")));
    bank.post(&at(&sale, "consent"), stage.order("1.00")).await.is_refused_with("PLG_SALE_STATE").with_status(409);
    world.books_are_right().await;

    let trade = format!("/trades/{}", sale["trade"].as_str().unwrap());
    let opened = stage.glass.client.get(&trade).await.granted();
    assert_eq!((&opened["source"]["kind"], &opened["source"]["id"]), (&json!("consented_sale"), &sale["id"]));
    stage.settles(&sale).await.is_refused_with("TRD_WRONG_STATE").with_status(409);
    assert_eq!(stage.stock(&stage.mill, "pledged").await, "10.000", "the grams stay in the lien");
    stage.approved(&sale).await;
    stage.glass.client.post(&format!("{trade}/pay"), json!({})).await.is_refused_with("STL_SETTLED_BY_SALE");
    stage.mill.client.post(&at(&sale, "settle"), json!({})).await.is_refused_with("PLG_NOT_THE_BUYER").with_status(403);
    world.books_are_right().await;

    let settled = stage.settles(&sale).await.granted();
    assert_eq!((&settled["state"], &settled["paid_claim"]), (&json!("settled"), &json!("30000.00")));
    assert_eq!(stage.glass.client.get(&trade).await.text("state"), "settled");
    assert_eq!(
        (stage.money(stage.glass.id).await, stage.money(stage.mill.id).await),
        ("964000.00".into(), "6000.00".into())
    );
    assert_eq!(stage.stock(&stage.glass, "available").await, "4.000");
    assert_eq!(stage.stock(&stage.mill, "pledged").await, "6.000");
    let left = stage.state().await;
    let told = ["state", "principal", "secured", "terms_version"].map(|field| left[field].clone());
    assert_eq!(told[..3], [json!("registered"), json!("30000.00"), json!("30000.00")], "{left:#}");
    assert_eq!(left["liens"][0]["held"], "6.000");
    let terms = bank.get(&format!("/pledges/{}/amendments", id(&stage.pledge))).await.granted();
    assert_eq!((&terms["items"][0]["kind"], &terms["items"][0]["number"]), (&json!("consented_sale"), &json!(2)));
    stage.settles(&sale).await.is_refused_with("PLG_SALE_STATE").with_status(409);
    let listed = stage.mill.client.get(&format!("/consented-sales?pledge={}", id(&stage.pledge))).await.granted();
    assert_eq!(id(&listed["items"][0]), id(&sale));
    for (state, count) in [("settled", 1), ("requested", 0)] {
        let found = stage.mill.client.get(&format!("/consented-sales?state={state}")).await.granted();
        assert_eq!(found["items"].as_array().unwrap().len(), count, "{state}: {found:#}");
    }
    let unknown = stage.mill.client.get("/consented-sales?state=sold").await;
    assert_eq!(unknown.with_status(422).body["violations"][0]["field"], "state", "{:#}", unknown.body);
    world.books_are_right().await;
    world.bank.releases(id(&stage.pledge)).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn a_pledge_whose_claim_a_sale_pays_in_full_is_released_with_what_is_left() {
    let stage = Stage::of("120.000 t COD").await;
    let sale = stage.consented("8.000", "9000.00", "60000.00").await;
    stage.approved(&sale).await;
    stage.settles(&sale).await.granted();
    let over = stage.state().await;
    assert_eq!(over["state"], "released", "{over:#}");
    assert_eq!(stage.stock(&stage.mill, "pledged").await, "0.000");
    assert_eq!(stage.stock(&stage.mill, "available").await, "112.000");
    assert_eq!(stage.money(stage.mill.id).await, "12000.00");
    stage.world.bank.releases(id(&stage.pledge)).await.is_refused_with("PLG_ALREADY_RELEASED").with_status(409);
    stage.world.books_are_right().await;
}

#[tokio::test]
async fn a_pledge_of_which_everything_is_sold_is_released_whatever_is_still_owed() {
    let stage = Stage::of("120.000 t COD").await;
    let mut all = stage.wish(&stage.glass, "1.000", "9000.00");
    all["quantity"] = Value::Null;
    let sale = stage.asks(all).await.granted();
    assert_eq!(sale["quantity"], "10.000");
    let sale = stage.world.bank.client.post(&at(&sale, "consent"), stage.order("40000.00")).await.granted();
    stage.approved(&sale).await;
    stage.settles(&sale).await.granted();
    assert_eq!(stage.state().await["state"], "released");
    assert_eq!(stage.money(stage.mill.id).await, "50000.00");
    stage.world.books_are_right().await;
}

#[tokio::test]
async fn the_exchanges_fee_comes_out_of_the_proceeds_before_the_claim() {
    let stage = Stage::of("120.000 t COD").await;
    stage.world.adopts(&[("exchange_fee_rate", "0.01")]).await.granted();
    let sale = stage.consented("4.000", "9000.00", "36000.00").await;
    stage.approved(&sale).await;
    let settled = stage.settles(&sale).await.granted();
    assert_eq!(settled["paid_claim"], "35640.00");
    assert_eq!(stage.money(stage.mill.id).await, "0.00");
    assert_eq!(stage.state().await["secured"], "24360.00");
    stage.world.books_are_right().await;
}

#[tokio::test]
async fn seller_and_buyer_pass_every_check_and_without_consent_nothing_is_sold() {
    let stage = Stage::of("120.000 t COD").await;
    let world = &stage.world;
    let basin = world.enterprise_in("咸安陶瓷", XIANAN, "paper").await;
    stage.asks(stage.wish(&basin, "4.000", "9000.00")).await.is_refused_with("TRD_BASIN_MISMATCH").with_status(422);
    stage.asks(stage.wish(&stage.mill, "4.000", "9000.00")).await.is_refused_with("TRD_SAME_PARTY");
    stage.asks(stage.wish(&world.reserve, "4.000", "9000.00")).await.with_status(422);
    stage.asks(stage.wish(&stage.glass, "10.001", "9000.00")).await.is_refused_with("PLG_MORE_THAN_HELD");
    let foreign = Value::from(ganhe::kernel::ids::fresh().to_string());
    let mut nowhere = stage.wish(&stage.glass, "4.000", "9000.00");
    nowhere["lien"] = foreign.clone();
    stage.asks(nowhere).await.is_refused_with("PLG_NO_SUCH_LIEN");
    let mut nobody = stage.wish(&stage.glass, "4.000", "9000.00");
    nobody["project"] = foreign;
    stage.asks(nobody).await.is_refused_with("TRD_PROJECT_MISSING");
    let sale = stage.asks(stage.wish(&stage.glass, "4.000", "9000.00")).await.granted();
    stage.asks(stage.wish(&stage.glass, "1.000", "9000.00")).await.is_refused_with("PLG_SALE_OPEN").with_status(409);
    let bank = &world.bank.client;
    let mut nobody = stage.order("1.00");
    nobody["settlement_bank"] = json!(world.bank.id);
    bank.post(&at(&sale, "consent"), nobody).await.is_refused_with("PLG_NOT_A_SETTLEMENT_BANK").with_status(422);
    let refused = bank.post(&at(&sale, "refuse"), json!({"reason": "敞口不足"})).await.granted();
    assert_eq!((&refused["state"], &refused["reason"]), (&json!("refused"), &json!("敞口不足")));
    stage.settles(&sale).await.is_refused_with("PLG_SALE_STATE");
    let again = stage.asks(stage.wish(&stage.glass, "4.000", "9000.00")).await.granted();
    stage.mill.client.post(&at(&again, "withdraw"), json!({})).await.granted();
    bank.post(&at(&again, "consent"), stage.order("1.00")).await.is_refused_with("PLG_SALE_STATE");
    world.books_are_right().await;

    let idle = world.enterprise("通城纸业").await;
    world.allocate(&idle, "20.000 t COD").await;
    idle.consents(&world.bank, &["COD"]).await;
    let pledge = registered(world, &idle, secured_on(&idle, "5.000", "30000.00", "45000.00")).await;
    let mut wish = stage.wish(&stage.glass, "1.000", "9000.00");
    wish["lien"] = pledge["liens"][0]["id"].clone();
    let asked = idle.client.post(&format!("/pledges/{}/consented-sales", id(&pledge)), wish).await;
    asked.is_refused_with("TRD_REDUCTION_NOT_REGISTERED").with_status(422);
}

#[tokio::test]
async fn a_bureaus_no_ends_the_sale_and_leaves_the_grams_pledged() {
    let stage = Stage::of("120.000 t COD").await;
    let sale = stage.consented("4.000", "9000.00", "30000.00").await;
    let trade = sale["trade"].as_str().unwrap().to_owned();
    stage.world.officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    let no = json!({"reason": "接收区域总量不足"});
    stage.world.chibi_officer.post(&format!("/trades/{trade}/refuse"), no).await.granted();
    stage.settles(&sale).await.is_refused_with("TRD_WRONG_STATE").with_status(409);
    assert_eq!(stage.stock(&stage.mill, "pledged").await, "10.000");
    assert_eq!(stage.money(stage.glass.id).await, "1000000.00");
    stage.world.books_are_right().await;
    // Another one may be asked for, and the seller may call it off as any trade.
    let sale = stage.consented("4.000", "9000.00", "30000.00").await;
    stage.approved(&sale).await;
    let call_off = format!("/trades/{}/cancel", sale["trade"].as_str().unwrap());
    stage.mill.client.post(&call_off, json!({"reason": "不卖了"})).await.granted();
    stage.settles(&sale).await.is_refused_with("TRD_WRONG_STATE").with_status(409);
    assert_eq!(stage.stock(&stage.mill, "pledged").await, "10.000");
    stage.world.books_are_right().await;
}

#[tokio::test]
async fn nothing_is_sold_beside_a_disposal_a_change_of_terms_or_what_was_given_back() {
    let stage = Stage::of("120.000 t COD").await;
    let (world, bank) = (&stage.world, &stage.world.bank.client);
    let path = |act: &str| format!("/pledges/{}/{act}", id(&stage.pledge));
    let sale = stage.consented("8.000", "9000.00", "30000.00").await;
    stage.approved(&sale).await;
    let longer = json!({"reason": "展期", "debt_to": "2024-03-30"});
    bank.post(&path("amendments"), longer).await.granted();
    stage.settles(&sale).await.is_refused_with("PLG_AMENDMENT_OPEN").with_status(409);
    bank.post(&path("withdraw-amendment"), json!({})).await.granted();
    let notice = json!({"reason": "逾期未还", "amount_due": "61000.00"});
    bank.post(&path("declare-default"), notice).await.granted();
    let disposal = json!({"lien": stage.pledge["liens"][0]["id"], "mode": "auction", "document": "处置2022-001",
        "buyer_site": stage.glass.site, "project": stage.glass.project, "unit_price": "8790.00", "costs": "1000.00",
        "owed": "61000.00", "settlement_bank": world.settlement_bank});
    let disposal = bank.post(&path("disposals"), disposal).await.granted();
    stage.settles(&sale).await.is_refused_with("PLG_DISPOSAL_OPEN").with_status(409);
    bank.post(&format!("/disposals/{}/withdraw", id(&disposal)), json!({})).await.granted();
    let part = json!({"reason": "部分还款", "secured": "50000.00", "principal": "50000.00",
        "liens": [{"lien": stage.pledge["liens"][0]["id"], "quantity": "3.000"}]});
    bank.post(&path("release-part"), part).await.granted();
    stage.settles(&sale).await.is_refused_with("PLG_MORE_THAN_HELD").with_status(422);
    world.books_are_right().await;
    // With the pledge the wish ends, and the trade.
    let wish = stage.asks(stage.wish(&stage.glass, "1.000", "9000.00")).await.granted();
    world.bank.releases(id(&stage.pledge)).await.granted();
    assert_eq!(stage.mill.client.get(&format!("/consented-sales/{}", id(&wish))).await.text("state"), "withdrawn");
    let trade = stage.glass.client.get(&format!("/trades/{}", sale["trade"].as_str().unwrap())).await.granted();
    assert_eq!(trade["state"], "cancelled");
    stage.settles(&sale).await.is_refused_with("PLG_ALREADY_RELEASED").with_status(409);
    assert_eq!(stage.stock(&stage.mill, "available").await, "120.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn what_a_sale_pays_goes_back_to_the_facility() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let works = world.buyer("通城砖瓦", "1000000.00").await;
    mill.consents(&world.bank, &["COD"]).await;
    let limits = json!({"name": "2022集中授信", "limits": [{"organisation": mill.id, "sub_limit": "150000.00"}]});
    let facility = id(&world.bank.client.post("/facilities", limits).await.granted());
    mill.client.post(&format!("/facilities/{facility}/accept"), json!({})).await.granted();
    let mut body = secured_on(&mill, "10.000", "60000.00", "90000.00");
    body["facility"] = json!(facility);
    let pledge = registered(&world, &mill, body).await;
    let wish = json!({"lien": pledge["liens"][0]["id"], "buyer_site": works.site, "project": works.project,
        "quantity": "4.000", "unit_price": "9000.00"});
    let sale = mill.client.post(&format!("/pledges/{}/consented-sales", id(&pledge)), wish).await.granted();
    let order =
        json!({"document": "同意转让2022-009", "to_claim": "30000.00", "settlement_bank": world.settlement_bank});
    let sale = world.bank.client.post(&at(&sale, "consent"), order).await.granted();
    let approve = format!("/trades/{}/approve", sale["trade"].as_str().unwrap());
    world.officer.post(&approve, json!({})).await.granted();
    works.client.post(&at(&sale, "settle"), json!({})).await.granted();
    let drawn = world.bank.client.get(&format!("/facilities/{facility}")).await.granted();
    assert!(drawn.to_string().contains("\"drawn\":\"30000.00\""), "{drawn:#}");
    world.books_are_right().await;
}

#[tokio::test]
async fn the_pledgor_finds_the_project_that_the_buyer_told_the_number_of() {
    let stage = Stage::of("100.000 t COD").await;
    let (world, glass) = (&stage.world, &stage.glass);
    let known = glass.client.get("/projects").await.granted()["items"][0].clone();
    let ask = |number: &str| format!("/pledges/{}/sale-project?number={number}", id(&stage.pledge));
    let number = known["number"].as_str().unwrap();
    let found = stage.mill.client.get(&ask(number)).await.granted();
    let told = (&found["id"], &found["site"], &found["organisation"], &found["organisation_name"]);
    assert_eq!(told, (&known["id"], &json!(glass.site), &json!(glass.id), &json!("赤壁酒业")));
    stage.mill.client.get(&ask("P-NONE")).await.with_status(404).is_refused_with("API_NOT_FOUND");
    stage.mill.client.get(&ask("%20")).await.with_status(422).is_refused_with("API_BAD_TEXT");
    for stranger in [&world.bank.client, &world.officer, &world.auditor] {
        stranger.get(&ask(number)).await.with_status(403).is_refused_with("AUT_NOT_ALLOWED");
    }
    glass.client.get(&ask(number)).await.with_status(404).is_refused_with("API_NOT_FOUND");
    let log = glass.client.get("/access-log?order=newest").await.granted();
    let looks = log["items"].as_array().unwrap().iter();
    let looks = looks.filter(|look| look["operation"] == "GET /api/v1/pledges/{id}/sale-project");
    assert_eq!(looks.map(|look| look["times"].as_i64().unwrap()).sum::<i64>(), 1, "the buyer is told: {log:#}");
    let release = format!("/pledges/{}/release", id(&stage.pledge));
    world.bank.client.post(&release, json!({})).await.granted();
    stage.mill.client.get(&ask(number)).await.with_status(409).is_refused_with("PLG_ALREADY_RELEASED");
}
