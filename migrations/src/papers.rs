//! What the papers of a site say beyond its permits, and what the checks read of it.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, RATIO).await
    }
}

const RATIO: &str = "
-- How much must be bought for what the project builds (替代比例), as it was decided for this project; absent where the rulebook's ratio
-- applies.
ALTER TABLE projects ADD COLUMN replacement_ratio text;
";
