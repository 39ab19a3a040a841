//! Two areas with little headroom, and many who want it at the same moment: for grants, and for trades that go both ways.

use super::{CLIENTS, all_are_fair, granted, id, number, retries};
use crate::support::World;
use crate::support::world::{CHIBI, Enterprise, TONGCHENG};
use futures::future::join_all;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

/// Who wants headroom of one area: grants, and trades whose last approval is missing.
struct Wanting {
    area: &'static str,
    buyer: Enterprise,
    grants: Vec<Uuid>,
    trades: Vec<Uuid>,
}

/// Cap, headroom, committed, used of an area.
async fn figures(world: &World, area: &str) -> [Decimal; 4] {
    let found = world.auditor.get(&format!("/capacities?area={area}&pollutant=COD")).await.granted();
    ["cap", "headroom", "committed", "used"].map(|name| number(found["items"][0][name].as_str().unwrap()))
}

async fn caps(world: &World, area: &str, cap: &str) {
    let body = json!({"area": area, "pollutant": "COD", "cap": cap, "valid_from": "2022-12-01", "document": "调减"});
    world.city_head.post("/capacities", body).await.granted();
}

async fn trader(world: &World, name: &str, area: &str) -> Enterprise {
    let enterprise = world.enterprise_in(name, area, "paper").await;
    world.allocate(&enterprise, "100.000 t COD").await;
    world.reduces(&enterprise, "100.000 t COD").await;
    world.deposits(&enterprise, "1000000.00").await;
    enterprise
}

async fn wanting(world: &World, area: &'static str, buyer: &Enterprise, seller: &Enterprise) -> Wanting {
    let own = if seller.area == TONGCHENG { &world.officer } else { &world.chibi_officer };
    let (mut grants, mut trades) = (Vec::new(), Vec::new());
    for _ in 0..CLIENTS / 4 {
        grants.push(id(&world.propose_allocation(buyer, "3.000 t COD").await.granted()));
        let offer = id(&seller.offers("3.000 t COD", "1000.00", buyer).await.granted());
        let trade = id(&buyer.accepts(offer).await.granted());
        own.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
        trades.push(trade);
    }
    Wanting { area, buyer: buyer.clone(), grants, trades }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_headroom_of_two_areas_goes_to_exactly_as_many_grants_and_trades_as_fit() {
    retries::listen();
    let world = World::new().await;
    let mill = trader(&world, "临江纸业", TONGCHENG).await;
    let tannery = trader(&world, "赤壁制革", CHIBI).await;
    let sides = [wanting(&world, TONGCHENG, &mill, &tannery).await, wanting(&world, CHIBI, &tannery, &mill).await];
    for side in &sides {
        caps(&world, side.area, "120.000").await;
    }
    // Thirty-two at once: half of them grants, half the last approvals of trades, over both areas.
    let mut asked = Vec::new();
    for side in &sides {
        let officer = if side.area == TONGCHENG { &world.officer } else { &world.chibi_officer };
        asked.extend(side.grants.iter().map(|grant| (&world.city_head, format!("/allocations/{grant}/confirm"))));
        asked.extend(side.trades.iter().map(|trade| (officer, format!("/trades/{trade}/approve"))));
    }
    assert_eq!(asked.len(), CLIENTS);
    let answers = join_all(asked.iter().map(|(client, path)| client.post(path, json!({})))).await;
    assert_eq!(
        granted(&answers, &["QTA_OVER_HEADROOM", "TRD_NO_HEADROOM"]),
        12,
        "six times three fit into twenty, twice"
    );
    for side in &sides {
        let [cap, headroom, committed, used] = figures(&world, side.area).await;
        assert_eq!((cap, headroom), (Decimal::from(120), Decimal::TWO), "{}", side.area);
        assert_eq!(committed + used, Decimal::from(118), "{}", side.area);
    }

    // The approved trades settle, which frees what their sellers used, while the grants that were refused are tried again.
    let pays = join_all(sides.iter().flat_map(|side| side.trades.iter().map(|trade| side.buyer.pays(*trade))));
    let paths: Vec<String> =
        sides.iter().flat_map(|side| &side.grants).map(|grant| format!("/allocations/{grant}/confirm")).collect();
    let again = join_all(paths.iter().map(|path| world.city_head.post(path, json!({}))));
    let (paid, confirmed, ()) = tokio::join!(pays, again, world.books_are_right());
    all_are_fair(&paid);
    granted(&confirmed, &["QTA_OVER_HEADROOM", "QTA_ALREADY_DECIDED"]);
    for side in &sides {
        let [cap, headroom, committed, used] = figures(&world, side.area).await;
        assert_eq!((cap, committed), (Decimal::from(120), Decimal::ZERO), "{}", side.area);
        assert_eq!(headroom + used, cap, "{}", side.area);
        let capacity = world.auditor.get(&format!("/capacities?area={}&pollutant=COD", side.area)).await.granted();
        let users = world.auditor.get(&format!("/capacities/{}/users", id(&capacity["items"][0]))).await.granted();
        let sum: Decimal =
            users["items"].as_array().unwrap().iter().map(|one| number(one["used"].as_str().unwrap())).sum();
        assert_eq!(sum, used, "{}: the rights of its sites are what it uses", side.area);
    }
    retries::no_deadlock_was_heard();
    world.books_are_right().await;
}
