//! The second factor: enrolled, given, given anew before rights or money move, lost and removed.

use super::{PASSWORD, Person, SignedIn, other_node, refresh, sign_in};
use crate::support::app;
use crate::support::world::TONGCHENG;
use crate::support::{Answer, Client, World};
use ganhe::access::{Role, SecondFactor, SignInRules};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use std::net::SocketAddr;
use totp_rs::{Builder, Secret};

/// A node of the book that asks for a second factor.
pub async fn strict_node(world: &World) -> SocketAddr {
    let rules = SignInRules { second_factor: SecondFactor::Required { minutes: 15 }, ..app::without_second_factor() };
    app::serve(other_node(world, rules).await).await
}

/// An authenticator app.
struct App {
    secret: String,
}

impl App {
    /// The code that it shows now.
    fn code(&self, world: &World) -> String {
        let now = u64::try_from(world.app.clock.wall_now().seconds()).unwrap();
        let secret = Secret::try_from_base32(&self.secret).unwrap();
        Builder::new().with_secret(secret).build().unwrap().generate(now).to_string()
    }

    /// The one that it shows next; the clock is there then.
    fn next_code(&self, world: &World) -> String {
        world.app.clock.advance(SignedDuration::from_secs(30));
        self.code(world)
    }
}

async fn enrol(signed_in: &SignedIn) -> App {
    let body = json!({"password": PASSWORD});
    let enrolment = signed_in.client.post("/auth/second-factor/enrolment", body).await.granted();
    let secret = enrolment["secret"].as_str().unwrap().to_owned();
    assert!(enrolment["otpauth_uri"].as_str().unwrap().contains(&secret));
    App { secret }
}

async fn give(client: &Client, code: &str) -> Answer {
    client.post("/auth/second-factor", json!({"code": code})).await
}

/// Enrols and confirms; answers the app, the recovery codes and the session that goes on.
async fn enrolled(world: &World, node: SocketAddr, person: &Person) -> (App, Vec<String>, SignedIn) {
    let signed_in = person.at(node).signs_in().await;
    let app = enrol(&signed_in).await;
    let body = json!({"code": app.code(world)});
    let confirmed = signed_in.client.post("/auth/second-factor/confirmation", body).await.granted();
    let codes = confirmed["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned());
    (app, codes.collect(), SignedIn::of(node, confirmed["session"].clone()))
}

/// The mill's offer, which moves rights.
async fn offers(world: &World, client: &Client) -> Answer {
    let body = json!({
        "seller_site": ganhe::kernel::ids::fresh(), "buyer_site": ganhe::kernel::ids::fresh(),
        "right_class": "COD-MULTI-PAID-LUSHUI-20210101-20251231", "quantity": "1.000", "unit_price": "1.00",
    });
    assert!(!world.reserve.id.is_nil());
    client.post("/offers", body).await
}

async fn may_offer(world: &World, client: &Client) -> bool {
    let answer = offers(world, client).await;
    assert!(answer.status.is_client_error(), "{}", answer.body);
    if answer.body["code"] == "AUT_SECOND_FACTOR_NEEDED" {
        answer.with_status(403);
        return false;
    }
    assert_ne!(answer.status, 403, "{}", answer.body);
    true
}

#[tokio::test]
async fn chen_enrols_an_app_and_moves_rights_only_with_a_code_given_lately() {
    let world = World::new().await;
    let node = strict_node(&world).await;
    let chen = Person::trader(&world, "chen.trader").await.at(node);
    let without = chen.signs_in().await;
    assert_eq!(without.body["next"], "enrolment");
    without.client.get("/offers").await.granted();
    assert!(!may_offer(&world, &without.client).await);

    let (app, _, enrolled) = enrolled(&world, node, &chen).await;
    assert_eq!(enrolled.body["next"], json!(null));
    assert!(may_offer(&world, &enrolled.client).await);
    assert!(!may_offer(&world, &without.client).await, "the token from before keeps what it could do");

    let begun = chen.signs_in().await;
    assert_eq!((&begun.body["next"], &begun.body["refresh_token"]), (&json!("second_factor"), &json!(null)));
    begun.client.get("/offers").await.with_status(403).is_refused_with("AUT_SECOND_FACTOR_NEEDED");
    begun.client.get("/me").await.granted();
    let finished = SignedIn::of(node, give(&begun.client, &app.next_code(&world)).await.granted());
    assert!(may_offer(&world, &finished.client).await);

    world.app.clock.advance(SignedDuration::from_mins(14));
    let later = SignedIn::of(node, refresh(node, &finished.refresh_token()).await.granted());
    assert!(may_offer(&world, &later.client).await, "a refresh carries the second factor on");
    world.app.clock.advance(SignedDuration::from_mins(1));
    later.client.get("/offers").await.granted();
    assert!(!may_offer(&world, &later.client).await, "and does not renew it");
    let stepped_up = give(&later.client, &app.code(&world)).await.granted();
    assert_eq!(stepped_up["refresh_token"], json!(null), "the session goes on with the token that it has");
    assert!(may_offer(&world, &SignedIn::of(node, stepped_up).client).await);
    refresh(node, &later.refresh_token()).await.granted();
}

#[tokio::test]
async fn whether_a_second_factor_is_enrolled_is_told_to_oneself_and_to_whoever_supports_the_sign_in() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await;
    let me = chen.signs_in().await.client.get("/me").await.granted();
    let organisation: uuid::Uuid = me["organisation"].as_str().unwrap().parse().unwrap();
    let li = world.member(organisation, TONGCHENG, &[Role::EnterpriseTrader]).await;
    let admin = world.member(organisation, TONGCHENG, &[Role::OrganisationAdmin]).await;
    let told = async |client: &Client| {
        let users = client.get("/users?limit=200").await.granted();
        let of_chen = users["items"].as_array().unwrap().iter().find(|user| user["id"] == chen.id.to_string());
        of_chen.unwrap()["has_second_factor"].clone()
    };
    assert_eq!((&me["has_second_factor"], told(&admin.client).await), (&json!(false), json!(false)));
    let (_, _, session) = enrolled(&world, chen.address, &chen).await;
    assert_eq!(session.body["me"]["has_second_factor"], true);
    assert_eq!(session.client.get("/me").await.granted()["has_second_factor"], true);
    assert_eq!((told(&admin.client).await, told(&world.operator).await), (json!(true), json!(true)));
    for colleague in [&li.client, &session.client, &world.auditor] {
        assert_eq!(told(colleague).await, json!(null), "who cannot help is not told");
    }
    admin.client.post(&format!("/users/{}/second-factor/removal", chen.id), json!({})).await.granted();
    assert_eq!(told(&admin.client).await, json!(false));
}

/// With a stolen password nobody gets further than to the question for the code: not to another password, not to the end of the
/// sessions of whoever it belongs to.
#[tokio::test]
async fn whoever_has_the_password_alone_changes_nothing_about_the_sign_in() {
    let world = World::new().await;
    let node = strict_node(&world).await;
    let chen = Person::trader(&world, "chen.trader").await.at(node);
    let (app, _, owner) = enrolled(&world, node, &chen).await;
    let thief = chen.signs_in().await;
    assert_eq!(thief.body["next"], "second_factor");
    let sessions = owner.client.get("/auth/sessions").await.granted();
    let of_owner = sessions["items"][0]["id"].as_str().unwrap();
    let new = json!({"old_password": PASSWORD, "password": "another-horse-battery"});
    for (path, body) in [
        ("/auth/password", new.clone()),
        ("/auth/sessions/end", json!({"keep_this": true})),
        ("/auth/sessions/end", json!({"keep_this": false})),
        (&format!("/auth/sessions/{of_owner}/end"), json!({})),
        ("/auth/second-factor/enrolment", json!({"password": PASSWORD})),
        ("/auth/second-factor/confirmation", json!({"code": "000000"})),
        ("/auth/second-factor/removal", json!({"code": "000000"})),
    ] {
        thief.client.post(path, body).await.with_status(403).is_refused_with("AUT_SECOND_FACTOR_NEEDED");
    }
    for path in ["/auth/sessions", "/operations"] {
        thief.client.get(path).await.with_status(403).is_refused_with("AUT_SECOND_FACTOR_NEEDED");
    }
    thief.client.get("/me").await.granted();
    owner.client.get("/me").await.granted();
    assert_eq!(thief.client.post("/auth/logout", json!({})).await.granted(), json!({"ended": 1}));

    // Nor with a token whose code was given too long ago.
    let begun = chen.signs_in().await;
    let entered = SignedIn::of(node, give(&begun.client, &app.next_code(&world)).await.granted());
    world.app.clock.advance(SignedDuration::from_mins(15));
    let late = SignedIn::of(node, refresh(node, &entered.refresh_token()).await.granted());
    late.client.post("/auth/password", new.clone()).await.is_refused_with("AUT_SECOND_FACTOR_NEEDED");
    late.client
        .post("/auth/sessions/end", json!({"keep_this": true}))
        .await
        .is_refused_with("AUT_SECOND_FACTOR_NEEDED");
    let proven = SignedIn::of(node, give(&late.client, &app.code(&world)).await.granted());
    assert_eq!(proven.client.post("/auth/password", new).await.granted(), json!({"ended": 1}));
}

/// A session from before the enrolment has no second factor: it cannot end the one that has.
#[tokio::test]
async fn a_session_from_before_the_second_factor_ends_no_other() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await;
    let before = chen.signs_in().await;
    let (_, _, owner) = enrolled(&world, chen.address, &chen).await;
    let other = owner.client.get("/auth/sessions").await.granted()["items"][1]["id"].as_str().unwrap().to_owned();
    let path = format!("/auth/sessions/{other}/end");
    before.client.post(&path, json!({})).await.with_status(403).is_refused_with("AUT_SECOND_FACTOR_NEEDED");
    let own = before.client.get("/auth/sessions").await.granted()["items"][0]["id"].as_str().unwrap().to_owned();
    before.client.post(&format!("/auth/sessions/{own}/end"), json!({})).await.granted();
    owner.client.get("/me").await.granted();
}

#[tokio::test]
async fn login_and_code_may_come_together() {
    let world = World::new().await;
    let node = strict_node(&world).await;
    let chen = Person::trader(&world, "chen.trader").await;
    let (app, _, _) = enrolled(&world, node, &chen).await;
    let body = json!({"login": chen.login, "password": PASSWORD, "code": app.next_code(&world)});
    let signed_in = SignedIn::of(node, Client::nobody(node).post("/auth/login", body).await.granted());
    assert!(may_offer(&world, &signed_in.client).await);
    let body = json!({"login": chen.login, "password": PASSWORD, "code": "000000"});
    Client::nobody(node).post("/auth/login", body).await.with_status(422).is_refused_with("AUT_WRONG_CODE");
}

#[tokio::test]
async fn a_code_is_good_once_and_so_is_every_code_before_it() {
    let world = World::new().await;
    let node = strict_node(&world).await;
    let chen = Person::trader(&world, "chen.trader").await.at(node);
    let (app, _, session) = enrolled(&world, node, &chen).await;
    let used = app.code(&world);
    give(&session.client, &used).await.with_status(422).is_refused_with("AUT_WRONG_CODE");
    let before = app.next_code(&world);
    let newer = app.next_code(&world);
    give(&session.client, &newer).await.granted();
    give(&session.client, &newer).await.is_refused_with("AUT_WRONG_CODE");
    give(&session.client, &before).await.is_refused_with("AUT_WRONG_CODE");
}

/// Sixteen send one code at the same moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_send_one_code_at_the_same_moment_one_is_let_in() {
    let world = World::new().await;
    let node = strict_node(&world).await;
    let chen = Person::trader(&world, "chen.trader").await.at(node);
    let (app, recovery, _) = enrolled(&world, node, &chen).await;
    for code in [app.next_code(&world), recovery[0].clone()] {
        let mut clients = Vec::new();
        for _ in 0..5 {
            clients.push(chen.signs_in().await.client);
        }
        let all: Vec<_> = clients
            .into_iter()
            .map(|client| {
                let code = code.clone();
                tokio::spawn(async move { give(&client, &code).await.status.as_u16() })
            })
            .collect();
        let mut statuses = Vec::new();
        for one in all {
            statuses.push(one.await.unwrap());
        }
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    }
}

#[tokio::test]
async fn codes_are_not_guessed() {
    let world = World::new().await;
    let node = strict_node(&world).await;
    let chen = Person::trader(&world, "chen.trader").await.at(node);
    let (app, _, session) = enrolled(&world, node, &chen).await;
    for _ in 0..6 {
        give(&session.client, "000000").await.with_status(422);
    }
    let right = app.next_code(&world);
    world.app.clock.advance(SignedDuration::from_secs(-30));
    give(&session.client, &right).await.with_status(429).is_refused_with("AUT_TOO_MANY_FAILURES");
    world.app.clock.advance(SignedDuration::from_secs(30));
    give(&session.client, &right).await.granted();
}

#[tokio::test]
async fn a_lost_app_is_replaced_by_way_of_a_recovery_code() {
    let world = World::new().await;
    let node = strict_node(&world).await;
    let chen = Person::trader(&world, "chen.trader").await.at(node);
    let (_, codes, _) = enrolled(&world, node, &chen).await;
    assert_eq!(codes.len(), 10);
    let begun = chen.signs_in().await;
    let back = SignedIn::of(node, give(&begun.client, &codes[4].to_lowercase().replace('-', " ")).await.granted());
    give(&back.client, &codes[4]).await.is_refused_with("AUT_WRONG_CODE");
    let again = json!({"password": PASSWORD});
    back.client
        .post("/auth/second-factor/enrolment", again)
        .await
        .with_status(409)
        .is_refused_with("AUT_ALREADY_ENROLLED");
    back.client.post("/auth/second-factor/removal", json!({"code": codes[4]})).await.is_refused_with("AUT_WRONG_CODE");
    back.client.post("/auth/second-factor/removal", json!({"code": codes[5]})).await.granted();
    let new = enrol(&back).await;
    world.app.clock.advance(SignedDuration::from_secs(30));
    let body = json!({"code": new.code(&world)});
    back.client.post("/auth/second-factor/confirmation", body).await.granted();
    give(&back.client, &codes[6]).await.is_refused_with("AUT_WRONG_CODE");
}

#[tokio::test]
async fn an_enrolment_takes_the_password_and_counts_from_its_first_code_on() {
    let world = World::new().await;
    let node = strict_node(&world).await;
    let chen = Person::trader(&world, "chen.trader").await.at(node);
    let signed_in = chen.signs_in().await;
    let wrong = json!({"password": "wrong-horse-battery"});
    signed_in.client.post("/auth/second-factor/enrolment", wrong).await.is_refused_with("AUT_WRONG_LOGIN");
    let code = json!({"code": "000000"});
    signed_in
        .client
        .post("/auth/second-factor/confirmation", code.clone())
        .await
        .is_refused_with("AUT_NOTHING_ENROLLED");
    enrol(&signed_in).await;
    signed_in.client.post("/auth/second-factor/confirmation", code).await.is_refused_with("AUT_WRONG_CODE");
    assert_eq!(chen.signs_in().await.body["next"], "enrolment", "it does not count yet");
}

#[tokio::test]
async fn the_operator_removes_a_lost_second_factor() {
    let world = World::new().await;
    let node = strict_node(&world).await;
    let chen = Person::trader(&world, "chen.trader").await.at(node);
    let path = format!("/users/{}/second-factor/removal", chen.id);
    world.operator.post(&path, json!({})).await.with_status(409).is_refused_with("AUT_NOTHING_ENROLLED");
    let (_, codes, session) = enrolled(&world, node, &chen).await;
    world.bank.client.post(&path, json!({})).await.with_status(403);
    world.operator.post(&path, json!({})).await.granted();
    super::what_is_remembered_fades().await;
    session.client.get("/me").await.is_refused_with("AUT_TOKEN_WITHDRAWN");
    let anew = chen.signs_in().await;
    assert_eq!(anew.body["next"], "enrolment");
    give(&anew.client, &codes[0]).await.is_refused_with("AUT_NOTHING_ENROLLED");
    let records = world.auditor.get(&format!("/audit/records?table=second_factors&key={}", chen.id)).await.granted();
    let told = records.to_string();
    assert!(!told.contains(&codes[0]) && records["items"].as_array().unwrap().len() == 3, "{records:#}");
}

/// The whole of a person's way in is worth nothing without their role, and the administrator of one organisation does nothing in
/// another: every operation that hands out power asks for the second factor, too.
#[tokio::test]
async fn whoever_hands_out_power_gives_a_second_factor_before() {
    let world = World::new().await;
    let node = strict_node(&world).await;
    let operator = Client::of(node, &world.app.shared, &world.app.operator);
    operator.get("/users").await.granted();
    for path in ["/users", "/organisations", "/api-clients", "/reference"] {
        let request = operator.request(Method::POST, path).header("Idempotency-Key", "k");
        let body: Value = if path == "/reference" { json!({}) } else { sample(path) };
        Answer::of(request.json(&body)).await.with_status(403).is_refused_with("AUT_SECOND_FACTOR_NEEDED");
    }
    sign_in(node, "operator", PASSWORD, None).await.with_status(401);
}

fn sample(path: &str) -> Value {
    let organisation = ganhe::kernel::ids::fresh();
    match path {
        "/users" => json!({"organisation": organisation, "login": "x", "name": "x", "roles": ["operator"]}),
        "/organisations" => json!({"code": "91421222MA0000001F", "name": "x", "kind": "enterprise", "area": "421222"}),
        _ => json!({"organisation": organisation, "name": "x", "roles": ["operator"], "scopes": ["read_parties"]}),
    }
}

/// What somebody gets to see does not hang on a second factor: the settlement bank's desk reads everybody's deposits without one.
#[tokio::test]
async fn a_missing_second_factor_hides_nothing() {
    let world = World::new().await;
    let node = strict_node(&world).await;
    let mill = world.buyer("临江纸业", "12.00").await;
    let desk =
        Person::join(&world, world.settlement_bank, "desk", "settlement_officer").await.at(node).signs_in().await;
    assert_eq!(desk.body["next"], "enrolment");
    let seen = desk.client.get("/money/deposits").await.granted();
    assert_eq!(seen["items"][0]["organisation"], json!(mill.id));
    let body = json!({"organisation": mill.id, "amount": "1.00", "bank_reference": "XN-1"});
    desk.client.post("/money/deposits", body).await.is_refused_with("AUT_SECOND_FACTOR_NEEDED");
}
