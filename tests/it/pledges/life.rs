//! The life of a registered pledge: payout, versions of its terms, extension, top-up and partial release.

use super::{id, registered, secured_on};
use crate::support::World;
use crate::support::world::Enterprise;
use serde_json::{Value, json};
use uuid::Uuid;

/// A mill with COD and SO2 of which the bank holds 10 t of COD for 230,000 of 260,000.
async fn stage() -> (World, Enterprise, Value) {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    world.allocate(&mill, "50.000 t SO2").await;
    mill.consents(&world.bank, &["COD", "SO2"]).await;
    let mut body = secured_on(&mill, "10.000", "230000.00", "260000.00");
    body["principal"] = json!("1000000.00");
    let pledge = registered(&world, &mill, body).await;
    (world, mill, pledge)
}

fn path(pledge: &Value, act: &str) -> String {
    format!("/pledges/{}/{act}", pledge["id"].as_str().unwrap())
}

/// The pledgee proposes a change, and the pledgor agrees.
async fn amended(world: &World, mill: &Enterprise, pledge: &Value, change: Value) -> Value {
    let proposed = world.bank.client.post(&path(pledge, "amendments"), change).await.granted();
    assert_eq!(proposed["open_amendment"], true, "{proposed:#}");
    mill.client.post(&path(pledge, "agree-amendment"), json!({})).await.granted()
}

#[tokio::test]
async fn payouts_are_reported_up_to_the_principal_and_each_once() {
    let (world, mill, pledge) = stage().await;
    let pays = |amount: &str, reference: &str| json!({"amount": amount, "paid_on": "2022-12-01", "annual_rate": "4.35", "reference": reference});
    let payouts = path(&pledge, "payouts");
    let first = world.bank.client.post(&payouts, pays("600000.00", "放款01")).await.granted();
    assert_eq!((&first["paid_out"], &first["payouts"][0]["annual_rate"]), (&json!("600000.00"), &json!("4.35")));
    world.bank.client.post(&payouts, pays("1.00", "放款01")).await.is_refused_with("PLG_PAYOUT_REPORTED");
    let over = world.bank.client.post(&payouts, pays("400000.01", "放款02")).await;
    over.is_refused_with("PLG_PAYOUT_OVER_PRINCIPAL").with_status(422);
    let mut tomorrow = pays("1.00", "放款03");
    tomorrow["paid_on"] = json!("2022-12-02");
    world.bank.client.post(&payouts, tomorrow).await.is_refused_with("PLG_PAYOUT_DAY");
    mill.client.post(&payouts, pays("1.00", "放款04")).await.is_refused_with("AUT_NOT_ALLOWED");
    let second = world.bank.client.post(&payouts, pays("400000.00", "放款02")).await.granted();
    assert_eq!((&second["paid_out"], &second["state"]), (&json!("1000000.00"), &json!("registered")));
    world.bank.releases(id(&pledge)).await.granted();
    world.bank.client.post(&payouts, pays("1.00", "放款05")).await.is_refused_with("PLG_ALREADY_RELEASED");
    world.books_are_right().await;
}

#[tokio::test]
async fn what_is_paid_out_after_the_claims_were_determined_is_not_secured() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let mut body = secured_on(&mill, "10.000", "230000.00", "260000.00");
    body["principal"] = json!("1000000.00");
    body["maximum_amount"] = json!({"from": "2022-12-01", "to": "2022-12-02"});
    let pledge = registered(&world, &mill, body).await;
    let payouts = path(&pledge, "payouts");
    let pays = |day: &str, reference: &str| json!({"amount": "1000.00", "paid_on": day, "reference": reference});
    world.bank.client.post(&payouts, pays("2022-12-01", "放款01")).await.granted();
    world.days_pass(2);
    let late = world.bank.client.post(&payouts, pays("2022-12-03", "放款02")).await;
    late.is_refused_with("PLG_CLAIM_DETERMINED").with_status(422);
    // The report comes late, the claim did not.
    let told = world.bank.client.post(&payouts, pays("2022-12-02", "放款02")).await.granted();
    assert_eq!(told["paid_out"], "2000.00");
    world.books_are_right().await;
}

#[tokio::test]
async fn an_extension_is_a_version_that_both_agree_on_and_ends_with_the_right() {
    let (world, mill, pledge) = stage().await;
    let extends = |to: &str| json!({"reason": "展期", "debt_to": to});
    let amendments = path(&pledge, "amendments");
    let past = world.bank.client.post(&amendments, extends("2026-01-01")).await;
    past.is_refused_with("PLG_TERM_PAST_VALIDITY").with_status(422);
    world.bank.client.post(&amendments, json!({"reason": "无"})).await.is_refused_with("PLG_NOTHING_AMENDED");
    world.bank.client.post(&amendments, extends("2024-11-30")).await.granted();
    world
        .bank
        .client
        .post(&amendments, extends("2024-11-30"))
        .await
        .is_refused_with("PLG_AMENDMENT_OPEN")
        .with_status(409);
    world.bank.client.post(&path(&pledge, "agree-amendment"), json!({})).await.is_refused_with("AUT_NOT_ALLOWED");
    world.other_bank.client.post(&path(&pledge, "withdraw-amendment"), json!({})).await.with_status(404);
    mill.client.post(&path(&pledge, "refuse-amendment"), json!({})).await.granted();
    mill.client.post(&path(&pledge, "agree-amendment"), json!({})).await.is_refused_with("PLG_NO_OPEN_AMENDMENT");
    world.bank.client.post(&amendments, extends("2024-11-30")).await.granted();
    world.bank.client.post(&path(&pledge, "withdraw-amendment"), json!({})).await.granted();

    let extended = amended(&world, &mill, &pledge, extends("2025-12-31")).await;
    assert_eq!((&extended["debt_to"], &extended["terms_number"]), (&json!("2025-12-31"), &json!(2)));
    let listed = mill.client.get(&amendments).await.granted();
    let told: Vec<(&Value, &Value)> =
        listed["items"].as_array().unwrap().iter().map(|one| (&one["state"], &one["number"])).collect();
    let (refused, withdrawn, in_force) = (json!("refused"), json!("withdrawn"), json!("in_force"));
    assert_eq!(told, [(&refused, &Value::Null), (&withdrawn, &Value::Null), (&in_force, &json!(2))]);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_call_for_security_is_met_by_more_of_the_same_right_or_by_another_one() {
    let (world, mill, pledge) = stage().await;
    world.adopts(&[("ltv_cap", "0.90")]).await.granted();
    let lien = pledge["liens"][0]["id"].clone();
    let falls = json!({"method": "market_price", "valued_on": "2022-12-01", "valuations": [{"lien": lien, "assessed_value": "200000.00"}]});
    world.bank.client.post(&path(&pledge, "revalue"), falls).await.granted();
    let more = json!({"reason": "追加质押", "valuation_method": "market_price", "valued_on": "2022-12-01",
        "liens": [{"lien": lien, "add_quantity": "2.500", "assessed_value": "250000.00"}]});
    let short = json!({"reason": "追加质押", "liens": [{"lien": lien, "add_quantity": "90.001"}]});
    world.bank.client.post(&path(&pledge, "amendments"), short).await.is_refused_with("PLG_NOT_ENOUGH_AVAILABLE");
    let still = amended(&world, &mill, &pledge, more).await;
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "pledged").await, "12.500");
    assert!(still["margin_calls"][0]["ended_at"].is_null(), "92 % is over 90 %: {still:#}");

    let another = json!({"reason": "追加质押", "valuation_method": "market_price", "valued_on": "2022-12-01",
        "liens": [{"lien": lien, "secured": "200000.00"}],
        "rights": [{"site": mill.site, "right_class": mill.class("SO2"), "quantity": "5.000", "secured": "30000.00", "assessed_value": "50000.00"}]});
    let met = amended(&world, &mill, &pledge, another.clone()).await;
    assert!(met["margin_calls"][0]["ended_at"].is_string(), "{met:#}");
    assert_eq!((&met["terms_number"], &met["assessed_value"]), (&json!(3), &json!("300000.00")));
    assert_eq!(world.balance(mill.site, &mill.class("SO2"), "pledged").await, "5.000");
    world.bank.client.post(&path(&pledge, "amendments"), another).await.is_refused_with("PLG_STOCK_PLEDGED_ALREADY");
    world.books_are_right().await;
    world.bank.releases(id(&pledge)).await.granted();
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "100.000");
    assert_eq!(world.balance(mill.site, &mill.class("SO2"), "available").await, "50.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn whoever_repays_in_part_gets_a_part_back_and_never_more_than_is_held() {
    let (world, mill, pledge) = stage().await;
    let lien = pledge["liens"][0]["id"].clone();
    let release = path(&pledge, "release-part");
    let gives = |quantity: &str| json!({"reason": "部分还款", "liens": [{"lien": lien, "quantity": quantity}]});
    world.bank.client.post(&release, gives("10.001")).await.is_refused_with("PLG_MORE_THAN_HELD").with_status(422);
    world.bank.client.post(&release, gives("10.000")).await.is_refused_with("PLG_WHOLE_RELEASED");
    let mut asks = gives("1.000");
    asks["principal"] = json!("1000000.01");
    world.bank.client.post(&release, asks).await.is_refused_with("PLG_MORE_ASKED");
    mill.client.post(&release, gives("1.000")).await.is_refused_with("AUT_NOT_ALLOWED");
    let mut repaid = gives("4.000");
    (repaid["principal"], repaid["secured"]) = (json!("900000.00"), json!("130000.00"));
    let left = world.bank.client.post(&release, repaid).await.granted();
    let told = ["principal", "secured", "assessed_value", "ltv"].map(|field| left[field].clone());
    assert_eq!(told, [json!("900000.00"), json!("130000.00"), json!("156000.00"), json!("0.8333")]);
    assert_eq!((&left["liens"][0]["held"], &left["terms_number"]), (&json!("6.000"), &json!(2)));
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "pledged").await, "6.000");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "94.000");
    world.books_are_right().await;
    world.bank.releases(id(&pledge)).await.granted();
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "100.000");
    world.bank.client.post(&release, gives("1.000")).await.is_refused_with("PLG_ALREADY_RELEASED").with_status(409);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_repayment_is_never_refused_for_a_ratio_and_a_further_loan_is() {
    let (world, mill, pledge) = stage().await;
    world.adopts(&[("ltv_cap", "0.50")]).await.granted();
    let lends = json!({"reason": "续贷", "secured": "231000.00"});
    world.bank.client.post(&path(&pledge, "amendments"), lends).await.is_refused_with("PLG_LTV_OVER_CAP");
    let repays = json!({"reason": "还款", "principal": "900000.00", "secured": "200000.00"});
    let repaid = amended(&world, &mill, &pledge, repays).await;
    assert_eq!((&repaid["secured"], &repaid["liens"][0]["secured"]), (&json!("200000.00"), &json!("200000.00")));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_facility_follows_what_is_lent_more_and_repaid() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let limits = json!({"name": "2022授信", "limits": [{"organisation": mill.id, "sub_limit": "150000.00"}]});
    let facility = id(&world.bank.client.post("/facilities", limits).await.granted());
    mill.client.post(&format!("/facilities/{facility}/accept"), json!({})).await.granted();
    let mut body = secured_on(&mill, "10.000", "100000.00", "200000.00");
    body["facility"] = json!(facility);
    let pledge = registered(&world, &mill, body).await;
    let drawn = async || {
        let found = world.bank.client.get(&format!("/facilities/{facility}")).await.granted();
        found["parts"][0]["drawn"].as_str().unwrap().to_owned()
    };
    let lends = |principal: &str| json!({"reason": "追加贷款", "principal": principal});
    let over = world.bank.client.post(&path(&pledge, "amendments"), lends("150000.01")).await;
    over.is_refused_with("PLG_FACILITY_EXHAUSTED");
    amended(&world, &mill, &pledge, lends("150000.00")).await;
    assert_eq!(drawn().await, "150000.00");
    let lien: Uuid = pledge["liens"][0]["id"].as_str().unwrap().parse().unwrap();
    let repaid = json!({"reason": "还款", "principal": "120000.00", "liens": [{"lien": lien, "quantity": "1.000"}]});
    world.bank.client.post(&path(&pledge, "release-part"), repaid).await.granted();
    assert_eq!(drawn().await, "120000.00");
    world.bank.releases(id(&pledge)).await.granted();
    assert_eq!(drawn().await, "0.00");
    world.books_are_right().await;
}
