//! Several nodes: what one has begun another ends, on time and once.

use super::stage::{CLOSES, OPENS, Session, it_is, opened, time_passes};
use crate::support::World;
use futures::future::join_all;
use ganhe::app::binders::PLEDGED_LOTS;
use ganhe::db::Db;
use ganhe::kernel::ids::fresh;
use ganhe::market::auctions::clock::{keep, pass_time};
use std::time::Duration;

#[tokio::test]
async fn a_session_closes_on_time_when_the_node_that_opened_it_is_gone() {
    let world = World::new().await;
    let (glass, brewery) = (world.buyer("通城玻璃", "200000.00").await, world.buyer("通城酒业", "200000.00").await);
    world.allocate(&world.reserve, "10.000 t COD").await;
    let session = Session::planned(&world, "ascending", &[]).await;
    let lot = session.lot(&world.reserve, "10.000 t COD", "8790.00").await;
    session.exchange(&world, "/announce").await.granted();
    for bidder in [&glass, &brewery] {
        session.admits(&world, bidder, lot, "5.000").await;
    }
    it_is(&world, OPENS);
    let first = Db::open(&world.app.url, world.app.clock.clone()).await.unwrap();
    assert_eq!(pass_time(&first, PLEDGED_LOTS, fresh()).await.unwrap(), 1);
    first.close().await.unwrap();
    for bidder in [&glass, &brewery] {
        session.bids(bidder, lot, "8790.00", "5.000").await.granted();
    }
    let second = Db::open(&world.app.url, world.app.clock.clone()).await.unwrap();
    let task = tokio::spawn(keep(second, PLEDGED_LOTS));
    it_is(&world, CLOSES);
    let mut looks = 0;
    while session.state(&world).await != "ranked" {
        looks += 1;
        assert!(looks < 100, "nobody closes it");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    task.abort();
}

#[tokio::test]
async fn many_nodes_take_each_step_once() {
    let world = World::new().await;
    let (glass, brewery) = (world.buyer("通城玻璃", "200000.00").await, world.buyer("通城酒业", "200000.00").await);
    let (session, lot) = opened(&world, "10.000 t COD", &[&glass, &brewery], &[]).await;
    for bidder in [&glass, &brewery] {
        session.bids(bidder, lot, "8790.00", "5.000").await.granted();
    }
    it_is(&world, CLOSES);
    let steps = join_all((0..4).map(|_| pass_time(&world.app.shared.db, PLEDGED_LOTS, fresh()))).await;
    let mut taken: u64 = steps.into_iter().map(|steps| steps.unwrap()).sum();
    // Whoever found the lease taken leaves it to the one who has it.
    taken += time_passes(&world).await;
    assert_eq!(taken, 1);
    assert_eq!(session.list(&world.exchange, "/results").await.len(), 2);
    world.books_are_right().await;
}
