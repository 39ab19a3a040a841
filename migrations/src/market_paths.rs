//! An index on the way of every trade.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, HELD).await
    }
}

const HELD: &str = "
-- Serves what a site has offered and nobody has answered yet: without it every open offer of the province is looked through.
CREATE INDEX offers_held ON offers (seller_site_id) WHERE state = 'proposed';
";
