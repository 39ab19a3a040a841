//! Areas that are suspended, and caps that change on a day.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, SUSPENSIONS).await?;
        dialect::run(manager, CHANGES).await?;
        dialect::run(manager, RATIOS).await?;
        dialect::grow_only(manager, "area_suspensions", &[SUSPENDED, LIFTED]).await?;
        dialect::grow_only(manager, "capacity_changes", &[PLANNED, ENDED]).await
    }
}

/// What a suspension says from the beginning, and what its end adds for ever.
const SUSPENDED: &[&str] = &[
    "id",
    "area_id",
    "area_path",
    "pollutant",
    "medium",
    "valid_from",
    "document",
    "reason",
    "suspended_by",
    "suspended_at",
];
const LIFTED: &[&str] = &["lifted_from", "lift_document", "lift_reason", "lifted_by", "lifted_at"];

/// The same of a change of a cap.
const PLANNED: &[&str] = &[
    "id",
    "area_id",
    "area_path",
    "pollutant",
    "cap",
    "valid_from",
    "document",
    "planned_by",
    "planned_at",
    "rulebook_id",
];
const ENDED: &[&str] = &["ended_at", "state", "capacity_id", "withdrawn_by", "reason"];

const CHANGES: &str = "
-- Changes of caps: each waits for its day, and takes effect on it once.
CREATE TABLE capacity_changes (
    id {uuid} PRIMARY KEY,
    area_id {uuid} NOT NULL REFERENCES areas (id),
    area_path text NOT NULL,
    pollutant text NOT NULL REFERENCES pollutants (code),
    cap {big} NOT NULL CHECK (cap >= 0),
    valid_from text NOT NULL,
    document text NOT NULL,
    planned_by {uuid} NOT NULL,
    planned_at {big} NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'effective', 'withdrawn')),
    ended_at {big},
    -- The cap that it has changed: it may be the first of its area and pollutant.
    capacity_id {uuid} REFERENCES capacities (id),
    withdrawn_by {uuid},
    reason text,
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT capacity_changes_ended CHECK ((state = 'waiting') = (ended_at IS NULL)
        AND (state = 'effective') = (capacity_id IS NOT NULL)
        AND (state = 'withdrawn') = (withdrawn_by IS NOT NULL) AND (state = 'withdrawn') = (reason IS NOT NULL))
) {strict};
-- What waits is in one order: a cap changes once on a day.
CREATE UNIQUE INDEX capacity_changes_waiting ON capacity_changes (area_id, pollutant, valid_from) WHERE state = 'waiting';
-- Serves the clock, which asks what is due.
CREATE INDEX capacity_changes_due ON capacity_changes (valid_from, id) WHERE state = 'waiting';
";

const RATIOS: &str = "
-- How much was to be bought for what is built (替代比例) as it stood when the trade was matched or the grant was proposed, and the grams
-- that it retires when they take effect; absent where no ratio applied.
ALTER TABLE trades ADD COLUMN replacement_ratio text;
ALTER TABLE trades ADD COLUMN excess {big} CHECK (excess >= 0 AND excess <= quantity);
ALTER TABLE allocations ADD COLUMN replacement_ratio text;
ALTER TABLE allocations ADD COLUMN excess {big} CHECK (excess >= 0 AND excess <= quantity);
-- The project that a grant is for.
ALTER TABLE allocations ADD COLUMN project_id {uuid} REFERENCES projects (id);
";

const SUSPENSIONS: &str = "
-- Suspensions of areas (区域限批): while one stands, nothing adds to what the area and those below it use.
CREATE TABLE area_suspensions (
    id {uuid} PRIMARY KEY,
    area_id {uuid} NOT NULL REFERENCES areas (id),
    area_path text NOT NULL,
    -- One pollutant, or all of a medium.
    pollutant text REFERENCES pollutants (code),
    medium text CHECK (medium IN ('water', 'air')),
    valid_from text NOT NULL,
    document text NOT NULL,
    reason text NOT NULL,
    suspended_by {uuid} NOT NULL,
    suspended_at {big} NOT NULL,
    -- The first day on which it does not stand any more.
    lifted_from text,
    lift_document text,
    lift_reason text,
    lifted_by {uuid},
    lifted_at {big},
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT area_suspensions_reach CHECK ((pollutant IS NULL) <> (medium IS NULL)),
    CONSTRAINT area_suspensions_lifted CHECK ((lifted_from IS NULL) = (lift_document IS NULL)
        AND (lifted_from IS NULL) = (lift_reason IS NULL) AND (lifted_from IS NULL) = (lifted_by IS NULL)
        AND (lifted_from IS NULL) = (lifted_at IS NULL)),
    CONSTRAINT area_suspensions_order CHECK (lifted_from IS NULL OR lifted_from >= valid_from)
) {strict};
-- An area is suspended once for the same thing at a time.
CREATE UNIQUE INDEX area_suspensions_of_pollutant ON area_suspensions (area_id, pollutant)
    WHERE lifted_from IS NULL AND pollutant IS NOT NULL;
-- The same of a medium.
CREATE UNIQUE INDEX area_suspensions_of_medium ON area_suspensions (area_id, medium)
    WHERE lifted_from IS NULL AND medium IS NOT NULL;
-- Serves every grant and trade, which asks what stands over its area.
CREATE INDEX area_suspensions_over ON area_suspensions (area_id, id);
";
