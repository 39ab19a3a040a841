//! Trades that cross each other: two enterprises that sell to one another, two areas whose headroom moves both ways.

use super::{CLIENTS, granted, id, number, retries};
use crate::support::World;
use crate::support::world::{CHIBI, Enterprise};
use futures::future::join_all;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

/// One trade on its way: who sells what to whom.
struct Way<'a> {
    seller: &'a Enterprise,
    buyer: &'a Enterprise,
    holding: &'static str,
}

impl Way<'_> {
    async fn matched(&self) -> Uuid {
        let offer = id(&self.seller.offers(self.holding, "1000.00", self.buyer).await.granted());
        id(&self.buyer.accepts(offer).await.granted())
    }
}

fn both_ways<'a>(one: &Way<'a>, other: &Way<'a>) -> Vec<Way<'a>> {
    let way = |at| if at % 2 == 0 { one } else { other };
    (0..CLIENTS).map(way).map(|way| Way { seller: way.seller, buyer: way.buyer, holding: way.holding }).collect()
}

async fn trader(world: &World, name: &str, area: &str, holdings: &[&str]) -> Enterprise {
    let enterprise = world.enterprise_in(name, area, "paper").await;
    for holding in holdings {
        world.allocate(&enterprise, holding).await;
        world.reduces(&enterprise, holding).await;
    }
    world.deposits(&enterprise, "1000000.00").await;
    enterprise
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_sell_to_each_other_never_lock_each_other_out() {
    retries::listen();
    let world = World::new().await;
    let mill = trader(&world, "临江纸业", "421222", &["100.000 t COD"]).await;
    let glass = trader(&world, "通城玻璃", "421222", &["100.000 t SO2"]).await;
    for _ in 0..2 {
        let there = Way { seller: &mill, buyer: &glass, holding: "2.000 t COD" };
        let back = Way { seller: &glass, buyer: &mill, holding: "2.000 t SO2" };
        let ways = both_ways(&there, &back);
        let trades = join_all(ways.iter().map(Way::matched)).await;
        let approve = |trade: &Uuid| format!("/trades/{trade}/approve");
        let approvals: Vec<String> = trades.iter().map(approve).collect();
        join_all(approvals.iter().map(async |path| world.officer.post(path, json!({})).await.granted())).await;
        let paid = join_all(ways.iter().zip(&trades).map(|(way, trade)| way.buyer.pays(*trade))).await;
        assert_eq!(granted(&paid, &[]), CLIENTS);
        assert!(paid.iter().all(|answer| answer.body["state"] == "settled"));
    }
    for (owner, class, available) in [
        (mill.site, mill.class("COD"), "36.000"),
        (mill.site, mill.class("SO2"), "64.000"),
        (glass.site, mill.class("COD"), "64.000"),
        (glass.site, mill.class("SO2"), "36.000"),
        (mill.id, "CNY".to_owned(), "1000000.00"),
        (glass.id, "CNY".to_owned(), "1000000.00"),
    ] {
        assert_eq!(world.balance(owner, &class, "available").await, available);
    }
    retries::no_deadlock_was_heard();
    world.books_are_right().await;
}

/// A whole trade across the border between two areas, from the offer to the settlement.
async fn crosses(world: &World, way: &Way<'_>) {
    let trade = way.matched().await;
    let approve = format!("/trades/{trade}/approve");
    let bureaux = [&world.officer, &world.chibi_officer];
    join_all(bureaux.map(async |officer| officer.post(&approve, json!({})).await.granted())).await;
    assert_eq!(way.buyer.pays(trade).await.granted()["state"], "settled");
}

/// Headroom and use of an area, from the trial balance of its capacity.
async fn capacity(world: &World, area: &str) -> (Decimal, Decimal) {
    let trial = world.auditor.get("/audit/trial-balance").await.granted();
    let assets = trial["assets"].as_array().unwrap();
    let asset =
        assets.iter().find(|asset| asset["asset"].as_str().unwrap().contains(&format!("CAP-{area}-COD"))).unwrap();
    let of = |purpose: &str| {
        let line = asset["lines"].as_array().unwrap().iter().find(|line| line["purpose"] == purpose);
        line.map_or(Decimal::ZERO, |line| number(line["balance"].as_str().unwrap()))
    };
    assert_eq!(of("committed"), Decimal::ZERO, "{trial:#}");
    (of("headroom"), of("used"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headroom_moves_both_ways_between_two_areas() {
    retries::listen();
    let world = World::new().await;
    let mill = trader(&world, "临江纸业", "421222", &["100.000 t COD"]).await;
    let tannery = trader(&world, "赤壁制革", CHIBI, &["100.000 t COD"]).await;
    let before = (capacity(&world, "421222").await, capacity(&world, CHIBI).await);
    let there = Way { seller: &mill, buyer: &tannery, holding: "3.000 t COD" };
    let back = Way { seller: &tannery, buyer: &mill, holding: "2.000 t COD" };
    let ways = both_ways(&there, &back);
    join_all(ways.iter().map(|way| crosses(&world, way))).await;
    let moved = Decimal::from(CLIENTS / 2);
    let ((headroom, used), (other_headroom, other_used)) = before;
    assert_eq!(
        capacity(&world, "421222").await,
        (headroom + moved, used - moved),
        "the mill sold a tonne more each time"
    );
    assert_eq!(capacity(&world, CHIBI).await, (other_headroom - moved, other_used + moved));
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "84.000");
    assert_eq!(world.balance(tannery.site, &mill.class("COD"), "available").await, "116.000");
    retries::no_deadlock_was_heard();
    world.books_are_right().await;
}
