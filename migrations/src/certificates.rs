//! Certificates of rights (排污权证) and the files that they were printed as; what proves a registered reduction.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, CERTIFICATES).await?;
        dialect::run(manager, REDUCTIONS).await?;
        dialect::insert_only(manager, &["certificates", "certificate_files"]).await
    }
}

const CERTIFICATES: &str = "
-- What a site held of a right class at an instant, as it was certified. What became of it since is read from the books.
CREATE TABLE certificates (
    id {uuid} PRIMARY KEY,
    number text NOT NULL UNIQUE,
    site_id {uuid} NOT NULL REFERENCES sites (id),
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    area_path text NOT NULL,
    right_class_id {uuid} NOT NULL REFERENCES right_classes (id),
    -- Its text in the form of docs/CERTIFICATE-FORMAT.md, and SHA-256 over it: the document hash of the journal of its issue.
    content text NOT NULL,
    content_hash text NOT NULL CHECK (length(content_hash) = 64),
    journal_id {uuid} NOT NULL,
    issued_by {uuid} NOT NULL,
    issued_at {big} NOT NULL
) {strict};
-- Serve the lists of an enterprise and of a bureau, and the question whether a newer one of the same rights was issued.
CREATE INDEX certificates_of ON certificates (organisation_id, id);
CREATE INDEX certificates_in ON certificates (area_path, id);
CREATE INDEX certificates_about ON certificates (site_id, right_class_id, id);

-- The file that a certificate was printed as, once, when its journal was in the log: whoever has the file finds it by its hash. What it holds
-- is kept with the documents.
CREATE TABLE certificate_files (
    certificate_id {uuid} PRIMARY KEY REFERENCES certificates (id),
    sha256 text NOT NULL UNIQUE CHECK (length(sha256) = 64),
    size {big} NOT NULL CHECK (size > 0),
    printed_at {big} NOT NULL
) {strict};
";

const REDUCTIONS: &str = "
-- SHA-256 of the documents that prove a reduction, where some were named when it was registered.
ALTER TABLE reductions ADD COLUMN document_hash text CHECK (length(document_hash) = 64);
";
