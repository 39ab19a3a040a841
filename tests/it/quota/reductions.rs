//! Registered reductions (减排登记): on evidence, and by two people where the rulebook asks for it.

use super::batches::id;
use crate::decisions::{approves, inbox, record_of, refuses};
use crate::support::World;
use crate::support::world::Enterprise;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn reduction(mill: &Enterprise, document: &str, evidence: &[Value]) -> Value {
    json!({"site": mill.site, "pollutant": "COD", "quantity": "10.000", "document": document, "documents": evidence})
}

#[tokio::test]
async fn one_officer_registers_a_reduction_on_evidence_that_the_enterprise_reads() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let evidence = world.officer.upload("a.pdf", "application/pdf", b"%PDF-1.7 verified").await.granted();
    let body = reduction(&mill, "减排核定2022-003", &[evidence["id"].clone()]);
    let registered = world.officer.post("/reductions", body).await.with_status(201).clone().granted();
    let hash = accounting::hexadecimal(&Sha256::digest(b"%PDF-1.7 verified"));
    assert_eq!(registered["document_hash"], json!(hash));
    mill.client.get(&format!("/documents/{}/content", id(&evidence))).await.with_status(200);
    let found = world.officer.get(&format!("/decisions?subject={}", id(&registered))).await.granted();
    let record = &found["items"][0];
    assert_eq!((&record["act"], &record["second_person"]), (&json!("reduction"), &json!(false)), "{found:#}");
    let anothers = mill.client.upload("b.pdf", "application/pdf", b"%PDF-1.7 own").await.granted();
    let body = reduction(&mill, "减排核定2022-004", &[anothers["id"].clone()]);
    world.officer.post("/reductions", body).await.is_refused_with("DOC_UNKNOWN");
    let bare = reduction(&mill, "减排核定2022-005", &[]);
    assert_eq!(world.officer.post("/reductions", bare).await.granted()["document_hash"], Value::Null);
    world.books_are_right().await;
}

#[tokio::test]
async fn no_more_is_registered_than_the_site_may_discharge() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let wanted = |pollutant: &str, quantity: &str| json!({"site": mill.site, "pollutant": pollutant, "quantity": quantity, "document": "减排核定2022-009"});
    let over = world.officer.post("/reductions", wanted("COD", "500.001")).await;
    over.is_refused_with("QTA_REDUCTION_OVER_CEILING").with_status(422);
    let told = &over.body["violations"][0];
    assert_eq!((&told["field"], told["legal_basis"].is_string()), (&json!("quantity"), true));
    world.officer.post("/reductions", wanted("NH3N", "0.001")).await.is_refused_with("QTA_REDUCTION_OVER_CEILING");
    world.officer.post("/reductions", wanted("COD", "500.000")).await.granted();
    world.allocate(&mill, "600.000 t COD").await;
    let by_rights =
        json!({"site": mill.site, "pollutant": "COD", "quantity": "600.001", "document": "减排核定2022-010"});
    world.officer.post("/reductions", by_rights).await.is_refused_with("QTA_REDUCTION_OVER_CEILING");
    let by_rights =
        json!({"site": mill.site, "pollutant": "COD", "quantity": "600.000", "document": "减排核定2022-010"});
    world.officer.post("/reductions", by_rights).await.granted();
}

#[tokio::test]
async fn where_the_rulebook_asks_for_it_a_second_person_approves_a_reduction() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.allocate(&mill, "10.000 t COD").await;
    let glass = world.buyer("通城玻璃", "1000.00").await;
    world.adopts(&[("four_eyes_reduction", "on")]).await.granted();
    let evidence = world.officer.upload("a.pdf", "application/pdf", b"%PDF-1.7 verified").await.granted();
    let body = reduction(&mill, "减排核定2022-003", &[evidence["id"].clone()]);
    let waits = world.officer.post("/reductions", body.clone()).await.with_status(202).clone().granted();
    mill.offers("1.000 t COD", "9000.00", &glass).await.is_refused_with("TRD_REDUCTION_NOT_REGISTERED");
    world.head.get(&format!("/documents/{}/content", id(&evidence))).await.with_status(200);
    approves(&world.officer, &waits).await.is_refused_with("AUT_OWN_PROPOSAL");
    assert_eq!(inbox(&world.city_head).await.len(), 1, "the bureau above may approve too");
    let decided = approves(&world.city_head, &waits).await.granted();
    assert_eq!((&decided["subject_kind"], &decided["outcome"]), (&json!("reduction"), &json!("approved")));
    assert_eq!(record_of(&world.head, &waits).await["second_person"], json!(true));
    let found = world.auditor.get(&format!("/reductions?site={}", mill.site)).await.granted();
    assert_eq!(found["items"][0]["document_hash"], evidence["sha256"]);
    mill.offers("1.000 t COD", "9000.00", &glass).await.granted();
    world.officer.post("/reductions", body).await.is_refused_with("ORG_DUPLICATE").with_status(409);
    let other = reduction(&mill, "减排核定2022-004", &[]);
    let waits = world.officer.post("/reductions", other).await.with_status(202).clone().granted();
    refuses(&world.head, &waits, "与监测数据不符").await.granted();
    let found = world.auditor.get(&format!("/reductions?site={}", mill.site)).await.granted();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    world.books_are_right().await;
}
