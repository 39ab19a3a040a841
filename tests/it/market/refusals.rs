//! What the market refuses by name, and beside it what it lets pass.

use super::{day_passes, id};
use crate::support::World;
use crate::support::world::{Enterprise, TONGCHENG};
use serde_json::{Value, json};

fn offer(seller: &Enterprise, buyer: &Enterprise, quantity: &str, price: &str) -> Value {
    json!({"seller_site": seller.site, "buyer_site": buyer.site, "right_class": seller.class("COD"), "quantity": quantity,
        "unit_price": price})
}

#[tokio::test]
async fn only_the_reserve_sells_by_listing_to_a_named_buyer_and_it_buys_by_no_offer() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "20.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let mut listed = offer(&mill, &glass, "1.000", "9000.00");
    listed["mode"] = json!("listing");
    mill.client.post("/offers", listed.clone()).await.is_refused_with("TRD_LISTING_BY_RESERVE");
    world.allocate(&world.reserve, "10.000 t COD").await;
    let mut of_reserve = offer(&world.reserve, &glass, "1.000", "9000.00");
    of_reserve["mode"] = json!("listing");
    world.reserve.client.post("/offers", of_reserve).await.granted();
    listed["mode"] = json!("auction");
    mill.client.post("/offers", listed).await.is_refused_with("API_UNKNOWN_WORD");
    let to_reserve = offer(&mill, &world.reserve, "1.000", "9000.00");
    mill.client.post("/offers", to_reserve).await.is_refused_with("TRD_RESERVE_CANNOT_BUY");
    mill.client.post("/offers", offer(&mill, &glass, "1.000", "9000.00")).await.granted();
}

#[tokio::test]
async fn a_total_is_at_least_a_fen_and_no_more_than_can_be_counted() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "20.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let post =
        async |quantity: &str, price: &str| mill.client.post("/offers", offer(&mill, &glass, quantity, price)).await;
    post("0.001", "4.99").await.is_refused_with("TRD_NOTHING_TO_PAY");
    post("0.001", "5.00").await.granted();
    post("10.000", "92233720368547758.07").await.is_refused_with("TRD_TOTAL_OUT_OF_RANGE");
    post("1.000", "92233720368547758.07").await.granted();
}

#[tokio::test]
async fn rights_are_traded_within_their_validity_by_parties_in_good_standing_with_permits() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "20.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let act = |word: &str| format!("/organisations/{}/{word}", glass.id);
    world.head.post(&act("suspend"), json!({"reason": "未批先建"})).await.granted();
    mill.offers("1.000 t COD", "9000.00", &glass).await.is_refused_with("TRD_PARTY_SUSPENDED");
    world.head.post(&act("reinstate"), json!({"reason": "整改完成"})).await.granted();
    mill.offers("1.000 t COD", "9000.00", &glass).await.granted();

    let site =
        json!({"number": "SITE-BARE", "organisation": glass.id, "name": "二厂", "area": TONGCHENG, "basin": "LUSHUI"});
    let bare = id(&world.city_officer.post("/sites", site).await.granted());
    let mut body = offer(&mill, &glass, "1.000", "9000.00");
    body["buyer_site"] = json!(bare);
    mill.client.post("/offers", body.clone()).await.is_refused_with("TRD_PERMIT_NOT_IN_FORCE");
    let permit = json!({"number": "PERMIT-BARE", "site": bare, "valid_from": "2021-01-01", "valid_to": "2025-12-31",
        "quantities": [{"pollutant": "COD", "quantity": "5.000"}]});
    world.city_officer.post("/permits", permit).await.granted();
    mill.client.post("/offers", body.clone()).await.granted();

    let ends = crate::quota::tenure::granted(&world, mill.site, "5.000", "paid", "2022-12-05").await;
    body["right_class"] = json!(ends);
    body["quantity"] = json!("0.500");
    mill.client.post("/offers", body.clone()).await.granted();
    world.days_pass(5);
    mill.client.post("/offers", body).await.is_refused_with("TRD_OUTSIDE_VALIDITY");
    assert_eq!(day_passes(&world).await.offers, 0);
}

#[tokio::test]
async fn a_permit_is_varied_once_for_each_side_that_has_one() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "20.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let trade = world.approved_trade(&mill, &glass, "1.000 t COD", "9000.00").await;
    let vary = |trade: uuid::Uuid| format!("/trades/{trade}/vary-permit");
    let side = |side: &str, permit: uuid::Uuid| json!({"side": side, "permit": permit});
    world.officer.post(&vary(trade), side("seller", mill.permit)).await.is_refused_with("TRD_WRONG_STATE");
    glass.pays(trade).await.granted();
    world.officer.post(&vary(trade), side("seller", glass.permit)).await.is_refused_with("TRD_FOREIGN_PERMIT");
    world.officer.post(&vary(trade), side("seller", mill.permit)).await.granted();
    let again = world.officer.post(&vary(trade), side("seller", mill.permit)).await;
    again.is_refused_with("TRD_ALREADY_VARIED").with_status(409);
    world.officer.post(&vary(trade), side("buyer", glass.permit)).await.granted();

    world.allocate(&world.reserve, "10.000 t COD").await;
    let listing = super::listings::lists(&world.reserve, "10.000 t COD", "1.000", "8790.00").await;
    let trade = id(&super::listings::buys(&glass, listing, None).await.granted());
    for officer in [&world.city_officer, &world.officer] {
        officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    }
    glass.pays(trade).await.granted();
    assert_eq!(world.officer.post(&vary(trade), side("buyer", glass.permit)).await.text("state"), "closed");
    world.books_are_right().await;
}
