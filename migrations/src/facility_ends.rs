//! How a credit facility ends, as a whole and for each of its enterprises.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, ENDS).await
    }
}

const ENDS: &str = "
-- When the pledgee closed it: nothing is drawn from then on.
ALTER TABLE facilities ADD COLUMN closed_at {big};
-- How and when the part of an enterprise ended: declined or taken back before it was accepted, closed after that.
ALTER TABLE facility_limits ADD COLUMN ended_as text CHECK (ended_as IN ('declined', 'withdrawn', 'closed'));
ALTER TABLE facility_limits ADD COLUMN ended_at {big}
    CHECK ((ended_at IS NULL) = (ended_as IS NULL) AND (ended_as IS NULL OR (ended_as = 'closed') = (accepted_at IS NOT NULL)));
";
