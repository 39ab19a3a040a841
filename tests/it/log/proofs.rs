//! What is served agrees with a tree that is built naively, at any size and after any batches.

use super::{events, is_complete, leaves, opened, sequenced, stranger};
use crate::books::desk::Desk;
use crate::support::{Answer, Client, World};
use accounting::note;
use accounting::tree::{Hash, check_consistency, check_inclusion, leaf_hash};
use ganhe::db::columns::hexadecimal;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use serde_json::Value;
use sha2::{Digest, Sha256};

fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            Sha256::new()
                .chain_update([1])
                .chain_update(naive_root(left))
                .chain_update(naive_root(right))
                .finalize()
                .into()
        }
    }
}

/// Bytes of hexadecimal digits.
pub fn bytes(digits: &Value) -> Hash {
    let digits = digits.as_str().unwrap();
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..64).step_by(2).map(byte).collect::<Vec<_>>().try_into().unwrap()
}

fn hashes(proof: &Value) -> Vec<Hash> {
    proof["hashes"].as_array().unwrap().iter().map(bytes).collect()
}

async fn raw(client: &Client, path: &str) -> Vec<u8> {
    let response = client.request(Method::GET, path).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    assert_eq!(response.headers()["content-type"], "application/octet-stream");
    assert!(response.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    response.bytes().await.unwrap().to_vec()
}

/// The checkpoint as it is served, read and compared with the keys that are served.
async fn checkpoint(client: &Client) -> note::TreeHead {
    let keys = client.get("/log/keys").await.granted();
    let vkey = keys["keys"].as_array().unwrap().last().unwrap()["vkey"].as_str().unwrap().to_owned();
    let note = client.get("/log/checkpoint").await.granted();
    let head = note::open(note.as_str().unwrap(), &[&vkey]).unwrap().head;
    assert_eq!(Value::from(head.origin.clone()), keys["origin"]);
    head
}

async fn holds(desk: &Desk, batches: &[usize], chosen: usize) {
    let client = stranger(desk);
    for count in batches {
        let before = checkpoint(&client).await;
        for some in events(*count).chunks(500) {
            desk.post(some).await.unwrap();
        }
        assert_eq!(sequenced(desk.db()).await, *count as u64);
        let (after, all) = (checkpoint(&client).await, leaves(desk).await);
        assert_eq!(after.size, all.len() as u64);
        assert_eq!(after.root, naive_root(&all));
        let path = format!("/log/proof/consistency?from={}&to={}", before.size, after.size);
        let proof = hashes(&client.get(&path).await.granted());
        check_consistency(&proof, (before.size, before.root), (after.size, after.root)).unwrap();
        let (place, leaf) = (chosen % all.len(), all[chosen % all.len()]);
        let digits = hexadecimal(&leaf);
        let path = format!("/log/proof/inclusion?leaf_hash={digits}&tree_size={}", after.size);
        let proof = client.get(&path).await.granted();
        assert_eq!(proof["position"], place);
        check_inclusion(&hashes(&proof), after.size, after.root, place as u64, leaf).unwrap();
        let whole = all.len() / 256;
        for (at, tile) in all.chunks(256).enumerate() {
            let partial = if tile.len() == 256 { String::new() } else { format!(".p/{}", tile.len()) };
            assert_eq!(raw(&client, &format!("/log/tile/0/{at:03}{partial}")).await, tile.concat());
        }
        if whole > 0 {
            let roots: Vec<Hash> = all.chunks_exact(256).map(naive_root).collect();
            assert_eq!(raw(&client, &format!("/log/tile/1/000.p/{whole}")).await, roots.concat());
        }
    }
    is_complete(desk).await;
}

#[test]
fn tiles_roots_and_proofs_agree_with_the_naive_tree() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let desk = runtime.block_on(opened());
    let batch = prop_oneof![1_usize..5, 120_usize..140, 250_usize..260];
    let case = (proptest::collection::vec(batch, 1..4), any::<usize>());
    let mut runner = TestRunner::new(Config { cases: 5, failure_persistence: None, ..Config::default() });
    runner
        .run(&case, |(batches, chosen)| {
            runtime.block_on(holds(&desk, &batches, chosen));
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn what_the_log_does_not_have_is_refused() {
    let desk = Desk::open().await;
    let client = stranger(&desk);
    assert_eq!(checkpoint(&client).await.size, 0, "a founded book begins with the tree of nothing");
    client.get("/log/tile/0/000.p/1").await.is_refused_with("LOG_NO_TILE").with_status(404);
    desk.post(&events(3)).await.unwrap();
    sequenced(desk.db()).await;
    let size = leaves(&desk).await.len();
    let wider = format!("0/000.p/{}", size + 1);
    let paths = ["0/000", "1/000", "1/000.p/1", "0/001.p/1", "9/000", "data/000", "%00", "0/000.p/0", "255/000"];
    for path in paths.into_iter().chain([wider.as_str()]) {
        let answer = client.get(&format!("/log/tile/{path}")).await;
        assert!(answer.status.is_client_error(), "{path}: {} {:#}", answer.status, answer.body);
    }
    assert_eq!(raw(&client, "/log/tile/0/000.p/2").await.len(), 64, "a narrower tile than the log has by now");
    for (from, to) in [(0, (size + 1).to_string()), (3, "2".to_owned()), (0, u64::MAX.to_string())] {
        let path = format!("/log/proof/consistency?from={from}&to={to}");
        client.get(&path).await.is_refused_with("LOG_NO_SUCH_SIZE").with_status(422);
    }
    let (known, unknown) = (leaves(&desk).await[size - 1], leaf_hash(b"nothing"));
    for (hash, size, code, status) in [
        (hexadecimal(&known), size - 1, "LOG_NO_LEAF", 404),
        (hexadecimal(&known), size + 1, "LOG_NO_SUCH_SIZE", 422),
        (hexadecimal(&unknown), size, "LOG_NO_LEAF", 404),
        ("xyz".to_owned(), size, "API_NOT_HASH", 422),
    ] {
        let path = format!("/log/proof/inclusion?leaf_hash={hash}&tree_size={size}");
        client.get(&path).await.is_refused_with(code).with_status(status);
    }
    for query in [format!("size={}", size + 1), format!("size={}", u64::MAX), "cosigned=true".to_owned()] {
        client.get(&format!("/log/checkpoint?{query}")).await.is_refused_with("LOG_NO_CHECKPOINT").with_status(404);
    }
    client.get("/log/checkpoint?size=x").await.is_refused_with("API_BAD_QUERY").with_status(400);
    let note = client.get(&format!("/log/checkpoint?size={size}")).await.granted();
    assert_eq!(note::read(note.as_str().unwrap()).unwrap().size, size as u64);
}

#[tokio::test]
async fn who_may_see_a_journal_gets_its_proof_and_its_text_only_when_they_see_all_of_it() {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    let glass = world.buyer("通城玻璃", "500000.00").await;
    let offer = mill.offers("50.000 t COD", "8790.00", &glass).await.granted();
    let entries = world.auditor.get("/audit/journals?limit=200").await.granted();
    let entries = entries["items"].as_array().unwrap().clone();
    let of_kind =
        |kind: &str| entries.iter().rfind(|one| one["kind"] == kind).unwrap()["id"].as_str().unwrap().to_owned();
    let (offered, allocated) = (of_kind("offer_proposed"), of_kind("allocation_confirmed"));
    let path = format!("/journals/{offered}/proof");
    let early = Answer::of(mill.client.request(Method::GET, &path)).await;
    assert_eq!((early.status.as_u16(), early.body["code"].as_str()), (503, Some("LOG_NOT_YET")));
    assert!(early.headers.contains_key("retry-after"));
    mill.client.get(&format!("{path}?wait=6")).await.is_refused_with("LOG_LONG_WAIT").with_status(422);
    let waiting = {
        let (client, path) = (mill.client.clone(), format!("{path}?wait=5"));
        tokio::spawn(async move { client.get(&path).await })
    };
    sequenced(&world.app.shared.db).await;
    let proof = waiting.await.unwrap().granted();
    let text = proof["canonical"].as_str().unwrap();
    assert!(text.starts_with(&format!("ganhe-journal/1\nbook 1\nid {offered}\n")), "{text}");
    assert!(text.contains(offer["trade"].as_str().unwrap()), "{text}");
    let leaf = leaf_hash(text.as_bytes());
    assert_eq!(leaf, bytes(&proof["leaf_hash"]));
    let head = note::read(proof["checkpoint"].as_str().unwrap()).unwrap();
    assert_eq!(proof["tree_size"], head.size);
    let way: Vec<Hash> = proof["inclusion"].as_array().unwrap().iter().map(bytes).collect();
    let position = proof["position"].as_u64().unwrap();
    check_inclusion(&way, head.size, head.root, position, leaf).unwrap();
    glass.client.get(&path).await.is_refused_with("API_NOT_FOUND").with_status(404);
    // The mill sees its own side of the grant and not the area's headroom.
    let part = mill.client.get(&format!("/journals/{allocated}/proof")).await.granted();
    assert_eq!(part["canonical"], Value::Null);
    assert_eq!(part["leaf_hash"].as_str().unwrap().len(), 64);
    let whole = world.auditor.get(&format!("/journals/{allocated}/proof")).await.granted();
    assert_eq!(leaf_hash(whole["canonical"].as_str().unwrap().as_bytes()), bytes(&part["leaf_hash"]));
    world.books_are_right().await;
}
