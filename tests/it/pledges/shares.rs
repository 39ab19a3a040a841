//! Several pledgees of one pledge: one leads, each says yes to its share, and each gets its part of what is paid.

use super::{id, secured_on};
use crate::events::told;
use crate::support::world::{Bank, CHIBI, Enterprise};
use crate::support::{Answer, World};
use serde_json::{Value, json};
use uuid::Uuid;

async fn stage() -> (World, Enterprise) {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    (world, mill)
}

fn application(world: &World, mill: &Enterprise, shares: [&str; 2]) -> Value {
    let mut body = secured_on(mill, "10.000", "60000.00", "90000.00");
    body["pledgees"] = json!([
        {"pledgee": world.other_bank.id, "share": shares[0]},
        {"pledgee": world.bank.id, "share": shares[1]},
    ]);
    body
}

async fn joins(bank: &Bank, pledge: Uuid) -> Answer {
    bank.client.post(&format!("/pledges/{pledge}/join"), json!({})).await
}

/// A pledge of two banks up to one step before its registration: a third of the claim is the other bank's.
async fn agreed(world: &World, mill: &Enterprise) -> Uuid {
    let pledge =
        id(&world.bank.client.post("/pledges", application(world, mill, ["20000.00", "40000.00"])).await.granted());
    world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
    mill.client.post(&format!("/pledges/{pledge}/agree"), json!({})).await.granted();
    pledge
}

/// The same, registered and sold for less than is owed: for the trials of the verification.
pub async fn happened(world: &World) -> Uuid {
    let mill = world.seller("银团纸业", "20.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = agreed(world, &mill).await;
    joins(&world.other_bank, pledge).await.granted();
    sold(world, &mill, pledge, "4000.00").await;
    pledge
}

/// Registers it, and sells all that it holds at so much a tonne: 61,000.01 are owed, and a thousand are costs.
async fn sold(world: &World, mill: &Enterprise, pledge: Uuid, price: &str) -> Value {
    let registered = world.bank.registers(pledge).await.granted();
    let path = |act: &str| format!("/pledges/{pledge}/{act}");
    let notice = json!({"reason": "逾期未还", "amount_due": "61000.01"});
    world.bank.client.post(&path("declare-default"), notice).await.granted();
    let buyer = world.enterprise_in("赤壁酒业", CHIBI, "food").await;
    world.deposits(&buyer, "1000000.00").await;
    let sale = json!({"lien": registered["liens"][0]["id"], "mode": "agreement", "document": "处置2022-001", "buyer_site": buyer.site,
        "project": buyer.project, "unit_price": price, "costs": "1000.00", "owed": "61000.01",
        "settlement_bank": world.settlement_bank});
    let disposal = world.bank.client.post(&path("disposals"), sale).await.granted();
    mill.client.post(&format!("/disposals/{}/agree", id(&disposal)), json!({})).await.granted();
    buyer.client.post(&format!("/disposals/{}/settle", id(&disposal)), json!({})).await.granted()
}

#[tokio::test]
async fn every_pledgee_says_yes_before_the_registration_and_sees_the_pledge() {
    let (world, mill) = stage().await;
    let pledge = agreed(&world, &mill).await;
    world.bank.registers(pledge).await.is_refused_with("PLG_PLEDGEE_WAITING").with_status(409);
    joins(&world.bank, pledge).await.is_refused_with("PLG_JOINED_ALREADY").with_status(409);
    let joined = joins(&world.other_bank, pledge).await.granted();
    let told_of: Vec<[&Value; 3]> = joined["pledgees"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pledgee| ["pledgee", "share", "leads"].map(|field| &pledgee[field]))
        .collect();
    let (lead, other) = (json!(world.bank.id), json!(world.other_bank.id));
    assert_eq!(told_of[0], [&lead, &json!("40000.00"), &json!(true)]);
    assert_eq!(told_of[1], [&other, &json!("20000.00"), &json!(false)]);
    joins(&world.other_bank, pledge).await.is_refused_with("PLG_JOINED_ALREADY");
    // Only the leader acts.
    world.other_bank.registers(pledge).await.is_refused_with("PLG_NOT_THE_PLEDGEE").with_status(403);
    world.bank.registers(pledge).await.granted();
    assert_eq!(
        world.other_bank.client.get("/pledges?state=registered").await.granted()["items"][0]["id"],
        json!(pledge)
    );
    told(&world).await;
    let events = world.other_bank.client.get("/events?limit=200").await.granted();
    let kinds: Vec<&Value> = events["items"].as_array().unwrap().iter().map(|event| &event["kind"]).collect();
    assert!(kinds.contains(&&json!("pledgee_joined")) && kinds.contains(&&json!("pledge_registered")), "{kinds:?}");
    joins(&world.other_bank, pledge).await.is_refused_with("PLG_WRONG_STATE").with_status(409);
    world.books_are_right().await;
}

#[tokio::test]
async fn shares_make_the_whole_and_each_is_a_banks() {
    let (world, mill) = stage().await;
    let apply = async |body: Value| world.bank.client.post("/pledges", body).await;
    apply(application(&world, &mill, ["20000.00", "40000.01"]))
        .await
        .is_refused_with("PLG_SHARES_DIFFER")
        .with_status(422);
    let with = |pledgees: Value| {
        let mut body = application(&world, &mill, ["20000.00", "40000.00"]);
        body["pledgees"] = pledgees;
        body
    };
    let share = |who: Uuid, share: &str| json!({"pledgee": who, "share": share});
    let (own, other) = (world.bank.id, world.other_bank.id);
    apply(with(json!([share(other, "60000.00")]))).await.is_refused_with("PLG_LEADER_WITHOUT_SHARE");
    let twice = json!([share(own, "20000.00"), share(other, "20000.00"), share(other, "20000.00")]);
    apply(with(twice)).await.is_refused_with("PLG_PLEDGEE_NAMED_TWICE");
    apply(with(json!([share(own, "20000.00"), share(mill.id, "40000.00")]))).await.is_refused_with("PLG_NOT_A_PLEDGEE");
    apply(with(json!([share(own, "20000.00"), share(other, "0.00")]))).await.with_status(422);
    // Who has no share does not know of it; who pledges has none to say yes to.
    let alone = id(&apply(secured_on(&mill, "10.000", "60000.00", "90000.00")).await.granted());
    joins(&world.other_bank, alone).await.with_status(404);
    joins(&world.bank, alone).await.is_refused_with("PLG_NO_SHARE").with_status(403);
    mill.client.post(&format!("/pledges/{alone}/join"), json!({})).await.is_refused_with("AUT_NOT_ALLOWED");
}

#[tokio::test]
async fn what_is_paid_of_a_claim_is_split_by_the_shares_and_each_knows_what_is_still_owed() {
    let (world, mill) = stage().await;
    let pledge = agreed(&world, &mill).await;
    joins(&world.other_bank, pledge).await.granted();
    // 40,000 are got, 1,000 are costs: 39,000 of the 61,000.01 are paid.
    let settled = sold(&world, &mill, pledge, "4000.00").await;
    assert_eq!((&settled["paid_claim"], &settled["shortfall"]), (&json!("39000.00"), &json!("22000.01")));
    let (lead, other) = (world.bank.id, world.other_bank.id);
    let expected = json!([
        {"pledgee": lead, "owed": "40666.67", "paid": "26000.00", "shortfall": "14666.67"},
        {"pledgee": other, "owed": "20333.34", "paid": "13000.00", "shortfall": "7333.34"},
    ]);
    assert_eq!(settled["payments"], expected, "{settled:#}");
    let seen = world.other_bank.client.get(&format!("/disposals/{}", id(&settled))).await.granted();
    assert_eq!(seen["payments"], expected);
    world.books_are_right().await;
}

#[tokio::test]
async fn shares_follow_what_is_secured_and_a_shared_claim_does_not_go_alone() {
    let (world, mill) = stage().await;
    let pledge = agreed(&world, &mill).await;
    joins(&world.other_bank, pledge).await.granted();
    let registered = world.bank.registers(pledge).await.granted();
    let lien = &registered["liens"][0]["id"];
    let part = json!({"reason": "部分还款", "principal": "50000.00", "secured": "50000.00", "liens": [{"lien": lien, "quantity": "1.000"}]});
    let after = world.bank.client.post(&format!("/pledges/{pledge}/release-part"), part).await.granted();
    let shares: Vec<&Value> = after["pledgees"].as_array().unwrap().iter().map(|pledgee| &pledgee["share"]).collect();
    assert_eq!(shares, [&json!("33333.33"), &json!("16666.67")]);
    let to = json!({"to": world.other_bank.id, "document": "债转2023-007"});
    let transfer = world.bank.client.post(&format!("/pledges/{pledge}/transfers"), to).await;
    transfer.is_refused_with("PLG_CLAIM_SHARED").with_status(409);
    world.bank.releases(pledge).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn what_a_sale_with_consent_pays_of_a_shared_claim_is_split_and_every_pledgee_sees_it() {
    let (world, mill) = stage().await;
    let pledge = agreed(&world, &mill).await;
    joins(&world.other_bank, pledge).await.granted();
    let registered = world.bank.registers(pledge).await.granted();
    let buyer = world.buyer("通城瓷厂", "100000.00").await;
    let wish = json!({"lien": registered["liens"][0]["id"], "buyer_site": buyer.site, "project": buyer.project,
        "quantity": "2.000", "unit_price": "9000.00"});
    let sale = mill.client.post(&format!("/pledges/{pledge}/consented-sales"), wish).await.granted();
    let at = |act: &str| format!("/consented-sales/{}/{act}", id(&sale));
    let own = format!("/consented-sales/{}", id(&sale));
    assert_eq!(world.other_bank.client.get(&own).await.granted()["id"], sale["id"]);
    assert_eq!(world.other_bank.client.get("/consented-sales").await.granted()["items"][0]["id"], sale["id"]);
    let order =
        json!({"document": "同意转让2022-020", "to_claim": "10000.01", "settlement_bank": world.settlement_bank});
    // Only the leader consents for all.
    world.other_bank.client.post(&at("consent"), order.clone()).await.is_refused_with("PLG_NOT_THE_PLEDGEE");
    let consented = world.bank.client.post(&at("consent"), order).await.granted();
    assert_eq!(consented["parts"], json!([]), "nothing is paid yet");
    let approve = format!("/trades/{}/approve", consented["trade"].as_str().unwrap());
    world.officer.post(&approve, json!({})).await.granted();
    let settled = buyer.client.post(&at("settle"), json!({})).await.granted();
    assert_eq!(settled["paid_claim"], json!("10000.01"));
    let part = |bank: &Bank, paid: &str| json!({"pledgee": bank.id, "paid": paid});
    assert_eq!(settled["parts"], json!([part(&world.bank, "6666.67"), part(&world.other_bank, "3333.34")]));
    let journals =
        world.auditor.get(&format!("/audit/journals?subject={}", consented["trade"].as_str().unwrap())).await;
    let journals = journals.granted();
    let settlement = journals["items"].as_array().unwrap().iter().find(|one| one["kind"] == "trade_settled").unwrap();
    let text = settlement.to_string();
    assert!(
        text.contains("6666.67") && text.contains("3333.34"),
        "each is paid by a posting of its own: {settlement:#}"
    );
    world.books_are_right().await;
}
