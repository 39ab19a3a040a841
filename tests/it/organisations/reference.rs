//! Reference data of a founded book: the pollutants with their units, which of them are traded, and the working-day calendar.

use super::id;
use crate::support::world::{Enterprise, TONGCHENG};
use crate::support::{Answer, Client, World};
use ganhe::access::{Action, Caller};
use ganhe::decisions::calendar;
use serde_json::{Value, json};

async fn loads(by: &Client, text: &str) -> Answer {
    let key = ganhe::kernel::ids::fresh().to_string();
    let request = by.request(reqwest::Method::POST, "/calendars").header("Content-Type", "text/csv");
    Answer::of(request.header("Idempotency-Key", key).body(text.to_owned())).await
}

async fn year(by: &Client, year: i16) -> Value {
    by.get(&format!("/calendars?year={year}")).await.granted()
}

#[tokio::test]
async fn a_book_is_founded_with_the_pollutants_of_total_quantity_control() {
    let world = World::new().await;
    let found = world.auditor.get("/pollutants").await.granted();
    let told = |item: &Value| {
        let text = |name: &str| item[name].as_str().unwrap().to_owned();
        (text("code"), text("medium"), text("unit"), item["decimals"].as_i64().unwrap())
    };
    let told: Vec<_> = found["items"].as_array().unwrap().iter().map(told).collect();
    let expected = [
        ("AS", "water", "kg", 3),
        ("CD", "water", "kg", 3),
        ("COD", "water", "t", 3),
        ("CR", "water", "kg", 3),
        ("HG", "water", "kg", 3),
        ("NH3N", "water", "t", 3),
        ("NOX", "air", "t", 3),
        ("PB", "water", "kg", 3),
        ("PM", "air", "t", 3),
        ("SO2", "air", "t", 3),
        ("TN", "water", "t", 3),
        ("TP", "water", "t", 3),
        ("VOCS", "air", "t", 3),
        ("WW", "water", "t/d", 3),
    ];
    let expected =
        expected.map(|(code, medium, unit, decimals)| (code.to_owned(), medium.to_owned(), unit.to_owned(), decimals));
    assert_eq!(told, expected);
}

/// Proposes free rights for a mill, such as 36.5 kg of cadmium.
async fn proposes(world: &World, mill: &Enterprise, pollutant: &str, quantity: &str) -> Answer {
    let body = json!({"site": mill.site, "pollutant": pollutant, "origin": "paid", "valid_from": "2021-01-01",
        "valid_to": "2025-12-31", "quantity": quantity, "document": "核定2022-003"});
    world.city_officer.post("/allocations", body).await
}

#[tokio::test]
async fn a_permit_names_pollutants_whose_rights_are_not_traded_and_none_are_granted() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let quantities = json!([{"pollutant": "CD", "quantity": "36.50"}, {"pollutant": "WW", "quantity": "20200"}]);
    let permit = json!({"number": "PERMIT-METAL", "site": mill.site, "valid_from": "2021-01-01", "valid_to": "2025-12-31", "quantities": quantities});
    let permit = world.officer.post("/permits", permit).await.granted();
    assert_eq!(
        permit["quantities"],
        json!([
        {"pollutant": "CD", "quantity": "36.500", "unit": "kg"}, {"pollutant": "WW", "quantity": "20200.000", "unit": "t/d"}])
    );
    for pollutant in ["CD", "WW", "TP"] {
        let cap = json!({"area": TONGCHENG, "pollutant": pollutant, "cap": "50000.000", "valid_from": "2022-12-01", "document": "总量控制"});
        world.city_head.post("/capacities", cap).await.granted();
        proposes(&world, &mill, pollutant, "1").await.is_refused_with("QTA_POLLUTANT_NOT_TRADED");
    }
    // From the day on which the rulebook names it.
    world.adopts(&[("traded_pollutants", "COD,NH3N,SO2,NOX,CD,WW")]).await.granted();
    proposes(&world, &mill, "TP", "1").await.is_refused_with("QTA_POLLUTANT_NOT_TRADED");
    for (pollutant, quantity, printed, unit) in [("CD", "36.5", "36.500", "kg"), ("WW", "20200", "20200.000", "t/d")] {
        let grant = proposes(&world, &mill, pollutant, quantity).await.granted();
        assert_eq!((&grant["quantity"], &grant["unit"]), (&json!(printed), &json!(unit)));
        world.city_head.post(&format!("/allocations/{}/confirm", id(&grant)), json!({})).await.granted();
        let class = mill.class(pollutant);
        let balance = world
            .auditor
            .get(&format!("/balances?owner={}&asset={class}&purpose=available", mill.site))
            .await
            .granted();
        assert_eq!((&balance["items"][0]["balance"], &balance["items"][0]["unit"]), (&json!(printed), &json!(unit)));
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn rights_of_a_pollutant_that_the_rulebook_names_no_more_are_neither_sold_nor_confirmed() {
    let world = World::new().await;
    let (mill, glass) = (world.seller("临江纸业", "50.000 t COD").await, world.buyer("通城玻璃", "500000.00").await);
    let offered = id(&mill.offers("1.000 t COD", "9000.00", &glass).await.granted());
    let trade = world.approved_trade(&mill, &glass, "1.000 t COD", "9000.00").await;
    let grant = id(&world.propose_allocation(&mill, "1.000 t COD").await.granted());
    world.adopts(&[("traded_pollutants", "SO2")]).await.granted();
    mill.offers("1.000 t COD", "9000.00", &glass).await.is_refused_with("TRD_POLLUTANT_NOT_TRADED");
    glass.accepts(offered).await.is_refused_with("TRD_POLLUTANT_NOT_TRADED");
    glass.pays(trade).await.is_refused_with("TRD_POLLUTANT_NOT_TRADED");
    let confirm = format!("/allocations/{grant}/confirm");
    world.city_head.post(&confirm, json!({})).await.is_refused_with("QTA_POLLUTANT_NOT_TRADED");
    let checks = world.auditor.get("/checks").await.granted();
    let check =
        checks["items"].as_array().unwrap().iter().find(|check| check["code"] == "TRD_POLLUTANT_NOT_TRADED").unwrap();
    assert_eq!((&check["is_on"], &check["rules"][0]["value"]), (&json!(true), &json!("SO2")));
}

#[tokio::test]
async fn a_calendar_is_loaded_from_a_file_and_a_year_without_one_says_so() {
    let world = World::new().await;
    let before = year(&world.auditor, 2023).await;
    assert_eq!(
        (&before["is_listed"], &before["warning"]["code"], &before["working_days"]),
        (&json!(false), &json!("weekends_only"), &json!(260))
    );
    let file = "date,kind\n2023-01-02,holiday\n2023-01-23,holiday\n2023-01-28,working_day\n";
    loads(&world.officer, file).await.is_refused_with("AUT_NOT_ALLOWED");
    let loaded = loads(&world.operator, file).await.with_status(201).clone().granted();
    assert_eq!(loaded, json!({"days": 3, "years": [2023]}));
    let after = year(&world.auditor, 2023).await;
    assert_eq!(
        (&after["is_listed"], &after["warning"], &after["working_days"]),
        (&json!(true), &Value::Null, &json!(259))
    );
    assert_eq!(after["days"][2], json!({"date": "2023-01-28", "kind": "working_day"}));
    assert_eq!(year(&world.auditor, 2024).await["is_listed"], false);
    assert_eq!(world.auditor.get("/calendars").await.granted()["year"], 2022, "that of the business date");
    // What a file says later of a day counts.
    loads(&world.operator, "日期,类型\n2023-01-23,上班\n").await.granted();
    assert_eq!(year(&world.auditor, 2023).await["working_days"], 260);
    let worked =
        loads(&world.operator, "date,kind\n2023-01-24,working_day\n2023-01-29,working_day\n2023-01-25,上班\n").await;
    let told = worked.with_status(422).body["violations"].as_array().unwrap();
    let fields: Vec<&str> = told.iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!((fields, worked.codes()[0]), (vec!["lines[2].kind", "lines[4].kind"], "API_CALENDAR_WEEKDAY"));
    let days = json!({"calendar_days": [{"date": "2023-01-24", "kind": "working_day"}]});
    let refused = world.operator.post("/reference", days).await;
    assert_eq!(refused.is_refused_with("API_CALENDAR_WEEKDAY").body["violations"][0]["field"], "calendar_days[0].kind");
    for bad in ["1899", "9999"] {
        world.auditor.get(&format!("/calendars?year={bad}")).await.is_refused_with("API_CALENDAR_YEAR");
    }
    world.auditor.get("/calendars?year=next").await.is_refused_with("API_BAD_QUERY");
    world.books_are_right().await;
}

#[tokio::test]
async fn every_fault_of_a_calendar_is_told_with_its_line_and_nothing_is_loaded() {
    let world = World::new().await;
    let text = "date,kind\n2023-01-02,holiday\n2023-02-30,holiday\n2023-01-03,feast\n2023-01-02,holiday\n";
    let refused = loads(&world.operator, text).await;
    refused.with_status(422);
    let told: Vec<_> = refused.body["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["field"].as_str().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    let expected = [
        ("lines[3].date", "API_NOT_DATE"),
        ("lines[4].kind", "API_UNKNOWN_WORD"),
        ("lines[5]", "API_CALENDAR_DAY_TWICE"),
    ];
    assert_eq!(told, expected);
    assert_eq!(year(&world.auditor, 2023).await["days"], json!([]));
    loads(&world.operator, &format!("date,kind\n{}", "x".repeat(70_000))).await.is_refused_with("API_TOO_LARGE");
}

#[tokio::test]
async fn deadlines_count_by_the_loaded_calendar() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.adopts(&[("decision_days", "1")]).await.granted();
    let deadline = async || {
        let grant = id(&world.propose_allocation(&mill, "1.000 t COD").await.granted());
        world.head.get(&format!("/tasks?subject={grant}")).await.granted()["items"][0]["deadline"].clone()
    };
    assert_eq!(deadline().await, "2022-12-02");
    loads(&world.operator, "date,kind\n2022-12-02,holiday\n2022-12-03,working_day\n").await.granted();
    assert_eq!(deadline().await, "2022-12-03", "a Saturday that is worked");
}

/// After the last listed day of a year that year is known all the same, and the next one is not.
#[tokio::test]
async fn a_year_is_known_to_be_listed_also_when_its_listed_days_are_over() {
    let world = World::new().await;
    loads(&world.operator, "date,kind\n2022-10-03,holiday\n2022-10-08,working_day\n").await.granted();
    let permit = Caller::clock().may(Action::RegisterReference).unwrap();
    let late = "2022-12-01".parse::<jiff::civil::Date>().unwrap();
    let covers = world.app.shared.db.run(&permit, &late, |work, late| {
        Box::pin(async move { calendar::from(work, *late).await.map(|known| [known.covers(2022), known.covers(2023)]) })
    });
    assert_eq!(covers.await.unwrap(), [true, false]);
    assert!(year(&world.auditor, 2022).await["is_listed"].as_bool().unwrap());
    assert!(!year(&world.auditor, 2023).await["is_listed"].as_bool().unwrap());
}

#[tokio::test]
async fn a_filter_that_names_nothing_known_is_refused_by_its_name_and_finds_no_empty_list() {
    let world = World::new().await;
    let year = "/statistics?by=year&from=2022&to=2022";
    for (path, code, field) in [
        ("/capacities?area=999999".to_owned(), "ORG_UNKNOWN_AREA", "area"),
        ("/capacities?pollutant=XYZ".to_owned(), "QTA_UNKNOWN_POLLUTANT", "pollutant"),
        ("/capacity-changes?area=999999".to_owned(), "ORG_UNKNOWN_AREA", "area"),
        ("/capacity-changes?pollutant=XYZ".to_owned(), "QTA_UNKNOWN_POLLUTANT", "pollutant"),
        ("/area-suspensions?area=999999".to_owned(), "ORG_UNKNOWN_AREA", "area"),
        ("/right-classes?pollutant=XYZ".to_owned(), "QTA_UNKNOWN_POLLUTANT", "pollutant"),
        ("/listings?right_class=XYZ".to_owned(), "QTA_UNKNOWN_RIGHT_CLASS", "right_class"),
        ("/balances?purpose=anything".to_owned(), "API_UNKNOWN_WORD", "purpose"),
        ("/organisations?kind=anything".to_owned(), "API_UNKNOWN_WORD", "kind"),
        ("/tasks?state=anything".to_owned(), "API_UNKNOWN_WORD", "state"),
        ("/tasks?act=anything".to_owned(), "API_UNKNOWN_WORD", "act"),
        (format!("{year}&pollutant=XYZ"), "QTA_UNKNOWN_POLLUTANT", "pollutant"),
        (format!("{year}&mode=anything"), "API_UNKNOWN_WORD", "mode"),
        ("/public/capacities?area=999999".to_owned(), "ORG_UNKNOWN_AREA", "area"),
    ] {
        let refused = world.auditor.get(&path).await;
        refused.is_refused_with(code).with_status(422);
        assert_eq!(refused.body["violations"][0]["field"], field, "{path}");
    }
    let known = world.auditor.get("/capacities?area=420000&pollutant=COD").await.granted();
    assert_eq!(known["items"], json!([]), "an area without a cap is none that nobody knows");
}
