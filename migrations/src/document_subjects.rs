//! An index on the way of whoever decides.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, EVIDENCE).await
    }
}

const EVIDENCE: &str = "
-- Serves the question which documents are evidence in a thing: whoever decides on an application reads them first.
CREATE INDEX document_links_of_subject ON document_links (subject_id);
";
