//! What settled trades leave for the statistics.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, SETTLED).await?;
        dialect::insert_only(manager, &["settled_trades"]).await
    }
}

const SETTLED: &str = "
-- Every settled trade as the statistics count it: what its settlement journal moved, and where.
CREATE TABLE settled_trades (
    trade_id {uuid} PRIMARY KEY,
    journal_id {uuid} NOT NULL,
    settled_on text NOT NULL,
    pollutant text NOT NULL,
    -- The area of the buyer's site, where the right goes.
    area_path text NOT NULL,
    mode text NOT NULL,
    quantity {big} NOT NULL CHECK (quantity > 0),
    total {big} NOT NULL CHECK (total > 0),
    unit_price {big} NOT NULL CHECK (unit_price > 0),
    seller_id {uuid} NOT NULL,
    buyer_id {uuid} NOT NULL
) {strict};
-- Serves the figures of a span of days.
CREATE INDEX settled_trades_by_day ON settled_trades (settled_on, pollutant);

INSERT INTO settled_trades (trade_id, journal_id, settled_on, pollutant, area_path, mode, quantity, total, unit_price,
    seller_id, buyer_id)
    SELECT t.id, j.id, j.effective_on, t.pollutant, t.buyer_area_path, t.mode, t.quantity, t.total, t.unit_price,
    t.seller_id, t.buyer_id FROM trades t JOIN journals j ON j.book_id = 1 AND j.subject_id = t.id
    AND j.kind = 'trade_settled';
";
