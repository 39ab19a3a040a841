//! What the database refuses by itself, whoever sends it.

use super::desk::execute;
use super::history::History;
use crate::support::app::is_postgres;
use ganhe::db::Db;
use sea_orm::{ConnectionTrait, Statement};

/// Tables that tell history.
const HISTORY: [&str; 17] = [
    "journals",
    "entries",
    "decisions",
    "tasks",
    "refusals",
    "money_movements",
    "outbox",
    "assets",
    "owners",
    "reductions",
    "access_log",
    "capacity_caps",
    "trade_approvals",
    "trade_variations",
    "rulebooks",
    "rulebook_rules",
    "evidence",
];

async fn names(db: &Db, sql: &str) -> Vec<String> {
    let rows = db.reader().query_all_raw(Statement::from_string(db.backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// A column of a table, to be set to itself.
async fn column(db: &Db, table: &str) -> String {
    let sql = if is_postgres() {
        format!(
            "SELECT column_name::text FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position"
        )
    } else {
        format!("SELECT name FROM pragma_table_info('{table}')")
    };
    names(db, &sql).await.swap_remove(0)
}

async fn is_refused(db: &Db, sql: &str, because: &str) {
    let refusal = execute(db, sql).await.expect_err(sql).to_string().to_lowercase();
    assert!(refusal.contains(because), "{sql}: {refusal}");
}

#[tokio::test]
async fn history_is_never_changed_or_deleted() {
    let history = History::happen().await;
    let db = &history.world.app.shared.db;
    for table in HISTORY {
        let count: usize = names(db, &format!("SELECT CAST(COUNT(*) AS text) FROM {table}")).await[0].parse().unwrap();
        assert!(count > 0, "{table} tells nothing");
        let column = column(db, table).await;
        is_refused(db, &format!("UPDATE {table} SET {column} = {column}"), "never changed or deleted").await;
        is_refused(db, &format!("DELETE FROM {table}"), "never changed or deleted").await;
        if is_postgres() {
            is_refused(db, &format!("TRUNCATE {table} CASCADE"), "never changed or deleted").await;
            let upsert = format!(
                "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ON CONSTRAINT {table}_pkey DO UPDATE SET {column} = EXCLUDED.{column}"
            );
            is_refused(db, &upsert, "never changed or deleted").await;
        } else {
            is_refused(db, &format!("REPLACE INTO {table} SELECT * FROM {table}"), "never changed or deleted").await;
        }
        let left: usize = names(db, &format!("SELECT CAST(COUNT(*) AS text) FROM {table}")).await[0].parse().unwrap();
        assert_eq!(left, count, "{table}");
    }
    history.world.books_are_right().await;
}

/// A row like an existing one, with some columns replaced.
async fn like(db: &Db, table: &str, changes: &[(&str, &str)], filter: &str) -> String {
    let sql = if is_postgres() {
        format!(
            "SELECT column_name::text FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position"
        )
    } else {
        format!("SELECT name FROM pragma_table_info('{table}')")
    };
    let columns = names(db, &sql).await;
    let values: Vec<&str> = columns
        .iter()
        .map(|column| changes.iter().find(|(name, _)| name == column).map_or(column.as_str(), |(_, value)| *value))
        .collect();
    format!(
        "INSERT INTO {table} ({}) SELECT {} FROM {table} WHERE {filter} LIMIT 1",
        columns.join(", "),
        values.join(", ")
    )
}

/// An id that nobody has yet.
fn new_id() -> &'static str {
    if is_postgres() { "gen_random_uuid()" } else { "randomblob(16)" }
}

#[tokio::test]
async fn a_bad_entry_or_journal_is_refused_whoever_writes_it() {
    let history = History::happen().await;
    let db = &history.world.app.shared.db;
    let entry = async |changes: &[(&str, &str)]| like(db, "entries", changes, "version = 1").await;
    let (check, unique, foreign) = ("check constraint", "unique constraint", "foreign key");
    is_refused(db, &entry(&[("amount", "0"), ("version", "900"), ("line", "90")]).await, check).await;
    is_refused(db, &entry(&[("version", "0"), ("line", "90")]).await, check).await;
    is_refused(db, &entry(&[("line", "90")]).await, unique).await;
    is_refused(db, &entry(&[("version", "900")]).await, unique).await;
    is_refused(db, &entry(&[("version", "900"), ("journal_id", new_id())]).await, foreign).await;
    is_refused(db, &entry(&[("account_id", new_id()), ("line", "90")]).await, foreign).await;
    let journal = async |changes: &[(&str, &str)]| like(db, "journals", changes, "reverses_id IS NULL").await;
    is_refused(db, &journal(&[("id", new_id())]).await, unique).await;
    is_refused(db, &journal(&[("id", new_id()), ("subject_version", "0")]).await, check).await;
    let of_no_book = [("id", new_id()), ("subject_id", new_id()), ("book_id", "77")];
    is_refused(db, &journal(&of_no_book).await, foreign).await;
    history.world.app.clock.advance(jiff::SignedDuration::from_mins(1));
    assert!(ganhe::ledger::log::sequence_once(db).await.unwrap() > 0);
    let of_no_book = [("position", "900000"), ("source_id", new_id()), ("book_id", "77")];
    is_refused(db, &like(db, "log_leaves", &of_no_book, "position = 0").await, foreign).await;
    let stays = if is_postgres() { "never changed or deleted" } else { foreign };
    for table in ["accounts", "books"] {
        is_refused(db, &format!("DELETE FROM {table}"), stays).await;
        let other = if table == "books" { "77" } else { new_id() };
        is_refused(db, &format!("UPDATE {table} SET id = {other}"), if is_postgres() { stays } else { "constraint" })
            .await;
    }
    let reversal = [("id", new_id()), ("subject_id", new_id()), ("reverses_id", "id")];
    execute(db, &journal(&reversal).await).await.unwrap();
    is_refused(db, &journal(&reversal).await, unique).await;
    is_refused(db, "UPDATE accounts SET balance = -1 WHERE purpose = 'available'", check).await;
    is_refused(db, "UPDATE accounts SET version = -1", check).await;
    let account = [("id", new_id())];
    is_refused(db, &like(db, "accounts", &account, "purpose = 'available'").await, unique).await;
    execute(db, "UPDATE accounts SET balance = balance - 1 WHERE purpose = 'outside'").await.unwrap();
    assert!(!ganhe::audit::verify::verify(db).await.unwrap().differences.is_empty(), "and yet it does not pass unseen");
}

#[tokio::test]
async fn a_business_row_that_cannot_be_is_refused_whoever_writes_it() {
    let history = History::happen().await;
    let db = &history.world.app.shared.db;
    for sql in [
        "UPDATE installation SET business_offset = 1",
        "UPDATE allocations SET quantity = 0",
        "UPDATE allocations SET state = 'perhaps'",
        "UPDATE offers SET quantity = -1",
        "UPDATE offers SET buyer_site_id = seller_site_id",
        "UPDATE trades SET paid = total + 1",
        "UPDATE trades SET paid = -1",
        "UPDATE trades SET state = 'nearly settled'",
        "UPDATE liens SET quantity = 0",
        "UPDATE pledges SET number = NULL WHERE state = 'registered'",
        "UPDATE pledges SET number = 'PL-9' WHERE state = 'withdrawn'",
        "UPDATE pledges SET secured = principal + 1",
        "UPDATE pledges SET debt_to = debt_from",
        "UPDATE capacities SET cap = -1",
        "UPDATE permits SET valid_to = '2000-01-01'",
        "UPDATE permit_quantities SET quantity = -1",
        "UPDATE users SET roles = ''",
        "UPDATE organisations SET kind = 'friend'",
        "INSERT INTO pledge_numbers (year, last, version) VALUES (2000, 0, 1)",
    ] {
        is_refused(db, sql, "check constraint").await;
    }
    let own = [("id", new_id()), ("decided_by", "proposed_by")];
    for table in ["tasks", "decisions"] {
        is_refused(db, &like(db, table, &own, "decided_by IS NOT NULL AND second_person").await, "check constraint")
            .await;
    }
    let twice = [("id", new_id()), ("amount", "1")];
    is_refused(db, &like(db, "money_movements", &twice, "amount > 0").await, "unique constraint").await;
    let nothing = [("id", new_id()), ("bank_reference", "'XN-0'"), ("amount", "0")];
    is_refused(db, &like(db, "money_movements", &nothing, "amount > 0").await, "check constraint").await;
    let lien = [("id", new_id())];
    is_refused(db, &like(db, "liens", &lien, "quantity > 0").await, "unique constraint").await;
    let trade = [("id", new_id())];
    is_refused(db, &like(db, "trades", &trade, "quantity > 0").await, "unique constraint").await;
    history.world.books_are_right().await;
}
