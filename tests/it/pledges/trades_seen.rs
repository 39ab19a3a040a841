//! What a bank sees of an enterprise's trades under its consent.

use super::id;
use crate::disclosure::made;
use crate::prices::settled;
use crate::support::World;
use crate::support::world::{Enterprise, TONGCHENG};
use serde_json::{Value, json};
use uuid::Uuid;

/// A mill that has sold COD and SO2 and bought COD, and has a sale of COD under way; beside it others trade.
struct Stage {
    world: World,
    mill: Enterprise,
    sold: Uuid,
    bought: Uuid,
}

impl Stage {
    async fn new() -> Self {
        let world = World::new().await;
        let mill = world.seller("临江纸业", "120.000 t COD").await;
        world.allocate(&mill, "100.000 t SO2").await;
        world.reduces(&mill, "100.000 t SO2").await;
        world.deposits(&mill, "100000.00").await;
        let kiln = world.seller("通城窑业", "50.000 t COD").await;
        let glass = world.buyer("通城玻璃", "1000000.00").await;
        let sold = settled(&world, &mill, &glass, "2.000 t COD", "8790.00").await;
        settled(&world, &mill, &glass, "5.000 t SO2", "3990.00").await;
        settled(&world, &kiln, &glass, "3.000 t COD", "8790.00").await;
        let bought = settled(&world, &kiln, &mill, "1.000 t COD", "8800.00").await;
        world.approved_trade(&mill, &glass, "4.000 t COD", "8790.00").await;
        Self { world, mill, sold, bought }
    }
}

fn ids(page: &Value) -> Vec<Uuid> {
    page["items"].as_array().unwrap().iter().map(id).collect()
}

#[tokio::test]
async fn a_bank_sees_what_was_sold_and_bought_of_the_classes_of_the_consent_and_nothing_else() {
    let Stage { world, mill, sold, bought } = Stage::new().await;
    let consent = mill.consents(&world.bank, &["COD"]).await;
    let trades = format!("/consents/{consent}/trades");
    let page = world.bank.client.get(&trades).await.granted();
    assert_eq!(ids(&page), [bought, sold], "the newest first: {page:#}");
    let expected = [("buyer", "1.000", "8800.00", "8800.00"), ("seller", "2.000", "8790.00", "17580.00")];
    for (item, (side, quantity, price, total)) in page["items"].as_array().unwrap().iter().zip(expected) {
        assert_eq!((&item["side"], &item["quantity"]), (&json!(side), &json!(quantity)));
        assert_eq!((&item["unit_price"], &item["total"]), (&json!(price), &json!(total)));
        assert_eq!((&item["site"], &item["right_class"]), (&json!(mill.site), &json!(mill.class("COD"))));
        assert_eq!((&item["settled_on"], &item["mode"]), (&json!("2022-12-01"), &json!("negotiated")));
        assert_eq!((&item["counterparty"], &item["counterparty_area"]), (&Value::Null, &Value::Null));
    }

    let first = world.bank.client.get(&format!("{trades}?limit=1")).await.granted();
    let next = first["next_cursor"].as_str().unwrap();
    let second = world.bank.client.get(&format!("{trades}?limit=1&cursor={next}")).await.granted();
    assert_eq!((ids(&first), ids(&second)), (vec![bought], vec![sold]));
    assert_eq!(second["next_cursor"], Value::Null);

    let sulphur = mill.consents(&world.other_bank, &["SO2"]).await;
    let page = world.other_bank.client.get(&format!("/consents/{sulphur}/trades")).await.granted();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_eq!(page["items"][0]["quantity"], "5.000", "{page:#}");
    world.books_are_right().await;
}

#[tokio::test]
async fn of_the_other_party_a_bank_learns_what_the_public_register_tells() {
    let Stage { world, mill, sold, .. } = Stage::new().await;
    let consent = mill.consents(&world.bank, &["COD"]).await;
    let trades = format!("/consents/{consent}/trades");
    made(&world).await;
    world.adopts(&[("disclose_parties", "on")]).await.granted();
    let other = async || {
        let page = world.bank.client.get(&trades).await.granted();
        let items = page["items"].as_array().unwrap().clone();
        let item = items.into_iter().find(|item| id(item) == sold).unwrap();
        (item["counterparty"].clone(), item["counterparty_area"].clone())
    };
    assert_eq!(other().await, (Value::Null, Value::Null), "nothing is published");
    let due = world.exchange.get("/publications?state=due&limit=200").await.granted();
    let is_of = |item: &&Value| item["trade"] == json!(sold);
    let publication = id(due["items"].as_array().unwrap().iter().find(is_of).unwrap());
    let path = format!("/publications/{publication}");
    world.exchange.post(&format!("{path}/publish"), json!({})).await.granted();
    assert_eq!(other().await, (json!("通城玻璃"), json!(TONGCHENG)));
    world.forgets_rules(&["disclose_parties"]).await.granted();
    assert_eq!(other().await, (Value::Null, json!(TONGCHENG)), "no rule lets parties be shown");
    world.exchange.post(&format!("{path}/withdraw"), json!({"reason": "录入有误"})).await.granted();
    assert_eq!(other().await, (Value::Null, Value::Null), "it is public no more");
}

#[tokio::test]
async fn every_page_of_trades_is_a_look_that_the_enterprise_sees_and_ends_with_the_consent() {
    let Stage { world, mill, .. } = Stage::new().await;
    let consent = mill.consents(&world.bank, &["COD"]).await;
    let trades = format!("/consents/{consent}/trades");
    world.an_hour_passes();
    world.other_bank.client.get(&trades).await.with_status(404);
    mill.client.get(&trades).await.is_refused_with("AUT_NOT_ALLOWED");
    world.bank.client.get(&trades).await.granted();
    world.bank.client.get(&format!("{trades}?limit=1")).await.granted();
    world.bank.client.post(&format!("/consents/{consent}/look"), json!({})).await.granted();
    let log = mill.client.get("/access-log?order=newest&limit=200").await.granted();
    let looks = log["items"].as_array().unwrap().iter().filter(|item| item["consent"] == consent.to_string());
    let told: Vec<(&str, &str)> =
        looks.map(|item| (item["operation"].as_str().unwrap(), item["asked"].as_str().unwrap())).collect();
    let (page, asked) = ("GET /api/v1/consents/{id}/trades", format!("/api/v1{trades}"));
    let balances = format!("/api/v1/consents/{consent}/look");
    let look = ("POST /api/v1/consents/{id}/look", balances.as_str());
    assert_eq!(told, [look, (page, asked.as_str()), (page, asked.as_str())]);

    mill.client.post(&format!("/consents/{consent}/withdraw"), json!({})).await.granted();
    world.bank.client.get(&trades).await.with_status(404);
    let today = json!({"pledgee": world.bank.id, "right_classes": [mill.class("COD")], "valid_until": "2022-12-01"});
    let short = id(&mill.client.post("/consents", today).await.granted());
    let trades = format!("/consents/{short}/trades");
    world.bank.client.get(&trades).await.granted();
    world.days_pass(1);
    world.bank.client.get(&trades).await.with_status(404);
    world.books_are_right().await;
}
