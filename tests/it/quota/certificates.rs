//! Certificates of rights: the mill has its holding certified, prints it, and a bank that was shown the paper checks it.

use super::batches::id;
use crate::exports::programs::scratch;
use crate::support::World;
use crate::support::world::{Enterprise, TONGCHENG, WUHAN};
use crate::support::{Answer, Client};
use accounting::certificate::{Certificate, CertificateFault, CertificateProof, verify};
use accounting::note;
use accounting::tree::{Hash, check_inclusion};
use ganhe::access::Role;
use ganhe::ledger::log::sequence_once;
use qrcodegen::{QrCode, QrCodeEcc};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::process::Command;
use uuid::Uuid;

async fn issues(client: &Client, of: &Enterprise, pollutant: &str) -> Answer {
    client.post("/certificates", json!({"site": of.site, "right_class": of.class(pollutant)})).await
}

/// A certificate of what an enterprise holds of a pollutant.
pub async fn issued(mill: &Enterprise, pollutant: &str) -> Uuid {
    id(&issues(&mill.client, mill, pollutant).await.granted())
}

/// The file of a certificate.
pub async fn printed(client: &Client, certificate: Uuid) -> Vec<u8> {
    let response = client.request(Method::GET, &format!("/certificates/{certificate}/file")).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"application/pdf".parse().unwrap())
    );
    response.bytes().await.unwrap().to_vec()
}

/// Lets the log take what was recorded.
async fn is_logged(world: &World) {
    world.app.clock.advance(jiff::SignedDuration::from_mins(1));
    sequence_once(&world.app.shared.db).await.unwrap();
}

async fn state(world: &World, certificate: &Value) -> String {
    let number = certificate["number"].as_str().unwrap();
    world.nobody().get(&format!("/public/certificates/{number}")).await.text("state")
}

/// What a program of Poppler says about a file.
async fn read_by(program: &str, file: &[u8], before: &[&str], after: &[&str]) -> Vec<u8> {
    let path = scratch("pdf");
    std::fs::write(&path, file).unwrap();
    let output = Command::new(program).args(before).arg(&path).args(after).output().await.unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Whether a paper shows the square code of an address: printed on pixels of a tenth of a point, every module is as it must be, and white
/// around them, so that a camera finds it.
async fn shows_code_of(file: &[u8], address: &str) -> bool {
    let code = QrCode::encode_text(address, QrCodeEcc::Medium).unwrap();
    let (module, quiet) = (980 / code.size(), 4);
    let wide = (code.size() + 2 * quiet) * module;
    let [x, y, wide_text] = [640 - quiet * module, 6_600 - quiet * module, wide].map(|number| number.to_string());
    let crop = ["-r", "720", "-gray", "-x", &x, "-y", &y, "-W", &wide_text, "-H", &wide_text];
    let picture = read_by("pdftoppm", file, &crop, &[]).await;
    let head = format!("P5\n{wide} {wide}\n255\n");
    let pixels = picture.strip_prefix(head.as_bytes()).expect("a grey picture of that size");
    let is_dark = |column: i32, row: i32| {
        let middle = |place: i32| (place + quiet) * module + module / 2;
        pixels[usize::try_from(middle(row) * wide + middle(column)).unwrap()] < 128
    };
    let places = -quiet..code.size() + quiet;
    places.clone().all(|row| places.clone().all(|column| is_dark(column, row) == code.get_module(column, row)))
}

fn hashes(list: &Value) -> Vec<Hash> {
    let byte = |digits: &str, at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    let hash = |digits: &str| -> Hash {
        (0..64).step_by(2).map(|at| byte(digits, at)).collect::<Vec<u8>>().try_into().unwrap()
    };
    list.as_array().unwrap().iter().map(|digits| hash(digits.as_str().unwrap())).collect()
}

/// Verifies the attached proof with nothing but the key.
fn verified(attached: &Value, text: &str, key: &str) -> Result<Certificate, CertificateFault> {
    let inclusion = hashes(&attached["inclusion"]);
    let proof = CertificateProof {
        journal: attached["journal"].as_str().unwrap(),
        position: attached["position"].as_u64().unwrap(),
        inclusion: &inclusion,
        checkpoint: attached["checkpoint"].as_str().unwrap(),
    };
    verify(text, proof, &[key]).map(|(certificate, ..)| certificate)
}

/// A mill with 120 t, of which 40 t are pledged and 10 t offered.
async fn bound_mill(world: &World) -> Enterprise {
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    mill.consents(&world.bank, &["COD"]).await;
    let pledge = world.bank.agreed_pledge(world, &mill, "40.000 t COD").await;
    world.bank.registers(pledge).await.granted();
    let glass = world.buyer("通城玻璃", "100.00").await;
    mill.offers("10.000 t COD", "9000.00", &glass).await.granted();
    mill
}

#[tokio::test]
async fn the_paper_says_what_the_books_say_and_what_is_attached_proves_it_offline() {
    let world = World::new().await;
    let mill = bound_mill(&world).await;
    let certificate = issues(&mill.client, &mill, "COD").await.granted();
    let amounts =
        ["quantity", "available", "committed", "pledged", "frozen"].map(|name| certificate[name].as_str().unwrap());
    assert_eq!(amounts, ["120.000", "70.000", "10.000", "40.000", "0.000"]);
    let path = format!("/certificates/{}", id(&certificate));
    assert_eq!(mill.client.get(&path).await.granted()["proof"], Value::Null);
    let early = mill.client.get(&format!("{path}/file")).await;
    assert_eq!(early.with_status(503).body["code"], "LOG_NOT_YET");
    is_logged(&world).await;
    let file = printed(&mill.client, id(&certificate)).await;
    let (text, squeezed) = {
        let text = String::from_utf8(read_by("pdftotext", &file, &["-layout"], &["-"]).await).unwrap();
        let squeezed: String = text.split_whitespace().collect();
        (text, squeezed)
    };
    let hash = certificate["content_hash"].as_str().unwrap();
    let class = mill.class("COD");
    for said in [
        "排污权证",
        "CE-2022-000001",
        "临江纸业",
        "PERMIT-",
        "化学需氧量",
        "Chemical",
        "120.000t",
        "70.000t",
        "10.000t",
        "40.000t",
        "0.000t",
        "2021年01月01日–2025年12月31日",
        "通城县生态环境分局",
        "核定granted120.000t",
        &class,
        hash,
        "http://127.0.0.1:8080/api/v1/public/certificates/CE-2022-000001",
    ] {
        assert!(squeezed.contains(said), "{said} is not on the paper:\n{text}");
    }
    let address = "http://127.0.0.1:8080/api/v1/public/certificates/CE-2022-000001";
    assert!(shows_code_of(&file, address).await, "no camera finds {address}");
    assert!(!shows_code_of(&file, &address.replace("000001", "000002")).await, "another certificate has another code");
    let folder = scratch("attached");
    std::fs::create_dir(&folder).unwrap();
    read_by("pdfdetach", &file, &["-saveall", "-o", folder.to_str().unwrap()], &[]).await;
    let attached: Value = serde_json::from_slice(&std::fs::read(folder.join("certificate.json")).unwrap()).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let keys = world.nobody().get("/log/keys").await.granted();
    let key = keys["keys"][0]["vkey"].as_str().unwrap();
    let text = attached["certificate"].as_str().unwrap();
    let read = verified(&attached, text, key).unwrap();
    assert_eq!((read.grams.total(), read.grams.pledged), (120_000_000, 40_000_000));
    assert_eq!((read.hash().as_str(), text), (hash, certificate["content"].as_str().unwrap()));
    let more = text.replace("available 70000000", "available 90000000");
    assert_eq!(verified(&attached, &more, key), Err(CertificateFault::OtherText));
    let head = note::open(attached["checkpoint"].as_str().unwrap(), &[key]).unwrap().head;
    let origin = &attached["origins"][0];
    let leaf = hashes(&json!([origin["leaf_hash"]]))[0];
    check_inclusion(&hashes(&origin["inclusion"]), head.size, head.root, origin["position"].as_u64().unwrap(), leaf)
        .unwrap();
    assert_eq!(certificate["origins"][0]["leaf_hash"], origin["leaf_hash"]);
    assert_eq!(certificate["origins"][0]["kind"], "allocation_confirmed");
    world.books_are_right().await;
}

#[tokio::test]
async fn anybody_checks_a_number_or_a_file_and_learns_nothing_else() {
    let world = World::new().await;
    let mill = bound_mill(&world).await;
    let certificate = issues(&mill.client, &mill, "COD").await.granted();
    let number = certificate["number"].as_str().unwrap();
    let unprinted = world.nobody().get(&format!("/public/certificates/{number}")).await.granted();
    assert_eq!((&unprinted["state"], &unprinted["file_hash"]), (&json!("current"), &Value::Null));
    is_logged(&world).await;
    let file = printed(&mill.client, id(&certificate)).await;
    let again = printed(&world.officer, id(&certificate)).await;
    assert!(file == again, "the same bytes come ever after");
    let hash = accounting::hexadecimal(&Sha256::digest(&file));
    let checked = world.nobody().get(&format!("/public/certificates?sha256={hash}")).await.granted();
    assert_eq!(checked, world.nobody().get(&format!("/public/certificates/{number}")).await.granted());
    assert_eq!((&checked["file_hash"], &checked["content_hash"]), (&json!(hash), &certificate["content_hash"]));
    let told: Vec<&str> = checked.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(told, ["content_hash", "file_hash", "issued_on", "number", "registry", "state"]);
    let other = accounting::hexadecimal(&Sha256::digest([&file[..], b" "].concat()));
    world.nobody().get(&format!("/public/certificates?sha256={other}")).await.with_status(404);
    world.nobody().get("/public/certificates?sha256=0").await.is_refused_with("API_NOT_HASH");
    world.nobody().get("/public/certificates/CE-2022-000002").await.with_status(404);
    assert_eq!(mill.client.get("/certificates").await.granted()["items"][0]["file_hash"], json!(hash));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_certificate_is_worth_what_the_books_say_today() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let first = issues(&mill.client, &mill, "COD").await.granted();
    assert_eq!(state(&world, &first).await, "current");
    let glass = world.buyer("通城玻璃", "100.00").await;
    let offer = id(&mill.offers("10.000 t COD", "9000.00", &glass).await.granted());
    assert_eq!(state(&world, &first).await, "changed", "as much, but not as free");
    mill.client.post(&format!("/offers/{offer}/withdraw"), json!({})).await.granted();
    assert_eq!(state(&world, &first).await, "current");
    let second = issues(&world.officer, &mill, "COD").await.granted();
    assert_eq!(
        (state(&world, &first).await.as_str(), state(&world, &second).await.as_str()),
        ("superseded", "current")
    );
    world.days_pass(1_126);
    assert_eq!(state(&world, &second).await, "current", "the last day of its validity");
    world.days_pass(1);
    assert_eq!((state(&world, &first).await.as_str(), state(&world, &second).await.as_str()), ("expired", "expired"));
    world.books_are_right().await;
}

#[tokio::test]
async fn what_nobody_holds_and_what_is_anothers_is_not_certified() {
    let world = World::new().await;
    let (mill, glass) = (world.seller("临江纸业", "1.000 t COD").await, world.enterprise("通城玻璃").await);
    world.allocate(&mill, "1.000 t SO2").await;
    issues(&glass.client, &glass, "COD").await.is_refused_with("QTA_NOTHING_HELD").with_status(422);
    issues(&glass.client, &mill, "COD").await.is_refused_with("QTA_NOT_YOUR_SITE").with_status(403);
    issues(&world.chibi_officer, &mill, "COD").await.is_refused_with("ORG_OUTSIDE_AREA");
    issues(&world.bank.client, &mill, "COD").await.is_refused_with("AUT_NOT_ALLOWED");
    let unknown = json!({"site": mill.site, "right_class": "COD-MULTI-PAID-NOWHERE-20210101-20251231"});
    mill.client.post("/certificates", unknown).await.is_refused_with("QTA_UNKNOWN_RIGHT_CLASS");
    let certificate = issued(&mill, "SO2").await;
    let wuhan = world.enterprise_in("武汉造纸", WUHAN, "paper").await;
    for stranger in [&glass.client, &wuhan.client, &world.chibi_officer, &world.bank.client] {
        stranger.get(&format!("/certificates/{certificate}")).await.status.is_client_error().then_some(()).unwrap();
    }
    glass.client.get(&format!("/certificates/{certificate}/file")).await.with_status(404);
    assert_eq!(glass.client.get("/certificates").await.granted()["items"], json!([]));
    let approver = world.member(mill.id, TONGCHENG, &[Role::EnterpriseApprover]).await;
    assert_eq!(approver.client.get(&format!("/certificates/{certificate}")).await.text("quantity"), "1.000");
    world.books_are_right().await;
}

#[tokio::test]
async fn issued_and_printed_at_the_same_moment_they_have_numbers_without_a_gap_and_one_file_each() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let issue = || {
        let (client, body) = (mill.client.clone(), json!({"site": mill.site, "right_class": mill.class("COD")}));
        tokio::spawn(async move { client.post("/certificates", body).await.granted() })
    };
    let mut certificates = Vec::new();
    for issue in (0..6).map(|_| issue()).collect::<Vec<_>>() {
        certificates.push(issue.await.unwrap());
    }
    let mut numbers: Vec<&str> = certificates.iter().map(|one| one["number"].as_str().unwrap()).collect();
    numbers.sort_unstable();
    let wanted: Vec<String> = (1..=6).map(|number| format!("CE-2022-{number:06}")).collect();
    assert_eq!(numbers, wanted);
    is_logged(&world).await;
    let certificate = id(&certificates[0]);
    let prints = (0..4).map(|_| {
        let client = mill.client.clone();
        tokio::spawn(async move { printed(&client, certificate).await })
    });
    let mut files = Vec::new();
    for print in prints.collect::<Vec<_>>() {
        files.push(print.await.unwrap());
    }
    assert!(files.iter().all(|file| *file == files[0]));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_name_that_no_face_has_is_certified_and_named_when_it_cannot_be_printed() {
    let world = World::new().await;
    let (smile, mill) =
        (world.seller("临江😀纸业", "1.000 t COD").await, world.seller("临江纸业", "1.000 t COD").await);
    let certificate = issued(&smile, "COD").await;
    let plain = issued(&mill, "COD").await;
    is_logged(&world).await;
    let told = smile.client.get(&format!("/certificates/{certificate}/file")).await;
    told.is_refused_with("QTA_CANNOT_PRINT").with_status(422);
    assert!(told.body.to_string().contains('😀'), "{:#}", told.body);
    let proved = smile.client.get(&format!("/certificates/{certificate}")).await.granted();
    assert_eq!(proved["holder"], "临江😀纸业");
    let keys = world.nobody().get("/log/keys").await.granted();
    verified(&proved["proof"], proved["content"].as_str().unwrap(), keys["keys"][0]["vkey"].as_str().unwrap()).unwrap();
    assert!(printed(&mill.client, plain).await.starts_with(b"%PDF-"));
}
