//! Applications for the registration of reductions (减排登记申请).

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, APPLICATIONS).await?;
        dialect::grow_only(manager, "reduction_applications", &[APPLIED, DECIDED]).await
    }
}

/// What an application is from the beginning, and what the decision adds to it for ever.
const APPLIED: &[&str] = &[
    "id",
    "number",
    "site_id",
    "organisation_id",
    "area_path",
    "pollutant",
    "quantity",
    "statement",
    "document_hash",
    "applied_by",
    "applied_at",
];
const DECIDED: &[&str] = &["decided_by", "decided_at", "reason", "reduction_id"];

const APPLICATIONS: &str = "
-- What an enterprise has reduced at its site and wants registered, with the evidence, and what the bureau decided.
CREATE TABLE reduction_applications (
    id {uuid} PRIMARY KEY,
    number text NOT NULL UNIQUE,
    site_id {uuid} NOT NULL REFERENCES sites (id),
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    area_path text NOT NULL,
    pollutant text NOT NULL,
    quantity {big} NOT NULL CHECK (quantity > 0),
    -- How it was reduced, in the applicant's words.
    statement text NOT NULL,
    -- SHA-256 of the documents that prove it.
    document_hash text NOT NULL CHECK (length(document_hash) = 64),
    state text NOT NULL CHECK (state IN ('submitted', 'registered', 'refused', 'withdrawn')),
    applied_by {uuid} NOT NULL,
    applied_at {big} NOT NULL,
    decided_by {uuid},
    decided_at {big},
    reason text,
    -- The reduction that was registered for it, which may be of less.
    reduction_id {uuid} UNIQUE REFERENCES reductions (id),
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    version {big} NOT NULL CHECK (version >= 1),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL) AND (state IN ('registered', 'refused')) = (decided_by IS NOT NULL)),
    CHECK ((state = 'registered') = (reduction_id IS NOT NULL))
) {strict};
-- A reduction of a pollutant is applied for once at a time.
CREATE UNIQUE INDEX reduction_applications_one_waits ON reduction_applications (site_id, pollutant) WHERE state = 'submitted';
-- Serve the lists of an enterprise and of a bureau.
CREATE INDEX reduction_applications_of ON reduction_applications (organisation_id, id);
CREATE INDEX reduction_applications_in ON reduction_applications (area_path, id);
";
