//! Money that came late is dated back, and money that was booked by mistake is undone: once, and in the open.

use crate::support::World;
use crate::support::client::Client;
use futures::future::join_all;
use serde_json::{Value, json};

/// The hash of a document, as somebody computes it.
const PROOF: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn why() -> Value {
    json!({"reason": "付款单位填错", "document_hash": PROOF})
}

async fn available(world: &World, owner: uuid::Uuid, effective_on: &str) -> String {
    let path = format!("/balances?owner={owner}&asset=CNY&purpose=available&effective_on={effective_on}");
    let found = world.auditor.get(&path).await.granted();
    found["items"][0]["balance"].as_str().unwrap_or("none").to_owned()
}

async fn reverses(client: &Client, movement: &Value) -> crate::support::Answer {
    client.post(&format!("/journals/{}/reversal", movement["journal"].as_str().unwrap()), why()).await
}

#[tokio::test]
async fn late_money_counts_from_its_legal_date_on() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let head = world.settlement_head().await;
    let deposit = world.deposits_on(&head, &mill, "50.00", "2022-11-20").await.granted();
    assert_eq!((&deposit["effective_on"], &deposit["reversed_by"]), (&json!("2022-11-20"), &Value::Null));
    world.deposits(&mill, "7.00").await;
    assert_eq!(available(&world, mill.id, "2022-11-19").await, "0.00");
    assert_eq!(available(&world, mill.id, "2022-11-20").await, "50.00");
    assert_eq!(available(&world, mill.id, "2022-11-30").await, "50.00");
    assert_eq!(available(&world, mill.id, "2022-12-01").await, "57.00");
    let trial = world.auditor.get("/audit/trial-balance?effective_on=2022-11-25").await.granted();
    assert_eq!((&trial["is_balanced"], &trial["effective_on"]), (&json!(true), &json!("2022-11-25")));
    let money = trial["assets"].as_array().unwrap().iter().find(|asset| asset["asset"] == "CNY").unwrap();
    let lines = json!([{"purpose": "available", "balance": "50.00"}, {"purpose": "outside", "balance": "-50.00"}]);
    assert_eq!(money["lines"], lines);
    world.books_are_right().await;
}

#[tokio::test]
async fn what_was_known_then_about_a_date_does_not_change_when_more_is_learnt() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let head = world.settlement_head().await;
    world.deposits_on(&head, &mill, "50.00", "2022-11-20").await.granted();
    let known = world.now().to_string().replace('+', "%2B");
    world.an_hour_passes();
    let later = world.now().to_string().replace('+', "%2B");
    world.deposits_on(&head, &mill, "5.00", "2022-11-21").await.granted();
    world.days_pass(2);
    world.deposits_on(&head, &mill, "0.50", "2022-11-21").await.granted();
    let believed = async |at: &str| {
        let view = format!("as_of={at}&effective_on=2022-11-25");
        let path = format!("/balances?owner={}&purpose=available&{view}", mill.id);
        let trial = world.auditor.get(&format!("/audit/trial-balance?{view}")).await.granted();
        assert_eq!(trial["is_balanced"], true);
        world.auditor.get(&path).await.granted()["items"][0]["balance"].as_str().unwrap().to_owned()
    };
    let now = world.now().to_string().replace('+', "%2B");
    assert_eq!(believed(&known).await, "50.00");
    assert_eq!(believed(&later).await, "55.00", "an entry counts from its own instant on");
    assert_eq!(believed(&now).await, "55.50");
    world.books_are_right().await;
}

#[tokio::test]
async fn dating_back_takes_a_permission_and_stays_in_the_open_period() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let head = world.settlement_head().await;
    let late = world.deposits_on(&world.settlement, &mill, "1.00", "2022-11-30").await;
    late.is_refused_with("AUT_NOT_ALLOWED").with_status(403);
    world.deposits_on(&world.settlement, &mill, "1.00", "2022-12-01").await.granted();
    let future = world.deposits_on(&head, &mill, "1.00", "2022-12-02").await;
    future.is_refused_with("LED_FUTURE_DATE").with_status(422);
    assert_eq!(future.body["violations"][0]["field"], "effective_on");
    let bad = world.deposits_on(&head, &mill, "1.00", "30.11.2022").await;
    bad.is_refused_with("API_NOT_DATE").with_status(422);
    assert_eq!(bad.body["violations"][0]["field"], "effective_on");
    world.deposits_on(&head, &mill, "1.00", "2022-11-30").await.granted();
    world.seals("2022-11").await.granted();
    for date in ["2022-11-30", "2022-11-01", "2021-01-01"] {
        let sealed = world.deposits_on(&head, &mill, "1.00", date).await;
        sealed.is_refused_with("LED_PERIOD_SEALED").with_status(422);
        assert_eq!(sealed.body["violations"][0]["field"], "effective_on");
    }
    let out =
        json!({"organisation": mill.id, "amount": "0.50", "bank_reference": "OUT-1", "effective_on": "2022-11-30"});
    head.post("/money/withdrawals", out).await.is_refused_with("LED_PERIOD_SEALED");
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "2.00");
    let refusals = world.auditor.get("/audit/refusals?limit=200").await.granted();
    let sealed =
        refusals["items"].as_array().unwrap().iter().filter(|one| one["codes"] == json!(["LED_PERIOD_SEALED"]));
    assert_eq!(sealed.count(), 4, "a refusal by rule is evidence");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_mistaken_deposit_is_undone_once_and_both_journals_tell() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let head = world.settlement_head().await;
    let mistake = world.deposits_on(&head, &mill, "100.00", "2022-12-01").await.granted();
    world.days_pass(1);
    reverses(&world.settlement, &mistake).await.is_refused_with("AUT_NOT_ALLOWED").with_status(403);
    let reversal = reverses(&head, &mistake).await.granted();
    assert_eq!((&reversal["reverses"], &reversal["movement"]), (&mistake["journal"], &mistake["id"]));
    assert_eq!((&reversal["effective_on"], &reversal["reason"]), (&json!("2022-12-02"), &json!("付款单位填错")));
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "0.00");
    let deposits = mill.client.get("/money/deposits").await.granted();
    assert_eq!(deposits["items"][0]["reversed_by"], reversal["journal"], "the enterprise sees it");
    let journal = async |id: &Value| mill.client.get(&format!("/journals/{}", id.as_str().unwrap())).await.granted();
    let (first, second) = (journal(&mistake["journal"]).await, journal(&reversal["journal"]).await);
    assert_eq!((&first["reversed_by"], &first["reverses"]), (&reversal["journal"], &Value::Null));
    assert_eq!((&second["reverses"], &second["reversed_by"]), (&mistake["journal"], &Value::Null));
    assert_eq!((&second["kind"], &second["document_hash"]), (&json!("reversal"), &json!(PROOF)));
    reverses(&head, &mistake).await.is_refused_with("LED_ALREADY_REVERSED").with_status(409);
    let undone = reverses(&head, &reversal).await;
    undone.is_refused_with("STL_NOT_REVERSED").with_status(422);
    world.books_are_right().await;
}

#[tokio::test]
async fn what_is_spent_cannot_be_taken_back() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let head = world.settlement_head().await;
    let deposit = world.deposits_on(&head, &mill, "100.00", "2022-12-01").await.granted();
    let out = json!({"organisation": mill.id, "amount": "60.00", "bank_reference": "OUT-1"});
    let withdrawal = head.post("/money/withdrawals", out).await.granted();
    let short = reverses(&head, &deposit).await;
    short.is_refused_with("STL_MONEY_SHORT").with_status(422);
    assert!(short.body["detail"].as_str().unwrap().contains("40.00"), "{:#}", short.body);
    reverses(&head, &withdrawal).await.granted();
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "100.00");
    reverses(&head, &deposit).await.granted();
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "0.00");
    let withdrawals = head.get("/money/withdrawals").await.granted();
    assert!(withdrawals["items"][0]["reversed_by"].is_string());
    world.books_are_right().await;
}

#[tokio::test]
async fn only_ones_own_money_journals_are_reversed_and_with_a_reason() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let head = world.settlement_head().await;
    let allocation = world.allocate(&mill, "10.000 t COD").await;
    let journals = world.auditor.get(&format!("/audit/journals?subject={allocation}")).await.granted();
    for (at, named, code) in
        [(0, "allocation_proposed", "STL_UNDONE_BY_ITS_OWN_ACT"), (1, "allocation_confirmed", "STL_NOT_REVERSED")]
    {
        let path = format!("/journals/{}/reversal", journals["items"][at]["id"].as_str().unwrap());
        let answer = head.post(&path, why()).await;
        answer.is_refused_with(code).with_status(422);
        assert!(answer.body["detail"].as_str().unwrap().contains(named), "{:#}", answer.body);
    }
    let nothing = format!("/journals/{}/reversal", ganhe::kernel::ids::fresh());
    head.post(&nothing, why()).await.is_refused_with("API_NOT_FOUND").with_status(404);
    let deposit = world.deposits_on(&head, &mill, "100.00", "2022-12-01").await.granted();
    let stranger = world.head_of_another_settlement_bank().await;
    reverses(&stranger, &deposit).await.is_refused_with("API_NOT_FOUND").with_status(404);
    let path = format!("/journals/{}/reversal", deposit["journal"].as_str().unwrap());
    let blank = head.post(&path, json!({"reason": " ", "document_hash": "abc"})).await;
    blank.is_refused_with("API_BAD_TEXT").is_refused_with("API_NOT_HASH").with_status(422);
    head.post(&path, json!({"reason": "错账"})).await.is_refused_with("DOC_MISSING").with_status(422);
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "100.00");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_correction_to_a_sealed_month_is_dated_in_the_open_one() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let head = world.settlement_head().await;
    let mistake = world.deposits_on(&head, &mill, "100.00", "2022-11-15").await.granted();
    let sealed = world.seals("2022-11").await.granted();
    let reversal = reverses(&head, &mistake).await.granted();
    assert_eq!(reversal["effective_on"], "2022-12-01");
    assert_eq!(available(&world, mill.id, "2022-11-30").await, "100.00", "the sealed month says what it said");
    assert_eq!(available(&world, mill.id, "2022-12-01").await, "0.00");
    let periods = world.auditor.get("/audit/periods").await.granted();
    assert_eq!(periods["items"][0], sealed);
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_undo_the_same_deposit_one_does() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let head = world.settlement_head().await;
    let mistake = world.deposits_on(&head, &mill, "100.00", "2022-12-01").await.granted();
    // There is money enough for all of them.
    world.deposits(&mill, "5000.00").await;
    let answers = join_all((0..16).map(|_| reverses(&head, &mistake))).await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!(done.len(), 1, "{answers:#?}");
    for answer in refused {
        answer.is_refused_with("LED_ALREADY_REVERSED").with_status(409);
    }
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "5000.00");
    world.books_are_right().await;
}
