//! A court releases what the pledgee would not: the exchange records its document, and everything ends as by the pledgee's own word.

use super::{Stage, id, registered, secured_on};
use crate::events::told;
use crate::support::world::Enterprise;
use crate::support::{Answer, Client, World};
use ganhe::kernel::ids::fresh;
use serde_json::{Value, json};
use uuid::Uuid;

/// Number of the document that freezes.
const FREEZES: &str = "(2022)鄂12执123号";
/// Number of the document that releases.
const RELEASES: &str = "(2022)鄂12执789号";

/// What a court's document orders of these liens; of the whole pledge where none is named.
fn order(document: &str, liens: &Value) -> Value {
    json!({"court": "咸宁市中级人民法院", "document": document, "dated_on": "2022-11-30", "ground": "主债权已清偿",
        "liens": liens})
}

async fn records(client: &Client, pledge: Uuid, order: Value) -> Answer {
    client.post(&format!("/pledges/{pledge}/release-by-court"), order).await
}

async fn freezes(world: &World, mill: &Enterprise, tonnes: &str) -> Uuid {
    let body = json!({"document": FREEZES, "court": "咸宁市中级人民法院", "site": mill.site,
        "right_class": mill.class("COD"), "quantity": tonnes});
    let freeze = id(&world.exchange.post("/freezes", body).await.granted());
    world.an_hour_passes();
    freeze
}

async fn frozen(world: &World, freeze: Uuid) -> [String; 2] {
    let found = world.exchange.get(&format!("/freezes/{freeze}")).await.granted();
    ["state", "taken"].map(|field| found[field].as_str().unwrap().to_owned())
}

async fn kinds_told(client: &Client) -> Vec<Value> {
    let events = client.get("/events?limit=200").await.granted();
    events["items"].as_array().unwrap().iter().map(|event| event["kind"].clone()).collect()
}

/// A part and then the whole of a pledge released by courts: for the trials of the verification.
pub async fn happened(world: &World, mill: &Enterprise) {
    let pledge = registered(world, mill, secured_on(mill, "1.000", "5000.00", "9000.00")).await;
    let part = json!([{"lien": pledge["liens"][0]["id"], "quantity": "0.500"}]);
    records(&world.exchange, id(&pledge), order(RELEASES, &part)).await.granted();
    records(&world.exchange, id(&pledge), order("(2022)鄂12执790号", &json!([]))).await.granted();
}

#[tokio::test]
async fn a_court_releases_a_pledge_and_the_freeze_that_waits_behind_it_takes_over() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(&world, &mill, "80.000 t COD").await;
    let whole = || order(RELEASES, &json!([]));
    records(&world.exchange, pledge, whole()).await.is_refused_with("PLG_WRONG_STATE").with_status(409);
    world.bank.registers(pledge).await.granted();
    let freeze = freezes(&world, &mill, "50.000").await;
    assert_eq!(frozen(&world, freeze).await, ["waiting", "20.000"]);
    for nobody in [&world.bank.client, &mill.client, &world.city_head, &world.auditor] {
        records(nobody, pledge, whole()).await.is_refused_with("AUT_NOT_ALLOWED").with_status(403);
    }
    records(&world.exchange, fresh(), whole()).await.with_status(404);
    let mut tomorrow = whole();
    tomorrow["dated_on"] = json!("2022-12-02");
    records(&world.exchange, pledge, tomorrow).await.is_refused_with("PLG_COURT_DOCUMENT_DAY").with_status(422);

    let released = records(&world.exchange, pledge, whole()).await.granted();
    assert_eq!(released["state"], "released");
    let recorded = &released["court_releases"][0];
    let said = ["court", "document", "dated_on", "ground"].map(|field| recorded[field].as_str().unwrap());
    assert_eq!(said, ["咸宁市中级人民法院", RELEASES, "2022-11-30", "主债权已清偿"]);
    assert_eq!((&recorded["journal"], &recorded["amendment"]), (&released["journal"], &Value::Null));
    assert_eq!(frozen(&world, freeze).await, ["in_force", "50.000"], "what came free went to who waited");
    let class = mill.class("COD");
    assert_eq!(world.balance(mill.site, &class, "available").await, "50.000");
    assert_eq!(world.balance(mill.site, &class, "pledged").await, "0.000");
    world.books_are_right().await;
    records(&world.exchange, pledge, whole()).await.is_refused_with("PLG_ALREADY_RELEASED").with_status(409);
    world.bank.releases(pledge).await.is_refused_with("PLG_ALREADY_RELEASED");

    told(&world).await;
    for party in [&world.bank.client, &mill.client] {
        assert!(kinds_told(party).await.contains(&json!("pledge_released_by_court")));
        let seen = party.get(&format!("/pledges/{pledge}")).await.granted();
        assert_eq!(seen["court_releases"][0]["document"], RELEASES);
    }
    let journal = world.auditor.get(&format!("/journals/{}", recorded["journal"].as_str().unwrap())).await.granted();
    assert_eq!(journal["reason"], format!("咸宁市中级人民法院 {RELEASES}：主债权已清偿"));
    let extract = world.bank.client.post("/extracts", json!({"pledge": pledge})).await.granted();
    let text = extract["content"].as_str().unwrap();
    assert!(text.contains("state released\n") && text.contains("pledge_released_by_court"), "{text}");
}

#[tokio::test]
async fn a_court_releases_a_part_once_by_each_document_and_who_waits_takes_it() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = registered(&world, &mill, secured_on(&mill, "80.000", "60000.00", "90000.00")).await;
    let lien = &pledge["liens"][0]["id"];
    let freeze = freezes(&world, &mill, "50.000").await;
    let part = |tonnes: Option<&str>| match tonnes {
        Some(tonnes) => json!([{"lien": lien, "quantity": tonnes}]),
        None => json!([{"lien": lien}]),
    };
    let asks =
        async |document: &str, liens: Value| records(&world.exchange, id(&pledge), order(document, &liens)).await;
    asks(RELEASES, part(Some("80.001"))).await.is_refused_with("PLG_MORE_THAN_HELD").with_status(422);
    for all in [Some("80.000"), None] {
        asks(RELEASES, part(all)).await.is_refused_with("PLG_WHOLE_RELEASED");
    }
    asks(RELEASES, json!([{"lien": fresh(), "quantity": "1.000"}])).await.is_refused_with("PLG_NO_SUCH_LIEN");
    let twice = json!([{"lien": lien, "quantity": "1.000"}, {"lien": lien, "quantity": "1.000"}]);
    asks(RELEASES, twice).await.is_refused_with("PLG_LIEN_NAMED_TWICE");
    let many = |field: &str| -> Vec<Value> { (0..51).map(|_| json!({"lien": lien, field: "0.001"})).collect() };
    asks(RELEASES, json!(many("quantity"))).await.is_refused_with("API_BAD_COUNT");
    let propose = format!("/pledges/{}/amendments", id(&pledge));
    let too_much = json!({"reason": "追加质押", "liens": many("add_quantity")});
    world.bank.client.post(&propose, too_much).await.is_refused_with("API_BAD_COUNT");

    let less = asks(RELEASES, part(Some("20.000"))).await.granted();
    assert_eq!((&less["state"], &less["liens"][0]["held"]), (&json!("registered"), &json!("60.000")));
    assert_eq!(
        (&less["principal"], &less["secured"]),
        (&json!("60000.00"), &json!("60000.00")),
        "the debt is the same"
    );
    assert_eq!(frozen(&world, freeze).await, ["waiting", "40.000"]);
    let versions = world.bank.client.get(&format!("/pledges/{}/amendments", id(&pledge))).await.granted();
    assert_eq!(versions["items"][0]["id"], less["court_releases"][0]["amendment"], "{versions:#}");
    assert_eq!(versions["items"][0]["kind"], "partial_release");
    world.books_are_right().await;
    let again = asks(RELEASES, part(Some("20.000"))).await;
    again.is_refused_with("PLG_COURT_DOCUMENT_RECORDED").with_status(409);
    asks(RELEASES, json!([])).await.is_refused_with("PLG_COURT_DOCUMENT_RECORDED");
    told(&world).await;
    for party in [&world.bank.client, &mill.client] {
        assert!(kinds_told(party).await.contains(&json!("pledge_partly_released_by_court")));
    }

    let over = asks("(2022)鄂12执790号", json!([])).await.granted();
    assert_eq!((&over["state"], over["court_releases"].as_array().unwrap().len()), (&json!("released"), 2));
    assert_eq!(frozen(&world, freeze).await, ["in_force", "50.000"]);
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "50.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn of_several_things_a_court_releases_one_whole_and_the_rest_is_called_for() {
    let world = World::new().await;
    world.adopts(&[("ltv_cap", "0.90")]).await.granted();
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    world.allocate(&mill, "50.000 t SO2").await;
    mill.consents(&world.bank, &["COD", "SO2"]).await;
    let mut application = secured_on(&mill, "10.000", "60000.00", "90000.00");
    application["rights"] = json!([
        {"site": mill.site, "right_class": mill.class("COD"), "quantity": "10.000", "secured": "40000.00", "assessed_value": "60000.00"},
        {"site": mill.site, "right_class": mill.class("SO2"), "quantity": "5.000", "secured": "20000.00", "assessed_value": "30000.00"},
    ]);
    let pledge = registered(&world, &mill, application).await;
    let of = |pollutant: &str| {
        let class = mill.class(pollutant);
        let liens = pledge["liens"].as_array().unwrap();
        liens.iter().find(|lien| lien["right_class"] == class).unwrap()["id"].clone()
    };
    let left = records(&world.exchange, id(&pledge), order(RELEASES, &json!([{"lien": of("SO2")}]))).await.granted();
    assert_eq!(left["margin_calls"][0]["cap"], "0.90", "all of it on what is left is more than the cap: {left:#}");
    let held = |pollutant: &str| {
        let liens = left["liens"].as_array().unwrap();
        liens.iter().find(|lien| lien["id"] == of(pollutant)).unwrap()["held"].clone()
    };
    assert_eq!(
        (left["state"].as_str(), held("COD"), held("SO2")),
        (Some("registered"), json!("10.000"), json!("0.000"))
    );
    assert_eq!(world.balance(mill.site, &mill.class("SO2"), "available").await, "50.000");
    let again = order("(2022)鄂12执790号", &json!([{"lien": of("SO2")}]));
    records(&world.exchange, id(&pledge), again).await.is_refused_with("PLG_MORE_THAN_HELD");
    world.books_are_right().await;
}

#[tokio::test]
async fn what_is_open_about_a_pledge_ends_with_the_courts_release_and_the_facility_has_its_money_back() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let limits = json!({"name": "2022集中授信", "limits": [{"organisation": mill.id, "sub_limit": "60000.00"}]});
    let facility = id(&world.bank.client.post("/facilities", limits).await.granted());
    mill.client.post(&format!("/facilities/{facility}/accept"), json!({})).await.granted();
    let mut application = secured_on(&mill, "10.000", "60000.00", "90000.00");
    application["facility"] = json!(facility);
    let pledge = registered(&world, &mill, application.clone()).await;
    world.bank.client.post("/pledges", application.clone()).await.is_refused_with("PLG_FACILITY_EXHAUSTED");
    let path = |act: &str| format!("/pledges/{}/{act}", id(&pledge));
    let extends = json!({"reason": "展期", "debt_to": "2023-12-29"});
    world.bank.client.post(&path("amendments"), extends).await.granted();
    let released = records(&world.exchange, id(&pledge), order(RELEASES, &json!([]))).await.granted();
    assert_eq!((&released["state"], &released["open_amendment"]), (&json!("released"), &json!(false)));
    mill.client.post(&path("agree-amendment"), json!({})).await.is_refused_with("PLG_ALREADY_RELEASED");
    world.bank.client.post("/pledges", application).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn a_disposal_that_waits_and_a_sale_end_with_the_courts_release() {
    let stage = Stage::of("40.000 t COD").await;
    let world = &stage.world;
    let path = |act: &str| format!("/pledges/{}/{act}", id(&stage.pledge));
    let lien = &stage.pledge["liens"][0]["id"];
    let notice = json!({"reason": "逾期未还", "amount_due": "61000.00"});
    world.bank.client.post(&path("declare-default"), notice).await.granted();
    let disposal = json!({"lien": lien, "mode": "agreement", "document": "处置2022-009", "buyer_site": stage.glass.site,
        "project": stage.glass.project, "quantity": "4.000", "unit_price": "8000.00", "costs": "10.00", "owed": "61000.00",
        "settlement_bank": world.settlement_bank});
    let disposal = id(&world.bank.client.post(&path("disposals"), disposal).await.granted());
    stage.mill.client.post(&format!("/disposals/{disposal}/agree"), json!({})).await.granted();
    let released = records(&world.exchange, id(&stage.pledge), order(RELEASES, &json!([]))).await.granted();
    assert_eq!(released["state"], "released");
    let ended = world.bank.client.get(&format!("/disposals/{disposal}")).await.granted();
    assert_eq!(ended["state"], "withdrawn", "{ended:#}");
    stage
        .glass
        .client
        .post(&format!("/disposals/{disposal}/settle"), json!({}))
        .await
        .is_refused_with("PLG_ALREADY_RELEASED");
    world.books_are_right().await;

    let again = registered(world, &stage.mill, secured_on(&stage.mill, "10.000", "60000.00", "90000.00")).await;
    let wish = json!({"lien": again["liens"][0]["id"], "buyer_site": stage.glass.site, "project": stage.glass.project,
        "quantity": "4.000", "unit_price": "9000.00"});
    let wish = stage.mill.client.post(&format!("/pledges/{}/consented-sales", id(&again)), wish).await.granted();
    let order_of_payment =
        json!({"document": "同意转让2022-003", "to_claim": "30000.00", "settlement_bank": world.settlement_bank});
    let consent = format!("/consented-sales/{}/consent", id(&wish));
    let sale = world.bank.client.post(&consent, order_of_payment).await.granted();
    records(&world.exchange, id(&again), order(RELEASES, &json!([]))).await.granted();
    let trade = world.auditor.get(&format!("/trades/{}", sale["trade"].as_str().unwrap())).await.granted();
    assert_eq!(trade["state"], "cancelled", "{trade:#}");
    assert_eq!(stage.world.balance(stage.mill.site, &stage.mill.class("COD"), "available").await, "40.000");
    world.books_are_right().await;
}
