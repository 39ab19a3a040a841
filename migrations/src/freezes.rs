//! Court freezes, and what pledgees are told of them.

use crate::dialect::{self, Rewording};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, FREEZES).await?;
        dialect::reword(manager, "lien_notices", &NOTICES).await
    }
}

const FREEZES: &str = "
-- What a court has ordered frozen (司法冻结) of a site's stock of one right class. What it holds stands in an account of its own.
CREATE TABLE freezes (
    id {uuid} PRIMARY KEY,
    document text NOT NULL,
    court text NOT NULL,
    rank {big} NOT NULL CHECK (rank >= 1),
    site_id {uuid} NOT NULL REFERENCES sites (id),
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    area_path text NOT NULL,
    right_class_id {uuid} NOT NULL REFERENCES right_classes (id),
    quantity {big} NOT NULL CHECK (quantity > 0),
    -- Grams that it has taken so far; of one that has ended, those that it had.
    taken {big} NOT NULL CHECK (taken >= 0 AND taken <= quantity),
    -- Its last day; null where the court names none.
    until text,
    recorded_by {uuid} NOT NULL,
    recorder_id {uuid} NOT NULL REFERENCES organisations (id),
    recorded_at {big} NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'in_force', 'lifted', 'executed')),
    ended_at {big},
    -- Why it was lifted, and the number of the document that orders it; that of an execution.
    cause text CHECK (cause IN ('order', 'term_over', 'rights_expired')),
    ended_document text,
    buyer_site_id {uuid} REFERENCES sites (id),
    buyer_id {uuid} REFERENCES organisations (id),
    -- Fen per unit over the whole validity; the money goes through the court.
    unit_price {big} CHECK (unit_price > 0),
    -- Codes of the checks that the court has overruled, joined by blanks.
    warnings text,
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT freezes_in_force CHECK (state <> 'in_force' OR taken = quantity),
    CONSTRAINT freezes_ended CHECK ((state IN ('lifted', 'executed')) = (ended_at IS NOT NULL)),
    CONSTRAINT freezes_lifted CHECK ((state = 'lifted') = (cause IS NOT NULL)),
    CONSTRAINT freezes_executed CHECK ((state = 'executed') = (buyer_site_id IS NOT NULL)
        AND (buyer_site_id IS NULL) = (buyer_id IS NULL) AND (buyer_site_id IS NULL) = (unit_price IS NULL))
) {strict};
-- A document freezes a stock once at a time.
CREATE UNIQUE INDEX freezes_once ON freezes (document, site_id, right_class_id) WHERE state IN ('waiting', 'in_force');
-- Serves the line of a stock.
CREATE INDEX freezes_on ON freezes (site_id, right_class_id) WHERE state IN ('waiting', 'in_force');
-- Serve the lists of an enterprise and of a bureau.
CREATE INDEX freezes_of ON freezes (organisation_id, id);
CREATE INDEX freezes_in ON freezes (area_path, id);
-- Serves the look for those whose last day has passed.
CREATE INDEX freezes_until ON freezes (until) WHERE state IN ('waiting', 'in_force');
";

const NOTICES: [Rewording; 2] = [
    Rewording {
        sqlite: (
            "CHECK (cause IN ('expiry', 'take_back'))",
            "CHECK (cause IN ('expiry', 'take_back', 'court_freeze'))",
        ),
        postgres: "ALTER TABLE lien_notices DROP CONSTRAINT lien_notices_cause_check, ADD CONSTRAINT \
                   lien_notices_cause_check CHECK (cause IN ('expiry', 'take_back', 'court_freeze'))",
    },
    Rewording {
        sqlite: (
            "CHECK ((cause = 'expiry') = (right_act_id IS NULL))",
            "CHECK ((cause <> 'take_back') = (right_act_id IS NULL))",
        ),
        postgres: "ALTER TABLE lien_notices DROP CONSTRAINT lien_notices_act, ADD CONSTRAINT \
                   lien_notices_act CHECK ((cause <> 'take_back') = (right_act_id IS NULL))",
    },
];
