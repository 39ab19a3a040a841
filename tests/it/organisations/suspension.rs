//! What a suspension stops, and what it leaves alone.

use super::{applicant, id};
use crate::support::World;
use crate::support::world::TONGCHENG;
use ganhe::access::Role;
use serde_json::json;

const REASON: &str = "未按规定报告排放数据";

#[tokio::test]
async fn a_suspended_enterprise_does_nothing_new_and_keeps_what_it_has() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let glass = world.buyer("通城玻璃", "100000.00").await;
    let consent = mill.consents(&world.bank, &["COD"]).await;
    let waiting = id(&mill.offers("5.000 t COD", "1000.00", &glass).await.granted());
    let path = format!("/organisations/{}", mill.id);
    world.officer.post(&format!("{path}/suspend"), json!({"reason": REASON})).await.is_refused_with("AUT_NOT_ALLOWED");
    world
        .chibi_officer
        .post(&format!("{path}/suspend"), json!({"reason": REASON}))
        .await
        .is_refused_with("AUT_NOT_ALLOWED");
    world.operator.post(&format!("{path}/suspend"), json!({"reason": REASON})).await.with_status(404);
    let suspended = world.head.post(&format!("{path}/suspend"), json!({"reason": REASON})).await.granted();
    assert_eq!((suspended["state"].as_str(), suspended["reason"].as_str()), (Some("suspended"), Some(REASON)));

    mill.offers("1.000 t COD", "1000.00", &glass).await.with_status(403).is_refused_with("AUT_ORGANISATION_SUSPENDED");
    let body = json!({"pledgee": world.bank.id, "right_classes": [mill.class("COD")], "valid_until": "2023-11-30"});
    mill.client.post("/consents", body).await.is_refused_with("AUT_ORGANISATION_SUSPENDED");
    glass.accepts(waiting).await.with_status(422);
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "committed").await, "5.000", "the hold stays");
    assert_eq!(mill.client.get("/me").await.granted()["organisation_state"], "suspended");
    assert!(!mill.client.get("/balances").await.granted()["items"].as_array().unwrap().is_empty());
    mill.client.post(&format!("/consents/{consent}/withdraw"), json!({})).await.granted();

    world.head.post(&format!("{path}/suspend"), json!({"reason": REASON})).await.is_refused_with("ORG_NOT_VERIFIED");
    world.head.post(&format!("{path}/reinstate"), json!({})).await.with_status(400);
    world.head.post(&format!("{path}/reinstate"), json!({"reason": "已整改"})).await.granted();
    world
        .head
        .post(&format!("{path}/reinstate"), json!({"reason": "已整改"}))
        .await
        .is_refused_with("ORG_NOT_SUSPENDED");
    glass.accepts(waiting).await.granted();
    let records = world.auditor.get(&format!("/decisions?subject={}", mill.id)).await.granted();
    let acts: Vec<&str> = records["items"].as_array().unwrap().iter().map(|one| one["act"].as_str().unwrap()).collect();
    assert_eq!(acts, ["organisation_suspension", "organisation_reinstatement"]);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_suspended_bank_still_releases_and_neither_looks_nor_lends() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let consent = mill.consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(&world, &mill, "60.000 t COD").await;
    let waiting = world.bank.agreed_pledge(&world, &mill, "10.000 t COD").await;
    world.bank.registers(pledge).await.granted();
    world.head.post(&format!("/organisations/{}/suspend", world.bank.id), json!({"reason": REASON})).await.granted();
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "pledged").await, "60.000", "the lien stays");
    world.bank.registers(waiting).await.is_refused_with("AUT_ORGANISATION_SUSPENDED");
    world.bank.applies(&mill, "1.000 t COD").await.is_refused_with("AUT_ORGANISATION_SUSPENDED");
    world
        .bank
        .client
        .post(&format!("/consents/{consent}/look"), json!({}))
        .await
        .is_refused_with("AUT_ORGANISATION_SUSPENDED");
    world.bank.releases(pledge).await.granted();
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "100.000");
    let body = json!({"pledgee": world.bank.id, "right_classes": [mill.class("COD")], "valid_until": "2023-11-30"});
    mill.client.post("/consents", body).await.is_refused_with("ORG_SUSPENDED");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_suspended_office_sees_no_more_than_its_own() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let glass = world.buyer("通城玻璃", "100000.00").await;
    mill.offers("5.000 t COD", "1000.00", &glass).await.granted();
    assert_eq!(world.exchange.get("/offers").await.granted()["items"].as_array().unwrap().len(), 1);
    let exchange = world.exchange.get("/me").await.granted()["organisation"].as_str().unwrap().to_owned();
    let path = format!("/organisations/{exchange}/suspend");
    world.head_of_the_province().await.post(&path, json!({"reason": REASON})).await.with_status(404);
    world.operator.post(&path, json!({"reason": REASON})).await.granted();
    assert_eq!(world.exchange.get("/offers").await.granted()["items"], json!([]));
    let own = world.operator.get("/me").await.granted()["organisation"].as_str().unwrap().to_owned();
    world.operator.post(&format!("/organisations/{own}/suspend"), json!({"reason": REASON})).await.with_status(404);
}

#[tokio::test]
async fn a_suspension_waits_for_nobodys_next_sign_in_and_reaches_another_node_within_its_bound() {
    let world = World::new().await;
    let wang = applicant(&world, "paper.wang").await;
    let path = format!("/organisations/{}", wang.organisation);
    world.officer.post(&format!("{path}/verify"), json!({})).await.granted();
    let shared = {
        let app = &world.app.shared;
        ganhe::app::shared(app.db.clone(), app.tokens.clone(), app.rules.clone())
    };
    let elsewhere = wang.client.moved_to(crate::support::app::serve(shared.clone()).await, &shared);
    for client in [&wang.client, &elsewhere] {
        client.get("/users").await.granted();
    }
    world.head.post(&format!("{path}/suspend"), json!({"reason": REASON})).await.granted();
    let user =
        json!({"organisation": wang.organisation, "login": "paper.li", "name": "李强", "roles": ["enterprise_trader"]});
    wang.client.post("/users", user.clone()).await.is_refused_with("AUT_ORGANISATION_SUSPENDED");
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    elsewhere.post("/users", user).await.is_refused_with("AUT_ORGANISATION_SUSPENDED");
}

#[tokio::test]
async fn a_bureau_rules_on_its_area_only() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let chibi = world.chibi_officer.get("/me").await.granted()["organisation"].as_str().unwrap().parse().unwrap();
    let head = world.member(chibi, crate::support::world::CHIBI, &[Role::BureauHead]).await;
    let path = format!("/organisations/{}/suspend", mill.id);
    head.client.post(&path, json!({"reason": REASON})).await.with_status(404);
    let of_the_county = world.member(chibi, TONGCHENG, &[Role::BureauOfficer]).await;
    of_the_county.client.post(&path, json!({"reason": REASON})).await.is_refused_with("AUT_NOT_ALLOWED");
    world.city_head.post(&path, json!({"reason": REASON})).await.granted();
}
