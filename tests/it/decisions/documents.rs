//! Documents as evidence.

use super::{id, task_about};
use crate::support::app::serve;
use crate::support::{Answer, World};
use ganhe::audit::verify::verify;
use ganhe::db::contents::Contents;
use ganhe::http::Shared;
use ganhe::kernel::ids::fresh;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::PathBuf;

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF\n";

fn sha(document: &Value) -> String {
    document["sha256"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_document_stands_in_the_journal_and_is_read_by_those_whom_it_concerns() {
    let world = World::new().await;
    let mill = world.enterprise("通城造纸").await;
    let stranger = world.enterprise("崇阳造纸").await;
    let document = world.head.upload("%E6%A0%B8%E5%AE%9A.pdf", "application/pdf", PDF).await.granted();
    assert_eq!((&document["name"], &document["media_type"]), (&json!("核定.pdf"), &json!("application/pdf")));
    let path = format!("/documents/{}", id(&document));
    mill.client.get(&path).await.is_refused_with("API_NOT_FOUND");
    let allocation = id(&world.propose_allocation(&mill, "10.000 t COD").await.granted());
    let confirm = format!("/allocations/{allocation}/confirm");
    let with = json!({"reason": "同意", "documents": [id(&document)]});
    world.city_head.post(&confirm, with.clone()).await.is_refused_with("DOC_UNKNOWN");
    world.head.post(&confirm, with).await.granted();
    let journals = world.auditor.get("/audit/journals?limit=200").await.granted();
    let proved =
        journals["items"].as_array().unwrap().iter().find(|one| one["kind"] == "allocation_confirmed").unwrap();
    assert_eq!(proved["document_hash"], document["sha256"]);
    let records = world.head.get(&format!("/decisions?subject={allocation}")).await.granted();
    assert_eq!(records["items"][0]["document_hash"], document["sha256"]);
    for reader in [&mill.client, &world.officer, &world.city_officer, &world.auditor] {
        assert_eq!(reader.get(&path).await.granted()["sha256"], document["sha256"]);
    }
    for other in [&stranger.client, &world.chibi_officer, &world.bank.client] {
        other.get(&path).await.is_refused_with("API_NOT_FOUND");
        other.get(&format!("{path}/content")).await.is_refused_with("API_NOT_FOUND");
    }
    let of_it = format!("/documents?subject={allocation}");
    for reader in [&world.head, &mill.client, &world.officer, &world.city_officer, &world.auditor] {
        let found = reader.get(&of_it).await.granted();
        assert_eq!((&found["items"][0]["id"], &found["items"][1]), (&document["id"], &Value::Null));
    }
    for other in [&stranger.client, &world.chibi_officer, &world.bank.client] {
        assert_eq!(other.get(&of_it).await.granted()["items"], json!([]));
    }
    let other_thing = format!("/documents?subject={}", id(&document));
    assert_eq!(world.head.get(&other_thing).await.granted()["items"], json!([]));
    let seen = mill.client.get(&path).await.granted();
    assert_eq!(seen["used"].as_array().unwrap().len(), 1, "a reader learns only why they may: {seen:#}");
    world.books_are_right().await;
}

#[tokio::test]
async fn what_a_document_holds_is_never_served_as_a_page() {
    let world = World::new().await;
    let document = world.bank.client.upload("a%20b.pdf", "application/pdf", PDF).await.granted();
    let path = format!("/documents/{}/content", id(&document));
    let answer = Answer::of(world.bank.client.request(Method::GET, &path)).await;
    assert_eq!(answer.body.as_str().unwrap().as_bytes(), PDF);
    let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/octet-stream");
    assert_eq!(header("content-disposition"), "attachment; filename*=UTF-8''a%20b.pdf");
    assert_eq!(header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(header("x-content-type-options"), "nosniff");
    let own = world.bank.client.get("/documents").await.granted();
    assert_eq!(own["items"][0]["id"], document["id"]);
    assert_eq!(world.other_bank.client.get("/documents").await.granted()["items"], json!([]));
}

#[tokio::test]
async fn only_files_that_are_what_they_say_are_taken() {
    let world = World::new().await;
    let bank = &world.bank.client;
    let page = b"<html><script>alert(1)</script></html>";
    bank.upload("a.txt", "text/plain", page).await.is_refused_with("DOC_TYPE_NOT_ALLOWED");
    bank.upload("a.html", "text/html", page).await.is_refused_with("DOC_TYPE_NOT_ALLOWED");
    bank.upload("a.png", "image/png", PDF).await.is_refused_with("DOC_TYPE_DIFFERS");
    bank.upload("a.exe", "application/pdf", PDF).await.is_refused_with("DOC_TYPE_DIFFERS");
    bank.upload("a.pdf", "application/pdf", b"").await.is_refused_with("DOC_EMPTY");
    bank.upload("..%2Fa.pdf", "application/pdf", PDF).await.is_refused_with("DOC_BAD_NAME");
    bank.upload("%E2%80%AEfdp.pdf", "application/pdf", PDF).await.is_refused_with("DOC_BAD_NAME");
    world.auditor.upload("a.pdf", "application/pdf", PDF).await.is_refused_with("AUT_NOT_ALLOWED");
    world.nobody().upload("a.pdf", "application/pdf", PDF).await.is_refused_with("AUT_TOKEN_MISSING");
    let without_key = bank.request(Method::POST, "/documents").body(PDF);
    Answer::of(without_key).await.is_refused_with("API_KEY_MISSING");
    assert_eq!(bank.get("/documents").await.granted()["items"], json!([]));
    let key = fresh().to_string();
    let sent = |content: &'static [u8]| {
        let request = bank.request(Method::POST, "/documents").header("Idempotency-Key", &key);
        request.header("Content-Disposition", "attachment; filename=\"a.pdf\"").body(content)
    };
    let first = Answer::of(sent(PDF)).await.granted();
    assert_eq!(Answer::of(sent(PDF)).await.granted()["id"], first["id"], "a repeat is the same document");
    Answer::of(sent(b"%PDF-1.7 another")).await.is_refused_with("API_KEY_REUSED");
    let rehearsed = bank.request(Method::POST, "/documents?dry_run=true");
    let rehearsed = rehearsed.header("Content-Disposition", "attachment; filename=\"b.pdf\"").body(PDF);
    Answer::of(rehearsed).await.granted();
    assert_eq!(bank.get("/documents").await.granted()["items"].as_array().unwrap().len(), 1);
}

/// The same book, served with documents in a folder.
async fn with_folder(world: &World, largest: usize) -> (Shared, std::net::SocketAddr, PathBuf) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("documents-{}", fresh().simple()));
    let contents = Contents { folder: Some(folder.clone()), largest };
    let db = world.app.shared.db.clone().keeping(contents);
    let shared = Shared { db, ..world.app.shared.clone() };
    let address = serve(shared.clone()).await;
    (shared, address, folder)
}

#[tokio::test]
async fn a_folder_keeps_each_content_once_and_the_verification_names_what_was_changed_or_lost() {
    let world = World::new().await;
    let (shared, address, folder) = with_folder(&world, 4_096).await;
    let bank = world.bank.client.moved_to(address, &shared);
    let document = bank.upload("a.pdf", "application/pdf", PDF).await.granted();
    bank.upload("b.pdf", "application/pdf", PDF).await.granted();
    bank.upload("c.txt", "text/plain", "x".repeat(4_097).as_bytes()).await.is_refused_with("API_TOO_LARGE");
    let path = format!("/documents/{}/content", id(&document));
    assert_eq!(bank.get(&path).await.body.as_str().unwrap().as_bytes(), PDF);
    let sha256 = sha(&document);
    let file = folder.join(&sha256[..2]).join(&sha256);
    assert_eq!(std::fs::read(&file).unwrap(), PDF);
    assert_eq!(verify(&shared.db).await.unwrap().differences, []);
    std::fs::write(&file, b"%PDF-1.7 forged").unwrap();
    let found = verify(&shared.db).await.unwrap().differences;
    assert_eq!((found.len(), found[0].table, found[0].row.as_str()), (1, "document_contents", sha256.as_str()));
    assert!(found[0].fault.contains("has the hash"), "{}", found[0]);
    std::fs::remove_file(&file).unwrap();
    let found = verify(&shared.db).await.unwrap().differences;
    assert!(found[0].fault.contains("missing"), "{}", found[0]);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_pledge_is_verified_and_a_deposit_undone_on_a_document() {
    let world = World::new().await;
    let mill = world.seller("通城造纸", "30.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = id(&world.bank.applies(&mill, "10.000 t COD").await.granted());
    let mut documents = Vec::new();
    for content in ["核对表一", "核对表二"] {
        documents.push(world.officer.upload("a.txt", "text/plain", content.as_bytes()).await.granted());
    }
    let ids: Vec<_> = documents.iter().map(id).collect();
    let task = task_about(&world.officer, pledge).await;
    let yes = json!({"outcome": "approved", "documents": ids});
    world.officer.post(&format!("/tasks/{}/decide", id(&task)), yes).await.granted();
    let record = super::record_of(&world.officer, &task).await;
    let mut hashes: Vec<String> = documents.iter().map(sha).collect();
    hashes.sort();
    assert!(
        record["document_hash"].is_string() && !hashes.contains(&record["document_hash"].as_str().unwrap().to_owned())
    );
    for reader in [&mill.client, &world.bank.client] {
        reader.get(&format!("/documents/{}", ids[1])).await.granted();
    }
    world.other_bank.client.get(&format!("/documents/{}", ids[1])).await.is_refused_with("API_NOT_FOUND");
    let head = world.settlement_head().await;
    let deposit = world.deposits_on(&head, &mill, "10.00", "2022-12-01").await.granted();
    let path = format!("/journals/{}/reversal", deposit["journal"].as_str().unwrap());
    head.post(&path, json!({"reason": "错账"})).await.is_refused_with("DOC_MISSING");
    let slip = head.upload("slip.pdf", "application/pdf", PDF).await.granted();
    let other = json!({"reason": "错账", "documents": [id(&slip)], "document_hash": "9f".repeat(32)});
    head.post(&path, other).await.is_refused_with("DOC_HASH_DIFFERS");
    let undone = head.post(&path, json!({"reason": "错账", "documents": [id(&slip)]})).await.granted();
    assert_eq!(undone["document_hash"], slip["sha256"]);
    world.books_are_right().await;
}
