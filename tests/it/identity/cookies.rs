//! The refresh token of a browser: in a cookie that no script reads, and of no use to a page of another site.

use super::{PASSWORD, Person, SignedIn, sign_in};
use crate::support::{Answer, Client, World};
use reqwest::Method;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// Asks as the portal does, with whatever cookie the browser keeps.
async fn as_browser(client: &Client, path: &str, body: Value, cookie: Option<&str>) -> Answer {
    let request = client.request(Method::POST, path).header("Ganhe-Refresh", "cookie").json(&body);
    Answer::of(cookie.into_iter().fold(request, |request, cookie| request.header("Cookie", cookie))).await
}

/// The cookie that an answer sets, with its attributes.
fn cookie(answer: &Answer) -> String {
    answer.headers["set-cookie"].to_str().unwrap().to_owned()
}

/// What the browser sends back of it.
fn kept(answer: &Answer) -> String {
    cookie(answer).split(';').next().unwrap().to_owned()
}

async fn signs_in(node: SocketAddr, login: &str) -> Answer {
    let body = json!({"login": login, "password": PASSWORD});
    as_browser(&Client::nobody(node), "/auth/login", body, None).await
}

#[tokio::test]
async fn a_browser_goes_on_by_its_cookie_and_no_answer_shows_the_token() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await;
    let node = world.app.address;
    let first = signs_in(node, &chen.login).await;
    let set = cookie(&first);
    for part in ["HttpOnly", "SameSite=Strict", "Path=/api/v1/auth"] {
        assert!(set.contains(part), "{set}");
    }
    assert_eq!(first.with_status(200).body["refresh_token"], Value::Null);
    let nobody = Client::nobody(node);
    let next = as_browser(&nobody, "/auth/refresh", json!({}), Some(&kept(&first))).await;
    assert_eq!(next.with_status(200).body["refresh_token"], Value::Null);
    assert_ne!(kept(&next), kept(&first));
    let last = as_browser(&nobody, "/auth/refresh", json!({}), Some(&kept(&next))).await;
    let client = SignedIn::of(node, last.clone().granted()).client;
    let out = as_browser(&client, "/auth/logout", json!({}), Some(&kept(&last))).await;
    out.with_status(200);
    assert!(cookie(&out).contains("Max-Age=0"), "{}", cookie(&out));
    as_browser(&nobody, "/auth/refresh", json!({}), Some(&kept(&last))).await.with_status(401);
}

#[tokio::test]
async fn a_page_of_another_site_gains_nothing_by_the_cookie() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await;
    let first = signs_in(world.app.address, &chen.login).await;
    let nobody = Client::nobody(world.app.address);
    // What a form of another site can send: the cookie, at most, but no header of its own.
    let request = nobody.request(Method::POST, "/auth/refresh").header("Cookie", kept(&first)).json(&json!({}));
    Answer::of(request).await.with_status(400).is_refused_with("API_MALFORMED");
    // Nor may it ask whether it may send the header.
    let asks = nobody.request(Method::OPTIONS, "/auth/refresh").header("Origin", "https://elsewhere.example");
    let asks = asks.header("Access-Control-Request-Method", "POST");
    let answer = Answer::of(asks.header("Access-Control-Request-Headers", "ganhe-refresh")).await;
    assert!(!answer.headers.contains_key("access-control-allow-headers"), "{:?}", answer.headers);
    as_browser(&nobody, "/auth/refresh", json!({}), Some(&kept(&first))).await.granted();
}

#[tokio::test]
async fn a_program_keeps_its_refresh_token_itself_and_gets_no_cookie() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await;
    let answer = sign_in(world.app.address, &chen.login, PASSWORD, None).await;
    assert!(!answer.headers.contains_key("set-cookie"), "{:?}", answer.headers);
    assert!(answer.granted()["refresh_token"].is_string());
    let nobody = Client::nobody(world.app.address);
    as_browser(&nobody, "/auth/refresh", json!({}), None).await.with_status(401).is_refused_with("AUT_REFRESH_INVALID");
    nobody.post("/auth/refresh", json!({})).await.with_status(400).is_refused_with("API_MALFORMED");
}
