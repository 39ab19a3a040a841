//! Batches of grants as stories: a file becomes one proposal and one decision, and nobody ever sees a part of it.

use crate::support::world::{CHIBI, Enterprise, TONGCHENG};
use crate::support::{Client, World};
use ganhe::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// The first line of a file.
pub const COLUMNS: &str = "site,pollutant,origin,valid_from,valid_to,zone,quantity,document";

pub fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

/// Number of an enterprise's site.
pub async fn number_of(world: &World, enterprise: &Enterprise) -> String {
    world.auditor.get(&format!("/sites/{}", enterprise.site)).await.text("number")
}

/// A row that grants paid rights such as `"12.500 t COD"`.
pub async fn row(world: &World, enterprise: &Enterprise, holding: &str) -> String {
    let (quantity, pollutant) = holding.split_once(" t ").unwrap();
    format!("{},{pollutant},paid,2021-01-01,2025-12-31,,{quantity},", number_of(world, enterprise).await)
}

/// A file of these rows.
pub fn file(rows: &[String]) -> String {
    format!("{COLUMNS}\n{}\n", rows.join("\n"))
}

/// Uploads a file and proposes it as a batch: how the work has ended.
pub async fn proposes(client: &Client, name: &str, kind: &str, content: &[u8]) -> Value {
    let document = id(&client.upload(name, kind, content).await.granted());
    // Each file is a document of its own.
    let number = content.iter().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
    let body = json!({"number": format!("咸环核〔2022〕{number}号"), "document": document});
    let begun = client.post("/allocation-batches", body).await;
    begun.with_status(202);
    client.ended(&begun.text("id")).await
}

/// The same for a CSV file that is good.
pub async fn proposed(client: &Client, content: &str) -> Uuid {
    let ended = proposes(client, "batch.csv", "text/csv", content.as_bytes()).await;
    assert_eq!(ended["state"], "finished", "{ended:#}");
    ended["result"]["batch"].as_str().unwrap().parse().unwrap()
}

/// Confirms a batch: how the work has ended.
pub async fn confirms(client: &Client, batch: Uuid) -> Value {
    let begun = client.post(&format!("/allocation-batches/{batch}/confirm"), json!({"reason": "资料齐全"})).await;
    begun.with_status(202);
    client.ended(&begun.text("id")).await
}

#[tokio::test]
async fn a_file_becomes_one_proposal_and_one_decision() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise_in("赤壁玻璃", CHIBI, "glass").await);
    let rows = [row(&world, &mill, "120.000 t COD").await, row(&world, &glass, "80.500 t COD").await];
    let batch = proposed(&world.city_officer, &file(&rows)).await;
    let found = world.city_head.get(&format!("/allocation-batches/{batch}")).await.granted();
    assert_eq!((&found["state"], &found["allocations"], &found["version"]), (&json!("proposed"), &json!(2), &json!(1)));
    assert_eq!(found["area_path"], "420000/421200", "the area that holds both counties");
    let own = mill.client.get("/allocations?state=proposed").await.granted();
    assert_eq!((&own["items"][0]["quantity"], &own["items"][0]["line"]), (&json!("120.000"), &json!(2)));
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "0.000");

    let ended = confirms(&world.city_head, batch).await;
    assert_eq!((&ended["state"], &ended["done"], &ended["total"]), (&json!("finished"), &json!(2), &json!(2)));
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "120.000");
    assert_eq!(world.balance(glass.site, &glass.class("COD"), "available").await, "80.500");
    let active = world.auditor.get(&format!("/allocations?state=active&batch={batch}")).await.granted();
    assert_eq!(active["items"].as_array().unwrap().len(), 2);
    assert!(mill.client.get("/allocations?state=proposed").await.granted()["items"].as_array().unwrap().is_empty());
    let records = world.auditor.get(&format!("/decisions?subject={batch}")).await.granted();
    assert_eq!(records["items"].as_array().unwrap().len(), 1, "one decision record for the batch");
    assert_eq!(records["items"][0]["state"], "decided");
    let used = world.auditor.get(&format!("/capacities?area={TONGCHENG}&pollutant=COD")).await.granted();
    assert_eq!((&used["items"][0]["used"], &used["items"][0]["headroom"]), (&json!("120.000"), &json!("880.000")));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_workbook_and_a_list_say_the_same_as_a_file() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let names = ["排污单位编号", "污染物", "取得方式", "有效期起", "有效期止", "数量"];
    for (column, name) in (0..).zip(names) {
        sheet.write_string(0, column, name).unwrap();
    }
    let days = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    sheet.write_string(1, 0, number_of(&world, &mill).await).unwrap();
    sheet.write_string(1, 1, "COD").unwrap();
    sheet.write_string(1, 2, "有偿").unwrap();
    let date = |text| rust_xlsxwriter::ExcelDateTime::parse_from_str(text).unwrap();
    sheet.write_datetime_with_format(1, 3, date("2021-01-01"), &days).unwrap();
    sheet.write_string(1, 4, "2025-12-31").unwrap();
    sheet.write_number(1, 5, 12.5).unwrap();
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let ended = proposes(&world.city_officer, "a.xlsx", kind, &book.save_to_buffer().unwrap()).await;
    assert_eq!(ended["state"], "finished", "{ended:#}");
    let batch = ended["result"]["batch"].as_str().unwrap().parse().unwrap();
    assert_eq!(confirms(&world.city_head, batch).await["state"], "finished");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "12.500");

    let item = json!({"site": number_of(&world, &glass).await, "pollutant": "COD", "origin": "paid",
        "valid_from": "2021-01-01", "valid_to": "2025-12-31", "zone": null, "quantity": "7.250", "document": "核定2号"});
    let body = json!({"number": "咸环核〔2022〕2号", "items": [item]});
    let begun = world.city_officer.post("/allocation-batches", body).await;
    let ended = world.city_officer.ended(&begun.text("id")).await;
    let batch = ended["result"]["batch"].as_str().unwrap().parse().unwrap();
    assert_eq!(confirms(&world.city_head, batch).await["state"], "finished");
    assert_eq!(world.balance(glass.site, &glass.class("COD"), "available").await, "7.250");
    world.books_are_right().await;
}

#[tokio::test]
async fn nobody_confirms_their_own_batch_and_nobody_confirms_one_twice() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let both = world.also(&world.city_officer, Role::BureauHead);
    let batch = proposed(&both, &file(&[row(&world, &mill, "1.000 t COD").await])).await;
    let confirm = format!("/allocation-batches/{batch}/confirm");
    both.post(&confirm, json!({})).await.is_refused_with("AUT_OWN_PROPOSAL");
    world.xianan_officer.get(&format!("/allocation-batches/{batch}")).await.with_status(404);
    mill.client.get(&format!("/allocation-batches/{batch}")).await.with_status(404);
    assert_eq!(confirms(&world.city_head, batch).await["state"], "finished");
    world.city_head.post(&confirm, json!({})).await.is_refused_with("QTA_ALREADY_DECIDED").with_status(409);
    let reject = format!("/allocation-batches/{batch}/reject");
    world.city_head.post(&reject, json!({"reason": "材料不全"})).await.is_refused_with("QTA_ALREADY_DECIDED");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "1.000");
}

#[tokio::test]
async fn a_rejected_batch_moves_nothing_and_its_file_may_come_again() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let content = file(&[row(&world, &mill, "1.000 t COD").await]);
    let batch = proposed(&world.city_officer, &content).await;
    let again = proposes(&world.city_officer, "again.csv", "text/csv", content.as_bytes()).await;
    assert_eq!(again["faults"][0]["code"], "QTA_BATCH_KNOWN");
    let grant = id(&mill.client.get("/allocations").await.granted()["items"][0]);
    let alone = world.city_head.post(&format!("/allocations/{grant}/confirm"), json!({})).await;
    alone.is_refused_with("QTA_IN_BATCH").with_status(409);
    let task = id(&world.city_head.get(&format!("/tasks?subject={batch}")).await.granted()["items"][0]);
    let no = json!({"outcome": "refused", "reason": "材料不全"});
    world.city_head.post(&format!("/tasks/{task}/decide"), no).await.granted();
    assert_eq!(mill.client.get(&format!("/allocations/{grant}")).await.text("state"), "rejected");
    let second = proposed(&world.city_officer, &content).await;
    let task = id(&world.city_head.get(&format!("/tasks?subject={second}")).await.granted()["items"][0]);
    world.city_head.post(&format!("/tasks/{task}/decide"), json!({"outcome": "approved"})).await.granted();
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "1.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn two_heads_at_the_same_moment_confirm_a_batch_once() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let batch = proposed(&world.city_officer, &file(&[row(&world, &mill, "1.000 t COD").await])).await;
    let other = world.colleague_of(&world.city_head, Role::BureauHead).await;
    let confirm = format!("/allocation-batches/{batch}/confirm");
    let attempts = [&world.city_head, &other, &world.city_head, &other].map(|head| {
        let (head, confirm) = (head.clone(), confirm.clone());
        tokio::spawn(async move {
            let answer = head.post(&confirm, json!({})).await;
            if answer.status == 202 { head.ended(&answer.text("id")).await["state"].clone() } else { json!("refused") }
        })
    });
    let mut finished = 0;
    for attempt in attempts {
        finished += usize::from(attempt.await.unwrap() == "finished");
    }
    assert!(finished >= 1, "nobody confirmed it");
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "1.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn what_breaks_a_rule_since_it_was_proposed_keeps_the_whole_batch_back() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    let rows = [row(&world, &mill, "120.000 t COD").await, row(&world, &glass, "80.000 t COD").await];
    let batch = proposed(&world.city_officer, &file(&rows)).await;
    let cap = json!({"area": TONGCHENG, "pollutant": "COD", "cap": "199.999", "valid_from": "2022-12-01", "document": "调减"});
    world.city_head.post("/capacities", cap).await.granted();
    let ended = confirms(&world.city_head, batch).await;
    assert_eq!((&ended["state"], ended["faults"].as_array().unwrap().len()), (&json!("failed"), 1), "{ended:#}");
    let fault = &ended["faults"][0];
    assert_eq!((&fault["code"], &fault["field"]), (&json!("QTA_OVER_HEADROOM"), &json!("lines[3].quantity")));
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "0.000");
    assert_eq!(world.auditor.get(&format!("/allocation-batches/{batch}")).await.text("state"), "proposed");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_document_is_granted_once_in_an_area_however_often_and_whenever_it_is_proposed() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise_in("赤壁玻璃", CHIBI, "glass").await);
    let item = |site: &str, quantity: usize| json!({"site": site, "pollutant": "COD", "origin": "paid", "valid_from": "2021-01-01", "valid_to": "2025-12-31", "quantity": format!("{quantity}.000")});
    let (mill_site, glass_site) = (number_of(&world, &mill).await, number_of(&world, &glass).await);
    let proposes = async |items: Value| {
        let body = json!({"number": "咸环核〔2022〕9号", "items": items});
        let begun = world.city_officer.post("/allocation-batches", body).await;
        world.city_officer.ended(&begun.text("id")).await
    };
    let code = |ended: &Value| (ended["faults"][0]["code"].clone(), ended["faults"][0]["field"].clone());
    // At the same moment, each with another content.
    let ended = futures::future::join_all((1..=4).map(|quantity| proposes(json!([item(&mill_site, quantity)])))).await;
    let first: Vec<&Value> = ended.iter().filter(|one| one["state"] == "finished").collect();
    assert_eq!(first.len(), 1, "{ended:#?}");
    for refused in ended.iter().filter(|one| one["state"] != "finished") {
        assert_eq!(code(refused), (json!("QTA_BATCH_NUMBER_TAKEN"), json!("number")));
    }
    // The area of the city holds that of the county; that of the neighbour does not.
    let wider = proposes(json!([item(&mill_site, 5), item(&glass_site, 5)])).await;
    assert_eq!(code(&wider).0, "QTA_BATCH_NUMBER_TAKEN");
    assert_eq!(proposes(json!([item(&glass_site, 6)])).await["state"], "finished");
    let batch: Uuid = first[0]["result"]["batch"].as_str().unwrap().parse().unwrap();
    let no = json!({"reason": "材料不全"});
    world.city_head.post(&format!("/allocation-batches/{batch}/reject"), no).await.granted();
    let again = proposes(json!([item(&mill_site, 7)])).await;
    assert_eq!(again["state"], "finished", "what was rejected may come again: {again:#}");
    let batch: Uuid = again["result"]["batch"].as_str().unwrap().parse().unwrap();
    assert_eq!(confirms(&world.city_head, batch).await["state"], "finished");
    assert_eq!(
        code(&proposes(json!([item(&mill_site, 8)])).await).0,
        "QTA_BATCH_NUMBER_TAKEN",
        "nor after it is granted"
    );
    assert_eq!(world.balance(mill.site, &mill.class("COD"), "available").await, "7.000");
    world.books_are_right().await;
}
