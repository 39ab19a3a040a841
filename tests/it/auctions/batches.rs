//! However bids are gathered, the same come of them.

use super::stage::{CLOSES, OPENS, Session, it_is, opened, time_passes};
use crate::support::World;
use crate::support::world::Enterprise;
use accounting::{Measure, Price, Quantity};
use ganhe::access::Action;
use ganhe::kernel::ids::{AuctionId, AuctionLotId};
use ganhe::market::auctions::bid::Terms;
use ganhe::market::auctions::bidding::{NewBid, place};
use serde_json::Value;
use uuid::Uuid;

/// Who bids what, in order.
const BIDS: [(usize, &str, &str); 8] = [
    (0, "8790.00", "3.000"),
    (1, "8840.00", "4.000"),
    (2, "8840.00", "4.000"),
    (0, "8840.00", "3.000"),
    (3, "8890.00", "2.000"),
    (1, "8890.00", "4.000"),
    (2, "8890.00", "4.000"),
    (0, "8890.00", "3.000"),
];

fn new(
    world: &World,
    session: &Session,
    lot: Uuid,
    bidders: &[Enterprise],
    (at, price, quantity): (usize, &str, &str),
) -> NewBid {
    let measure = Measure::tonnes();
    NewBid {
        by: bidders[at].client.signed_in(&world.app.shared),
        auction: AuctionId(session.id),
        lot: AuctionLotId(lot),
        terms: Terms { price: Price::parse(price).unwrap(), quantity: Quantity::parse(quantity, &measure).unwrap() },
        salt: None,
        measure,
    }
}

/// Places the bids in batches of this size and gives the ranking.
async fn ranked(size: usize) -> Vec<(String, Value, Value, Value)> {
    let world = World::new().await;
    let mut bidders = Vec::new();
    for at in 0..4 {
        bidders.push(world.buyer(&format!("竞买企业{at}"), "200000.00").await);
    }
    let (session, lot) =
        opened(&world, "10.000 t COD", &bidders.iter().collect::<Vec<_>>(), &[("soft_close_seconds", "10")]).await;
    it_is(&world, OPENS);
    for batch in BIDS.chunks(size) {
        let wanted: Vec<NewBid> = batch.iter().map(|bid| new(&world, &session, lot, &bidders, *bid)).collect();
        let permit = wanted[0].by.may(Action::BidAtAuction).unwrap();
        let db = &world.app.shared.db;
        let placed: usize = db
            .run(&permit, &wanted[..], |work, wanted| {
                Box::pin(async move { place(work, wanted).await.map(|bids| bids.len()) })
            })
            .await
            .unwrap();
        assert_eq!(placed, batch.len());
    }
    it_is(&world, CLOSES);
    time_passes(&world).await;
    let mut places = Vec::new();
    for award in session.list(&world.exchange, "/results").await {
        let who = bidders.iter().position(|one| award["organisation"] == one.id.to_string()).unwrap();
        places.push((format!("{who}"), award["price"].clone(), award["quantity"].clone(), award["total"].clone()));
    }
    places
}

#[tokio::test]
async fn the_ranking_does_not_depend_on_how_bids_were_gathered() {
    let one_by_one = ranked(1).await;
    let order: Vec<&str> = one_by_one.iter().map(|place| place.0.as_str()).collect();
    assert_eq!(order, ["3", "1", "2", "0"], "price before time: {one_by_one:?}");
    assert_eq!(ranked(3).await, one_by_one);
    assert_eq!(ranked(BIDS.len()).await, one_by_one);
}
