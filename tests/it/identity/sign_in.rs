//! Signing in with a password.

use super::{PASSWORD, Person, SignedIn, id, past_the_program, sign_in};
use crate::support::app;
use crate::support::app::TestApp;
use crate::support::{Client, World};
use ganhe::access::password::Cost;
use ganhe::access::{Passwords, SignInRules};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn chen_signs_in_and_is_who_they_are() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await;
    let signed_in = chen.signs_in().await;
    assert_eq!(signed_in.body["token_type"], "Bearer");
    assert_eq!(signed_in.body["next"], json!(null));
    assert!(signed_in.refresh_token().starts_with("ganhe_rt_"));
    let me = signed_in.client.get("/me").await.granted();
    assert_eq!((&me["user"], &me["kind"]), (&json!(chen.id), &json!("person")));
    assert_eq!(me, signed_in.body["me"]);
}

#[tokio::test]
async fn whoever_cannot_sign_in_is_not_told_why() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await;
    let gone = Person::trader(&world, "gone.trader").await;
    past_the_program(&world, "UPDATE users SET state = 'suspended' WHERE login = 'gone.trader'").await;
    let body =
        json!({"organisation": world.settlement_bank, "login": "new", "name": "新人", "roles": ["settlement_officer"]});
    world.operator.post("/users", body).await.granted();
    let answers = [
        chen.tries("wrong-horse-battery").await,
        gone.tries(PASSWORD).await,
        sign_in(world.app.address, "nobody", PASSWORD, None).await,
        sign_in(world.app.address, "new", PASSWORD, None).await,
        sign_in(world.app.address, "chen.trader", &"x".repeat(300), None).await,
    ];
    for answer in &answers {
        answer.with_status(401).is_refused_with("AUT_WRONG_LOGIN");
        let told = |name: &str| answers[0].body[name].clone();
        assert_eq!((&answer.body["detail"], &answer.body["violations"]), (&told("detail"), &told("violations")));
    }
}

#[tokio::test]
async fn a_hash_of_an_older_cost_is_made_anew_at_sign_in() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await;
    let dearer = Passwords::new(Cost { memory: 128, passes: 2, ..Cost::default() }).unwrap();
    let rules = SignInRules { passwords: dearer, ..app::without_second_factor() };
    let node = app::serve(super::other_node(&world, rules).await).await;
    chen.at(node).signs_in().await;
    let hash = async || {
        let sql = "SELECT password_hash FROM users WHERE login = 'chen.trader'";
        let rows = crate::tamper::catalogue::rows(world.app.shared.db.reader(), sql).await;
        rows[0].try_get_by_index::<String>(0).unwrap()
    };
    let upgraded = hash().await;
    assert!(upgraded.contains("m=128,t=2"), "{upgraded}");
    chen.at(node).signs_in().await;
    assert_eq!(hash().await, upgraded, "it is up to date now");
    chen.signs_in().await;
    world.books_are_right().await;
}

/// Medians over many rounds, interleaved so that the machine's load falls on all; the middle half of each must overlap with that of a
/// wrong password.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_is_not_there_takes_as_long_as_a_wrong_password() {
    const ROUNDS: usize = 25;
    const WHO: [&str; 4] = ["chen", "nobody", "gone", "new"];
    let rules = SignInRules { passwords: Passwords::default(), ..app::without_second_factor() };
    let world = World::on(TestApp::start_with(rules.clone()).await).await;
    let node = super::behind_a_proxy(super::other_node(&world, rules).await).await;
    let mill = world.enterprise("陈氏纸业").await;
    for round in 0..ROUNDS {
        for who in ["chen", "gone"] {
            Person::join(&world, mill.id, &format!("{who}.{round}"), "enterprise_trader").await;
        }
        let login = format!("new.{round}");
        let body = json!({"organisation": mill.id, "login": login, "name": "新人", "roles": ["enterprise_trader"]});
        world.operator.post("/users", body).await.granted();
    }
    past_the_program(&world, "UPDATE users SET state = 'suspended' WHERE login LIKE 'gone.%'").await;
    let mut times: [Vec<Duration>; 4] = std::array::from_fn(|_| Vec::new());
    for round in 0..ROUNDS {
        for (at, who) in WHO.iter().enumerate() {
            let from = format!("198.51.{at}.{round}");
            // Whoever was suspended knows the password.
            let password = if *who == "gone" { PASSWORD } else { "wrong-horse-battery" };
            let began = Instant::now();
            sign_in(node, &format!("{who}.{round}"), password, Some(&from)).await.with_status(401);
            times[at].push(began.elapsed());
        }
    }
    for of_one in &mut times {
        of_one.sort();
    }
    let quarter = |of_one: &[Duration], quarters: usize| of_one[ROUNDS * quarters / 4];
    for at in 1..WHO.len() {
        for (one, other) in [(0, at), (at, 0)] {
            let (low, high) = (quarter(&times[one], 1), quarter(&times[other], 3));
            assert!(low <= high, "{}: {:?} against {:?}", WHO[at], times[0], times[at]);
        }
        // Without the hash of nobody, such a login would answer in a fraction of the time.
        assert!(
            quarter(&times[at], 2) * 2 > quarter(&times[0], 2),
            "{}: {:?} against {:?}",
            WHO[at],
            times[0],
            times[at]
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_sign_in_at_once_all_get_in_and_others_are_served_meanwhile() {
    let rules = SignInRules { passwords: Passwords::default(), ..app::without_second_factor() };
    let world = World::on(TestApp::start_with(rules).await).await;
    let chen = Person::trader(&world, "chen.trader").await;
    let signing_in: Vec<_> = (0..64)
        .map(|_| {
            let chen = chen.clone();
            tokio::spawn(async move { chen.tries(PASSWORD).await.status })
        })
        .collect();
    let mut reads = 0;
    while signing_in.iter().any(|one| !one.is_finished()) {
        world.auditor.get("/balances?limit=1").await.granted();
        reads += 1;
    }
    for one in signing_in {
        assert_eq!(one.await.unwrap(), 200);
    }
    assert!(reads >= 3, "only {reads} reads were answered meanwhile");
}

#[tokio::test]
async fn a_demonstration_alone_may_do_without_a_second_factor() {
    let app = TestApp::start().await;
    let refused = ganhe::app::opening::founded(&app.url, app::without_second_factor()).await.err().unwrap();
    assert!(refused.to_string().contains("GANHE_SECOND_FACTOR"), "{refused}");
    assert!(ganhe::app::opening::founded(&app.url, SignInRules::default()).await.is_ok());
}

#[tokio::test]
async fn a_user_is_registered_with_a_password_that_is_worth_its_name() {
    let world = World::new().await;
    let register = async |login: &str, password: &str| {
        let mill = world.settlement_bank;
        let body = json!({"organisation": mill, "login": login, "name": "新人", "roles": ["settlement_officer"], "password": password});
        world.operator.post("/users", body).await
    };
    register("short", "eleven-char").await.is_refused_with("AUT_WEAK_PASSWORD");
    register("long", &"x".repeat(257)).await.is_refused_with("AUT_WEAK_PASSWORD");
    register("settlement.desk", "Settlement.Desk").await.is_refused_with("AUT_PASSWORD_IS_LOGIN");
    register("nul", "correct-horse\0battery").await.is_refused_with("API_CONTROL_CHARACTER");
    let user = register("desk", "一二三四五六七八九十十一").await.granted();
    assert!(!id(&user).is_nil());
    let body = json!({"login": "desk", "password": "一二三四五六七八九十十一"});
    let answer = Client::nobody(world.app.address).post("/auth/login", body).await.granted();
    SignedIn::of(world.app.address, answer).client.get("/me").await.granted();
}
