//! Junior liens (后顺位质押): what they wait for behind the liens before them.

use crate::dialect::{self, Rewording};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::insert_only(manager, &["lien_waits"]).await?;
        dialect::reword(manager, "lien_notices", &[NOTICES]).await
    }
}

const TABLES: &str = "
-- Whether the application says that the lien may wait for what liens before it hold (后顺位).
ALTER TABLE liens ADD COLUMN junior {bool};

-- Grams more that a junior lien waits for, or less below zero: from its registration on, when it takes what has come free, when it is
-- partly released, and when nobody holds them any more or its pledge is over.
CREATE TABLE lien_waits (
    id {uuid} PRIMARY KEY,
    lien_id {uuid} NOT NULL REFERENCES liens (id),
    cause text NOT NULL CHECK (cause IN ('registered', 'advanced', 'given_up', 'ended')),
    grams {big} NOT NULL CHECK (grams <> 0 AND (cause = 'registered') = (grams > 0)),
    -- Its place among the liens of the stock when it was registered; who waits for nobody is none of them.
    rank {big} CHECK (rank >= 2),
    -- Fen that the liens before it secured then on what it waits for.
    ahead {big} CHECK (ahead >= 0),
    waited_at {big} NOT NULL,
    CONSTRAINT lien_waits_registered CHECK ((cause = 'registered') = (rank IS NOT NULL) AND (rank IS NULL) = (ahead IS NULL))
) {strict};
-- A lien begins to wait once.
CREATE UNIQUE INDEX lien_waits_once ON lien_waits (lien_id) WHERE cause = 'registered';
-- Serves what a lien waits for.
CREATE INDEX lien_waits_of ON lien_waits (lien_id, id);
";

const NOTICES: Rewording = Rewording {
    sqlite: (
        "CHECK (cause IN ('expiry', 'take_back', 'court_freeze'))",
        "CHECK (cause IN ('expiry', 'take_back', 'court_freeze', 'junior_lien'))",
    ),
    postgres: "ALTER TABLE lien_notices DROP CONSTRAINT lien_notices_cause_check, ADD CONSTRAINT \
               lien_notices_cause_check CHECK (cause IN ('expiry', 'take_back', 'court_freeze', 'junior_lien'))",
};
