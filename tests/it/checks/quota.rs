//! What quota refuses.

use crate::quota::batches::{COLUMNS, confirms, file, number_of, proposed, proposes, row};
use crate::support::World;
use crate::support::world::TONGCHENG;
use serde_json::{Value, json};
use uuid::Uuid;

fn grant(site: Uuid, zone: Option<&str>, quantity: &str) -> Value {
    json!({"site": site, "pollutant": "COD", "origin": "paid", "zone": zone, "valid_from": "2021-01-01",
        "valid_to": "2025-12-31", "quantity": quantity, "document": "核定2022-001"})
}

#[tokio::test]
async fn a_grant_needs_a_permit_in_force_whose_last_day_counts() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let site =
        json!({"number": "SITE-BARE", "organisation": mill.id, "name": "新厂区", "area": TONGCHENG, "basin": "LUSHUI"});
    let bare = world.city_officer.post("/sites", site).await.granted();
    let bare: Uuid = bare["id"].as_str().unwrap().parse().unwrap();
    let wanted = || world.city_officer.post("/allocations", grant(bare, None, "1.000"));
    wanted().await.is_refused_with("QTA_PERMIT_NOT_IN_FORCE");
    let permit = |number: &str, until: &str| {
        json!({"number": number, "site": bare, "valid_from": "2021-01-01", "valid_to": until,
            "quantities": [{"pollutant": "COD", "quantity": "5.000"}]})
    };
    let today = world.now().day();
    let yesterday = today.yesterday().unwrap().to_string();
    world.city_officer.post("/permits", permit("PERMIT-OVER", &yesterday)).await.granted();
    wanted().await.is_refused_with("QTA_PERMIT_NOT_IN_FORCE");
    world.city_officer.post("/permits", permit("PERMIT-TODAY", &today.to_string())).await.granted();
    wanted().await.granted();
}

#[tokio::test]
async fn a_suspended_organisation_is_granted_nothing_until_it_is_reinstated() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let path = |act: &str| format!("/organisations/{}/{act}", mill.id);
    world.head.post(&path("suspend"), json!({"reason": "未批先建"})).await.granted();
    world.propose_allocation(&mill, "1.000 t COD").await.is_refused_with("QTA_SUSPENDED");
    world.head.post(&path("reinstate"), json!({"reason": "整改完成"})).await.granted();
    world.propose_allocation(&mill, "1.000 t COD").await.granted();
}

#[tokio::test]
async fn a_holding_of_the_reserve_names_its_zone() {
    let world = World::new().await;
    let site = world.reserve.site;
    world.city_officer.post("/allocations", grant(site, None, "1.000")).await.is_refused_with("QTA_ZONE_MISSING");
    world.city_officer.post("/allocations", grant(site, Some("LUSHUI"), "1.000")).await.granted();
}

#[tokio::test]
async fn a_text_of_a_file_is_read_as_it_is_stored() {
    let world = World::new().await;
    let mill = number_of(&world, &world.enterprise("临江纸业").await).await;
    let rows = |document: &str| file(&[format!("{mill},COD,paid,2021-01-01,2025-12-31,,1.000,{document}")]);
    let ended = proposes(&world.city_officer, "a.csv", "text/csv", rows("核定\u{202e}1号").as_bytes()).await;
    let fault = &ended["faults"][0];
    assert_eq!((&fault["field"], &fault["code"]), (&json!("lines[2].document"), &json!("QTA_BAD_CHARACTER")));
    let bell = world.city_officer.upload("a.csv", "text/csv", rows("核定\u{7}1号").as_bytes()).await;
    bell.is_refused_with("DOC_TYPE_NOT_ALLOWED");
    proposed(&world.city_officer, &rows("核定1号")).await;
}

#[tokio::test]
async fn a_file_has_two_hundred_thousand_rows_at_most() {
    let world = World::new().await;
    let row = "S,COD,paid,2021-01-01,2025-12-31,,1,\n";
    let told = async |rows: usize| {
        let content = format!("{COLUMNS}\n{}", row.repeat(rows));
        let ended = proposes(&world.city_officer, "a.csv", "text/csv", content.as_bytes()).await;
        let faults = ended["faults"].as_array().unwrap().clone();
        faults.iter().map(|fault| fault["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(told(200_001).await, ["QTA_TOO_MANY_ROWS"], "nothing else is looked at");
    assert!(
        !told(200_000).await.contains(&"QTA_TOO_MANY_ROWS".to_owned()),
        "the site that nobody knows is told instead"
    );
}

/// A batch of so many grants to one site, each in a class of its own.
async fn batch_of(world: &World, number: &str, count: i64) -> Uuid {
    let from = jiff::civil::date(2021, 1, 1);
    let rows: Vec<String> = (0..count)
        .map(|at| {
            let day = |days: i64| from.checked_add(jiff::Span::new().days(days)).unwrap();
            format!("{number},COD,paid,{},{},,0.001,", day(at / 100), day(1_500 + at % 100))
        })
        .collect();
    proposed(&world.city_officer, &file(&rows)).await
}

#[tokio::test]
async fn a_batch_beyond_five_thousand_is_confirmed_by_its_own_operation() {
    let world = World::new().await;
    let mill = number_of(&world, &world.enterprise("临江纸业").await).await;
    let decide = async |batch: Uuid| {
        let found = world.city_head.get(&format!("/tasks?subject={batch}")).await.granted();
        let path = format!("/tasks/{}/decide", found["items"][0]["id"].as_str().unwrap());
        world.city_head.post(&path, json!({"outcome": "approved", "reason": "同意"})).await
    };
    let large = batch_of(&world, &mill, 5_001).await;
    decide(large).await.is_refused_with("QTA_BATCH_TOO_LARGE").with_status(409);
    assert_eq!(confirms(&world.city_head, large).await["state"], "finished");
    let glass = world.enterprise("通城玻璃").await;
    let small = proposed(&world.city_officer, &file(&[row(&world, &glass, "1.000 t COD").await])).await;
    decide(small).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn nothing_is_judged_on_a_day_without_a_rulebook() {
    let world = World::new().await;
    let found = world.auditor.get("/rulebooks/current").await.granted();
    let first: jiff::civil::Date = found["effective_from"].as_str().unwrap().parse().unwrap();
    let days = first.until(world.now().day()).unwrap().get_days();
    world.days_pass(-i64::from(days));
    assert_eq!(world.now().day(), first);
    world.auditor.get("/rulebooks/current").await.granted();
    world.days_pass(-1);
    world.auditor.get("/rulebooks/current").await.is_refused_with("QTA_NO_RULEBOOK").with_status(409);
}

#[tokio::test]
async fn a_unit_is_a_power_of_ten_of_the_gram_with_no_more_decimals_than_zeros() {
    let world = World::new().await;
    let pollutant = |code: &str, grams: i64, decimals: u32| {
        json!({"pollutants": [{"code": code, "name_zh": "总锑", "name_en": "Antimony", "medium": "water", "unit": "kg",
            "grams_per_unit": grams, "decimals": decimals}]})
    };
    for (grams, decimals) in [(999, 2), (1_000, 4), (0, 0)] {
        let answer = world.operator.post("/reference", pollutant("SB", grams, decimals)).await;
        assert!(answer.status.is_client_error(), "{grams} {decimals}: {:#}", answer.body);
    }
    world.operator.post("/reference", pollutant("SB", 1_000, 4)).await.is_refused_with("QTA_BAD_MEASURE");
    world.operator.post("/reference", pollutant("SB", 1_000, 3)).await.granted();
}

#[tokio::test]
async fn a_cap_begins_today_at_the_latest() {
    let world = World::new().await;
    let cap = |day: String| json!({"area": TONGCHENG, "pollutant": "COD", "cap": "900.000", "valid_from": day, "document": "调整"});
    let today = world.now().day();
    let tomorrow = today.tomorrow().unwrap().to_string();
    world.city_head.post("/capacities", cap(tomorrow)).await.is_refused_with("QTA_FUTURE_CAP");
    world.city_head.post("/capacities", cap(today.to_string())).await.granted();
}
