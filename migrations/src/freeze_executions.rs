//! Executions of parts of what a court has frozen.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::insert_only(manager, &["freeze_executions"]).await
    }
}

const TABLES: &str = "
-- A part of what a freeze held that was sold (部分执行): it is ordered and held no longer since then. The last part stands in the freeze.
CREATE TABLE freeze_executions (
    id {uuid} PRIMARY KEY,
    freeze_id {uuid} NOT NULL REFERENCES freezes (id),
    quantity {big} NOT NULL CHECK (quantity > 0),
    -- Number of the document that orders it.
    document text NOT NULL,
    buyer_site_id {uuid} NOT NULL REFERENCES sites (id),
    buyer_id {uuid} NOT NULL REFERENCES organisations (id),
    -- Fen per unit over the whole validity; the money goes through the court.
    unit_price {big} NOT NULL CHECK (unit_price > 0),
    -- Codes of the checks that the court has overruled, joined by blanks.
    warnings text,
    executed_by {uuid} NOT NULL,
    executed_at {big} NOT NULL
) {strict};
-- Serve the parts of a freeze, what was ordered at an instant, and what a buyer has got.
CREATE INDEX freeze_executions_of ON freeze_executions (freeze_id, id);
CREATE INDEX freeze_executions_to ON freeze_executions (buyer_id, freeze_id);
-- Grams that the freeze had held of a part that was lifted; the rest of it had waited. Absent from parts that were lifted before this was kept.
ALTER TABLE freeze_liftings ADD COLUMN freed {big} CHECK (freed >= 0 AND freed <= quantity);
";
