//! What keeps a sign-in going, and what ends it.

use super::{PASSWORD, Person, SignedIn, other_node, past_the_program, refresh, what_is_remembered_fades};
use crate::support::app;
use crate::support::{Client, World};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::net::SocketAddr;

async fn refreshed(node: SocketAddr, token: &str) -> SignedIn {
    SignedIn::of(node, refresh(node, token).await.granted())
}

fn minutes(world: &World, minutes: i64) {
    world.app.clock.advance(SignedDuration::from_mins(minutes));
}

/// The states of a person's sessions, oldest first.
async fn states(client: &Client) -> Vec<String> {
    let found = client.get("/auth/sessions").await.granted();
    let state = |session: &Value| session["state"].as_str().unwrap().to_owned();
    found["items"].as_array().unwrap().iter().map(state).collect()
}

#[tokio::test]
async fn a_session_goes_on_with_one_refresh_token_after_the_other() {
    let world = World::new().await;
    let node = world.app.address;
    let mut chen = Person::trader(&world, "chen.trader").await.signs_in().await;
    for _ in 0..5 {
        minutes(&world, 16);
        chen.client.get("/me").await.is_refused_with("AUT_TOKEN_EXPIRED");
        let next = refreshed(node, &chen.refresh_token()).await;
        assert_ne!(next.refresh_token(), chen.refresh_token());
        assert_eq!(next.body["session"], chen.body["session"]);
        next.client.get("/me").await.granted();
        chen = next;
    }
    assert_eq!(states(&chen.client).await, ["live"]);
    minutes(&world, 2 * 60);
    refresh(node, &chen.refresh_token()).await.with_status(401).is_refused_with("AUT_REFRESH_INVALID");
    refresh(node, "ganhe_rt_made-up").await.with_status(401).is_refused_with("AUT_REFRESH_INVALID");
}

#[tokio::test]
async fn what_is_long_past_is_forgotten() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await;
    let first = chen.signs_in().await;
    refreshed(world.app.address, &first.refresh_token()).await;
    minutes(&world, 91 * 24 * 60);
    assert_eq!(states(&chen.signs_in().await.client).await, ["live"]);
    let sql = "SELECT COUNT(*) FROM refresh_tokens";
    let rows = crate::tamper::catalogue::rows(world.app.shared.db.reader(), sql).await;
    assert_eq!(rows[0].try_get_by_index::<i64>(0).unwrap(), 1);
}

#[tokio::test]
async fn a_session_lasts_no_longer_than_a_working_day() {
    let world = World::new().await;
    let node = world.app.address;
    let mut chen = Person::trader(&world, "chen.trader").await.signs_in().await;
    for _ in 0..11 {
        minutes(&world, 60);
        chen = refreshed(node, &chen.refresh_token()).await;
    }
    minutes(&world, 60);
    refresh(node, &chen.refresh_token()).await.is_refused_with("AUT_REFRESH_INVALID");
}

#[tokio::test]
async fn a_replayed_refresh_token_ends_the_session_for_both_who_have_it() {
    let world = World::new().await;
    let node = world.app.address;
    let chen = Person::trader(&world, "chen.trader").await;
    let (elsewhere, stolen) = (chen.signs_in().await, chen.signs_in().await);
    let next = refreshed(node, &stolen.refresh_token()).await;
    world.app.clock.advance(SignedDuration::from_secs(31));
    refresh(node, &stolen.refresh_token()).await.with_status(401).is_refused_with("AUT_REFRESH_REPLAYED");
    refresh(node, &next.refresh_token()).await.with_status(401).is_refused_with("AUT_REFRESH_INVALID");
    what_is_remembered_fades().await;
    next.client.get("/me").await.is_refused_with("AUT_TOKEN_WITHDRAWN");
    assert_eq!(states(&elsewhere.client).await, ["live", "refresh_token_replayed"], "the other sign-in stays");
}

#[tokio::test]
async fn a_lost_answer_may_be_asked_for_again_and_a_thief_of_it_is_found_out() {
    let world = World::new().await;
    let node = world.app.address;
    let chen = Person::trader(&world, "chen.trader").await.signs_in().await;
    let lost = refreshed(node, &chen.refresh_token()).await;
    world.app.clock.advance(SignedDuration::from_secs(20));
    let again = refreshed(node, &chen.refresh_token()).await;
    assert_ne!(again.refresh_token(), lost.refresh_token());
    let next = refreshed(node, &again.refresh_token()).await;
    next.client.get("/me").await.granted();
    refresh(node, &lost.refresh_token()).await.is_refused_with("AUT_REFRESH_REPLAYED");
    refresh(node, &next.refresh_token()).await.is_refused_with("AUT_REFRESH_INVALID");
}

#[tokio::test]
async fn once_its_successor_was_used_a_refresh_token_is_a_replay_however_early() {
    let world = World::new().await;
    let node = world.app.address;
    let chen = Person::trader(&world, "chen.trader").await.signs_in().await;
    let next = refreshed(node, &chen.refresh_token()).await;
    refreshed(node, &next.refresh_token()).await;
    refresh(node, &chen.refresh_token()).await.is_refused_with("AUT_REFRESH_REPLAYED");
}

/// Sixteen send one token at the same moment. Each gets an answer, and of what was handed out only the newest is worth anything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_refreshes_at_the_same_moment_one_successor_is_left() {
    let world = World::new().await;
    let node = world.app.address;
    let chen = Person::trader(&world, "chen.trader").await.signs_in().await;
    let token = chen.refresh_token();
    let all: Vec<_> = (0..16)
        .map(|_| {
            let token = token.clone();
            tokio::spawn(async move { refresh(node, &token).await })
        })
        .collect();
    for one in all {
        one.await.unwrap().granted();
    }
    let sql = "SELECT COUNT(*) FROM refresh_tokens WHERE used_at IS NULL";
    let rows = crate::tamper::catalogue::rows(world.app.shared.db.reader(), sql).await;
    assert_eq!(rows[0].try_get_by_index::<i64>(0).unwrap(), 1);
}

#[tokio::test]
async fn who_signs_out_is_out_at_once_and_on_other_nodes_within_the_bound() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await.signs_in().await;
    let other = app::serve(other_node(&world, app::without_second_factor()).await).await;
    let there = Client::nobody(other).with_token(chen.body["access_token"].as_str().unwrap());
    there.get("/me").await.granted();
    let answer = chen.client.post("/auth/logout", json!({})).await.granted();
    assert_eq!(answer, json!({"ended": 1}));
    chen.client.get("/me").await.with_status(401).is_refused_with("AUT_TOKEN_WITHDRAWN");
    what_is_remembered_fades().await;
    there.get("/me").await.with_status(401).is_refused_with("AUT_TOKEN_WITHDRAWN");
    refresh(world.app.address, &chen.refresh_token()).await.is_refused_with("AUT_REFRESH_INVALID");
}

#[tokio::test]
async fn sessions_are_seen_and_ended_by_their_person_alone() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await;
    let wang = Person::trader(&world, "wang.trader").await.signs_in().await;
    let (first, second, third) = (chen.signs_in().await, chen.signs_in().await, chen.signs_in().await);
    let found = third.client.get("/auth/sessions").await.granted();
    let this: Vec<bool> = found["items"].as_array().unwrap().iter().map(|one| one["is_this"] == true).collect();
    assert_eq!(this, [false, false, true]);
    assert_eq!(found["items"][0]["address"], "127.0.0.1");
    let of = |session: &SignedIn| format!("/auth/sessions/{}/end", session.body["session"].as_str().unwrap());
    wang.client.post(&of(&first), json!({})).await.with_status(404).is_refused_with("API_NOT_FOUND");
    assert_eq!(third.client.post(&of(&first), json!({})).await.granted(), json!({"ended": 1}));
    assert_eq!(third.client.post(&of(&first), json!({})).await.granted(), json!({"ended": 0}), "it has ended");
    let rest = json!({"keep_this": true});
    assert_eq!(third.client.post("/auth/sessions/end", rest).await.granted(), json!({"ended": 1}));
    second.client.get("/me").await.is_refused_with("AUT_TOKEN_WITHDRAWN");
    assert_eq!(states(&third.client).await, ["ended", "ended", "live"]);
    assert_eq!(third.client.post("/auth/sessions/end", json!({})).await.granted(), json!({"ended": 1}));
    third.client.get("/me").await.is_refused_with("AUT_TOKEN_WITHDRAWN");
    wang.client.get("/me").await.granted();
}

#[tokio::test]
async fn administrators_end_the_sessions_of_their_own_people_and_the_operator_those_of_anybody() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let chen = Person::join(&world, mill.id, "chen.trader", "enterprise_trader").await;
    let chief = Person::join(&world, mill.id, "mill.chief", "organisation_admin").await.signs_in().await;
    let other = Person::join(&world, world.bank.id, "bank.chief", "organisation_admin").await.signs_in().await;
    let early = chen.signs_in().await;
    let end = format!("/users/{}/sessions/end", chen.id);
    other.client.post(&end, json!({})).await.with_status(404);
    other.client.get(&format!("/users/{}/sessions", chen.id)).await.with_status(404);
    other.client.post(&format!("/users/{}/password-reset", chen.id), json!({})).await.with_status(404);
    other.client.post(&format!("/users/{}/second-factor/removal", chen.id), json!({})).await.with_status(404);
    assert_eq!(chief.client.post(&end, json!({})).await.granted(), json!({"ended": 1}));
    early.client.get("/me").await.is_refused_with("AUT_TOKEN_WITHDRAWN");
    let signed_in = chen.signs_in().await;
    let path = format!("/users/{}/sessions", chen.id);
    world.bank.client.post(&format!("{path}/end"), json!({})).await.with_status(403);
    let found = world.operator.get(&path).await.granted();
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
    let log = world.auditor.get(&format!("/audit/access-log?organisation={}", mill.id)).await.granted();
    assert!(log.to_string().contains("GET /api/v1/users/{id}/sessions"), "the mill sees that the operator has looked");
    assert_eq!(world.operator.post(&format!("{path}/end"), json!({})).await.granted(), json!({"ended": 1}));
    signed_in.client.get("/me").await.is_refused_with("AUT_TOKEN_WITHDRAWN");
    let found = world.operator.get(&path).await.granted();
    assert_eq!(found["items"][1]["state"], "ended_by_administrator");
    let nobody = ganhe::kernel::ids::fresh();
    world.operator.get(&format!("/users/{nobody}/sessions")).await.with_status(404);
}

/// Past the program, so that no node is told of it: only what a node reads anew can tell it.
#[tokio::test]
async fn whoever_is_suspended_or_has_other_roles_is_out_within_the_bound() {
    let world = World::new().await;
    for (login, change) in [
        ("chen.trader", "UPDATE users SET state = 'suspended' WHERE login = 'chen.trader'"),
        ("li.trader", "UPDATE users SET roles = 'reserve_trader' WHERE login = 'li.trader'"),
    ] {
        let person = Person::trader(&world, login).await;
        let signed_in = person.signs_in().await;
        signed_in.client.get("/me").await.granted();
        past_the_program(&world, change).await;
        what_is_remembered_fades().await;
        let refused = signed_in.client.get("/me").await;
        let refreshed = refresh(world.app.address, &signed_in.refresh_token()).await;
        if login == "li.trader" {
            refused.with_status(401).is_refused_with("AUT_TOKEN_WITHDRAWN");
            let now = SignedIn::of(world.app.address, refreshed.granted());
            assert_eq!(now.client.get("/me").await.granted()["roles"], json!(["reserve_trader"]));
        } else {
            refused.with_status(401).is_refused_with("AUT_USER_SUSPENDED");
            refreshed.with_status(401).is_refused_with("AUT_REFRESH_INVALID");
            person.tries(PASSWORD).await.is_refused_with("AUT_WRONG_LOGIN");
        }
    }
}

/// Users of a suspended organisation may see how it stands; the administrator's own doing holds at once.
#[tokio::test]
async fn an_administrator_suspends_a_colleague_who_is_out_at_once() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let chief = Person::join(&world, mill.id, "mill.chief", "organisation_admin").await.signs_in().await;
    let chen = Person::join(&world, mill.id, "chen.trader", "enterprise_trader").await;
    let signed_in = chen.signs_in().await;
    signed_in.client.get("/offers").await.granted();
    let roles = json!({"roles": ["enterprise_approver"]});
    chief.client.post(&format!("/users/{}/roles", chen.id), roles).await.granted();
    signed_in.client.get("/offers").await.with_status(401).is_refused_with("AUT_TOKEN_WITHDRAWN");
    let now = refreshed(world.app.address, &signed_in.refresh_token()).await;
    assert_eq!(now.client.get("/me").await.granted()["roles"], json!(["enterprise_approver"]));
    chief.client.post(&format!("/users/{}/suspend", chen.id), json!({})).await.granted();
    now.client.get("/offers").await.with_status(401).is_refused_with("AUT_USER_SUSPENDED");
    refresh(world.app.address, &now.refresh_token()).await.with_status(401).is_refused_with("AUT_REFRESH_INVALID");
    chief.client.post(&format!("/users/{}/reinstate", chen.id), json!({})).await.granted();
    now.client.get("/offers").await.with_status(401).is_refused_with("AUT_TOKEN_WITHDRAWN");
    refresh(world.app.address, &now.refresh_token()).await.with_status(401).is_refused_with("AUT_REFRESH_INVALID");
    let anew = chen.signs_in().await;
    anew.client.get("/offers").await.granted();
    chief.client.post(&format!("/users/{}/suspend", chen.id), json!({})).await.granted();
    anew.client.get("/offers").await.with_status(401).is_refused_with("AUT_USER_SUSPENDED");
    refresh(world.app.address, &now.refresh_token()).await.is_refused_with("AUT_REFRESH_INVALID");
    chen.tries(PASSWORD).await.is_refused_with("AUT_WRONG_LOGIN");
    let path = format!("/organisations/{}/suspend", mill.id);
    world.head.post(&path, json!({"reason": "未按规定报告排放数据"})).await.granted();
    assert_eq!(chief.client.get("/me").await.granted()["organisation_state"], "suspended");
    chief.client.post("/auth/logout", json!({})).await.granted();
}

/// Neither tokens nor refresh tokens stand anywhere in the clear.
#[tokio::test]
async fn what_signing_in_answers_is_kept_under_no_key() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await.signs_in().await;
    refreshed(world.app.address, &chen.refresh_token()).await;
    for (table, column) in [("command_keys", "answer"), ("evidence", "content"), ("refusals", "violations")] {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} LIKE '%ganhe_rt_%' OR {column} LIKE '%eyJ%'");
        let rows = crate::tamper::catalogue::rows(world.app.shared.db.reader(), &sql).await;
        assert_eq!(rows[0].try_get_by_index::<i64>(0).unwrap(), 0, "{table}");
    }
}
