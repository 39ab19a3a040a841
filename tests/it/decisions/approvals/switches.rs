//! The switches themselves: who sets them, and who agrees to asking for less.

use super::{Mill, seen, sets, switches_of, takes_back};
use crate::decisions::{approves, id, inbox, refuses};
use crate::support::world::TONGCHENG;
use crate::support::{Answer, World};
use ganhe::access::Role;
use serde_json::json;

#[tokio::test]
async fn the_administrator_switches_and_nobody_else_does() {
    let mill = Mill::asking_for(&[]).await;
    let path = switches_of(mill.own.id);
    let before = mill.wang.client.get(&path).await.granted();
    assert_eq!((&before["acts"], &before["version"], &before["set_by"]), (&json!([]), &json!(0), &json!(null)));
    let possible = [
        "application",
        "offer",
        "offer_acceptance",
        "listing",
        "purchase",
        "surrender_proposal",
        "buy_back_agreement",
        "pledge_acceptance",
        "facility_acceptance",
        "consent",
    ];
    assert_eq!(before["possible"], json!(possible));
    for member in [&mill.li, &mill.zhao] {
        sets(member, &["offer"]).await.with_status(403).is_refused_with("AUT_NOT_ALLOWED");
    }
    let foreign = mill.world.member(mill.glass.id, TONGCHENG, &[Role::OrganisationAdmin]).await;
    foreign.client.get(&path).await.with_status(404);
    foreign.client.post(&path, json!({"acts": ["offer"]})).await.with_status(404);
    mill.world.head.get(&path).await.with_status(404);
    mill.asks_for(&["withdrawal"]).await.is_refused_with("ORG_NO_SUCH_APPROVAL");
    mill.asks_for(&["lunch"]).await.is_refused_with("API_UNKNOWN_WORD");
    sets(&foreign, &["offer"]).await.is_refused_with("ORG_NO_APPROVER");
    let set = mill.asks_for(&["consent", "offer", "offer"]).await.granted();
    assert_eq!((&set["acts"], &set["version"]), (&json!(["offer", "consent"]), &json!(1)));
    assert_eq!(set["set_by"], json!(mill.wang.id));
    let stale = mill.wang.client.request(reqwest::Method::POST, &path).header("If-Match", "\"0\"");
    let stale =
        stale.header("Idempotency-Key", "once").json(&json!({"acts": ["offer", "consent", "offer_acceptance"]}));
    Answer::of(stale).await.with_status(412);
    assert_eq!(mill.li.client.get(&path).await.granted(), set, "everybody of the mill sees what it asks for");
    mill.world.auditor.get(&path).await.granted();
    let log = mill.li.client.get("/access-log?limit=200").await.granted();
    let told = log["items"].as_array().unwrap().iter();
    let looks = told.filter(|read| read["operation"] == "GET /api/v1/organisations/{id}/approvals").count();
    assert_eq!(looks, 1, "the auditor's look is told: {log:#}");
    mill.world.books_are_right().await;
}

#[tokio::test]
async fn asking_for_less_waits_for_one_of_those_who_approve() {
    let mill = Mill::asking_for(&["offer", "consent"]).await;
    let acts = async || mill.wang.client.get(&switches_of(mill.own.id)).await.granted()["acts"].clone();
    let less = mill.asks_for(&["consent"]).await.with_status(202).clone().granted();
    assert_eq!((&less["act"], &less["permission"]), (&json!("approvals"), &json!("approve_act")));
    assert_eq!((&less["subject"], &less["proposed_by"]), (&json!(mill.own.id), &json!(mill.wang.id)));
    assert_eq!(acts().await, json!(["offer", "consent"]), "nothing has changed");
    mill.asks_for(&[]).await.is_refused_with("TSK_WAITS_ALREADY");
    approves(&mill.wang.client, &less).await.is_refused_with("AUT_NOT_ALLOWED");
    approves(&mill.li.client, &less).await.is_refused_with("AUT_NOT_ALLOWED");
    approves(&mill.glass.client, &less).await.is_refused_with("API_NOT_FOUND");
    refuses(&mill.zhao.client, &less, "仍有需要").await.granted();
    assert_eq!(acts().await, json!(["offer", "consent"]));
    let again = mill.asks_for(&["consent"]).await.with_status(202).clone().granted();
    approves(&mill.zhao.client, &again).await.granted();
    assert_eq!(acts().await, json!(["consent"]));
    mill.offer_is_made_at_once().await;
    let none = mill.asks_for(&[]).await.with_status(202).clone().granted();
    takes_back(&mill.li.client, &none).await.is_refused_with("TSK_NOT_YOUR_PROPOSAL");
    takes_back(&mill.wang.client, &none).await.granted();
    assert_eq!(acts().await, json!(["consent"]));
    mill.world.books_are_right().await;
}

#[tokio::test]
async fn whoever_keeps_the_switches_and_approves_does_not_agree_with_themself() {
    let mill = Mill::asking_for(&["offer"]).await;
    let sun = mill.world.member(mill.own.id, TONGCHENG, &[Role::OrganisationAdmin, Role::EnterpriseApprover]).await;
    let less = sets(&sun, &[]).await.with_status(202).clone().granted();
    approves(&sun.client, &less).await.with_status(403).is_refused_with("AUT_OWN_PROPOSAL");
    approves(&mill.qian.client, &less).await.granted();
    assert_eq!(mill.wang.client.get(&switches_of(mill.own.id)).await.granted()["acts"], json!([]));
}

#[tokio::test]
async fn what_changed_meanwhile_is_not_switched_off_with_the_rest() {
    let mill = Mill::asking_for(&["offer"]).await;
    let none = mill.asks_for(&[]).await.with_status(202).clone().granted();
    mill.asks_for(&["offer", "consent"]).await.with_status(200);
    approves(&mill.zhao.client, &none).await.with_status(412).is_refused_with("API_STALE_VERSION");
    assert_eq!(seen(&mill.zhao.client, &none).await["state"], "open", "Zhao is told, and may refuse it");
    refuses(&mill.zhao.client, &none, "已变更").await.granted();
    assert_eq!(mill.wang.client.get(&switches_of(mill.own.id)).await.granted()["acts"], json!(["offer", "consent"]));
}

#[tokio::test]
async fn somebody_who_approves_stays_while_anything_waits_for_them() {
    let mill = Mill::asking_for(&["offer"]).await;
    let suspend =
        async |member: &super::Member| mill.wang.client.post(&format!("/users/{}/suspend", member.id), json!({})).await;
    suspend(&mill.qian).await.granted();
    suspend(&mill.zhao).await.is_refused_with("ORG_LAST_APPROVER");
    let trader = json!({"roles": ["enterprise_trader"]});
    let roles = format!("/users/{}/roles", mill.zhao.id);
    mill.wang.client.post(&roles, trader.clone()).await.is_refused_with("ORG_LAST_APPROVER");
    let none = mill.asks_for(&[]).await.with_status(202).clone().granted();
    approves(&mill.zhao.client, &none).await.granted();
    mill.wang.client.post(&roles, trader).await.granted();
    mill.asks_for(&["offer"]).await.is_refused_with("ORG_NO_APPROVER");
}

#[tokio::test]
async fn banks_the_settlement_bank_and_the_reserve_have_switches_of_their_own_and_other_offices_have_none() {
    let world = World::new().await;
    let chen = world.member(world.bank.id, TONGCHENG, &[Role::OrganisationAdmin]).await;
    world.member(world.bank.id, TONGCHENG, &[Role::PledgeeApprover]).await;
    sets(&chen, &["offer"]).await.is_refused_with("ORG_NO_SUCH_APPROVAL");
    sets(&chen, &["pledge_release"]).await.with_status(200);
    let desk = world.member(world.settlement_bank, "421200", &[Role::OrganisationAdmin]).await;
    sets(&desk, &["withdrawal"]).await.is_refused_with("ORG_NO_APPROVER");
    world.settlement_head().await;
    sets(&desk, &["withdrawal"]).await.with_status(200);
    let keeper = world.member(world.reserve.id, "421200", &[Role::OrganisationAdmin]).await;
    assert_eq!(
        keeper.client.get(&switches_of(world.reserve.id)).await.granted()["possible"],
        json!(["offer", "listing"])
    );
    sets(&keeper, &["offer"]).await.is_refused_with("ORG_NO_APPROVER");
    world.member(world.reserve.id, "421200", &[Role::ReserveApprover]).await;
    sets(&keeper, &["offer"]).await.with_status(200);
    sets(&keeper, &["consent"]).await.is_refused_with("ORG_NO_SUCH_APPROVAL");
    let exchange = world.exchange.get("/me").await.granted()["organisation"].as_str().unwrap().parse().unwrap();
    let office = world.member(exchange, "421200", &[Role::OrganisationAdmin]).await;
    world.member(exchange, "421200", &[Role::ExchangeApprover]).await;
    assert_eq!(office.client.get(&switches_of(exchange)).await.granted()["possible"], json!([]));
    sets(&office, &["offer"]).await.is_refused_with("ORG_NO_SUCH_APPROVAL");
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_administrators_at_once_set_one_after_the_other_and_lose_nothing_unasked() {
    let mill = Mill::asking_for(&[]).await;
    let sun = mill.world.member(mill.own.id, TONGCHENG, &[Role::OrganisationAdmin]).await;
    let (one, other) = tokio::join!(sets(&mill.wang, &["offer"]), sets(&sun, &["consent"]));
    let mut told = [one.status.as_u16(), other.status.as_u16()];
    told.sort_unstable();
    assert_eq!(told, [200, 202], "the second would take the first one's act out: {:#} {:#}", one.body, other.body);
    let waits = inbox(&mill.zhao.client).await;
    assert_eq!(waits.len(), 1);
    approves(&mill.zhao.client, &waits[0]).await.granted();
    let now = mill.wang.client.get(&switches_of(mill.own.id)).await.granted();
    assert_eq!((now["version"].as_i64(), now["set_by"].clone()), (Some(2), json!(mill.zhao.id)));
    let versions = format!("/audit/records?table=approval_rules&key={}", mill.own.id);
    assert_eq!(mill.world.auditor.get(&versions).await.granted()["items"].as_array().unwrap().len(), 2);
    assert_ne!(id(&waits[0]), mill.own.id);
    mill.world.books_are_right().await;
}

impl Mill {
    async fn offer_is_made_at_once(&self) {
        let offer =
            id(&self.own.offers("1.000 t COD", "8790.00", &self.glass).await.with_status(201).clone().granted());
        self.li.client.post(&format!("/offers/{offer}/withdraw"), json!({})).await.granted();
    }
}
