//! Listings (挂牌): drafted, opened, bought from in parts by whoever comes first, and ended by the seller or by the clock.

use super::{capacity, day_passes, id, tonnes};
use crate::support::world::{CHIBI, Enterprise, TONGCHENG, XIANAN};
use crate::support::{Answer, World};
use futures::future::join_all;
use ganhe::access::Role;
use ganhe::kernel::ids::fresh;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Rights such as `"20.000 t COD"` put up at a price; at least so much is sold to one buyer.
pub fn terms(seller: &Enterprise, holding: &str, minimum: &str, price: &str) -> Value {
    let (quantity, pollutant) = holding.split_once(" t ").unwrap();
    json!({"seller_site": seller.site, "right_class": seller.class(pollutant), "quantity": quantity, "minimum": minimum,
        "unit_price": price, "price_basis": "per_unit_whole_validity"})
}

/// A draft.
pub async fn drafts(seller: &Enterprise, holding: &str, minimum: &str, price: &str) -> Uuid {
    id(&seller.client.post("/listings", terms(seller, holding, minimum, price)).await.granted())
}

/// A draft that is opened.
pub async fn lists(seller: &Enterprise, holding: &str, minimum: &str, price: &str) -> Uuid {
    let listing = drafts(seller, holding, minimum, price).await;
    opens(seller, listing).await.granted();
    listing
}

pub async fn opens(seller: &Enterprise, listing: Uuid) -> Answer {
    seller.client.post(&format!("/listings/{listing}/open"), json!({})).await
}

/// Buys part of a listing, or all that is left.
pub async fn buys(buyer: &Enterprise, listing: Uuid, quantity: Option<&str>) -> Answer {
    let body = json!({"buyer_site": buyer.site, "project": buyer.project, "quantity": quantity});
    buyer.client.post(&format!("/listings/{listing}/purchases"), body).await
}

async fn state(world: &World, listing: Uuid) -> (String, String) {
    let found = world.auditor.get(&format!("/listings/{listing}")).await.granted();
    (found["state"].as_str().unwrap().to_owned(), found["left"].as_str().unwrap().to_owned())
}

async fn held(world: &World, seller: &Enterprise) -> (String, String) {
    let class = seller.class("COD");
    (world.balance(seller.site, &class, "available").await, world.balance(seller.site, &class, "committed").await)
}

fn texts(one: &str, other: &str) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

#[tokio::test]
async fn an_enterprise_lists_and_buyers_take_parts_of_it_until_it_is_filled() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let brewery = world.enterprise_in("赤壁酒业", CHIBI, "food").await;
    world.deposits(&brewery, "1000000.00").await;
    let listing = drafts(&mill, "20.000 t COD", "5.000", "9000.00").await;
    assert_eq!(held(&world, &mill).await, texts("120.000", "0"), "a draft holds nothing");
    glass.client.get(&format!("/listings/{listing}")).await.with_status(404);
    buys(&glass, listing, Some("5.000")).await.with_status(404);
    let opened = opens(&mill, listing).await.granted();
    assert_eq!((&opened["state"], &opened["last_day"]), (&json!("open"), &json!("2022-12-22")), "21 days");
    assert_eq!(held(&world, &mill).await, texts("100.000", "20.000"));

    let trade = buys(&glass, listing, Some("6.000")).await.granted();
    assert_eq!((&trade["mode"], &trade["offer"]), (&json!("listing"), &Value::Null));
    assert_eq!(trade["source"], json!({"kind": "listing", "id": listing}));
    assert_eq!((&trade["total"], &trade["deposit"]), (&json!("54000.00"), &json!("16200.00")));
    assert_eq!(state(&world, listing).await, texts("partly_filled", "14.000"));
    let across = id(&buys(&brewery, listing, Some("9.500")).await.granted());
    assert_eq!(state(&world, listing).await, texts("partly_filled", "4.500"));
    let rest = id(&buys(&glass, listing, None).await.granted());
    assert_eq!(state(&world, listing).await, texts("filled", "0.000"));
    assert_eq!(held(&world, &mill).await, texts("100.000", "20.000"), "the trades hold it now");
    world.books_are_right().await;

    for officer in [&world.officer, &world.chibi_officer] {
        officer.post(&format!("/trades/{across}/approve"), json!({})).await.granted();
    }
    assert_eq!(brewery.pays(across).await.granted()["state"], "settled");
    assert_eq!(capacity(&world, CHIBI).await, tonnes("990.500", "0.000", "9.500"));
    world.officer.post(&format!("/trades/{rest}/refuse"), json!({"reason": "资料不全"})).await.granted();
    assert_eq!(state(&world, listing).await, texts("filled", "0.000"), "what is called off goes back to the seller");
    assert_eq!(held(&world, &mill).await, texts("104.500", "6.000"));
    world.books_are_right().await;
}

#[tokio::test]
async fn the_reserve_lists_and_its_base_price_binds() {
    let world = World::new().await;
    world.allocate(&world.reserve, "80.000 t COD").await;
    let reserve = &world.reserve;
    let low = reserve.client.post("/listings", terms(reserve, "30.000 t COD", "0.001", "8789.99")).await;
    low.is_refused_with("TRD_BELOW_BASE_PRICE");
    let listing = lists(reserve, "30.000 t COD", "0.001", "8790.00").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let trade = id(&buys(&glass, listing, Some("30.000")).await.granted());
    for officer in [&world.city_officer, &world.officer] {
        officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    }
    assert_eq!(glass.pays(trade).await.granted()["state"], "settled");
    assert_eq!(capacity(&world, TONGCHENG).await, tonnes("970.000", "0.000", "30.000"));
    world.books_are_right().await;
}

/// The item 1705031704 of 2017-02-21, at base prices, with its deposit of 30 %: each pollutant is a listing of its own.
#[tokio::test]
async fn the_item_of_2017_is_listed_for_521_668_10_yuan_with_a_deposit_of_156_500_43() {
    let world = World::new().await;
    for pollutant in ["NH3N", "NOX"] {
        let cap = json!({"area": TONGCHENG, "pollutant": pollutant, "cap": "1000.000", "valid_from": "2022-12-01", "document": "总量控制"});
        world.city_head.post("/capacities", cap).await.granted();
    }
    let mill = world.enterprise("临江纸业").await;
    let glass = world.buyer("通城玻璃", "521668.10").await;
    let lines = [
        ("49.800 t COD", "8790.00", "437742.00", "131322.60"),
        ("2.803 t NH3N", "14000.00", "39242.00", "11772.60"),
        ("7.590 t SO2", "3990.00", "30284.10", "9085.23"),
        ("3.600 t NOX", "4000.00", "14400.00", "4320.00"),
    ];
    let mut trades = Vec::new();
    for (holding, price, total, deposit) in lines {
        world.allocate(&mill, holding).await;
        world.reduces(&mill, holding).await;
        let bought = buys(&glass, lists(&mill, holding, "0.001", price).await, None).await.granted();
        assert_eq!((&bought["total"], &bought["deposit"]), (&json!(total), &json!(deposit)), "{holding}");
        trades.push(id(&bought));
    }
    assert_eq!(world.balance(glass.id, "CNY", "committed").await, "156500.43");
    for trade in trades {
        world.officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
        assert_eq!(glass.pays(trade).await.granted()["state"], "settled");
    }
    assert_eq!(world.balance(glass.id, "CNY", "available").await, "0.00", "money for the item and not a fen more");
    assert_eq!(world.balance(mill.id, "CNY", "available").await, "521668.10");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_listing_tells_what_stands_against_it_and_against_each_purchase() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "20.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let post = async |body: Value| mill.client.post("/listings", body).await;
    post(terms(&mill, "20.001 t COD", "1.000", "9000.00")).await.is_refused_with("TRD_NOT_ENOUGH_AVAILABLE");
    post(terms(&mill, "2.000 t COD", "2.001", "9000.00")).await.is_refused_with("TRD_MINIMUM_TOO_LARGE");
    post(terms(&glass, "2.000 t COD", "1.000", "9000.00")).await.is_refused_with("TRD_NOT_YOUR_SITE").with_status(403);
    let listing = lists(&mill, "20.000 t COD", "20.000", "9000.00").await;
    opens(&mill, listing).await.is_refused_with("TRD_LISTING_NOT_OPEN").with_status(409);
    let second = post(terms(&mill, "0.001 t COD", "0.001", "9000.00")).await;
    second.is_refused_with("TRD_NOT_ENOUGH_AVAILABLE").is_refused_with("TRD_REDUCTION_NOT_REGISTERED");
    mill.offers("0.001 t COD", "9000.00", &glass).await.is_refused_with("TRD_REDUCTION_NOT_REGISTERED");
    let withdraw = format!("/listings/{listing}/withdraw");
    world.reserve.client.post(&withdraw, json!({})).await.is_refused_with("TRD_NOT_THE_SELLER").with_status(403);

    buys(&glass, listing, Some("20.001")).await.is_refused_with("TRD_LISTING_SHORT");
    buys(&glass, listing, Some("19.999")).await.is_refused_with("TRD_BELOW_MINIMUM");
    buys(&mill, listing, None).await.is_refused_with("TRD_SAME_PARTY");
    let stolen = json!({"buyer_site": glass.site, "project": glass.project});
    let purchases = format!("/listings/{listing}/purchases");
    mill.client.post(&purchases, stolen).await.is_refused_with("TRD_NOT_YOUR_BUYER_SITE").with_status(403);
    let lake = world.enterprise_in("斧头湖纺织", XIANAN, "textile").await;
    let far = buys(&lake, listing, Some("1.000")).await;
    far.is_refused_with("TRD_BASIN_MISMATCH").is_refused_with("STL_MONEY_SHORT").is_refused_with("TRD_BELOW_MINIMUM");
    buys(&glass, listing, None).await.granted();
    buys(&glass, listing, None).await.is_refused_with("TRD_LISTING_NOT_OPEN").with_status(409);
    mill.client.post(&withdraw, json!({})).await.is_refused_with("TRD_LISTING_NOT_OPEN");
    world.books_are_right().await;
}

#[tokio::test]
async fn what_nobody_bought_goes_back_when_the_seller_withdraws_it() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "20.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let listing = lists(&mill, "20.000 t COD", "1.000", "9000.00").await;
    buys(&glass, listing, Some("5.000")).await.granted();
    let withdraw = format!("/listings/{listing}/withdraw");
    let withdrawn = mill.client.post(&withdraw, json!({"reason": "改为协议转让"})).await.granted();
    assert_eq!((&withdrawn["state"], &withdrawn["reason"]), (&json!("withdrawn"), &json!("改为协议转让")));
    assert_eq!(held(&world, &mill).await, texts("15.000", "5.000"));
    let draft = drafts(&mill, "15.000 t COD", "1.000", "9000.00").await;
    mill.client.post(&format!("/listings/{draft}/withdraw"), json!({})).await.granted();
    glass.client.get(&format!("/listings/{draft}")).await.with_status(404);
    let found = glass.client.get("/listings").await.granted();
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found:#}");
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_ends_by_itself_after_its_last_day_once_on_whichever_node() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "20.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let listing = lists(&mill, "20.000 t COD", "1.000", "9000.00").await;
    world.days_pass(21);
    assert_eq!(day_passes(&world).await.listings, 0, "the last day counts");
    buys(&glass, listing, Some("5.000")).await.granted();
    world.days_pass(1);
    buys(&glass, listing, Some("5.000")).await.is_refused_with("TRD_LISTING_OVER").with_status(409);
    let nodes = (0..4).map(|_| {
        let db = world.app.shared.db.clone();
        tokio::spawn(async move { ganhe::market::clock::pass_day(&db, fresh()).await.unwrap().listings })
    });
    let ended: u64 = join_all(nodes).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(ended, 1, "one node ended it, once");
    assert_eq!(state(&world, listing).await, texts("expired", "15.000"));
    assert_eq!(held(&world, &mill).await, texts("15.000", "5.000"));
    world.adopts(&[("listing_days", "1")]).await.granted();
    let short = lists(&mill, "1.000 t COD", "1.000", "9000.00").await;
    world.forgets_rules(&["listing_days"]).await.granted();
    let endless = lists(&mill, "1.000 t COD", "1.000", "9000.00").await;
    world.days_pass(300);
    assert_eq!(day_passes(&world).await.listings, 1);
    assert_eq!(state(&world, short).await.0, "expired");
    assert_eq!(state(&world, endless).await.0, "open");
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_buyers_at_the_same_moment_never_get_more_than_is_listed() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "50.000 t COD").await;
    let mut buyers = Vec::new();
    for name in ["通城玻璃", "通城陶瓷", "通城食品", "通城建材"] {
        buyers.push(world.buyer(name, "10000000.00").await);
    }
    let listing = lists(&mill, "50.000 t COD", "3.000", "9000.00").await;
    let wanted: Vec<_> = (0..32).map(|at| (buyers[at % 4].clone(), ["7.000", "3.000", "11.000"][at % 3])).collect();
    let asked = wanted
        .into_iter()
        .map(|(buyer, quantity)| tokio::spawn(async move { (quantity, buys(&buyer, listing, Some(quantity)).await) }));
    let mut sold = rust_decimal::Decimal::ZERO;
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for asked in asked.collect::<Vec<_>>() {
        let (quantity, answer) = asked.await.unwrap();
        if answer.status.is_success() {
            sold += quantity.parse::<rust_decimal::Decimal>().unwrap();
        } else {
            *told.entry(answer.codes().join(" ")).or_default() += 1;
        }
    }
    let (stands, left) = state(&world, listing).await;
    let left: rust_decimal::Decimal = left.parse().unwrap();
    assert_eq!(sold + left, rust_decimal::Decimal::from(50), "{told:?}");
    assert!(left < rust_decimal::Decimal::from(3), "all that fits was sold: {left} left, {told:?}");
    assert_eq!(stands == "filled", left.is_zero());
    let fair = ["TRD_LISTING_SHORT", "TRD_LISTING_NOT_OPEN", "TRD_BELOW_MINIMUM"];
    assert!(told.keys().all(|codes| fair.contains(&codes.as_str())), "{told:?}");
    let trades = world.auditor.get("/trades?limit=200").await.granted();
    let held: rust_decimal::Decimal = trades["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|trade| trade["quantity"].as_str().unwrap().parse::<rust_decimal::Decimal>().unwrap())
        .sum();
    assert_eq!(held, sold);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_second_person_of_the_enterprise_opens_and_another_buys() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "20.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    let asks = async |of: &Enterprise, act: &str| {
        let keeper = world.member(of.id, TONGCHENG, &[Role::OrganisationAdmin]).await;
        let approver = world.member(of.id, TONGCHENG, &[Role::EnterpriseApprover]).await;
        let path = format!("/organisations/{}/approvals", of.id);
        keeper.client.post(&path, json!({"acts": [act]})).await.with_status(200);
        approver.client
    };
    let (mills, glasses) = (asks(&mill, "listing").await, asks(&glass, "purchase").await);
    let listing = drafts(&mill, "20.000 t COD", "1.000", "9000.00").await;
    let task = id(&opens(&mill, listing).await.with_status(202).body);
    assert_eq!(held(&world, &mill).await, texts("20.000", "0"), "what waits holds nothing");
    let yes = json!({"outcome": "approved", "reason": "同意"});
    mills.post(&format!("/tasks/{task}/decide"), yes.clone()).await.granted();
    assert_eq!(state(&world, listing).await.0, "open");
    let task = id(&buys(&glass, listing, Some("2.000")).await.with_status(202).body);
    buys(&glass, listing, Some("3.000")).await.is_refused_with("TSK_WAITS_ALREADY");
    glasses.post(&format!("/tasks/{task}/decide"), yes).await.granted();
    assert_eq!(state(&world, listing).await, texts("partly_filled", "18.000"));
    let task = id(&buys(&glass, listing, Some("2.000")).await.with_status(202).body);
    mill.client.post(&format!("/listings/{listing}/withdraw"), json!({})).await.granted();
    assert_eq!(glass.client.get(&format!("/tasks/{task}")).await.text("state"), "withdrawn");
    world.books_are_right().await;
}

#[tokio::test]
async fn rights_that_are_over_end_their_listing() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = crate::quota::tenure::granted(&world, mill.site, "20.000", "paid", "2022-12-05").await;
    world.reduces(&mill, "20.000 t COD").await;
    let mut body = terms(&mill, "20.000 t COD", "1.000", "9000.00");
    body["right_class"] = json!(class);
    let listing = id(&mill.client.post("/listings", body).await.granted());
    opens(&mill, listing).await.granted();
    world.days_pass(5);
    crate::quota::tenure::day_passes(&world).await;
    assert_eq!(state(&world, listing).await.0, "withdrawn");
    assert_eq!(world.balance(mill.site, &class, "expired").await, "20.000");
    world.books_are_right().await;
}
