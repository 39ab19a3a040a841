//! Statistics and the price index as stories: what was settled counts, once, in every area above it, and nothing else does.

use crate::support::World;
use crate::support::client::Client;
use crate::support::demo::Demo;
use crate::support::world::{CHIBI, Enterprise, TONGCHENG, XIANAN};
use accounting::{Journal, JournalId};
use ganhe::access::Action;
use ganhe::kernel::ids;
use ganhe::ledger::{self, recorded};
use serde_json::{Value, json};
use uuid::Uuid;

fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

/// A settled trade.
pub async fn settled(world: &World, seller: &Enterprise, buyer: &Enterprise, holding: &str, price: &str) -> Uuid {
    let trade = world.approved_trade(seller, buyer, holding, price).await;
    assert_eq!(buyer.pays(trade).await.granted()["state"], "settled");
    trade
}

async fn statistics(client: &Client, query: &str) -> Value {
    client.get(&format!("/statistics?{query}")).await.granted()
}

/// The record with a key.
fn record<'a>(found: &'a Value, key: &str) -> &'a Value {
    let all = found["records"].as_array().unwrap();
    all.iter().find(|record| record["key"] == key).unwrap_or_else(|| panic!("no {key} in {found:#}"))
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value:#}")).to_owned()
}

#[tokio::test]
async fn what_is_settled_counts_by_area_mode_and_period() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let brewery = world.enterprise_in("赤壁酒业", CHIBI, "food").await;
    world.deposits(&brewery, "1000000.00").await;
    let query = "by=month&from=2022-12&to=2023-01&below=true";
    let empty = statistics(&mill.client, query).await;
    assert_eq!((empty["records"].as_array().unwrap().len(), empty["totals"].as_array().unwrap().len()), (0, 0));
    settled(&world, &mill, &glass, "2.000 t COD", "8790.00").await;
    settled(&world, &mill, &glass, "1.000 t COD", "9000.00").await;
    settled(&world, &mill, &brewery, "3.000 t COD", "8800.50").await;
    // Approved and not paid: nothing was settled.
    world.approved_trade(&mill, &glass, "5.000 t COD", "8790.00").await;
    let found = statistics(&mill.client, query).await;
    let city = record(&found, "2022-12/421200/COD/all");
    let told = ["volume", "turnover", "mean_price", "lowest_price", "highest_price"].map(|field| text(city, field));
    assert_eq!(told, ["6.000", "52981.50", "8830.25", "8790.00", "9000.00"]);
    let counts = ["trades", "buyers", "sellers", "participants"].map(|field| city[field].as_u64().unwrap());
    assert_eq!(counts, [3, 2, 1, 3]);
    assert_eq!(text(record(&found, &format!("2022-12/{CHIBI}/COD/negotiated")), "volume"), "3.000");
    assert_eq!(text(record(&found, &format!("2022-12/{TONGCHENG}/COD/all")), "volume"), "3.000");
    assert_eq!(text(record(&found, "2022-12/420000/COD/all"), "volume"), "6.000");
    assert!(
        !found["records"].as_array().unwrap().iter().any(|record| record["area"] == XIANAN),
        "nothing was traded there"
    );
    let total = &found["totals"][0];
    assert_eq!((text(total, "key"), text(total, "turnover")), ("2022-12/420000/t".to_owned(), "52981.50".to_owned()));

    let narrow = format!("by=year&from=2022&to=2022&area={CHIBI}&pollutant=COD&mode=negotiated");
    let found = statistics(&glass.client, &narrow).await;
    assert_eq!(text(record(&found, &format!("2022/{CHIBI}/COD/negotiated")), "turnover"), "26401.50");
    let csv = mill.client.get(&format!("/statistics?{query}&format=csv")).await;
    let lines = csv.body.as_str().unwrap().lines().count();
    assert_eq!(lines, 1 + statistics(&mill.client, query).await["records"].as_array().unwrap().len());
    world.books_are_right().await;
}

#[tokio::test]
async fn the_published_total_and_the_sum_of_the_published_parts_of_zhejiang_stand_side_by_side() {
    let world = World::new().await;
    let parts = [
        ("COD", "797.917", "797.92"),
        ("NH3N", "86.078", "86.08"),
        ("SO2", "1250.277", "1250.28"),
        ("NOX", "2614.537", "2614.54"),
    ];
    for (pollutant, ..) in parts {
        let cap = json!({"area": TONGCHENG, "pollutant": pollutant, "cap": "5000.000", "valid_from": "2022-12-01", "document": "总量控制"});
        world.city_head.post("/capacities", cap).await.granted();
    }
    let mill = world.enterprise("临江纸业").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    for (pollutant, quantity, _) in parts {
        let holding = format!("{quantity} t {pollutant}");
        world.allocate(&mill, &holding).await;
        world.reduces(&mill, &holding).await;
        settled(&world, &mill, &glass, &holding, "1.00").await;
    }
    let found = statistics(&mill.client, "by=quarter&from=2022-Q4&to=2022-Q4").await;
    for (pollutant, exact, published) in parts {
        let record = record(&found, &format!("2022-Q4/420000/{pollutant}/all"));
        assert_eq!(
            (text(record, "volume"), text(record, "volume_published")),
            (exact.to_owned(), published.to_owned())
        );
    }
    let total = &found["totals"][0];
    let told = ["volume", "volume_published", "components_published", "difference"].map(|field| text(total, field));
    assert_eq!(told, ["4748.809", "4748.81", "4748.82", "-0.01"]);
}

/// Undoes the settlement of a trade in the books, as a correction would.
async fn reversed(world: &World, trade: Uuid) {
    let found = world.auditor.get(&format!("/audit/journals?subject={trade}&limit=200")).await.granted();
    let journals = found["items"].as_array().unwrap().clone();
    let settlement = journals.iter().find(|journal| journal["kind"] == "trade_settled").unwrap();
    let permit = world.settlement_head().await.signed_in(&world.app.shared).may(Action::CorrectBooks).unwrap();
    let journal = JournalId(id(settlement));
    let undone = world.app.shared.db.run(&permit, &journal, |work, journal| {
        Box::pin(async move {
            let found = recorded::journals_by_id(work, &[*journal]).await?;
            let counter: Journal = found[journal].reversal(ids::fresh_journal(), work.today());
            ledger::post(work, &[counter]).await.map(|_| ())
        })
    });
    undone.await.unwrap();
}

#[tokio::test]
async fn a_trade_whose_settlement_is_reversed_does_not_count_any_more() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let first = settled(&world, &mill, &glass, "2.000 t COD", "8790.00").await;
    settled(&world, &mill, &glass, "1.000 t COD", "9000.00").await;
    reversed(&world, first).await;
    let found = statistics(&mill.client, "by=month&from=2022-12&to=2022-12").await;
    let record = record(&found, "2022-12/420000/COD/all");
    assert_eq!((text(record, "volume"), text(record, "turnover")), ("1.000".to_owned(), "9000.00".to_owned()));
}

#[tokio::test]
async fn a_question_about_figures_is_read_strictly() {
    let world = World::new().await;
    let client = &world.auditor;
    for (query, code) in [
        ("by=week&from=2022&to=2022", "API_UNKNOWN_WORD"),
        ("by=month&from=2022&to=2022-12", "PRC_BAD_PERIOD"),
        ("by=year&from=2022&to=2022-Q5", "PRC_BAD_PERIOD"),
        ("by=year&from=2023&to=2022", "PRC_SPAN_REVERSED"),
        ("by=month&from=2000-01&to=2022-12", "PRC_SPAN_TOO_LONG"),
    ] {
        client.get(&format!("/statistics?{query}")).await.is_refused_with(code).with_status(422);
        client.get(&format!("/price-index?{query}")).await.is_refused_with(code).with_status(422);
    }
    let query = "by=year&from=2022&to=2022";
    client.get(&format!("/statistics?{query}&area=999999")).await.is_refused_with("PRC_UNKNOWN_AREA");
    client.get(&format!("/statistics?{query}&area=421222&below=true")).await.granted();
    client.get(&format!("/price-index?{query}&base=2022")).await.is_refused_with("PRC_EMPTY_BASE");
    client.get(&format!("/price-index?{query}&base=never")).await.is_refused_with("PRC_BAD_PERIOD");
    let none = client.get(&format!("/price-index?{query}")).await.granted();
    assert_eq!((&none["base"], none["points"].as_array().unwrap().len()), (&Value::Null, 0), "no year is complete");
}

#[tokio::test]
async fn the_index_follows_prices_and_keeps_the_last_one_over_a_gap() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    world.allocate(&mill, "100.000 t SO2").await;
    world.reduces(&mill, "100.000 t SO2").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    settled(&world, &mill, &glass, "10.000 t COD", "8790.00").await;
    settled(&world, &mill, &glass, "5.000 t SO2", "3990.00").await;
    world.days_pass(40);
    settled(&world, &mill, &glass, "4.000 t COD", "10000.00").await;
    let index = async |query: &str| world.auditor.get(&format!("/price-index?{query}")).await.granted();
    let found = index("by=quarter&from=2022-Q4&to=2023-Q2").await;
    assert_eq!(found["base"], "2022", "the first complete year");
    let point = |found: &Value, key: &str| {
        let all = found["points"].as_array().unwrap();
        let one = all.iter().find(|point| point["key"] == key).unwrap_or_else(|| panic!("no {key} in {found:#}"));
        (one["value"].as_str().unwrap_or("-").to_owned(), one["carried"].as_bool().unwrap())
    };
    let is = |value: &str, carried| (value.to_owned(), carried);
    assert_eq!(point(&found, "2022-Q4/overall"), is("100.00", false));
    // COD 10,000 by 8,790; SO2 kept; (10 × 10,000 + 5 × 3,990) by 107,850.
    assert_eq!(point(&found, "2023-Q1/COD"), is("113.77", false));
    assert_eq!(point(&found, "2023-Q1/SO2"), is("100.00", true));
    assert_eq!(point(&found, "2023-Q1/overall"), is("111.22", true));
    assert_eq!(point(&found, "2023-Q2/COD"), is("113.77", true));
    let weights = found["weights"].as_array().unwrap();
    assert_eq!((&weights[0]["volume_grams"], &weights[0]["turnover_fen"]), (&json!("10000000"), &json!("8790000")));

    let linked = index("by=quarter&from=2023-Q1&to=2023-Q1&base=2023-Q1&link=2022").await;
    assert_eq!(point(&linked, "2023-Q1/COD"), is("100.00", false));
    let links = linked["links"].as_array().unwrap();
    let of_cod = links.iter().find(|link| link["pollutant"] == "COD").unwrap();
    assert_eq!(of_cod["factor"], "1.137656");
    world.adopts(&[("index_base_period", "2023-01")]).await.granted();
    assert_eq!(index("by=month&from=2023-01&to=2023-01").await["base"], "2023-01", "the rulebook names it");
    let refused = world.proposes_rules(&[("index_base_period", "2023-Q9")]).await;
    assert!(refused.status.is_client_error(), "{:#}", refused.body);
    let csv = world.auditor.get("/price-index?by=month&from=2023-01&to=2023-01&format=csv").await;
    assert!(csv.body.as_str().unwrap().contains("2023-01/COD,2023-01,2023-01,COD,100.00,否"), "{}", csv.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_year_of_xianning_has_its_published_figures() {
    let demo = Demo::start().await;
    let client = Client::nobody(demo.address);
    let found = client.get("/public/statistics?by=year&from=2022&to=2022&area=421200").await.granted();
    let total = &found["totals"][0];
    assert_eq!((text(total, "volume"), text(total, "turnover")), ("206.200".to_owned(), "2966000.00".to_owned()));
    assert_eq!((&total["trades"], &total["buyers"]), (&json!(120), &json!(75)));
    let months = client.get("/public/statistics?by=month&from=2022-01&to=2022-12&area=421200").await.granted();
    let trades: u64 = months["totals"].as_array().unwrap().iter().map(|total| total["trades"].as_u64().unwrap()).sum();
    assert_eq!(trades, 120, "the months make the year");
}
