//! The life of a registered pledge: what was paid out on it, versions of its terms, and what its liens hold more or less since.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::insert_only(manager, &["payouts", "lien_changes"]).await?;
        dialect::grow_only(manager, "pledge_amendments", &[PROPOSED, DECIDED]).await
    }
}

/// What an amendment says from the beginning, and what is added for ever when it is decided.
const PROPOSED: &[&str] =
    &["id", "pledge_id", "kind", "reason", "principal", "secured", "debt_to", "changes", "proposed_by", "proposed_at"];
const DECIDED: &[&str] = &["decided_at", "decided_by", "state", "number"];

const TABLES: &str = "
-- What was paid out on a loan (放款), as its pledgee reports it.
CREATE TABLE payouts (
    id {uuid} PRIMARY KEY,
    pledge_id {uuid} NOT NULL REFERENCES pledges (id),
    amount {big} NOT NULL CHECK (amount > 0),
    paid_on text NOT NULL,
    -- Percent a year, as the contract writes it.
    annual_rate text,
    reference text NOT NULL,
    reported_by {uuid} NOT NULL,
    reported_at {big} NOT NULL,
    -- The journal of the report.
    journal_id {uuid} NOT NULL,
    CONSTRAINT payouts_once UNIQUE (pledge_id, reference)
) {strict};

-- Changes of the terms of a registered pledge; the one of the number 2 made the second version of them.
CREATE TABLE pledge_amendments (
    id {uuid} PRIMARY KEY,
    pledge_id {uuid} NOT NULL REFERENCES pledges (id),
    kind text NOT NULL CHECK (kind IN ('amendment', 'partial_release')),
    number {big} CHECK (number >= 2),
    reason text NOT NULL,
    -- The terms as they are with it.
    principal {big} NOT NULL CHECK (principal > 0),
    secured {big} NOT NULL CHECK (secured > 0 AND secured <= principal),
    debt_to text NOT NULL,
    -- What becomes more or less of each thing: canonical JSON.
    changes text NOT NULL,
    proposed_by {uuid} NOT NULL,
    proposed_at {big} NOT NULL,
    state text NOT NULL CHECK (state IN ('proposed', 'in_force', 'refused', 'withdrawn')),
    decided_by {uuid},
    decided_at {big},
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT pledge_amendments_numbered UNIQUE (pledge_id, number),
    CONSTRAINT pledge_amendments_decided CHECK ((state = 'proposed') = (decided_by IS NULL)
        AND (decided_by IS NULL) = (decided_at IS NULL) AND (state = 'in_force') = (number IS NOT NULL))
) {strict};
-- One is open at a time.
CREATE UNIQUE INDEX pledge_amendments_open ON pledge_amendments (pledge_id) WHERE state = 'proposed';
-- Serves the versions of a pledge.
CREATE INDEX pledge_amendments_of ON pledge_amendments (pledge_id, id);

-- What a lien holds more or less since its registration, and what more or less of the loan rests on it.
CREATE TABLE lien_changes (
    id {uuid} PRIMARY KEY,
    lien_id {uuid} NOT NULL REFERENCES liens (id),
    amendment_id {uuid} NOT NULL REFERENCES pledge_amendments (id),
    grams {big} NOT NULL,
    secured {big} NOT NULL,
    CONSTRAINT lien_changes_something CHECK (grams <> 0 OR secured <> 0),
    CONSTRAINT lien_changes_once UNIQUE (lien_id, amendment_id)
) {strict};
";
