//! Hot commands of many at once share works, with their business rows; nobody is harmed by a neighbour that is refused.

use super::{CLIENTS, all_are_fair, retries};
use crate::support::World;
use futures::future::join_all;
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deposits_share_works_and_each_gets_its_own_answer() {
    retries::listen();
    let world = World::new().await;
    let mut mills = Vec::new();
    for at in 0..4 {
        mills.push(world.enterprise(&format!("临江纸业{at}")).await);
    }
    let before = world.app.shared.db.gathered();
    let asked = (0..CLIENTS * 2).map(|at| {
        let (organisation, reference) = match at % 8 {
            3 => (world.bank.id, format!("XN-{at}")),
            5 => (uuid::Uuid::from_u128(9), format!("XN-{at}")),
            6 => (mills[at % 4].id, "XN-0".to_owned()),
            _ => (mills[at % 4].id, format!("XN-{at}")),
        };
        let body = json!({"organisation": organisation, "amount": "12.34", "bank_reference": reference});
        async { world.settlement.post("/money/deposits", body).await }
    });
    let answers = join_all(asked).await;
    all_are_fair(&answers);
    for (at, answer) in answers.iter().enumerate() {
        match at % 8 {
            3 => drop(answer.is_refused_with("STL_NO_MONEY_ACCOUNT")),
            5 => drop(answer.is_refused_with("ORG_UNKNOWN_ORGANISATION")),
            0 | 6 if !answer.status.is_success() => drop(answer.is_refused_with("STL_REFERENCE_BOOKED")),
            _ => assert!(answer.status.is_success(), "request {at}: {:#}", answer.body),
        }
    }
    let once = answers.iter().filter(|answer| answer.body["bank_reference"] == "XN-0").count();
    assert_eq!(once, 1, "one of those with the same reference is booked");
    let after = world.app.shared.db.gathered();
    assert_eq!(after.alone, before.alone, "no batch failed as a whole");
    assert!(after.works - before.works < (CLIENTS * 2) as u64, "they shared works");
    retries::no_deadlock_was_heard();
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payments_of_many_buyers_settle_in_shared_works_and_name_their_payers() {
    retries::listen();
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let mut trades = Vec::new();
    for at in 0..12 {
        // Of 5,000.00 a deposit of 30 % is held already; every fourth has less than the rest.
        let money = if at % 4 == 2 { "2500.00" } else { "5000.00" };
        let buyer = world.buyer(&format!("通城玻璃{at}"), money).await;
        let trade = world.approved_trade(&mill, &buyer, "5.000 t COD", "1000.00").await;
        trades.push((buyer, trade));
    }
    let paths: Vec<String> = trades.iter().map(|(_, trade)| format!("/trades/{trade}/pay")).collect();
    let asked = trades.iter().zip(&paths).map(|((buyer, _), path)| buyer.client.post(path, json!({})));
    let answers = join_all(asked).await;
    for (at, (answer, (buyer, trade))) in answers.iter().zip(&trades).enumerate() {
        if at % 4 == 2 {
            answer.is_refused_with("STL_MONEY_SHORT");
            continue;
        }
        assert_eq!(answer.body["state"], "settled", "{:#}", answer.body);
        let payer = buyer.client.get("/me").await.granted()["user"].clone();
        let journals = world.auditor.get(&format!("/audit/journals?subject={trade}")).await.granted();
        let by_payer = journals["items"].as_array().unwrap().iter().filter(|journal| {
            ["trade_paid", "trade_settled"].iter().any(|kind| journal["kind"] == *kind) && journal["actor"] == payer
        });
        assert_eq!(by_payer.count(), 2, "the journals name who paid: {journals:#}");
    }
    let after = world.app.shared.db.gathered();
    assert_eq!(after.alone, 0, "no batch failed as a whole");
    retries::no_deadlock_was_heard();
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registrations_of_several_banks_share_works_and_each_stands_under_its_banks_name() {
    retries::listen();
    let world = World::new().await;
    let mut pledges = Vec::new();
    for at in 0..16 {
        let bank = if at % 2 == 0 { &world.bank } else { &world.other_bank };
        let mill = world.seller(&format!("临江纸业{at}"), "20.000 t COD").await;
        mill.consents(bank, &["COD"]).await;
        let pledge = bank.applies(&mill, "10.000 t COD").await.granted()["id"].as_str().unwrap().parse().unwrap();
        world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
        mill.client.post(&format!("/pledges/{pledge}/agree"), json!({})).await.granted();
        pledges.push((bank, pledge));
    }
    let before = world.app.shared.db.gathered();
    let answers = join_all(pledges.iter().map(|(bank, pledge)| bank.registers(*pledge))).await;
    let after = world.app.shared.db.gathered();
    let numbers: BTreeSet<String> = answers.iter().map(|answer| answer.text("number")).collect();
    let wanted: BTreeSet<String> = (1..=16).map(|running| format!("PL-2022-{running:06}")).collect();
    assert_eq!(numbers, wanted, "each has a number, and there is no gap");
    for (bank, pledge) in &pledges {
        let officer = bank.client.get("/me").await.granted()["user"].clone();
        let journals = world.auditor.get(&format!("/audit/journals?subject={pledge}")).await.granted();
        let journals = journals["items"].as_array().unwrap();
        let registered = journals.iter().find(|journal| journal["kind"] == "pledge_registered").unwrap();
        assert_eq!(registered["actor"], officer, "{registered:#}");
    }
    assert_eq!(after.alone, before.alone, "no batch failed as a whole");
    assert!(after.batches - before.batches < 16, "they shared works");
    retries::no_deadlock_was_heard();
    world.books_are_right().await;
}
