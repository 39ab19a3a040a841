//! The total that is agreed on, what a price is for, and what the exchange takes of it.

use super::id;
use crate::support::World;
use crate::support::world::Enterprise;
use serde_json::{Value, json};

fn offer(seller: &Enterprise, buyer: &Enterprise, (quantity, price): (&str, &str), more: &Value) -> Value {
    let mut body = json!({"seller_site": seller.site, "buyer_site": buyer.site, "right_class": seller.class("COD"),
        "quantity": quantity, "unit_price": price});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// The fees that the book has taken.
async fn fees(world: &World) -> String {
    let trial = world.auditor.get("/audit/trial-balance").await.granted();
    let assets = trial["assets"].as_array().unwrap().clone();
    let lines = assets.iter().find(|asset| asset["asset"] == "CNY").unwrap()["lines"].as_array().unwrap().clone();
    let line = lines.iter().find(|line| line["purpose"] == "fees");
    line.map_or_else(|| "0.00".to_owned(), |line| line["balance"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_total_agreed_in_yongning_is_kept_within_the_tolerance_and_refused_without_one() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "20.000 t COD").await;
    let glass = world.buyer("通城玻璃", "100000.00").await;
    let post = async |total: &str| {
        mill.client.post("/offers", offer(&mill, &glass, ("0.066", "75757.00"), &json!({"total": total}))).await
    };
    post("5000.00").await.is_refused_with("STL_AMOUNT_DIFFERS").with_status(422);
    post("4999.96").await.granted();
    world.adopts(&[("amount_tolerance", "0.03")]).await.granted();
    post("5000.00").await.is_refused_with("STL_AMOUNT_DIFFERS");
    world.adopts(&[("amount_tolerance", "0.04")]).await.granted();
    let agreed = post("5000.00").await.granted();
    assert_eq!((&agreed["unit_price"], &agreed["total"]), (&json!("75757.00"), &json!("5000.00")));
    let trade = id(&glass.accepts(id(&agreed)).await.granted());
    world.officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    let settled = glass.pays(trade).await.granted();
    assert_eq!((&settled["total"], &settled["paid"]), (&json!("5000.00"), &json!("5000.00")));
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "5000.00");
    assert_eq!(world.balance(glass.id, "CNY", "available").await, "95000.00");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_price_of_a_year_counts_the_years_of_the_right_and_is_compared_by_that() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "20.000 t COD").await;
    let glass = world.buyer("通城玻璃", "100000.00").await;
    let yearly = |price: &str| offer(&mill, &glass, ("2.000", price), &json!({"price_basis": "per_unit_year"}));
    let offered = mill.client.post("/offers", yearly("1758.00")).await.granted();
    assert_eq!(
        (&offered["price_basis"], &offered["total"]),
        (&json!("per_unit_year"), &json!("17580.00")),
        "five years"
    );
    world.adopts(&[("base_price_binds_negotiated", "on")]).await.granted();
    mill.client.post("/offers", yearly("1757.99")).await.is_refused_with("TRD_BELOW_BASE_PRICE");
    mill.client.post("/offers", yearly("1758.00")).await.granted();
    let odd = crate::quota::tenure::granted(&world, mill.site, "5.000", "paid", "2025-12-30").await;
    let mut body = yearly("9000.00");
    body["right_class"] = json!(odd);
    mill.client.post("/offers", body.clone()).await.is_refused_with("TRD_NOT_WHOLE_YEARS");
    body["price_basis"] = json!("per_unit_whole_validity");
    mill.client.post("/offers", body.clone()).await.granted();
    body["price_basis"] = json!("per_month");
    mill.client.post("/offers", body).await.is_refused_with("API_UNKNOWN_WORD");
    let trade = glass.accepts(id(&offered)).await.granted();
    assert_eq!((&trade["price_basis"], &trade["total"]), (&json!("per_unit_year"), &json!("17580.00")));
    world.books_are_right().await;
}

#[tokio::test]
async fn the_exchange_takes_its_fee_out_of_the_sellers_proceeds_half_up_to_the_fen() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "20.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let free = world.approved_trade(&mill, &glass, "1.000 t COD", "9000.00").await;
    assert_eq!(glass.pays(free).await.granted()["fee"], Value::Null, "no rule of Hubei asks for one");
    assert_eq!(
        (world.balance(mill.id, "CNY", "available").await, fees(&world).await),
        ("9000.00".to_owned(), "0.00".to_owned())
    );

    world.adopts(&[("exchange_fee_rate", "0.015")]).await.granted();
    // 1.5 % of 9,001.00 is 135.015, half up 135.02.
    let trade = world.approved_trade(&mill, &glass, "1.000 t COD", "9001.00").await;
    let settled = glass.pays(trade).await.granted();
    assert_eq!((&settled["fee"], &settled["paid"]), (&json!("135.02"), &json!("9001.00")));
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "17865.98", "9,000.00 and 9,001.00 less 135.02");
    assert_eq!(world.balance(glass.id, "CNY", "available").await, "981999.00", "the buyer pays the total and no more");
    assert_eq!(fees(&world).await, "135.02");

    world.allocate(&world.reserve, "10.000 t COD").await;
    let listing = super::listings::lists(&world.reserve, "10.000 t COD", "1.000", "8790.00").await;
    let trade = id(&super::listings::buys(&glass, listing, Some("1.000")).await.granted());
    for officer in [&world.city_officer, &world.officer] {
        officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    }
    assert_eq!(glass.pays(trade).await.granted()["fee"], Value::Null, "the reserve pays none");
    assert_eq!(fees(&world).await, "135.02");
    world.books_are_right().await;
}
