//! The same payment at the same moment, and payments beside those who pay for themselves.

use super::{payment, suspense, tells};
use crate::support::World;
use futures::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn a_payment_that_is_told_eight_times_at_once_is_booked_once() {
    let world = World::new().await;
    let told = payment("PY-1", "货款", "70.00");
    let clients = join_all((0..8).map(|_| world.settlement_head())).await;
    let answers = join_all(clients.iter().map(|client| tells(client, std::slice::from_ref(&told)))).await;
    let ids: BTreeSet<String> =
        answers.into_iter().map(|answer| answer.granted()["payments"][0]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(suspense(&world).await, "70.00");
    world.books_are_right().await;
}

#[tokio::test]
async fn of_different_payments_under_one_reference_one_is_booked() {
    let world = World::new().await;
    let told: Vec<Value> = (1..=6).map(|yuan| payment("PY-1", "货款", &format!("{yuan}.00"))).collect();
    let answers = join_all(told.iter().map(|told| tells(&world.settlement, std::slice::from_ref(told)))).await;
    let granted = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers.iter().filter(|answer| answer.codes().contains(&"STL_PAYMENT_DIFFERS")).count();
    assert_eq!((granted, refused), (1, 5));
    world.books_are_right().await;
}

#[tokio::test]
async fn the_bank_and_the_buyer_pay_one_trade_at_once_and_it_is_never_overpaid() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "17580.00").await;
    let trade = world.approved_trade(&mill, &glass, "2.000 t COD", "8790.00").await;
    let found = world.auditor.get(&format!("/trades/{trade}")).await.granted();
    let reference = found["payment_reference"].as_str().unwrap().to_owned();
    let banks = (0..4).map(|at| {
        let (world, reference) = (world.clone(), reference.clone());
        async move {
            let told = payment(&format!("PY-{at}"), &reference, "12306.00");
            tells(&world.settlement, &[told]).await
        }
    });
    let buyers = (0..2).map(|_| glass.pays(trade));
    let (banks, _) = futures::join!(join_all(banks), join_all(buyers));
    for answer in banks {
        answer.granted();
    }
    let trade = world.auditor.get(&format!("/trades/{trade}")).await.granted();
    assert_eq!((&trade["state"], &trade["paid"]), (&json!("settled"), &json!("17580.00")));
    // The buyer had 17,580 and got four times 12,306; the trade took 17,580 of it, once.
    assert_eq!(world.balance(glass.id, "CNY", "available").await, "49224.00");
    world.books_are_right().await;
}
