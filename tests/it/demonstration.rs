//! The loaded year has the totals that the bureau published, its books are right, and a second load changes nothing.

use crate::support::client::Client;
use crate::support::demo::Demo;
use accounting::{Measure, Money, Quantity};
use ganhe::access::Role;
use ganhe::demo;
use ganhe::kernel::Moment;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;

/// A load takes seconds; a build without optimisation beside other tests on a busy machine was seen to take a minute, and gets two.
const LONGEST_LOAD: Duration = Duration::from_mins(2);

/// All items of a list, page by page.
async fn all(reader: &Client, path: &str) -> Vec<Value> {
    let joint = if path.contains('?') { '&' } else { '?' };
    let first = format!("{path}{joint}limit=50");
    let (mut items, mut next) = (Vec::new(), Some(first.clone()));
    while let Some(page) = next {
        let page = reader.get(&page).await.granted();
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        next = page["next_cursor"].as_str().map(|cursor| format!("{first}&cursor={cursor}"));
    }
    items
}

fn text<'a>(item: &'a Value, field: &str) -> &'a str {
    item[field].as_str().unwrap_or_else(|| panic!("no {field} in {item:#}"))
}

/// The sum of a field of money, in yuan.
fn yuan(items: &[Value], field: &str) -> String {
    let sums = items.iter().map(|item| Money::parse(text(item, field)).unwrap().fen());
    Money::try_new(sums.sum()).unwrap().print()
}

/// The sum of the quantities, in tonnes.
fn tonnes(items: &[Value]) -> String {
    let measure = Measure::tonnes();
    let sums = items.iter().map(|item| Quantity::parse(text(item, "quantity"), &measure).unwrap().grams());
    Quantity::try_new(sums.sum()).unwrap().print(&measure)
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "how long the load takes is worth knowing when nothing fails")]
async fn the_year_stands_as_it_was_published() {
    let demo = Demo::start().await;
    println!("The load took {:.1} s", demo.took.as_secs_f64());
    assert!(demo.took < LONGEST_LOAD, "the load took {:?}", demo.took);
    let auditor = demo.sign_in("auditor").await;
    business_time_runs_from_its_end(&auditor).await;
    the_market_has_the_published_totals(&auditor).await;
    the_results_are_published(&demo).await;
    the_liens_are_in_force(&auditor).await;
    one_auction_is_bid_in_and_one_is_to_come(&demo).await;
    a_reduction_waits_for_the_bureau(&demo).await;
    every_area_can_still_take_something(&auditor).await;
    the_books_are_right(&auditor).await;
    for role in Role::ALL {
        assert!(demo::LOGINS.iter().any(|login| login.role == *role), "nobody signs in as {}", role.as_str());
    }
    for login in demo::LOGINS {
        demo.sign_in(login.login).await.get("/me").await.granted();
    }
    a_second_load_changes_nothing(&demo, &auditor).await;
}

async fn business_time_runs_from_its_end(auditor: &Client) {
    let now = Moment::parse(&auditor.get("/me").await.text("business_time")).unwrap();
    let loaded = Moment::parse("2022-12-01T09:00:00+08:00").unwrap();
    assert!(loaded <= now && now < loaded.plus_minutes(5), "business time is {now}");
}

async fn the_market_has_the_published_totals(auditor: &Client) {
    let trades = all(auditor, "/trades").await;
    assert_eq!(trades.len(), 120);
    assert!(trades.iter().all(|trade| trade["state"] == "closed"));
    let buyers: HashSet<&str> = trades.iter().map(|trade| text(trade, "buyer")).collect();
    assert_eq!(buyers.len(), 75);
    assert!(trades.iter().all(|trade| trade["unit"] == "t"));
    assert_eq!(tonnes(&trades), "206.200");
    assert_eq!(yuan(&trades, "total"), "2966000.00");
    let listings = all(auditor, "/listings").await;
    assert_eq!(listings.len(), 80, "what the reserve sold it had listed");
    assert!(listings.iter().all(|listing| listing["state"] == "filled"));
    let listed = trades.iter().filter(|trade| trade["source"]["kind"] == "listing").count();
    assert_eq!(listed, listings.len());
}

/// Every result is before everybody, and each was published within its working days.
async fn the_results_are_published(demo: &Demo) {
    let results = all(&Client::nobody(demo.address), "/public/trades").await;
    assert_eq!(results.len(), 120);
    let fen = |result: &Value| Money::parse(text(&result["result"], "total")).unwrap().fen();
    assert_eq!(Money::try_new(results.iter().map(fen).sum()).unwrap().print(), "2966000.00");
    let exchange = demo.sign_in("exchange.officer").await;
    let publications = all(&exchange, "/publications").await;
    assert_eq!(publications.len(), 120);
    for publication in &publications {
        assert_eq!((&publication["state"], &publication["overdue"]), (&json!("published"), &json!(false)));
        let published = Moment::parse(text(publication, "published_at")).unwrap().day();
        assert!(published <= text(publication, "due_on").parse().unwrap(), "{publication:#}");
    }
}

/// Both enterprises with a login may bid at once, and the books stay right.
async fn one_auction_is_bid_in_and_one_is_to_come(demo: &Demo) {
    let nobody = Client::nobody(demo.address);
    let auctions = all(&nobody, "/public/auctions").await;
    let told: Vec<Moment> = auctions.iter().map(|auction| Moment::parse(text(auction, "opens_at")).unwrap()).collect();
    let [opening, coming] = ["2022-12-01T09:00:00+08:00", "2022-12-08T09:00:00+08:00"].map(Moment::parse);
    assert_eq!(told, [opening.unwrap(), coming.unwrap()]);
    let session = format!("/auctions/{}", text(&auctions[0], "id"));
    let lots = all(&nobody, &format!("/public{session}/lots")).await;
    assert_eq!((lots.len(), tonnes(&lots).as_str()), (1, "3.000"));
    for (at, login) in ["liwei.trader", "yaxiya.trader"].into_iter().enumerate() {
        let bid = json!({"lot": lots[0]["id"], "price": format!("{}.00", 8790 + 10 * at), "quantity": "2.000"});
        let placed = demo.sign_in(login).await.post(&format!("{session}/bids"), bid).await.granted();
        assert_eq!(placed["number"], at + 1);
    }
}

/// Each bureau in charge finds it in its inbox, and reads what proves it.
async fn a_reduction_waits_for_the_bureau(demo: &Demo) {
    for login in ["tongcheng.officer", "tongcheng.head", "city.officer", "province.head"] {
        let bureau = demo.sign_in(login).await;
        let tasks = all(&bureau, "/tasks").await;
        let task = tasks.iter().find(|task| task["act"] == "reduction").unwrap_or_else(|| panic!("{login}: {tasks:?}"));
        let evidence = all(&bureau, &format!("/documents?subject={}", text(task, "subject"))).await;
        assert_eq!(text(&evidence[0], "name"), "脱硫改造验收监测报告.txt");
    }
}

async fn the_liens_are_in_force(auditor: &Client) {
    let pledges = all(auditor, "/pledges").await;
    assert_eq!(pledges.len(), 6);
    assert!(pledges.iter().all(|pledge| pledge["state"] == "registered"));
    let facilities = all(auditor, "/facilities").await;
    assert_eq!(facilities.len(), 1);
    let parts = facilities[0]["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 5);
    assert_eq!(yuan(parts, "sub_limit"), "27000000.00");
    assert_eq!(yuan(parts, "drawn"), "2500000.00");
}

async fn every_area_can_still_take_something(auditor: &Client) {
    let capacities = all(auditor, "/capacities").await;
    assert_eq!(capacities.len(), 28, "seven county areas and four pollutants");
    for capacity in &capacities {
        let headroom = Quantity::parse(text(capacity, "headroom"), &Measure::tonnes());
        assert!(headroom.is_ok(), "no headroom is left in {capacity:#}");
    }
}

async fn the_books_are_right(auditor: &Client) {
    let trial = auditor.get("/audit/trial-balance").await.granted();
    assert_eq!(trial["is_balanced"], true);
    for asset in trial["assets"].as_array().unwrap() {
        let is_zero = text(asset, "total").chars().all(|char| char == '0' || char == '.');
        assert!(is_zero, "{asset:#}");
    }
    let found = auditor.verified().await;
    assert_eq!(found["is_clean"], true, "{found:#}");
    let checkpoint = auditor.get("/log/checkpoint").await.granted();
    let size: u64 = checkpoint.as_str().unwrap().lines().nth(1).unwrap().parse().unwrap();
    assert!(size > found["journals"].as_u64().unwrap(), "every journal and the evidence is in the signed log: {size}");
}

async fn a_second_load_changes_nothing(demo: &Demo, auditor: &Client) {
    let before = auditor.verified().await;
    let offset = demo.installation_offset().await;
    demo::load_once(&demo.url).await.unwrap();
    assert_eq!(auditor.verified().await, before);
    assert_eq!(demo.installation_offset().await, offset);
}
