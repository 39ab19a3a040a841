//! Delegations, what is done under them, and who has read whose data.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::insert_only(manager, &["delegated_acts", "reads"]).await
    }
}

const TABLES: &str = "
-- Roles that one user of an organisation has handed to another for a while (委托代办). They end by the clock.
CREATE TABLE delegations (
    id {uuid} PRIMARY KEY,
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    principal_id {uuid} NOT NULL REFERENCES users (id),
    delegate_id {uuid} NOT NULL REFERENCES users (id),
    roles text NOT NULL CHECK (roles <> ''),
    valid_from {big} NOT NULL,
    valid_until {big} NOT NULL,
    revoked_at {big},
    given_at {big} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1),
    CHECK (principal_id <> delegate_id),
    CHECK (valid_from < valid_until)
) {strict};
-- Serves an organisation's own list.
CREATE INDEX delegations_of_organisation ON delegations (organisation_id, id);
-- Serve the four-eyes rule: whoever was bound to whom.
CREATE INDEX delegations_from ON delegations (principal_id, delegate_id);
CREATE INDEX delegations_to ON delegations (delegate_id, principal_id);

-- Each journal and decision of somebody who stood in for another, with both of them.
CREATE TABLE delegated_acts (
    id {uuid} PRIMARY KEY,
    delegation_id {uuid} NOT NULL REFERENCES delegations (id),
    principal_id {uuid} NOT NULL,
    delegate_id {uuid} NOT NULL,
    permission text NOT NULL,
    act_kind text NOT NULL CHECK (act_kind IN ('journal', 'decision', 'command')),
    act_id {uuid},
    recorded_at {big} NOT NULL,
    CHECK ((act_kind = 'command') = (act_id IS NULL))
) {strict};
-- Serves the list of what was done under a delegation.
CREATE INDEX delegated_acts_of ON delegated_acts (delegation_id, id);

-- Who has read whose data. One row for all reads that are alike and were written at the same time.
CREATE TABLE reads (
    id {uuid} PRIMARY KEY,
    organisation_id {uuid} NOT NULL,
    reader_id {uuid} NOT NULL,
    principal_id {uuid},
    reader_organisation_id {uuid} NOT NULL,
    operation text NOT NULL,
    asked text NOT NULL,
    times {big} NOT NULL CHECK (times >= 1),
    first_at {big} NOT NULL,
    last_at {big} NOT NULL,
    CHECK (first_at <= last_at)
) {strict};
-- Serves the list that the party sees.
CREATE INDEX reads_of_organisation ON reads (organisation_id, id);
";
