//! Two at the same moment: the clock against a settling trade and a registering lien, two decisions on the same grams.

use super::{approves, day_passes, granted, holding, id, pledge_agreed, stands, surrenders};
use crate::support::World;
use crate::support::world::{CHIBI, Enterprise};
use futures::future::join_all;
use ganhe::app::binders::BINDERS;
use ganhe::kernel::ids::fresh;
use ganhe::quota::tenure::clock::pass_day;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

/// Trades of 2 t each that wait for their payment, into an area of their own.
async fn approved(world: &World, mill: &Enterprise, buyer: &Enterprise, class: &str, count: usize) -> Vec<Uuid> {
    let mut trades = Vec::new();
    for _ in 0..count {
        let body = json!({"seller_site": mill.site, "buyer_site": buyer.site, "right_class": class, "quantity": "2.000",
            "unit_price": "1000.00"});
        let offer = id(&mill.client.post("/offers", body).await.granted());
        let trade = id(&buyer.accepts(offer).await.granted());
        for officer in [&world.officer, &world.chibi_officer] {
            officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
        }
        trades.push(trade);
    }
    trades
}

async fn tonnes(world: &World, site: Uuid, class: &str) -> Decimal {
    let mut sum = Decimal::ZERO;
    for (_, balance) in holding(world, site, class).await {
        sum += balance.parse::<Decimal>().unwrap();
    }
    sum
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trade_settles_before_the_day_turns_or_is_undone_after_it() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "20.000", "paid", "2022-12-05").await;
    world.reduces(&mill, "20.000 t COD").await;
    let tannery = world.enterprise_in("赤壁制革", CHIBI, "paper").await;
    world.deposits(&tannery, "100000.00").await;
    let trades = approved(&world, &mill, &tannery, &class, 8).await;
    world.days_pass(4);
    let pays = trades.iter().enumerate().map(|(at, trade)| {
        let (client, path) = (tannery.client.clone(), format!("/trades/{trade}/pay"));
        tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_millis(at as u64 * 4)).await;
            client.post(&path, json!({})).await
        })
    });
    let pays: Vec<_> = pays.collect();
    tokio::time::sleep(std::time::Duration::from_millis(15)).await;
    world.days_pass(1);
    let looks = join_all((0..3).map(|_| pass_day(&world.app.shared.db, BINDERS, fresh()))).await;
    assert!(looks.iter().all(Result::is_ok), "{looks:?}");
    let mut settled = 0;
    for pay in pays {
        let answer = pay.await.unwrap();
        assert!(answer.status.as_u16() < 500, "{:#}", answer.body);
        settled += u32::from(answer.status.is_success());
    }
    day_passes(&world).await;
    for trade in &trades {
        let state = mill.client.get(&format!("/trades/{trade}")).await.text("state");
        assert!(["settled", "cancelled"].contains(&state.as_str()), "{state}");
    }
    let money: Decimal = world.balance(mill.id, "CNY", "available").await.parse().unwrap();
    assert_eq!(money, Decimal::from(settled * 2_000));
    let over = stands(&[("expired", &format!("{}.000", 20 - settled * 2))]);
    assert_eq!(holding(&world, mill.site, &class).await, over, "{settled} settled");
    assert_eq!(tonnes(&world, mill.site, &class).await + tonnes(&world, tannery.site, &class).await, Decimal::from(20));
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lien_is_registered_before_the_day_turns_or_not_at_all() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "12.000", "paid", "2022-12-05").await;
    let mut pledges = Vec::new();
    for _ in 0..6 {
        pledges.push(pledge_agreed(&world, &world.bank, &mill, &class, "2.000").await);
    }
    world.days_pass(4);
    let registers = pledges.iter().map(|pledge| {
        let (client, path) = (world.bank.client.clone(), format!("/pledges/{pledge}/register"));
        tokio::spawn(async move { client.post(&path, json!({})).await })
    });
    let registers: Vec<_> = registers.collect();
    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    world.days_pass(1);
    let looks = join_all((0..3).map(|_| pass_day(&world.app.shared.db, BINDERS, fresh()))).await;
    assert!(looks.iter().all(Result::is_ok), "{looks:?}");
    for register in registers {
        let answer = register.await.unwrap();
        assert!(answer.status.as_u16() < 500, "{:#}", answer.body);
    }
    day_passes(&world).await;
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("expired", "12.000")]));
    for pledge in pledges {
        let told = world.bank.client.get(&format!("/pledges/{pledge}")).await.granted();
        let lapsed = if told["state"] == "registered" { "2.000" } else { "0.000" };
        assert_eq!(told["liens"][0]["lapsed"], lapsed, "{told:#}");
    }
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_decisions_on_the_same_grams_give_up_no_more_than_there_are() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "10.000", "paid", "2025-12-31").await;
    let mut acts = Vec::new();
    for _ in 0..6 {
        acts.push(id(&surrenders(&mill, &class, "4.000").await.granted()));
    }
    let decisions = acts.iter().chain(&acts).map(|act| approves(&world.head, *act));
    let told = join_all(decisions).await;
    let done = told.iter().filter(|answer| answer.status.is_success()).count();
    assert_eq!(done, 2, "{told:#?}");
    let short = told.iter().filter(|answer| !answer.status.is_success());
    assert!(short.clone().all(|answer| [409, 422].contains(&answer.status.as_u16())), "{told:#?}");
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("available", "2.000"), ("retired", "8.000")]));
    world.books_are_right().await;
}
