//! Acts for which an organisation asks for a second of its own people, and both names beside what was approved.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::insert_only(manager, &["approved_acts"]).await?;
        dialect::grow_only(manager, "approval_rules", &[&["organisation_id"]]).await
    }
}

const TABLES: &str = "
-- For which of its acts an organisation asks for a second of its own people. One row from the first time that it asks for any, so
-- that the whole of it has one version.
CREATE TABLE approval_rules (
    organisation_id {uuid} PRIMARY KEY REFERENCES organisations (id),
    -- Words of the acts, separated by blanks; nothing when it no longer asks for any.
    acts text NOT NULL,
    set_by {uuid} NOT NULL,
    set_at {big} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1)
) {strict};

-- Each journal and decision of a command that one person proposed and another approved, with both of them: the actor of a journal
-- is always who carried it out.
CREATE TABLE approved_acts (
    id {uuid} PRIMARY KEY,
    task_id {uuid} NOT NULL REFERENCES tasks (id),
    proposer_id {uuid} NOT NULL,
    approver_id {uuid} NOT NULL,
    act_kind text NOT NULL CHECK (act_kind IN ('journal', 'decision', 'command')),
    act_id {uuid},
    recorded_at {big} NOT NULL,
    CHECK ((act_kind = 'command') = (act_id IS NULL))
) {strict};
-- Serves the reading of a journal, which names who proposed it.
CREATE INDEX approved_acts_of ON approved_acts (act_id);

-- One proposal about a thing at a time in an organisation: of two, the second could only be refused when it is decided.
CREATE UNIQUE INDEX tasks_one_waits ON tasks (act, subject_id, organisation_id)
    WHERE organisation_id IS NOT NULL AND state IN ('open', 'claimed');
-- Serves the suspension of a user, which frees what they had taken up.
CREATE INDEX tasks_claimed_by ON tasks (claimed_by) WHERE state = 'claimed';
";
