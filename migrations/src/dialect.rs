//! One text for both databases: the few words that differ are put in here.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// Runs the statements with the words of the database at hand.
///
/// `{uuid}` is a UUID, `{big}` a 64-bit integer, `{bytes}` raw bytes, `{bool}` a truth value, `{strict}` makes SQLite check column types,
/// `{bytewise}` sorts text by its bytes, as SQLite does anyway.
/// Instants are `{big}` microseconds since 1970 UTC and days are ISO text, so that both databases hold, sort and hash the
/// very same values.
pub async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let words: [(&str, &str, &str); 6] = [
        ("{uuid}", "BLOB", "uuid"),
        ("{big}", "INTEGER", "bigint"),
        ("{bytes}", "BLOB", "bytea"),
        ("{bool}", "INTEGER", "boolean"),
        ("{strict}", "STRICT", ""),
        ("{bytewise}", "", "COLLATE \"C\""),
    ];
    let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
    let text = words.iter().fold(sql.to_owned(), |text, (word, sqlite, postgres)| {
        text.replace(word, if is_sqlite { sqlite } else { postgres })
    });
    manager.get_connection().execute_unprepared(&text).await.map(|_| ())
}

/// A constraint of a table that is loosened: what becomes of its words on SQLite, and the statement of PostgreSQL.
pub struct Rewording {
    /// The words in the statement that made the table, and those in their place.
    pub sqlite: (&'static str, &'static str),
    /// The same as a statement.
    pub postgres: &'static str,
}

/// Loosens constraints of a table. SQLite alters none of them by a statement; where no stored row changes, it lets the words of the
/// table be written anew in the schema (lang_altertable, section 7), which is read again at once.
pub async fn reword(manager: &SchemaManager<'_>, table: &str, changes: &[Rewording]) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() != DbBackend::Sqlite {
        for change in changes {
            connection.execute_unprepared(change.postgres).await?;
        }
        return Ok(());
    }
    for Rewording { sqlite: (before, after), .. } in changes {
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let (before, after, table) = (quoted(before), quoted(after), quoted(table));
        connection.execute_unprepared("PRAGMA writable_schema = ON").await?;
        let sql = format!(
            "UPDATE sqlite_schema SET sql = replace(sql, {before}, {after}) \
             WHERE type = 'table' AND name = {table} AND instr(sql, {before}) > 0"
        );
        let reworded = connection.execute_unprepared(&sql).await?.rows_affected();
        connection.execute_unprepared("PRAGMA writable_schema = RESET").await?;
        if reworded != 1 {
            return Err(DbErr::Custom(format!("the table {table} does not say {before}")));
        }
    }
    Ok(())
}

/// Makes tables insert-only: history is never updated or deleted.
pub async fn insert_only(manager: &SchemaManager<'_>, tables: &[&str]) -> Result<(), DbErr> {
    let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
    if !is_sqlite {
        manager.get_connection().execute_unprepared(POSTGRES_FUNCTION).await?;
    }
    for table in tables {
        let sql = if is_sqlite { SQLITE_TRIGGERS } else { POSTGRES_TRIGGERS };
        manager.get_connection().execute_unprepared(&sql.replace("{table}", table)).await?;
    }
    Ok(())
}

/// Lets rows of a table only grow: they are never deleted, each change counts its version up, and what stands in a group of columns
/// stays as it is from then on when the first of the group is filled.
pub async fn grow_only(manager: &SchemaManager<'_>, table: &str, groups: &[&[&str]]) -> Result<(), DbErr> {
    let changed = |columns: &[&str]| {
        let each: Vec<String> = columns.iter().map(|name| format!("OLD.{name} IS DISTINCT FROM NEW.{name}")).collect();
        format!("(OLD.{} IS NOT NULL AND ({}))", columns[0], each.join(" OR "))
    };
    let kept: Vec<String> = groups.iter().map(|columns| changed(columns)).collect();
    let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
    let sql = if is_sqlite { SQLITE_GROWING } else { POSTGRES_GROWING };
    let sql = sql.replace("{table}", table).replace("{kept}", &kept.join(" OR "));
    manager.get_connection().execute_unprepared(&sql).await.map(|_| ())
}

const POSTGRES_GROWING: &str = "
CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER {table}_never_truncated BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER {table}_only_grow BEFORE UPDATE ON {table}
    FOR EACH ROW WHEN (NEW.version <= OLD.version OR {kept}) EXECUTE FUNCTION refuse_change_of_history();";

const SQLITE_GROWING: &str = "
CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON {table}
BEGIN
    SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted');
END;
CREATE TRIGGER {table}_only_grow BEFORE UPDATE ON {table} WHEN NEW.version <= OLD.version OR {kept}
BEGIN
    SELECT RAISE(ABORT, 'what stands in rows of {table} is never changed or deleted');
END;";

const POSTGRES_FUNCTION: &str = "
CREATE OR REPLACE FUNCTION refuse_change_of_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END
$$;";

const POSTGRES_TRIGGERS: &str = "
CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER {table}_never_truncated BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();";

const SQLITE_TRIGGERS: &str = "
CREATE TRIGGER {table}_never_updated BEFORE UPDATE ON {table}
BEGIN
    SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted');
END;
CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON {table}
BEGIN
    SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted');
END;";
