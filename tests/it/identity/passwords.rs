//! Changing a password, and getting back in when it is lost.

use super::{PASSWORD, Person, SignedIn, refresh};
use crate::support::{Client, World};
use jiff::SignedDuration;
use serde_json::{Value, json};

const NEW: &str = "another-horse-battery";

async fn change(signed_in: &SignedIn, old: &str, new: &str) -> crate::support::Answer {
    signed_in.client.post("/auth/password", json!({"old_password": old, "password": new})).await
}

#[tokio::test]
async fn chen_changes_the_password_and_is_signed_out_everywhere_else() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await;
    let (elsewhere, here) = (chen.signs_in().await, chen.signs_in().await);
    change(&here, "wrong-horse-battery", NEW).await.with_status(401).is_refused_with("AUT_WRONG_LOGIN");
    change(&here, PASSWORD, "short").await.with_status(422).is_refused_with("AUT_WEAK_PASSWORD");
    change(&here, PASSWORD, PASSWORD).await.with_status(422).is_refused_with("AUT_PASSWORD_IS_OLD");
    assert_eq!(change(&here, PASSWORD, NEW).await.granted(), json!({"ended": 1}));
    here.client.get("/me").await.granted();
    elsewhere.client.get("/me").await.is_refused_with("AUT_TOKEN_WITHDRAWN");
    refresh(world.app.address, &elsewhere.refresh_token()).await.is_refused_with("AUT_REFRESH_INVALID");
    refresh(world.app.address, &here.refresh_token()).await.granted();
    chen.tries(PASSWORD).await.is_refused_with("AUT_WRONG_LOGIN");
    chen.tries(NEW).await.granted();
    let records = world.auditor.get(&format!("/audit/records?table=users&key={}", chen.id)).await.granted();
    assert_eq!(records["items"].as_array().unwrap().len(), 2, "the change is evidence, the password is not");
    world.books_are_right().await;
}

async fn code_for(world: &World, person: &Person) -> String {
    let path = format!("/users/{}/password-reset", person.id);
    world.operator.post(&path, json!({})).await.granted()["code"].as_str().unwrap().to_owned()
}

async fn reset(person: &Person, code: &str, password: &str) -> crate::support::Answer {
    let body = json!({"login": person.login, "code": code, "password": password});
    Client::nobody(person.address).post("/auth/password-reset", body).await
}

#[tokio::test]
async fn a_lost_password_is_replaced_with_a_code_from_the_operator() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await;
    let before = chen.signs_in().await;
    let path = format!("/users/{}/password-reset", chen.id);
    world.bank.client.post(&path, json!({})).await.with_status(403);
    let made = world.operator.post_with_key(&path, json!({}), "first").await.granted();
    let code = made["code"].as_str().unwrap().to_owned();
    let again = world.operator.post_with_key(&path, json!({}), "first").await.granted();
    assert_eq!((&again["code"], &again["expires_at"]), (&Value::Null, &made["expires_at"]), "it is shown once");

    before.client.get("/me").await.is_refused_with("AUT_TOKEN_WITHDRAWN");
    chen.tries(PASSWORD).await.is_refused_with("AUT_WRONG_LOGIN");
    chen.tries(&code).await.is_refused_with("AUT_WRONG_LOGIN");
    reset(&chen, "AAAAA-AAAAA-AAAAA-AAAAA", NEW).await.with_status(401).is_refused_with("AUT_RESET_INVALID");
    reset(&chen, &code, "chen.trader").await.with_status(422).is_refused_with("AUT_WEAK_PASSWORD");
    reset(&chen, &code.to_lowercase(), NEW).await.granted();
    reset(&chen, &code, PASSWORD).await.is_refused_with("AUT_RESET_INVALID");
    chen.tries(NEW).await.granted();
    let nobody = Person { login: "nobody".to_owned(), ..chen };
    reset(&nobody, &code, NEW).await.is_refused_with("AUT_RESET_INVALID");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_code_is_good_for_a_day_and_the_newest_only() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await;
    let (first, second) = (code_for(&world, &chen).await, code_for(&world, &chen).await);
    reset(&chen, &first, NEW).await.is_refused_with("AUT_RESET_INVALID");
    world.app.clock.advance(SignedDuration::from_hours(24));
    reset(&chen, &second, NEW).await.is_refused_with("AUT_RESET_INVALID");
    let operator = Client::of(world.app.address, &world.app.shared, &world.app.operator);
    let path = format!("/users/{}/password-reset", chen.id);
    let third = operator.post(&path, json!({})).await.granted()["code"].as_str().unwrap().to_owned();
    reset(&chen, &third, NEW).await.granted();
}

#[tokio::test]
async fn a_new_user_sets_their_first_password_with_a_code() {
    let world = World::new().await;
    let body = json!({"organisation": world.settlement_bank, "login": "desk", "name": "柜员", "roles": ["settlement_officer"]});
    let user = world.operator.post("/users", body).await.granted();
    assert_eq!(user["can_sign_in"], false);
    let desk = Person { id: super::id(&user), login: "desk".to_owned(), address: world.app.address };
    let code = code_for(&world, &desk).await;
    reset(&desk, &code, PASSWORD).await.granted();
    desk.signs_in().await.client.get("/me").await.granted();
}

/// Sixteen use one code at the same moment, each for a password of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_use_one_code_at_the_same_moment_one_sets_the_password() {
    let world = World::new().await;
    let chen = Person::trader(&world, "chen.trader").await;
    let code = code_for(&world, &chen).await;
    let all: Vec<_> = (0..16)
        .map(|number| {
            let (chen, code) = (chen.clone(), code.clone());
            tokio::spawn(async move { reset(&chen, &code, &format!("{NEW}-{number}")).await.status })
        })
        .collect();
    let mut set = Vec::new();
    for (number, one) in all.into_iter().enumerate() {
        if one.await.unwrap() == 200 {
            set.push(number);
        }
    }
    assert_eq!(set.len(), 1, "{set:?}");
    world.app.clock.advance(SignedDuration::from_mins(15));
    chen.tries(&format!("{NEW}-{}", set[0])).await.granted();
}

#[tokio::test]
async fn an_organisations_own_administrator_makes_the_code_and_no_other_ones_does() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let chen = Person::join(&world, mill.id, "chen.trader", "enterprise_trader").await;
    let chief = Person::join(&world, mill.id, "mill.chief", "organisation_admin").await.signs_in().await;
    let other = Person::join(&world, world.bank.id, "bank.chief", "organisation_admin").await.signs_in().await;
    let before = chen.signs_in().await;
    let path = format!("/users/{}/password-reset", chen.id);
    other.client.post(&path, json!({})).await.with_status(404);
    before.client.get("/me").await.granted();
    let made = chief.client.post(&path, json!({})).await.granted();
    let code = made["code"].as_str().unwrap();
    before.client.get("/me").await.is_refused_with("AUT_TOKEN_WITHDRAWN");
    chen.tries(PASSWORD).await.is_refused_with("AUT_WRONG_LOGIN");
    reset(&chen, code, NEW).await.granted();
    chen.tries(NEW).await.granted();
    let key = format!("/audit/records?table=password_resets&key={}", chen.id);
    let records = world.auditor.get(&key).await.granted();
    assert!(
        records.to_string().contains(&chief_id(&chief).await),
        "it stands under the administrator's name: {records:#}"
    );
    world.books_are_right().await;
}

async fn chief_id(chief: &SignedIn) -> String {
    chief.client.get("/me").await.granted()["user"].as_str().unwrap().to_owned()
}
