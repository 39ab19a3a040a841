//! What a serving node may do to the tables (数据库授权): the statements that give a role of PostgreSQL these rights and no others. They
//! are made from the tables of the database at hand and from the triggers that keep its history, so that a table which a later version
//! brings is never forgotten.

use crate::db::Db;
use crate::kernel::Failure;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use std::fmt::Write;

/// Tables from which a serving node deletes: keys of commands after their time, and what sign-ins leave behind.
const DELETED_FROM: [&str; 4] = ["command_keys", "sign_in_failures", "sessions", "refresh_tokens"];
/// The list of migrations: a serving node compares it with its own and never writes it.
const READ_ONLY: &str = "seaql_migrations";

/// A table, and what its triggers refuse to everybody.
struct Table {
    name: String,
    is_insert_only: bool,
}

/// The statements for a role. Run by the owner of the tables after each `ganhe migrate`, they may be run again at any time.
///
/// # Errors
/// A fault of the database, also when it is no PostgreSQL or has no tables.
pub async fn grants(db: &Db, role: &str) -> Result<String, Failure> {
    if db.backend() != DbBackend::Postgres {
        return Err(Failure::bug("SQLite has no roles: who can write the file can change anything in it"));
    }
    let tables = read_tables(db).await?;
    if tables.is_empty() {
        return Err(Failure::bug("this database has no tables: run `ganhe migrate` first"));
    }
    Ok(told(&tables, role))
}

async fn read_tables(db: &Db) -> Result<Vec<Table>, Failure> {
    let sql = "SELECT c.relname::text AS name, EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid \
               AND t.tgname = c.relname || '_insert_only') AS is_insert_only \
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE c.relkind = 'r' AND n.nspname = current_schema() ORDER BY c.relname";
    let rows = db.reader().query_all_raw(Statement::from_string(db.backend(), sql)).await?;
    let read = |row: &sea_orm::QueryResult| -> Result<Table, Failure> {
        Ok(Table { name: row.try_get("", "name")?, is_insert_only: row.try_get("", "is_insert_only")? })
    };
    rows.iter().map(read).collect()
}

/// A name in quotes, whatever is in it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn told(tables: &[Table], role: &str) -> String {
    let role = quoted(role);
    let rights = |table: &Table| match table.name.as_str() {
        READ_ONLY => "SELECT",
        _ if table.is_insert_only => "SELECT, INSERT",
        name if DELETED_FROM.contains(&name) => "SELECT, INSERT, UPDATE, DELETE",
        _ => "SELECT, INSERT, UPDATE",
    };
    let mut text = format!(
        "-- What a node of Ganhe needs to serve. Run as the owner of the tables, after each `ganhe migrate`.\n\
         BEGIN;\n\
         REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role};\n\
         GRANT USAGE ON SCHEMA public TO {role};\n"
    );
    for table in tables {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "GRANT {} ON {} TO {role};", rights(table), quoted(&table.name));
    }
    text.push_str("COMMIT;\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_is_never_updated_and_no_name_escapes_its_quotes() {
        let table = |name: &str, is_insert_only| Table { name: name.to_owned(), is_insert_only };
        let tables =
            [table("entries", true), table("sessions", false), table("trades", false), table(READ_ONLY, false)];
        let text = told(&tables, "a\"; DROP TABLE entries; --");
        for line in [
            "GRANT SELECT, INSERT ON \"entries\" TO \"a\"\"; DROP TABLE entries; --\";",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON \"sessions\" TO \"a\"\"; DROP TABLE entries; --\";",
            "GRANT SELECT, INSERT, UPDATE ON \"trades\" TO \"a\"\"; DROP TABLE entries; --\";",
            "GRANT SELECT ON \"seaql_migrations\" TO \"a\"\"; DROP TABLE entries; --\";",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is not in {text}");
        }
    }
}
