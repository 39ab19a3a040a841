//! Somebody has been at the tables: the verification names the row, and so does the program.

use super::desk::{Desk, execute, paid_in};
use super::history::History;
use crate::support::app::is_postgres;
use ganhe::audit::verify::verify;
use ganhe::db::Db;
use sea_orm::{ConnectionTrait, Statement};
use std::process::Output;
use uuid::Uuid;

/// Tables whose guards somebody takes away first.
const GUARDED: [&str; 2] = ["journals", "entries"];

async fn take_the_guards_away(db: &Db) {
    for table in GUARDED {
        if is_postgres() {
            execute(db, &format!("ALTER TABLE {table} DISABLE TRIGGER USER")).await.unwrap();
        } else {
            execute(db, &format!("DROP TRIGGER {table}_never_updated; DROP TRIGGER {table}_never_deleted"))
                .await
                .unwrap();
        }
    }
}

/// Something that was altered.
struct Forgery {
    /// In words.
    what: &'static str,
    /// Finds the id by which the verification must name the row.
    names: String,
    /// Does it.
    done: String,
    /// Undoes it.
    undone: String,
    /// In which of these tables the row is said to be.
    table: &'static str,
}

fn literal(id: Uuid) -> String {
    if is_postgres() { format!("'{id}'") } else { format!("x'{}'", id.simple()) }
}

async fn id(db: &Db, sql: &str) -> Uuid {
    let row = db.reader().query_one_raw(Statement::from_string(db.backend(), sql)).await.unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

async fn program(url: &str) -> Output {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_ganhe"));
    command.arg("verify").env_remove("GANHE_TEST_DATABASE").env("GANHE_DATABASE_URL", url).output().await.unwrap()
}

fn forgery(what: &'static str, names: Uuid, done: &str, undone: &str, table: &'static str) -> Forgery {
    Forgery { what, names: names.to_string(), done: done.to_owned(), undone: undone.to_owned(), table }
}

fn of_entries(account: Uuid, journal: Uuid) -> Vec<Forgery> {
    let (account_at, journal_at) = (literal(account), literal(journal));
    let last = format!(
        "account_id = {account_at} AND version = (SELECT MAX(version) FROM entries WHERE account_id = {account_at})"
    );
    let first = format!("UPDATE entries SET {{}} WHERE account_id = {account_at} AND version = 1");
    let set = |what: &str| first.replace("{}", what);
    let foreign = format!(
        "INSERT INTO entries SELECT book_id, account_id, version + 1, {journal_at}, 77, 5, balance_after + 5, recorded_at, effective_on \
         FROM entries WHERE {last}"
    );
    let keep = format!("CREATE TABLE kept AS SELECT * FROM entries WHERE {last}; DELETE FROM entries WHERE {last}");
    vec![
        forgery("entry amount", account, &set("amount = amount + 1"), &set("amount = amount - 1"), "entries"),
        forgery(
            "balance after",
            account,
            &set("balance_after = balance_after + 1"),
            &set("balance_after = balance_after - 1"),
            "entries",
        ),
        forgery(
            "version",
            account,
            &set("version = 900"),
            &set("version = 1").replace("version = 1 AND", "").replace("AND version = 1", "AND version = 900"),
            "entries",
        ),
        forgery(
            "entry line",
            journal,
            &format!("UPDATE entries SET line = 55 WHERE journal_id = {journal_at} AND line = 0 AND amount > 0"),
            &format!("UPDATE entries SET line = 0 WHERE journal_id = {journal_at} AND line = 55"),
            "entries",
        ),
        forgery(
            "entry date",
            journal,
            &set("effective_on = '2022-11-30'"),
            &set("effective_on = '2022-12-01'"),
            "entries",
        ),
        forgery(
            "deleted last entry",
            account,
            &keep,
            "INSERT INTO entries SELECT * FROM kept; DROP TABLE kept",
            "accounts",
        ),
        forgery("foreign entry", account, &foreign, "DELETE FROM entries WHERE line = 77", "accounts"),
    ]
}

fn of_accounts_and_journals(account: Uuid, journal: Uuid) -> Vec<Forgery> {
    let (account_at, journal_at) = (literal(account), literal(journal));
    vec![
        forgery(
            "account balance",
            account,
            &format!("UPDATE accounts SET balance = balance + 1 WHERE id = {account_at}"),
            &format!("UPDATE accounts SET balance = balance - 1 WHERE id = {account_at}"),
            "accounts",
        ),
        forgery(
            "account version",
            account,
            &format!("UPDATE accounts SET version = version + 1 WHERE id = {account_at}"),
            &format!("UPDATE accounts SET version = version - 1 WHERE id = {account_at}"),
            "accounts",
        ),
        forgery(
            "journal instant",
            journal,
            &format!("UPDATE journals SET recorded_at = recorded_at + 1 WHERE id = {journal_at}"),
            &format!("UPDATE journals SET recorded_at = recorded_at - 1 WHERE id = {journal_at}"),
            "entries",
        ),
        forgery(
            "journal date",
            journal,
            &format!("UPDATE journals SET effective_on = '2022-11-30' WHERE id = {journal_at}"),
            &format!("UPDATE journals SET effective_on = '2022-12-01' WHERE id = {journal_at}"),
            "entries",
        ),
    ]
}

/// Columns of a journal that no balance depends on: only its leaf hash tells.
fn of_words(journal: Uuid) -> Vec<Forgery> {
    let at = literal(journal);
    let set = |what: &str| format!("UPDATE journals SET {what} WHERE id = {at}");
    let other = literal(Uuid::from_u128(77));
    let actor = format!(
        "CREATE TABLE kept AS SELECT actor_id FROM journals WHERE id = {at}; {}",
        set(&format!("actor_id = {other}"))
    );
    let actor_back = format!("{}; DROP TABLE kept", set("actor_id = (SELECT actor_id FROM kept)"));
    vec![
        forgery(
            "kind",
            journal,
            &set("kind = kind || 'x'"),
            &set("kind = substr(kind, 1, length(kind) - 1)"),
            "journals",
        ),
        forgery("actor", journal, &actor, &actor_back, "journals"),
        forgery("reason", journal, &set("reason = 'nobody said so'"), &set("reason = NULL"), "journals"),
        forgery("document", journal, &set("document_hash = 'none'"), &set("document_hash = NULL"), "journals"),
        forgery(
            "version",
            journal,
            &set("subject_version = subject_version + 70"),
            &set("subject_version = subject_version - 70"),
            "journals",
        ),
    ]
}

fn of_business(history: &History, [lien, released, capacity]: [Uuid; 3]) -> Vec<Forgery> {
    let more = |table: &'static str, column: &str, row: Uuid, what| Forgery {
        what,
        names: row.to_string(),
        done: format!("UPDATE {table} SET {column} = {column} - 1 WHERE id = {}", literal(row)),
        undone: format!("UPDATE {table} SET {column} = {column} + 1 WHERE id = {}", literal(row)),
        table,
    };
    let state = |table: &'static str, row: Uuid, from: &str, to: &str, what, named| Forgery {
        what,
        names: row.to_string(),
        done: format!("UPDATE {table} SET state = '{to}' WHERE id = {}", literal(row)),
        undone: format!("UPDATE {table} SET state = '{from}' WHERE id = {}", literal(row)),
        table: named,
    };
    vec![
        more("liens", "quantity", lien, "lien quantity"),
        more("trades", "paid", history.approved, "paid of an approved trade"),
        more("trades", "quantity", history.approved, "quantity of an approved trade"),
        more("trades", "paid", history.closed, "paid of a closed trade"),
        more("trades", "quantity", history.closed, "quantity of a closed trade"),
        more("trades", "quantity", history.across, "quantity of a trade across the border"),
        more("allocations", "quantity", history.allocation, "quantity of a grant"),
        more("capacities", "cap", capacity, "cap of an area"),
        state("trades", history.approved, "approved", "cancelled", "state of a trade", "accounts"),
        state("trades", history.across, "approved", "matched", "state of a trade across the border", "accounts"),
        state("allocations", history.allocation, "active", "rejected", "state of a grant", "allocations"),
        Forgery {
            what: "quantity of a released lien",
            names: released.to_string(),
            done: format!("UPDATE liens SET quantity = quantity + 1 WHERE id = {}", literal(released)),
            undone: format!("UPDATE liens SET quantity = quantity - 1 WHERE id = {}", literal(released)),
            table: "liens",
        },
        Forgery {
            what: "quantity of an open offer",
            names: history.offered_trade.to_string(),
            done: format!("UPDATE offers SET quantity = quantity + 1 WHERE id = {}", literal(history.open_offer)),
            undone: format!("UPDATE offers SET quantity = quantity - 1 WHERE id = {}", literal(history.open_offer)),
            table: "offers",
        },
    ]
}

async fn is_found(db: &Db, url: &str, forgery: &Forgery) {
    let Forgery { what, names, done, undone, table } = forgery;
    execute(db, done).await.unwrap_or_else(|fault| panic!("{what}: {done}: {fault}"));
    let found = verify(db).await.unwrap().differences;
    let is_named =
        |difference: &accounting::verify::Difference| difference.table == *table && difference.row.contains(names);
    assert!(found.iter().any(is_named), "{what}: {table} {names} is not among {found:#?}");
    let output = program(url).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{what}: {said}");
    assert!(said.contains(names.as_str()), "{what}: {said}");
    execute(db, undone).await.unwrap_or_else(|fault| panic!("{what}: {undone}: {fault}"));
    let left = verify(db).await.unwrap().differences;
    assert!(left.is_empty(), "{what} was undone: {left:#?}");
}

#[tokio::test]
async fn whatever_is_altered_is_named() {
    let history = History::happen().await;
    let (db, url) = (&history.world.app.shared.db, &history.world.app.url);
    history.world.books_are_right().await;
    let output = program(url).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("The books are right"));
    take_the_guards_away(db).await;
    let mill = literal(history.mill.site);
    let account = format!("SELECT id FROM accounts WHERE owner_id = {mill} AND purpose = 'available' AND balance <> 0");
    let account = id(db, &account).await;
    let journal = format!("SELECT journal_id FROM entries WHERE account_id = {} AND version = 1", literal(account));
    let journal = id(db, &journal).await;
    let lien_of = |pledge| format!("SELECT id FROM liens WHERE pledge_id = {}", literal(pledge));
    let lien = id(db, &lien_of(history.registered)).await;
    let released = id(db, &lien_of(history.released)).await;
    let capacity = id(db, "SELECT id FROM capacities WHERE area_path LIKE '%421222' AND pollutant = 'COD'").await;
    let rows = [lien, released, capacity];
    for forgery in of_entries(account, journal)
        .iter()
        .chain(&of_accounts_and_journals(account, journal))
        .chain(&of_words(journal))
        .chain(&of_business(&history, rows))
    {
        is_found(db, url, forgery).await;
    }
}

#[tokio::test]
async fn ids_may_run_against_the_order_of_posting() {
    let desk = Desk::open().await;
    let purses = desk.purses(2).await;
    // Some hundreds wait for each other in memory; of the long history so many wait that it is read on its own.
    for (purse, count) in [(purses[0], 300), (purses[1], 5_200)] {
        let mut journals: Vec<_> = (0..count).map(|_| paid_in(purse, 1)).collect();
        let ids: Vec<_> = journals.iter().map(|journal| journal.id).collect();
        journals.iter_mut().zip(ids.into_iter().rev()).for_each(|(journal, id)| journal.id = id);
        desk.post(&journals).await.unwrap();
        desk.is_right().await;
    }
    take_the_guards_away(desk.db()).await;
    for purse in purses {
        let of_purse = format!("SELECT id FROM accounts WHERE owner_id = {}", literal(purse.owner.0));
        let account = id(desk.db(), &of_purse).await;
        let forged =
            format!("UPDATE entries SET balance_after = 7 WHERE version = 200 AND account_id = {}", literal(account));
        execute(desk.db(), &forged).await.unwrap();
        let found = verify(desk.db()).await.unwrap().differences;
        let row = format!("account {account} version 200 ");
        assert!(found.iter().any(|difference| difference.row.starts_with(&row)), "{row} is not among {found:#?}");
    }
}
