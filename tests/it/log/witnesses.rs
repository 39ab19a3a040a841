//! Witnesses cosign, and keys are changed.

use super::{events, is_complete, opened, sequenced, stranger};
use crate::support::Client;
use crate::support::app::TestApp;
use accounting::note::{self, TreeHead};
use ed25519_dalek::SigningKey;
use ganhe::ledger::log::commands::rotate_key;
use serde_json::json;
use std::sync::Arc;

/// A bank that cosigns.
pub struct Witness {
    name: &'static str,
    key: SigningKey,
}

impl Witness {
    /// A witness with a key of its own, registered by the operator.
    pub async fn registered(app: &TestApp, name: &'static str) -> Self {
        let witness = Self { name, key: SigningKey::from_bytes(&rand::random()) };
        operator(app).post("/log/witnesses", json!({"vkey": witness.vkey()})).await.granted();
        witness
    }

    fn vkey(&self) -> String {
        note::witness_key(self.name, &self.key.verifying_key())
    }

    fn line(&self, head: &TreeHead) -> String {
        note::cosign(head, self.name, &self.key, 1_669_856_400).unwrap()
    }

    /// Cosigns what is served.
    pub async fn cosigns(&self, client: &Client) -> i64 {
        let head = served(client, "").await;
        let body = json!({"size": head.size, "line": self.line(&head)});
        client.post("/log/cosignatures", body).await.granted()["number"].as_i64().unwrap()
    }
}

fn operator(app: &TestApp) -> Client {
    Client::of(app.address, &app.shared, &app.operator)
}

async fn note_at(client: &Client, query: &str) -> String {
    client.get(&format!("/log/checkpoint{query}")).await.granted().as_str().unwrap().to_owned()
}

async fn served(client: &Client, query: &str) -> TreeHead {
    note::read(&note_at(client, query).await).unwrap()
}

#[tokio::test]
async fn a_checkpoint_is_served_with_the_lines_of_its_witnesses() {
    let desk = opened().await;
    let client = stranger(&desk);
    let (bank, province) = (
        Witness::registered(&desk.app, "bank.example").await,
        Witness::registered(&desk.app, "province.example/log").await,
    );
    desk.post(&events(3)).await.unwrap();
    sequenced(desk.db()).await;
    assert_eq!(bank.cosigns(&client).await, 1);
    assert_eq!(bank.cosigns(&client).await, 1, "a repeat changes nothing");
    assert_eq!(province.cosigns(&client).await, 1);
    let cosigned = note_at(&client, "").await;
    let lines: Vec<&str> = cosigned.lines().filter(|line| line.starts_with('—')).collect();
    assert_eq!(lines.len(), 3, "{cosigned}");
    assert!(lines[1].starts_with("— bank.example ") && lines[2].starts_with("— province.example/log "), "{cosigned}");
    desk.post(&events(1)).await.unwrap();
    sequenced(desk.db()).await;
    assert_eq!(note_at(&client, "?cosigned=true").await, cosigned, "the newest that a witness has seen");
    assert_eq!(bank.cosigns(&client).await, 2);
    let signers = client.get("/log/keys").await.granted();
    let counts: Vec<_> = signers["witnesses"].as_array().unwrap().iter().map(|one| &one["cosigned"]).collect();
    assert_eq!(counts, [&json!(2), &json!(1)]);
    assert_eq!(signers["witnesses"][0]["vkey"], bank.vkey());
    is_complete(&desk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lines_that_arrive_at_once_are_numbered_without_a_gap() {
    let desk = opened().await;
    let client = stranger(&desk);
    let bank = Arc::new(Witness::registered(&desk.app, "bank.example").await);
    let mut heads = Vec::new();
    for _ in 0..6 {
        desk.post(&events(1)).await.unwrap();
        sequenced(desk.db()).await;
        heads.push(served(&client, "").await);
    }
    let sent = heads.iter().chain(&heads).map(|head| {
        let (client, body) = (client.clone(), json!({"size": head.size, "line": bank.line(head)}));
        tokio::spawn(async move { client.post("/log/cosignatures", body).await.granted()["number"].as_i64().unwrap() })
    });
    let mut numbers = Vec::new();
    for answer in sent.collect::<Vec<_>>() {
        numbers.push(answer.await.unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]);
    is_complete(&desk).await;
}

#[tokio::test]
async fn a_line_that_is_no_signature_of_a_witness_is_refused_without_a_trace() {
    let desk = opened().await;
    let client = stranger(&desk);
    let bank = Witness::registered(&desk.app, "bank.example").await;
    let stranger = Witness { name: "stranger.example", key: SigningKey::from_bytes(&[3; 32]) };
    let forger = Witness { name: "bank.example", key: SigningKey::from_bytes(&[4; 32]) };
    desk.post(&events(2)).await.unwrap();
    sequenced(desk.db()).await;
    let head = served(&client, "").await;
    let other = TreeHead { root: [1; 32], ..head.clone() };
    let sizes = desk.sizes().await;
    for (size, line, code) in [
        (head.size, stranger.line(&head), "LOG_UNKNOWN_WITNESS"),
        (head.size, forger.line(&head), "LOG_WRONG_COSIGNATURE"),
        (head.size, bank.line(&other), "LOG_WRONG_COSIGNATURE"),
        (head.size - 1, bank.line(&head), "LOG_WRONG_COSIGNATURE"),
        (0, bank.line(&head), "LOG_WRONG_COSIGNATURE"),
        (u64::MAX, bank.line(&head), "LOG_WRONG_COSIGNATURE"),
        (head.size, "nothing".to_owned(), "LOG_WRONG_COSIGNATURE"),
        (head.size, format!("{}{}", bank.line(&head), bank.line(&head)), "LOG_WRONG_COSIGNATURE"),
    ] {
        let answer = client.post("/log/cosignatures", json!({"size": size, "line": line})).await;
        answer.is_refused_with(code).with_status(422);
    }
    client.post("/log/cosignatures", json!({"size": head.size})).await.with_status(400);
    assert_eq!(desk.sizes().await, sizes, "anybody may send a line, so a wrong one leaves nothing behind");
    assert_eq!(desk.count("SELECT COUNT(*) FROM log_cosignatures").await, 0);
    let operator = operator(&desk.app);
    let again = operator.post("/log/witnesses", json!({"vkey": bank.vkey()})).await;
    again.is_refused_with("LOG_KNOWN_WITNESS").with_status(409);
    let (_, of_notes) = note::note_key("notes.example", &[5; 32]);
    operator.post("/log/witnesses", json!({"vkey": of_notes})).await.is_refused_with("LOG_BAD_KEY").with_status(422);
    client.post("/log/witnesses", json!({"vkey": stranger.vkey()})).await.with_status(401);
}

#[tokio::test]
async fn the_checkpoint_of_a_new_key_is_signed_by_both_and_the_old_key_stays_listed() {
    let desk = opened().await;
    let client = stranger(&desk);
    desk.post(&events(2)).await.unwrap();
    sequenced(desk.db()).await;
    let size = served(&client, "").await.size;
    let before = client.get("/log/keys").await.granted();
    let old = before["keys"][0]["vkey"].as_str().unwrap().to_owned();
    let secrets = "SELECT signing_key FROM log_signing_keys";
    let secret: String = desk.rows(secrets).await[0].try_get_by_index(0).unwrap();
    let new = rotate_key(desk.db()).await.unwrap();
    let turn = note_at(&client, "").await;
    assert!(note::is_signed_by_exactly(&turn, &[&old, &new]), "{turn}");
    assert_eq!(note::read(&turn).unwrap().size, size);
    let left: Vec<String> = desk.rows(secrets).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    assert!(left.len() == 1 && left[0] != secret, "the old private key is gone");
    let bank = Witness::registered(&desk.app, "bank.example").await;
    assert_eq!(bank.cosigns(&client).await, 1, "two checkpoints have this size, and the newer is meant");
    desk.post(&events(1)).await.unwrap();
    sequenced(desk.db()).await;
    let after = note_at(&client, "").await;
    assert!(note::is_signed_by_exactly(&after, &[&new]), "{after}");
    let keys = client.get("/log/keys").await.granted();
    let listed: Vec<_> = keys["keys"].as_array().unwrap().iter().map(|key| (&key["vkey"], &key["is_active"])).collect();
    assert_eq!(listed, [(&json!(old), &json!(false)), (&json!(new), &json!(true))]);
    is_complete(&desk).await;
    rotate_key(desk.db()).await.unwrap();
    is_complete(&desk).await;
}
