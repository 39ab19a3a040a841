//! A little of everything: what the verification has to follow, and what the database has to keep.

use crate::support::World;
use crate::support::world::{CHIBI, Enterprise};
use serde_json::{Value, json};
use uuid::Uuid;

/// What happened, by name.
pub struct History {
    /// The stage.
    pub world: World,
    /// Sells and pledges.
    pub mill: Enterprise,
    /// A grant that was confirmed.
    pub allocation: Uuid,
    /// An offer that waits for its answer.
    pub open_offer: Uuid,
    /// The trade that the offer would become; it holds the grams.
    pub offered_trade: Uuid,
    /// An approved trade into another area, whose headroom it holds.
    pub across: Uuid,
    /// A trade that is approved and waits for its payment.
    pub approved: Uuid,
    /// A trade that was settled and whose permits were varied.
    pub closed: Uuid,
    /// A pledge that is registered.
    pub registered: Uuid,
    /// A pledge that was released.
    pub released: Uuid,
}

fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

impl History {
    /// Lets it happen.
    pub async fn happen() -> Self {
        Self::happen_to(World::new().await).await
    }

    /// The same on a stage that is set.
    pub async fn happen_to(world: World) -> Self {
        let mill = world.seller("临江纸业", "120.000 t COD").await;
        let allocation = world.allocate(&mill, "60.000 t SO2").await;
        let glass = world.buyer("通城玻璃", "1000000.00").await;
        let closed = closed_trade(&world, &mill, &glass).await;
        let approved = world.approved_trade(&mill, &glass, "5.000 t COD", "1000.00").await;
        let across = across_the_border(&world, &mill).await;
        let offer = mill.offers("3.000 t COD", "1000.00", &glass).await.granted();
        let (open_offer, offered_trade) = (id(&offer), offer["trade"].as_str().unwrap().parse().unwrap());
        ended_without_a_trade(&world, &mill, &glass).await;
        let (registered, released) = pledges(&world, &mill).await;
        let out = json!({"organisation": glass.id, "amount": "100.00", "bank_reference": "OUT-1"});
        world.settlement.post("/money/withdrawals", out).await.granted();
        Self { world, mill, allocation, open_offer, offered_trade, across, approved, closed, registered, released }
    }
}

async fn closed_trade(world: &World, mill: &Enterprise, glass: &Enterprise) -> Uuid {
    let trade = world.approved_trade(mill, glass, "10.000 t COD", "1000.00").await;
    glass.pays(trade).await.granted();
    for (side, permit) in [("seller", mill.permit), ("buyer", glass.permit)] {
        let body = json!({"side": side, "permit": permit});
        world.officer.post(&format!("/trades/{trade}/vary-permit"), body).await.granted();
    }
    trade
}

/// Headroom of Chibi stays held for it.
async fn across_the_border(world: &World, mill: &Enterprise) -> Uuid {
    let tannery = world.enterprise_in("赤壁制革", CHIBI, "paper").await;
    world.deposits(&tannery, "100000.00").await;
    world.approved_trade(mill, &tannery, "4.000 t COD", "1000.00").await
}

async fn ended_without_a_trade(world: &World, mill: &Enterprise, glass: &Enterprise) {
    for (party, word) in [(mill, "withdraw"), (glass, "decline")] {
        let offer = id(&mill.offers("2.000 t COD", "1000.00", glass).await.granted());
        party.client.post(&format!("/offers/{offer}/{word}"), json!({})).await.granted();
    }
    for (client, word) in [(&world.officer, "refuse"), (&glass.client, "cancel")] {
        let offer = id(&mill.offers("2.000 t COD", "1000.00", glass).await.granted());
        let trade = id(&glass.accepts(offer).await.granted());
        client.post(&format!("/trades/{trade}/{word}"), json!({"reason": "资料不全"})).await.granted();
    }
    mill.offers("900.000 t COD", "1000.00", glass).await.is_refused_with("TRD_NOT_ENOUGH_AVAILABLE");
}

async fn pledges(world: &World, mill: &Enterprise) -> (Uuid, Uuid) {
    let consent = mill.consents(&world.bank, &["COD", "SO2"]).await;
    world.bank.client.post(&format!("/consents/{consent}/look"), json!({})).await.granted();
    let registered = world.bank.agreed_pledge(world, mill, "20.000 t SO2").await;
    world.bank.registers(registered).await.granted();
    let released = world.bank.agreed_pledge(world, mill, "10.000 t SO2").await;
    world.bank.registers(released).await.granted();
    world.bank.releases(released).await.granted();
    let withdrawn = id(&world.bank.applies(mill, "1.000 t SO2").await.granted());
    world.bank.client.post(&format!("/pledges/{withdrawn}/withdraw"), json!({})).await.granted();
    (registered, released)
}
