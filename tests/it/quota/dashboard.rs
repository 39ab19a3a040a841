//! The dashboard of caps as stories: areas rolled up to the gram, use over time, and who uses it; and a cap that is reached exactly.

use crate::quota::batches::id;
use crate::quota::suspensions::Province;
use crate::support::World;
use crate::support::world::{CHIBI, TONGCHENG};
use serde_json::{Value, json};
use uuid::Uuid;

async fn capacity_of(world: &World, area: &str) -> Uuid {
    id(&world.auditor.get(&format!("/capacities?area={area}&pollutant=COD")).await.granted()["items"][0])
}

fn cell<'a>(area: &'a Value, pollutant: &str) -> &'a Value {
    area["pollutants"].as_array().unwrap().iter().find(|cell| cell["pollutant"] == pollutant).unwrap()
}

#[tokio::test]
async fn a_citys_own_cap_stands_beside_those_of_its_counties() {
    let world = World::new().await;
    let (mill, tannery) = (world.enterprise("临江纸业").await, world.enterprise_in("赤壁制革", CHIBI, "paper").await);
    world.allocate(&mill, "120.001 t COD").await;
    world.allocate(&tannery, "80.002 t COD").await;
    let own = json!({"area": "421200", "pollutant": "COD", "cap": "2500.000", "valid_from": "2022-12-01", "document": "市总量"});
    world.city_head.post("/capacities", own.clone()).await.is_refused_with("QTA_OWN_CAP");
    let province = Province::of(&world).await;
    province.head.post("/capacities", own).await.granted();
    let suspension = province.suspends(TONGCHENG, ("pollutant", "COD")).await;

    let city = world.officer.get("/capacity-overview?area=421200").await.granted();
    let cod = cell(&city, "COD");
    assert_eq!(
        (&cod["own"]["cap"], &cod["own"]["used"], &cod["own"]["caps"]),
        (&json!("2500.000"), &json!("0.000"), &json!(1))
    );
    let below = &cod["below"];
    assert_eq!((&below["caps"], &below["cap"], &below["used"]), (&json!(3), &json!("3000.000"), &json!("200.003")));
    assert_eq!(below["headroom"], "2799.997");
    assert_eq!((&cod["suspension"], &cell(&city, "SO2")["own"]), (&json!(null), &json!(null)));
    let children: Vec<&str> =
        city["children"].as_array().unwrap().iter().map(|one| one["area"].as_str().unwrap()).collect();
    assert_eq!(children, ["421202", TONGCHENG, CHIBI]);
    let county = &city["children"][1];
    assert_eq!((&county["name"], &cell(county, "COD")["suspension"]), (&json!("通城县"), &json!(suspension)));
    assert_eq!(cell(county, "SO2")["suspension"], json!(null));
    assert_eq!(
        (&cell(county, "COD")["own"]["used"], &cell(county, "COD")["below"]["caps"]),
        (&json!("120.001"), &json!(0))
    );
    let province = world.officer.get("/capacity-overview?area=420000").await.granted();
    assert_eq!(cell(&province, "COD")["below"]["cap"], "5500.000", "the city's own among them");
    let found = world.officer.get(&format!("/capacities/{}", capacity_of(&world, TONGCHENG).await)).await.granted();
    assert_eq!(found["suspension"], json!(suspension));
    world.officer.get("/capacity-overview?area=999999").await.is_refused_with("ORG_UNKNOWN_AREA");
    world.officer.get("/capacity-overview").await.with_status(400);
}

#[tokio::test]
async fn the_trend_tells_how_a_cap_stood_at_the_end_of_every_day_and_month() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.allocate(&mill, "100.000 t COD").await;
    world.days_pass(1);
    world.allocate(&mill, "20.000 t COD").await;
    world.days_pass(40);
    let cut = json!({"area": TONGCHENG, "pollutant": "COD", "cap": "110.000", "valid_from": "2023-01-11", "document": "调减"});
    world.city_head.post("/capacities", cut).await.granted();
    let trend = format!("/capacities/{}/trend", capacity_of(&world, TONGCHENG).await);
    let points = async |query: &str| {
        let found = world.officer.get(&format!("{trend}?{query}")).await.granted();
        let points = found["points"].as_array().unwrap().iter();
        let told = |point: &Value| {
            ["date", "cap", "used", "headroom", "pending_reduction"]
                .map(|name| point[name].as_str().unwrap().to_owned())
        };
        points.map(told).collect::<Vec<_>>()
    };
    let days = points("from=2022-11-30&to=2022-12-02&step=day").await;
    assert_eq!(
        days,
        [
            ["2022-11-30", "0.000", "0.000", "0.000", "0.000"],
            ["2022-12-01", "1000.000", "100.000", "900.000", "0.000"],
            ["2022-12-02", "1000.000", "120.000", "880.000", "0.000"],
        ]
        .map(|point| point.map(str::to_owned))
    );
    let months = points("from=2022-11-01&to=2023-01-15").await;
    assert_eq!(
        months,
        [
            ["2022-11-30", "0.000", "0.000", "0.000", "0.000"],
            ["2022-12-31", "1000.000", "120.000", "880.000", "0.000"],
            ["2023-01-15", "110.000", "120.000", "0.000", "10.000"],
        ]
        .map(|point| point.map(str::to_owned))
    );
    for query in ["from=2022-01-02&to=2022-01-01", "from=2020-01-01&to=2022-01-01&step=day"] {
        world.officer.get(&format!("{trend}?{query}")).await.is_refused_with("QTA_TREND_TOO_LONG");
    }
    world
        .officer
        .get(&format!("{trend}?from=2022-01-01&to=2022-02-01&step=year"))
        .await
        .is_refused_with("API_UNKNOWN_WORD");
    world
        .officer
        .get(&format!("/capacities/{}/trend?from=2022-01-01&to=2022-02-01", Uuid::nil()))
        .await
        .with_status(404);
}

#[tokio::test]
async fn who_uses_a_cap_is_told_to_the_bureau_and_to_each_its_own() {
    let world = World::new().await;
    let mut mills = Vec::new();
    for (name, holding) in
        [("甲", "5.000 t COD"), ("乙", "70.000 t COD"), ("丙", "5.000 t COD"), ("丁", "20.500 t COD")]
    {
        let mill = world.enterprise(name).await;
        world.allocate(&mill, holding).await;
        mills.push(mill);
    }
    world.allocate(&mills[0], "3.000 t SO2").await;
    world.allocate(&world.reserve, "50.000 t COD").await;
    mills[1].consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(&world, &mills[1], "30.000 t COD").await;
    world.bank.registers(pledge).await.granted();
    let users = format!("/capacities/{}/users", capacity_of(&world, TONGCHENG).await);
    let (mut told, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.officer.get(&format!("{users}?limit=1{cursor}")).await.granted();
        let item = &page["items"][0];
        told.push((item["organisation"].clone(), item["used"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let used: Vec<&str> = told.iter().map(|(_, used)| used.as_str()).collect();
    assert_eq!(used, ["70.000", "20.500", "5.000", "5.000"], "pledged rights use the area as free ones do");
    assert_eq!(told[0].0, json!(mills[1].id));
    let sum: rust_decimal::Decimal = used.iter().map(|used| used.parse::<rust_decimal::Decimal>().unwrap()).sum();
    let capacity = world.officer.get(&format!("/capacities/{}", capacity_of(&world, TONGCHENG).await)).await.granted();
    assert_eq!(sum.to_string(), capacity["used"].as_str().unwrap(), "gram for gram what the area's account says");
    let own = mills[3].client.get(&users).await.granted();
    assert_eq!((own["items"].as_array().unwrap().len(), &own["items"][0]["used"]), (1, &json!("20.500")));
    assert_eq!(world.chibi_officer.get(&users).await.granted()["items"], json!([]), "another county's bureau");
    world.bank.client.get(&users).await.is_refused_with("AUT_NOT_ALLOWED");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_cap_is_reached_exactly_and_never_passed_by_the_smallest_unit() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let cap = json!({"area": TONGCHENG, "pollutant": "COD", "cap": "100.000", "valid_from": "2022-12-01", "document": "总量"});
    world.city_head.post("/capacities", cap).await.granted();
    world.propose_allocation(&mill, "100.001 t COD").await.is_refused_with("QTA_OVER_HEADROOM");
    world.allocate(&mill, "60.000 t COD").await;
    let grant = id(&world.propose_allocation(&mill, "40.000 t COD").await.granted());
    let one_more = id(&world.propose_allocation(&mill, "0.001 t COD").await.granted());
    world.city_head.post(&format!("/allocations/{grant}/confirm"), json!({})).await.granted();
    world
        .city_head
        .post(&format!("/allocations/{one_more}/confirm"), json!({}))
        .await
        .is_refused_with("QTA_OVER_HEADROOM");
    let standing = world.auditor.get(&format!("/capacities/{}", capacity_of(&world, TONGCHENG).await)).await.granted();
    assert_eq!((&standing["used"], &standing["headroom"]), (&json!("100.000"), &json!("0.000")));

    let tannery = world.enterprise_in("赤壁制革", CHIBI, "paper").await;
    world.allocate(&tannery, "100.000 t COD").await;
    world.reduces(&tannery, "100.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000000.00").await;
    tannery.offers("0.001 t COD", "9000.00", &glass).await.is_refused_with("TRD_NO_HEADROOM");
    let raised = json!({"area": TONGCHENG, "pollutant": "COD", "cap": "110.000", "valid_from": "2022-12-01", "document": "调增"});
    world.city_head.post("/capacities", raised).await.granted();
    tannery.offers("10.001 t COD", "9000.00", &glass).await.is_refused_with("TRD_NO_HEADROOM");
    let trade = world.approved_trade(&tannery, &glass, "10.000 t COD", "9000.00").await;
    assert_eq!(glass.pays(trade).await.text("state"), "settled");
    tannery.offers("0.001 t COD", "9000.00", &glass).await.is_refused_with("TRD_NO_HEADROOM");
    world.books_are_right().await;
}
