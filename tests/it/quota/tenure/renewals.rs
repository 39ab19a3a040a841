//! Renewal and re-verification at the end of a validity.

use super::{act, approves, capacity, class_of, day_passes, granted, holding, id, pledged, stands};
use crate::support::world::Enterprise;
use crate::support::{Answer, Client, World};
use ganhe::quota::tenure::clock::Passed;
use serde_json::{Value, json};

const END: &str = "2022-12-05";

fn next(origin: &str) -> String {
    class_of(origin, "2022-12-06", "2027-12-05")
}

fn renewal(mill: &Enterprise, class: &str, quantity: &str) -> Value {
    json!({"site": mill.site, "right_class": class, "quantity": quantity, "valid_from": "2022-12-06",
        "valid_to": "2027-12-05", "document": "核定2022-009"})
}

fn confirmed(body: Value, quantity: &str) -> Value {
    let mut body = body;
    body["confirmed"] = json!(quantity);
    body
}

async fn asks(client: &Client, body: Value) -> Answer {
    client.post("/renewals", body).await
}

#[tokio::test]
async fn a_renewal_takes_effect_on_the_first_day_of_the_new_validity_before_anything_expires() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "10.000", "paid", END).await;
    asks(&mill.client, renewal(&mill, &class, "8.000")).await.is_refused_with("QTA_RENEWAL_LATE");
    let asked = asks(&world.officer, renewal(&mill, &class, "8.000")).await.with_status(201).clone().granted();
    assert_eq!((&asked["new_right_class"], &asked["due_on"]), (&json!(next("paid")), &json!("2022-12-06")));
    let renewed = id(&asked);
    let approved = approves(&world.head, renewed).await.granted();
    assert_eq!((&approved["state"], &approved["moved"]), (&json!("approved"), &json!(null)));
    world
        .head
        .post(&format!("/right-acts/{renewed}/refuse"), json!({"reason": "不符合条件"}))
        .await
        .is_refused_with("QTA_ACT_WRONG_STATE");
    world.days_pass(4);
    assert_eq!(day_passes(&world).await, Passed { renewed: 0, expired: 0 });
    world.days_pass(1);
    assert_eq!(day_passes(&world).await, Passed { renewed: 1, expired: 1 });
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("expired", "2.000")]));
    assert_eq!(holding(&world, mill.site, &next("paid")).await, stands(&[("available", "8.000")]));
    assert_eq!(capacity(&world).await, ["992.000", "0.000", "8.000"], "what is renewed keeps its headroom");
    let done = act(&world, renewed).await;
    assert_eq!(
        (&done["state"], &done["moved"], &done["converted"]),
        (&json!("carried_out"), &json!("8.000"), &json!("8.000"))
    );
    assert!(done["decided_by"].is_string());
    assert_eq!(day_passes(&world).await, Passed { renewed: 0, expired: 0 });
    world.books_are_right().await;
}

#[tokio::test]
async fn an_enterprise_asks_in_time_where_the_rulebook_leaves_it_the_time() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "10.000", "paid", END).await;
    world.adopts(&[("permit_renewal_days", "4")]).await.granted();
    let asked = asks(&mill.client, renewal(&mill, &class, "10.000")).await.granted();
    assert_eq!(asked["confirmed"], "10.000", "all of it, when nothing else is said");
    let mut gap = renewal(&mill, &class, "10.000");
    gap["valid_from"] = json!("2022-12-07");
    asks(&mill.client, gap).await.is_refused_with("QTA_RENEWAL_GAP");
    world.days_pass(1);
    asks(&mill.client, renewal(&mill, &class, "10.000")).await.is_refused_with("QTA_RENEWAL_LATE");
    let glass = world.enterprise("通城玻璃").await;
    asks(&glass.client, renewal(&mill, &class, "1.000")).await.is_refused_with("QTA_NOT_YOUR_SITE");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_bureau_confirms_less_of_free_rights_and_the_rest_is_a_right_no_more() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let free = granted(&world, mill.site, "10.000", "free", END).await;
    let paid = granted(&world, mill.site, "5.000", "paid", END).await;
    let less = confirmed(renewal(&mill, &paid, "5.000"), "4.000");
    asks(&world.officer, less).await.is_refused_with("QTA_PAID_UNALTERED");
    let more = confirmed(renewal(&mill, &free, "5.000"), "5.001");
    asks(&world.officer, more).await.is_refused_with("QTA_CONFIRMED_TOO_MUCH");
    let renewed = id(&asks(&world.officer, confirmed(renewal(&mill, &free, "10.000"), "7.000")).await.granted());
    approves(&world.head, renewed).await.granted();
    world.days_pass(5);
    assert_eq!(day_passes(&world).await, Passed { renewed: 1, expired: 1 });
    assert_eq!(holding(&world, mill.site, &free).await, stands(&[("retired", "3.000")]));
    assert_eq!(holding(&world, mill.site, &next("free")).await, stands(&[("available", "7.000")]));
    assert_eq!(holding(&world, mill.site, &paid).await, stands(&[("expired", "5.000")]));
    assert_eq!(capacity(&world).await, ["993.000", "0.000", "7.000"]);
    let done = act(&world, renewed).await;
    assert_eq!((&done["moved"], &done["converted"]), (&json!("10.000"), &json!("7.000")));
    world.books_are_right().await;
}

#[tokio::test]
async fn only_what_is_free_is_renewed_and_a_lien_is_released_first() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "10.000", "paid", END).await;
    let renewed = id(&asks(&world.officer, renewal(&mill, &class, "8.000")).await.granted());
    let pledge = pledged(&world, &world.bank, &mill, &class, "4.000").await;
    asks(&world.officer, renewal(&mill, &class, "8.000")).await.is_refused_with("QTA_LIENS_IN_THE_WAY");
    approves(&world.head, renewed).await.is_refused_with("QTA_LIENS_IN_THE_WAY");
    world.bank.releases(pledge).await.granted();
    approves(&world.head, renewed).await.granted();
    let again = pledged(&world, &world.bank, &mill, &class, "3.000").await;
    world.days_pass(5);
    assert_eq!(day_passes(&world).await, Passed { renewed: 1, expired: 1 });
    assert_eq!(
        holding(&world, mill.site, &next("paid")).await,
        stands(&[("available", "7.000")]),
        "what was free by then"
    );
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("expired", "3.000")]));
    let told = world.bank.client.get(&format!("/pledges/{again}")).await.granted();
    assert_eq!(told["liens"][0]["lapsed"], "3.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn who_asked_in_time_loses_nothing_by_the_delay_of_the_office() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "10.000", "paid", END).await;
    let first = id(&asks(&world.officer, renewal(&mill, &class, "6.000")).await.granted());
    let second = id(&asks(&world.officer, renewal(&mill, &class, "3.000")).await.granted());
    world.days_pass(8);
    assert_eq!(day_passes(&world).await, Passed { renewed: 0, expired: 1 });
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("available", "9.000"), ("expired", "1.000")]));
    let done = approves(&world.head, first).await.granted();
    assert_eq!((&done["state"], &done["converted"]), (&json!("carried_out"), &json!("6.000")), "its day has come");
    world.head.post(&format!("/right-acts/{second}/refuse"), json!({"reason": "不符合条件"})).await.granted();
    assert_eq!(day_passes(&world).await, Passed { renewed: 0, expired: 1 });
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("expired", "4.000")]));
    assert_eq!(holding(&world, mill.site, &next("paid")).await, stands(&[("available", "6.000")]));
    world.books_are_right().await;
}
