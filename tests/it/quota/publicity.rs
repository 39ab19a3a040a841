//! What lies between the proposal of a grant and its effect, where the rules ask for it: publicity with objections, and the usage fee.

use super::batches::{confirms, file, id, proposed, row};
use crate::support::World;
use crate::support::world::{Enterprise, TONGCHENG};
use serde_json::{Value, json};
use uuid::Uuid;

async fn objects(by: &Enterprise, kind: &str, subject: Uuid) -> Value {
    let body = json!({"subject_kind": kind, "subject": subject, "text": "核定量超过环评批复"});
    by.client.post("/objections", body).await.granted()
}

/// An objection of an enterprise to a grant of another, which is laid open while the rules ask for it.
pub async fn objected(world: &World, by: &Enterprise, to: &Enterprise) -> Uuid {
    let now = world.auditor.get("/rulebooks/current").await.granted();
    let rule = |name: &str| now["rules"].as_array().unwrap().iter().find(|rule| rule["name"] == name).cloned();
    assert_eq!(rule("allocation_publicity_days").unwrap()["value"], Value::Null);
    world.adopts(&[("allocation_publicity_days", "2")]).await.granted();
    let open = id(&world.propose_allocation(to, "1.000 t COD").await.granted());
    let objection = id(&objects(by, "allocation", open).await);
    world.forgets_rules(&["allocation_publicity_days"]).await.granted();
    objection
}

async fn headroom(world: &World) -> (String, String) {
    headroom_of(world, TONGCHENG).await
}

/// What of an area's cap for COD is free, and what is held of it.
pub async fn headroom_of(world: &World, area: &str) -> (String, String) {
    let found = world.auditor.get(&format!("/capacities?area={area}&pollutant=COD")).await.granted();
    let text = |name: &str| found["items"][0][name].as_str().unwrap().to_owned();
    (text("headroom"), text("committed"))
}

#[tokio::test]
async fn a_grant_is_laid_open_and_confirmed_when_every_objection_is_answered() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    world.adopts(&[("allocation_publicity_days", "2")]).await.granted();
    let open = world.propose_allocation(&mill, "120.000 t COD").await.granted();
    assert_eq!((&open["state"], &open["publicised_until"]), (&json!("publicised"), &json!("2022-12-05")));
    let (grant, confirm) = (id(&open), format!("/allocations/{}/confirm", id(&open)));
    world.city_head.post(&confirm, json!({})).await.is_refused_with("QTA_PUBLICITY_RUNNING").with_status(409);
    let objection = id(&objects(&glass, "allocation", grant).await);
    assert_eq!(mill.client.get("/objections").await.granted()["items"][0]["organisation"], glass.id.to_string());
    world.days_pass(5);
    let late = json!({"subject_kind": "allocation", "subject": grant, "text": "太晚"});
    glass.client.post("/objections", late).await.is_refused_with("QTA_PUBLICITY_OVER");
    world.city_head.post(&confirm, json!({})).await.is_refused_with("QTA_OBJECTION_OPEN");
    let answer = json!({"outcome": "dismissed", "text": "与环评批复一致"});
    let path = format!("/objections/{objection}/answer");
    world.xianan_officer.post(&path, answer.clone()).await.with_status(404);
    glass.client.post(&path, answer.clone()).await.is_refused_with("AUT_NOT_ALLOWED");
    let answered = world.officer.post(&path, answer.clone()).await.granted();
    assert_eq!((&answered["outcome"], &answered["version"]), (&json!("dismissed"), &json!(2)));
    world.officer.post(&path, answer).await.is_refused_with("QTA_OBJECTION_ANSWERED");
    let confirmed = world.city_head.post(&confirm, json!({})).await.granted();
    let told = (&confirmed["state"], &confirmed["publicised_until"]);
    assert_eq!(told, (&json!("active"), &json!("2022-12-05")), "that it was laid open stays");
    world.books_are_right().await;
}

#[tokio::test]
async fn an_upheld_objection_stands_in_the_way_until_the_grant_is_turned_down() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    world.adopts(&[("allocation_publicity_days", "1")]).await.granted();
    let batch = proposed(&world.city_officer, &file(&[row(&world, &mill, "1.000 t COD").await])).await;
    let found = world.auditor.get(&format!("/allocation-batches/{batch}")).await.granted();
    assert_eq!((&found["state"], &found["version"]), (&json!("publicised"), &json!(2)));
    let objection = id(&objects(&glass, "allocation_batch", batch).await);
    let answer = json!({"outcome": "upheld", "text": "应重新核定"});
    let path = format!("/objections/{objection}/answer");
    world.city_officer.post(&path, answer.clone()).await.is_refused_with("AUT_OWN_APPROVAL").with_status(403);
    world.officer.post(&path, answer).await.granted();
    world.days_pass(4);
    assert_eq!(confirms(&world.city_head, batch).await["faults"][0]["code"], "QTA_OBJECTION_UPHELD");
    let reject = format!("/allocation-batches/{batch}/reject");
    let rejected = world.city_head.post(&reject, json!({"reason": "异议成立"})).await;
    assert_eq!(rejected.text("state"), "rejected");
    let found = world.auditor.get(&format!("/allocation-batches/{batch}")).await.granted();
    assert_eq!(found["publicised_until"], "2022-12-02", "that it was laid open is still to be seen");
    let grants = world.auditor.get(&format!("/allocations?batch={batch}")).await.granted();
    assert_eq!(grants["items"][0]["publicised_until"], "2022-12-02");
    world.books_are_right().await;
}

#[tokio::test]
async fn who_proposed_a_grant_answers_no_objection_to_it_and_an_objection_may_be_long() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    world.adopts(&[("allocation_publicity_days", "2")]).await.granted();
    let grant = id(&world.propose_allocation(&mill, "1.000 t COD").await.granted());
    let text = |letters: usize| json!({"subject_kind": "allocation", "subject": grant, "text": "异".repeat(letters)});
    glass.client.post("/objections", text(2_001)).await.is_refused_with("API_BAD_TEXT");
    let objection = id(&glass.client.post("/objections", text(2_000)).await.granted());
    let path = format!("/objections/{objection}/answer");
    let answer = json!({"outcome": "dismissed", "text": "与环评批复一致"});
    world.city_officer.post(&path, answer.clone()).await.is_refused_with("AUT_OWN_APPROVAL").with_status(403);
    let both = world.also(&world.city_officer, ganhe::access::Role::BureauHead);
    let found = both.get(&format!("/tasks?subject={objection}")).await.granted();
    let decide = format!("/tasks/{}/decide", id(&found["items"][0]));
    let no = json!({"outcome": "refused", "reason": "与环评批复一致"});
    both.post(&decide, no).await.is_refused_with("AUT_OWN_APPROVAL");
    let other = world.colleague_of(&world.city_officer, ganhe::access::Role::BureauOfficer).await;
    assert_eq!(other.post(&path, answer).await.granted()["outcome"], "dismissed");
    world.books_are_right().await;
}

#[tokio::test]
async fn nobody_objects_to_what_is_not_laid_open() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    let grant = id(&world.propose_allocation(&mill, "1.000 t COD").await.granted());
    for (kind, subject) in [("allocation", grant), ("allocation", Uuid::nil()), ("allocation_batch", grant)] {
        let body = json!({"subject_kind": kind, "subject": subject, "text": "异议"});
        glass.client.post("/objections", body).await.with_status(404);
    }
}

#[tokio::test]
async fn the_headroom_is_held_and_the_rights_come_with_the_last_instalment() {
    let world = World::new().await;
    let mill = world.buyer("临江纸业", "3000.00").await;
    world.adopts(&[("usage_fee", "20.00"), ("usage_fee_instalments", "3")]).await.granted();
    let grant = id(&world.propose_allocation(&mill, "100.000 t COD").await.granted());
    let pay = format!("/allocations/{grant}/pay");
    mill.client.post(&pay, json!({})).await.is_refused_with("QTA_NO_FEE_DUE");
    let confirmed = world.city_head.post(&format!("/allocations/{grant}/confirm"), json!({})).await.granted();
    assert_eq!((&confirmed["state"], &confirmed["fee"]), (&json!("confirmed"), &json!("2000.00")));
    assert_eq!(confirmed["fee_least"], "666.67");
    assert_eq!(headroom(&world).await, ("900.000".to_owned(), "100.000".to_owned()));
    mill.client.post(&pay, json!({"amount": "666.66"})).await.is_refused_with("QTA_FEE_TOO_LITTLE");
    mill.client.post(&pay, json!({"amount": "2000.01"})).await.is_refused_with("QTA_FEE_TOO_MUCH");
    let part = mill.client.post(&pay, json!({"amount": "666.67"})).await.granted();
    assert_eq!((&part["state"], &part["fee_paid"]), (&json!("confirmed"), &json!("666.67")));
    let reject = format!("/allocations/{grant}/reject");
    world.city_head.post(&reject, json!({})).await.is_refused_with("TSK_REASON_MISSING");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "0");
    let whole = mill.client.post(&pay, json!({})).await.granted();
    assert_eq!((&whole["state"], &whole["fee_paid"]), (&json!("active"), &json!("2000.00")));
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "100.000");
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "1000.00");
    assert_eq!(headroom(&world).await, ("900.000".to_owned(), "0.000".to_owned()));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_fee_that_nobody_pays_gives_the_headroom_back() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.adopts(&[("usage_fee", "20.00")]).await.granted();
    let grant = id(&world.propose_allocation(&mill, "100.000 t COD").await.granted());
    world.city_head.post(&format!("/allocations/{grant}/confirm"), json!({})).await.granted();
    mill.client.post(&format!("/allocations/{grant}/pay"), json!({})).await.is_refused_with("STL_MONEY_SHORT");
    let rejected = world.city_head.post(&format!("/allocations/{grant}/reject"), json!({"reason": "逾期未缴"})).await;
    assert_eq!(rejected.text("state"), "rejected");
    assert_eq!(headroom(&world).await, ("1000.000".to_owned(), "0.000".to_owned()));
    let batch = file(&[row(&world, &mill, "1.000 t COD").await]);
    let ended = super::batches::proposes(&world.city_officer, "a.csv", "text/csv", batch.as_bytes()).await;
    assert_eq!(ended["faults"][0]["code"], "QTA_BATCH_FEE");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_fee_that_is_paid_in_part_goes_back_when_the_head_gives_the_grant_up() {
    let world = World::new().await;
    let mill = world.buyer("临江纸业", "3000.00").await;
    world.adopts(&[("usage_fee", "20.00"), ("usage_fee_instalments", "3")]).await.granted();
    let grant = id(&world.propose_allocation(&mill, "100.000 t COD").await.granted());
    world.city_head.post(&format!("/allocations/{grant}/confirm"), json!({})).await.granted();
    let (pay, reject) = (format!("/allocations/{grant}/pay"), format!("/allocations/{grant}/reject"));
    mill.client.post(&pay, json!({"amount": "700.00"})).await.granted();
    mill.client.post(&pay, json!({"amount": "700.00"})).await.granted();
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "1600.00");
    // The cap is cut meanwhile: what is given up pays off what is pending first.
    let cut =
        json!({"area": TONGCHENG, "pollutant": "COD", "cap": "40.000", "valid_from": "2022-12-01", "document": "调减"});
    assert_eq!(world.city_head.post("/capacities", cut).await.granted()["pending_reduction"], "60.000");
    let rejected = world.city_head.post(&reject, json!({"reason": "逾期未缴清"})).await.granted();
    assert_eq!((&rejected["state"], &rejected["fee_paid"]), (&json!("rejected"), &json!("0.00")));
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "3000.00", "to whoever paid it");
    assert_eq!(headroom(&world).await, ("40.000".to_owned(), "0.000".to_owned()));
    let journals = world.auditor.get(&format!("/audit/journals?subject={grant}")).await.granted();
    let last = journals["items"].as_array().unwrap().iter().find(|one| one["kind"] == "allocation_rejected").unwrap();
    assert_eq!(last["entries"].as_array().unwrap().len(), 6, "headroom, reduction and money in one journal: {last:#}");
    mill.client.post(&pay, json!({})).await.is_refused_with("QTA_NO_FEE_DUE");
    world.books_are_right().await;
}

#[tokio::test]
async fn who_proposed_takes_it_back_before_anybody_decides() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let grant = id(&world.propose_allocation(&mill, "1.000 t COD").await.granted());
    let withdraw = format!("/allocations/{grant}/withdraw");
    world.officer.post(&withdraw, json!({})).await.is_refused_with("QTA_NOT_YOUR_PROPOSAL");
    assert_eq!(world.city_officer.post(&withdraw, json!({})).await.text("state"), "withdrawn");
    let confirm = format!("/allocations/{grant}/confirm");
    world.city_head.post(&confirm, json!({})).await.is_refused_with("QTA_ALREADY_DECIDED");
    assert_eq!(world.city_head.get(&format!("/tasks?subject={grant}")).await.granted()["items"], json!([]));
    world.books_are_right().await;
}

#[tokio::test]
async fn what_is_laid_open_is_taken_back_with_a_reason_only() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.adopts(&[("allocation_publicity_days", "2")]).await.granted();
    let grant = id(&world.propose_allocation(&mill, "1.000 t COD").await.granted());
    let withdraw = format!("/allocations/{grant}/withdraw");
    world.city_officer.post(&withdraw, json!({})).await.is_refused_with("TSK_REASON_MISSING").with_status(422);
    world.city_officer.post(&withdraw, json!({"reason": " "})).await.is_refused_with("API_BAD_TEXT");
    let withdrawn = world.city_officer.post(&withdraw, json!({"reason": "核定数量有误"})).await;
    assert_eq!(withdrawn.text("state"), "withdrawn");
    world.books_are_right().await;
}

#[tokio::test]
async fn two_payments_at_the_same_moment_pay_the_fee_once() {
    let world = World::new().await;
    let mill = world.buyer("临江纸业", "10000.00").await;
    world.adopts(&[("usage_fee", "20.00")]).await.granted();
    let grant = id(&world.propose_allocation(&mill, "100.000 t COD").await.granted());
    world.city_head.post(&format!("/allocations/{grant}/confirm"), json!({})).await.granted();
    let payments = (0..8).map(|_| {
        let (client, pay) = (mill.client.clone(), format!("/allocations/{grant}/pay"));
        tokio::spawn(async move { client.post(&pay, json!({})).await.status.as_u16() })
    });
    let mut told = Vec::new();
    for payment in payments.collect::<Vec<_>>() {
        told.push(payment.await.unwrap());
    }
    told.sort_unstable();
    assert_eq!(told, [200, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "8000.00");
    world.books_are_right().await;
}
