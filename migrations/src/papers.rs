//! What the papers of a site say beyond its permits, and what the checks read of it.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, RATIO).await?;
        dialect::run(manager, FACTS).await?;
        dialect::insert_only(manager, &["facts"]).await
    }
}

const RATIO: &str = "
-- How much must be bought for what the project builds (替代比例), as it was decided for this project; absent where the rulebook's ratio
-- applies.
ALTER TABLE projects ADD COLUMN replacement_ratio text;
";

const FACTS: &str = "
-- Facts that the checks read: ratings, incidents, fees. What was told wrongly is corrected by a row that names it; without any content
-- that row annuls it.
CREATE TABLE facts (
    id {uuid} PRIMARY KEY,
    subject_kind text NOT NULL CHECK (subject_kind IN ('organisation', 'site', 'area')),
    subject_id {uuid} NOT NULL,
    -- Whom it concerns; nobody alone when it is about a park.
    organisation_id {uuid} REFERENCES organisations (id),
    area_path text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('credit_rating', 'park_rating', 'major_accident', 'illegal_discharge', 'over_permit_discharge',
        'major_violation', 'fee_unpaid', 'fee_settled')),
    -- In the words of whoever rates: papers differ in their levels.
    level text,
    -- 2022 or 2022Q3.
    period text,
    happened_on text,
    pollutant text REFERENCES pollutants (code),
    right_class text REFERENCES right_classes (code),
    settles_id {uuid} REFERENCES facts (id),
    source text NOT NULL,
    document_hash text CHECK (length(document_hash) = 64),
    corrects_id {uuid} REFERENCES facts (id),
    reason text,
    recorded_by {uuid} NOT NULL,
    recorded_for {uuid} NOT NULL REFERENCES organisations (id),
    recorded_at {big} NOT NULL,
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    CONSTRAINT facts_subject CHECK ((subject_kind = 'area') = (organisation_id IS NULL)),
    CONSTRAINT facts_correction CHECK ((corrects_id IS NULL) = (reason IS NULL)),
    -- Only a correction may say nothing.
    CONSTRAINT facts_content CHECK (happened_on IS NOT NULL OR period IS NOT NULL OR corrects_id IS NOT NULL),
    CONSTRAINT facts_rating CHECK ((level IS NOT NULL) = (kind IN ('credit_rating', 'park_rating') AND period IS NOT NULL)),
    CONSTRAINT facts_settlement CHECK ((kind = 'fee_settled' AND happened_on IS NOT NULL)
        = ((right_class IS NOT NULL AND settles_id IS NULL) OR (right_class IS NULL AND settles_id IS NOT NULL)))
) {strict};
-- A fact is corrected once; what corrects it may be corrected in its turn.
CREATE UNIQUE INDEX facts_corrected_once ON facts (corrects_id) WHERE corrects_id IS NOT NULL;
-- A rating of a period, or too much of a pollutant in a year, is told once; whatever is wrong with it is corrected.
CREATE UNIQUE INDEX facts_of_period ON facts (kind, subject_id, period, COALESCE(pollutant, ''))
    WHERE period IS NOT NULL AND corrects_id IS NULL;
-- A usage fee is settled once.
CREATE UNIQUE INDEX facts_of_right ON facts (subject_id, right_class) WHERE right_class IS NOT NULL AND corrects_id IS NULL;
CREATE UNIQUE INDEX facts_of_owed ON facts (settles_id) WHERE settles_id IS NOT NULL AND corrects_id IS NULL;
-- Serves the checks, which read all that concerns an organisation, and its list.
CREATE INDEX facts_of_organisation ON facts (organisation_id, id);
";
