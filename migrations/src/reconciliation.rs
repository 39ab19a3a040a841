//! Runs of the reconciliation.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }
}

const TABLES: &str = "
-- Runs of the reconciliation: wanted by the schedule (one for each of its slots, however many nodes there are) or on demand;
-- held by the node that reads the book, until an instant of the wall clock; then with what it read and found.
CREATE TABLE reconciliations (
    id {uuid} PRIMARY KEY,
    slot text NOT NULL CONSTRAINT reconciliations_slot UNIQUE,
    asked_by {uuid},
    asked_at {big} NOT NULL,
    held_until {big} NOT NULL,
    started_at {big},
    finished_at {big},
    accounts {big},
    journals {big},
    entries {big},
    differences {big},
    -- The first of the differences in words, as JSON.
    named text,
    CONSTRAINT reconciliations_finished_whole CHECK (finished_at IS NULL OR (started_at IS NOT NULL AND accounts IS NOT NULL
        AND journals IS NOT NULL AND entries IS NOT NULL AND differences IS NOT NULL AND named IS NOT NULL))
) {strict};
-- Serves the search for a run that nobody has finished.
CREATE INDEX reconciliations_open ON reconciliations (id) WHERE finished_at IS NULL;
";
