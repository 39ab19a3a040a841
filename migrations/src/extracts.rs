//! Certified extracts of the lien register (质押登记证明、负担查询证明) and the files that they were printed as.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, EXTRACTS).await?;
        dialect::insert_only(manager, &["extracts", "extract_files"]).await
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
