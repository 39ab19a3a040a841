//! What waits for a second person, and documents as evidence.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::insert_only(manager, &["documents", "document_contents", "document_links"]).await?;
        dialect::grow_only(manager, "tasks", &[PROPOSED_TASK, &["decided_by", "decided_at", "outcome", "reason"]])
            .await?;
        dialect::grow_only(manager, "decisions", &[PROPOSED, REVIEWED, DECIDED, PUBLISHED, WITHDRAWN]).await
    }
}

/// What a task is from the beginning.
const PROPOSED_TASK: &[&str] =
    &["id", "book_id", "act", "proposed_by", "opened_at", "command", "command_hash", "organisation_id", "area_path"];
/// What a decision record says from the beginning, and what each step adds to it for ever.
const PROPOSED: &[&str] =
    &["id", "book_id", "act", "proposed_by", "recorded_at", "is_major", "organisation_id", "area_path"];
const REVIEWED: &[&str] = &["reviewed_by", "reviewed_at", "review_outcome", "review_opinion"];
const DECIDED: &[&str] = &[
    "decided_by",
    "decided_at",
    "outcome",
    "reason",
    "document_hash",
    "subject_kind",
    "subject_id",
    "rulebook_id",
    "publish_by",
];
const PUBLISHED: &[&str] = &["published_by", "published_at"];
const WITHDRAWN: &[&str] = &["withdrawn_by", "withdrawn_at", "changed_on", "withdrawal_reason"];

const TABLES: &str = "
-- What waits for a second person: about which thing, whose people may decide it with which permission, until when.
CREATE TABLE tasks (
    id {uuid} PRIMARY KEY,
    book_id integer NOT NULL,
    act text NOT NULL,
    subject_kind text NOT NULL,
    subject_id {uuid} NOT NULL,
    -- Who decides: people of an organisation, of the bureau of exactly an area, or of one in charge of it.
    place text NOT NULL CHECK (place IN ('organisation', 'bureau_at', 'bureau_over')),
    organisation_id {uuid},
    area_path text,
    permission text NOT NULL,
    second_person {bool} NOT NULL,
    -- Whether an authority decides it, which leaves a decision record of the same id from the beginning.
    has_record {bool} NOT NULL,
    proposed_by {uuid} NOT NULL,
    opened_at {big} NOT NULL,
    -- The last working day on which it should be decided, and that after which a proposal is over.
    deadline text,
    lapses_on text,
    escalated_at {big},
    -- A command that is carried out when it is approved: its body, SHA-256 over that, and the version its proposer saw.
    command text,
    command_hash text,
    expected_version {big},
    state text NOT NULL CHECK (state IN ('open', 'claimed', 'decided', 'withdrawn', 'lapsed')),
    claimed_by {uuid},
    claimed_at {big},
    outcome text CHECK (outcome IN ('approved', 'refused')),
    decided_by {uuid},
    decided_at {big},
    reason text,
    -- When it was withdrawn or lapsed.
    ended_at {big},
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT tasks_of_somebody CHECK ((place = 'organisation') = (organisation_id IS NOT NULL)
        AND (organisation_id IS NULL) <> (area_path IS NULL)),
    CONSTRAINT tasks_command_hashed CHECK ((command IS NULL) = (command_hash IS NULL)),
    CONSTRAINT tasks_claimed CHECK ((state = 'claimed') = (claimed_by IS NOT NULL)
        AND (claimed_by IS NULL) = (claimed_at IS NULL)),
    CONSTRAINT tasks_decided CHECK ((state = 'decided') = (decided_by IS NOT NULL)
        AND (decided_by IS NULL) = (outcome IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT tasks_ended CHECK ((state IN ('withdrawn', 'lapsed')) = (ended_at IS NOT NULL)),
    -- Four eyes: where the rules ask for a second person, nobody decides on their own proposal.
    CONSTRAINT tasks_four_eyes CHECK (NOT second_person OR decided_by IS NULL OR decided_by <> proposed_by)
) {strict};
-- Serves the commands that close what they decide.
CREATE INDEX tasks_about ON tasks (subject_id, id);
-- Serve the inbox of an organisation and that of a bureau.
CREATE INDEX tasks_of_organisation ON tasks (organisation_id, state, id);
CREATE INDEX tasks_of_area ON tasks (area_path, state, id);
-- Serves what somebody has proposed.
CREATE INDEX tasks_of_proposer ON tasks (proposed_by, id);
-- Serves the search for what is past its deadline.
CREATE INDEX tasks_due ON tasks (deadline) WHERE state IN ('open', 'claimed');

-- Documents as evidence. Their contents stand beside, once for each hash, or in a folder.
CREATE TABLE documents (
    id {uuid} PRIMARY KEY,
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    name text NOT NULL,
    media_type text NOT NULL,
    size {big} NOT NULL CHECK (size > 0),
    sha256 text NOT NULL CHECK (length(sha256) = 64),
    uploaded_by {uuid} NOT NULL,
    uploaded_at {big} NOT NULL
) {strict};
-- Serves an organisation's own list.
CREATE INDEX documents_of_organisation ON documents (organisation_id, id);
-- Serves the verification, which looks for the documents of each content.
CREATE INDEX documents_by_hash ON documents (sha256);

-- What stands in documents, by SHA-256; empty where contents are kept in a folder.
CREATE TABLE document_contents (
    sha256 text PRIMARY KEY CHECK (length(sha256) = 64),
    content {bytes} NOT NULL
) {strict};

-- Who else may read a document, because it is evidence in something of theirs: an organisation, or the bureaux of an area.
CREATE TABLE document_links (
    id {uuid} PRIMARY KEY,
    document_id {uuid} NOT NULL REFERENCES documents (id),
    subject_kind text NOT NULL,
    subject_id {uuid} NOT NULL,
    organisation_id {uuid},
    area_path text,
    linked_by {uuid} NOT NULL,
    linked_at {big} NOT NULL,
    CONSTRAINT document_links_to_somebody CHECK ((organisation_id IS NULL) <> (area_path IS NULL))
) {strict};
-- Serves the question who may read a document.
CREATE INDEX document_links_of_document ON document_links (document_id, id);
";
