//! What is put into a session, and that no lot keeps it from being announced.

use super::stage::{Session, id};
use crate::support::World;
use crate::support::world::Enterprise;
use accounting::{Measure, Price, Quantity};
use ganhe::access::Action;
use ganhe::kernel::ids::{AuctionId, RightClassId, SiteId};
use ganhe::market::auctions::commands::{NewLot, propose_lots};
use serde_json::{Value, json};
use uuid::Uuid;

fn fields(refused: &Value) -> Vec<(&str, &str)> {
    let violations = refused["violations"].as_array().unwrap().iter();
    violations.map(|one| (one["code"].as_str().unwrap(), one["field"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn nobody_puts_in_what_it_does_not_have() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "10.000 t COD").await;
    let session = Session::planned(&world, "ascending", &[]).await;
    let refused = session.proposes(&mill, "10.001 t COD", "8789.99").await;
    assert_eq!(
        fields(&refused.body),
        [
            ("TRD_NOT_ENOUGH_AVAILABLE", "quantity"),
            ("TRD_REDUCTION_NOT_REGISTERED", "quantity"),
            ("TRD_BELOW_BASE_PRICE", "base_price")
        ]
    );
    let first = session.lot(&mill, "6.000 t COD", "8790.00").await;
    let second = session.proposes(&mill, "4.001 t COD", "8790.00").await;
    second.is_refused_with("TRD_NOT_ENOUGH_AVAILABLE");
    let message = second.body["violations"][0]["message"].as_str().unwrap();
    assert!(message.contains("4.000 t"), "what was put in before counts: {message}");
    mill.client.post(&format!("/auction-lots/{first}/withdraw"), json!({})).await.granted();
    session.lot(&mill, "10.000 t COD", "8790.00").await;
    assert_eq!(mill_holds(&world, &mill).await, "10.000", "nothing is held");
    session.exchange(&world, "/announce").await.granted();
    assert_eq!(mill_holds(&world, &mill).await, "0.000");
    world.books_are_right().await;
}

async fn mill_holds(world: &World, mill: &Enterprise) -> String {
    world.balance(mill.site, &mill.class("COD"), "available").await
}

#[tokio::test]
async fn lots_that_cannot_be_added_up_are_refused() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "10.000 t COD").await;
    let session = Session::planned(&world, "ascending", &[]).await;
    let code = mill.class("COD");
    let classes = world.auditor.get("/right-classes?pollutant=COD").await.granted();
    let class = classes["items"].as_array().unwrap().iter().find(|class| class["code"] == code).unwrap();
    let huge = NewLot {
        of_lien: None,
        auction: AuctionId(session.id),
        site: SiteId(mill.site),
        right_class: RightClassId(id(class)),
        quantity: Quantity::parse("9000000000000.000", &Measure::tonnes()).unwrap(),
        least: None,
        most: None,
        base_price: Price::parse("8790.00").unwrap(),
    };
    let news = [huge.clone(), huge];
    let permit = mill.client.signed_in(&world.app.shared).may(Action::ProposeLot).unwrap();
    let db = &world.app.shared.db;
    let refused = db
        .run(&permit, &news[..], |work, news| {
            Box::pin(async move { propose_lots(work, news).await.map(|lots| lots.len()) })
        })
        .await
        .unwrap_err();
    let told: Vec<(&str, &str)> = refused.violations.iter().map(|one| (one.field.as_str(), one.en.as_str())).collect();
    let wanted = "9000000000000.000 t is wanted";
    assert!(told.contains(&("items[0].quantity", &format!("10.000 t is available, {wanted}"))), "{told:?}");
    assert!(told.contains(&("items[1].quantity", &format!("0.000 t is available, {wanted}"))), "{told:?}");
    let alone = session.proposes(&mill, "9000000000000.000 t COD", "8790.00").await;
    alone.is_refused_with("TRD_NOT_ENOUGH_AVAILABLE").with_status(422);
}

#[tokio::test]
async fn the_exchange_takes_out_what_can_no_longer_be_given() {
    let world = World::new().await;
    let (mill, glass) = (world.seller("临江纸业", "10.000 t COD").await, world.seller("通城玻璃", "4.000 t COD").await);
    let session = Session::planned(&world, "ascending", &[]).await;
    let lot = session.lot(&mill, "10.000 t COD", "8790.00").await;
    session.lot(&glass, "4.000 t COD", "8790.00").await;
    // The mill sells elsewhere what it has put in, and does not take it out.
    mill.offers("1.000 t COD", "8790.00", &glass).await.granted();
    let refused = session.exchange(&world, "/announce").await;
    assert_eq!(
        fields(&refused.body),
        [("TRD_NOT_ENOUGH_AVAILABLE", "lots[1].quantity"), ("TRD_REDUCTION_NOT_REGISTERED", "lots[1].quantity")]
    );
    let path = format!("/auction-lots/{lot}");
    let remove = format!("{path}/remove");
    let why = json!({"reason": "标的已另行出让"});
    mill.client.post(&remove, why.clone()).await.is_refused_with("AUT_NOT_ALLOWED").with_status(403);
    world.exchange.post(&remove, json!({})).await.is_refused_with("TSK_REASON_MISSING");
    let removed = world.exchange.post(&remove, why.clone()).await.granted();
    assert_eq!((&removed["state"], &removed["reason"]), (&json!("withdrawn"), &why["reason"]));
    world.exchange.post(&remove, why.clone()).await.is_refused_with("AUC_WRONG_STATE").with_status(409);
    for (client, told) in
        [(&mill.client, &why["reason"]), (&world.auditor, &why["reason"]), (&glass.client, &Value::Null)]
    {
        assert_eq!(&client.get(&path).await.granted()["reason"], told, "its seller, the exchange and the auditors");
        assert_eq!(&session.list(client, "/lots").await[0]["reason"], told);
    }
    let journals = world.auditor.get(&format!("/audit/journals?subject={lot}")).await.granted();
    let reasons: Vec<&Value> = journals["items"].as_array().unwrap().iter().map(|one| &one["reason"]).collect();
    assert!(reasons.contains(&&why["reason"]), "{journals:#}");
    session.exchange(&world, "/announce").await.granted();
    let next = Session::planned(&world, "ascending", &[]).await;
    let other: Uuid = next.lot(&mill, "9.000 t COD", "8790.00").await;
    next.exchange(&world, "/announce").await.granted();
    world.exchange.post(&format!("/auction-lots/{other}/remove"), why).await.is_refused_with("AUC_WRONG_STATE");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_refusal_blames_what_the_command_has() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "10.000 t COD").await;
    let glass = world.buyer("通城玻璃", "100000.00").await;
    let session = Session::planned(&world, "ascending", &[]).await;
    let bounds = |least: &str, most: &str| {
        json!({"site": mill.site, "right_class": mill.class("COD"), "quantity": "10.000", "base_price": "8790.00",
            "min_quantity": least, "max_quantity": most})
    };
    for (least, most, field) in [("3.000", "2.000", "min_quantity"), ("1.000", "10.001", "max_quantity")] {
        let refused = mill.client.post(&session.path("/lots"), bounds(least, most)).await;
        assert_eq!(fields(&refused.body), [("AUC_BAD_BOUNDS", field)]);
    }
    let lot = session.lot(&mill, "10.000 t COD", "8790.00").await;
    session.exchange(&world, "/announce").await.granted();
    let refused = session.registers(&glass, lot, "2.000", Some("2.001")).await;
    assert_eq!(fields(&refused.body), [("AUC_MINIMUM_TOO_LARGE", "minimum")]);
    assert!(refused.body["violations"][0]["message"].as_str().unwrap().contains("2.000 t"), "{:#}", refused.body);
    // The base price has gone up since, and the registration names no price.
    world.adopts(&[("base_price_cod", "9000.00")]).await.granted();
    let refused = session.registers(&glass, lot, "2.000", None).await;
    assert_eq!(fields(&refused.body), [("TRD_BELOW_BASE_PRICE", "lot")]);
}
