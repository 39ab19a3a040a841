//! Evidence of business rows.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::insert_only(manager, &["evidence"]).await
    }
}

const TABLES: &str = "
-- Evidence (存证): each version of each business row with all its columns, written in the transaction that wrote the row.
CREATE TABLE evidence (
    book_id integer NOT NULL,
    id {uuid} NOT NULL,
    table_name text {bytewise} NOT NULL,
    -- The row's key columns in order, joined by a blank.
    row_key text {bytewise} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1),
    -- The lines of the columns, as docs/RECORD-FORMAT.md has them.
    content text NOT NULL,
    recorded_at {big} NOT NULL,
    -- SHA-256 over the canonical form of the record (RFC 6962 leaf).
    leaf_hash {bytes} NOT NULL CHECK (length(leaf_hash) = 32),
    PRIMARY KEY (book_id, id),
    -- A row reaches each of its versions once; serves a row's history, and the verification, which reads rows and records
    -- side by side in the order of their keys.
    CONSTRAINT evidence_row_version UNIQUE (book_id, table_name, row_key, version)
) {strict};
-- Serves those who take records in the order in which they were made: the transparency log.
CREATE INDEX evidence_by_instant ON evidence (book_id, recorded_at, id);
";
