//! Who handed in which private half of the keys of a sealed session, each for itself.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, HALVES).await?;
        dialect::grow_only(manager, "auction_key_halves", &[HANDED_IN]).await
    }
}

/// What stands from the beginning: all but the half itself, which goes once it has served.
const HANDED_IN: &[&str] = &["handed_in_by", "auction_id", "place", "handed_in_at"];

const HALVES: &str = "
-- Private halves of the keys of sealed sessions, as officials hand them in after the close, each their own.
CREATE TABLE auction_key_halves (
    auction_id {uuid} NOT NULL REFERENCES auctions (id),
    -- Of which of the session's keys.
    place {big} NOT NULL CHECK (place IN (1, 2)),
    -- The first half, until the second comes or the session is called off; null from then on.
    private_key text CHECK (length(private_key) = 64),
    handed_in_by {uuid} NOT NULL,
    handed_in_at {big} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1),
    PRIMARY KEY (auction_id, place),
    CONSTRAINT auction_key_halves_of_two UNIQUE (auction_id, handed_in_by)
) {strict};
";
