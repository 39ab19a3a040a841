//! Releases of pledges that courts have ordered.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::insert_only(manager, &["court_releases"]).await
    }
}

const TABLES: &str = "
-- Orders of courts by which pledges were released, in whole or in part (依法院文书解除质押); each document once for a pledge.
CREATE TABLE court_releases (
    id {uuid} PRIMARY KEY,
    pledge_id {uuid} NOT NULL REFERENCES pledges (id),
    court text NOT NULL,
    -- Number of the court's document, its date, and what it says why.
    document text NOT NULL,
    dated_on text NOT NULL,
    ground text NOT NULL,
    -- The version of the terms that it made, where it has released a part.
    amendment_id {uuid} REFERENCES pledge_amendments (id),
    recorded_by {uuid} NOT NULL,
    recorded_at {big} NOT NULL,
    -- The journal of the release.
    journal_id {uuid} NOT NULL,
    CONSTRAINT court_releases_once UNIQUE (pledge_id, document)
) {strict};
";
