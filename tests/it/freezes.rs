//! What a court freezes nobody sells or pledges: at once, in front of open business, behind liens in one line, until it is lifted or sold.

use crate::events::told;
use crate::support::World;
use crate::support::client::Answer;
use crate::support::world::{CHIBI, Enterprise, TONGCHENG, XIANAN};
use futures::future::join_all;
use ganhe::app::binders::BINDERS;
use ganhe::freeze::clock::pass_day;
use ganhe::kernel::ids::fresh;
use serde_json::{Value, json};
use uuid::Uuid;

/// Number of the document of the first freeze.
const FIRST: &str = "(2022)鄂12执123号";
/// Of the second.
const SECOND: &str = "(2022)鄂12执456号";
/// What lifts or executes one.
const ORDER: &str = "(2022)鄂12执123号之一";

fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

async fn freezes(world: &World, document: &str, of: &Enterprise, holding: &str) -> Answer {
    let (quantity, pollutant) = holding.split_once(" t ").unwrap();
    let body = json!({"document": document, "court": "咸宁市中级人民法院", "site": of.site,
        "right_class": of.class(pollutant), "quantity": quantity});
    world.exchange.post("/freezes", body).await
}

/// A freeze of rights that are free.
pub async fn frozen(world: &World, of: &Enterprise, holding: &str) -> Uuid {
    id(&freezes(world, FIRST, of, holding).await.granted())
}

async fn lifts(world: &World, freeze: Uuid, document: &str) -> Answer {
    let body = json!({"freezing_document": document, "document": ORDER});
    world.exchange.post(&format!("/freezes/{freeze}/lift"), body).await
}

async fn executes(world: &World, freeze: Uuid, document: &str, buyer: &Enterprise, anyway: bool) -> Answer {
    let body = json!({"freezing_document": document, "document": ORDER, "buyer_site": buyer.site,
        "unit_price": "5000.00", "ordered_anyway": anyway});
    world.exchange.post(&format!("/freezes/{freeze}/execute"), body).await
}

async fn stands(world: &World, freeze: Uuid) -> (String, String) {
    let found = world.exchange.get(&format!("/freezes/{freeze}")).await.granted();
    (found["state"].as_str().unwrap().to_owned(), found["taken"].as_str().unwrap().to_owned())
}

async fn holds(world: &World, of: &Enterprise) -> [String; 4] {
    let mut balances = Vec::new();
    for purpose in ["available", "committed", "pledged", "frozen"] {
        balances.push(world.balance(of.site, &of.class("COD"), purpose).await);
    }
    balances.try_into().unwrap()
}

/// A pledge of the bank on rights of a mill.
async fn pledged(world: &World, mill: &Enterprise, holding: &str) -> Uuid {
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(world, mill, holding).await;
    world.bank.registers(pledge).await.granted();
    pledge
}

/// Freezes in every state and with every column somewhere: for the trials of the verification.
pub async fn happened(world: &World, mill: &Enterprise) -> Uuid {
    let body = json!({"document": "(2022)鄂12执1号", "court": "咸宁市中级人民法院", "site": mill.site,
        "right_class": mill.class("SO2"), "quantity": "1.000", "until": "2023-11-30"});
    let open = id(&world.exchange.post("/freezes", body).await.granted());
    let lifted = id(&freezes(world, "(2022)鄂12执2号", mill, "1.000 t SO2").await.granted());
    lifts(world, lifted, "(2022)鄂12执2号").await.granted();
    let part = json!({"freezing_document": "(2022)鄂12执1号", "document": ORDER, "quantity": "0.250"});
    world.exchange.post(&format!("/freezes/{open}/lift"), part).await.granted();
    let buyer = world.enterprise_in("通城水泥", TONGCHENG, "power").await;
    let executed = id(&freezes(world, "(2022)鄂12执3号", mill, "1.000 t SO2").await.granted());
    executes(world, executed, "(2022)鄂12执3号", &buyer, true).await.granted();
    sells_part(world, open, "(2022)鄂12执1号", &buyer, "0.250").await.granted();
    open
}

/// The court has a part of what a freeze holds sold.
async fn sells_part(world: &World, freeze: Uuid, document: &str, buyer: &Enterprise, quantity: &str) -> Answer {
    let body = json!({"freezing_document": document, "document": ORDER, "buyer_site": buyer.site,
        "unit_price": "5000.00", "ordered_anyway": true, "quantity": quantity});
    world.exchange.post(&format!("/freezes/{freeze}/execute"), body).await
}

#[tokio::test]
async fn what_is_free_is_frozen_at_once_and_can_be_neither_sold_nor_pledged() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    mill.consents(&world.bank, &["COD"]).await;
    let frozen = freezes(&world, FIRST, &mill, "100.000 t COD").await.with_status(201).clone().granted();
    assert_eq!(
        (&frozen["state"], &frozen["taken"], &frozen["rank"]),
        (&json!("in_force"), &json!("100.000"), &json!(1))
    );
    assert_eq!(holds(&world, &mill).await, ["20.000", "0", "0", "100.000"]);
    mill.offers("30.000 t COD", "8790.00", &glass).await.is_refused_with("TRD_NOT_ENOUGH_AVAILABLE");
    world.bank.applies(&mill, "30.000 t COD").await.is_refused_with("PLG_NOT_ENOUGH_AVAILABLE");
    world.books_are_right().await;

    let freeze = id(&frozen);
    lifts(&world, freeze, SECOND).await.is_refused_with("FRZ_UNKNOWN_DOCUMENT").with_status(422);
    let lifted = lifts(&world, freeze, FIRST).await.granted();
    assert_eq!(
        (&lifted["state"], &lifted["cause"], &lifted["ended_document"]),
        (&json!("lifted"), &json!("order"), &json!(ORDER))
    );
    lifts(&world, freeze, FIRST).await.is_refused_with("FRZ_ALREADY_LIFTED").with_status(409);
    executes(&world, freeze, FIRST, &glass, true).await.is_refused_with("FRZ_ALREADY_LIFTED").with_status(409);
    assert_eq!(holds(&world, &mill).await, ["120.000", "0", "0", "0.000"]);
    mill.offers("30.000 t COD", "8790.00", &glass).await.granted();
    told(&world).await;
    let events = mill.client.get("/events?limit=200").await.granted();
    let kinds: Vec<&Value> = events["items"].as_array().unwrap().iter().map(|event| &event["kind"]).collect();
    assert!(kinds.contains(&&json!("rights_frozen")) && kinds.contains(&&json!("freeze_lifted")), "{kinds:?}");
    world.books_are_right().await;
}

#[tokio::test]
async fn no_more_is_frozen_than_there_is_and_by_each_document_once() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let over = freezes(&world, FIRST, &mill, "100.001 t COD").await;
    over.is_refused_with("FRZ_OVER_HOLDING").with_status(422);
    assert_eq!(holds(&world, &mill).await, ["100.000", "0", "0", "0"]);
    freezes(&world, FIRST, &mill, "100.000 t COD").await.granted();
    freezes(&world, FIRST, &mill, "1.000 t COD").await.is_refused_with("FRZ_ALREADY_RECORDED").with_status(409);
    let body = json!({"document": SECOND, "court": "法院", "site": mill.site, "right_class": mill.class("COD"),
        "quantity": "1.000", "until": "2022-11-30"});
    world.exchange.post("/freezes", body).await.is_refused_with("FRZ_TERM_OVER").with_status(422);
    lifts(&world, fresh(), FIRST).await.with_status(404);
}

#[tokio::test]
async fn open_business_gives_way_the_newest_first_and_no_more_than_it_takes() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let approved = world.approved_trade(&mill, &glass, "30.000 t COD", "1000.00").await;
    let offer = id(&mill.offers("40.000 t COD", "1000.00", &glass).await.granted());
    let frozen = freezes(&world, FIRST, &mill, "60.000 t COD").await.granted();
    assert_eq!(frozen["state"], "in_force");
    let offered = mill.client.get(&format!("/offers/{offer}")).await.granted();
    assert_eq!(offered["state"], "withdrawn", "{offered:#}");
    assert!(offered["reason"].as_str().unwrap().contains(FIRST), "{offered:#}");
    assert_eq!(glass.client.get(&format!("/trades/{approved}")).await.granted()["state"], "approved");
    assert_eq!(holds(&world, &mill).await, ["10.000", "30.000", "0", "60.000"]);
    glass.pays(approved).await.granted();
    world.books_are_right().await;

    // The rest of it: a trade that is open then gives way too, and its buyer gets the money back.
    let second = world.approved_trade(&mill, &glass, "5.000 t COD", "1000.00").await;
    freezes(&world, SECOND, &mill, "10.000 t COD").await.granted();
    let called_off = glass.client.get(&format!("/trades/{second}")).await.granted();
    assert_eq!(called_off["state"], "cancelled", "{called_off:#}");
    assert_eq!(holds(&world, &mill).await, ["0.000", "0.000", "0", "70.000"]);
    world.books_are_right().await;
}

#[tokio::test]
async fn behind_a_lien_freezes_wait_in_line_and_a_release_serves_them_in_order() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let pledge = pledged(&world, &mill, "80.000 t COD").await;
    let first = id(&freezes(&world, FIRST, &mill, "50.000 t COD").await.granted());
    world.an_hour_passes();
    let second = id(&freezes(&world, SECOND, &mill, "60.000 t COD").await.granted());
    assert_eq!(stands(&world, first).await, ("waiting".to_owned(), "20.000".to_owned()));
    assert_eq!(stands(&world, second).await, ("waiting".to_owned(), "0.000".to_owned()));
    assert_eq!(world.exchange.get(&format!("/freezes/{second}")).await.granted()["rank"], 2);
    assert_eq!(holds(&world, &mill).await, ["0.000", "0", "80.000", "20.000"]);
    let seen = world.bank.client.get(&format!("/pledges/{pledge}")).await.granted();
    assert_eq!(seen["liens"][0]["notices"][0]["cause"], "court_freeze", "{seen:#}");
    executes(&world, first, FIRST, &mill, true).await.is_refused_with("FRZ_NOT_IN_FORCE").with_status(409);
    world.books_are_right().await;

    world.bank.releases(pledge).await.granted();
    assert_eq!(stands(&world, first).await, ("in_force".to_owned(), "50.000".to_owned()));
    assert_eq!(stands(&world, second).await, ("waiting".to_owned(), "50.000".to_owned()));
    assert_eq!(holds(&world, &mill).await, ["0.000", "0", "0.000", "100.000"]);
    lifts(&world, first, FIRST).await.granted();
    assert_eq!(stands(&world, second).await, ("in_force".to_owned(), "60.000".to_owned()));
    assert_eq!(holds(&world, &mill).await, ["40.000", "0", "0.000", "60.000"]);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_court_lifts_a_part_which_is_waited_for_no_more_or_serves_the_line() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let pledge = pledged(&world, &mill, "60.000 t COD").await;
    let first = id(&freezes(&world, FIRST, &mill, "50.000 t COD").await.granted());
    world.an_hour_passes();
    let second = id(&freezes(&world, SECOND, &mill, "30.000 t COD").await.granted());
    let part = async |document: &str, quantity: &str| {
        let body = json!({"freezing_document": document, "document": ORDER, "quantity": quantity});
        world.exchange.post(&format!("/freezes/{first}/lift"), body).await
    };
    for (document, quantity, code) in [
        (FIRST, "50.000", "FRZ_MORE_THAN_ORDERED"),
        (FIRST, "1000.000", "FRZ_MORE_THAN_ORDERED"),
        (FIRST, "0.0000001", "API_TOO_PRECISE"),
        (FIRST, "0.000", "API_ZERO"),
        (SECOND, "1.000", "FRZ_UNKNOWN_DOCUMENT"),
    ] {
        part(document, quantity).await.is_refused_with(code).with_status(422);
    }
    // It holds 40 t of 50 t: the 10 t that it waits for go first, and nothing moves.
    let lifted = part(FIRST, "10.000").await.granted();
    assert_eq!(
        (&lifted["state"], &lifted["quantity"], &lifted["taken"]),
        (&json!("in_force"), &json!("40.000"), &json!("40.000"))
    );
    assert_eq!(stands(&world, second).await, ("waiting".to_owned(), "0.000".to_owned()));
    world.books_are_right().await;
    // What it then lets go of what it holds serves the next in line.
    part(FIRST, "15.000").await.granted();
    assert_eq!(stands(&world, first).await, ("in_force".to_owned(), "25.000".to_owned()));
    assert_eq!(stands(&world, second).await, ("waiting".to_owned(), "15.000".to_owned()));
    world.bank.releases(pledge).await.granted();
    assert_eq!(stands(&world, second).await, ("in_force".to_owned(), "30.000".to_owned()));
    assert_eq!(holds(&world, &mill).await, ["45.000", "0", "0.000", "55.000"]);
    world.books_are_right().await;
}

#[tokio::test]
async fn what_is_frozen_passes_to_the_buyer_whom_the_court_names_and_the_areas_follow() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let tannery = world.enterprise_in("赤壁制革", CHIBI, "paper").await;
    let freeze = id(&freezes(&world, FIRST, &mill, "30.000 t COD").await.granted());
    executes(&world, freeze, SECOND, &tannery, false).await.is_refused_with("FRZ_UNKNOWN_DOCUMENT").with_status(422);
    let executed = executes(&world, freeze, FIRST, &tannery, false).await.granted();
    assert_eq!((&executed["state"], &executed["warnings"]), (&json!("executed"), &json!([])));
    assert_eq!(holds(&world, &mill).await, ["70.000", "0", "0", "0.000"]);
    assert_eq!(world.balance(tannery.site, &mill.class("COD"), "available").await, "30.000");
    executes(&world, freeze, FIRST, &tannery, false).await.is_refused_with("FRZ_ALREADY_EXECUTED").with_status(409);
    lifts(&world, freeze, FIRST).await.is_refused_with("FRZ_ALREADY_EXECUTED").with_status(409);
    // The buyer sees by which freeze it has got them.
    assert_eq!(id(&tannery.client.get("/freezes").await.granted()["items"][0]), freeze);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_court_sells_part_by_part_and_the_rest_stays_frozen_until_all_is_done() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let tannery = world.enterprise_in("赤壁制革", CHIBI, "paper").await;
    let brewery = world.enterprise_in("通城酒业", TONGCHENG, "food").await;
    let freeze = id(&freezes(&world, FIRST, &mill, "30.000 t COD").await.granted());
    for (quantity, code) in
        [("30.001", "FRZ_MORE_THAN_HELD"), ("1000.000", "FRZ_MORE_THAN_HELD"), ("0.000", "API_ZERO")]
    {
        sells_part(&world, freeze, FIRST, &tannery, quantity).await.is_refused_with(code).with_status(422);
    }
    sells_part(&world, freeze, SECOND, &tannery, "1.000").await.is_refused_with("FRZ_UNKNOWN_DOCUMENT");
    let after = sells_part(&world, freeze, FIRST, &tannery, "12.000").await.granted();
    assert_eq!(
        (&after["state"], &after["quantity"], &after["taken"]),
        (&json!("in_force"), &json!("18.000"), &json!("18.000"))
    );
    assert_eq!(holds(&world, &mill).await, ["70.000", "0", "0", "18.000"]);
    assert_eq!(world.balance(tannery.site, &mill.class("COD"), "available").await, "12.000");
    world.books_are_right().await;
    sells_part(&world, freeze, FIRST, &brewery, "8.000").await.granted();
    let parts = format!("/freezes/{freeze}/executions");
    let sold = mill.client.get(&parts).await.granted();
    let told: Vec<_> =
        sold["items"].as_array().unwrap().iter().map(|part| (&part["quantity"], &part["buyer"])).collect();
    assert_eq!(told, [(&json!("12.000"), &json!(tannery.id)), (&json!("8.000"), &json!(brewery.id))]);
    // A buyer knows of what it has got itself.
    let own = brewery.client.get(&parts).await.granted();
    assert_eq!((own["items"].as_array().unwrap().len(), &own["items"][0]["quantity"]), (1, &json!("8.000")));
    world.enterprise("通城玻璃").await.client.get(&parts).await.with_status(404);
    // The last of it is its execution.
    let done = sells_part(&world, freeze, FIRST, &tannery, "10.000").await.granted();
    assert_eq!((&done["state"], &done["buyer"]), (&json!("executed"), &json!(tannery.id)));
    sells_part(&world, freeze, FIRST, &tannery, "1.000").await.is_refused_with("FRZ_ALREADY_EXECUTED").with_status(409);
    assert_eq!(holds(&world, &mill).await, ["70.000", "0", "0", "0.000"]);
    assert_eq!(world.balance(tannery.site, &mill.class("COD"), "available").await, "22.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn what_is_left_of_a_freeze_after_a_sale_is_lifted_by_an_act_of_its_own() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let brewery = world.enterprise_in("通城酒业", TONGCHENG, "food").await;
    let pledge = pledged(&world, &mill, "60.000 t COD").await;
    let freeze = id(&freezes(&world, FIRST, &mill, "50.000 t COD").await.granted());
    // It holds 40 t, and waits for 10 t: of what it holds it may be executed, and not of what it waits for.
    sells_part(&world, freeze, FIRST, &brewery, "40.001").await.is_refused_with("FRZ_MORE_THAN_HELD");
    executes(&world, freeze, FIRST, &brewery, true).await.is_refused_with("FRZ_NOT_IN_FORCE").with_status(409);
    sells_part(&world, freeze, FIRST, &brewery, "25.000").await.granted();
    assert_eq!(stands(&world, freeze).await, ("waiting".to_owned(), "15.000".to_owned()));
    world.bank.releases(pledge).await.granted();
    assert_eq!(stands(&world, freeze).await, ("in_force".to_owned(), "25.000".to_owned()));
    let part = json!({"freezing_document": FIRST, "document": ORDER, "quantity": "5.000"});
    world.exchange.post(&format!("/freezes/{freeze}/lift"), part).await.granted();
    world.books_are_right().await;
    lifts(&world, freeze, FIRST).await.granted();
    assert_eq!(holds(&world, &mill).await, ["75.000", "0", "0.000", "0.000"]);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_buyer_who_may_not_have_them_is_refused_or_the_court_overrules_it_on_record() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let other_basin = world.enterprise_in("咸安食品", XIANAN, "food").await;
    let freeze = id(&freezes(&world, FIRST, &mill, "30.000 t COD").await.granted());
    executes(&world, freeze, FIRST, &other_basin, false).await.is_refused_with("TRD_BASIN_MISMATCH").with_status(422);
    assert_eq!(holds(&world, &mill).await, ["70.000", "0", "0", "30.000"]);
    let executed = executes(&world, freeze, FIRST, &other_basin, true).await.granted();
    assert_eq!(executed["warnings"], json!(["TRD_BASIN_MISMATCH"]));
    assert_eq!(world.balance(other_basin.site, &mill.class("COD"), "available").await, "30.000");

    // What the books cannot carry no court can order: the cap must be changed first.
    let cut =
        json!({"area": CHIBI, "pollutant": "COD", "cap": "10.000", "valid_from": "2022-12-01", "document": "调减"});
    world.city_head.post("/capacities", cut).await.granted();
    let tannery = world.enterprise_in("赤壁制革", CHIBI, "paper").await;
    let freeze = id(&freezes(&world, SECOND, &mill, "30.000 t COD").await.granted());
    executes(&world, freeze, SECOND, &tannery, false).await.is_refused_with("TRD_NO_HEADROOM");
    executes(&world, freeze, SECOND, &tannery, true).await.is_refused_with("FRZ_NO_HEADROOM").with_status(422);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_freeze_ends_after_its_last_day_and_with_the_rights_it_lies_on() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let body = json!({"document": FIRST, "court": "咸宁市中级人民法院", "site": mill.site,
        "right_class": mill.class("COD"), "quantity": "40.000", "until": "2022-12-10"});
    let dated = id(&world.exchange.post("/freezes", body).await.granted());
    let open = id(&freezes(&world, SECOND, &mill, "50.000 t COD").await.granted());
    let db = &world.app.shared.db;
    world.days_pass(9);
    assert_eq!(pass_day(db, BINDERS, fresh()).await.unwrap(), 0, "it stands on its last day");
    world.days_pass(1);
    assert_eq!(pass_day(db, BINDERS, fresh()).await.unwrap(), 1);
    assert_eq!(pass_day(db, BINDERS, fresh()).await.unwrap(), 0);
    let lifted = world.exchange.get(&format!("/freezes/{dated}")).await.granted();
    assert_eq!((&lifted["cause"], &lifted["ended_document"]), (&json!("term_over"), &Value::Null));
    assert_eq!(holds(&world, &mill).await, ["50.000", "0", "0", "50.000"]);

    world.days_pass(1_200);
    ganhe::quota::tenure::clock::pass_day(db, BINDERS, fresh()).await.unwrap();
    let ended = world.exchange.get(&format!("/freezes/{open}")).await.granted();
    assert_eq!((&ended["state"], &ended["cause"]), (&json!("lifted"), &json!("rights_expired")));
    assert_eq!(holds(&world, &mill).await, ["0.000", "0", "0", "0.000"]);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_freeze_that_waits_ends_when_the_rights_it_waits_for_are_over() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "40.000 t COD").await;
    pledged(&world, &mill, "40.000 t COD").await;
    let waiting = id(&freezes(&world, FIRST, &mill, "10.000 t COD").await.granted());
    assert_eq!(stands(&world, waiting).await, ("waiting".to_owned(), "0.000".to_owned()));
    world.days_pass(1_200);
    ganhe::quota::tenure::clock::pass_day(&world.app.shared.db, BINDERS, fresh()).await.unwrap();
    assert_eq!(holds(&world, &mill).await, ["0.000", "0", "0.000", "0"]);
    let ended = world.exchange.get(&format!("/freezes/{waiting}")).await.granted();
    assert_eq!((&ended["state"], &ended["cause"]), (&json!("lifted"), &json!("rights_expired")));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_freeze_is_recorded_by_the_exchange_and_seen_by_whom_it_concerns() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let glass = world.enterprise("通城玻璃").await;
    let freeze = id(&freezes(&world, FIRST, &mill, "30.000 t COD").await.granted());
    let path = format!("/freezes/{freeze}");
    for client in [&mill.client, &world.officer, &world.auditor, &world.exchange] {
        assert_eq!(id(&client.get(&path).await.granted()), freeze);
        assert_eq!(client.get("/freezes?state=in_force").await.granted()["items"].as_array().unwrap().len(), 1);
    }
    for client in [&glass.client, &world.chibi_officer] {
        client.get(&path).await.with_status(404);
        assert_eq!(client.get(&format!("/freezes?site={}", mill.site)).await.granted()["items"], json!([]));
    }
    world.bank.client.get(&path).await.is_refused_with("AUT_NOT_ALLOWED");
    mill.client
        .post(&format!("{path}/lift"), json!({"freezing_document": FIRST, "document": ORDER}))
        .await
        .with_status(403);
    world.exchange.get("/freezes?state=melted").await.is_refused_with("API_UNKNOWN_WORD");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_freezes_sells_and_pledges_at_once_gets_no_gram_twice() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "100.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    mill.consents(&world.bank, &["COD"]).await;
    let mut pledges = Vec::new();
    for _ in 0..4 {
        pledges.push(world.bank.agreed_pledge(&world, &mill, "20.000 t COD").await);
    }
    let documents: Vec<String> = (0..6).map(|at| format!("(2022)鄂12执{at}号")).collect();
    let frozen = join_all(documents.iter().map(|document| freezes(&world, document, &mill, "30.000 t COD")));
    let offered = join_all((0..6).map(|_| mill.offers("10.000 t COD", "1000.00", &glass)));
    let registered = join_all(pledges.iter().map(|pledge| world.bank.registers(*pledge)));
    let (frozen, offered, registered) = tokio::join!(frozen, offered, registered);
    assert!(frozen.iter().all(|answer| answer.status == 201), "{frozen:#?}");
    let explained = |answer: &Answer, code: &str| answer.status.is_success() || answer.codes() == [code];
    assert!(offered.iter().all(|answer| explained(answer, "TRD_NOT_ENOUGH_AVAILABLE")), "{offered:#?}");
    assert!(registered.iter().all(|answer| explained(answer, "PLG_NOT_ENOUGH_AVAILABLE")), "{registered:#?}");
    world.books_are_right().await;
    // Whatever the order was: what is not pledged is frozen, and what is freed serves the line.
    for (pledge, answer) in pledges.iter().zip(&registered) {
        if answer.status.is_success() {
            world.bank.releases(*pledge).await.granted();
        }
    }
    assert_eq!(holds(&world, &mill).await[3], "100.000");
    let found = world.exchange.get("/freezes?limit=200").await.granted();
    let recorded = found["items"].as_array().unwrap();
    let lifted =
        join_all(recorded.iter().map(|freeze| lifts(&world, id(freeze), freeze["document"].as_str().unwrap())));
    assert!(lifted.await.iter().all(|answer| answer.status.is_success()));
    assert_eq!(holds(&world, &mill).await[3], "0.000");
    world.books_are_right().await;
}
