//! Somebody hands their roles over for a while, and four eyes stay four eyes.

use super::id;
use crate::support::World;
use crate::support::world::{Enterprise, Member, TONGCHENG};
use ganhe::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// The bureau of the stories: Zhao is an officer, Qian a head, Sun an officer too.
struct Bureau {
    world: World,
    mill: Enterprise,
    zhao: Member,
    qian: Member,
    sun: Member,
}

impl Bureau {
    async fn new() -> Self {
        let world = World::new().await;
        let mill = world.enterprise("临江纸业").await;
        let own: Uuid = world.officer.get("/me").await.granted()["organisation"].as_str().unwrap().parse().unwrap();
        Self {
            zhao: world.member(own, TONGCHENG, &[Role::BureauOfficer]).await,
            qian: world.member(own, TONGCHENG, &[Role::BureauHead]).await,
            sun: world.member(own, TONGCHENG, &[Role::BureauOfficer]).await,
            world,
            mill,
        }
    }

    async fn proposal(&self, by: &Member) -> Uuid {
        let body = json!({
            "site": self.mill.site, "pollutant": "COD", "origin": "paid", "zone": "LUSHUI",
            "valid_from": "2021-01-01", "valid_to": "2025-12-31", "quantity": "1.000", "document": "核定2022-001",
        });
        id(&by.client.post("/allocations", body).await.granted())
    }

    async fn hands(&self, from: &Member, to: &Member, until: &str) -> Uuid {
        id(&from.client.post("/delegations", json!({"delegate": to.id, "until": until})).await.granted())
    }
}

fn confirmation(allocation: Uuid) -> String {
    format!("/allocations/{allocation}/confirm")
}

#[tokio::test]
async fn a_delegate_acts_in_the_heads_place_until_the_clock_ends_it_and_both_are_named() {
    let bureau = Bureau::new().await;
    let first = bureau.proposal(&bureau.zhao).await;
    let (sun, qian) = (&bureau.sun, &bureau.qian);
    sun.client.post(&confirmation(first), json!({})).await.is_refused_with("AUT_NOT_ALLOWED");
    let body = json!({
        "delegate": sun.id, "roles": ["bureau_head"], "from": "2022-12-01T12:00:00+08:00", "until": "2022-12-08T00:00:00+08:00",
    });
    let given = qian.client.post("/delegations", body).await.granted();
    assert_eq!(given["state"], "coming");
    let acting = sun.client.acting_for(id(&given));
    acting.post(&confirmation(first), json!({})).await.with_status(403).is_refused_with("AUT_NO_DELEGATION");
    for _ in 0..3 {
        bureau.world.an_hour_passes();
    }
    sun.client.post(&confirmation(first), json!({})).await.is_refused_with("AUT_NOT_ALLOWED");
    acting.post(&confirmation(first), json!({})).await.granted();
    let path = format!("/delegations/{}", id(&given));
    let acts = qian.client.get(&format!("{path}/acts")).await.granted();
    let told: Vec<(&str, &str)> = acts["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| {
            assert_eq!(
                (act["delegate"].as_str(), act["principal"].as_str()),
                (Some(&*sun.id.to_string()), Some(&*qian.id.to_string()))
            );
            (act["act_kind"].as_str().unwrap(), act["permission"].as_str().unwrap())
        })
        .collect();
    let mut kinds = told.clone();
    kinds.sort_unstable();
    assert_eq!(kinds, [("decision", "decide_allocation"), ("journal", "decide_allocation")]);
    let decisions = bureau.world.auditor.get(&format!("/decisions?subject={first}")).await.granted();
    assert_eq!(decisions["items"][0]["decided_by"], sun.id.to_string());
    bureau.world.days_pass(7);
    let second = bureau.proposal(&bureau.zhao).await;
    acting.post(&confirmation(second), json!({})).await.is_refused_with("AUT_NO_DELEGATION");
    assert_eq!(qian.client.get(&path).await.granted()["state"], "ended");
    bureau.world.books_are_right().await;
}

#[tokio::test]
async fn the_four_eyes_see_through_a_delegation() {
    let bureau = Bureau::new().await;
    let (zhao, qian, sun) = (&bureau.zhao, &bureau.qian, &bureau.sun);
    let before = bureau.proposal(zhao).await;
    let lent = bureau.hands(zhao, qian, "2022-12-03T00:00:00+08:00").await;
    let refused = qian.client.post(&confirmation(before), json!({})).await;
    refused.with_status(403).is_refused_with("AUT_BOUND_TO_PROPOSER");
    let in_zhaos_place = Member { client: qian.client.acting_for(lent), ..qian.clone() };
    let his = bureau.proposal(&in_zhaos_place).await;
    qian.client.post(&confirmation(his), json!({})).await.is_refused_with("AUT_OWN_PROPOSAL");
    let heads = bureau.hands(qian, sun, "2022-12-03T00:00:00+08:00").await;
    let acting = sun.client.acting_for(heads);
    acting.post(&confirmation(his), json!({})).await.is_refused_with("AUT_OWN_PROPOSAL");
    acting.post(&confirmation(before), json!({})).await.is_refused_with("AUT_BOUND_TO_PROPOSER");
    bureau.world.city_head.post(&confirmation(before), json!({})).await.granted();
    bureau.world.days_pass(3);
    qian.client.post(&confirmation(his), json!({})).await.is_refused_with("AUT_OWN_PROPOSAL");
    let after = bureau.proposal(zhao).await;
    qian.client.post(&confirmation(after), json!({})).await.granted();
    bureau.world.books_are_right().await;
}

#[tokio::test]
async fn what_was_handed_over_is_taken_back_at_once_and_dies_with_the_role() {
    let bureau = Bureau::new().await;
    let (qian, sun) = (&bureau.qian, &bureau.sun);
    let allocation = bureau.proposal(&bureau.zhao).await;
    let delegation = bureau.hands(qian, sun, "2022-12-31T00:00:00+08:00").await;
    let path = format!("/delegations/{delegation}/revoke");
    bureau.mill.client.post(&path, json!({})).await.with_status(404);
    sun.client.post(&path, json!({})).await.with_status(404);
    qian.client.post(&path, json!({})).await.granted();
    sun.client
        .acting_for(delegation)
        .post(&confirmation(allocation), json!({}))
        .await
        .is_refused_with("AUT_NO_DELEGATION");
    qian.client.post(&path, json!({})).await.is_refused_with("AUT_DELEGATION_OVER");
    let again = bureau.hands(qian, sun, "2022-12-31T00:00:00+08:00").await;
    let keeper = bureau.world.member(qian.organisation, TONGCHENG, &[Role::OrganisationAdmin]).await;
    keeper.client.post(&format!("/users/{}/roles", qian.id), json!({"roles": ["bureau_officer"]})).await.granted();
    let acting = sun.client.acting_for(again);
    acting.post(&confirmation(allocation), json!({})).await.is_refused_with("AUT_NOT_ALLOWED");
    keeper.client.post(&format!("/users/{}/suspend", qian.id), json!({})).await.granted();
    acting.get("/allocations").await.is_refused_with("AUT_NO_DELEGATION");
    keeper.client.post(&format!("/delegations/{again}/revoke"), json!({})).await.granted();
}

#[tokio::test]
async fn a_delegation_that_cannot_stand_is_refused_with_all_that_stands_against_it() {
    let bureau = Bureau::new().await;
    let (qian, sun) = (&bureau.qian, &bureau.sun);
    let give = async |body: Value| qian.client.post("/delegations", body).await;
    let until = "2022-12-31T00:00:00+08:00";
    give(json!({"delegate": qian.id, "until": until})).await.is_refused_with("AUT_DELEGATION_TO_ONESELF");
    let stranger = bureau.world.member(bureau.mill.id, TONGCHENG, &[Role::EnterpriseTrader]).await;
    let foreign = give(json!({"delegate": stranger.id, "until": until})).await;
    let unknown = give(json!({"delegate": Uuid::nil(), "until": until})).await;
    assert_eq!((foreign.status, foreign.codes()), (unknown.status, unknown.codes()));
    let all = give(json!({"delegate": stranger.id, "roles": ["auditor"], "until": "2022-11-30T00:00:00+08:00"})).await;
    assert_eq!(all.codes(), ["ORG_UNKNOWN_USER", "AUT_DELEGATION_OF_OTHER_ROLE", "AUT_DELEGATION_SPAN"]);
    let spans = [
        ("2022-12-02T00:00:00+08:00", "2022-12-02T00:00:00+08:00"),
        ("2022-11-30T00:00:00+08:00", until),
        ("2022-12-02T00:00:00+08:00", "2024-12-31T00:00:00+08:00"),
    ];
    for (from, until) in spans {
        give(json!({"delegate": sun.id, "from": from, "until": until})).await.is_refused_with("AUT_DELEGATION_SPAN");
    }
    let delegation = bureau.hands(qian, sun, until).await;
    let onwards = sun
        .client
        .acting_for(delegation)
        .post("/delegations", json!({"delegate": bureau.zhao.id, "until": until}))
        .await;
    onwards.with_status(403).is_refused_with("AUT_DELEGATION_ONWARDS");
    for forged in ["not-an-id".to_owned(), Uuid::nil().to_string()] {
        sun.client.acting_for(forged).get("/allocations").await.is_refused_with("AUT_NO_DELEGATION");
    }
    bureau.zhao.client.acting_for(delegation).get("/allocations").await.is_refused_with("AUT_NO_DELEGATION");
}
