//! A match that a person made by mistake, and how it is undone.

use super::{id, payment, suspense, tells, told};
use crate::support::world::Enterprise;
use crate::support::{Answer, World};
use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

async fn matches(world: &World, payment: &Value, to: &Enterprise) -> Value {
    let body = json!({"organisation": to.id, "reason": "电话确认"});
    world.settlement.post(&format!("/money/payments/{}/match", id(payment)), body).await.granted()
}

fn undoing(payment: &Value) -> String {
    format!("/money/payments/{}/undo-match", id(payment))
}

fn because() -> Value {
    json!({"reason": "认领有误,付款单位来函更正"})
}

async fn free(world: &World, owner: &Enterprise) -> String {
    world.balance(owner.id, "CNY", "available").await
}

#[tokio::test]
async fn a_match_by_hand_is_undone_once_and_the_payment_waits_again() {
    let world = World::new().await;
    let (mill, glass) = (world.buyer("临江纸业", "0.01").await, world.buyer("通城玻璃", "0.01").await);
    let payment = told(&world.settlement, "PY-1", "货款", "70.00").await;
    world
        .settlement
        .post(&undoing(&payment), because())
        .await
        .is_refused_with("STL_NOT_MATCHED_BY_HAND")
        .with_status(409);
    matches(&world, &payment, &mill).await;
    assert_eq!((free(&world, &mill).await, suspense(&world).await), ("70.01".to_owned(), "0.00".to_owned()));

    let undone = world.settlement.post(&undoing(&payment), because()).await.granted();
    assert_eq!((&undone["state"], &undone["cause"]), (&json!("unmatched"), &json!("match_undone")));
    assert_eq!((&undone["reason"], &undone["version"]), (&because()["reason"], &json!(3)));
    assert_eq!((&undone["organisation"], &undone["left_free"]), (&Value::Null, &json!("0.00")));
    assert_eq!((free(&world, &mill).await, suspense(&world).await), ("0.01".to_owned(), "70.00".to_owned()));
    let twice = world.settlement.post(&undoing(&payment), because()).await;
    twice.is_refused_with("STL_NOT_MATCHED_BY_HAND").with_status(409);

    // The counter-journal is linked to the journal of the match, and says why.
    let journals = world.auditor.get(&format!("/audit/journals?subject={}", id(&payment))).await.granted();
    let of = |kind: &str| {
        let items = journals["items"].as_array().unwrap().iter();
        items.filter(|journal| journal["kind"] == kind).cloned().collect::<Vec<Value>>()
    };
    let (matched, counter) = (of("payment_matched"), of("reversal"));
    assert_eq!((matched.len(), counter.len()), (1, 1), "{journals:#}");
    assert_eq!((&counter[0]["reverses"], &counter[0]["reason"]), (&matched[0]["id"], &because()["reason"]));

    // It is on the work list again, nobody's but the bank's, and goes to whose it is.
    let waiting = world.settlement.get("/money/payments?state=unmatched").await.granted();
    assert_eq!(waiting["items"][0]["id"], payment["id"]);
    mill.client.get(&format!("/money/payments/{}", id(&payment))).await.with_status(404);
    let right = matches(&world, &payment, &glass).await;
    assert_eq!((&right["state"], &right["version"], &right["cause"]), (&json!("matched"), &json!(4), &Value::Null));
    assert_eq!(free(&world, &glass).await, "70.01");
    // A second mistake is undone like the first, and the payment goes back to whoever paid it.
    world.settlement.post(&undoing(&payment), because()).await.granted();
    let back = json!({"bank_reference": "RT-1", "reason": "付款单位要求退回"});
    world.settlement.post(&format!("/money/payments/{}/return", id(&payment)), back).await.granted();
    world.settlement.post(&undoing(&payment), because()).await.is_refused_with("STL_NOT_MATCHED_BY_HAND");
    assert_eq!((free(&world, &glass).await, suspense(&world).await), ("0.01".to_owned(), "0.00".to_owned()));
    world.books_are_right().await;
}

#[tokio::test]
async fn what_the_text_matched_is_not_undone() {
    let world = World::new().await;
    let mill = world.buyer("临江纸业", "0.01").await;
    let organisation = world.auditor.get(&format!("/organisations/{}", mill.id)).await.granted();
    let payment = told(&world.settlement, "PY-1", organisation["code"].as_str().unwrap(), "70.00").await;
    assert_eq!(payment["state"], "matched");
    world.settlement.post(&undoing(&payment), because()).await.is_refused_with("STL_NOT_MATCHED_BY_HAND");
    let another = world.head_of_another_settlement_bank().await;
    another.post(&undoing(&payment), because()).await.with_status(404);
    world.settlement.post(&undoing(&payment), json!({"reason": " "})).await.with_status(422);
    assert_eq!(free(&world, &mill).await, "70.01");
    world.books_are_right().await;
}

#[tokio::test]
async fn money_that_is_gone_is_not_taken_back() {
    let world = World::new().await;
    let mill = world.buyer("临江纸业", "0.01").await;
    let payment = told(&world.settlement, "PY-1", "货款", "70.00").await;
    matches(&world, &payment, &mill).await;
    let out =
        |amount: &str, reference: &str| json!({"organisation": mill.id, "amount": amount, "bank_reference": reference});
    world.settlement.post("/money/withdrawals", out("0.02", "WD-1")).await.granted();
    let refused = world.settlement.post(&undoing(&payment), because()).await;
    refused.is_refused_with("STL_MONEY_SHORT");
    assert_eq!(refused.body["violations"][0]["field"], "");
    // With the missing fen back all of it is there.
    world.deposits(&mill, "0.01").await;
    world.settlement.post(&undoing(&payment), because()).await.granted();
    assert_eq!((free(&world, &mill).await, suspense(&world).await), ("0.00".to_owned(), "70.00".to_owned()));
    world.books_are_right().await;
}

/// An approved trade of 17,580 CNY with a deposit of 5,274; its id and its payment reference.
async fn approved(world: &World, mill: &Enterprise, glass: &Enterprise) -> (Uuid, String) {
    let trade = world.approved_trade(mill, glass, "2.000 t COD", "8790.00").await;
    let found = world.auditor.get(&format!("/trades/{trade}")).await.granted();
    (trade, found["payment_reference"].as_str().unwrap().to_owned())
}

/// A payment that names a trade beside somebody else, so that a person has to decide.
async fn in_conflict(world: &World, reference: &str, mill: &Enterprise, amount: &str) -> Value {
    let organisation = world.auditor.get(&format!("/organisations/{}", mill.id)).await.granted();
    let text = format!("{reference} {}", organisation["code"].as_str().unwrap());
    let told = told(&world.settlement, &format!("PY-{amount}"), &text, amount).await;
    assert_eq!(told["cause"], "conflicting");
    told
}

#[tokio::test]
async fn a_payment_that_settled_a_trade_stays_matched_also_where_other_money_is_free() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "50000.00").await;
    let (trade, reference) = approved(&world, &mill, &glass).await;
    let payment = in_conflict(&world, &reference, &mill, "12306.00").await;
    let matched = matches(&world, &payment, &glass).await;
    assert_eq!((&matched["trade_outcome"], &matched["towards_trade"]), (&json!("paid_in_full"), &json!("12306.00")));
    assert_eq!(world.auditor.get(&format!("/trades/{trade}")).await.granted()["state"], "settled");
    let refused = world.settlement.post(&undoing(&payment), because()).await;
    refused.is_refused_with("STL_PAYMENT_SPENT").with_status(409);
    assert!(refused.body.to_string().contains(&reference), "{:#}", refused.body);
    assert_eq!(free(&world, &glass).await, "44726.00");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_payment_that_a_trade_holds_is_taken_back_only_when_the_trade_came_to_nothing() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "50000.00").await;
    let (trade, reference) = approved(&world, &mill, &glass).await;
    let payment = in_conflict(&world, &reference, &mill, "100.00").await;
    assert_eq!(matches(&world, &payment, &glass).await["trade_outcome"], "part_paid");
    world.settlement.post(&undoing(&payment), because()).await.is_refused_with("STL_PAYMENT_SPENT");
    mill.client.post(&format!("/trades/{trade}/cancel"), json!({})).await.granted();
    world.settlement.post(&undoing(&payment), because()).await.granted();
    assert_eq!((free(&world, &glass).await, suspense(&world).await), ("50000.00".to_owned(), "100.00".to_owned()));
    world.books_are_right().await;
}

#[tokio::test]
async fn undoing_waits_for_a_second_person_where_matching_does() {
    let world = World::new().await;
    let mill = world.buyer("临江纸业", "0.01").await;
    let payment = told(&world.settlement, "PY-1", "货款", "70.00").await;
    matches(&world, &payment, &mill).await;
    world.adopts(&[("four_eyes_payment_match", "on")]).await.granted();
    let task = id(&world.settlement.post(&undoing(&payment), because()).await.with_status(202).clone().granted());
    assert_eq!(free(&world, &mill).await, "70.01");
    let (decide, yes) = (format!("/tasks/{task}/decide"), json!({"outcome": "approved"}));
    world.settlement.post(&decide, yes.clone()).await.is_refused_with("AUT_OWN_PROPOSAL");
    world.settlement_head().await.post(&decide, yes).await.granted();
    let undone = world.settlement.get(&format!("/money/payments/{}", id(&payment))).await.granted();
    assert_eq!((&undone["state"], &undone["cause"]), (&json!("unmatched"), &json!("match_undone")));
    assert_eq!((free(&world, &mill).await, suspense(&world).await), ("0.01".to_owned(), "70.00".to_owned()));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_match_that_is_undone_and_paid_away_at_once_is_one_or_the_other() {
    let world = World::new().await;
    let mill = world.buyer("临江纸业", "0.01").await;
    let told = [payment("PY-1", "货款", "70.00")];
    let payment = tells(&world.settlement, &told).await.granted()["payments"][0].clone();
    matches(&world, &payment, &mill).await;
    let heads = join_all((0..6).map(|_| world.settlement_head())).await;
    let path = undoing(&payment);
    let undone = join_all(heads[..4].iter().map(|head| head.post(&path, because())));
    let paid_out = join_all(heads[4..].iter().enumerate().map(|(at, head)| {
        let body = json!({"organisation": mill.id, "amount": "70.00", "bank_reference": format!("WD-{at}")});
        head.post("/money/withdrawals", body)
    }));
    let (undone, paid_out) = futures::join!(undone, paid_out);
    let granted = |answers: &[Answer]| answers.iter().filter(|answer| answer.status.is_success()).count();
    assert_eq!(granted(&undone) + granted(&paid_out), 1, "{undone:#?} {paid_out:#?}");
    let known = ["STL_NOT_MATCHED_BY_HAND", "STL_MONEY_SHORT"];
    let refused = undone.iter().chain(&paid_out).filter(|answer| !answer.status.is_success());
    assert!(refused.flat_map(|answer| answer.codes()).all(|code| known.contains(&code)));
    world.books_are_right().await;
}
