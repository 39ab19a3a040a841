//! Batches of grants, and what happens to grants and rights later.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, BATCHES).await?;
        dialect::run(manager, PUBLICITY).await?;
        dialect::insert_only(manager, &["allocation_parts"]).await?;
        dialect::grow_only(manager, "objections", &[RAISED, ANSWERED]).await
    }
}

/// What an objection says from the beginning, and what its answer adds for ever.
const RAISED: &[&str] = &["id", "subject_kind", "subject_id", "organisation_id", "text", "raised_by", "raised_at"];
const ANSWERED: &[&str] = &["outcome", "answer", "answered_by", "answered_at"];

const PUBLICITY: &str = "
-- The last day on which anybody may object to a grant, while it is laid open; and the usage fee of a paid one, once it is confirmed.
ALTER TABLE allocations ADD COLUMN publicised_until text;
ALTER TABLE allocations ADD COLUMN fee {big} CHECK (fee > 0);
ALTER TABLE allocations ADD COLUMN fee_paid {big} CHECK (fee_paid >= 0 AND fee_paid <= fee);
ALTER TABLE allocations ADD COLUMN fee_instalments {big} CHECK (fee_instalments >= 1);

-- Objections (异议) to grants and batches that are laid open; each is answered before the grant may be confirmed.
CREATE TABLE objections (
    id {uuid} PRIMARY KEY,
    subject_kind text NOT NULL CHECK (subject_kind IN ('allocation', 'allocation_batch')),
    subject_id {uuid} NOT NULL,
    -- The organisation that the grant is for; none of a batch.
    party_id {uuid},
    area_path text NOT NULL,
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    text text NOT NULL,
    raised_by {uuid} NOT NULL,
    raised_at {big} NOT NULL,
    outcome text CHECK (outcome IN ('upheld', 'dismissed')),
    answer text,
    answered_by {uuid},
    answered_at {big},
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT objections_answered CHECK ((outcome IS NULL) = (answer IS NULL) AND (outcome IS NULL) = (answered_by IS NULL)
        AND (outcome IS NULL) = (answered_at IS NULL))
) {strict};
-- Serves the confirmation, which must find every objection answered, and the list of a thing's.
CREATE INDEX objections_to ON objections (subject_id, id);
";

const BATCHES: &str = "
-- Batches of grants (批量核定): a file that is judged, proposed and confirmed as one. What is decided stands here once, whatever the
-- number of its grants.
CREATE TABLE allocation_batches (
    id {uuid} PRIMARY KEY,
    number text NOT NULL,
    -- The uploaded file, and SHA-256 over it or over the rows as they were sent.
    document_id {uuid} REFERENCES documents (id),
    document_hash text NOT NULL CHECK (length(document_hash) = 64),
    allocations {big} NOT NULL CHECK (allocations > 0),
    -- The area that all of its sites lie in.
    area_path text NOT NULL,
    state text NOT NULL CHECK (state IN ('proposed', 'publicised', 'active', 'rejected')),
    -- The last day on which anybody may object, while it is laid open.
    publicised_until text CHECK ((state = 'publicised') = (publicised_until IS NOT NULL)),
    proposed_by {uuid} NOT NULL,
    proposed_at {big} NOT NULL,
    decided_by {uuid},
    decided_at {big},
    reason text,
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT allocation_batches_decided CHECK ((state IN ('active', 'rejected')) = (decided_by IS NOT NULL)
        AND (decided_by IS NULL) = (decided_at IS NULL))
) {strict};
-- A file is granted once, however often it is sent.
CREATE UNIQUE INDEX allocation_batches_file ON allocation_batches (document_hash) WHERE state <> 'rejected';

-- The parts of a batch: each is granted by a journal of its own, so that no journal grows with the batch.
CREATE TABLE allocation_parts (
    id {uuid} PRIMARY KEY,
    batch_id {uuid} NOT NULL REFERENCES allocation_batches (id),
    number {big} NOT NULL CHECK (number >= 1),
    allocations {big} NOT NULL CHECK (allocations > 0),
    CONSTRAINT allocation_parts_number UNIQUE (batch_id, number)
) {strict};

-- Where a grant of a batch stands in it; absent for grants that were proposed alone.
ALTER TABLE allocations ADD COLUMN batch_id {uuid} REFERENCES allocation_batches (id);
ALTER TABLE allocations ADD COLUMN part_id {uuid} REFERENCES allocation_parts (id);
ALTER TABLE allocations ADD COLUMN line {big};
-- Serves the confirmation, which reads a batch line by line, and its list.
CREATE UNIQUE INDEX allocations_of_batch ON allocations (batch_id, line) WHERE batch_id IS NOT NULL;
";
