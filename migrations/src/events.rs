//! The feed of events, and the webhooks that deliver it.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, FEED).await?;
        dialect::run(manager, WEBHOOKS).await?;
        dialect::insert_only(manager, &["event_parties", "webhook_attempts"]).await
    }
}

const FEED: &str = "
-- How far the feed has come: the parties of every journal whose place in the log lies before this one are known.
CREATE TABLE event_feeds (
    book_id integer PRIMARY KEY REFERENCES books (id),
    told_before {big} NOT NULL CHECK (told_before >= 0)
) {strict};

-- Whom each journal concerns, in the order of the log. The key serves an organisation that goes on reading where it stopped.
CREATE TABLE event_parties (
    book_id integer NOT NULL REFERENCES books (id),
    organisation_id {uuid} NOT NULL,
    position {big} NOT NULL,
    journal_id {uuid} NOT NULL,
    PRIMARY KEY (book_id, organisation_id, position)
) {strict};
-- Serves the verification, which reads them by their place.
CREATE INDEX event_parties_by_position ON event_parties (book_id, position);
";

const WEBHOOKS: &str = "
-- Where organisations want to be told.
CREATE TABLE webhooks (
    id {uuid} PRIMARY KEY,
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    url text NOT NULL,
    -- Kinds of journals, joined by blanks; null is all of them.
    kinds text,
    state text NOT NULL CHECK (state IN ('active', 'suspended')),
    -- The keys that messages are signed with; the former one until its instant of the wall clock.
    secret text NOT NULL,
    former_secret text,
    former_until {big},
    registered_by {uuid} NOT NULL,
    registered_at {big} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1),
    CHECK ((former_secret IS NULL) = (former_until IS NULL))
) {strict};
-- Serves the list of an organisation, and the question who wants to be told of a journal.
CREATE INDEX webhooks_of ON webhooks (organisation_id, id);

-- A message to a webhook: of one event there is one, however often it is tried.
CREATE TABLE webhook_deliveries (
    id {uuid} PRIMARY KEY,
    webhook_id {uuid} NOT NULL REFERENCES webhooks (id),
    position {big} NOT NULL,
    journal_id {uuid} NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    -- Tries in all, and those since it was last put into the queue, which the last try is counted by.
    attempts {big} NOT NULL CHECK (attempts >= 0),
    tries {big} NOT NULL CHECK (tries >= 0 AND tries <= attempts),
    -- When it is tried next, by the wall clock; while somebody tries it, when another may.
    due_at {big} NOT NULL,
    CONSTRAINT webhook_deliveries_once UNIQUE (webhook_id, position)
) {strict};
-- Serves the look for what is due.
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at) WHERE state = 'waiting';

-- What came of each try.
CREATE TABLE webhook_attempts (
    delivery_id {uuid} NOT NULL REFERENCES webhook_deliveries (id),
    number {big} NOT NULL CHECK (number >= 1),
    -- By the wall clock.
    tried_at {big} NOT NULL,
    -- The status that was answered; null when nothing was.
    status integer,
    duration_ms {big} NOT NULL CHECK (duration_ms >= 0),
    outcome text NOT NULL CHECK (outcome IN ('delivered', 'refused', 'unreachable', 'too_slow', 'private_address')),
    PRIMARY KEY (delivery_id, number)
) {strict};
";
