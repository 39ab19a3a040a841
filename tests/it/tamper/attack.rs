//! What somebody with the database in hand can do: take the guards away, then change, delete and insert rows.

use super::catalogue::{Column, Kind, Table, rows};
use crate::support::app::is_postgres;
use ganhe::db::Db;
use ganhe::kernel::ids;
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};
use uuid::Uuid;

/// Added to a number that must be another one.
const FAR: i64 = 100_000;

/// Where a row is, whatever its key.
fn place() -> &'static str {
    if is_postgres() { "ctid" } else { "rowid" }
}

/// Takes CHECKs, triggers, foreign keys and the unique indexes of some rows only away.
pub async fn take_the_guards_away(db: &Db) {
    let listed = if is_postgres() {
        "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint \
         WHERE contype = 'c' AND connamespace = 'public'::regnamespace UNION ALL \
         SELECT format('DROP INDEX %I', indexname) FROM pg_indexes \
         WHERE schemaname = 'public' AND indexdef LIKE 'CREATE UNIQUE INDEX%WHERE%'"
    } else {
        "SELECT format('DROP TRIGGER %s', name) FROM sqlite_schema WHERE type = 'trigger' UNION ALL \
         SELECT format('DROP INDEX %s', name) FROM sqlite_schema WHERE type = 'index' AND sql LIKE 'CREATE UNIQUE INDEX%WHERE%'"
    };
    let mut commands: Vec<String> =
        rows(db.writer(), listed).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    assert!(commands.len() > 20, "there are no guards to take away");
    if !is_postgres() {
        commands.extend(["PRAGMA ignore_check_constraints = ON".to_owned(), "PRAGMA foreign_keys = OFF".to_owned()]);
    }
    for command in commands {
        db.writer().execute_unprepared(&command).await.unwrap();
    }
}

/// A transaction in which nothing stands in the way any more, to be rolled back.
#[expect(clippy::disallowed_methods, reason = "whoever attacks opens no Work")]
pub async fn begin(db: &Db) -> DatabaseTransaction {
    let attack = db.writer().begin().await.unwrap();
    if is_postgres() {
        attack.execute_unprepared("SET LOCAL session_replication_role = replica").await.unwrap();
    }
    attack
}

/// Writes, and tells how many rows it met.
pub async fn execute(attack: &impl ConnectionTrait, sql: &str) -> u64 {
    attack.execute_unprepared(sql).await.unwrap_or_else(|fault| panic!("{sql}: {fault}")).rows_affected()
}

/// The place of a row in the middle of those that fit.
pub async fn victim(db: &impl ConnectionTrait, name: &str, filter: &str) -> Option<String> {
    let cast = if is_postgres() { "ctid::text" } else { "CAST(rowid AS text)" };
    let at = place();
    let found = rows(db, &format!("SELECT {cast} FROM {name} WHERE {filter} ORDER BY {at}")).await;
    let row = found.get(found.len() / 2)?;
    let found: String = row.try_get_by_index(0).unwrap();
    Some(if is_postgres() { format!("ctid = '{found}'") } else { format!("rowid = {found}") })
}

/// What columns of a row say, ids as they are printed.
pub async fn told(db: &impl ConnectionTrait, name: &str, columns: &[String], place: &str) -> Vec<String> {
    let found = rows(db, &format!("SELECT {} FROM {name} WHERE {place}", columns.join(", "))).await;
    let row = found.first().unwrap_or_else(|| panic!("{name} has no row where {place}"));
    let read = |at: usize| {
        // A text of sixteen letters would pass for an id.
        let text = row.try_get_by_index::<String>(at);
        let text = text.or_else(|_| row.try_get_by_index::<i64>(at).map(|number| number.to_string()));
        let text = text.or_else(|_| row.try_get_by_index::<i32>(at).map(|number| number.to_string()));
        text.unwrap_or_else(|_| row.try_get_by_index::<Uuid>(at).unwrap().to_string())
    };
    (0..columns.len()).map(read).collect()
}

fn literal(id: Uuid) -> String {
    if is_postgres() { format!("'{id}'::uuid") } else { format!("x'{}'", id.simple()) }
}

/// Something else than what stands there; far from it where the next number may be taken.
pub fn another(column: &Column, is_unique: bool) -> String {
    let name = &column.name;
    match column.kind {
        Kind::Id if is_postgres() => literal(ids::fresh()),
        // On SQLite it may be any bytes: as many others.
        Kind::Id => format!("randomblob(length({name}))"),
        Kind::Bytes => format!("set_byte({name}, 0, get_byte({name}, 0) # 1)"),
        Kind::Text => format!("{name} || 'x'"),
        Kind::Number if is_unique => format!("{name} + {FAR}"),
        Kind::Number => format!("{name} + 1"),
        Kind::Truth => format!("NOT {name}"),
    }
}

/// Something where nothing stands.
pub fn something(column: &Column) -> String {
    match column.kind {
        Kind::Id => literal(ids::fresh()),
        Kind::Bytes => "'\\x01'::bytea".to_owned(),
        Kind::Text => "'x'".to_owned(),
        Kind::Number => "1".to_owned(),
        Kind::Truth => "true".to_owned(),
    }
}

fn renewed(column: &Column) -> String {
    if column.kind == Kind::Id { literal(ids::fresh()) } else { another(column, true) }
}

/// A statement that copies a row under a fresh key, past every unique index.
pub fn copied(name: &str, table: &Table, place: &str) -> String {
    let mut changed: Vec<&str> = Vec::new();
    for unique in &table.unique {
        if unique.iter().any(|column| changed.contains(&column.as_str())) {
            continue;
        }
        let own = unique.iter().filter(|column| *column != "book_id").map(|column| table.column(column));
        let (ids, others): (Vec<&Column>, Vec<&Column>) = own.partition(|column| column.kind == Kind::Id);
        // An account or a subject keeps its identity where a number or a word can tell two rows apart.
        changed.push(others.last().or(ids.last()).map_or("book_id", |column| column.name.as_str()));
    }
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let fresh = |column: &Column| {
        if changed.contains(&column.name.as_str()) { renewed(column) } else { column.name.clone() }
    };
    let values: Vec<String> = table.columns.iter().map(fresh).collect();
    format!("INSERT INTO {name} ({}) SELECT {} FROM {name} WHERE {place}", names.join(", "), values.join(", "))
}
