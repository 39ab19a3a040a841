//! What was imported from a legacy register, and how far the import has come.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::insert_only(
            manager,
            &["import_holders", "import_assets", "import_files", "import_refusals", "legacy_transactions"],
        )
        .await
    }
}

const TABLES: &str = "
-- The import that a book was founded by, with how far it has come: committed together with what it posted, so that an
-- import that was cut off goes on exactly there. The book of a live register has no such row.
CREATE TABLE import_runs (
    book_id integer PRIMARY KEY REFERENCES books (id),
    -- Who imports, and for which organisation: whoever resumes acts as the same.
    actor_id {uuid} NOT NULL,
    organisation_id {uuid} NOT NULL,
    area_path text NOT NULL,
    -- Where the first row of transactions.csv stands that is not judged yet.
    next_byte {big} NOT NULL CHECK (next_byte >= 0),
    next_line {big} NOT NULL CHECK (next_line >= 0),
    posted {big} NOT NULL CHECK (posted >= 0),
    posted_rows {big} NOT NULL CHECK (posted_rows >= 0),
    refused {big} NOT NULL CHECK (refused >= 0),
    started_at {big} NOT NULL,
    finished_at {big},
    version {big} NOT NULL CHECK (version >= 1)
) {strict};

-- The files of an import: one that has changed meanwhile is refused by name.
CREATE TABLE import_files (
    book_id integer NOT NULL REFERENCES import_runs (book_id),
    name text NOT NULL,
    sha256 text NOT NULL CHECK (length(sha256) = 64),
    PRIMARY KEY (book_id, name)
) {strict};

-- Holders of the legacy register by the id it knew them by.
CREATE TABLE import_holders (
    book_id integer NOT NULL,
    owner_id {uuid} NOT NULL,
    external_id text NOT NULL,
    kind text NOT NULL,
    PRIMARY KEY (book_id, owner_id),
    -- Serves the search by external id; each stands there once.
    CONSTRAINT import_holders_external_id UNIQUE (book_id, external_id),
    CONSTRAINT import_holders_owner FOREIGN KEY (book_id, owner_id) REFERENCES owners (book_id, id)
) {strict};

-- Assets of the legacy register by the code it knew them by; the book's own code differs only where that one was taken.
CREATE TABLE import_assets (
    book_id integer NOT NULL,
    asset_id {uuid} NOT NULL,
    code text NOT NULL,
    scale integer NOT NULL CHECK (scale BETWEEN 0 AND 18),
    PRIMARY KEY (book_id, asset_id),
    CONSTRAINT import_assets_code UNIQUE (book_id, code),
    CONSTRAINT import_assets_asset FOREIGN KEY (book_id, asset_id) REFERENCES assets (book_id, id)
) {strict};

-- Each transaction of the legacy register and the journal it has become. It is written with the journal, so no foreign key
-- looks for that once more; the verification compares each with its journal.
CREATE TABLE legacy_transactions (
    book_id integer NOT NULL,
    journal_id {uuid} NOT NULL,
    transaction_id text NOT NULL,
    first_seq {big} NOT NULL CHECK (first_seq >= 0),
    row_count integer NOT NULL CHECK (row_count >= 1),
    -- Of its first row, as they were written.
    occurred_at text NOT NULL,
    kind text NOT NULL,
    -- Sequence number, time and type of each row, where they do not follow from those of the first.
    row_facts text,
    PRIMARY KEY (book_id, journal_id),
    -- Serves the search by the id that the legacy register used; each stands there once.
    CONSTRAINT legacy_transactions_id UNIQUE (book_id, transaction_id)
) {strict};

-- Transactions of the legacy register that were refused and left out, one row a fault.
CREATE TABLE import_refusals (
    id {uuid} PRIMARY KEY,
    book_id integer NOT NULL REFERENCES import_runs (book_id),
    transaction_id text NOT NULL,
    line {big} NOT NULL CHECK (line >= 1),
    code text NOT NULL,
    violation text NOT NULL,
    recorded_at {big} NOT NULL
) {strict};
";
