//! How PostgreSQL checks the references of history.
//!
//! A declared foreign key asks for each row by a query of its own, which took a third of the time of posting a batch. What
//! journals and entries refer to is never deleted and never gets another key, so one query for all rows of a statement
//! refuses exactly the same rows. SQLite looks a reference up in its index for next to nothing and keeps the declared keys.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// A reference of a table of history, by the name of its declared key.
pub struct Reference {
    pub constraint: &'static str,
    pub table: &'static str,
    pub target: &'static str,
    pub matches: &'static str,
}

pub const OF_JOURNALS: Reference = Reference {
    constraint: "journals_book_id_fkey",
    table: "journals",
    target: "books",
    matches: "target.id = added.book_id",
};

pub const OF_ENTRIES_TO_ACCOUNTS: Reference = Reference {
    constraint: "entries_account",
    table: "entries",
    target: "accounts",
    matches: "target.book_id = added.book_id AND target.id = added.account_id",
};

pub const OF_ENTRIES_TO_JOURNALS: Reference = Reference {
    constraint: "entries_journal",
    table: "entries",
    target: "journals",
    matches: "target.book_id = added.book_id AND target.id = added.journal_id",
};

impl Reference {
    /// A text with its names put in.
    pub fn said_in(&self, text: &str) -> String {
        let Self { constraint, table, target, matches } = self;
        let words = [("{constraint}", constraint), ("{table}", table), ("{target}", target), ("{matches}", matches)];
        words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(word, value))
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        for reference in [OF_JOURNALS, OF_ENTRIES_TO_ACCOUNTS, OF_ENTRIES_TO_JOURNALS] {
            connection.execute_unprepared(&reference.said_in(CHECK_IN_SETS)).await?;
        }
        connection.execute_unprepared(ACCOUNTS_STAY).await?;
        Ok(())
    }
}

/// A plan would be kept for as long as the connection lives, though it was made when the tables were empty and every index
/// that begins with the book looked as good as the right one. `is_planned_anew` gives the query a parameter, without which
/// PostgreSQL keeps the plan whatever `plan_cache_mode` says: it is planned for what is there now, a look into the index of
/// the target for each row.
pub const CHECK_IN_SETS: &str = r#"
ALTER TABLE {table} DROP CONSTRAINT {constraint};
CREATE FUNCTION {constraint}_in_sets() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_material = off AS $$
DECLARE
    is_planned_anew boolean := true;
BEGIN
    IF EXISTS (SELECT FROM added WHERE is_planned_anew
        AND NOT EXISTS (SELECT FROM {target} AS target WHERE {matches})) THEN
        RAISE EXCEPTION 'insert on table "{table}" violates foreign key constraint "{constraint}"'
            USING ERRCODE = 'foreign_key_violation', TABLE = '{table}', CONSTRAINT = '{constraint}';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER {constraint} AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION {constraint}_in_sets();"#;

/// Books and accounts are what history refers to, and they have no guard of their own. Balances are written in place: the
/// room that a page keeps lets a new version of a row stand beside the old one, and no index need be told.
const ACCOUNTS_STAY: &str = "
CREATE TRIGGER accounts_never_deleted BEFORE DELETE ON accounts
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER accounts_keep_their_key BEFORE UPDATE OF book_id, id ON accounts
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER accounts_never_truncated BEFORE TRUNCATE ON accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER books_never_deleted BEFORE DELETE ON books
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER books_keep_their_key BEFORE UPDATE OF id ON books
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER books_never_truncated BEFORE TRUNCATE ON books
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();
ALTER TABLE accounts SET (fillfactor = 50);";
