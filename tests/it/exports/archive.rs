//! The archive: written by the real program, and examined by it where there is neither server nor database.

use super::programs::{exported, scratch};
use super::story::quarter;
use crate::support::{Client, World};
use accounting::{Journal, JournalKind, Subject, SubjectKind};
use ganhe::access::Action;
use ganhe::kernel::ids;
use ganhe::ledger;
use ganhe::ledger::log::sequence_once;
use std::path::Path;
use std::process::Output;
use tokio::process::Command;

/// The program with a file, a key, and a database that does not exist.
async fn examine(file: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ganhe"));
    command.arg("verify").arg("--archive").arg(file).args(arguments);
    command.env_remove("GANHE_TEST_DATABASE").env("GANHE_DATABASE_URL", "sqlite:there-is-no-such.sqlite");
    command.output().await.unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// Writes a changed archive and tells what the program says of it.
async fn complaint(lines: &[String], arguments: &[&str]) -> String {
    let file = scratch("archive");
    std::fs::write(&file, lines.concat()).unwrap();
    let output = examine(&file, arguments).await;
    std::fs::remove_file(&file).unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    said(&output)
}

async fn vkey(world: &World) -> String {
    let keys = Client::nobody(world.app.address).get("/log/keys").await.granted();
    keys["keys"][0]["vkey"].as_str().unwrap().to_owned()
}

fn lines_of(text: &str) -> Vec<String> {
    text.split_inclusive('\n').map(str::to_owned).collect()
}

#[tokio::test]
async fn a_book_is_proved_from_a_file_and_a_public_key_alone() {
    let world = quarter().await;
    sequence_once(&world.app.shared.db).await.unwrap();
    let kept = Client::nobody(world.app.address).get("/log/checkpoint").await.granted();
    let kept_file = scratch("kept");
    std::fs::write(&kept_file, kept.as_str().unwrap()).unwrap();
    let key = vkey(&world).await;
    let archive = exported(&world.app.url, "archive").await;
    let lines = lines_of(&archive);
    let file = scratch("archive");
    std::fs::write(&file, &archive).unwrap();
    let output = examine(&file, &["--key", &key, "--checkpoint", &kept_file.display().to_string()]).await;
    assert!(output.status.success() && said(&output).contains("The archive is right"), "{}", said(&output));
    let unknown = examine(&file, &["--key", &key, "--witness", &key]).await;
    assert!(!unknown.status.success() && said(&unknown).contains("cannot be used"), "{}", said(&unknown));
    let without = examine(&file, &[]).await;
    assert_eq!(without.status.code(), Some(2), "a key is needed: {}", said(&without));
    std::fs::remove_file(&file).unwrap();

    let at = lines
        .iter()
        .position(|line| line.contains("\\nreason 6 "))
        .or_else(|| lines.iter().position(|line| line.contains("ganhe-journal/1")));
    let at = at.unwrap();
    let changed = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        lines
    };
    let forged = changed(&|lines| lines[at] = lines[at].replacen("subject_version ", "subject_version 1", 1));
    let told = complaint(&forged, &["--key", &key]).await;
    assert!(told.contains("its text does not give the hash that is claimed for it"), "{told}");
    let cut = changed(&|lines| lines.truncate(lines.len() - 4));
    assert!(complaint(&cut, &["--key", &key]).await.contains("the end is missing"));
    let without = changed(&|lines| drop(lines.remove(at)));
    assert!(complaint(&without, &["--key", &key]).await.contains("was expected here"));
    let garbled = changed(&|lines| lines[at] = "{\"line\":\"leaf\"}\n".to_owned());
    assert!(complaint(&garbled, &["--key", &key]).await.contains("it cannot be read"));
    let (_, other) = accounting::note::note_key("ganhe.example/other", &[3; 32]);
    assert!(complaint(&lines, &["--key", &other]).await.contains("none is signed by a key that you trust"));
    std::fs::remove_file(kept_file).unwrap();
}

#[tokio::test]
async fn an_older_archive_does_not_pass_for_the_newest_before_who_kept_a_checkpoint() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.deposits(&mill, "10.00").await;
    sequence_once(&world.app.shared.db).await.unwrap();
    let older = exported(&world.app.url, "archive").await;
    world.deposits(&mill, "11.00").await;
    sequence_once(&world.app.shared.db).await.unwrap();
    let kept_file = scratch("kept");
    let kept = Client::nobody(world.app.address).get("/log/checkpoint").await.granted();
    std::fs::write(&kept_file, kept.as_str().unwrap()).unwrap();
    let key = vkey(&world).await;
    let arguments = ["--key", key.as_str(), "--checkpoint", &kept_file.display().to_string()];
    let told = complaint(&lines_of(&older), &arguments).await;
    assert!(told.contains("the end was cut off"), "{told}");
    std::fs::remove_file(kept_file).unwrap();
}

/// A journal that claims to seal a month, with a hash of one's own.
async fn forged_seal(world: &World, month: &str) {
    let subject = Subject { kind: SubjectKind::Period, id: ids::fresh(), version: 1 };
    let today = world.now().day();
    let journal = Journal::new(ids::fresh_journal(), JournalKind::PeriodSealed, subject, today, Vec::new());
    let journals = [journal.because(Some(month.to_owned())).proved_by(Some("0f".repeat(32)))];
    let permit = world.app.operator.may(Action::SealPeriod).unwrap();
    let post = world.app.shared.db.run(&permit, &journals, |work, journals| {
        Box::pin(async move { ledger::post(work, journals).await.map(|_| ()) })
    });
    post.await.unwrap();
}

#[tokio::test]
async fn seals_are_derived_again_where_there_is_no_database() {
    let world = quarter().await;
    let db = &world.app.shared.db;
    for month in ["2022-12", "2023-01"] {
        db.clock().advance(jiff::SignedDuration::from_secs(1));
        world.seals(month).await.granted();
    }
    db.clock().advance(jiff::SignedDuration::from_mins(1));
    sequence_once(db).await.unwrap();
    let key = vkey(&world).await;
    let file = scratch("archive");
    std::fs::write(&file, exported(&world.app.url, "archive").await).unwrap();
    let output = examine(&file, &["--key", &key]).await;
    assert!(output.status.success() && said(&output).contains("2 sealed months"), "{}", said(&output));
    std::fs::remove_file(&file).unwrap();
    // The operator signs it all the same: only what the leaves give tells that it is no seal.
    forged_seal(&world, "2023-02").await;
    db.clock().advance(jiff::SignedDuration::from_mins(1));
    sequence_once(db).await.unwrap();
    let told = complaint(&lines_of(&exported(&world.app.url, "archive").await), &["--key", &key]).await;
    assert!(told.contains("it seals 2023-02 with 0f0f0f"), "{told}");
    assert_eq!(told.matches("it seals").count(), 1, "{told}");
}
