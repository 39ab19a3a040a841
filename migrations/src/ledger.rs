//! Assets, accounts, journals and entries. Every key leads with the book, so that a book can be placed on its own shard.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::insert_only(manager, &["assets", "owners", "journals", "entries"]).await
    }
}

const TABLES: &str = "
-- What is counted: a right class, money, an area's capacity for a pollutant, what a legacy register counted; in integer smallest units.
CREATE TABLE assets (
    book_id integer NOT NULL REFERENCES books (id),
    id {uuid} NOT NULL,
    kind text NOT NULL CHECK (kind IN ('right', 'money', 'capacity', 'imported')),
    code text NOT NULL,
    unit text NOT NULL,
    units_per_whole {big} NOT NULL CHECK (units_per_whole >= 1),
    decimals integer NOT NULL CHECK (decimals >= 0),
    PRIMARY KEY (book_id, id),
    CONSTRAINT assets_code UNIQUE (book_id, code)
) {strict};

-- Who can own an account: a site, an organisation, an area, a holder of a legacy register, the book itself; and who may look at it.
CREATE TABLE owners (
    book_id integer NOT NULL REFERENCES books (id),
    id {uuid} NOT NULL,
    kind text NOT NULL CHECK (kind IN ('site', 'organisation', 'area', 'holder', 'book')),
    name text NOT NULL,
    organisation_id {uuid},
    area_path text,
    PRIMARY KEY (book_id, id)
) {strict};
-- Serve what an organisation holds over all its sites and its money, and what lies in an area.
CREATE INDEX owners_of_organisation ON owners (book_id, organisation_id);
CREATE INDEX owners_in_area ON owners (book_id, area_path);

-- Where balances stand. The only mutable table of the books; all of it can be derived again from the entries.
-- A row without a subject carries the nil UUID there, so that the key stays one unique index on both databases.
CREATE TABLE accounts (
    book_id integer NOT NULL,
    id {uuid} NOT NULL,
    owner_id {uuid} NOT NULL,
    asset_id {uuid} NOT NULL,
    purpose text NOT NULL,
    subject_id {uuid} NOT NULL,
    guarded {bool} NOT NULL,
    balance {big} NOT NULL,
    version {big} NOT NULL CHECK (version >= 0),
    last_recorded_at {big} NOT NULL,
    PRIMARY KEY (book_id, id),
    CONSTRAINT accounts_key UNIQUE (book_id, owner_id, asset_id, purpose, subject_id),
    CONSTRAINT accounts_owner FOREIGN KEY (book_id, owner_id) REFERENCES owners (book_id, id),
    CONSTRAINT accounts_asset FOREIGN KEY (book_id, asset_id) REFERENCES assets (book_id, id),
    CONSTRAINT accounts_guarded_never_negative CHECK (NOT guarded OR balance >= 0)
) {strict};

-- One business event; an act that moves nothing is a journal too.
CREATE TABLE journals (
    book_id integer NOT NULL REFERENCES books (id),
    id {uuid} NOT NULL,
    kind text NOT NULL,
    subject_kind text NOT NULL,
    subject_id {uuid} NOT NULL,
    subject_version {big} NOT NULL CHECK (subject_version >= 1),
    effective_on text NOT NULL,
    recorded_at {big} NOT NULL,
    actor_id {uuid} NOT NULL,
    reason text,
    document_hash text,
    reverses_id {uuid},
    -- SHA-256 over the canonical form of the journal and its entries (RFC 6962 leaf).
    leaf_hash {bytes} NOT NULL CHECK (length(leaf_hash) = 32),
    PRIMARY KEY (book_id, id),
    -- A thing reaches each of its versions by one event only.
    CONSTRAINT journals_subject_version UNIQUE (book_id, subject_id, subject_version)
) {strict};
-- A journal is reversed at most once. Few ever are, so the others stay out of the index.
CREATE UNIQUE INDEX journals_reversed_once ON journals (book_id, reverses_id) WHERE reverses_id IS NOT NULL;
-- Serves the journals of a period.
CREATE INDEX journals_by_instant ON journals (book_id, recorded_at, id);

-- One side of a posting as its account sees it: gap-free versions, chained balances.
CREATE TABLE entries (
    book_id integer NOT NULL,
    account_id {uuid} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1),
    journal_id {uuid} NOT NULL,
    line integer NOT NULL CHECK (line >= 0),
    amount {big} NOT NULL CHECK (amount <> 0),
    balance_after {big} NOT NULL,
    recorded_at {big} NOT NULL,
    effective_on text NOT NULL,
    PRIMARY KEY (book_id, account_id, version),
    -- Serves the entries of one journal; each side of a line once.
    CONSTRAINT entries_of_journal UNIQUE (book_id, journal_id, line, account_id),
    CONSTRAINT entries_account FOREIGN KEY (book_id, account_id) REFERENCES accounts (book_id, id),
    CONSTRAINT entries_journal FOREIGN KEY (book_id, journal_id) REFERENCES journals (book_id, id)
) {strict};
-- Serves a balance as of an instant: the last entry of an account at or before it.
CREATE INDEX entries_as_of ON entries (book_id, account_id, recorded_at, version);
";
