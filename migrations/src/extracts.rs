//! Certified extracts of the lien register (质押登记证明、负担查询证明) and the files that they were printed as; parts of freezes that were lifted;
//! transfers of claims.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, EXTRACTS).await?;
        dialect::run(manager, LIFTINGS).await?;
        dialect::run(manager, TRANSFERS).await?;
        dialect::grow_only(manager, "claim_transfers", &[PROPOSED, ENDED]).await?;
        dialect::insert_only(manager, &["extracts", "extract_files", "freeze_liftings"]).await
    }
}

const EXTRACTS: &str = "
-- What stood in the register of a pledge, or on a stock, at an instant, as it was certified.
CREATE TABLE extracts (
    id {uuid} PRIMARY KEY,
    number text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('pledge', 'search')),
    -- Who has asked for it, whose rights it is about, and the pledgee of the pledge that it is of.
    applicant_id {uuid} NOT NULL REFERENCES organisations (id),
    holder_id {uuid} NOT NULL REFERENCES organisations (id),
    pledgee_id {uuid} REFERENCES organisations (id),
    area_path text NOT NULL,
    -- The pledge, or the site.
    subject_id {uuid} NOT NULL,
    -- Its text in the form of docs/EXTRACT-FORMAT.md, and SHA-256 over it: the document hash of the journal of its issue.
    content text NOT NULL,
    content_hash text NOT NULL CHECK (length(content_hash) = 64),
    journal_id {uuid} NOT NULL,
    issued_by {uuid} NOT NULL,
    issued_at {big} NOT NULL,
    CONSTRAINT extracts_of_pledges CHECK ((kind = 'pledge') = (pledgee_id IS NOT NULL))
) {strict};
-- Serve the lists of who asked, of the holder, of a pledgee and of a bureau, and that of one pledge or site.
CREATE INDEX extracts_asked ON extracts (applicant_id, id);
CREATE INDEX extracts_of ON extracts (holder_id, id);
CREATE INDEX extracts_to ON extracts (pledgee_id, id) WHERE pledgee_id IS NOT NULL;
CREATE INDEX extracts_in ON extracts (area_path, id);
CREATE INDEX extracts_about ON extracts (subject_id, id);

-- The file that an extract was printed as, once, when its journal was in the log. What it holds is kept with the documents.
CREATE TABLE extract_files (
    extract_id {uuid} PRIMARY KEY REFERENCES extracts (id),
    sha256 text NOT NULL UNIQUE CHECK (length(sha256) = 64),
    size {big} NOT NULL CHECK (size > 0),
    printed_at {big} NOT NULL
) {strict};
";

const LIFTINGS: &str = "
-- A part of a court freeze that was lifted (部分解除): its quantity is ordered no longer since then.
CREATE TABLE freeze_liftings (
    id {uuid} PRIMARY KEY,
    freeze_id {uuid} NOT NULL REFERENCES freezes (id),
    quantity {big} NOT NULL CHECK (quantity > 0),
    -- Number of the document that orders it.
    document text NOT NULL,
    lifted_by {uuid} NOT NULL,
    lifted_at {big} NOT NULL
) {strict};
-- Serves the question what was ordered at an instant.
CREATE INDEX freeze_liftings_of ON freeze_liftings (freeze_id, lifted_at);
";

/// What a transfer says from the beginning, and for ever when it is over.
const PROPOSED: &[&str] =
    &["id", "pledge_id", "pledgor_id", "from_id", "to_id", "document", "proposed_by", "proposed_at"];
const ENDED: &[&str] = &["ended_at", "ended_by", "state"];

const TRANSFERS: &str = "
-- Transfers (债权转让) of the claim that a pledge secures to another bank or guarantor, which is the pledgee from its acceptance on.
CREATE TABLE claim_transfers (
    id {uuid} PRIMARY KEY,
    pledge_id {uuid} NOT NULL REFERENCES pledges (id),
    pledgor_id {uuid} NOT NULL REFERENCES organisations (id),
    from_id {uuid} NOT NULL REFERENCES organisations (id),
    to_id {uuid} NOT NULL REFERENCES organisations (id),
    -- Number of the contract of the transfer.
    document text NOT NULL,
    proposed_by {uuid} NOT NULL,
    proposed_at {big} NOT NULL,
    state text NOT NULL CHECK (state IN ('proposed', 'accepted', 'declined', 'withdrawn')),
    ended_by {uuid},
    ended_at {big},
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT claim_transfers_apart CHECK (from_id <> to_id),
    CONSTRAINT claim_transfers_ended CHECK ((state = 'proposed') = (ended_at IS NULL) AND (ended_by IS NULL) = (ended_at IS NULL))
) {strict};
-- One of a pledge is open at a time.
CREATE UNIQUE INDEX claim_transfers_open ON claim_transfers (pledge_id) WHERE state = 'proposed';
-- Serve the transfers of a pledge, and the lists of the three parties.
CREATE INDEX claim_transfers_of ON claim_transfers (pledge_id, id);
CREATE INDEX claim_transfers_from ON claim_transfers (from_id, id);
CREATE INDEX claim_transfers_to ON claim_transfers (to_id, id);
CREATE INDEX claim_transfers_about ON claim_transfers (pledgor_id, id);
";
