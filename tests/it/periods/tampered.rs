//! Somebody has been at seals or totals: the database refuses, and where its guards were taken away the verification names
//! the row.

use super::autumn;
use crate::books::desk::execute;
use crate::support::app::is_postgres;
use ganhe::audit::verify::verify;
use ganhe::db::Db;
use sea_orm::{ConnectionTrait, Statement};

/// What was done, how it is undone, and the table and words by which the verification must name it.
type Forgery<'a> = (String, String, &'a str, &'a str);

async fn is_found(db: &Db, (done, undone, table, names): &Forgery<'_>) {
    execute(db, done).await.unwrap_or_else(|fault| panic!("{done}: {fault}"));
    let found = verify(db).await.unwrap().differences;
    let is_named = |one: &accounting::verify::Difference| one.table == *table && one.to_string().contains(names);
    assert!(found.iter().any(is_named), "{done}: {table} {names} is not among {found:#?}");
    execute(db, undone).await.unwrap_or_else(|fault| panic!("{undone}: {fault}"));
    let left = verify(db).await.unwrap().differences;
    assert!(left.is_empty(), "{done} was undone: {left:#?}");
}

async fn take_the_guards_away(db: &Db, tables: &[&str]) {
    for table in tables {
        let sql = if is_postgres() {
            format!("ALTER TABLE {table} DISABLE TRIGGER USER")
        } else {
            format!("DROP TRIGGER {table}_never_updated; DROP TRIGGER {table}_never_deleted")
        };
        execute(db, &sql).await.unwrap();
    }
}

/// Saves the rows of a table, changes some of them, and puts them back.
fn changed<'a>(table: &'a str, set: &str, filter: &str, names: &'a str) -> Forgery<'a> {
    let done = format!("CREATE TABLE kept AS SELECT * FROM {table}; UPDATE {table} SET {set} WHERE {filter}");
    (done, restored(table), table, names)
}

fn restored(table: &str) -> String {
    format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept")
}

#[tokio::test]
async fn seals_and_reversals_are_never_changed_or_deleted() {
    let (world, _, head) = autumn().await;
    world.seals("2022-10").await.granted();
    let deposits = head.get("/money/deposits").await.granted();
    let path = format!("/journals/{}/reversal", deposits["items"][0]["journal"].as_str().unwrap());
    let why = serde_json::json!({"reason": "错账", "document_hash": "0".repeat(64)});
    head.post(&path, why).await.granted();
    let db = &world.app.shared.db;
    for (table, column) in [("periods", "journals"), ("money_reversals", "reason")] {
        for sql in [format!("UPDATE {table} SET {column} = {column}"), format!("DELETE FROM {table}")] {
            let refusal = execute(db, &sql).await.expect_err(&sql).to_string();
            assert!(refusal.contains("never changed or deleted"), "{sql}: {refusal}");
        }
    }
    let bytes = |text: &str| if is_postgres() { format!("'\\x{text}'") } else { format!("x'{text}'") };
    take_the_guards_away(db, &["periods", "money_reversals", "journals", "entries"]).await;
    let other =
        if is_postgres() { "'00000000-0000-0000-0000-00000000004d'" } else { "x'0000000000000000000000000000004d'" };
    for set in [
        format!("journal_id = {other}"),
        "reason = 'nobody said so'".to_owned(),
        format!("document_hash = '{}'", "1".repeat(64)),
        format!("reversed_by = {other}"),
        "reversed_at = reversed_at + 1".to_owned(),
    ] {
        let named = deposits["items"][0]["id"].as_str().unwrap();
        is_found(db, &changed("money_reversals", &set, "true", named)).await;
    }
    let seal = bytes(&"ab".repeat(32));
    is_found(db, &changed("periods", &format!("seal_hash = {seal}"), "true", "2022-10")).await;
}

#[tokio::test]
async fn whatever_is_altered_in_a_seal_is_named() {
    let (world, ..) = autumn().await;
    world.seals("2022-10").await.granted();
    world.seals("2022-11").await.granted();
    let db = &world.app.shared.db;
    take_the_guards_away(db, &["periods", "journals", "entries"]).await;
    let (hash, other) = if is_postgres() {
        (format!("'\\x{}'", "ab".repeat(32)), "'00000000-0000-0000-0000-00000000004d'")
    } else {
        (format!("x'{}'", "ab".repeat(32)), "x'0000000000000000000000000000004d'")
    };
    let (october, november) = ("month = '2022-10'", "month = '2022-11'");
    for set in [
        "journals = journals + 1".to_owned(),
        format!("leaves_hash = {hash}"),
        format!("previous_hash = {hash}"),
        format!("seal_hash = {hash}"),
        "sealed_at = sealed_at + 1".to_owned(),
        format!("sealed_by = {other}"),
        format!("id = {other}"),
        "journal_id = (SELECT id FROM journals WHERE kind = 'money_deposited' LIMIT 1)".to_owned(),
    ] {
        is_found(db, &changed("periods", &set, october, "2022-10")).await;
        is_found(db, &changed("periods", &set, november, "2022-11")).await;
    }
    is_found(db, &changed("periods", "previous_hash = NULL", november, "2022-11")).await;
    is_found(db, &changed("periods", "month = '2022-08'", october, "2022-08")).await;
    is_found(db, &changed("periods", "month = '2022-1x'", november, "2022-1x")).await;
    for month in [october, november] {
        let done = format!("CREATE TABLE kept AS SELECT * FROM periods; DELETE FROM periods WHERE {month}");
        is_found(db, &(done, restored("periods"), "periods", "which is not there")).await;
    }
    // A journal that changes its month, with all its entries: balances stay right, the seals do not.
    let to = |from: &str, to: &str| {
        format!(
            "UPDATE journals SET effective_on = '{to}' WHERE effective_on = '{from}'; \
             UPDATE entries SET effective_on = '{to}' WHERE effective_on = '{from}'; \
             UPDATE daily_totals SET effective_on = '{to}' WHERE effective_on = '{from}'"
        )
    };
    let moved = (to("2022-10-31", "2022-11-30"), to("2022-11-30", "2022-10-31"), "periods", "2022-10");
    is_found(db, &moved).await;
}

#[tokio::test]
async fn whatever_is_altered_in_a_daily_total_is_named() {
    let (world, mill, _) = autumn().await;
    let db = &world.app.shared.db;
    let owner = if is_postgres() { format!("'{}'", mill.id) } else { format!("x'{}'", mill.id.simple()) };
    let account = format!("SELECT id FROM accounts WHERE owner_id = {owner} AND purpose = 'available'");
    let row = db.reader().query_one_raw(Statement::from_string(db.backend(), account.clone())).await.unwrap().unwrap();
    let named = row.try_get_by_index::<uuid::Uuid>(0).unwrap().to_string();
    let filter = format!("account_id = ({account}) AND effective_on = '2022-10-15'");
    for set in [
        "amount = amount + 1",
        "entries = entries + 1",
        "effective_on = '2022-10-16'",
        "recorded_on = '2022-11-30'",
        "book_id = 2",
    ] {
        is_found(db, &changed("daily_totals", set, &filter, &named)).await;
    }
    let missing = format!("CREATE TABLE kept AS SELECT * FROM daily_totals; DELETE FROM daily_totals WHERE {filter}");
    is_found(db, &(missing, restored("daily_totals"), "daily_totals", "the row is missing")).await;
    let surplus = format!(
        "INSERT INTO daily_totals SELECT book_id, account_id, '2022-09-01', recorded_on, 1, 1 FROM daily_totals WHERE {filter}"
    );
    let undone = "DELETE FROM daily_totals WHERE effective_on = '2022-09-01'".to_owned();
    is_found(db, &(surplus, undone, "daily_totals", "no entry adds to the row")).await;
}
