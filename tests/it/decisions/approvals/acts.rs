//! Each act that may wait: it does nothing before the second person says yes, and exactly what its own operation does then.

use super::{Mill, seen, sets, takes_back};
use crate::decisions::{approves, id, inbox, record_of, refuses, task_about};
use crate::support::World;
use crate::support::world::TONGCHENG;
use ganhe::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// The glassworks offers something to the mill.
async fn offered(mill: &Mill) -> Uuid {
    let glass = &mill.glass;
    if mill.world.balance(glass.site, &glass.class("COD"), "available").await == "0" {
        mill.world.allocate(glass, "10.000 t COD").await;
        mill.world.reduces(glass, "10.000 t COD").await;
    }
    id(&glass.offers("2.000 t COD", "10000.00", &mill.own).await.granted())
}

async fn accepts(mill: &Mill, offer: Uuid) -> Value {
    mill.own.accepts(offer).await.with_status(202).clone().granted()
}

#[tokio::test]
async fn an_acceptance_holds_no_money_before_the_own_approval_and_goes_to_the_bureau_after_it() {
    let mill = Mill::asking_for(&["offer_acceptance"]).await;
    let offer = offered(&mill).await;
    let project = json!({"project": Uuid::nil()});
    mill.li.client.post(&format!("/offers/{offer}/accept"), project).await.with_status(422);
    let task = accepts(&mill, offer).await;
    assert_eq!((&task["subject_kind"], &task["subject"]), (&json!("offer"), &json!(offer)));
    mill.own.accepts(offer).await.with_status(409).is_refused_with("TSK_WAITS_ALREADY");
    assert_eq!((mill.free_money().await.as_str(), inbox(&mill.world.officer).await.len()), ("100000.00", 0));
    assert_eq!(mill.li.client.get(&format!("/offers/{offer}")).await.granted()["state"], "proposed");
    let decided = approves(&mill.zhao.client, &task).await.granted();
    let trade: Uuid = decided["subject"].as_str().unwrap().parse().unwrap();
    assert_eq!(decided["subject_kind"], "trade");
    assert_eq!(mill.free_money().await, "94000.00", "the deposit is held");
    let bureaus = task_about(&mill.world.officer, trade).await;
    assert_eq!((&bureaus["act"], &bureaus["area"]), (&json!("trade"), &json!(TONGCHENG)));
    assert_eq!(bureaus["proposed_by"], json!(mill.zhao.id));
    approves(&mill.world.officer, &bureaus).await.granted();
    assert_eq!(record_of(&mill.world.officer, &bureaus).await["outcome"], "approved");
    assert_eq!(mill.own.pays(trade).await.granted()["state"], "settled", "a payment waits for nobody");
    mill.world.books_are_right().await;
}

#[tokio::test]
async fn an_acceptance_ends_with_its_offer_and_is_judged_by_the_money_of_the_day() {
    let mill = Mill::asking_for(&["offer_acceptance"]).await;
    let declined = offered(&mill).await;
    let task = accepts(&mill, declined).await;
    let withdrawn = offered(&mill).await;
    let other = accepts(&mill, withdrawn).await;
    mill.li.client.post(&format!("/offers/{declined}/decline"), json!({})).await.with_status(200);
    mill.glass.client.post(&format!("/offers/{withdrawn}/withdraw"), json!({})).await.with_status(200);
    for task in [&task, &other] {
        assert_eq!(seen(&mill.zhao.client, task).await["state"], "withdrawn");
        approves(&mill.zhao.client, task).await.is_refused_with("TSK_OVER");
    }
    let offer = offered(&mill).await;
    let poor = accepts(&mill, offer).await;
    let out = json!({"organisation": mill.own.id, "amount": "99000.00", "bank_reference": "OUT-1"});
    mill.world.settlement.post("/money/withdrawals", out).await.granted();
    approves(&mill.zhao.client, &poor).await.with_status(422).is_refused_with("STL_MONEY_SHORT");
    assert_eq!(mill.free_money().await, "1000.00");
    mill.world.deposits(&mill.own, "5000.00").await;
    approves(&mill.zhao.client, &poor).await.granted();
    assert_eq!(mill.free_money().await, "0.00");
    mill.world.books_are_right().await;
}

#[tokio::test]
async fn what_was_proposed_ends_when_it_is_done_after_the_switch_is_off() {
    let mill = Mill::asking_for(&["offer_acceptance"]).await;
    let offer = offered(&mill).await;
    let task = accepts(&mill, offer).await;
    let none = mill.asks_for(&[]).await.granted();
    approves(&mill.zhao.client, &none).await.granted();
    mill.own.accepts(offer).await.with_status(201);
    assert_eq!(seen(&mill.zhao.client, &task).await["state"], "withdrawn");
    assert_eq!(mill.free_money().await, "94000.00", "one deposit");
    mill.world.books_are_right().await;
}

/// A pledge of the mill that its bureau has verified.
async fn verified(mill: &Mill) -> Uuid {
    let pledge = id(&mill.world.bank.applies(&mill.own, "1.000 t COD").await.granted());
    mill.world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
    pledge
}

async fn state_of(mill: &Mill, pledge: Uuid) -> Value {
    mill.li.client.get(&format!("/pledges/{pledge}")).await.granted()["state"].clone()
}

#[tokio::test]
async fn the_pledgors_agreement_waits_however_it_is_given_and_a_no_does_not() {
    let mill = Mill::asking_for(&["pledge_acceptance"]).await;
    mill.own.consents(&mill.world.bank, &["COD"]).await;
    let (by_inbox, by_operation, refused) = (verified(&mill).await, verified(&mill).await, verified(&mill).await);
    let asked = task_about(&mill.li.client, by_inbox).await;
    assert_eq!(asked["act"], "pledge_agreement");
    let waits = approves(&mill.li.client, &asked).await.with_status(202).clone().granted();
    assert_eq!((&waits["act"], &waits["subject"]), (&json!("pledge_acceptance"), &json!(by_inbox)));
    assert_eq!(seen(&mill.li.client, &asked).await["state"], "open", "the bank's question still waits for its answer");
    let agree = format!("/pledges/{by_operation}/agree");
    let also = mill.li.client.post(&agree, json!({})).await.with_status(202).clone().granted();
    assert_eq!(
        (state_of(&mill, by_inbox).await, state_of(&mill, by_operation).await),
        (json!("verified"), json!("verified"))
    );
    for (task, pledge) in [(&waits, by_inbox), (&also, by_operation)] {
        approves(&mill.li.client, task).await.is_refused_with("AUT_NOT_ALLOWED");
        approves(&mill.qian.client, task).await.granted();
        assert_eq!(state_of(&mill, pledge).await, "agreed");
    }
    assert_eq!(seen(&mill.li.client, &asked).await["decided_by"], json!(mill.qian.id));
    let journals = mill.world.auditor.get(&format!("/audit/journals?subject={by_inbox}")).await.granted();
    let named: Vec<&Value> =
        journals["items"].as_array().unwrap().iter().filter(|one| !one["proposed_by"].is_null()).collect();
    assert_eq!(named.len(), 1, "{journals:#}");
    assert_eq!((&named[0]["kind"], &named[0]["proposed_by"]), (&json!("pledge_agreed"), &json!(mill.li.id)));
    let last = mill.li.client.post(&format!("/pledges/{refused}/agree"), json!({})).await.granted();
    let no = json!({"reason": "条款不符"});
    mill.li.client.post(&format!("/pledges/{refused}/refuse"), no).await.with_status(200);
    assert_eq!(seen(&mill.zhao.client, &last).await["state"], "withdrawn");
    mill.world.books_are_right().await;
}

#[tokio::test]
async fn a_part_of_a_facility_and_a_consent_wait_for_the_approver() {
    let mill = Mill::asking_for(&["facility_acceptance", "consent"]).await;
    let (world, bank) = (&mill.world, &mill.world.bank);
    let limits = json!({"name": "2022授信", "limits": [{"organisation": mill.own.id, "sub_limit": "150000.00"}]});
    let facility = id(&bank.client.post("/facilities", limits).await.granted());
    let path = format!("/facilities/{facility}");
    let part = async || mill.li.client.get(&path).await.granted()["parts"][0]["state"].clone();
    let task = mill.li.client.post(&format!("{path}/accept"), json!({})).await.with_status(202).clone().granted();
    assert_eq!(part().await, "offered");
    approves(&mill.zhao.client, &task).await.granted();
    assert_eq!(part().await, "accepted");
    let body = json!({"pledgee": bank.id, "right_classes": [mill.own.class("COD")], "valid_until": "2023-11-30"});
    let task = mill.li.client.post("/consents", body.clone()).await.with_status(202).clone().granted();
    bank.applies(&mill.own, "1.000 t COD").await.is_refused_with("PLG_CONSENT_MISSING");
    assert_eq!(mill.li.client.get("/consents").await.granted()["items"], json!([]));
    refuses(&mill.zhao.client, &task, "期限过长").await.granted();
    let task = mill.li.client.post("/consents", body).await.with_status(202).clone().granted();
    let given = approves(&mill.zhao.client, &task).await.granted();
    assert_eq!(given["subject_kind"], "consent");
    let consent = mill.li.client.get("/consents").await.granted()["items"][0].clone();
    assert_eq!((&consent["id"], &consent["given_by"]), (&given["subject"], &json!(mill.zhao.id)));
    bank.client.post(&format!("/consents/{}/look", id(&consent)), json!({})).await.granted();
    mill.li.client.post(&format!("/consents/{}/withdraw", id(&consent)), json!({})).await.with_status(200);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_bank_gives_a_security_up_by_two_people_and_by_one_while_it_is_suspended() {
    let world = World::new().await;
    let mill = world.seller("通城造纸", "10.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let mut pledges = Vec::new();
    for _ in 0..2 {
        let pledge = world.bank.agreed_pledge(&world, &mill, "1.000 t COD").await;
        world.bank.registers(pledge).await.granted();
        pledges.push(pledge);
    }
    let chen = world.member(world.bank.id, TONGCHENG, &[Role::OrganisationAdmin]).await;
    let sun = world.member(world.bank.id, TONGCHENG, &[Role::PledgeeApprover]).await;
    sets(&chen, &["pledge_release"]).await.with_status(200);
    let task = world.bank.releases(pledges[0]).await.with_status(202).clone().granted();
    let secured = async || world.balance(mill.site, &mill.class("COD"), "pledged").await;
    assert_eq!(secured().await, "2.000", "the lien stands");
    approves(&mill.client, &task).await.with_status(404);
    approves(&world.bank.client, &task).await.is_refused_with("AUT_NOT_ALLOWED");
    approves(&sun.client, &task).await.granted();
    assert_eq!(secured().await, "1.000");
    let waiting = world.bank.releases(pledges[1]).await.with_status(202).clone().granted();
    let reason = json!({"reason": "未按规定报告"});
    world.head.post(&format!("/organisations/{}/suspend", world.bank.id), reason).await.granted();
    approves(&sun.client, &waiting).await.is_refused_with("AUT_ORGANISATION_SUSPENDED");
    world.bank.releases(pledges[1]).await.with_status(200);
    assert_eq!(secured().await, "0.000");
    let task = world.auditor.get(&format!("/tasks/{}", id(&waiting))).await.granted();
    assert_eq!(task["state"], "withdrawn");
    world.books_are_right().await;
}

#[tokio::test]
async fn the_settlement_bank_pays_out_when_the_head_of_its_desk_agrees() {
    let world = World::new().await;
    let mill = world.buyer("通城造纸", "1000.00").await;
    let (head, keeper) = (
        world.settlement_head().await,
        world.member(world.settlement_bank, "421200", &[Role::OrganisationAdmin]).await,
    );
    let second = world.colleague_of(&world.settlement, Role::SettlementOfficer).await;
    sets(&keeper, &["withdrawal"]).await.with_status(200);
    let out = |reference: &str| json!({"organisation": mill.id, "amount": "400.00", "bank_reference": reference});
    let money = async || world.balance(mill.id, "CNY", "available").await;
    let task = world.settlement.post("/money/withdrawals", out("OUT-1")).await.with_status(202).clone().granted();
    approves(&second, &task).await.is_refused_with("AUT_NOT_ALLOWED");
    assert_eq!(money().await, "1000.00");
    approves(&head, &task).await.granted();
    assert_eq!(money().await, "600.00");
    world.adopts(&[("four_eyes_withdrawal", "on")]).await.granted();
    let both = world.settlement.post("/money/withdrawals", out("OUT-2")).await.with_status(202).clone().granted();
    approves(&second, &both).await.is_refused_with("AUT_NOT_ALLOWED");
    let own = head.post("/money/withdrawals", out("OUT-3")).await.with_status(202).clone().granted();
    approves(&head, &own).await.is_refused_with("AUT_OWN_PROPOSAL");
    takes_back(&head, &own).await.granted();
    approves(&head, &both).await.granted();
    assert_eq!(money().await, "200.00");
    world.books_are_right().await;
}
