//! The references of history, checked for each target once and no longer for each row of a statement (PostgreSQL).
//!
//! A batch has many entries for each account and each journal, and all its rows for the one book: asked for each row, the three questions
//! took a fifth of the time of writing entries. The leaves of the log still asked for their book row by row, which took a third of
//! writing them, and locked that one row.

use crate::references::{CHECK_IN_SETS, Reference};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

const OF_LEAVES: Reference = Reference {
    constraint: "log_leaves_book_id_fkey",
    table: "log_leaves",
    target: "books",
    matches: "target.id = added.book_id",
};

/// What of a row names its target, by the name of the declared key.
const KEYS: [(Reference, &str); 4] = [
    (crate::references::OF_JOURNALS, "book_id"),
    (crate::references::OF_ENTRIES_TO_ACCOUNTS, "book_id, account_id"),
    (crate::references::OF_ENTRIES_TO_JOURNALS, "book_id, journal_id"),
    (OF_LEAVES, "book_id"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        connection.execute_unprepared(&OF_LEAVES.said_in(CHECK_IN_SETS)).await?;
        for (reference, key) in KEYS {
            connection.execute_unprepared(&reference.said_in(EACH_TARGET_ONCE).replace("{key}", key)).await?;
        }
        Ok(())
    }
}

const EACH_TARGET_ONCE: &str = r#"
CREATE OR REPLACE FUNCTION {constraint}_in_sets() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_material = off AS $$
DECLARE
    is_planned_anew boolean := true;
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT {key} FROM added) AS added WHERE is_planned_anew
        AND NOT EXISTS (SELECT FROM {target} AS target WHERE {matches})) THEN
        RAISE EXCEPTION 'insert on table "{table}" violates foreign key constraint "{constraint}"'
            USING ERRCODE = 'foreign_key_violation', TABLE = '{table}', CONSTRAINT = '{constraint}';
    END IF;
    RETURN NULL;
END
$$;"#;
