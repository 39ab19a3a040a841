//! What a registration says beyond the contract: scope and ceiling of the claim, the screening it rests on, how long it took, and the
//! unified register.

use super::{id, secured_on};
use crate::support::World;
use crate::support::world::{Bank, TONGCHENG};
use ganhe::access::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn a_guarantor_is_a_pledgee_as_a_bank_is_from_the_consent_to_the_release() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let body =
        json!({"code": world.fresh_code(), "name": "通城县融资担保公司", "kind": "guarantor", "area": TONGCHENG});
    let organisation = id(&world.operator.post("/organisations", body).await.granted());
    let officer = world.member(organisation, TONGCHENG, &[Role::PledgeeOfficer]).await;
    let guarantor = Bank { id: organisation, client: officer.client };
    guarantor.applies(&mill, "40.000 t COD").await.is_refused_with("PLG_CONSENT_MISSING");
    mill.consents(&guarantor, &["COD"]).await;
    let pledge = guarantor.agreed_pledge(&world, &mill, "40.000 t COD").await;
    let registered = guarantor.registers(pledge).await.granted();
    assert_eq!((&registered["pledgee"], &registered["number"]), (&json!(organisation), &json!("PL-2022-000001")));
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "pledged").await, "40.000");
    world.bank.releases(pledge).await.with_status(404);
    let extract = guarantor.client.post("/extracts", json!({"pledge": pledge})).await.granted();
    assert!(extract["content"].as_str().unwrap().contains("通城县融资担保公司"), "{extract:#}");
    let lien = &registered["liens"][0]["id"];
    let part = json!({"reason": "部分代偿已追回", "liens": [{"lien": lien, "quantity": "10.000"}]});
    guarantor.client.post(&format!("/pledges/{pledge}/release-part"), part).await.granted();
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "pledged").await, "30.000");
    let released = guarantor.releases(pledge).await.granted();
    assert_eq!(released["state"], "released");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "100.000");
    world.books_are_right().await;
}

/// What a screening says of a check.
fn finding<'a>(screening: &'a Value, check: &str) -> &'a Value {
    let all = screening["findings"].as_array().unwrap();
    all.iter().find(|finding| finding["check"] == check).unwrap_or_else(|| panic!("no {check} in {screening:#}"))
}

#[tokio::test]
async fn a_maximum_amount_pledge_names_what_it_secures_and_when_its_claims_arise() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let mut body = secured_on(&mill, "10.000", "230000.00", "260000.00");
    body["principal"] = json!("1000000.00");
    body["claim_scope"] = json!(["enforcement_costs", "interest"]);
    body["maximum_amount"] = json!({"from": "2022-12-01", "to": "2023-06-30"});
    body["restricts_transfer"] = json!(false);
    let mut late = body.clone();
    late["maximum_amount"]["to"] = json!("2023-12-01");
    world.bank.client.post("/pledges", late).await.is_refused_with("PLG_DETERMINATION_PERIOD").with_status(422);
    let mut unknown = body.clone();
    unknown["claim_scope"] = json!(["everything"]);
    world.bank.client.post("/pledges", unknown).await.is_refused_with("API_UNKNOWN_WORD");

    let pledge = world.bank.client.post("/pledges", body).await.granted();
    assert_eq!(pledge["claim_scope"], json!(["interest", "enforcement_costs"]));
    assert_eq!(pledge["maximum_amount"], json!({"from": "2022-12-01", "to": "2023-06-30"}));
    assert_eq!(pledge["restricts_transfer"], false);
    let plain = world.bank.client.post("/pledges", secured_on(&mill, "1.000", "1000.00", "2000.00")).await.granted();
    assert_eq!(plain["claim_scope"].as_array().unwrap().len(), 5, "the law secures all of it: {plain:#}");
    assert_eq!((&plain["maximum_amount"], &plain["restricts_transfer"]), (&Value::Null, &json!(true)));
    assert_eq!((&plain["due_on"], &plain["processing_days"]), (&Value::Null, &Value::Null), "Hubei sets no term");
}

#[tokio::test]
async fn what_the_checks_saw_is_frozen_with_the_rules_of_the_day() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    world.adopts(&[("ltv_cap", "0.90")]).await.granted();
    let pledge =
        id(&world.bank.client.post("/pledges", secured_on(&mill, "10.000", "230000.00", "260000.00")).await.granted());
    world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
    mill.client.post(&format!("/pledges/{pledge}/agree"), json!({})).await.granted();
    world.adopts(&[("ltv_cap", "0.95"), ("exclusion_accident_years", "3")]).await.granted();
    world.bank.registers(pledge).await.granted();
    world.forgets_rules(&["ltv_cap"]).await.granted();

    for reader in [&world.bank.client, &mill.client, &world.city_officer, &world.auditor] {
        let found = reader.get(&format!("/pledges/{pledge}/screenings")).await.granted();
        let [applied, registered] = found["items"].as_array().unwrap().as_slice() else { panic!("{found:#}") };
        assert_eq!((&applied["step"], &registered["step"]), (&json!("applied"), &json!("registered")));
        let ltv =
            |screening| ["outcome", "rule", "seen"].map(|field| finding(screening, "PLG_LTV_OVER_CAP")[field].clone());
        assert_eq!(ltv(applied), [json!("passed"), json!("0.90"), json!("0.8846")]);
        assert_eq!(ltv(registered), [json!("passed"), json!("0.95"), json!("0.8846")]);
        assert_eq!(finding(applied, "PLG_MAJOR_ACCIDENT")["outcome"], "off");
        assert_eq!(finding(registered, "PLG_MAJOR_ACCIDENT")["outcome"], "passed");
        let permit = &registered["permits"][0];
        assert_eq!((&permit["valid_to"], &permit["ends_before_debt"]), (&json!("2025-12-31"), &json!(false)));
    }
    world.other_bank.client.get(&format!("/pledges/{pledge}/screenings")).await.with_status(404);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_registration_has_a_last_working_day_where_a_rule_sets_one_and_tells_how_long_it_took() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    world.adopts(&[("pledge_processing_days", "15")]).await.granted();
    // 2022-12-01 is a Thursday: fifteen working days later is the Thursday of the third week.
    let applied = world.bank.applies(&mill, "10.000 t COD").await.granted();
    assert_eq!(applied["due_on"], "2022-12-22");
    let pledge = id(&applied);
    world.days_pass(5);
    world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
    mill.client.post(&format!("/pledges/{pledge}/agree"), json!({})).await.granted();
    let registered = world.bank.registers(pledge).await.granted();
    assert_eq!(registered["processing_days"], 3, "Friday, Monday, Tuesday: {registered:#}");
}

#[tokio::test]
async fn the_unified_register_stands_beside_the_pledge_and_not_in_its_place() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(&world, &mill, "10.000 t COD").await;
    let path = format!("/pledges/{pledge}/external-registration");
    let told = |status: &str| json!({"number": "16830024002150738291", "status": status, "valid_until": "2023-11-30"});
    world.bank.client.post(&path, told("registered")).await.is_refused_with("PLG_WRONG_STATE").with_status(409);
    world.bank.registers(pledge).await.granted();
    world.bank.client.post(&path, told("lost")).await.is_refused_with("API_UNKNOWN_WORD");
    world.other_bank.client.post(&path, told("registered")).await.with_status(404);
    mill.client.post(&path, told("registered")).await.is_refused_with("AUT_NOT_ALLOWED");

    let known = world.bank.client.post(&path, told("registered")).await.granted();
    assert_eq!(known["external_registration"]["status"], "registered");
    assert_eq!(known["external_registration"]["number"], "16830024002150738291");
    assert_eq!((&known["state"], &known["version"]), (&json!("registered"), &json!(5)));
    world.bank.client.post(&path, told("extended")).await.granted();
    world.bank.releases(pledge).await.granted();
    world.bank.client.post(&path, told("extended")).await.is_refused_with("PLG_ALREADY_RELEASED").with_status(409);
    let over = world.bank.client.post(&path, told("cancelled")).await.granted();
    assert_eq!((&over["external_registration"]["status"], &over["state"]), (&json!("cancelled"), &json!("released")));
    world.books_are_right().await;
}
