//! Whether a batch that is decided was laid open to objections, and until when.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, LAID_OPEN).await
    }
}

const LAID_OPEN: &str = "
-- The last day of the publicity of a batch, which stays when it is decided; `publicised_until` stands only while it is laid open. Of what was
-- decided before this column was there nobody knows it.
ALTER TABLE allocation_batches ADD COLUMN laid_open_until text;
";
