//! Replacement ratios (替代比例) as stories: what is bought for a project is not all that may be discharged.

use crate::quota::batches::id;
use crate::quota::publicity::headroom_of;
use crate::support::World;
use crate::support::world::{CHIBI, Enterprise, TONGCHENG};
use serde_json::{Value, json};
use uuid::Uuid;

/// A project of an enterprise with a ratio of its own.
async fn project(world: &World, of: &Enterprise, number: &str, ratio: &str) -> Uuid {
    let body = json!({"number": number, "site": of.site, "basis": "verified", "document": "总量核定", "verified_on": "2022-01-01",
        "replacement_ratio": ratio});
    id(&world.city_officer.post("/projects", body).await.granted())
}

async fn seller_in(world: &World, name: &str, area: &str) -> Enterprise {
    let seller = world.enterprise_in(name, area, "paper").await;
    world.allocate(&seller, "100.000 t COD").await;
    world.reduces(&seller, "100.000 t COD").await;
    seller
}

/// A trade for the buyer's project, as it was matched.
async fn matched(seller: &Enterprise, buyer: &Enterprise, holding: &str, project: Uuid) -> Value {
    let offer = id(&seller.offers(holding, "1000.00", buyer).await.granted());
    buyer.client.post(&format!("/offers/{offer}/accept"), json!({"project": project})).await.granted()
}

async fn held(world: &World, of: &Enterprise, purpose: &str) -> String {
    world.balance(of.site, &of.class("COD"), purpose).await
}

#[tokio::test]
async fn what_the_ratio_takes_is_retired_and_its_grams_return_to_the_area() {
    let world = World::new().await;
    world.adopts(&[("replacement_ratio_cod", "1.2:1")]).await.granted();
    let tannery = seller_in(&world, "赤壁制革", CHIBI).await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let trade = matched(&tannery, &glass, "12.000 t COD", glass.project).await;
    assert_eq!((&trade["replacement_ratio"], &trade["excess"]), (&json!("1.2:1"), &json!("2.000")));
    world.adopts(&[("replacement_ratio_cod", "2:1")]).await.granted();
    let trade = id(&trade);
    for officer in [&world.officer, &world.chibi_officer] {
        officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    }
    assert_eq!(headroom_of(&world, TONGCHENG).await, ("988.000".to_owned(), "12.000".to_owned()), "all of it is held");
    let settled = glass.pays(trade).await.granted();
    assert_eq!(
        (&settled["state"], &settled["excess"]),
        (&json!("settled"), &json!("2.000")),
        "as it stood when it was matched"
    );
    assert_eq!(
        (held(&world, &glass, "available").await, held(&world, &glass, "retired").await),
        ("10.000".into(), "2.000".into())
    );
    assert_eq!(headroom_of(&world, TONGCHENG).await, ("990.000".to_owned(), "0.000".to_owned()));
    assert_eq!(headroom_of(&world, CHIBI).await.0, "912.000");
    let vary = json!({"side": "buyer", "permit": glass.permit});
    world.officer.post(&format!("/trades/{trade}/vary-permit"), vary).await.granted();
    let permit = world.officer.get(&format!("/permits/{}", glass.permit)).await.granted();
    let quantities = permit["quantities"].as_array().unwrap();
    let cod = quantities.iter().find(|one| one["pollutant"] == "COD").unwrap();
    assert_eq!(cod["quantity"], "510.000", "what is retired allows no discharge");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_projects_own_ratio_comes_before_that_of_the_rules() {
    let world = World::new().await;
    world.adopts(&[("replacement_ratio", "1.1:1"), ("replacement_ratio_421222_cod", "1.5:1")]).await.granted();
    let mill = seller_in(&world, "临江纸业", TONGCHENG).await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let own = project(&world, &glass, "P-OWN", "2:1").await;
    let of_rules = matched(&mill, &glass, "3.000 t COD", glass.project).await;
    assert_eq!((&of_rules["replacement_ratio"], &of_rules["excess"]), (&json!("1.5:1"), &json!("1.000")));
    let trade = matched(&mill, &glass, "5.000 t COD", own).await;
    assert_eq!((&trade["replacement_ratio"], &trade["excess"]), (&json!("2:1"), &json!("2.500")));
    world.officer.post(&format!("/trades/{}/approve", id(&trade)), json!({})).await.granted();
    glass.pays(id(&trade)).await.granted();
    assert_eq!(held(&world, &glass, "available").await, "2.500");
    assert_eq!(headroom_of(&world, TONGCHENG).await.0, "902.500", "within an area its use falls by what is retired");

    let odd = project(&world, &glass, "P-ODD", "1.2:1").await;
    let trade = matched(&mill, &glass, "0.100 t COD", odd).await;
    assert_eq!(trade["excess"], "0.016667", "rounded up to the gram");
    world.officer.post(&format!("/trades/{}/approve", id(&trade)), json!({})).await.granted();
    glass.pays(id(&trade)).await.granted();
    assert_eq!(held(&world, &glass, "available").await, "2.583333");
    let endless = project(&world, &glass, "P-ENDLESS", "1000:0.000001").await;
    let offer = id(&mill.offers("0.100 t COD", "1000.00", &glass).await.granted());
    let accept = glass.client.post(&format!("/offers/{offer}/accept"), json!({"project": endless})).await;
    accept.is_refused_with("TRD_NOTHING_USABLE");
    world.books_are_right().await;
}

#[tokio::test]
async fn where_nobody_knows_a_ratio_none_applies() {
    let world = World::new().await;
    let rules = json!({"effective_from": world.now().day().to_string(), "rules": [
        {"name": "replacement_ratio", "value": null, "legal_basis": null}]});
    let province = super::suspensions::Province::of(&world).await;
    let task = id(&province.officer.post("/rulebooks", rules).await.with_status(202).body);
    province.head.post(&format!("/tasks/{task}/decide"), json!({"outcome": "approved"})).await.granted();
    let mill = seller_in(&world, "临江纸业", TONGCHENG).await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let trade = matched(&mill, &glass, "5.000 t COD", glass.project).await;
    assert_eq!((&trade["replacement_ratio"], &trade["excess"]), (&json!(null), &json!("0.000")));
    world.officer.post(&format!("/trades/{}/approve", id(&trade)), json!({})).await.granted();
    glass.pays(id(&trade)).await.granted();
    assert_eq!(held(&world, &glass, "available").await, "5.000");
    world.books_are_right().await;
}

/// Somebody proposes paid rights for a project.
async fn proposed(world: &World, mill: &Enterprise, quantity: &str, project: Uuid) -> crate::support::Answer {
    let body = json!({"site": mill.site, "pollutant": "COD", "origin": "paid", "valid_from": "2021-01-01", "valid_to": "2025-12-31",
        "quantity": quantity, "document": "核定2022-002", "project": project});
    world.city_officer.post("/allocations", body).await
}

#[tokio::test]
async fn a_grant_for_a_project_is_replaced_as_a_purchase_is() {
    let world = World::new().await;
    let (mill, glass) = (world.buyer("临江纸业", "1000.00").await, world.enterprise("通城玻璃").await);
    let double = project(&world, &mill, "P-DOUBLE", "2:1").await;
    proposed(&world, &mill, "10.000", glass.project).await.is_refused_with("QTA_PROJECT_MISSING");
    let endless = project(&world, &mill, "P-ENDLESS", "1000:0.000001").await;
    proposed(&world, &mill, "0.100", endless).await.is_refused_with("QTA_NOTHING_USABLE");
    let grant = proposed(&world, &mill, "10.000", double).await.granted();
    assert_eq!((&grant["replacement_ratio"], &grant["excess"]), (&json!("2:1"), &json!("5.000")));
    world.city_head.post(&format!("/allocations/{}/confirm", id(&grant)), json!({})).await.granted();
    assert_eq!(
        (held(&world, &mill, "available").await, held(&world, &mill, "retired").await),
        ("5.000".into(), "5.000".into())
    );
    assert_eq!(headroom_of(&world, TONGCHENG).await.0, "995.000");
    let equal = id(&proposed(&world, &mill, "1.000", mill.project).await.granted());
    world.city_head.post(&format!("/allocations/{equal}/confirm"), json!({})).await.granted();
    assert_eq!(held(&world, &mill, "available").await, "6.000", "1:1 retires nothing");

    world.adopts(&[("usage_fee", "20.00")]).await.granted();
    let paid = id(&proposed(&world, &mill, "10.000", double).await.granted());
    world.city_head.post(&format!("/allocations/{paid}/confirm"), json!({})).await.granted();
    let cut =
        json!({"area": TONGCHENG, "pollutant": "COD", "cap": "12.000", "valid_from": "2022-12-01", "document": "调减"});
    world.city_head.post("/capacities", cut).await.granted();
    mill.client.post(&format!("/allocations/{paid}/pay"), json!({})).await.granted();
    assert_eq!(held(&world, &mill, "available").await, "11.000");
    let found = world.auditor.get(&format!("/capacities?area={TONGCHENG}&pollutant=COD")).await.granted();
    let capacity = &found["items"][0];
    assert_eq!(
        (&capacity["used"], &capacity["headroom"], &capacity["pending_reduction"]),
        (&json!("11.000"), &json!("1.000"), &json!("0.000")),
        "what comes back pays off the pending reduction first"
    );
    world.books_are_right().await;
}
