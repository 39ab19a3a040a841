//! Objections to trades that are laid open.

use crate::dialect::{self, Rewording};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::reword(manager, "objections", &[OBJECTIONS_TO_TRADES]).await?;
        dialect::run(manager, TERMS).await
    }
}

const OBJECTIONS_TO_TRADES: Rewording = Rewording {
    sqlite: (
        "CHECK (subject_kind IN ('allocation', 'allocation_batch'))",
        "CHECK (subject_kind IN ('allocation', 'allocation_batch', 'trade'))",
    ),
    postgres: "ALTER TABLE objections DROP CONSTRAINT objections_subject_kind_check, ADD CONSTRAINT \
               objections_subject_kind_check CHECK (subject_kind IN ('allocation', 'allocation_batch', 'trade'))",
};

const TERMS: &str = "
-- The organisation that buys, of a trade; who sells stands in party_id.
ALTER TABLE objections ADD COLUMN counterparty_id {uuid} CHECK (counterparty_id IS NULL OR subject_kind = 'trade');
-- The last working day for the answer; none where no rule sets one.
ALTER TABLE objections ADD COLUMN answer_by text;
";
