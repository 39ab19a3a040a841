//! Extracts of the lien register: a bank searches before it lends, and what it takes away proves itself to a court.

use crate::exports::programs::{ganhe, scratch};
use crate::support::World;
use crate::support::client::{Answer, Client};
use crate::support::world::{Enterprise, TONGCHENG};
use ganhe::access::Role;
use ganhe::ledger::log::sequence_once;
use ganhe::paper::proof::{ProofFault, ProofFile};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

async fn searches(world: &World, client: &Client, of: &Enterprise, as_of: Option<&str>) -> Answer {
    // The clock of a test stands still, and what was recorded at the same instant is told apart by later ones.
    world.an_hour_passes();
    let body = json!({"site": of.site, "right_class": of.class("COD"), "as_of": as_of});
    client.post("/encumbrance-searches", body).await
}

async fn extracts(client: &Client, pledge: Uuid) -> Answer {
    client.post("/extracts", json!({"pledge": pledge})).await
}

/// What a search has found: kind, quantity, number and party of each.
fn found(extract: &Value) -> Vec<[String; 4]> {
    let list = extract["search"]["encumbrances"].as_array().unwrap();
    let words =
        |one: &Value| ["kind", "quantity", "number", "party"].map(|name| one[name].as_str().unwrap().to_owned());
    list.iter().map(words).collect()
}

async fn printed(world: &World, client: &Client, extract: &Value) -> Vec<u8> {
    world.app.clock.advance(jiff::SignedDuration::from_mins(1));
    sequence_once(&world.app.shared.db).await.unwrap();
    let response = client.request(Method::GET, &format!("/extracts/{}/file", id(extract))).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    response.bytes().await.unwrap().to_vec()
}

async fn key(world: &World) -> String {
    let keys = world.nobody().get("/log/keys").await.granted();
    keys["keys"][0]["vkey"].as_str().unwrap().to_owned()
}

/// The program, with a database that is not there: a paper is verified without one.
async fn program(arguments: &[&str]) -> std::process::Output {
    ganhe("sqlite:/nowhere/none.sqlite", arguments).output().await.unwrap()
}

/// An extract of a pledge and of a search, both printed: for the trials of the verification.
pub async fn happened(world: &World, mill: &Enterprise, pledge: Uuid) -> Uuid {
    let search = searches(world, &mill.client, mill, None).await.granted();
    let extract = extracts(&world.bank.client, pledge).await.granted();
    for one in [&search, &extract] {
        printed(world, &mill.client, one).await;
    }
    id(&search)
}

#[tokio::test]
async fn a_bank_searches_before_it_lends_and_what_it_holds_proves_itself() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    searches(&world, &world.bank.client, &mill, None).await.is_refused_with("PLG_SEARCH_NOT_ALLOWED").with_status(403);
    let consent = mill.consents(&world.bank, &["COD"]).await;
    let clean = searches(&world, &world.bank.client, &mill, None).await.granted();
    assert_eq!(found(&clean), Vec::<[String; 4]>::new(), "that nothing lies on it is certified, too");
    assert_eq!((&clean["search"]["available"], &clean["search"]["pledged"]), (&json!("120.000"), &json!("0.000")));
    let before = world.now().to_string();
    world.an_hour_passes();

    let pledge = world.bank.agreed_pledge(&world, &mill, "40.000 t COD").await;
    let registered = world.bank.registers(pledge).await.granted();
    let number = registered["number"].as_str().unwrap().to_owned();
    world.an_hour_passes();
    let body = json!({"document": "(2022)鄂12执123号", "court": "咸宁市中级人民法院", "site": mill.site,
        "right_class": mill.class("COD"), "quantity": "100.000"});
    world.exchange.post("/freezes", body).await.granted();
    let bound = searches(&world, &world.bank.client, &mill, None).await.granted();
    let [court, document] = ["咸宁市中级人民法院", "(2022)鄂12执123号"];
    let bank = found(&bound)[0][3].clone();
    let wanted = [
        ["pledge", "40.000", &number, &bank],
        ["freeze", "80.000", document, court],
        ["waiting_freeze", "20.000", document, court],
    ];
    assert_eq!(found(&bound), wanted.map(|line| line.map(str::to_owned)));
    let amounts = ["quantity", "available", "committed", "pledged", "frozen"].map(|name| bound["search"][name].clone());
    assert_eq!(amounts, ["120.000", "0.000", "0.000", "40.000", "80.000"]);

    let past = searches(&world, &world.bank.client, &mill, Some(&before)).await.granted();
    assert_eq!(found(&past), Vec::<[String; 4]>::new(), "what stood then is final");
    let looks = mill.client.get("/access-log").await.granted();
    assert!(
        looks.to_string().contains(&consent.to_string()) && looks.to_string().contains("/api/v1/encumbrance-searches"),
        "the mill sees who has searched: {looks:#}"
    );

    let file = printed(&world, &world.bank.client, &bound).await;
    let proof = ProofFile::read(&file).unwrap();
    let key = key(&world).await;
    let proven = proof.verify(&[&key]).unwrap();
    assert_eq!((proven.kind, proven.number.as_str()), ("search", bound["number"].as_str().unwrap()));
    let hash = accounting::hexadecimal(&Sha256::digest(&file));
    let printed = world.nobody().get(&format!("/public/extracts?sha256={hash}")).await.granted();
    assert_eq!((&printed["number"], &printed["file_hash"]), (&bound["number"], &json!(hash)));
    world.nobody().get(&format!("/public/extracts?sha256={}", "0".repeat(64))).await.with_status(404);
    let nicer = ProofFile { certificate: proof.certificate.replace("pledged 40000000", "pledged 0"), ..proof };
    assert!(matches!(nicer.verify(&[&key]), Err(ProofFault::Certificate(_))));
    world.books_are_right().await;
}

#[tokio::test]
async fn an_extract_of_a_pledge_names_its_journals_and_a_court_verifies_it_with_the_key_alone() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(&world, &mill, "40.000 t COD").await;
    extracts(&world.bank.client, pledge).await.is_refused_with("PLG_NOT_REGISTERED").with_status(409);
    world.bank.registers(pledge).await.granted();
    let extract = extracts(&world.bank.client, pledge).await.granted();
    let text = extract["content"].as_str().unwrap();
    for line in ["state registered\n", "grams 40000000\n", "event pledge_applied ", "event pledge_registered "] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    let early = world.bank.client.get(&format!("/extracts/{}/file", id(&extract))).await;
    assert_eq!(early.with_status(503).body["code"], "LOG_NOT_YET");
    let file = printed(&world, &world.bank.client, &extract).await;
    assert!(file == printed(&world, &mill.client, &extract).await, "the same bytes come ever after");

    let (paper, json) = (scratch("pdf"), scratch("json"));
    std::fs::write(&paper, &file).unwrap();
    let key = key(&world).await;
    let verified = program(&["verify", "certificate", paper.to_str().unwrap(), "--key", &key, "--text"]).await;
    assert!(verified.status.success(), "{verified:?}");
    let said = String::from_utf8(verified.stdout).unwrap();
    assert!(said.starts_with("Proved: the extract of a pledge EX-2022-000001") && said.contains(text), "{said}");

    let found = mill.client.get(&format!("/extracts/{}", id(&extract))).await.granted();
    let mut attached = found["proof"].clone();
    attached["certificate"] = found["content"].clone();
    let check = async |attached: &Value| world.nobody().post("/public/papers/check", attached.clone()).await;
    let proved = check(&attached).await.granted();
    assert_eq!((&proved["is_proved"], &proved["kind"]), (&json!(true), &json!("pledge")));
    attached["certificate"] = json!(text.replace("secured ", "secured 1"));
    let forged = check(&attached).await.granted();
    assert_eq!((&forged["is_proved"], &forged["number"]), (&json!(false), &Value::Null));
    std::fs::write(&json, attached.to_string()).unwrap();
    let refused = program(&["verify", "certificate", json.to_str().unwrap(), "--key", &key]).await;
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("another text"));
    std::fs::write(&paper, b"%PDF-1.7\nnothing").unwrap();
    let empty = program(&["verify", "certificate", paper.to_str().unwrap(), "--key", &key]).await;
    assert!(!empty.status.success() && String::from_utf8_lossy(&empty.stderr).contains("certificate.json"));
    for path in [paper, json] {
        std::fs::remove_file(path).unwrap();
    }

    world.bank.releases(pledge).await.granted();
    let after = extracts(&mill.client, pledge).await.granted();
    let text = after["content"].as_str().unwrap();
    assert!(text.contains("state released\n") && text.contains("grams 0\n"), "{text}");
    let about = world.bank.client.get(&format!("/extracts?subject={pledge}")).await.granted();
    assert_eq!(about["items"].as_array().unwrap().len(), 2);
    world.books_are_right().await;
}

#[tokio::test]
async fn who_has_no_business_with_it_neither_searches_nor_reads_and_anybody_checks_a_number() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.enterprise("通城玻璃").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(&world, &mill, "40.000 t COD").await;
    world.bank.registers(pledge).await.granted();
    searches(&world, &glass.client, &mill, None).await.is_refused_with("PLG_SEARCH_NOT_ALLOWED");
    searches(&world, &world.chibi_officer, &mill, None).await.is_refused_with("ORG_OUTSIDE_AREA");
    extracts(&glass.client, pledge).await.with_status(404);
    let unknown = json!({"site": mill.site, "right_class": "COD-MULTI-PAID-NOWHERE-20210101-20251231"});
    mill.client.post("/encumbrance-searches", unknown).await.is_refused_with("QTA_UNKNOWN_RIGHT_CLASS");
    let tomorrow = "2122-12-01T09:00:00+08:00";
    searches(&world, &mill.client, &mill, Some(tomorrow)).await.is_refused_with("LED_FUTURE_INSTANT");
    searches(&world, &mill.client, &mill, Some("yesterday")).await.with_status(422);
    for may in [&mill.client, &world.officer, &world.exchange] {
        searches(&world, may, &mill, None).await.granted();
    }
    let own = searches(&world, &world.bank.client, &mill, None).await.granted();
    for stranger in [&glass.client, &world.chibi_officer] {
        stranger.get(&format!("/extracts/{}", id(&own))).await.with_status(404);
        stranger.get(&format!("/extracts/{}/file", id(&own))).await.with_status(404);
    }
    let approver = world.member(mill.id, TONGCHENG, &[Role::EnterpriseApprover]).await;
    let read = approver.client.get(&format!("/extracts/{}", id(&own))).await.granted();
    assert_eq!(read["content"], own["content"]);
    let number = own["number"].as_str().unwrap();
    let told = world.nobody().get(&format!("/public/extracts/{number}")).await.granted();
    let names: Vec<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["as_of", "content_hash", "file_hash", "issued_on", "kind", "number", "registry"]);
    assert_eq!(told["content_hash"], own["content_hash"]);
    world.nobody().get("/public/extracts/EX-2022-999999").await.with_status(404);
    world.books_are_right().await;
}
