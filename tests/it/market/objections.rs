//! Objections to trades that are laid open: nothing goes on while one waits, and who approved does not answer.

use super::{capacity, day_passes, id, tonnes};
use crate::support::World;
use crate::support::world::{CHIBI, Enterprise};
use ganhe::decisions::escalation::pass_deadlines;
use ganhe::kernel::ids::fresh;
use serde_json::{Value, json};
use uuid::Uuid;

/// What somebody says against a trade.
fn against(trade: Uuid) -> Value {
    json!({"subject_kind": "trade", "subject": trade, "text": "减排量不实"})
}

/// An objection of an enterprise to a trade that is laid open.
pub async fn objects(by: &Enterprise, trade: Uuid) -> Value {
    by.client.post("/objections", against(trade)).await.granted()
}

async fn trade_now(world: &World, trade: Uuid) -> Value {
    world.auditor.get(&format!("/trades/{trade}")).await.granted()
}

/// A trade of the mill that is laid open for two working days and paid on the day after them, and somebody who objects.
async fn laid_open(buyer_area: &str) -> (World, Enterprise, Enterprise, Enterprise, Uuid) {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let brewery = world.enterprise_in("赤壁酒业", buyer_area, "food").await;
    world.deposits(&brewery, "1000000.00").await;
    let glass = world.enterprise("通城玻璃").await;
    world
        .adopts(&[("trade_publicity_days", "2"), ("payment_days", "1"), ("objection_answer_days", "3")])
        .await
        .granted();
    let trade = world.approved_trade(&mill, &brewery, "10.000 t COD", "9000.00").await;
    (world, mill, brewery, glass, trade)
}

#[tokio::test]
async fn a_trade_waits_until_an_objection_is_dismissed_and_its_buyer_loses_no_time() {
    let (world, mill, brewery, glass, trade) = laid_open(CHIBI).await;
    let before = trade_now(&world, trade).await;
    assert_eq!((&before["publicised_until"], &before["pay_by"]), (&json!("2022-12-05"), &json!("2022-12-06")));
    let objection = objects(&glass, trade).await;
    assert_eq!((&objection["party"], &objection["counterparty"]), (&json!(mill.id), &json!(brewery.id)));
    assert_eq!(objection["answer_by"], "2022-12-06");
    let stopped = trade_now(&world, trade).await;
    assert_eq!((&stopped["state"], &stopped["pay_by"]), (&json!("publicised"), &Value::Null));
    for concerned in [&mill, &brewery, &glass] {
        let seen = concerned.client.get(&format!("/objections?subject={trade}")).await.granted();
        assert_eq!(seen["items"].as_array().unwrap().len(), 1, "{seen:#}");
    }
    for (state, count) in [("raised", 1), ("upheld", 0), ("dismissed", 0)] {
        let found = mill.client.get(&format!("/objections?state={state}")).await.granted();
        assert_eq!(found["items"].as_array().unwrap().len(), count, "{state}: {found:#}");
    }
    world.days_pass(5);
    glass.client.post("/objections", against(trade)).await.is_refused_with("QTA_PUBLICITY_OVER").with_status(409);
    brewery.pays(trade).await.is_refused_with("STL_OBJECTION_OPEN").with_status(409);
    world.days_pass(1);
    assert_eq!(day_passes(&world).await.trades, 0, "the time to pay stands still");
    assert_eq!(pass_deadlines(&world.app.shared.db, fresh()).await.unwrap(), 1, "nobody has answered in time");

    let path = format!("/objections/{}/answer", id(&objection));
    let no = json!({"outcome": "dismissed", "text": "减排量经现场核实"});
    world.xianan_officer.post(&path, no.clone()).await.with_status(404);
    world.officer.post(&path, no.clone()).await.with_status(404);
    glass.client.post(&path, no).await.is_refused_with("AUT_NOT_ALLOWED");
    let tasks = world.city_head.get(&format!("/tasks?subject={}", id(&objection))).await.granted();
    let task = &tasks["items"][0];
    assert_eq!((&task["act"], &task["deadline"]), (&json!("objection"), &json!("2022-12-06")), "{tasks:#}");
    let decide = format!("/tasks/{}/decide", id(task));
    world.city_head.post(&decide, json!({"outcome": "approved"})).await.is_refused_with("TSK_REASON_MISSING");
    let verdict = json!({"outcome": "refused", "reason": "减排量经现场核实"});
    world.city_officer.post(&decide, verdict.clone()).await.is_refused_with("TSK_ESCALATED");
    world.city_head.post(&decide, verdict).await.granted();
    let answered = world.auditor.get(&format!("/objections/{}", id(&objection))).await.granted();
    assert_eq!((&answered["outcome"], &answered["version"]), (&json!("dismissed"), &json!(2)));
    let records = world.auditor.get(&format!("/decisions?subject={}", id(&objection))).await.granted();
    assert_eq!(records["items"][0]["outcome"], "refused", "{records:#}");
    assert_eq!(trade_now(&world, trade).await["pay_by"], "2022-12-08", "a working day from the answer");
    assert_eq!(brewery.pays(trade).await.granted()["state"], "settled");
    glass.client.post("/objections", against(trade)).await.with_status(404);
    world.books_are_right().await;
}

#[tokio::test]
async fn an_upheld_objection_refuses_the_trade_and_everything_goes_back() {
    let (world, mill, brewery, glass, trade) = laid_open(CHIBI).await;
    let (first, second) = (objects(&glass, trade).await, objects(&glass, trade).await);
    let path = |objection: &Value| format!("/objections/{}/answer", id(objection));
    let yes = json!({"outcome": "upheld", "text": "减排量重复登记"});
    world.city_head.post(&path(&first), yes).await.granted();
    let refused = trade_now(&world, trade).await;
    assert_eq!((&refused["state"], &refused["reason"]), (&json!("refused"), &json!("减排量重复登记")));
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "120.000");
    assert_eq!(world.balance(brewery.id, "CNY", "available").await, "1000000.00");
    assert_eq!(capacity(&world, CHIBI).await, tonnes("1000.000", "0.000", "0.000"));
    brewery.pays(trade).await.is_refused_with("TRD_WRONG_STATE");
    let late = json!({"outcome": "dismissed", "text": "交易已终止"});
    world.city_head.post(&path(&second), late.clone()).await.granted();
    world.city_head.post(&path(&second), late).await.is_refused_with("QTA_OBJECTION_ANSWERED").with_status(409);
    assert_eq!(trade_now(&world, trade).await["state"], "refused");
    world.books_are_right().await;
}

#[tokio::test]
async fn who_approved_a_trade_does_not_answer_an_objection_to_it() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let kiln = world.buyer("通城陶艺", "1000000.00").await;
    let glass = world.enterprise("通城玻璃").await;
    world.adopts(&[("trade_publicity_days", "2")]).await.granted();
    let trade = world.approved_trade(&mill, &kiln, "10.000 t COD", "9000.00").await;
    let objection = objects(&glass, trade).await;
    assert_eq!(objection["answer_by"], Value::Null, "no rule of Hubei sets a term");
    let path = format!("/objections/{}/answer", id(&objection));
    let no = json!({"outcome": "dismissed", "text": "经核实"});
    world.officer.post(&path, no.clone()).await.is_refused_with("AUT_OWN_APPROVAL").with_status(403);
    world.head.post(&path, no).await.granted();
    world.days_pass(5);
    assert_eq!(kiln.pays(trade).await.granted()["state"], "settled");
    let plain = world.forgets_rules(&["trade_publicity_days"]).await;
    plain.granted();
    let never = world.approved_trade(&mill, &kiln, "10.000 t COD", "9000.00").await;
    glass.client.post("/objections", against(never)).await.with_status(404);
    world.books_are_right().await;
}

#[tokio::test]
async fn the_exchange_confirms_nothing_while_a_paid_trade_is_laid_open_or_objected_to() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let kiln = world.buyer("通城陶艺", "1000000.00").await;
    let glass = world.enterprise("通城玻璃").await;
    world.forgets_rules(&["deposit_rate"]).await.granted();
    world
        .adopts(&[("settlement_confirmation", "on"), ("trade_publicity_days", "1"), ("payment_days", "1")])
        .await
        .granted();
    let trade = world.approved_trade(&mill, &kiln, "10.000 t COD", "9000.00").await;
    assert_eq!(trade_now(&world, trade).await["state"], "paid");
    let objection = objects(&glass, trade).await;
    let confirm = format!("/trades/{trade}/confirm-settlement");
    world.exchange.post(&confirm, json!({})).await.is_refused_with("STL_PUBLICITY_RUNNING").with_status(409);
    world.days_pass(4);
    world.exchange.post(&confirm, json!({})).await.is_refused_with("STL_OBJECTION_OPEN");
    let no = json!({"outcome": "dismissed", "text": "经核实"});
    world.head.post(&format!("/objections/{}/answer", id(&objection)), no).await.granted();
    assert_eq!(world.exchange.post(&confirm, json!({})).await.granted()["state"], "settled");
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_answers_at_the_same_moment_leave_one_of_the_two() {
    let (world, mill, brewery, glass, trade) = laid_open(CHIBI).await;
    let raised = futures::future::join_all((0..4).map(|_| glass.client.post("/objections", against(trade)))).await;
    let objections: Vec<Uuid> = raised.into_iter().map(|answer| id(&answer.granted())).collect();
    let stopped = trade_now(&world, trade).await;
    for objection in objections {
        let path = format!("/objections/{objection}/answer");
        let sent = |client: &crate::support::Client, outcome: &str| {
            let (client, path, body) = (client.clone(), path.clone(), json!({"outcome": outcome, "text": "经核实"}));
            tokio::spawn(async move { client.post(&path, body).await })
        };
        let both = [sent(&world.city_head, "dismissed"), sent(&world.city_officer, "dismissed")];
        let answers = futures::future::join_all(both).await;
        let refused: Vec<_> = answers.iter().map(|answer| answer.as_ref().unwrap().codes()).collect();
        let lost = refused.iter().filter(|codes| *codes == &["QTA_OBJECTION_ANSWERED"]).count();
        assert_eq!((lost, refused.iter().filter(|codes| codes.is_empty()).count()), (1, 1), "{refused:?}");
    }
    let resumed = trade_now(&world, trade).await;
    let turns = resumed["version"].as_i64().unwrap() - stopped["version"].as_i64().unwrap();
    assert_eq!(turns, 1, "the time to pay began anew once: {resumed:#}");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "110.000");
    assert_eq!(world.balance(brewery.id, "CNY", "available").await, "973000.00");
    world.books_are_right().await;
}
