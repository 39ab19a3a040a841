//! Programs of a bank: registered, signed in with a secret, narrowed by scopes, and shut out again.

use super::{id, node_behind_a_proxy, other_node, what_is_remembered_fades};
use crate::support::app;
use crate::support::{Answer, Client, World};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ganhe::access::Role;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use std::net::SocketAddr;
use uuid::Uuid;

struct Registered {
    id: Uuid,
    secret: String,
}

fn desk(world: &World) -> Value {
    json!({
        "organisation": world.settlement_bank, "name": "结算系统", "roles": ["settlement_officer"],
        "scopes": ["confirm_money", "read_money"],
    })
}

async fn register(world: &World, body: Value) -> Registered {
    let made = world.operator.post("/api-clients", body).await.granted();
    Registered { id: id(&made["client"]), secret: made["client_secret"].as_str().unwrap().to_owned() }
}

/// Asks for a token by a form, with more headers and fields.
async fn asks(node: SocketAddr, headers: &[(&str, &str)], fields: &str) -> Answer {
    let request = Client::nobody(node).request(Method::POST, "/oauth/token");
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(fields.to_owned());
    Answer::of(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

impl Registered {
    fn fields(&self, more: &str) -> String {
        format!("grant_type=client_credentials&client_id={}&client_secret={}{more}", self.id, self.secret)
    }

    async fn token(&self, node: SocketAddr, more: &str) -> Answer {
        asks(node, &[], &self.fields(more)).await
    }

    async fn signs_in(&self, node: SocketAddr, more: &str) -> Client {
        let token = self.token(node, more).await.granted();
        Client::nobody(node).with_token(token["access_token"].as_str().unwrap())
    }

    async fn turns(&self, world: &World, verb: &str, body: Value) -> Answer {
        world.operator.post(&format!("/api-clients/{}/{verb}", self.id), body).await
    }
}

fn deposit(organisation: Uuid, amount: &str) -> Value {
    let reference = ganhe::kernel::ids::fresh().to_string();
    json!({"organisation": organisation, "amount": amount, "bank_reference": reference})
}

#[track_caller]
fn refused(answer: &Answer, status: u16, error: &str) {
    answer.with_status(status);
    assert_eq!(
        (&answer.body["error"], &answer.headers["content-type"]),
        (&json!(error), &"application/json".parse().unwrap())
    );
    assert!(answer.body["error_description"].is_string() && answer.headers["cache-control"] == "no-store");
}

#[tokio::test]
async fn the_settlement_banks_desk_confirms_money_in_its_own_name() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let desk = register(&world, desk(&world)).await;
    let token = desk.token(world.app.address, "").await.granted();
    assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!(token["scope"], "confirm_money read_money");
    let program = desk.signs_in(world.app.address, "").await;
    let me = program.get("/me").await.granted();
    assert_eq!((&me["kind"], &me["user"]), (&json!("client"), &json!(desk.id)));
    let movement = program.post("/money/deposits", deposit(mill.id, "12.00")).await.granted();
    let journal = world.auditor.get(&format!("/journals/{}", movement["journal"].as_str().unwrap())).await.granted();
    assert_eq!(journal["actor"], json!(desk.id));
    let basic = STANDARD.encode(format!("{}:{}", desk.id, desk.secret));
    let basic = format!("Basic {basic}");
    asks(world.app.address, &[("authorization", &basic)], "grant_type=client_credentials").await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn a_token_may_what_it_was_asked_for_and_no_more() {
    let world = World::new().await;
    let desk = register(&world, desk(&world)).await;
    let narrow = desk.signs_in(world.app.address, "&scope=read_money").await;
    narrow.get("/money/deposits").await.granted();
    let refusal = narrow.post("/money/deposits", deposit(world.reserve.id, "12.00")).await;
    refusal.with_status(403).is_refused_with("AUT_OUTSIDE_SCOPE");
    narrow.get("/offers").await.with_status(403);
    narrow.get("/auth/sessions").await.with_status(403);
    for scope in ["read_books", "everything", "read_money confirm_money back_date"] {
        refused(&desk.token(world.app.address, &format!("&scope={scope}")).await, 400, "invalid_scope");
    }
}

#[tokio::test]
async fn a_client_is_given_no_more_than_its_organisation_could_have() {
    let world = World::new().await;
    let mut body = desk(&world);
    body["scopes"] = json!(["confirm_money", "back_date", "keep_own_sign_in"]);
    let answer = world.operator.post("/api-clients", body.clone()).await;
    assert_eq!(answer.with_status(422).codes(), ["AUT_SCOPE_MISMATCH", "AUT_SCOPE_MISMATCH"]);
    body["roles"] = json!(["enterprise_trader"]);
    body["scopes"] = json!(["propose_offer"]);
    world.operator.post("/api-clients", body.clone()).await.is_refused_with("ORG_ROLE_MISMATCH");
    body["networks"] = json!(["10.0.0.0/33", "everywhere"]);
    let answer = world.operator.post("/api-clients", body).await;
    assert_eq!(answer.with_status(422).codes(), ["AUT_BAD_NETWORK", "AUT_BAD_NETWORK"]);
    let other = world.member(world.bank.id, crate::support::world::TONGCHENG, &[Role::OrganisationAdmin]).await;
    other.client.post("/api-clients", desk(&world)).await.is_refused_with("ORG_UNKNOWN_ORGANISATION");
    let own = register(&world, desk(&world)).await;
    other.client.get(&format!("/api-clients/{}", own.id)).await.with_status(404);
    for verb in ["rotate", "suspend", "reinstate", "remove"] {
        other.client.post(&format!("/api-clients/{}/{verb}", own.id), json!({})).await.with_status(404);
    }
    for verb in ["suspend", "reinstate"] {
        let settlement = world.member(world.settlement_bank, "421200", &[Role::OrganisationAdmin]).await;
        settlement.client.post(&format!("/users/{}/{verb}", own.id), json!({})).await.with_status(404);
    }
    world.bank.client.post("/api-clients", desk(&world)).await.with_status(403);
    world.bank.client.get("/api-clients").await.with_status(403);
}

#[tokio::test]
async fn the_secret_is_shown_once_and_kept_nowhere() {
    let world = World::new().await;
    let made = world.operator.post_with_key("/api-clients", desk(&world), "k").await.granted();
    let again = world.operator.post_with_key("/api-clients", desk(&world), "k").await.granted();
    assert_eq!((&again["client"], &again["client_secret"]), (&made["client"], &Value::Null));
    let secret = made["client_secret"].as_str().unwrap();
    let path = format!("/api-clients/{}", id(&made["client"]));
    assert!(!world.operator.get(&path).await.granted().to_string().contains(secret));
    for (table, column) in [("command_keys", "answer"), ("evidence", "content")] {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} LIKE '%ganhe_cs_%'");
        let rows = crate::tamper::catalogue::rows(world.app.shared.db.reader(), &sql).await;
        assert_eq!(rows[0].try_get_by_index::<i64>(0).unwrap(), 0, "{table}");
    }
}

#[tokio::test]
async fn a_secret_gives_way_to_the_next_with_an_overlap() {
    let world = World::new().await;
    let node = world.app.address;
    let old = register(&world, desk(&world)).await;
    let rotated = old.turns(&world, "rotate", json!({"overlap_hours": 2})).await.granted();
    let new = Registered { secret: rotated["client_secret"].as_str().unwrap().to_owned(), ..old };
    let old = Registered { id: new.id, secret: old.secret };
    old.token(node, "").await.granted();
    new.token(node, "").await.granted();
    world.app.clock.advance(SignedDuration::from_hours(2));
    refused(&old.token(node, "").await, 401, "invalid_client");
    new.token(node, "").await.granted();
    let operator = Client::of(node, &world.app.shared, &world.app.operator);
    let path = format!("/api-clients/{}/rotate", new.id);
    let at_once = operator.post(&path, json!({"overlap_hours": 0})).await.granted();
    refused(&new.token(node, "").await, 401, "invalid_client");
    let newest = Registered { id: new.id, secret: at_once["client_secret"].as_str().unwrap().to_owned() };
    newest.token(node, "").await.granted();
    operator.post(&path, json!({"overlap_hours": 745})).await.is_refused_with("AUT_BAD_OVERLAP");
    let stale = operator
        .request(Method::POST, &path)
        .header("If-Match", "\"1\"")
        .header("Idempotency-Key", "s")
        .json(&json!({}));
    Answer::of(stale).await.with_status(412);
}

/// What a secret has got does not outlive it, nor a suspension, on whichever node.
#[tokio::test]
async fn a_token_ends_with_the_secret_that_got_it_and_with_a_suspension() {
    let world = World::new().await;
    let node = world.app.address;
    let other = app::serve(other_node(&world, app::without_second_factor()).await).await;
    let first = register(&world, desk(&world)).await;
    let (here, there) = (first.signs_in(node, "").await, first.signs_in(other, "").await);
    there.get("/me").await.granted();
    here.get("/me").await.granted();
    let overlapping = first.turns(&world, "rotate", json!({"overlap_hours": 1})).await.granted();
    let second = Registered { id: first.id, secret: overlapping["client_secret"].as_str().unwrap().to_owned() };
    here.get("/me").await.granted();
    let kept = second.signs_in(other, "").await;
    kept.get("/me").await.granted();
    let at_once = second.turns(&world, "rotate", json!({"overlap_hours": 0})).await.granted();
    let third = Registered { id: first.id, secret: at_once["client_secret"].as_str().unwrap().to_owned() };
    here.get("/me").await.with_status(401).is_refused_with("AUT_TOKEN_WITHDRAWN");
    what_is_remembered_fades().await;
    kept.get("/me").await.with_status(401).is_refused_with("AUT_TOKEN_WITHDRAWN");
    there.get("/me").await.with_status(401).is_refused_with("AUT_TOKEN_WITHDRAWN");

    let good = third.signs_in(node, "").await;
    good.get("/me").await.granted();
    third.turns(&world, "suspend", json!({})).await.granted();
    third.turns(&world, "reinstate", json!({})).await.granted();
    good.get("/me").await.with_status(401).is_refused_with("AUT_TOKEN_WITHDRAWN");
    third.signs_in(node, "").await.get("/me").await.granted();
    third.signs_in(other, "").await.get("/me").await.granted();
}

#[tokio::test]
async fn a_client_comes_from_its_own_addresses_only_also_with_a_token() {
    let world = World::new().await;
    let node = node_behind_a_proxy(&world).await;
    let mut body = desk(&world);
    body["networks"] = json!(["192.0.2.0/24", "2001:db8::7"]);
    let desk = register(&world, body).await;
    let from = async |address: &str| asks(node, &[("x-forwarded-for", address)], &desk.fields("")).await;
    refused(&from("198.51.100.4").await, 401, "invalid_client");
    from("2001:db8::7").await.granted();
    let token = from("192.0.2.7").await.granted();
    let program = Client::nobody(node).with_token(token["access_token"].as_str().unwrap());
    let reads = async |address: &str| {
        Answer::of(program.request(Method::GET, "/money/deposits").header("x-forwarded-for", address)).await
    };
    reads("192.0.2.200").await.granted();
    reads("198.51.100.4").await.with_status(401).is_refused_with("AUT_WRONG_ADDRESS");
    reads("192.0.2.7, 198.51.100.4").await.with_status(401).is_refused_with("AUT_WRONG_ADDRESS");
}

#[tokio::test]
async fn a_suspended_client_is_out_within_the_bound_and_a_removed_one_for_good() {
    let world = World::new().await;
    let other = app::serve(other_node(&world, app::without_second_factor()).await).await;
    let desk = register(&world, desk(&world)).await;
    let (here, there) = (desk.signs_in(world.app.address, "").await, desk.signs_in(other, "").await);
    here.get("/me").await.granted();
    there.get("/me").await.granted();
    desk.turns(&world, "reinstate", json!({})).await.with_status(409).is_refused_with("AUT_CLIENT_STATE");
    desk.turns(&world, "suspend", json!({})).await.granted();
    here.get("/me").await.with_status(401).is_refused_with("AUT_TOKEN_WITHDRAWN");
    what_is_remembered_fades().await;
    there.get("/me").await.with_status(401).is_refused_with("AUT_TOKEN_WITHDRAWN");
    refused(&desk.token(other, "").await, 401, "invalid_client");
    desk.turns(&world, "reinstate", json!({})).await.granted();
    what_is_remembered_fades().await;
    desk.signs_in(other, "").await.get("/me").await.granted();
    let removed = desk.turns(&world, "remove", json!({})).await.granted();
    assert_eq!(removed["state"], "removed");
    refused(&desk.token(other, "").await, 401, "invalid_client");
    for verb in ["reinstate", "suspend", "rotate", "remove"] {
        desk.turns(&world, verb, json!({})).await.with_status(409).is_refused_with("AUT_CLIENT_REMOVED");
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn errors_have_the_form_that_the_standard_prescribes() {
    let world = World::new().await;
    let node = world.app.address;
    let desk = register(&world, desk(&world)).await;
    refused(&asks(node, &[], "").await, 400, "invalid_request");
    refused(&asks(node, &[], "grant_type=password&username=x&password=y").await, 400, "unsupported_grant_type");
    refused(&asks(node, &[], &desk.fields("&grant_type=client_credentials")).await, 400, "invalid_request");
    let json =
        Client::nobody(node).request(Method::POST, "/oauth/token").json(&json!({"grant_type": "client_credentials"}));
    refused(&Answer::of(json).await, 400, "invalid_request");
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", desk.id, desk.secret)));
    let twice = asks(node, &[("authorization", &basic)], &desk.fields("")).await;
    refused(&twice, 400, "invalid_request");
    for (id, secret) in [
        (desk.id.to_string(), "ganhe_cs_wrong".to_owned()),
        (ganhe::kernel::ids::fresh().to_string(), desk.secret.clone()),
        ("not-an-id".to_owned(), desk.secret.clone()),
        (world.app.operator.user.to_string(), desk.secret.clone()),
    ] {
        let fields = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let answer = asks(node, &[], &fields).await;
        refused(&answer, 401, "invalid_client");
        assert_eq!(answer.headers["www-authenticate"], "Basic realm=\"ganhe\"");
    }
    refused(&asks(node, &[], "grant_type=client_credentials").await, 401, "invalid_client");
    let garbled = asks(node, &[("authorization", "Basic %%%")], "grant_type=client_credentials").await;
    refused(&garbled, 401, "invalid_client");
}

/// A client is no person: it has no password, and nobody signs in by its name.
#[tokio::test]
async fn nobody_signs_in_as_a_client() {
    let world = World::new().await;
    let desk = register(&world, desk(&world)).await;
    super::sign_in(world.app.address, &desk.id.to_string(), &desk.secret, None)
        .await
        .is_refused_with("AUT_WRONG_LOGIN");
    let path = format!("/users/{}/password-reset", desk.id);
    world.operator.post(&path, json!({})).await.with_status(404);
    let found = world.operator.get("/users?limit=200").await.granted();
    let own = found["items"].as_array().unwrap().iter().find(|user| user["id"] == json!(desk.id)).unwrap();
    assert_eq!((&own["kind"], &own["can_sign_in"]), (&json!("client"), &json!(false)));
}

#[tokio::test]
async fn a_wrong_secret_makes_the_next_attempt_wait_and_binds_nobody_else() {
    let world = World::new().await;
    let node = node_behind_a_proxy(&world).await;
    let (one, other) = (register(&world, desk(&world)).await, register(&world, desk(&world)).await);
    let chen = super::Person::trader(&world, "chen.trader").await;
    let wrong = Registered { id: one.id, secret: other.secret.clone() };
    let from = async |client: &Registered, address: &str| {
        asks(node, &[("x-forwarded-for", address)], &client.fields("")).await
    };
    let mut waits = Vec::new();
    for _ in 0..14 {
        let answer = from(&wrong, "198.51.100.4").await;
        if answer.status == 429 {
            answer.is_refused_with("AUT_TOO_MANY_FAILURES");
            let wait: i64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
            from(&one, "198.51.100.4").await.with_status(429);
            waits.push(wait);
            world.app.clock.advance(SignedDuration::from_secs(wait));
        } else {
            refused(&answer, 401, "invalid_client");
        }
    }
    assert_eq!(waits, [1, 2, 4, 8]);
    // Elsewhere the same client, at the same address another one and a person, are let in.
    from(&one, "203.0.113.9").await.granted();
    from(&other, "198.51.100.4").await.granted();
    super::sign_in(node, &chen.login, super::PASSWORD, Some("198.51.100.4")).await.granted();
    world.app.clock.advance(SignedDuration::from_mins(15));
    from(&one, "198.51.100.4").await.granted();
    for _ in 0..6 {
        refused(&from(&wrong, "198.51.100.4").await, 401, "invalid_client");
    }
    from(&one, "198.51.100.4").await.with_status(429);
}

#[tokio::test]
async fn an_address_that_tries_many_programs_waits_whichever_it_tries() {
    let world = World::new().await;
    let node = node_behind_a_proxy(&world).await;
    let own = register(&world, desk(&world)).await;
    let tries = async |id: Uuid, address: &str| {
        let stranger = Registered { id, secret: "ganhe_cs_guess".to_owned() };
        asks(node, &[("x-forwarded-for", address)], &stranger.fields("")).await
    };
    for _ in 0..101 {
        refused(&tries(ganhe::kernel::ids::fresh(), "198.51.100.4").await, 401, "invalid_client");
    }
    tries(ganhe::kernel::ids::fresh(), "198.51.100.4").await.with_status(429).is_refused_with("AUT_TOO_MANY_FAILURES");
    asks(node, &[("x-forwarded-for", "203.0.113.9")], &own.fields("")).await.granted();
}
