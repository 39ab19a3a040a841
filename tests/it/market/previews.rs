//! Could I buy this, and if not, why: every broken rule at once, and nothing is changed.

use super::listings::{lists, terms};
use super::{capacity, id};
use crate::support::World;
use crate::support::world::{CHIBI, TONGCHENG, XIANAN};
use serde_json::{Value, json};

fn codes(preview: &Value) -> Vec<String> {
    let violations = preview["violations"].as_array().unwrap();
    let mut codes: Vec<String> = violations.iter().map(|broken| broken["code"].as_str().unwrap().to_owned()).collect();
    codes.sort();
    codes
}

#[tokio::test]
async fn a_preview_of_an_offer_says_what_the_acceptance_would_and_holds_nothing() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let brewery = world.enterprise_in("赤壁酒业", CHIBI, "food").await;
    let offer = id(&mill.offers("50.000 t COD", "8790.00", &brewery).await.granted());
    let ask = async || {
        brewery.client.post("/trades/preview", json!({"offer": offer, "project": brewery.project})).await.granted()
    };
    let poor = ask().await;
    assert_eq!((&poor["is_possible"], codes(&poor)), (&json!(false), vec!["STL_MONEY_SHORT".to_owned()]));
    let refused = brewery.accepts(offer).await;
    assert_eq!(codes(&poor), refused.codes(), "the acceptance says the same");
    let broken = &poor["violations"][0];
    assert_eq!((&broken["field"], &broken["message"]), (&json!(""), &refused.body["violations"][0]["message"]));

    world.deposits(&brewery, "1000000.00").await;
    world
        .adopts(&[
            ("exchange_fee_rate", "0.01"),
            ("payment_days", "5"),
            ("trade_publicity_days", "3"),
            ("settlement_confirmation", "on"),
        ])
        .await
        .granted();
    let before = world.auditor.get("/audit/trial-balance").await.granted();
    let rich = ask().await;
    assert_eq!(rich["is_possible"], true, "{rich:#}");
    assert_eq!(
        (&rich["total"], &rich["deposit"], &rich["fee"]),
        (&json!("439500.00"), &json!("131850.00"), &json!("4395.00"))
    );
    assert_eq!(rich["deciding_areas"], json!([TONGCHENG, CHIBI]));
    let areas = json!([{"area": CHIBI, "headroom": "1000.000", "headroom_after": "950.000"},
        {"area": TONGCHENG, "headroom": "880.000", "headroom_after": "930.000"}]);
    assert_eq!(rich["capacity"], areas);
    assert_eq!((&rich["publicity_days"], &rich["payment_days"]), (&json!(3), &json!(5)));
    assert_eq!(rich["is_confirmed_by_exchange"], true);
    assert_eq!(world.auditor.get("/audit/trial-balance").await.granted(), before, "nothing has moved");
    assert_eq!(brewery.client.get(&format!("/offers/{offer}")).await.text("state"), "proposed");

    world.forgets_rules(&["trade_publicity_days", "settlement_confirmation"]).await.granted();
    let trade = id(&brewery.accepts(offer).await.granted());
    assert_eq!(codes(&ask().await), ["TRD_OFFER_NOT_OPEN"]);
    for officer in [&world.officer, &world.chibi_officer] {
        officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    }
    brewery.pays(trade).await.granted();
    assert_eq!(capacity(&world, CHIBI).await.0, "950.000", "as it was foretold");
    assert_eq!(capacity(&world, TONGCHENG).await.0, "930.000");
    let stranger = world.enterprise("通城砖瓦").await;
    stranger.client.post("/trades/preview", json!({"offer": offer})).await.with_status(404);
}

#[tokio::test]
async fn a_preview_of_a_listing_tells_every_broken_rule_at_once() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let listing = lists(&mill, "20.000 t COD", "2.000", "9000.00").await;
    let lake = world.enterprise_in("斧头湖纺织", XIANAN, "textile").await;
    let ask = |quantity: &str| json!({"listing": listing, "buyer_site": lake.site, "project": mill.project, "quantity": quantity});
    let preview = lake.client.post("/trades/preview", ask("1.000")).await.granted();
    let all = ["STL_MONEY_SHORT", "TRD_BASIN_MISMATCH", "TRD_BELOW_MINIMUM", "TRD_PROJECT_MISSING"];
    assert_eq!(codes(&preview), all, "{preview:#}");
    let basis =
        preview["violations"].as_array().unwrap().iter().find(|one| one["code"] == "TRD_BASIN_MISMATCH").unwrap();
    assert!(basis["legal_basis"].as_str().unwrap().contains("常见问题12"));
    let purchase = json!({"buyer_site": lake.site, "project": mill.project, "quantity": "1.000"});
    let bought = lake.client.post(&format!("/listings/{listing}/purchases"), purchase).await;
    let mut said: Vec<String> = bought.codes().into_iter().map(str::to_owned).collect();
    said.sort();
    assert_eq!(said, all, "the purchase says the same");
    let other = json!({"listing": listing, "buyer_site": mill.site});
    lake.client.post("/trades/preview", other).await.is_refused_with("TRD_NOT_YOUR_BUYER_SITE").with_status(403);
    let draft = id(&mill.client.post("/listings", terms(&mill, "1.000 t COD", "1.000", "9000.00")).await.granted());
    lake.client.post("/trades/preview", json!({"listing": draft, "buyer_site": lake.site})).await.with_status(404);
}

#[tokio::test]
async fn free_terms_are_judged_as_far_as_the_buyer_may_know_the_seller() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.allocate(&mill, "1.000 t COD").await;
    let glass = world.buyer("通城玻璃", "100000.00").await;
    let ask = |quantity: &str| {
        json!({"seller_site": mill.site, "buyer_site": glass.site, "right_class": mill.class("COD"),
        "quantity": quantity, "unit_price": "8790.00", "project": glass.project})
    };
    let preview = glass.client.post("/trades/preview", ask("5.000")).await.granted();
    assert_eq!(codes(&preview), Vec::<String>::new(), "what the mill has is its own matter");
    assert_eq!(
        (&preview["total"], &preview["capacity"]),
        (&json!("43950.00"), &json!([])),
        "nothing moves between areas"
    );
    let own = mill.client.post("/trades/preview", ask("5.000")).await.granted();
    assert_eq!(codes(&own), ["TRD_NOT_ENOUGH_AVAILABLE", "TRD_REDUCTION_NOT_REGISTERED"], "the mill is told its own");
    let dear = glass.client.post("/trades/preview", ask("50.000")).await.granted();
    assert_eq!(codes(&dear), ["STL_MONEY_SHORT"]);
    let mut differs = ask("5.000");
    differs["total"] = json!("43950.01");
    assert_eq!(codes(&glass.client.post("/trades/preview", differs).await.granted()), ["STL_AMOUNT_DIFFERS"]);
    glass.client.post("/trades/preview", json!({})).await.is_refused_with("TRD_NOTHING_TO_PREVIEW");
    // What an offer or a listing says itself is not dropped without a word.
    let offer = ganhe::kernel::ids::fresh();
    let mixed =
        json!({"offer": offer, "listing": offer, "quantity": "1.000", "unit_price": "1.00", "project": glass.project});
    let refused = glass.client.post("/trades/preview", mixed).await;
    refused.is_refused_with("TRD_PREVIEW_MIXED").with_status(422);
    let fields: Vec<&str> =
        refused.body["violations"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["listing", "quantity", "unit_price"]);
    let mixed = json!({"listing": offer, "buyer_site": glass.site, "quantity": "1.000", "total": "1.00"});
    let refused = glass.client.post("/trades/preview", mixed).await;
    assert_eq!(refused.body["violations"][0]["field"], "total");
    let stranger = world.enterprise("通城砖瓦").await;
    stranger.client.post("/trades/preview", ask("5.000")).await.is_refused_with("TRD_NOT_YOUR_BUYER_SITE");
    let english = glass.client.request(reqwest::Method::POST, "/trades/preview").header("Idempotency-Key", "p-1");
    let english =
        crate::support::Answer::of(english.header("Accept-Language", "en").json(&ask("50.000"))).await.granted();
    assert_eq!(english["violations"][0]["message"], "CNY 100000.00 is available, 131850.00 is wanted");
}
