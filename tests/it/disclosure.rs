//! What anybody may see: published results, registers and figures, without a token and without anybody's person.

use crate::auctions::stage::Session;
use crate::market::listings::{buys, lists};
use crate::prices::settled;
use crate::support::World;
use crate::support::client::{Answer, Client};
use crate::support::world::{Enterprise, TONGCHENG};
use futures::future::join_all;
use ganhe::access::Role;
use ganhe::disclosure::clock;
use ganhe::kernel::ids;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

/// Settled trades have their publications: how many are new.
pub async fn made(world: &World) -> u64 {
    clock::make_due(&world.app.shared.db, NODE).await.unwrap()
}

/// The node that has the lease.
const NODE: Uuid = Uuid::from_u128(7);

/// A publication in every state, for whoever needs rows in every table.
pub async fn happened(world: &World, mill: &Enterprise) {
    let glass = world.buyer("通城瓷业", "1000000.00").await;
    for _ in 0..3 {
        settled(world, mill, &glass, "1.000 t COD", "8790.00").await;
    }
    made(world).await;
    let found = world.exchange.get("/publications?state=due").await.granted();
    let due: Vec<Uuid> = found["items"].as_array().unwrap().iter().map(id).collect();
    for publication in &due[..2] {
        world.exchange.post(&format!("/publications/{publication}/publish"), json!({})).await.granted();
    }
    let why = json!({"reason": "成交价格录入有误"});
    world.exchange.post(&format!("/publications/{}/withdraw", due[0]), why).await.granted();
}

async fn public(world: &World, path: &str) -> Value {
    world.nobody().get(&format!("/public/{path}")).await.granted()
}

async fn stage() -> (World, Enterprise, Enterprise) {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    (world, mill, glass)
}

#[tokio::test]
async fn a_result_is_due_published_and_withdrawn() {
    let (world, mill, glass) = stage().await;
    settled(&world, &mill, &glass, "2.000 t COD", "8790.00").await;
    assert_eq!((made(&world).await, made(&world).await), (1, 0), "each is made once");
    let due = world.exchange.get("/publications?state=due").await.granted();
    let publication = &due["items"][0];
    assert_eq!(
        (&publication["due_on"], &publication["overdue"]),
        (&json!("2022-12-08"), &json!(false)),
        "five working days"
    );
    assert!(public(&world, "trades").await["items"].as_array().unwrap().is_empty());

    let path = format!("/publications/{}", id(publication));
    let why = json!({"reason": "成交价格录入有误"});
    world
        .exchange
        .post(&format!("{path}/withdraw"), why.clone())
        .await
        .is_refused_with("DIS_NOT_PUBLISHED")
        .with_status(409);
    mill.client.post(&format!("{path}/publish"), json!({})).await.with_status(403);
    world.auditor.post(&format!("{path}/publish"), json!({})).await.with_status(403);
    let published = world.exchange.post(&format!("{path}/publish"), json!({})).await.granted();
    assert_eq!((&published["state"], &published["version"]), (&json!("published"), &json!(2)));
    world
        .exchange
        .post(&format!("{path}/publish"), json!({}))
        .await
        .is_refused_with("DIS_ALREADY_PUBLISHED")
        .with_status(409);
    let seen = public(&world, "trades").await;
    let result = &seen["items"][0]["result"];
    assert_eq!(
        (&result["quantity"], &result["unit_price"], &result["total"]),
        (&json!("2.000"), &json!("8790.00"), &json!("17580.00"))
    );
    assert_eq!(
        (&result["seller"], &result["buyer_area"]),
        (&Value::Null, &json!(TONGCHENG)),
        "no rule lets parties be named"
    );
    assert_eq!(public(&world, "trades?area=421281").await["items"].as_array().unwrap().len(), 0);
    assert_eq!(public(&world, "trades?area=421200").await["items"].as_array().unwrap().len(), 1);
    world.nobody().get("/public/trades?area=999999").await.is_refused_with("ORG_UNKNOWN_AREA");

    world.adopts(&[("disclose_parties", "on")]).await.granted();
    let seen = public(&world, "trades").await;
    assert_eq!(
        (&seen["items"][0]["result"]["seller"], &seen["items"][0]["result"]["buyer"]),
        (&json!("临江纸业"), &json!("通城玻璃"))
    );

    world.exchange.post(&format!("{path}/withdraw"), why.clone()).await.granted();
    world.exchange.post(&format!("{path}/withdraw"), why).await.is_refused_with("DIS_NOT_PUBLISHED");
    let seen = public(&world, "trades").await;
    assert_eq!((&seen["items"][0]["state"], &seen["items"][0]["result"]), (&json!("withdrawn"), &Value::Null));
    assert!(!seen.to_string().contains("录入"), "why is between the exchange and its auditor");
    world.books_are_right().await;
}

#[tokio::test]
async fn what_waits_beyond_its_working_days_stands_on_the_list_of_the_exchange() {
    let (world, mill, glass) = stage().await;
    settled(&world, &mill, &glass, "2.000 t COD", "8790.00").await;
    made(&world).await;
    let overdue = async || {
        let found = world.exchange.get("/publications?overdue=true").await.granted();
        found["items"].as_array().unwrap().len()
    };
    world.days_pass(7);
    assert_eq!(overdue().await, 0, "its last day is the eighth");
    world.days_pass(1);
    assert_eq!(overdue().await, 1);
    world.forgets_rules(&["publication_days"]).await.granted();
    settled(&world, &mill, &glass, "1.000 t COD", "8790.00").await;
    made(&world).await;
    let found = world.exchange.get("/publications?state=due").await.granted();
    assert_eq!(
        (&found["items"][1]["due_on"], overdue().await),
        (&Value::Null, 1),
        "where no rule says when, nothing is late"
    );
    // The bureau sees those of its area, an enterprise none, the auditor all.
    assert_eq!(world.officer.get("/publications").await.granted()["items"].as_array().unwrap().len(), 2);
    assert_eq!(world.chibi_officer.get("/publications").await.granted()["items"].as_array().unwrap().len(), 0);
    assert_eq!(mill.client.get("/publications").await.granted()["items"].as_array().unwrap().len(), 0);
    mill.client.get(&format!("/publications/{}", id(&found["items"][0]))).await.with_status(404);
    assert_eq!(world.auditor.get("/publications").await.granted()["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_publication_is_made_and_published_once_however_many_try() {
    let (world, mill, glass) = stage().await;
    for _ in 0..3 {
        settled(&world, &mill, &glass, "1.000 t COD", "8790.00").await;
    }
    let db = &world.app.shared.db;
    let nodes: Vec<Uuid> = (0..6).map(|at| if at % 2 == 0 { NODE } else { ids::fresh() }).collect();
    let made = join_all(nodes.into_iter().map(|node| clock::make_due(db, node))).await;
    assert_eq!(made.into_iter().map(Result::unwrap).sum::<u64>(), 3);
    let found = world.exchange.get("/publications?state=due").await.granted();
    let path = format!("/publications/{}/publish", id(&found["items"][0]));
    let answers: Vec<Answer> = join_all((0..6).map(|_| world.exchange.post(&path, json!({})))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.codes().contains(&"DIS_ALREADY_PUBLISHED")).count(), 5);
    world.books_are_right().await;
}

#[tokio::test]
async fn registers_are_open_without_amounts_and_without_persons() {
    let (world, mill, glass) = stage().await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(&world, &mill, "30.000 t COD").await;
    let registered = world.bank.registers(pledge).await.granted();
    let liens = public(&world, "liens").await;
    let lien = &liens["items"][0];
    assert_eq!((&lien["number"], &lien["quantity"]), (&registered["number"], &json!("30.000")));
    assert_eq!((&lien["pledgee"], lien.as_object().unwrap().len()), (&json!("惠发村镇银行"), 8));
    for secret in ["100000.00", "200000.00", "借字2022-001", "临江纸业"] {
        assert!(!liens.to_string().contains(secret), "{secret} is shown");
    }
    let capacities = public(&world, "capacities?area=421222&pollutant=COD").await;
    let cap = &capacities["items"][0];
    assert_eq!(
        (&cap["cap"], &cap["used"], &cap["headroom"]),
        (&json!("1000.000"), &json!("120.000"), &json!("880.000"))
    );

    let rated = crate::organisations::facts::rates(&world.officer, &mill, "green", "2022Q3").await.granted();
    let ratings = public(&world, "ratings").await;
    let rating = &ratings["items"][0];
    assert_eq!((&rating["id"], &rating["name"], &rating["level"]), (&rated["id"], &json!("临江纸业"), &json!("green")));
    assert!(public(&world, "ratings?kind=park_rating").await["items"].as_array().unwrap().is_empty());
    world.nobody().get("/public/ratings?kind=major_accident").await.is_refused_with("API_UNKNOWN_WORD");

    mill.offers("5000.000 t COD", "1000.00", &glass).await.is_refused_with("TRD_NOT_ENOUGH_AVAILABLE");
    let refusals = public(&world, "refusals?period=2022-12").await;
    let counted = refusals["items"].as_array().unwrap().iter().find(|item| item["code"] == "TRD_NOT_ENOUGH_AVAILABLE");
    assert_eq!(counted.unwrap()["count"], 1);
    assert!(public(&world, "refusals?period=2022-11").await["items"].as_array().unwrap().is_empty());
    world.nobody().get("/public/refusals?period=lately").await.is_refused_with("PRC_BAD_PERIOD");
    world.bank.releases(pledge).await.granted();
    assert!(public(&world, "liens").await["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_page_of_liens_has_as_many_lines_as_were_asked_for() {
    let (world, mill, _) = stage().await;
    world.allocate(&mill, "50.000 t SO2").await;
    mill.consents(&world.bank, &["COD", "SO2"]).await;
    let right = |pollutant: &str, quantity: &str| json!({"site": mill.site, "right_class": mill.class(pollutant), "quantity": quantity, "secured": "50000.00", "assessed_value": "100000.00"});
    let body = json!({"pledgor": mill.id, "loan_contract": "借字2022-001", "pledge_contract": "质字2022-001", "principal": "100000.00",
        "secured": "100000.00", "assessed_value": "200000.00", "valuation_method": "market price", "valued_on": "2022-12-01",
        "debt_from": "2022-12-01", "debt_to": "2023-11-30", "rights": [right("COD", "30.000"), right("SO2", "20.000")]});
    let pledge = id(&world.bank.client.post("/pledges", body).await.granted());
    world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
    mill.client.post(&format!("/pledges/{pledge}/agree"), json!({})).await.granted();
    world.bank.registers(pledge).await.granted();
    let first = public(&world, "liens?limit=1").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = public(&world, &format!("liens?limit=1&cursor={cursor}")).await;
    let told = [&first, &second].map(|page| {
        let lines: Vec<&Value> = page["items"].as_array().unwrap().iter().map(|lien| &lien["quantity"]).collect();
        lines
    });
    assert_eq!(told, [["30.000"], ["20.000"]]);
    assert!(second["next_cursor"].is_null());
}

#[tokio::test]
async fn what_is_laid_open_is_announced_page_by_page() {
    let world = World::new().await;
    world.adopts(&[("allocation_publicity_days", "5")]).await.granted();
    let mill = world.enterprise("临江纸业").await;
    assert!(public(&world, "announcements").await["items"].as_array().unwrap().is_empty());
    for holding in ["1.000 t COD", "2.000 t COD", "3.000 t COD"] {
        world.propose_allocation(&mill, holding).await.granted();
    }
    let all = public(&world, "announcements").await;
    let quantities: Vec<&Value> = all["items"].as_array().unwrap().iter().map(|item| &item["quantity"]).collect();
    assert_eq!(quantities, ["1.000", "2.000", "3.000"]);
    assert!(all["items"][0]["until"].is_string());
    let first = public(&world, "announcements?limit=2").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = public(&world, &format!("announcements?limit=2&cursor={cursor}")).await;
    assert_eq!((first["items"].as_array().unwrap().len(), second["items"].as_array().unwrap().len()), (2, 1));
    assert_eq!(second["items"][0]["quantity"], "3.000");
}

/// Every public list and figure.
const PUBLIC: [&str; 11] = [
    "announcements?",
    "areas?",
    "auctions?",
    "basins?",
    "trades?",
    "capacities?",
    "ratings?",
    "liens?",
    "refusals?period=2022-12",
    "statistics?by=month&from=2022-12&to=2022-12",
    "price-index?by=month&from=2022-12&to=2022-12",
];

async fn asked(client: &Client, path: &str, etag: Option<&str>) -> Answer {
    let request = client.request(Method::GET, &format!("/public/{path}"));
    let request = if let Some(etag) = etag { request.header("If-None-Match", etag) } else { request };
    Answer::of(request).await
}

#[tokio::test]
async fn whatever_is_public_may_be_kept_for_a_while_and_comes_as_a_table_too() {
    let (world, mill, glass) = stage().await;
    settled(&world, &mill, &glass, "1.000 t COD", "8790.00").await;
    made(&world).await;
    let nobody = world.nobody();
    let session = Session::planned(&world, "ascending", &[]).await;
    session.lot(&mill, "1.000 t COD", "8790.00").await;
    session.exchange(&world, "/announce").await.granted();
    let alone = asked(&nobody, &format!("auctions/{}", session.id), None).await;
    assert_eq!(alone.headers["cache-control"], "public, max-age=60");
    let lists = ["lots", "bids", "results"].map(|list| format!("auctions/{}/{list}?", session.id));
    for path in PUBLIC.into_iter().chain(lists.iter().map(String::as_str)) {
        for form in ["", "&format=csv"] {
            let path = format!("{path}{form}");
            let answer = asked(&nobody, &path, None).await.with_status(200).clone();
            assert_eq!(answer.headers["cache-control"], "public, max-age=60", "{path}");
            let kind = answer.headers["content-type"].to_str().unwrap();
            assert!(kind.starts_with(if form.is_empty() { "application/json" } else { "text/csv" }), "{path}: {kind}");
            let etag = answer.headers["etag"].to_str().unwrap().to_owned();
            let again = asked(&nobody, &path, Some(&etag)).await;
            assert_eq!((again.status.as_u16(), &again.body), (304, &json!("")), "{path}");
            asked(&nobody, &path, Some("\"other\"")).await.with_status(200);
        }
        asked(&nobody, &format!("{path}&format=xlsx"), None).await.is_refused_with("API_UNKNOWN_WORD");
        asked(&nobody, &format!("{path}&surprise=1"), None).await.is_refused_with("API_BAD_QUERY");
    }
}

#[tokio::test]
async fn nothing_that_is_public_names_a_person() {
    let (world, mill, glass) = stage().await;
    world.adopts(&[("disclose_parties", "on")]).await.granted();
    settled(&world, &mill, &glass, "1.000 t COD", "8790.00").await;
    happened(&world, &mill).await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(&world, &mill, "30.000 t COD").await;
    world.bank.registers(pledge).await.granted();
    crate::organisations::facts::rates(&world.officer, &mill, "green", "2022Q3").await.granted();
    let mut persons: Vec<String> = Vec::new();
    for client in [&mill.client, &glass.client, &world.officer, &world.exchange, &world.bank.client] {
        persons.push(client.signed_in(&world.app.shared).user.to_string());
    }
    world.colleague_of(&world.exchange, Role::ExchangeApprover).await;
    for path in PUBLIC {
        let told = public(&world, path).await.to_string();
        for person in &persons {
            assert!(!told.contains(person.as_str()), "{path} names {person}");
        }
        assert!(!told.contains("User ") && !told.contains("\"actor"), "{path}: {told}");
    }
}

#[tokio::test]
async fn what_of_the_market_anybody_may_object_to_buy_or_bid_for_is_announced() {
    let (world, mill, glass) = stage().await;
    let listing = lists(&mill, "20.000 t COD", "2.000", "9000.00").await;
    buys(&glass, listing, Some("5.000")).await.granted();
    let session = Session::planned(&world, "ascending", &[]).await;
    world.allocate(&world.reserve, "10.000 t COD").await;
    session.lot(&world.reserve, "10.000 t COD", "8790.00").await;
    let kinds = async |query: &str| {
        let found = public(&world, &format!("announcements?{query}")).await;
        let items = found["items"].as_array().unwrap().clone();
        let kinds: Vec<String> = items.iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect();
        (kinds, items)
    };
    assert_eq!(kinds("").await.0, ["listing"], "what is only planned is nobody's business");
    session.exchange(&world, "/announce").await.granted();
    world.adopts(&[("trade_publicity_days", "2")]).await.granted();
    let trade = world.approved_trade(&mill, &glass, "3.000 t COD", "9000.00").await;
    let (open, items) = kinds("state=open").await;
    assert_eq!(open, ["listing", "auction", "trade"]);
    assert_eq!(
        (&items[0]["quantity"], &items[0]["minimum"], &items[0]["unit"]),
        (&json!("15.000"), &json!("2.000"), &json!("t"))
    );
    assert_eq!((&items[0]["from"], &items[0]["until"]), (&json!("2022-12-01"), &json!("2022-12-22")));
    assert_eq!((&items[1]["until"], &items[1]["from"]), (&json!("2022-12-02"), &json!("2022-12-02")));
    assert_eq!((&items[2]["id"], &items[2]["until"]), (&json!(trade), &json!("2022-12-05")));
    assert_eq!(
        (&items[2]["seller"], &items[0]["seller"]),
        (&Value::Null, &Value::Null),
        "no rule lets parties be named"
    );
    world.adopts(&[("disclose_parties", "on")]).await.granted();
    let named = kinds("").await.1;
    assert_eq!((&named[2]["seller"], &named[2]["buyer"]), (&json!("临江纸业"), &json!("通城玻璃")));
    let first = public(&world, "announcements?limit=2").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(kinds(&format!("limit=2&cursor={cursor}")).await.0, ["trade"]);
    let table = asked(&world.nobody(), "announcements?format=csv", None).await;
    assert!(table.body.to_string().contains("listing"), "{:#}", table.body);

    let why = json!({"reason": "改为协议转让"});
    mill.client.post(&format!("/listings/{listing}/withdraw"), why.clone()).await.granted();
    world.officer.post(&format!("/trades/{trade}/refuse"), why).await.granted();
    world.exchange.post(&session.path("/cancel"), json!({"reason": "标的信息有误"})).await.granted();
    assert!(kinds("").await.0.is_empty());
    let (back, items) = kinds("state=withdrawn").await;
    assert_eq!(back, ["listing", "auction", "trade"]);
    assert!(
        items
            .iter()
            .all(|item| item["right_class"].is_null() && item["unit_price"].is_null() && item["seller"].is_null())
    );
    assert_eq!(
        (&items[2]["from"], &items[2]["until"]),
        (&json!("2022-12-01"), &json!("2022-12-05")),
        "that it was there, and when"
    );
    world.nobody().get("/public/announcements?state=lately").await.is_refused_with("API_UNKNOWN_WORD");
    let draft = id(&mill
        .client
        .post(
            "/listings",
            json!({"seller_site": mill.site, "right_class": mill.class("COD"), "quantity": "1.000",
        "minimum": "1.000", "unit_price": "9000.00"}),
        )
        .await
        .granted());
    mill.client.post(&format!("/listings/{draft}/withdraw"), json!({})).await.granted();
    assert_eq!(kinds("state=withdrawn").await.0.len(), 3, "a draft was never announced");
    world.books_are_right().await;
}
