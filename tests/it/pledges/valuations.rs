//! What a pledge is worth: the figures that were published, the market's own price, and the call for more security when it falls.

use super::{id, registered, secured_on};
use crate::events::told;
use crate::prices::settled;
use crate::support::World;
use crate::support::world::Enterprise;
use serde_json::{Value, json};
use uuid::Uuid;

/// A revaluation of the only lien of a pledge.
fn revaluation(pledge: &Value, value: &str) -> Value {
    json!({"method": "market_price", "valued_on": "2022-12-01",
        "valuations": [{"lien": pledge["liens"][0]["id"], "assessed_value": value}]})
}

async fn revalues(world: &World, pledge: &Value, value: &str) -> Value {
    let path = format!("/pledges/{}/revalue", pledge["id"].as_str().unwrap());
    world.bank.client.post(&path, revaluation(pledge, value)).await.granted()
}

/// Two things of the mill in one pledge, each with the part that rests on it.
fn two_things(mill: &Enterprise, parts: [(&str, &str); 2], principal: &str, whole: (&str, &str)) -> Value {
    let right = |pollutant: &str, (secured, value): (&str, &str)| {
        json!({"site": mill.site, "right_class": mill.class(pollutant), "quantity": "10.000", "secured": secured,
            "assessed_value": value})
    };
    let mut body = secured_on(mill, "10.000", whole.0, whole.1);
    body["principal"] = json!(principal);
    body["rights"] = json!([right("COD", parts[0]), right("SO2", parts[1])]);
    body
}

#[tokio::test]
async fn gutian_is_allowed_under_a_cap_of_90_percent_and_refused_under_80() {
    let world = World::new().await;
    let mill = world.seller("古田药业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let mut gutian = secured_on(&mill, "10.000", "230000.00", "260000.00");
    gutian["principal"] = json!("1000000.00");
    world.adopts(&[("ltv_cap", "0.80")]).await.granted();
    let refused = world.bank.client.post("/pledges", gutian.clone()).await;
    refused.is_refused_with("PLG_LTV_OVER_CAP").with_status(422);
    world.adopts(&[("ltv_cap", "0.90")]).await.granted();
    let pledge = world.bank.client.post("/pledges", gutian).await.granted();
    assert_eq!(pledge["ltv"], "0.8846");
    assert_eq!((&pledge["liens"][0]["secured"], &pledge["liens"][0]["ltv"]), (&json!("230000.00"), &json!("0.8846")));
}

#[tokio::test]
async fn of_huangshis_package_only_the_part_on_the_rights_counts() {
    let world = World::new().await;
    let mill = world.seller("元祥模具材料", "100.000 t COD").await;
    world.allocate(&mill, "100.000 t SO2").await;
    mill.consents(&world.bank, &["COD", "SO2"]).await;
    world.adopts(&[("ltv_cap", "0.80")]).await.granted();
    let of = |parts, whole| two_things(&mill, parts, "10000000.00", whole);
    let fits = of([("1200000.00", "1500000.00"), ("1200000.00", "1500000.00")], ("2400000.00", "3000000.00"));
    let pledge = world.bank.client.post("/pledges", fits).await.granted();
    assert_eq!((&pledge["principal"], &pledge["ltv"]), (&json!("10000000.00"), &json!("0.8000")));

    let lopsided = of([("1200000.01", "1500000.00"), ("1199999.99", "1500000.00")], ("2400000.00", "3000000.00"));
    let refused = world.bank.client.post("/pledges", lopsided).await;
    refused.is_refused_with("PLG_LTV_OVER_CAP");
    assert_eq!(refused.body["violations"][0]["field"], "rights[0].secured", "{:#}", refused.body);
    let short = of([("1200000.00", "1500000.00"), ("1199999.99", "1500000.00")], ("2400000.00", "3000000.00"));
    world.bank.client.post("/pledges", short).await.is_refused_with("PLG_PARTS_DIFFER").with_status(422);
    let mut silent = of([("1200000.00", "1500000.00"), ("1200000.00", "1500000.00")], ("2400000.00", "3000000.00"));
    silent["rights"][1].as_object_mut().unwrap().remove("secured");
    world.bank.client.post("/pledges", silent).await.is_refused_with("PLG_PART_MISSING").with_status(422);
}

#[tokio::test]
async fn the_collective_credit_of_27_million_is_drawn_by_five_enterprises_within_their_parts() {
    let world = World::new().await;
    let shares = ["8000000.00", "7000000.00", "5000000.00", "4000000.00", "3000000.00"];
    let mut enterprises = Vec::new();
    for (at, share) in shares.into_iter().enumerate() {
        let enterprise = world.seller(&format!("通城企业{at}"), "10.000 t COD").await;
        enterprise.consents(&world.bank, &["COD"]).await;
        enterprises.push((enterprise, share));
    }
    let limits: Vec<Value> =
        enterprises.iter().map(|(one, share)| json!({"organisation": one.id, "sub_limit": share})).collect();
    let facility = json!({"name": "通城县排污权集中授信", "limits": limits});
    let facility = id(&world.bank.client.post("/facilities", facility).await.granted());
    for (enterprise, share) in &enterprises {
        enterprise.client.post(&format!("/facilities/{facility}/accept"), json!({})).await.granted();
        let mut body = secured_on(enterprise, "10.000", "100000.00", "125000.00");
        (body["principal"], body["facility"]) = (json!(share), json!(facility));
        registered(&world, enterprise, body.clone()).await;
        body["principal"] = json!("0.01");
        (body["secured"], body["rights"][0]["quantity"]) = (json!("0.01"), json!("0.001"));
        let more = world.bank.client.post("/pledges", body).await;
        assert!(more.codes().contains(&"PLG_FACILITY_EXHAUSTED"), "{:#}", more.body);
    }
    let found = world.bank.client.get(&format!("/facilities/{facility}")).await.granted();
    let drawn = found["parts"].as_array().unwrap().iter().map(|part| part["drawn"].as_str().unwrap());
    let drawn: rust_decimal::Decimal = drawn.map(|text| text.parse::<rust_decimal::Decimal>().unwrap()).sum();
    assert_eq!(drawn.to_string(), "27000000.00");
    world.books_are_right().await;
}

#[tokio::test]
async fn the_markets_own_mean_price_makes_a_value_that_nobody_states() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    mill.consents(&world.bank, &["COD"]).await;
    let mut body = secured_on(&mill, "10.000", "50000.00", "0.01");
    body.as_object_mut().unwrap().remove("assessed_value");
    body["valuation_method"] = json!("market_statistics");
    world.bank.client.post("/pledges", body.clone()).await.is_refused_with("PLG_PRICE_PERIOD").with_status(422);
    body["price_period"] = json!("2022-12");
    world.bank.client.post("/pledges", body.clone()).await.is_refused_with("PLG_NO_MARKET_PRICE").with_status(422);
    settled(&world, &mill, &glass, "2.000 t COD", "8790.00").await;
    settled(&world, &mill, &glass, "1.000 t COD", "9000.00").await;
    let mut stated = body.clone();
    stated["assessed_value"] = json!("88600.00");
    world.bank.client.post("/pledges", stated).await.is_refused_with("PLG_VALUE_STATED").with_status(422);

    // (2 × 8,790 + 9,000) / 3 = 8,860.
    let pledge = world.bank.client.post("/pledges", body).await.granted();
    assert_eq!((&pledge["assessed_value"], &pledge["ltv"]), (&json!("88600.00"), &json!("0.5643")));
    let found = mill.client.get(&format!("/pledges/{}/valuations", id(&pledge))).await.granted();
    let told = ["price_period", "unit_price", "assessed_value", "valuer"].map(|field| found["items"][0][field].clone());
    assert_eq!(told, [json!("2022-12"), json!("8860.00"), json!("88600.00"), json!("惠发村镇银行")]);
}

/// The open call of a pledge.
fn open_call(pledge: &Value) -> Option<&Value> {
    pledge["margin_calls"].as_array().unwrap().iter().find(|call| call["ended_at"].is_null())
}

#[tokio::test]
async fn a_value_that_falls_below_the_cap_calls_for_more_security_until_it_rises_again() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    world.adopts(&[("ltv_cap", "0.90"), ("margin_call_days", "10")]).await.granted();
    let pledge = registered(&world, &mill, secured_on(&mill, "10.000", "230000.00", "260000.00")).await;
    assert_eq!(open_call(&revalues(&world, &pledge, "255555.56").await), None, "90 % to the fen is within the cap");
    let called = revalues(&world, &pledge, "255555.55").await;
    let call = open_call(&called).unwrap();
    let said = ["secured", "assessed_value", "ltv", "cap", "due_on"].map(|field| call[field].clone());
    assert_eq!(said, [json!("230000.00"), json!("255555.55"), json!("0.9000"), json!("0.90"), json!("2022-12-15")]);
    let lower = revalues(&world, &pledge, "240000.00").await;
    assert_eq!(lower["margin_calls"].as_array().unwrap().len(), 1, "one call is open at a time: {lower:#}");
    let risen = revalues(&world, &pledge, "300000.00").await;
    assert_eq!((open_call(&risen), risen["margin_calls"].as_array().unwrap().len()), (None, 1));
    let history = mill.client.get(&format!("/pledges/{}/valuations", id(&pledge))).await.granted();
    let values: Vec<&str> =
        history["items"].as_array().unwrap().iter().map(|one| one["assessed_value"].as_str().unwrap()).collect();
    assert_eq!(values, ["260000.00", "255555.56", "255555.55", "240000.00", "300000.00"]);

    told(&world).await;
    for reader in [&world.bank.client, &mill.client] {
        let events = reader.get("/events?limit=200").await.granted();
        let found = events["items"].as_array().unwrap().iter().filter(|event| event["subject"] == pledge["id"]);
        // The clock stands still here, and what moves grams is counted a microsecond later.
        let kinds = found
            .filter_map(|event| event["kind"].as_str())
            .filter(|kind| !["pledge_applied", "pledge_verified", "pledge_agreed", "pledge_registered"].contains(kind));
        let kinds: Vec<&str> = kinds.collect();
        let expected =
            ["pledge_revalued", "pledge_revalued", "margin_called", "pledge_revalued", "pledge_revalued", "margin_met"];
        assert_eq!(kinds, expected);
    }

    assert!(open_call(&revalues(&world, &pledge, "200000.00").await).is_some(), "a new fall is a new call");
    let released = world.bank.releases(id(&pledge)).await.granted();
    assert_eq!(open_call(&released), None, "what is over calls for nothing: {released:#}");
    world.books_are_right().await;
}

#[tokio::test]
async fn only_the_pledgee_values_anew_and_only_what_is_pledged_and_in_force() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = registered(&world, &mill, secured_on(&mill, "10.000", "230000.00", "260000.00")).await;
    let path = format!("/pledges/{}/revalue", id(&pledge));
    let sound = revaluation(&pledge, "250000.00");
    mill.client.post(&path, sound.clone()).await.is_refused_with("AUT_NOT_ALLOWED");
    world.other_bank.client.post(&path, sound.clone()).await.with_status(404);
    let with = |change: fn(&mut Value)| {
        let mut body = sound.clone();
        change(&mut body);
        body
    };
    for (code, body) in [
        ("PLG_VALUATION_FUTURE", with(|body| body["valued_on"] = json!("2022-12-02"))),
        ("PLG_VALUATION_EXPIRED", with(|body| body["expires_on"] = json!("2022-11-30"))),
        ("PLG_NO_SUCH_LIEN", with(|body| body["valuations"][0]["lien"] = json!(Uuid::nil()))),
        (
            "PLG_LIEN_NAMED_TWICE",
            with(|body| body["valuations"] = json!([body["valuations"][0], body["valuations"][0]])),
        ),
        ("PLG_VALUE_MISSING", with(|body| body["valuations"][0]["assessed_value"] = json!(null))),
    ] {
        world.bank.client.post(&path, body).await.is_refused_with(code).with_status(422);
    }
    world.bank.releases(id(&pledge)).await.granted();
    world.bank.client.post(&path, sound).await.is_refused_with("PLG_ALREADY_RELEASED").with_status(409);
}
