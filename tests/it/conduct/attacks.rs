//! What a client tries that wants more than it may: fields that are not its to set, and the keys of somebody else.

use super::{anybody, operations};
use crate::support::app::TestApp;
use crate::support::{Answer, World};
use serde_json::{Value, json};

/// Makes a value for a field.
type Worth = fn() -> Value;

/// Fields that rows have and that no request sets, with a value that would be worth something.
const OURS: [(&str, Worth); 10] = [
    ("id", || json!("018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")),
    ("version", || json!(99)),
    ("state", || json!("active")),
    ("approved_by", || json!("018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")),
    ("registered_at", || json!("2016-01-01T00:00:00+08:00")),
    ("is_demonstration", || json!(true)),
    ("rulebook", || json!("018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")),
    ("book", || json!(2)),
    ("actor", || json!("018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")),
    ("acting_for", || json!("018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")),
];

#[tokio::test]
async fn no_command_takes_a_field_that_is_not_the_clients_to_set() {
    let app = TestApp::start().await;
    let client = anybody(&app);
    let schemas = crate::support::contract::contract()["components"]["schemas"].clone();
    let mut walked = 0;
    for command in operations() {
        let body = &command.spec["requestBody"]["content"]["application/json"];
        let Some(name) = body["schema"]["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) else {
            continue;
        };
        for (field, value) in OURS {
            if schemas[name]["properties"].get(field).is_some() {
                continue;
            }
            let mut body = command.body();
            body[field] = value();
            let answer = Answer::of(command.request(&client, &command.filled(None)).json(&body)).await;
            answer.with_status(400).is_refused_with("API_MALFORMED");
            assert!(answer.body["detail"].as_str().unwrap().contains(field), "{}: {:#}", command.id, answer.body);
            walked += 1;
        }
    }
    assert!(walked > 500, "only {walked} were tried");
}

#[tokio::test]
async fn a_key_of_somebody_else_shows_nothing_of_theirs_and_takes_nothing_from_them() {
    let world = World::new().await;
    let (mill, glass) =
        (world.seller("临江纸业", "100.000 t COD").await, world.seller("通城玻璃", "60.000 t COD").await);
    let buyer = world.buyer("通城搪瓷", "100000.00").await;
    let offer = |seller: &crate::support::world::Enterprise| {
        json!({"seller_site": seller.site, "buyer_site": buyer.site, "right_class": seller.class("COD"),
            "quantity": "7.000", "unit_price": "1000.00"})
    };
    let first = mill.client.post_with_key("/offers", offer(&mill), "offer-1").await.granted();
    // The thief repeats the request as it was: as themselves they may not make it, and are told that and nothing else.
    let stolen = glass.client.post_with_key("/offers", offer(&mill), "offer-1").await;
    assert!(stolen.status.is_client_error(), "{:#}", stolen.body);
    assert!(!stolen.body.to_string().contains(first["id"].as_str().unwrap()), "{:#}", stolen.body);
    // Somebody who uses the same words for a key has them for themselves.
    let colleague =
        world.member(mill.id, crate::support::world::TONGCHENG, &[ganhe::access::Role::EnterpriseTrader]).await;
    for client in [&buyer.client, &colleague.client] {
        let own = client.post_with_key("/offers", json!({"x": 1}), "offer-1").await;
        own.with_status(400).is_refused_with("API_MALFORMED");
    }
    let glass_again = glass.client.post_with_key("/offers", offer(&glass), "offer-2").await.granted();
    assert_ne!(glass_again["id"], first["id"]);
    let again = mill.client.post_with_key("/offers", offer(&mill), "offer-1").await.granted();
    assert_eq!(again["id"], first["id"], "the key still serves the one who used it first");
    world.books_are_right().await;
}

#[test]
fn every_test_that_the_pages_on_security_and_failures_name_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for (page, least) in [("docs/SECURITY.md", 30), ("docs/FAILURES.md", 25)] {
        let text = std::fs::read_to_string(root.join(page)).unwrap();
        let named: Vec<&str> = text.split('`').skip(1).step_by(2).filter(|word| word.contains("::")).collect();
        assert!(named.len() > least, "{page} names only {} tests", named.len());
        for name in named {
            assert!(is_there(root, name), "{page}: {name}");
        }
    }
}

/// Whether there is such a test, or a module of tests.
fn is_there(root: &std::path::Path, name: &str) -> bool {
    let path: Vec<&str> = name.split("::").collect();
    let (test, modules) = path.split_last().unwrap();
    [root.join("tests/it"), root.join("src")].into_iter().any(|folder| {
        let place = modules.iter().fold(folder, |at, part| at.join(part));
        let read = |file| std::fs::read_to_string(file).unwrap_or_default();
        let source = read(place.with_extension("rs")) + &read(place.join("mod.rs"));
        source.contains(&format!("fn {test}(")) || source.contains(&format!("mod {test};"))
    })
}
