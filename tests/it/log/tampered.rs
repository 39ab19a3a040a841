//! Somebody has been at the log: the verification names the row; and where the log itself cannot tell, a kept checkpoint does.

use super::witnesses::Witness;
use super::{events, is_complete, opened, sequenced, size, stranger};
use crate::books::desk::{Desk, execute};
use crate::support::app::is_postgres;
use ganhe::audit::verify::{KeptCheckpoint, verify, verify_against};
use ganhe::ledger::log::commands::rotate_key;
use std::path::Path;
use std::process::Output;

const GUARDED: [&str; 6] = ["journals", "log_keys", "log_leaves", "log_nodes", "log_checkpoints", "log_cosignatures"];

async fn take_the_guards_away(desk: &Desk) {
    for table in GUARDED {
        let sql = if is_postgres() {
            format!("ALTER TABLE {table} DISABLE TRIGGER USER")
        } else {
            format!("DROP TRIGGER {table}_never_updated; DROP TRIGGER {table}_never_deleted")
        };
        execute(desk.db(), &sql).await.unwrap();
    }
    let free = if is_postgres() {
        "ALTER TABLE log_cosignatures DROP CONSTRAINT log_cosignatures_of; \
         ALTER TABLE log_cosignatures DROP CONSTRAINT log_cosignatures_witness; \
         ALTER TABLE log_checkpoints DROP CONSTRAINT log_checkpoints_key; \
         ALTER TABLE log_signing_keys DROP CONSTRAINT log_signing_keys_number"
    } else {
        "PRAGMA foreign_keys = OFF"
    };
    execute(desk.db(), free).await.unwrap();
}

/// A row to be altered: its table, how to find it, and the words by which it must be named.
struct Row {
    table: &'static str,
    at: &'static str,
    named: &'static str,
}

impl Row {
    /// Changes of each column by itself, deletion, and a copy under another key.
    fn forgeries(&self, columns: &[(&str, &str)]) -> Vec<String> {
        let Self { table, at, .. } = self;
        let mut done: Vec<String> = columns
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(column, value)| format!("UPDATE {table} SET {column} = {value} WHERE {at}"))
            .collect();
        done.push(format!("DELETE FROM {table} WHERE {at}"));
        done
    }
}

fn blob(byte: u8) -> String {
    let digits = format!("{byte:02x}").repeat(32);
    if is_postgres() { format!("'\\x{digits}'") } else { format!("x'{digits}'") }
}

fn uuid(byte: u8) -> String {
    let digits = format!("{byte:02x}").repeat(16);
    if is_postgres() { format!("'{digits}'") } else { format!("x'{digits}'") }
}

/// Each kind of row with a change of every column but the book's number, which no query of the books ever leaves out.
fn trials() -> Vec<(Row, Vec<(&'static str, String)>)> {
    let text = str::to_owned;
    let row = |table, at, named| Row { table, at, named };
    vec![
        (
            row(
                "log_leaves",
                "position = (SELECT MAX(position) - 3 FROM log_leaves WHERE source = 'journal')",
                "position ",
            ),
            vec![
                ("position", text("900")),
                ("source", text("'evidence'")),
                ("source_id", uuid(7)),
                ("leaf_hash", blob(7)),
                ("sequenced_at", text("sequenced_at + 1")),
            ],
        ),
        (
            row("log_nodes", "level = 1 AND position = 0", "level"),
            vec![("level", text("2")), ("position", text("5")), ("hash", blob(7))],
        ),
        (
            row("log_checkpoints", "number = 2", "number"),
            vec![
                ("number", text("700")),
                ("tree_size", text("tree_size - 1")),
                ("root", blob(7)),
                ("note", text("replace(note, 'stable', 'staple')")),
                ("key_number", text("2")),
                ("stable_before", text("stable_before - 1")),
                ("recorded_at", text("recorded_at + 1")),
            ],
        ),
        (
            row("log_keys", "number = 1", ""),
            vec![("number", text("7")), ("vkey", text("vkey || 'A'")), ("recorded_at", text("recorded_at + 1"))],
        ),
        (row("log_keys", "number = 2", ""), vec![("recorded_at", text("recorded_at + 1"))]),
        (
            row("log_signing_keys", "book_id = 1", ""),
            vec![("number", text("1")), ("signing_key", text("replace(signing_key, 'PRIVATE', 'PUBLIC')"))],
        ),
        (
            row("log_cosignatures", "number = 1", "bank.example"),
            vec![
                ("witness", text("'other.example'")),
                ("number", text("9")),
                ("checkpoint_number", text("1")),
                ("line", text("replace(line, '=', 'A')")),
            ],
        ),
        (
            row("log_witnesses", "name = 'bank.example'", "bank.example"),
            vec![
                ("name", text("'renamed.example'")),
                ("vkey", text("replace(vkey, '+', '-')")),
                ("cosigned", text("cosigned + 1")),
            ],
        ),
    ]
}

#[tokio::test]
async fn whatever_is_altered_in_the_log_is_named() {
    let desk = Desk::open().await;
    let bank = Witness::registered(&desk.app, "bank.example").await;
    desk.post(&events(258)).await.unwrap();
    sequenced(desk.db()).await;
    bank.cosigns(&stranger(&desk)).await;
    rotate_key(desk.db()).await.unwrap();
    bank.cosigns(&stranger(&desk)).await;
    desk.post(&events(2)).await.unwrap();
    sequenced(desk.db()).await;
    is_complete(&desk).await;
    take_the_guards_away(&desk).await;
    let (mut tried, mut found) = (0, 0);
    for (row, columns) in trials() {
        let columns: Vec<(&str, &str)> = columns.iter().map(|(name, value)| (*name, value.as_str())).collect();
        for forgery in row.forgeries(&columns) {
            let table = row.table;
            let keep = format!("CREATE TABLE kept AS SELECT * FROM {table}");
            execute(desk.db(), &keep).await.unwrap();
            let altered = execute(desk.db(), &forgery).await.unwrap_or_else(|fault| panic!("{forgery}: {fault}"));
            assert_eq!(altered, 1, "{forgery}");
            tried += 1;
            let differences = verify(desk.db()).await.unwrap().differences;
            let is_named = differences.iter().any(|one| one.table.starts_with("log_") && one.row.contains(row.named));
            assert!(is_named, "{forgery}: {table} {} is not among {differences:#?}", row.named);
            found += 1;
            let undone = format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept");
            execute(desk.db(), &undone).await.unwrap();
        }
    }
    assert_eq!((tried, found), (36, 36));
    is_complete(&desk).await;
}

#[tokio::test]
async fn a_row_put_into_the_log_or_left_out_of_it_is_named() {
    let desk = opened().await;
    desk.post(&events(3)).await.unwrap();
    sequenced(desk.db()).await;
    let size = size(&desk).await;
    take_the_guards_away(&desk).await;
    let instant = format!("(SELECT sequenced_at FROM log_leaves WHERE position = {})", size - 1);
    let leaf = |position, id| {
        format!("INSERT INTO log_leaves VALUES (1, {position}, 'journal', {id}, {}, {instant})", blob(9))
    };
    let checkpoint = "INSERT INTO log_checkpoints SELECT book_id, number + 1, tree_size, root, note, key_number, stable_before, \
                      recorded_at FROM log_checkpoints ORDER BY number DESC LIMIT 1";
    // Recorded before the checkpoint, and never sequenced: what a forger would slip in between.
    let journal = format!(
        "INSERT INTO journals (book_id, id, kind, subject_kind, subject_id, subject_version, effective_on, recorded_at, actor_id, leaf_hash) \
         SELECT book_id, {}, kind, subject_kind, {}, 1, effective_on, recorded_at - 1, actor_id, leaf_hash FROM journals LIMIT 1",
        uuid(5),
        uuid(6)
    );
    let key = "INSERT INTO log_keys SELECT book_id, 2, vkey || 'A', recorded_at FROM log_keys";
    let secret = "UPDATE log_signing_keys SET signing_key = signing_key || 'A'";
    for (forged, undone, table, named) in [
        (
            leaf(size, uuid(5)),
            "DELETE FROM log_leaves WHERE position = {size}",
            "log_leaves",
            "no checkpoint covers it",
        ),
        (leaf(90_000, uuid(5)), "DELETE FROM log_leaves WHERE position = 90000", "log_leaves", "position 90000"),
        (
            format!("INSERT INTO log_nodes VALUES (1, 1, 0, {})", blob(9)),
            "DELETE FROM log_nodes",
            "log_nodes",
            "level 1 position 0",
        ),
        (checkpoint.to_owned(), "DELETE FROM log_checkpoints WHERE number = 4", "log_checkpoints", "number 4"),
        (journal, "DELETE FROM journals WHERE subject_id = {subject}", "journals", "05050505-0505"),
        (key.to_owned(), "DELETE FROM log_keys WHERE number = 2", "log_keys", "number 2"),
        (
            secret.to_owned(),
            "UPDATE log_signing_keys SET signing_key = substr(signing_key, 1, length(signing_key) - 1)",
            "log_signing_keys",
            "book 1",
        ),
    ] {
        assert_eq!(execute(desk.db(), &forged).await.unwrap_or_else(|fault| panic!("{forged}: {fault}")), 1);
        let differences = verify(desk.db()).await.unwrap().differences;
        let is_named = differences.iter().any(|one| one.table == table && one.to_string().contains(named));
        assert!(is_named, "{forged}: {table} {named} is not among {differences:#?}");
        let undone = undone.replace("{subject}", &uuid(6)).replace("{size}", &size.to_string());
        execute(desk.db(), &undone).await.unwrap();
    }
    is_complete(&desk).await;
}

async fn program(desk: &Desk, arguments: &[&str]) -> Output {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_ganhe"));
    command.arg("verify").args(arguments).env_remove("GANHE_TEST_DATABASE").env("GANHE_DATABASE_URL", &desk.app.url);
    command.output().await.unwrap()
}

async fn kept(desk: &Desk) -> KeptCheckpoint {
    let note = stranger(desk).get("/log/checkpoint").await.granted().as_str().unwrap().to_owned();
    KeptCheckpoint { note, vkey: None }
}

fn size_of(kept: &KeptCheckpoint) -> u64 {
    accounting::note::read(&kept.note).unwrap().size
}

async fn complaint(desk: &Desk, kept: &KeptCheckpoint) -> String {
    let found = verify_against(desk.db(), Some(kept)).await.unwrap().differences;
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Cuts the newest journals off, and everything that could tell of them.
async fn truncate(desk: &Desk, leaves: u64) {
    let gone = format!("SELECT source_id FROM log_leaves WHERE position >= {leaves}");
    execute(desk.db(), &format!("DELETE FROM journals WHERE id IN ({gone})")).await.unwrap();
    execute(desk.db(), &format!("DELETE FROM log_leaves WHERE position >= {leaves}")).await.unwrap();
    execute(desk.db(), &format!("DELETE FROM log_checkpoints WHERE tree_size > {leaves}")).await.unwrap();
    execute(desk.db(), &format!("DELETE FROM log_nodes WHERE position >= {leaves} / 256")).await.unwrap();
}

#[tokio::test]
async fn a_kept_checkpoint_shows_that_the_end_was_cut_off_or_history_rewritten() {
    let desk = Desk::open().await;
    let of_nothing = kept(&desk).await;
    desk.post(&events(300)).await.unwrap();
    sequenced(desk.db()).await;
    let older = kept(&desk).await;
    desk.post(&events(5)).await.unwrap();
    sequenced(desk.db()).await;
    let newer = kept(&desk).await;
    for kept in [&of_nothing, &older, &newer] {
        assert_eq!(complaint(&desk, kept).await, "");
    }
    take_the_guards_away(&desk).await;
    let (shorter, longer) = (size_of(&older), size_of(&newer));
    assert_eq!(longer, shorter + 5);
    truncate(&desk, shorter).await;
    assert_eq!(verify(desk.db()).await.unwrap().differences, [], "the log by itself cannot tell");
    assert_eq!(complaint(&desk, &older).await, "", "the older checkpoint is still its beginning");
    let said = complaint(&desk, &newer).await;
    let named = format!("kept, size {longer}");
    assert!(said.contains(&named) && said.contains("cut off"), "{said}");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("kept-{}", ganhe::kernel::ids::fresh().simple()));
    std::fs::write(&file, &newer.note).unwrap();
    let output = program(&desk, &["--checkpoint", &file.display().to_string()]).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&named), "{said}");
    assert!(program(&desk, &[]).await.status.success());
    // Other journals in their place: the log is as long as before, and longer.
    desk.post(&events(9)).await.unwrap();
    sequenced(desk.db()).await;
    assert_eq!(verify(desk.db()).await.unwrap().differences, []);
    let said = complaint(&desk, &newer).await;
    assert!(said.contains(&named) && said.contains("rewritten"), "{said}");
    assert_eq!(complaint(&desk, &older).await, "");
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn a_checkpoint_that_is_not_this_logs_own_is_named() {
    let desk = Desk::open().await;
    let other = Desk::open().await;
    let own = kept(&desk).await;
    let foreign = kept(&other).await;
    let keys = stranger(&desk).get("/log/keys").await.granted();
    let vkey = keys["keys"][0]["vkey"].as_str().unwrap().to_owned();
    assert_eq!(complaint(&desk, &KeptCheckpoint { vkey: Some(vkey.clone()), ..own.clone() }).await, "");
    let (_, stranger) = accounting::note::note_key(keys["origin"].as_str().unwrap(), &[9; 32]);
    for (kept, words) in [
        (foreign, "none of the keys has signed it"),
        (KeptCheckpoint { vkey: Some(stranger), ..own.clone() }, "does not list the key"),
        (KeptCheckpoint { note: own.note.replacen("\n0\n", "\n1\n", 1), vkey: Some(vkey) }, "signature is wrong"),
        (KeptCheckpoint { note: "nothing".to_owned(), vkey: None }, "not a signed checkpoint"),
    ] {
        let said = complaint(&desk, &kept).await;
        assert!(said.starts_with("log_checkpoints kept: ") && said.contains(words), "{said}");
    }
}
