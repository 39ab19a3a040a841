//! Reports of sites and measurements of the bureau: all rows or none, each fault at its line.

use super::{id, says};
use crate::quota::batches::number_of;
use crate::support::world::{CHIBI, Enterprise};
use crate::support::{Answer, Client, World};
use serde_json::json;

async fn uploads(client: &Client, rows: &str) -> Answer {
    let file = format!("排污单位编号,污染物,期间,排放量,文号\n{rows}");
    let document = id(&client.upload("a.csv", "text/csv", file.as_bytes()).await.granted());
    client.post("/discharge-reports", json!({ "document": document })).await
}

async fn recorded(of: &Enterprise) -> usize {
    of.client.get("/discharge-reports").await.granted()["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_file_of_a_year_is_recorded_whole() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let site = number_of(&world, &mill).await;
    let rows: Vec<String> = (1..=11).map(|month| format!("{site},COD,2022-{month:02},1.5,执行报告\n")).collect();
    let answer = uploads(&mill.client, &rows.concat()).await.granted();
    let items = answer["items"].as_array().unwrap();
    assert_eq!(items.len(), 11);
    let last = &items[10];
    assert_eq!((&last["first_day"], &last["last_day"]), (&json!("2022-11-01"), &json!("2022-11-30")));
    assert_eq!((&last["quantity"], &last["source"]), (&json!("1.500"), &json!("report")));
    assert_eq!(last["document_hash"].as_str().unwrap().len(), 64);
    let found = mill.client.get(&format!("/discharge-reports/{}", id(last))).await.granted();
    assert_eq!(found, *last);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_workbook_says_the_same_as_a_file() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let site = number_of(&world, &mill).await;
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0..).zip(["文号", "污染物", "期间", "排放量", "排污单位编号"]) {
        sheet.write_string(0, column, name).unwrap();
    }
    for (line, month, quantity) in [(1, "2022-10", 1.5), (2, "2022-11", 0.0)] {
        sheet.write_string(line, 0, "执行报告").unwrap();
        sheet.write_string(line, 1, "COD").unwrap();
        sheet.write_string(line, 2, month).unwrap();
        sheet.write_number(line, 3, quantity).unwrap();
        sheet.write_string(line, 4, &site).unwrap();
    }
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let content = book.save_to_buffer().unwrap();
    let document = id(&mill.client.upload("a.xlsx", kind, &content).await.granted());
    let answer = mill.client.post("/discharge-reports", json!({ "document": document })).await.granted();
    let told: Vec<_> =
        answer["items"].as_array().unwrap().iter().map(|one| (&one["first_day"], &one["quantity"])).collect();
    assert_eq!(told, [(&json!("2022-10-01"), &json!("1.500")), (&json!("2022-11-01"), &json!("0.000"))]);
    // A row without its last cell is a row with an empty one: the workbook does not store it.
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0..).zip(["site", "pollutant", "period", "quantity", "document"]) {
        sheet.write_string(0, column, name).unwrap();
    }
    for (column, cell) in (0..).zip([site.as_str(), "COD", "2022-09", "-1"]) {
        sheet.write_string(1, column, cell).unwrap();
    }
    let content = book.save_to_buffer().unwrap();
    let document = id(&mill.client.upload("b.xlsx", kind, &content).await.granted());
    let refused = mill.client.post("/discharge-reports", json!({ "document": document })).await;
    assert_eq!(refused.with_status(422).codes(), ["CMP_IMPLAUSIBLE", "API_BAD_TEXT"]);
    assert_eq!(recorded(&mill).await, 2);
    world.books_are_right().await;
}

#[tokio::test]
async fn every_fault_of_every_row_is_told_and_nothing_is_recorded() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    let (own, other) = (number_of(&world, &mill).await, number_of(&world, &glass).await);
    let rows = format!(
        "{own},COD,2022-11,1.5,a\n{own},cod,2022-13,1.0001,a\n{own},COD,2022-11,2,a\n{other},COD,2022-10,1,a\nNIRGENDS,COD,2022-10,1,a\n\
         {own},COD,2022-12,1,a\n{own},COD,2022,1,a\n{own},SO2,2022-10,99999999,a\n{own},NH3N,2022-10,1,a\n"
    );
    let answer = uploads(&mill.client, &rows).await;
    answer.with_status(422);
    let told: Vec<(&str, &str)> = answer.body["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["field"].as_str().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    let wanted = [
        ("lines[3].pollutant", "QTA_UNKNOWN_POLLUTANT"),
        ("lines[3].period", "CMP_BAD_PERIOD"),
        ("lines[3].quantity", "API_TOO_PRECISE"),
        ("lines[4].period", "CMP_DUPLICATE_ROW"),
        ("lines[5].site", "CMP_NOT_YOUR_SITE"),
        ("lines[6].site", "CMP_UNKNOWN_SITE_NUMBER"),
        ("lines[7].period", "CMP_PERIOD_NOT_OVER"),
        ("lines[8].period", "CMP_PERIOD_NOT_OVER"),
        ("lines[9].quantity", "CMP_IMPLAUSIBLE"),
        ("lines[10].pollutant", "CMP_NO_PERMITTED_QUANTITY"),
    ];
    assert_eq!(told, wanted);
    assert_eq!(recorded(&mill).await, 0);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_list_tells_form_names_and_rules_in_one_round_by_the_numbers_of_its_items() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    let (own, other) = (number_of(&world, &mill).await, number_of(&world, &glass).await);
    let item = |site: &str, pollutant: &str, period: &str, quantity: &str| json!({"site": site, "pollutant": pollutant, "period": period, "quantity": quantity, "document": "执行报告"});
    let empty = json!({"site": "", "pollutant": "", "period": "", "quantity": "", "document": ""});
    let items = [
        item(&own, "COD", "2022-11", "1"),
        item(&other, "COD", "2022-12", "x"),
        item("NIRGENDS", "XYZ", "2022-10", "1"),
        empty,
        item(&own, "SO2", "2022-10", "99999999"),
        item(&own, "COD", "2022-11", "-1"),
    ];
    let answer = mill.client.post("/discharge-reports", json!({ "items": items })).await;
    let violations = answer.with_status(422).body["violations"].as_array().unwrap();
    let told: Vec<(&str, &str)> =
        violations.iter().map(|one| (one["field"].as_str().unwrap(), one["code"].as_str().unwrap())).collect();
    let wanted = [
        ("items[1].quantity", "API_NOT_DECIMAL"),
        ("items[1].site", "CMP_NOT_YOUR_SITE"),
        ("items[1].period", "CMP_PERIOD_NOT_OVER"),
        ("items[2].pollutant", "QTA_UNKNOWN_POLLUTANT"),
        ("items[2].site", "CMP_UNKNOWN_SITE_NUMBER"),
        ("items[3].site", "API_BAD_TEXT"),
        ("items[3].pollutant", "QTA_UNKNOWN_POLLUTANT"),
        ("items[3].period", "CMP_BAD_PERIOD"),
        ("items[3].quantity", "API_NOT_DECIMAL"),
        ("items[3].document", "API_BAD_TEXT"),
        ("items[4].quantity", "CMP_IMPLAUSIBLE"),
        ("items[5].quantity", "CMP_IMPLAUSIBLE"),
        ("items[5].period", "CMP_DUPLICATE_ROW"),
    ];
    assert_eq!(told, wanted);
    assert!(violations[12]["message"].as_str().unwrap().contains("items[0]"), "{:#}", violations[12]);
    assert_eq!(recorded(&mill).await, 0);
    world.books_are_right().await;
}

#[tokio::test]
async fn who_speaks_is_who_signs_in() {
    let world = World::new().await;
    let (mill, kiln) = (world.enterprise("临江纸业").await, world.enterprise_in("赤壁窑炉", CHIBI, "ceramics").await);
    says(&world, &mill.client, &mill, ("COD", "2022-11-30", "1")).await.is_refused_with("CMP_BAD_PERIOD");
    says(&world, &world.officer, &mill, ("COD", "2022-11-30", "99999")).await.granted();
    says(&world, &world.officer, &kiln, ("COD", "2022-11-30", "1")).await.is_refused_with("ORG_OUTSIDE_AREA");
    says(&world, &world.bank.client, &mill, ("COD", "2022-11", "1")).await.is_refused_with("AUT_NOT_ALLOWED");
    assert_eq!((recorded(&mill).await, recorded(&kiln).await), (1, 0));
    let by_bureau = world.auditor.get("/discharge-reports?source=report").await.granted();
    assert_eq!(by_bureau["items"], json!([]));
}

#[tokio::test]
async fn a_request_that_is_no_table_is_refused() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let post = async |body| mill.client.post("/discharge-reports", body).await;
    post(json!({})).await.is_refused_with("CMP_ONE_SOURCE");
    post(json!({"items": []})).await.is_refused_with("API_BAD_COUNT");
    post(json!({"document": uuid::Uuid::nil()})).await.is_refused_with("DOC_UNKNOWN");
    let pdf = id(&mill.client.upload("a.pdf", "application/pdf", b"%PDF-1.7\n%%EOF\n").await.granted());
    post(json!({ "document": pdf })).await.is_refused_with("CMP_NOT_A_TABLE");
    uploads(&mill.client, "").await.is_refused_with("CMP_ROW_COUNT");
    let site = number_of(&world, &mill).await;
    uploads(&mill.client, &format!("{site},COD,2022-11\n")).await.is_refused_with("CMP_FIELD_COUNT");
    uploads(&mill.client, &format!("{site},COD,2022-11,1,\u{202e}gpj\n")).await.is_refused_with("CMP_BAD_CHARACTER");
    let faulty = uploads(&mill.client, &"x\n".repeat(10_001)).await;
    assert_eq!(faulty.with_status(422).codes().last(), Some(&"CMP_MORE_FAULTS"));
    assert_eq!(uploads(&mill.client, &"x\n".repeat(10_000)).await.codes().last(), Some(&"CMP_FIELD_COUNT"));
    let bare = id(&mill.client.upload("b.csv", "text/csv", b"site,period\nx,2022\n").await.granted());
    post(json!({ "document": bare })).await.is_refused_with("CMP_BAD_COLUMN");
    assert_eq!(recorded(&mill).await, 0);
}
