//! A stranger with the public key, the documentation's script and a client of the formats that somebody else wrote.

use super::sequenced;
use super::witnesses::Witness;
use crate::support::World;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// `scripts/prepare.sh test` puts it there.
fn python() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("log-client/bin/python")
}

async fn checks(arguments: &[&str], token: &str) -> Output {
    let mut command = tokio::process::Command::new(python());
    command.arg(root().join("docs/check_journal.py")).args(arguments).env("TOKEN", token);
    command
        .output()
        .await
        .unwrap_or_else(|fault| panic!("{}: {fault}: run scripts/prepare.sh test", python().display()))
}

fn said(output: &Output) -> String {
    [output.stdout.clone(), output.stderr.clone()].concat().iter().map(|byte| char::from(*byte)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_independent_client_checks_a_journal_from_outside() {
    let world = World::new().await;
    let db = &world.app.shared.db;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    sequenced(db).await;
    let nobody = world.nobody();
    let kept = nobody.get("/log/checkpoint").await.granted().as_str().unwrap().to_owned();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("kept-{}", ganhe::kernel::ids::fresh().simple()));
    std::fs::write(&file, &kept).unwrap();
    let glass = world.buyer("通城玻璃", "500000.00").await;
    let offer = mill.offers("50.000 t COD", "8790.00", &glass).await.granted();
    // More than one tile, so that the script climbs a level.
    for _ in 0..300 {
        world.deposits(&glass, "1.00").await;
    }
    sequenced(db).await;
    let bank = Witness::registered(&world.app, "bank.example").await;
    assert_eq!(bank.cosigns(&nobody).await, 1, "the client must bear the line of a witness it does not know");
    let (token, _) = world.app.shared.tokens.sign(&auditor(&world), db.clock().wall_now()).unwrap();
    let journals =
        world.auditor.get(&format!("/audit/journals?subject={}", offer["id"].as_str().unwrap())).await.granted();
    let journal = journals["items"][0]["id"].as_str().unwrap().to_owned();
    let keys = nobody.get("/log/keys").await.granted();
    let vkey = keys["keys"][0]["vkey"].as_str().unwrap().to_owned();
    let base = format!("http://{}", world.app.address);
    let output = checks(&[&base, &vkey, &journal, &file.display().to_string()], &token).await;
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    for line in [format!("journal {journal} is leaf"), "the log extends the kept checkpoint".to_owned()] {
        assert!(text.contains(&line), "{text}");
    }
    let (_, stranger) = accounting::note::note_key(keys["origin"].as_str().unwrap(), &[9; 32]);
    let output = checks(&[&base, &stranger, &journal], &token).await;
    assert!(!output.status.success(), "a key that has signed nothing: {}", said(&output));
    std::fs::write(&file, forged(&kept)).unwrap();
    let output = checks(&[&base, &vkey, &journal, &file.display().to_string()], &token).await;
    assert!(!output.status.success(), "a checkpoint that nobody signed: {}", said(&output));
    std::fs::remove_file(&file).unwrap();
}

/// The checkpoint with one leaf more.
fn forged(note: &str) -> String {
    let size: u64 = note.lines().nth(1).unwrap().parse().unwrap();
    note.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size + 1), 1)
}

fn auditor(world: &World) -> ganhe::access::Caller {
    ganhe::access::Caller { roles: vec![ganhe::access::Role::Auditor], ..world.app.operator.clone() }
}

#[test]
fn the_documentation_names_the_script_and_its_steps() {
    let text = std::fs::read_to_string(root().join("docs/TRANSPARENCY-LOG.md")).unwrap();
    let contract: &Value = crate::support::contract::contract();
    let paths = contract["paths"].as_object().unwrap().keys().filter(|path| path.starts_with("/log/"));
    for word in ["check_journal.py", "metamorphic-log", "ganhe verify --checkpoint", "rotate-log-key"] {
        assert!(text.contains(word), "{word}");
    }
    for path in paths {
        let told = path.split('{').next().unwrap();
        assert!(text.contains(told), "the documentation does not tell of {path}");
    }
}
