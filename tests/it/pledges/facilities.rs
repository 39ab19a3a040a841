//! How a credit facility ends: declined, taken back, closed.

use super::{id, registered, secured_on};
use crate::support::World;
use crate::support::world::Enterprise;
use serde_json::{Value, json};
use uuid::Uuid;

/// A facility of the bank's for these, 150,000 each.
async fn offered(world: &World, enterprises: &[&Enterprise]) -> Uuid {
    let limits: Vec<Value> =
        enterprises.iter().map(|one| json!({"organisation": one.id, "sub_limit": "150000.00"})).collect();
    id(&world.bank.client.post("/facilities", json!({"name": "2022集中授信", "limits": limits})).await.granted())
}

/// An enterprise's part, as the bank sees it.
fn part<'a>(facility: &'a Value, of: &Enterprise) -> &'a Value {
    let parts = facility["parts"].as_array().unwrap();
    parts.iter().find(|part| part["organisation"] == json!(of.id)).unwrap()
}

#[tokio::test]
async fn a_part_is_declined_or_taken_back_before_it_is_accepted_and_once() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let (glass, kiln) = (world.enterprise("通城玻璃").await, world.enterprise("通城窑业").await);
    mill.consents(&world.bank, &["COD"]).await;
    let facility = offered(&world, &[&mill, &glass, &kiln]).await;
    let path = |act: &str| format!("/facilities/{facility}/{act}");
    let back = |of: Uuid| json!({"organisation": of});

    let declined = mill.client.post(&path("decline"), json!({})).await.granted();
    assert_eq!(declined["parts"].as_array().unwrap().len(), 1, "its own part alone");
    let own = part(&declined, &mill);
    assert_eq!((&own["state"], &own["left"], &own["accepted_at"]), (&json!("declined"), &json!("0.00"), &Value::Null));
    assert!(own["ended_at"].is_string() && declined["closed_at"].is_null(), "{declined:#}");
    for act in ["decline", "accept"] {
        mill.client.post(&path(act), json!({})).await.is_refused_with("PLG_PART_OVER").with_status(409);
    }
    let mut loan = secured_on(&mill, "10.000", "100000.00", "200000.00");
    loan["facility"] = json!(facility);
    world.bank.client.post("/pledges", loan).await.is_refused_with("PLG_FACILITY_NOT_ACCEPTED");

    glass.client.post(&path("accept"), json!({})).await.granted();
    glass.client.post(&path("decline"), json!({})).await.is_refused_with("PLG_PART_ACCEPTED").with_status(409);
    world.bank.client.post(&path("withdraw"), back(glass.id)).await.is_refused_with("PLG_PART_ACCEPTED");

    let withdrawn = world.bank.client.post(&path("withdraw"), back(kiln.id)).await.granted();
    assert_eq!(
        (&part(&withdrawn, &kiln)["state"], &part(&withdrawn, &glass)["state"]),
        (&json!("withdrawn"), &json!("accepted"))
    );
    world.bank.client.post(&path("withdraw"), back(kiln.id)).await.is_refused_with("PLG_PART_OVER");
    kiln.client.post(&path("accept"), json!({})).await.is_refused_with("PLG_PART_OVER");
    let nobody = world.bank.client.post(&path("withdraw"), back(world.reserve.id)).await;
    nobody.is_refused_with("PLG_NO_SUCH_PART").with_status(422);

    world.other_bank.client.post(&path("withdraw"), back(glass.id)).await.with_status(404);
    mill.client.post(&path("withdraw"), back(glass.id)).await.is_refused_with("AUT_NOT_ALLOWED");
    let stranger = world.enterprise("通城瓦厂").await;
    stranger.client.post(&path("decline"), json!({})).await.with_status(404);
    world.books_are_right().await;
}

#[tokio::test]
async fn of_a_closed_facility_nothing_more_is_drawn_and_what_is_drawn_stands() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let glass = world.enterprise("通城玻璃").await;
    mill.consents(&world.bank, &["COD"]).await;
    let facility = offered(&world, &[&mill, &glass]).await;
    let path = |act: &str| format!("/facilities/{facility}/{act}");
    mill.client.post(&path("accept"), json!({})).await.granted();
    let loan = |secured: &str| {
        let mut body = secured_on(&mill, "10.000", secured, "200000.00");
        body["facility"] = json!(facility);
        body
    };
    let drawn = registered(&world, &mill, loan("100000.00")).await;
    let waiting = id(&world.bank.client.post("/pledges", loan("40000.00")).await.granted());
    world.city_officer.post(&format!("/pledges/{waiting}/verify"), json!({})).await.granted();
    mill.client.post(&format!("/pledges/{waiting}/agree"), json!({})).await.granted();

    world.other_bank.client.post(&path("close"), json!({})).await.with_status(404);
    mill.client.post(&path("close"), json!({})).await.is_refused_with("AUT_NOT_ALLOWED");
    let closed = world.bank.client.post(&path("close"), json!({})).await.granted();
    assert!(closed["closed_at"].is_string(), "{closed:#}");
    let own = part(&closed, &mill);
    assert_eq!((&own["state"], &own["drawn"], &own["left"]), (&json!("closed"), &json!("100000.00"), &json!("0.00")));
    assert_eq!(part(&closed, &glass)["state"], "withdrawn");
    world.bank.client.post(&path("close"), json!({})).await.is_refused_with("PLG_FACILITY_OVER").with_status(409);
    glass.client.post(&path("accept"), json!({})).await.is_refused_with("PLG_PART_OVER");

    world.bank.registers(waiting).await.is_refused_with("PLG_FACILITY_CLOSED").with_status(422);
    world.bank.client.post("/pledges", loan("1000.00")).await.is_refused_with("PLG_FACILITY_CLOSED");
    let amendments = format!("/pledges/{}/amendments", id(&drawn));
    let more = json!({"reason": "追加贷款", "principal": "120000.00"});
    world.bank.client.post(&amendments, more).await.is_refused_with("PLG_FACILITY_CLOSED");
    // A later end of what is drawn draws nothing.
    let longer = json!({"reason": "展期", "debt_to": "2024-03-30"});
    world.bank.client.post(&amendments, longer).await.granted();
    let standing = world.bank.client.get(&format!("/pledges/{}", id(&drawn))).await.granted();
    assert_eq!(standing["state"], "registered");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "pledged").await, "10.000");

    world.bank.releases(id(&drawn)).await.granted();
    let after = world.bank.client.get(&format!("/facilities/{facility}")).await.granted();
    let own = part(&after, &mill);
    assert_eq!((&own["drawn"], &own["left"]), (&json!("0.00"), &json!("0.00")), "what comes back is not drawn again");
    world.bank.client.post("/pledges", loan("1000.00")).await.is_refused_with("PLG_FACILITY_CLOSED");
    let told = world.auditor.get(&format!("/audit/journals?subject={facility}")).await.granted();
    let kinds: Vec<&str> = told["items"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["facility_offered", "facility_accepted", "facility_closed"]);
    world.books_are_right().await;
}
