//! Long work.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }
}

const TABLES: &str = "
-- Long work that goes on beside the requests: wanted by a client, or once for each slot of a schedule however many nodes there are;
-- held by the node that does it until an instant of the wall clock, so that another takes it up when that node is gone; then
-- with its result, or with why there is none.
CREATE TABLE operations (
    id {uuid} PRIMARY KEY,
    book_id integer NOT NULL,
    -- Which work it is; the program knows how to do each.
    kind text NOT NULL,
    slot text NOT NULL,
    -- What the work is asked to do, as JSON.
    input text NOT NULL,
    asked_by {uuid},
    organisation_id {uuid},
    asked_at {big} NOT NULL,
    -- The node that does it, by an id of this one attempt.
    holder {uuid},
    held_until {big} NOT NULL,
    attempts integer NOT NULL,
    started_at {big},
    done {big} NOT NULL,
    total {big},
    finished_at {big},
    -- What came out, as JSON.
    result text,
    -- Broken rules as JSON, when nothing came out.
    faults text,
    CONSTRAINT operations_slot UNIQUE (kind, slot),
    CONSTRAINT operations_asked_by_somebody CHECK ((asked_by IS NULL) = (organisation_id IS NULL)),
    CONSTRAINT operations_counted CHECK (done >= 0 AND attempts >= 0 AND (total IS NULL OR total >= done)),
    CONSTRAINT operations_finished_whole CHECK ((finished_at IS NULL) = (result IS NULL AND faults IS NULL)
        AND (result IS NULL OR faults IS NULL) AND (finished_at IS NULL OR started_at IS NOT NULL))
) {strict};
-- Serves the search for work that nobody has finished.
CREATE INDEX operations_open ON operations (id) WHERE finished_at IS NULL;
-- Serves what an organisation has asked for, and the runs of one kind.
CREATE INDEX operations_of ON operations (organisation_id, id);
CREATE INDEX operations_by_kind ON operations (kind, id);
";
