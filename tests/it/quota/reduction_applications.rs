//! Applications for the registration of reductions (减排登记申请): the mill applies with its evidence, the county's bureau decides.

use super::batches::id;
use crate::decisions::{approves, inbox, record_of, refuses, task_about};
use crate::support::World;
use crate::support::world::{Enterprise, XIANAN};
use crate::support::{Answer, Client};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const LIST: &str = "/reduction-applications";

/// What the mill applies for, such as `"10.000 t COD"`, on a document of its own.
async fn applies(mill: &Enterprise, holding: &str) -> Answer {
    let evidence = id(&mill.client.upload("a.pdf", "application/pdf", b"%PDF-1.7 measured").await.granted());
    mill.client.post(LIST, body(mill, holding, &[evidence])).await
}

fn body(mill: &Enterprise, holding: &str, documents: &[Uuid]) -> Value {
    let (quantity, pollutant) = holding.split_once(" t ").unwrap();
    json!({"site": mill.site, "pollutant": pollutant, "quantity": quantity, "statement": "废水深度处理工程投运",
        "documents": documents})
}

/// An application that waits for the bureau.
pub async fn applied(mill: &Enterprise, holding: &str) -> Uuid {
    id(&applies(mill, holding).await.granted())
}

async fn step(client: &Client, application: Uuid, verb: &str, body: Value) -> Answer {
    client.post(&format!("{LIST}/{application}/{verb}"), body).await
}

/// One of every state.
pub async fn of_every_state(world: &World, mill: &Enterprise) {
    let registered = applied(mill, "1.000 t COD").await;
    let document = id(&world.officer.upload("c.pdf", "application/pdf", b"%PDF-1.7 checked").await.granted());
    let body = json!({"document": "减排核定2022-090", "reason": "核查属实", "documents": [document]});
    step(&world.officer, registered, "register", body).await.granted();
    let refused = applied(mill, "2.000 t COD").await;
    step(&world.officer, refused, "refuse", json!({"reason": "与监测数据不符"})).await.granted();
    let withdrawn = applied(mill, "3.000 t COD").await;
    step(&mill.client, withdrawn, "withdraw", json!({})).await.granted();
    applied(mill, "4.000 t COD").await;
}

#[tokio::test]
async fn what_the_mill_has_reduced_is_registered_on_its_evidence_and_may_be_sold() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.buyer("通城玻璃", "500000.00").await);
    world.allocate(&mill, "20.000 t COD").await;
    mill.offers("1.000 t COD", "9000.00", &glass).await.is_refused_with("TRD_REDUCTION_NOT_REGISTERED");
    let application = applies(&mill, "10.000 t COD").await.with_status(201).clone().granted();
    assert_eq!((&application["state"], &application["number"]), (&json!("submitted"), &json!("RD-2022-000001")));
    let hash = accounting::hexadecimal(&Sha256::digest(b"%PDF-1.7 measured"));
    assert_eq!(application["document_hash"], json!(hash));
    applies(&mill, "5.000 t COD").await.is_refused_with("QTA_REDUCTION_APPLIED_ALREADY").with_status(409);
    mill.offers("1.000 t COD", "9000.00", &glass).await.is_refused_with("TRD_REDUCTION_NOT_REGISTERED");
    let task = task_about(&world.officer, id(&application)).await;
    assert_eq!((&task["act"], &task["subject_kind"]), (&json!("reduction"), &json!("reduction_application")));
    let register = json!({"quantity": "10.001", "document": "减排核定2022-003"});
    step(&world.officer, id(&application), "register", register).await.is_refused_with("QTA_OVER_APPLICATION");
    let less = json!({"quantity": "8.000", "document": "减排核定2022-003", "reason": "经现场核查属实"});
    let registered = step(&world.officer, id(&application), "register", less).await.granted();
    assert_eq!((&registered["state"], &registered["version"]), (&json!("registered"), &json!(2)));
    let path = format!("/reductions/{}", registered["reduction"].as_str().unwrap());
    let reduction = mill.client.get(&path).await.granted();
    let told = ["quantity", "document", "document_hash"].map(|name| reduction[name].clone());
    assert_eq!(told, [json!("8.000"), json!("减排核定2022-003"), json!(hash)]);
    let record = record_of(&world.officer, &task).await;
    assert_eq!((&record["outcome"], &record["reason"]), (&json!("approved"), &json!("经现场核查属实")));
    mill.offers("8.001 t COD", "9000.00", &glass).await.is_refused_with("TRD_REDUCTION_NOT_REGISTERED");
    mill.offers("8.000 t COD", "9000.00", &glass).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn the_inbox_of_the_bureau_registers_and_refuses_and_its_own_registrations_still_wait_there() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let first = applied(&mill, "3.000 t COD").await;
    assert_eq!(inbox(&world.xianan_officer).await.len(), 0, "another county's");
    let task = task_about(&world.officer, first).await;
    approves(&world.officer, &task).await.granted();
    let found = mill.client.get(&format!("{LIST}/{first}")).await.granted();
    let path = format!("/reductions/{}", found["reduction"].as_str().unwrap());
    assert_eq!(mill.client.get(&path).await.granted()["document"], found["number"]);
    let second = applied(&mill, "4.000 t COD").await;
    let task = task_about(&world.head, second).await;
    refuses(&world.head, &task, "与监测数据不符").await.granted();
    let found = mill.client.get(&format!("{LIST}/{second}")).await.granted();
    assert_eq!((&found["state"], &found["reason"]), (&json!("refused"), &json!("与监测数据不符")));
    world.adopts(&[("four_eyes_reduction", "on")]).await.granted();
    let own = json!({"site": mill.site, "pollutant": "COD", "quantity": "1.000", "document": "减排核定2022-009"});
    let waits = world.officer.post("/reductions", own).await.with_status(202).clone().granted();
    approves(&world.head, &waits).await.granted();
    let third = applied(&mill, "5.000 t COD").await;
    step(&world.officer, third, "register", json!({})).await.granted();
    let listed = world.auditor.get(&format!("/reductions?site={}", mill.site)).await.granted();
    assert_eq!(listed["items"].as_array().unwrap().len(), 3);
    world.books_are_right().await;
}

#[tokio::test]
async fn what_cannot_have_been_reduced_is_refused() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    let evidence = id(&mill.client.upload("a.pdf", "application/pdf", b"%PDF-1.7 measured").await.granted());
    let post = async |holding: &str| mill.client.post(LIST, body(&mill, holding, &[evidence])).await;
    mill.client.post(LIST, body(&mill, "1.000 t COD", &[])).await.is_refused_with("DOC_MISSING");
    mill.client.post(LIST, body(&glass, "1.000 t COD", &[evidence])).await.is_refused_with("QTA_NOT_YOUR_SITE");
    post("1.000 t NH3N").await.is_refused_with("QTA_NOTHING_TO_REDUCE");
    post("1.000 t DUST").await.is_refused_with("QTA_UNKNOWN_POLLUTANT");
    post("0.000 t COD").await.is_refused_with("API_ZERO");
    let permit = mill.client.get(&format!("/permits/{}", mill.permit)).await.granted();
    let of_cod = permit["quantities"].as_array().unwrap().iter().find(|one| one["pollutant"] == "COD").unwrap();
    let permitted = of_cod["quantity"].as_str().unwrap();
    let more = permitted.replace(".000", ".001");
    post(&format!("{more} t COD")).await.is_refused_with("QTA_OVER_PERMITTED");
    post(&format!("{permitted} t COD")).await.granted();
    world.officer.post(LIST, body(&mill, "1.000 t COD", &[evidence])).await.is_refused_with("AUT_NOT_ALLOWED");
    world.books_are_right().await;
}

#[tokio::test]
async fn an_application_ends_once_and_only_those_whom_it_concerns_know_of_it() {
    let world = World::new().await;
    let (mill, glass) = (world.enterprise("临江纸业").await, world.enterprise("通城玻璃").await);
    let elsewhere = world.enterprise_in("咸安纸业", XIANAN, "paper").await;
    let application = applied(&mill, "2.000 t COD").await;
    for stranger in [&glass.client, &elsewhere.client, &world.xianan_officer] {
        stranger.get(&format!("{LIST}/{application}")).await.with_status(404);
    }
    step(&world.xianan_officer, application, "register", json!({})).await.with_status(404);
    step(&world.xianan_officer, application, "refuse", json!({"reason": "非本辖区"})).await.with_status(404);
    step(&glass.client, application, "withdraw", json!({})).await.with_status(404);
    step(&world.officer, application, "refuse", json!({})).await.is_refused_with("TSK_REASON_MISSING");
    step(&mill.client, application, "withdraw", json!({})).await.granted();
    assert_eq!(inbox(&world.officer).await.len(), 0);
    for (client, verb) in [(&world.officer, "register"), (&mill.client, "withdraw")] {
        step(client, application, verb, json!({})).await.is_refused_with("QTA_REDUCTION_STATE").with_status(409);
    }
    let again = applied(&mill, "2.000 t COD").await;
    let (one, other) = tokio::join!(
        step(&world.officer, again, "register", json!({})),
        step(&world.head, again, "register", json!({})),
    );
    let granted = [&one, &other].iter().filter(|answer| answer.status.is_success()).count();
    assert_eq!(granted, 1, "{:#} {:#}", one.body, other.body);
    let listed = world.auditor.get(&format!("/reductions?site={}", mill.site)).await.granted();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    world.books_are_right().await;
}
