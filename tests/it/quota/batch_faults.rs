//! What is wrong in a batch is told all at once, each fault with its line; nothing of a faulty batch is proposed.

use super::batches::{COLUMNS, file, number_of, proposed, proposes, row};
use crate::support::World;
use crate::support::world::XIANAN;
use serde_json::{Value, json};

fn told(ended: &Value) -> Vec<(String, String)> {
    assert_eq!(ended["state"], "failed", "{ended:#}");
    let text = |fault: &Value, name: &str| fault[name].as_str().unwrap().to_owned();
    let faults = ended["faults"].as_array().unwrap();
    faults.iter().map(|fault| (text(fault, "field"), text(fault, "code"))).collect()
}

async fn faults(world: &World, content: &str) -> Vec<(String, String)> {
    told(&proposes(&world.city_officer, "batch.csv", "text/csv", content.as_bytes()).await)
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The same rows as a workbook, every cell a text.
fn workbook(rows: &[String]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (line, row) in (0..).zip([COLUMNS].into_iter().chain(rows.iter().map(String::as_str))) {
        for (column, cell) in (0..).zip(row.split(',')) {
            sheet.write_string(line, column, cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn at(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

#[tokio::test]
async fn every_fault_of_every_row_is_told_with_its_line() {
    let world = World::new().await;
    let mill = number_of(&world, &world.enterprise("临江纸业").await).await;
    let content = format!(
        "{COLUMNS}\n{mill},COD,bought,2021-01-01,2025-12-31,,1.0000,\n\
         ,CO2,paid,2021-01-01,2020-12-31,,0.000,\n\n\
         {mill},COD,paid,2021-02-30,2025-12-31,,-1,,surplus\n\
         {mill},COD,paid,2021-02-30,yesterday,,1e3,\n"
    );
    let expected = [
        at("lines[2].quantity", "API_TOO_PRECISE"),
        at("lines[2].origin", "API_UNKNOWN_WORD"),
        at("lines[3].site", "API_BAD_TEXT"),
        at("lines[3].pollutant", "QTA_UNKNOWN_POLLUTANT"),
        at("lines[3].quantity", "API_ZERO"),
        at("lines[3].valid_to", "ORG_BAD_VALIDITY"),
        at("lines[3].valid_to", "QTA_OUTSIDE_VALIDITY"),
        at("lines[5]", "QTA_FIELD_COUNT"),
        at("lines[6].quantity", "API_NOT_DECIMAL"),
        at("lines[6].valid_from", "API_NOT_DATE"),
        at("lines[6].valid_to", "API_NOT_DATE"),
    ];
    assert_eq!(faults(&world, &content).await, expected);
    let none = world.auditor.get("/allocation-batches").await.granted();
    assert_eq!(none["items"], json!([]), "nothing was proposed");
}

#[tokio::test]
async fn what_the_register_does_not_bear_is_told_with_its_line() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let elsewhere = world.enterprise_in("咸安纸业", XIANAN, "paper").await;
    let number = number_of(&world, &mill).await;
    let rows = [
        row(&world, &mill, "1.000 t COD").await,
        row(&world, &mill, "2.000 t COD").await,
        "NOBODY,COD,paid,2021-01-01,2025-12-31,,1.000,".to_owned(),
        format!("{number},COD,paid,2015-01-01,2019-12-31,,1.000,"),
        format!("{number},COD,paid,2021-01-01,2026-01-01,,1.000,"),
        format!("{number},COD,paid,2021-06-01,2025-12-31,FUTOU,1.000,"),
        format!("{number},NH3N,paid,2021-01-01,2025-12-31,,1.000,"),
        row(&world, &elsewhere, "1.000 t COD").await,
    ];
    let content = file(&rows);
    let expected = [
        at("lines[3].site", "QTA_DUPLICATE_ROW"),
        at("lines[4].site", "QTA_UNKNOWN_SITE_NUMBER"),
        at("lines[5].valid_to", "QTA_OUTSIDE_VALIDITY"),
        at("lines[6].valid_to", "QTA_VALIDITY_TOO_LONG"),
        at("lines[7].zone", "QTA_ZONE_MISMATCH"),
        at("lines[8].site", "QTA_NO_CAP"),
    ];
    assert_eq!(faults(&world, &content).await, expected);
    let officer = world.colleague_of(&world.officer, ganhe::access::Role::BureauOfficer).await;
    let ended = proposes(&officer, "own.csv", "text/csv", file(&rows[7..]).as_bytes()).await;
    assert_eq!(told(&ended), [at("lines[2].site", "ORG_OUTSIDE_AREA")]);
}

#[tokio::test]
async fn form_names_and_rules_are_judged_in_one_round_whatever_the_rows_come_as() {
    let world = World::new().await;
    let mill = number_of(&world, &world.enterprise("临江纸业").await).await;
    let rows = [
        format!("{mill},COD,bought,2015-01-01,2019-12-31,FUTOU,abc,"),
        "NOBODY,COD,paid,2021-01-01,2025-12-31,,1.0000,".to_owned(),
        format!("{mill},NH3N,paid,2021-01-01,yesterday,,1.000,"),
        format!("{mill},COD,paid,2021-01-01,2025-12-31,,1000.001,"),
        format!("{mill},XYZ,paid,2021-01-01,2025-12-31,FUTOU,1.000,"),
    ];
    let wrong = [
        (0, "quantity", "API_NOT_DECIMAL"),
        (0, "origin", "API_UNKNOWN_WORD"),
        (0, "zone", "QTA_ZONE_MISMATCH"),
        (0, "valid_to", "QTA_OUTSIDE_VALIDITY"),
        (1, "quantity", "API_TOO_PRECISE"),
        (1, "site", "QTA_UNKNOWN_SITE_NUMBER"),
        (2, "valid_to", "API_NOT_DATE"),
        (2, "site", "QTA_NO_CAP"),
        (3, "quantity", "QTA_OVER_HEADROOM"),
        (4, "pollutant", "QTA_UNKNOWN_POLLUTANT"),
        (4, "zone", "QTA_ZONE_MISMATCH"),
    ];
    let lines = wrong.map(|(row, field, code)| at(&format!("lines[{}].{field}", row + 2), code));
    assert_eq!(faults(&world, &file(&rows)).await, lines);
    let book = proposes(&world.city_officer, "batch.xlsx", XLSX, &workbook(&rows)).await;
    assert_eq!(told(&book), lines, "a workbook is read by the same code");
    let names: Vec<&str> = COLUMNS.split(',').collect();
    let item = |row: &String| -> Value { names.iter().zip(row.split(',')).map(|(name, cell)| (*name, cell)).collect() };
    let body = json!({"number": "核定1号", "items": rows.iter().map(item).collect::<Vec<_>>()});
    let begun = world.city_officer.post("/allocation-batches", body).await;
    let ended = world.city_officer.ended(&begun.text("id")).await;
    assert_eq!(told(&ended), wrong.map(|(row, field, code)| at(&format!("items[{row}].{field}"), code)));

    let mended = [
        format!("{mill},COD,paid,2021-01-01,2025-12-31,LUSHUI,1.000,"),
        format!("{mill},COD,free,2021-01-01,2025-12-31,,999.000,"),
    ];
    proposed(&world.city_officer, &file(&mended)).await;
}

#[tokio::test]
async fn a_batch_may_reach_the_cap_exactly_and_exceeds_it_by_a_gram_at_the_line_that_does() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    let whole = [row(&world, &mill, "600.000 t COD").await, row(&world, &glass, "400.000 t COD").await];
    let over = [row(&world, &mill, "600.000 t COD").await, row(&world, &glass, "400.001 t COD").await];
    assert_eq!(faults(&world, &file(&over)).await, [at("lines[3].quantity", "QTA_OVER_HEADROOM")]);
    proposed(&world.city_officer, &file(&whole)).await;
}

#[tokio::test]
async fn a_file_with_other_columns_is_not_read_at_all() {
    let world = World::new().await;
    let content = "site,pollutant,pollutant,origin,valid_from,quantity,colour\nA,COD,COD,paid,2021-01-01,1,red\n";
    let expected = [
        at("lines[1]", "QTA_DUPLICATE_COLUMN"),
        at("lines[1]", "QTA_UNKNOWN_COLUMN"),
        at("lines[1]", "QTA_MISSING_COLUMN"),
    ];
    assert_eq!(faults(&world, content).await, expected);
    assert_eq!(faults(&world, &format!("{COLUMNS}\n\n,,,,,,,\n")).await, [at("document", "QTA_NO_ROWS")]);
    let text = proposes(&world.city_officer, "a.txt", "text/plain", b"site").await;
    assert_eq!(told(&text), [at("document", "QTA_NOT_A_TABLE")]);
    let broken = b"PK\x03\x04..[Content_Types].xml..xl/workbook.xml";
    let broken = proposes(&world.city_officer, "a.xlsx", XLSX, broken).await;
    assert_eq!(told(&broken), [at("", "QTA_UNREADABLE")]);
}

#[tokio::test]
async fn a_batch_comes_from_one_source() {
    let world = World::new().await;
    let neither = world.city_officer.post("/allocation-batches", json!({"number": "核定1号"})).await;
    neither.is_refused_with("QTA_ONE_SOURCE").with_status(422);
    let item = json!({"site": "A", "pollutant": "COD", "origin": "paid", "valid_from": "2021-01-01",
        "valid_to": "2025-12-31", "quantity": "1.0000"});
    let both = json!({"number": "核定1号", "document": uuid::Uuid::nil(), "items": [item]});
    world.city_officer.post("/allocation-batches", both).await.is_refused_with("QTA_ONE_SOURCE");
    let begun = world.city_officer.post("/allocation-batches", json!({"number": "核定1号", "items": [item]})).await;
    let ended = world.city_officer.ended(&begun.text("id")).await;
    let both = [at("items[0].quantity", "API_TOO_PRECISE"), at("items[0].site", "QTA_UNKNOWN_SITE_NUMBER")];
    assert_eq!(told(&ended), both);
    let hidden = json!({"number": "核定1号", "document": uuid::Uuid::nil()});
    let begun = world.city_officer.post("/allocation-batches", hidden).await;
    assert_eq!(told(&world.city_officer.ended(&begun.text("id")).await), [at("document", "DOC_UNKNOWN")]);
}

#[tokio::test]
async fn an_endless_list_of_faults_is_cut_and_says_how_many_there_are() {
    let world = World::new().await;
    let rows: Vec<String> = (0..10_003).map(|_| "X,COD,paid,2021-01-01,2025-12-31,,1.0000,".to_owned()).collect();
    let told = faults(&world, &file(&rows)).await;
    assert_eq!(told.len(), 10_001);
    assert_eq!(told.last().unwrap(), &at("", "QTA_MORE_FAULTS"));
}

#[tokio::test]
async fn an_empty_item_of_a_list_is_a_row_with_faults_and_a_duplicate_is_named_by_its_number() {
    let world = World::new().await;
    let mill = number_of(&world, &world.enterprise("临江纸业").await).await;
    let item = |site: &str, quantity: &str| json!({"site": site, "pollutant": "COD", "origin": "paid", "valid_from": "2021-01-01", "valid_to": "2025-12-31", "quantity": quantity});
    let empty = json!({"site": "", "pollutant": "", "origin": "", "valid_from": "", "valid_to": "", "quantity": ""});
    let body = json!({"number": "核定1号", "items": [item(&mill, "1.000"), empty, item(&mill, "2.000")]});
    let begun = world.city_officer.post("/allocation-batches", body).await;
    let ended = world.city_officer.ended(&begun.text("id")).await;
    let expected = [
        at("items[1].site", "API_BAD_TEXT"),
        at("items[1].pollutant", "QTA_UNKNOWN_POLLUTANT"),
        at("items[1].quantity", "API_NOT_DECIMAL"),
        at("items[1].origin", "API_UNKNOWN_WORD"),
        at("items[1].valid_from", "API_NOT_DATE"),
        at("items[1].valid_to", "API_NOT_DATE"),
        at("items[2].site", "QTA_DUPLICATE_ROW"),
    ];
    assert_eq!(told(&ended), expected);
    assert!(ended["faults"][6]["message"].as_str().unwrap().contains("items[0]"), "{:#}", ended["faults"][6]);
}
