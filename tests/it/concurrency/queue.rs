//! What waits for a shared work: a gate behind which requests pile up, and a queue that is full.

use super::{all_are_fair, id, retries};
use crate::support::app::serve;
use crate::support::{Answer, World};
use futures::future::join_all;
use ganhe::access::Action;
use ganhe::db::{CommandKey, Db, Terms};
use ganhe::http::Shared;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};
use uuid::Uuid;

/// Requests that may wait in the small queue.
const SMALL: usize = 5;
/// Who asks at the same moment.
const CLIENTS: usize = 64;
/// Works of one command side by side, on either database at most: what they have taken waits in no queue.
const LANES: usize = 2;

/// A work that runs alone until it is let go: no other begins meanwhile.
struct Gate {
    open: watch::Sender<bool>,
    work: JoinHandle<()>,
}

impl Gate {
    async fn shut(world: &World) -> Self {
        let (open, opened) = watch::channel(false);
        let shut = Arc::new(Notify::new());
        let (db, has_shut) = (world.app.shared.db.clone(), shut.clone());
        let permit = world.app.operator.may(Action::RegisterReference).unwrap();
        let work = tokio::spawn(async move {
            let key = CommandKey {
                client: Uuid::nil(),
                operation: "gate".to_owned(),
                key: None,
                request_hash: String::new(),
                terms: Terms::default(),
            };
            let input = (shut, opened);
            let body = db.run_alone(&permit, &key, &input, |_, (shut, opened)| {
                Box::pin(async move {
                    shut.notify_one();
                    opened.clone().wait_for(|is_open| *is_open).await.unwrap();
                    Ok(())
                })
            });
            body.await.unwrap();
        });
        has_shut.notified().await;
        Self { open, work }
    }

    async fn opens(self) {
        self.open.send_replace(true);
        self.work.await.unwrap();
    }
}

/// Waits until so many requests wait for a batch or are in one that cannot begin.
async fn until_waiting(db: &Db, wanted: usize) {
    for _ in 0..1_000 {
        if db.gathered().waiting >= u64::try_from(wanted).unwrap() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{:?}: {wanted} do not gather", db.gathered());
}

/// Lets requests gather behind the gate, so that all but the first few stand in one batch; then it opens.
async fn gathered(world: &World, asked: Vec<impl Future<Output = Answer>>, apart: usize) -> Vec<Answer> {
    let db = &world.app.shared.db;
    let (before, gate) = (db.gathered(), Gate::shut(world).await);
    let in_the_queue = asked.len() - LANES * apart;
    let (answers, ()) = tokio::join!(join_all(asked), async {
        until_waiting(db, in_the_queue).await;
        gate.opens().await;
    });
    let after = db.gathered();
    assert_eq!(after.alone, before.alone, "no batch failed as a whole");
    // One in each lane, the one that gathered, and those of whoever came late.
    let most = u64::try_from(LANES * (apart + 1) + 1).unwrap();
    assert!(after.batches - before.batches <= most, "{before:?} {after:?}: they shared works");
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_says_come_again_and_nothing_is_lost_or_done_twice() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    // A node of the same book with room for few.
    let shared = Shared { db: world.app.shared.db.clone().queueing(SMALL), ..world.app.shared.clone() };
    let settlement = world.settlement.moved_to(serve(shared.clone()).await, &shared);
    let body = |at: usize| json!({"organisation": mill.id, "amount": "1.00", "bank_reference": format!("Q-{at}")});
    let gate = Gate::shut(&world).await;
    let mut asked = JoinSet::new();
    for at in 0..CLIENTS {
        let (client, body) = (settlement.clone(), body(at));
        asked.spawn(async move { (at, client.post_with_key("/money/deposits", body, &format!("key-{at}")).await) });
    }
    // In each lane one batch at most, which cannot begin, and in the queue as many as there is room for.
    let most = SMALL * (LANES + 1);
    let mut refused = Vec::new();
    while refused.len() < CLIENTS - most {
        let (at, answer) = asked.join_next().await.unwrap().unwrap();
        answer.with_status(503);
        assert_eq!((&answer.body["code"], &answer.headers["retry-after"]), (&json!("API_BUSY"), &"1".parse().unwrap()));
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        refused.push(at);
    }
    gate.opens().await;
    let mut granted = Vec::new();
    while let Some(answered) = asked.join_next().await {
        let (at, answer) = answered.unwrap();
        if answer.status == StatusCode::SERVICE_UNAVAILABLE { refused.push(at) } else { granted.push((at, answer)) }
    }
    assert!(granted.len() >= SMALL, "{} were taken on", granted.len());
    for (_, answer) in &granted {
        answer.with_status(201);
    }
    let booked = format!("{}.00", granted.len());
    assert_eq!(world.balance(mill.id, "CNY", "available").await, booked, "who was sent away has changed nothing");
    // Everybody comes again under the same key: once, and then once more.
    for _ in 0..2 {
        for chunk in (0..CLIENTS).collect::<Vec<_>>().chunks(SMALL) {
            let keys: Vec<String> = chunk.iter().map(|at| format!("key-{at}")).collect();
            let again =
                chunk.iter().zip(&keys).map(|(at, key)| settlement.post_with_key("/money/deposits", body(*at), key));
            for (at, answer) in chunk.iter().zip(join_all(again).await) {
                answer.with_status(201);
                if let Some((_, first)) = granted.iter().find(|(granted, _)| granted == at) {
                    assert_eq!(answer.body, first.body, "the first answer");
                }
            }
        }
        assert_eq!(world.balance(mill.id, "CNY", "available").await, format!("{CLIENTS}.00"));
    }
    world.books_are_right().await;
}

/// What is wrong with one of eight requests in a batch, by its place.
fn poison(at: usize) -> &'static str {
    ["", "", "refused", "", "conflict", "hidden", "", "stale"][at % 8]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn confirmations_share_works_and_a_poisoned_one_harms_no_neighbour() {
    retries::listen();
    let world = World::new().await;
    let mill = world.enterprise_in("咸安纸业", "421202", "paper").await;
    let mut asked: Vec<(usize, Uuid)> = Vec::new();
    for at in 0..24 {
        let quantity = if poison(at) == "refused" { "990.000 t COD" } else { "10.000 t COD" };
        let proposed = id(&world.propose_allocation(&mill, quantity).await.granted());
        if poison(at) == "conflict" {
            world.city_head.post(&format!("/allocations/{proposed}/reject"), json!({"reason": "不符"})).await.granted();
        }
        asked.push((at, if poison(at) == "hidden" { Uuid::from_u128(9) } else { proposed }));
    }
    // Of the cap of 1,000 t less is left than some were proposed for.
    world.allocate(&mill, "20.000 t COD").await;
    let confirm = |(at, id): &(usize, Uuid)| {
        let request = world.city_head.request(reqwest::Method::POST, &format!("/allocations/{id}/confirm"));
        let request = request.header("Idempotency-Key", format!("confirm-{at}"));
        let request = if poison(*at) == "stale" { request.header("If-Match", "\"7\"") } else { request };
        Answer::of(request.json(&json!({})))
    };
    let answers = gathered(&world, asked.iter().map(confirm).collect(), 2).await;
    all_are_fair(&answers);
    for ((at, _), answer) in asked.iter().zip(&answers) {
        match poison(*at) {
            "refused" => drop(answer.is_refused_with("QTA_OVER_HEADROOM").with_status(422)),
            "conflict" => drop(answer.is_refused_with("QTA_ALREADY_DECIDED").with_status(409)),
            "hidden" => drop(answer.with_status(404)),
            "stale" => drop(answer.with_status(412)),
            _ => assert_eq!(answer.body["state"], "active", "request {at}: {:#}", answer.body),
        }
    }
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "140.000", "twelve of ten tonnes");
    // Two who confirm the same at the same moment: one of them does.
    let same = id(&world.propose_allocation(&mill, "5.000 t COD").await.granted());
    let path = format!("/allocations/{same}/confirm");
    let twice = join_all((0..6).map(|_| world.city_head.post(&path, json!({})))).await;
    assert_eq!(super::granted(&twice, &["QTA_ALREADY_DECIDED"]), 1);
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "145.000");
    retries::no_deadlock_was_heard();
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registrations_share_works_and_a_poisoned_one_harms_no_neighbour() {
    retries::listen();
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let mut asked: Vec<(usize, Uuid)> = Vec::new();
    for at in 0..16 {
        let quantity = if poison(at) == "refused" { "95.000 t COD" } else { "6.000 t COD" };
        let pledge = world.bank.agreed_pledge(&world, &mill, quantity).await;
        if poison(at) == "conflict" {
            world.bank.client.post(&format!("/pledges/{pledge}/withdraw"), json!({})).await.granted();
        }
        asked.push((at, if poison(at) == "hidden" { Uuid::from_u128(9) } else { pledge }));
    }
    let first = world.bank.agreed_pledge(&world, &mill, "6.000 t COD").await;
    world.bank.registers(first).await.granted();
    let register = |(at, id): &(usize, Uuid)| {
        let request = world.bank.client.request(reqwest::Method::POST, &format!("/pledges/{id}/register"));
        let request = request.header("Idempotency-Key", format!("register-{at}"));
        let request = if poison(*at) == "stale" { request.header("If-Match", "\"99\"") } else { request };
        Answer::of(request.json(&json!({})))
    };
    let answers = gathered(&world, asked.iter().map(register).collect(), 2).await;
    all_are_fair(&answers);
    let mut numbers: Vec<String> = Vec::new();
    for ((at, _), answer) in asked.iter().zip(&answers) {
        match poison(*at) {
            "refused" => drop(answer.is_refused_with("PLG_NOT_ENOUGH_AVAILABLE").with_status(422)),
            "conflict" => drop(answer.is_refused_with("PLG_WRONG_STATE").with_status(409)),
            "hidden" => drop(answer.with_status(404)),
            "stale" => drop(answer.with_status(412)),
            _ => numbers.push(answer.text("number")),
        }
    }
    numbers.sort_unstable();
    let expected: Vec<String> = (2..=9).map(|number| format!("PL-2022-{number:06}")).collect();
    assert_eq!(numbers, expected, "what was refused has used up no number");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "pledged").await, "54.000");
    let same: Value = world.bank.client.get(&format!("/pledges/{}", asked[0].1)).await.granted();
    assert_eq!(same["state"], "registered");
    retries::no_deadlock_was_heard();
    world.books_are_right().await;
}
