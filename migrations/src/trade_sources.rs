//! Trades that come of something else than an offer to a named buyer.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::reword(
            manager,
            "trades",
            &[dialect::Rewording {
                sqlite: ("offer_id BLOB NOT NULL CONSTRAINT trades_offer", "offer_id BLOB CONSTRAINT trades_offer"),
                postgres: "ALTER TABLE trades ALTER COLUMN offer_id DROP NOT NULL",
            }],
        )
        .await?;
        dialect::run(manager, SOURCES).await
    }
}

const SOURCES: &str = "
-- The listing, or the lot of an auction, that a trade came of in the place of an offer; each may become several trades.
ALTER TABLE trades ADD COLUMN listing_id {uuid};
ALTER TABLE trades ADD COLUMN lot_id {uuid}
    CHECK ((CASE WHEN offer_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN listing_id IS NULL THEN 0 ELSE 1 END)
        + (CASE WHEN lot_id IS NULL THEN 0 ELSE 1 END) = 1);
-- Serve the trades of a listing and of a lot.
CREATE INDEX trades_of_listing ON trades (listing_id, id) WHERE listing_id IS NOT NULL;
CREATE INDEX trades_of_lot ON trades (lot_id, id) WHERE lot_id IS NOT NULL;
";
