//! The program says the same as the library, with its exit code.

use super::attack::{execute, take_the_guards_away, told, victim};
use super::story;
use crate::support::app::is_postgres;
use std::process::Output;

async fn program(url: &str) -> Output {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_ganhe"));
    command.arg("verify").env_remove("GANHE_TEST_DATABASE").env("GANHE_DATABASE_URL", url).output().await.unwrap()
}

#[tokio::test]
async fn the_program_names_what_was_done_and_fails() {
    let history = story::happen().await;
    let (db, url) = (&history.world.app.shared.db, &history.world.app.url);
    let output = program(url).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("The books are right") && said.contains("evidence records"), "{said}");
    take_the_guards_away(db).await;
    if is_postgres() {
        execute(db.writer(), "ALTER TABLE decisions DISABLE TRIGGER USER").await;
        execute(db.writer(), "ALTER TABLE rulebook_rules DISABLE TRIGGER USER").await;
        execute(db.writer(), "ALTER TABLE entries DISABLE TRIGGER USER").await;
    }
    let deeds = [
        ("pledges", "loan_contract = '另一份合同'", "id"),
        ("decisions", "reason = 'nobody said so'", "id"),
        ("rulebook_rules", "value = '0.01'", "name"),
        ("entries", "amount = amount + 1", "account_id"),
    ];
    let mut names = Vec::new();
    for (table, set, key) in deeds {
        let place = victim(db.writer(), table, "1 = 1").await.unwrap();
        let key = told(db.writer(), table, &[key.to_owned()], &place).await.remove(0);
        assert_eq!(execute(db.writer(), &format!("UPDATE {table} SET {set} WHERE {place}")).await, 1);
        names.push((table, key));
        // What was done before stays done: each deed is named beside the others.
        let output = program(url).await;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        for (table, key) in &names {
            let is_named = said.lines().any(|line| line.starts_with(table) && line.contains(key));
            assert!(is_named, "{table} {key} is not named in {said}");
        }
    }
}
