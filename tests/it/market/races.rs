//! Two at the same moment in the market, and what changes between the approval of a trade and its settlement.

use super::id;
use crate::quota::suspensions::Province;
use crate::support::world::{CHIBI, Enterprise};
use crate::support::{Answer, World};
use futures::future::join_all;
use ganhe::kernel::ids::fresh;
use ganhe::market::clock::pass_day;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Matched trades of 1 t each.
async fn matched(seller: &Enterprise, buyer: &Enterprise, count: usize) -> Vec<Uuid> {
    let mut trades = Vec::new();
    for _ in 0..count {
        let offer = id(&seller.offers("1.000 t COD", "9000.00", buyer).await.granted());
        trades.push(id(&buyer.accepts(offer).await.granted()));
    }
    trades
}

fn sent(client: &crate::support::Client, path: String, body: Value) -> tokio::task::JoinHandle<Answer> {
    let client = client.clone();
    tokio::spawn(async move { client.post(&path, body).await })
}

async fn stage(buyer_money: &str) -> (World, Enterprise, Enterprise) {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let brewery = world.enterprise_in("赤壁酒业", CHIBI, "food").await;
    world.deposits(&brewery, buyer_money).await;
    (world, mill, brewery)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_and_a_cancellation_at_the_same_moment_leave_one_of_the_two() {
    let (world, mill, brewery) = stage("1000000.00").await;
    let trades = matched(&mill, &brewery, 8).await;
    for trade in &trades {
        world.officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    }
    let mut pairs = Vec::new();
    for trade in &trades {
        let approve = sent(&world.chibi_officer, format!("/trades/{trade}/approve"), json!({}));
        let cancel = sent(&brewery.client, format!("/trades/{trade}/cancel"), json!({}));
        pairs.push((*trade, approve, cancel));
    }
    for (trade, approve, cancel) in pairs {
        let (approve, cancel) = (approve.await.unwrap(), cancel.await.unwrap());
        let state = mill.client.get(&format!("/trades/{trade}")).await.text("state");
        assert_ne!(approve.status.is_success(), cancel.status.is_success(), "{:#} {:#}", approve.body, cancel.body);
        if approve.status.is_success() {
            cancel.is_refused_with("TRD_NOT_THE_SELLER");
            assert_eq!(state, "approved");
        } else {
            approve.is_refused_with("TRD_WRONG_STATE");
            assert_eq!(state, "cancelled");
        }
    }
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_and_the_clock_at_the_last_moment_settle_or_end_a_trade_once() {
    let (world, mill, brewery) = stage("1000000.00").await;
    world.adopts(&[("payment_days", "1"), ("deposit_forfeit", "on")]).await.granted();
    let mut trades = Vec::new();
    for _ in 0..6 {
        trades.push(world.approved_trade(&mill, &brewery, "1.000 t COD", "9000.00").await);
    }
    world.days_pass(1);
    let pays: Vec<_> =
        trades.iter().map(|trade| sent(&brewery.client, format!("/trades/{trade}/pay"), json!({}))).collect();
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    world.days_pass(1);
    let looks = (0..3).map(|_| {
        let db = world.app.shared.db.clone();
        tokio::spawn(async move { pass_day(&db, fresh()).await.unwrap().trades })
    });
    let ended: u64 = join_all(looks).await.into_iter().map(Result::unwrap).sum();
    let (mut settled, mut late) = (0_u32, 0_u32);
    for pay in pays {
        let answer = pay.await.unwrap();
        if answer.status.is_success() {
            settled += 1;
        } else {
            let fair = ["STL_DEADLINE_PASSED", "TRD_WRONG_STATE"];
            assert!(answer.codes().iter().all(|code| fair.contains(code)), "{:#}", answer.body);
            late += 1;
        }
    }
    let rest = pass_day(&world.app.shared.db, fresh()).await.unwrap().trades;
    assert_eq!(u64::from(late), ended + rest, "each late one ended, once");
    let mut states: BTreeMap<String, u32> = BTreeMap::new();
    for trade in &trades {
        *states.entry(mill.client.get(&format!("/trades/{trade}")).await.text("state")).or_default() += 1;
    }
    let told = (states.get("settled").copied().unwrap_or(0), states.get("expired").copied().unwrap_or(0));
    assert_eq!(told, (settled, late), "{states:?}");
    let money: rust_decimal::Decimal = world.balance(mill.id, "CNY", "available").await.parse().unwrap();
    assert_eq!(money, rust_decimal::Decimal::from(settled * 9_000 + late * 2_700));
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trade_is_paid_once_and_neither_short_nor_beyond_nor_when_it_is_called_off() {
    let (world, mill, brewery) = stage("9000.00").await;
    let trade = world.approved_trade(&mill, &brewery, "1.000 t COD", "9000.00").await;
    let path = format!("/trades/{trade}/pay");
    brewery.client.post(&path, json!({"amount": "6300.01"})).await.is_refused_with("STL_OVERPAID");
    let out = json!({"organisation": brewery.id, "amount": "0.01", "bank_reference": "OUT-9"});
    world.settlement.post("/money/withdrawals", out).await.granted();
    brewery.pays(trade).await.is_refused_with("STL_MONEY_SHORT");
    world.deposits(&brewery, "0.01").await;
    let pays: Vec<_> = (0..6).map(|_| sent(&brewery.client, path.clone(), json!({}))).collect();
    let mut told = Vec::new();
    for pay in pays {
        told.push(pay.await.unwrap());
    }
    assert_eq!(told.iter().filter(|answer| answer.status.is_success()).count(), 1);
    for answer in told.iter().filter(|answer| !answer.status.is_success()) {
        answer.is_refused_with("STL_ALREADY_SETTLED");
    }
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "9000.00");
    world.deposits(&brewery, "9000.00").await;
    let called_off = world.approved_trade(&mill, &brewery, "1.000 t COD", "9000.00").await;
    mill.client.post(&format!("/trades/{called_off}/cancel"), json!({})).await.granted();
    brewery.pays(called_off).await.is_refused_with("TRD_WRONG_STATE").with_status(409);
    assert_eq!(world.balance(brewery.id, "CNY", "available").await, "9000.00");
    world.books_are_right().await;
}

#[tokio::test]
async fn what_is_suspended_after_the_approval_does_not_settle_until_it_is_lifted() {
    let (world, mill, brewery) = stage("1000000.00").await;
    let province = Province::of(&world).await;
    let trade = world.approved_trade(&mill, &brewery, "1.000 t COD", "9000.00").await;
    let act = |of: &Enterprise, word: &str| format!("/organisations/{}/{word}", of.id);
    let bureau = province.head.clone();
    for party in [&mill, &brewery] {
        bureau.post(&act(party, "suspend"), json!({"reason": "未批先建"})).await.granted();
        let paid = brewery.pays(trade).await;
        let codes = ["TRD_PARTY_SUSPENDED", "AUT_ORGANISATION_SUSPENDED"];
        assert!(paid.codes().iter().any(|code| codes.contains(code)), "{:#}", paid.body);
        bureau.post(&act(party, "reinstate"), json!({"reason": "整改完成"})).await.granted();
    }
    let suspension = province.suspends(CHIBI, ("pollutant", "COD")).await;
    brewery.pays(trade).await.is_refused_with("TRD_AREA_SUSPENDED");
    assert_eq!(world.balance(brewery.id, "CNY", "available").await, "997300.00", "nothing was paid");
    province.lifts(suspension).await;
    assert_eq!(brewery.pays(trade).await.granted()["state"], "settled");
    world.books_are_right().await;
}
