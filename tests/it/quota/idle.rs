//! Idle rights (闲置排污权): what stands above the use of a site, and since when.

use super::batches::id;
use super::tenure::granted;
use crate::compliance::{says, verified};
use crate::support::World;
use crate::support::world::{Enterprise, VALIDITY, XIANAN};
use crate::support::{Answer, Client};
use serde_json::{Value, json};
use uuid::Uuid;

/// A second site of the mill, of which the permit allows so much COD.
async fn site_permitted(world: &World, mill: &Enterprise, quantity: &str) -> Uuid {
    let site = json!({"number": "SITE-SMALL", "organisation": mill.id, "name": "二厂", "area": mill.area, "basin": mill.basin});
    let site = id(&world.officer.post("/sites", site).await.granted());
    let permit = json!({"number": "PERMIT-SMALL", "site": site, "valid_from": VALIDITY.0, "valid_to": VALIDITY.1,
        "quantities": [{"pollutant": "COD", "quantity": quantity}]});
    world.officer.post("/permits", permit).await.granted();
    site
}

/// Rights of a site of the mill above what its permit allows.
pub async fn stands_idle(world: &World, mill: &Enterprise) {
    let site = site_permitted(world, mill, "1.000").await;
    granted(world, site, "10.000", "paid", VALIDITY.1).await;
}

async fn report(client: &Client, filter: &str) -> Value {
    client.get(&format!("/idle-rights?{filter}")).await.granted()
}

/// What stands above the use, by the day since when.
fn layers(rights: &Value) -> Vec<(String, String)> {
    let text = |layer: &Value, name: &str| layer[name].as_str().unwrap().to_owned();
    rights["layers"].as_array().unwrap().iter().map(|layer| (text(layer, "since"), text(layer, "quantity"))).collect()
}

fn layer(since: &str, quantity: &str) -> (String, String) {
    (since.to_owned(), quantity.to_owned())
}

#[tokio::test]
async fn what_stands_above_the_use_is_reported_with_its_age_and_called_idle_only_where_a_rule_says_when() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let site = site_permitted(&world, &mill, "6.000").await;
    let class = granted(&world, site, "10.000", "paid", VALIDITY.1).await;
    world.days_pass(30);
    granted(&world, site, "5.000", "paid", VALIDITY.1).await;
    let told = report(&world.officer, &format!("site={site}")).await;
    assert_eq!((&told["idle_years"], &told["warning"]["code"]), (&Value::Null, &json!("no_idle_years")));
    let rights = &told["items"][0];
    let figures = ["available", "held", "used", "used_by", "unused"].map(|name| rights[name].clone());
    assert_eq!(figures, ["15.000", "15.000", "6.000", "permit", "9.000"].map(|text| json!(text)));
    assert_eq!(layers(rights), [layer("2022-12-01", "4.000"), layer("2022-12-31", "5.000")]);
    assert_eq!((&rights["layers"][0]["days"], &rights["idle"]), (&json!(30), &Value::Null));
    assert_eq!(rights["right_class"], json!(class));
    // Within three hundred days more the older layer has stood there for a year, and the younger one has not.
    world.adopts(&[("idle_years", "1")]).await.granted();
    world.days_pass(340);
    let told = report(&world.officer, &format!("site={site}")).await;
    assert_eq!((&told["idle_years"], &told["warning"]), (&json!(1), &Value::Null));
    assert_eq!(told["items"][0]["idle"], "4.000");
    world.adopts(&[("idle_years", "2")]).await.granted();
    assert_eq!(report(&world.officer, &format!("site={site}")).await["items"][0]["idle"], "0.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn what_is_held_and_set_free_again_grows_no_younger_and_what_is_sold_leaves_first() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.buyer("通城玻璃", "500000.00").await);
    let site = site_permitted(&world, &mill, "1.000").await;
    let class = granted(&world, site, "10.000", "paid", VALIDITY.1).await;
    let reduction = json!({"site": site, "pollutant": "COD", "quantity": "10.000", "document": "减排登记2022-009"});
    world.city_officer.post("/reductions", reduction).await.granted();
    world.days_pass(10);
    granted(&world, site, "2.000", "paid", VALIDITY.1).await;
    let offers = async |quantity: &str| {
        let offer = json!({"seller_site": site, "buyer_site": glass.site, "right_class": class, "quantity": quantity,
            "unit_price": "9000.00"});
        id(&mill.client.post("/offers", offer).await.granted())
    };
    let unused = async || {
        let told = report(&world.officer, &format!("site={site}")).await;
        (told["items"][0]["available"].clone(), layers(&told["items"][0]))
    };
    let (old, young) = ("2022-12-01", "2022-12-11");
    assert_eq!(unused().await, (json!("12.000"), vec![layer(old, "9.000"), layer(young, "2.000")]));
    let open = offers("7.000").await;
    assert_eq!(unused().await, (json!("5.000"), vec![layer(old, "3.000"), layer(young, "2.000")]), "held is no idling");
    mill.client.post(&format!("/offers/{open}/withdraw"), json!({})).await.granted();
    assert_eq!(unused().await, (json!("12.000"), vec![layer(old, "9.000"), layer(young, "2.000")]));
    let trade = id(&glass.accepts(offers("8.000").await).await.granted());
    world.officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
    glass.pays(trade).await.granted();
    assert_eq!(unused().await, (json!("4.000"), vec![layer(old, "1.000"), layer(young, "2.000")]));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_verified_year_says_what_a_site_uses_before_its_permit_does() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.allocate(&mill, "20.000 t COD").await;
    assert_eq!(
        report(&world.officer, &format!("site={}", mill.site)).await["items"],
        json!([]),
        "the permit allows more"
    );
    says(&world, &mill.client, &mill, ("COD", "2021", "12.500")).await.granted();
    verified(&world, &mill, "COD", 2021).await;
    let told = report(&world.officer, &format!("site={}", mill.site)).await;
    let rights = &told["items"][0];
    let figures = ["used", "used_by", "used_in", "unused"].map(|name| rights[name].clone());
    assert_eq!(figures, [json!("12.500"), json!("discharge"), json!(2021), json!("7.500")]);
    world.books_are_right().await;
}

#[tokio::test]
async fn bureaux_reserve_and_auditor_see_their_area_and_nobody_else_does() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    stands_idle(&world, &mill).await;
    let site = report(&world.auditor, "").await["items"][0]["site"].clone();
    for client in [&world.officer, &world.head, &world.city_officer, &world.auditor, &world.reserve.client] {
        assert_eq!(report(client, "").await["items"][0]["site"], site);
    }
    let elsewhere = world.enterprise_in("咸安纸业", XIANAN, "paper").await;
    assert_eq!(report(&world.xianan_officer, "").await["items"], json!([]));
    for client in [&mill.client, &elsewhere.client, &world.bank.client, &world.exchange, &world.settlement] {
        client.get("/idle-rights").await.is_refused_with("AUT_NOT_ALLOWED");
    }
    world.officer.get("/idle-rights?format=pdf").await.is_refused_with("API_UNKNOWN_WORD");
    let file = world.officer.request(reqwest::Method::GET, "/idle-rights?format=csv").send().await.unwrap();
    assert_eq!(file.headers()["content-type"], "text/csv; charset=utf-8");
    let text = file.text().await.unwrap();
    let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1);
    let cell = |at: usize| rows[0].get(at).unwrap();
    assert_eq!(
        [cell(0), cell(6), cell(10), cell(12), cell(13)],
        [site.as_str().unwrap(), "10.000", "2022-12-01", "9.000", ""]
    );
    let book = world.officer.request(reqwest::Method::GET, "/idle-rights?format=xlsx").send().await.unwrap();
    let mut book: calamine::Xlsx<_> = calamine::Reader::new(std::io::Cursor::new(book.bytes().await.unwrap())).unwrap();
    let sheet = calamine::Reader::worksheet_range_at(&mut book, 0).unwrap().unwrap();
    let told: Vec<String> = sheet.rows().nth(1).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(told, rows[0].iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn the_report_is_read_page_by_page() {
    let world = World::new().await;
    for name in ["临江纸业", "通城造纸", "隽水纸业"] {
        let mill = world.enterprise(name).await;
        let ask = json!({"site": mill.site, "pollutant": "COD", "origin": "paid", "valid_from": VALIDITY.0,
            "valid_to": VALIDITY.1, "quantity": "20.000", "document": "核定2022-007"});
        let grant = id(&world.city_officer.post("/allocations", ask).await.granted());
        world.city_head.post(&format!("/allocations/{grant}/confirm"), json!({})).await.granted();
        says(&world, &mill.client, &mill, ("COD", "2021", "12.500")).await.granted();
        verified(&world, &mill, "COD", 2021).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page: Answer = world.officer.get(&format!("/idle-rights?limit=2{cursor}")).await;
        let page = page.granted();
        seen.extend(page["items"].as_array().unwrap().iter().map(|rights| rights["site"].clone()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}
