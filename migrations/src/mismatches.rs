//! Permits that allow another quantity than their sites own rights for.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, MISMATCHES).await?;
        dialect::grow_only(manager, "permit_mismatches", &[FOUND, ENDED]).await
    }
}

/// What a mismatch is of from the beginning, and that it has ended for ever.
const FOUND: &[&str] = &["id", "site_id", "organisation_id", "area_path", "pollutant", "found_at"];
const ENDED: &[&str] = &["ended_at"];

const MISMATCHES: &str = "
-- Permits that allow another quantity than their site owns rights for (证量不符), from the run that found it to the run that found it
-- gone.
CREATE TABLE permit_mismatches (
    id {uuid} PRIMARY KEY,
    site_id {uuid} NOT NULL REFERENCES sites (id),
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    area_path text NOT NULL,
    pollutant text NOT NULL REFERENCES pollutants (code),
    -- Grams a year, as the last run found them that found another figure.
    permitted {big} NOT NULL CHECK (permitted >= 0),
    owned {big} NOT NULL CHECK (owned >= 0 AND owned <> permitted),
    found_at {big} NOT NULL,
    changed_at {big} NOT NULL CHECK (changed_at >= found_at),
    ended_at {big} CHECK (ended_at >= changed_at),
    version {big} NOT NULL CHECK (version >= 1)
) {strict};
-- A site has one open mismatch of a pollutant; serves the runs, which read what is open of a site.
CREATE UNIQUE INDEX permit_mismatches_open ON permit_mismatches (site_id, pollutant) WHERE ended_at IS NULL;
-- Serves the list of an enterprise.
CREATE INDEX permit_mismatches_of ON permit_mismatches (organisation_id, id);
";
