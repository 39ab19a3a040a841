//! An organisation's administrator keeps its users.

use super::id;
use crate::support::World;
use crate::support::world::{Enterprise, Member, TONGCHENG};
use ganhe::access::Role;
use serde_json::{Value, json};

async fn administrator(world: &World, mill: &Enterprise) -> Member {
    world.member(mill.id, TONGCHENG, &[Role::OrganisationAdmin]).await
}

fn newcomer(mill: &Enterprise, login: &str, roles: &[&str]) -> Value {
    json!({"organisation": mill.id, "login": login, "name": "李强", "roles": roles})
}

#[tokio::test]
async fn an_administrator_registers_a_colleague_changes_their_roles_and_suspends_them() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000.00").await;
    let wang = administrator(&world, &mill).await;
    let registered = wang.client.post("/users", newcomer(&mill, "paper.li", &["enterprise_trader"])).await.granted();
    let li = world.signed_in(id(&registered), mill.id, TONGCHENG, &[Role::EnterpriseTrader]);
    let offering = Enterprise { client: li.client.clone(), ..mill.clone() };
    let offer = id(&offering.offers("1.000 t COD", "1000.00", &glass).await.granted());
    let path = format!("/users/{}", li.id);
    assert_eq!(wang.client.get(&path).await.granted()["version"], 1);
    let changed =
        wang.client.post(&format!("{path}/roles"), json!({"roles": ["organisation_admin", "enterprise_trader"]})).await;
    assert_eq!(changed.granted()["roles"], json!(["organisation_admin", "enterprise_trader"]));
    assert_eq!(wang.client.post(&format!("{path}/suspend"), json!({})).await.granted()["state"], "suspended");
    li.client.get("/offers").await.with_status(401).is_refused_with("AUT_USER_SUSPENDED");
    li.client.post(&format!("/offers/{offer}/withdraw"), json!({})).await.is_refused_with("AUT_USER_SUSPENDED");
    wang.client.post(&format!("{path}/suspend"), json!({})).await.is_refused_with("ORG_USER_STATE");
    wang.client.post(&format!("{path}/reinstate"), json!({})).await.granted();
    li.client.get("/offers").await.granted();
    assert_eq!(wang.client.get(&path).await.granted()["version"], 4);
    world.books_are_right().await;
}

#[tokio::test]
async fn nobody_raises_themself_and_no_role_is_given_that_does_not_fit() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let (wang, li) =
        (administrator(&world, &mill).await, world.member(mill.id, TONGCHENG, &[Role::EnterpriseTrader]).await);
    let own = format!("/users/{}", wang.id);
    let all = json!({"roles": ["organisation_admin", "enterprise_trader"]});
    wang.client.post(&format!("{own}/roles"), all.clone()).await.with_status(403).is_refused_with("ORG_OWN_MEMBERSHIP");
    wang.client.post(&format!("{own}/suspend"), json!({})).await.is_refused_with("ORG_OWN_MEMBERSHIP");
    li.client.post(&format!("/users/{}/roles", li.id), all).await.is_refused_with("AUT_NOT_ALLOWED");
    let path = format!("/users/{}/roles", li.id);
    for role in ["bureau_officer", "operator", "auditor", "pledgee_officer"] {
        wang.client.post(&path, json!({"roles": [role]})).await.is_refused_with("ORG_ROLE_MISMATCH");
        wang.client.post("/users", newcomer(&mill, "paper.spy", &[role])).await.is_refused_with("ORG_ROLE_MISMATCH");
    }
    wang.client.post(&path, json!({"roles": []})).await.is_refused_with("API_BAD_COUNT");
    wang.client.post(&path, json!({"roles": ["king"]})).await.is_refused_with("API_UNKNOWN_WORD");
    let stale = wang.client.request(reqwest::Method::POST, &path).header("If-Match", "\"7\"");
    let stale = stale.header("Idempotency-Key", "stale").json(&json!({"roles": ["enterprise_trader"]}));
    crate::support::Answer::of(stale).await.with_status(412);
}

#[tokio::test]
async fn staff_of_an_office_holds_no_enterprise_role_whoever_gives_it() {
    let world = World::new().await;
    let bureau = world.officer.get("/me").await.granted()["organisation"].as_str().unwrap().parse().unwrap();
    let keeper = world.member(bureau, TONGCHENG, &[Role::OrganisationAdmin]).await;
    for client in [&keeper.client, &world.operator] {
        for role in ["enterprise_trader", "reserve_trader"] {
            let body = json!({"organisation": bureau, "login": "bureau.trader", "name": "双重身份", "roles": [role]});
            client.post("/users", body).await.is_refused_with("ORG_ROLE_MISMATCH");
        }
    }
}

#[tokio::test]
async fn an_administrator_reaches_nobody_of_another_organisation() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    let (wang, stranger) = (administrator(&world, &mill).await, administrator(&world, &glass).await);
    let path = format!("/users/{}", wang.id);
    stranger.client.get(&path).await.with_status(404);
    stranger.client.post(&format!("{path}/roles"), json!({"roles": ["enterprise_trader"]})).await.with_status(404);
    stranger.client.post(&format!("{path}/suspend"), json!({})).await.with_status(404);
    stranger.client.post("/users", newcomer(&mill, "paper.spy", &["enterprise_trader"])).await.with_status(404);
    let taken = newcomer(&glass, "member.taken", &["enterprise_trader"]);
    stranger.client.post("/users", taken.clone()).await.granted();
    let taken =
        json!({"organisation": mill.id, "login": "member.taken", "name": "李强", "roles": ["enterprise_trader"]});
    wang.client.post("/users", taken).await.is_refused_with("AUT_LOGIN_TAKEN");
}

#[tokio::test]
async fn two_administrators_who_suspend_each_other_leave_one_of_them() {
    let world = World::new().await;
    for round in 0..5 {
        let mill = world.enterprise(&format!("临江纸业{round}")).await;
        let (wang, li) = (administrator(&world, &mill).await, administrator(&world, &mill).await);
        let (of_wang, of_li) = (format!("/users/{}/suspend", wang.id), format!("/users/{}/suspend", li.id));
        let (by_wang, by_li) = tokio::join!(wang.client.post(&of_li, json!({})), li.client.post(&of_wang, json!({})));
        let granted = [&by_wang, &by_li].iter().filter(|answer| answer.status.is_success()).count();
        assert_eq!(granted, 1, "{:#} {:#}", by_wang.body, by_li.body);
        let users = world.auditor.get("/users?limit=200").await.granted();
        let active = users["items"].as_array().unwrap().iter().filter(|user| {
            user["organisation"] == mill.id.to_string()
                && user["state"] == "active"
                && user["roles"] == json!(["organisation_admin"])
        });
        assert_eq!(active.count(), 1);
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let (wang, li) = (administrator(&world, &mill).await, administrator(&world, &mill).await);
    wang.client.post(&format!("/users/{}/roles", li.id), json!({"roles": ["enterprise_trader"]})).await.granted();
    let hour = json!({"delegate": li.id, "until": "2022-12-01T18:00:00+08:00"});
    let delegation = id(&wang.client.post("/delegations", hour).await.granted());
    let acting = li.client.acting_for(delegation);
    acting.post(&format!("/users/{}/suspend", wang.id), json!({})).await.is_refused_with("ORG_OWN_MEMBERSHIP");
    acting
        .post(&format!("/users/{}/roles", li.id), json!({"roles": ["organisation_admin"]}))
        .await
        .is_refused_with("ORG_OWN_MEMBERSHIP");
}
