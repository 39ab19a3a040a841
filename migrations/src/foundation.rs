//! The installation, users, command keys, refusals, the outbox, decisions and the rulebook.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::insert_only(manager, &["refusals", "outbox", "rulebooks", "rulebook_rules"]).await
    }
}

const TABLES: &str = "
-- One row: what this database is. Only a demonstration database may shift business time against the wall.
CREATE TABLE installation (
    id {big} PRIMARY KEY CHECK (id = 1),
    is_demonstration {bool} NOT NULL,
    business_offset {big} NOT NULL,
    -- Keys the hashes of requests; stays when the keys of tokens change.
    request_secret text NOT NULL,
    founded_at {big} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT installation_offset_only_in_demonstration CHECK (is_demonstration OR business_offset = 0)
) {strict};

-- The book (账簿) of one province; every key of the ledger leads with its number.
CREATE TABLE books (
    id integer PRIMARY KEY,
    code text NOT NULL CONSTRAINT books_code UNIQUE,
    name text NOT NULL
) {strict};

-- Who acts: people, and API clients (programs), so that every column that names an actor names a row of this table. Without a
-- password hash nobody can sign in as them yet; a client never has one.
CREATE TABLE users (
    id {uuid} PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('person', 'client')),
    organisation_id {uuid} NOT NULL,
    login text NOT NULL CONSTRAINT users_login UNIQUE,
    name text NOT NULL,
    password_hash text,
    roles text NOT NULL CHECK (roles <> ''),
    state text NOT NULL CHECK (state IN ('active', 'suspended')),
    version {big} NOT NULL CHECK (version >= 1),
    registered_at {big} NOT NULL,
    CONSTRAINT users_client_has_no_password CHECK (kind = 'person' OR password_hash IS NULL)
) {strict};
-- Serves the list of an organisation's users.
CREATE INDEX users_of_organisation ON users (organisation_id, id);

-- A client's promise that two requests are the same one, with the answer that was given first.
CREATE TABLE command_keys (
    client_id {uuid} NOT NULL,
    operation text NOT NULL,
    command_key text NOT NULL,
    request_hash text NOT NULL,
    answer text,
    recorded_at {big} NOT NULL,
    PRIMARY KEY (client_id, operation, command_key)
) {strict};

-- Refusals by rule are evidence: who asked, and which rules stood against it.
CREATE TABLE refusals (
    id {uuid} PRIMARY KEY,
    book_id integer NOT NULL,
    actor_id {uuid} NOT NULL,
    operation text NOT NULL,
    request_hash text NOT NULL,
    codes text NOT NULL,
    violations text NOT NULL,
    recorded_at {big} NOT NULL
) {strict};

-- What the world is told, written with what made it true.
CREATE TABLE outbox (
    id {uuid} PRIMARY KEY,
    book_id integer NOT NULL,
    kind text NOT NULL,
    subject_id {uuid} NOT NULL,
    payload text NOT NULL,
    recorded_at {big} NOT NULL
) {strict};

-- Decision records (行政执法三项制度): who proposed, who reviewed, who decided, what, why, by which rules, on which evidence, when it
-- was published and withdrawn. What stood in each version of a row is in the evidence.
CREATE TABLE decisions (
    id {uuid} PRIMARY KEY,
    book_id integer NOT NULL,
    act text NOT NULL,
    subject_kind text NOT NULL,
    subject_id {uuid} NOT NULL,
    -- Whose decision it is: an organisation's, or that of a bureau in charge of an area.
    organisation_id {uuid},
    area_path text,
    state text NOT NULL CHECK (state IN
        ('recorded', 'legal_review', 'reviewed', 'decided', 'published', 'withdrawn', 'dropped')),
    is_major {bool} NOT NULL,
    second_person {bool} NOT NULL,
    proposed_by {uuid} NOT NULL,
    recorded_at {big} NOT NULL,
    reviewed_by {uuid},
    reviewed_at {big},
    review_outcome text CHECK (review_outcome IN ('agreed', 'objected')),
    review_opinion text,
    outcome text CHECK (outcome IN ('approved', 'refused')),
    decided_by {uuid},
    decided_at {big},
    reason text,
    document_hash text,
    rulebook_id {uuid} NOT NULL,
    publish_by text,
    published_by {uuid},
    published_at {big},
    changed_on text,
    withdraw_by text,
    withdrawn_by {uuid},
    withdrawn_at {big},
    withdrawal_reason text,
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT decisions_of_somebody CHECK ((organisation_id IS NULL) <> (area_path IS NULL)),
    -- Four eyes: where the rules ask for a second person, nobody decides on their own proposal.
    CONSTRAINT decisions_four_eyes CHECK (NOT second_person OR decided_by IS NULL OR decided_by <> proposed_by),
    -- Whoever reviews is neither who proposed nor who decides.
    CONSTRAINT decisions_reviewed_apart CHECK (reviewed_by IS NULL OR (reviewed_by <> proposed_by
        AND (decided_by IS NULL OR reviewed_by <> decided_by))),
    CONSTRAINT decisions_major_reviewed CHECK (NOT is_major OR decided_by IS NULL OR reviewed_by IS NOT NULL),
    CONSTRAINT decisions_decided CHECK ((state IN ('decided', 'published', 'withdrawn')) = (decided_by IS NOT NULL)),
    CONSTRAINT decisions_decided_whole CHECK ((outcome IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)),
    CONSTRAINT decisions_published CHECK ((state IN ('published', 'withdrawn')) = (published_by IS NOT NULL)),
    CONSTRAINT decisions_withdrawn CHECK ((state = 'withdrawn') = (withdrawn_by IS NOT NULL))
) {strict};
-- Serves the decisions about one thing.
CREATE INDEX decisions_about ON decisions (subject_id, id);
-- Serves those that wait for a review, for their publication.
CREATE INDEX decisions_in_state ON decisions (state, id);

-- Versions of the rulebook by the day from which they apply.
CREATE TABLE rulebooks (
    id {uuid} PRIMARY KEY,
    jurisdiction text NOT NULL,
    -- The version of the rules; a row itself never changes.
    edition {big} NOT NULL CHECK (edition >= 1),
    effective_from text NOT NULL,
    adopted_by {uuid} NOT NULL,
    adopted_at {big} NOT NULL,
    CONSTRAINT rulebooks_edition UNIQUE (jurisdiction, edition)
) {strict};

-- One rule of a version. A value that nobody knows is null, and its check is then off; it never acts as zero.
CREATE TABLE rulebook_rules (
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    name text NOT NULL,
    value text,
    legal_basis text,
    PRIMARY KEY (rulebook_id, name)
) {strict};
";
