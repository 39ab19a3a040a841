//! Keys of access tokens: they change while people are signed in, and nobody else's key is one.

use super::{Person, other_node};
use crate::support::app;
use crate::support::{Client, World};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ganhe::access::token::{TokenKey, Tokens};
use ganhe::identity::keys::rotate;
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::Sha256;
use std::net::SocketAddr;

async fn published(node: SocketAddr) -> Vec<String> {
    let keys = Client::nobody(node).get("/.well-known/jwks.json").await.granted();
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn part(token: &str, at: usize) -> Value {
    let part = token.split('.').nth(at).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn key_of(client: &super::SignedIn) -> String {
    part(client.body["access_token"].as_str().unwrap(), 0)["kid"].as_str().unwrap().to_owned()
}

/// Longer than a node goes without reading the keys again.
async fn nodes_read_the_keys_again() {
    tokio::time::sleep(std::time::Duration::from_millis(5_100)).await;
}

#[tokio::test]
async fn keys_change_under_people_who_are_signed_in() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await;
    let other = app::serve(other_node(&world, app::without_second_factor()).await).await;
    let before = chen.signs_in().await;
    let old = key_of(&before);
    assert_eq!(published(other).await, std::slice::from_ref(&old));
    let (new, _) = rotate(&world.app.shared.db, false).await.unwrap();
    let new = new.0.simple().to_string();
    nodes_read_the_keys_again().await;
    assert_eq!(published(other).await, [old.clone(), new.clone()], "it is published before it signs");
    assert_eq!(key_of(&chen.signs_in().await), old);
    world.app.clock.advance(SignedDuration::from_mins(10));
    let after = chen.at(other).signs_in().await;
    assert_eq!(key_of(&after), new);
    before.client.get("/me").await.granted();
    Client::nobody(world.app.address)
        .with_token(after.body["access_token"].as_str().unwrap())
        .get("/me")
        .await
        .granted();
    world.app.clock.advance(SignedDuration::from_mins(15));
    assert_eq!(published(other).await, std::slice::from_ref(&new));
    before.client.get("/me").await.is_refused_with("AUT_TOKEN_INVALID");
    rotate(&world.app.shared.db, false).await.unwrap();
    let sql = "SELECT COUNT(*) FROM token_keys WHERE private_key = ''";
    let rows = crate::tamper::catalogue::rows(world.app.shared.db.reader(), sql).await;
    assert_eq!(rows[0].try_get_by_index::<i64>(0).unwrap(), 1, "what no longer checks a token is wiped");
    let operator = Client::of(world.app.address, &world.app.shared, &world.app.operator);
    assert!(operator.get("/me").await.status.is_success());
    world.app.clock.advance(SignedDuration::from_secs(-60));
}

#[tokio::test]
async fn the_tokens_of_a_suspected_key_end_and_sessions_go_on() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await.signs_in().await;
    let other = app::serve(other_node(&world, app::without_second_factor()).await).await;
    chen.client.get("/me").await.granted();
    rotate(&world.app.shared.db, true).await.unwrap();
    nodes_read_the_keys_again().await;
    for node in [world.app.address, other] {
        let client = Client::nobody(node).with_token(chen.body["access_token"].as_str().unwrap());
        client.get("/me").await.with_status(401).is_refused_with("AUT_TOKEN_INVALID");
    }
    let next = super::refresh(other, &chen.refresh_token()).await.granted();
    super::SignedIn::of(world.app.address, next).client.get("/me").await.granted();
}

/// A node that has not read the keys for seconds still knows a token of the newest one.
#[tokio::test]
async fn a_token_of_a_key_that_a_node_does_not_know_yet_makes_it_look() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await;
    let stale = app::serve(other_node(&world, app::without_second_factor()).await).await;
    rotate(&world.app.shared.db, true).await.unwrap();
    let fresh = app::serve(other_node(&world, app::without_second_factor()).await).await;
    let signed_in = chen.at(fresh).signs_in().await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let client = Client::nobody(stale).with_token(signed_in.body["access_token"].as_str().unwrap());
    client.get("/me").await.granted();
}

#[tokio::test]
async fn the_same_request_is_known_again_after_the_keys_have_changed() {
    let world = World::new().await;
    let body = json!({"organisation": world.settlement_bank, "login": "desk", "name": "柜员", "roles": ["settlement_officer"]});
    let first = world.operator.post_with_key("/users", body.clone(), "k").await.granted();
    rotate(&world.app.shared.db, true).await.unwrap();
    let fresh = other_node(&world, app::without_second_factor()).await;
    let node = app::serve(fresh.clone()).await;
    let operator = Client::of(node, &fresh, &world.app.operator);
    assert_eq!(operator.post_with_key("/users", body, "k").await.granted(), first);
}

fn text(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[tokio::test]
async fn nobody_gets_in_with_a_token_that_was_not_made_here() {
    let world = World::new().await;
    let node = world.app.address;
    let chen = Person::trader(&world, "chen.trader").await.signs_in().await;
    let token = chen.body["access_token"].as_str().unwrap();
    let (header, claims) = (part(token, 0), part(token, 1));
    assert_eq!((&header["typ"], &header["alg"], &claims["amr"]), (&json!("at+jwt"), &json!("EdDSA"), &json!(["pwd"])));
    let parts: Vec<&str> = token.split('.').collect();
    let jwks = Client::nobody(node).get("/.well-known/jwks.json").await.granted();
    let public = URL_SAFE_NO_PAD.decode(jwks["keys"][0]["x"].as_str().unwrap()).unwrap();
    let with = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        header
    };
    let hmac = |key: &[u8]| {
        let signed = format!("{}.{}", text(&with("alg", json!("HS256"))), parts[1]);
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    };
    let now = world.app.clock.wall_now();
    let stranger = Tokens::new(vec![TokenKey::fresh(now, now).unwrap()], "stranger").unwrap();
    let (of_a_stranger, _) = stranger.sign(&world.app.operator, now).unwrap();
    let of_stranger: Vec<&str> = of_a_stranger.split('.').collect();
    let mut raised = claims.clone();
    raised["roles"] = json!(["operator"]);
    let forged = [
        ("alg none", format!("{}.{}.", text(&with("alg", json!("none"))), parts[1])),
        ("alg none, signed", format!("{}.{}.{}", text(&with("alg", json!("none"))), parts[1], parts[2])),
        ("HS256 with the public key", hmac(&public)),
        ("HS256 with the public key as text", hmac(jwks["keys"][0]["x"].as_str().unwrap().as_bytes())),
        ("another key", of_a_stranger.clone()),
        ("another key under our name", format!("{}.{}.{}", parts[0], of_stranger[1], of_stranger[2])),
        ("an unknown kid", format!("{}.{}.{}", text(&with("kid", json!("x"))), parts[1], parts[2])),
        ("no kid", format!("{}.{}.{}", text(&with("kid", Value::Null)), parts[1], parts[2])),
        ("another kind of token", format!("{}.{}.{}", text(&with("typ", json!("JWT"))), parts[1], parts[2])),
        ("other claims", format!("{}.{}.{}", parts[0], text(&raised), parts[2])),
        (
            "a key of its own in the header",
            format!("{}.{}.{}", text(&with("jwk", jwks["keys"][0].clone())), parts[1], parts[2]),
        ),
        ("a part too many", format!("{token}.{}", parts[2])),
        ("a refresh token", chen.refresh_token()),
    ];
    for (what, token) in &forged {
        let answer = Client::nobody(node).with_token(token).get("/me").await;
        assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (401, Some("AUT_TOKEN_INVALID")), "{what}");
    }
    chen.client.get("/me").await.granted();
}

/// The token of one session does not become that of another person's by changing hands with their user.
#[tokio::test]
async fn a_token_of_our_own_key_for_a_session_of_somebody_else_opens_nothing() {
    let world = World::new().await;
    let node = world.app.address;
    let chen = Person::trader(&world, "chen.trader").await.signs_in().await;
    let wang = Person::trader(&world, "wang.trader").await.signs_in().await;
    let tokens = &world.app.shared.tokens;
    let now = world.app.clock.wall_now();
    let of = |signed_in: &super::SignedIn| tokens.check(signed_in.body["access_token"].as_str().unwrap(), now).unwrap();
    let mixed = ganhe::access::token::Bearer { session: of(&chen).session, ..of(&wang) };
    let (token, _) = tokens.issue(&mixed, now).unwrap();
    Client::nobody(node).with_token(&token).get("/me").await.is_refused_with("AUT_TOKEN_WITHDRAWN");
    chen.client.get("/me").await.granted();
    wang.client.get("/me").await.granted();
}
