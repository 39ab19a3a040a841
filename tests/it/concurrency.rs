//! Many at once: whatever the order in which requests arrive, grams and fen are never held or spent twice, a refusal is always
//! a named rule, and no lock is ever waited for in a circle.

mod areas;
mod crossing;
mod gathered;
mod queue;
mod retries;
mod stock;

use crate::support::{Answer, World};
use futures::future::join_all;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

/// How many ask at the same moment.
const CLIENTS: usize = 32;

fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Every answer is a yes, or a no of the caller's own making that names its rule.
#[track_caller]
fn all_are_fair(answers: &[Answer]) {
    for answer in answers {
        let is_named = answer.status.is_client_error() && answer.body["code"].is_string();
        assert!(answer.status.is_success() || is_named, "{}: {:#}", answer.status, answer.body);
    }
}

/// How many were granted; the others were refused with one of these codes.
#[track_caller]
fn granted(answers: &[Answer], otherwise: &[&str]) -> usize {
    all_are_fair(answers);
    let (yes, no): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status.is_success());
    for answer in no {
        assert!(otherwise.iter().any(|code| answer.body["code"] == *code), "{:#}", answer.body);
    }
    yes.len()
}

/// What an answer says, without the number under which the log knows it.
fn said(answer: &Answer) -> (u16, Value) {
    let mut body = answer.body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("trace_id");
    }
    (answer.status.as_u16(), body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headroom_is_granted_to_exactly_as_many_as_fit() {
    retries::listen();
    let world = World::new().await;
    let cap = json!({"area": "421202", "pollutant": "SO2", "cap": "100.000", "valid_from": "2022-12-01", "document": "总量控制"});
    world.city_head.post("/capacities", cap).await.granted();
    let mut proposed = Vec::new();
    for number in 0..4 {
        let mill = world.enterprise_in(&format!("咸安纸业{number}"), "421202", "paper").await;
        for _ in 0..CLIENTS / 4 {
            proposed.push(id(&world.propose_allocation(&mill, "7.000 t SO2").await.granted()));
        }
    }
    let paths: Vec<String> = proposed.iter().map(|id| format!("/allocations/{id}/confirm")).collect();
    let answers = join_all(paths.iter().map(|path| world.city_head.post(path, json!({})))).await;
    assert_eq!(granted(&answers, &["QTA_OVER_HEADROOM"]), 14, "fourteen times seven fit into a hundred");
    let trial = world.auditor.get("/audit/trial-balance").await.granted();
    let lines = |asset: &str| {
        let assets = trial["assets"].as_array().unwrap();
        assets.iter().find(|one| one["asset"].as_str().unwrap().contains(asset)).unwrap()["lines"].clone()
    };
    let capacity = json!([
        {"purpose": "authorised", "balance": "-100.000"}, {"purpose": "headroom", "balance": "2.000"},
        {"purpose": "overuse", "balance": "0.000"}, {"purpose": "used", "balance": "98.000"}
    ]);
    assert_eq!(lines("CAP-421202-SO2"), capacity, "{trial:#}");
    retries::no_deadlock_was_heard();
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bank_reference_is_booked_once() {
    retries::listen();
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let money = |reference: String, amount: &str| json!({"organisation": mill.id, "amount": amount, "bank_reference": reference});
    let twice = |at: usize| format!("IN-{}", at / 2);
    let deposits: Vec<Value> = (0..CLIENTS).map(|at| money(twice(at), "30.00")).collect();
    let answers = join_all(deposits.into_iter().map(|body| world.settlement.post("/money/deposits", body))).await;
    assert_eq!(granted(&answers, &["STL_REFERENCE_BOOKED"]), CLIENTS / 2);
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "480.00");
    let withdrawals: Vec<Value> = (0..CLIENTS).map(|at| money(format!("OUT-{}", at.min(27)), "30.00")).collect();
    let answers = join_all(withdrawals.into_iter().map(|body| world.settlement.post("/money/withdrawals", body))).await;
    assert_eq!(
        granted(&answers, &["STL_REFERENCE_BOOKED", "STL_MONEY_SHORT"]),
        16,
        "sixteen times thirty are all there is"
    );
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "0.00");
    let both = (0..CLIENTS).map(|at| {
        let path = if at % 2 == 0 { "/money/deposits" } else { "/money/withdrawals" };
        world.settlement.post(path, money(format!("BOTH-{}", at % 24), "10.00"))
    });
    let answers = join_all(both).await;
    all_are_fair(&answers);
    let booked = |direction: &str| {
        let of = answers.iter().filter(|answer| answer.status.is_success() && answer.body["direction"] == direction);
        Decimal::from(of.count())
    };
    assert_eq!(booked("deposit"), Decimal::from(12), "a deposit waits for nothing but its reference");
    let left = (booked("deposit") - booked("withdrawal")) * Decimal::TEN;
    assert_eq!(number(&world.balance(mill.id, "CNY", "available").await), left);
    retries::no_deadlock_was_heard();
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_has_one_effect_and_one_answer() {
    retries::listen();
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let glass = world.buyer("通城玻璃", "100000.00").await;
    let body = json!({
        "seller_site": mill.site, "buyer_site": glass.site, "right_class": mill.class("COD"), "quantity": "7.000", "unit_price": "1000.00",
    });
    let asked = (0..CLIENTS).map(|_| mill.client.post_with_key("/offers", body.clone(), "offer-1"));
    let answers = join_all(asked).await;
    assert_eq!(granted(&answers, &[]), CLIENTS);
    assert!(answers.iter().all(|answer| said(answer) == said(&answers[0])), "{answers:#?}");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "committed").await, "7.000");
    let accept = format!("/offers/{}/accept", id(&answers[0].body));
    let project = json!({"project": glass.project});
    let answers =
        join_all((0..CLIENTS).map(|_| glass.client.post_with_key(&accept, project.clone(), "accept-1"))).await;
    assert_eq!(granted(&answers, &[]), CLIENTS);
    let trade = id(&answers[0].body);
    world.officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    let pay = format!("/trades/{trade}/pay");
    let answers = join_all((0..CLIENTS).map(|_| glass.client.post_with_key(&pay, json!({}), "pay-1"))).await;
    assert_eq!(granted(&answers, &[]), CLIENTS);
    assert!(answers.iter().all(|answer| said(answer) == said(&answers[0])), "{answers:#?}");
    assert_eq!(world.balance(glass.id, "CNY", "available").await, "93000.00");
    let answers = join_all((0..CLIENTS).map(|_| glass.client.post_with_key(&pay, json!({}), "pay-2"))).await;
    assert_eq!(granted(&answers, &["STL_ALREADY_SETTLED"]), 0);
    assert!(answers.iter().all(|answer| said(answer) == said(&answers[0])), "{answers:#?}");
    let refusals = world.auditor.get("/audit/refusals?limit=200").await.granted();
    assert_eq!(
        refusals["items"].as_array().unwrap().len(),
        1,
        "one refusal was repeated, not made again: {refusals:#}"
    );
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_with_several_bodies_serves_the_first() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let asked = (0..CLIENTS).map(|at| {
        let body = json!({"organisation": mill.id, "amount": format!("{}.00", at % 4 + 1), "bank_reference": format!("XN-{}", at % 4)});
        world.settlement.post_with_key("/money/deposits", body, "deposit-1")
    });
    let answers = join_all(asked).await;
    assert_eq!(granted(&answers, &["API_KEY_REUSED"]), CLIENTS / 4, "those with the body of the first");
    let first = answers.iter().find(|answer| answer.status.is_success()).unwrap();
    assert_eq!(world.balance(mill.id, "CNY", "available").await, first.text("amount"));
    world.books_are_right().await;
}
