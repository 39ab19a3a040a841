//! What is published of the market.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, PUBLICATIONS).await?;
        dialect::grow_only(manager, "publications", &[OF, PUBLISHED, WITHDRAWN]).await
    }
}

/// What is to be published never changes.
const OF: &[&str] = &["id", "kind", "subject_id", "area_path", "settled_on", "due_on", "rulebook_id", "made_at"];
/// It is published once.
const PUBLISHED: &[&str] = &["published_at", "published_by"];
/// It is withdrawn once.
const WITHDRAWN: &[&str] = &["withdrawn_at", "withdrawn_by", "reason"];

const PUBLICATIONS: &str = "
-- Results that are to be published, by when, and what became of that (成交结果公示).
CREATE TABLE publications (
    id {uuid} PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('trade')),
    subject_id {uuid} NOT NULL CONSTRAINT publications_subject UNIQUE,
    area_path text NOT NULL,
    settled_on text NOT NULL,
    -- The last day for it; none where no rule said so.
    due_on text,
    rulebook_id {uuid} REFERENCES rulebooks (id),
    made_at {big} NOT NULL,
    state text NOT NULL CHECK (state IN ('due', 'published', 'withdrawn')),
    published_at {big},
    published_by {uuid},
    withdrawn_at {big},
    withdrawn_by {uuid},
    reason text,
    version {big} NOT NULL CHECK (version >= 1),
    CHECK ((state = 'due') = (published_at IS NULL) AND (state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
    CHECK ((withdrawn_at IS NULL) = (reason IS NULL))
) {strict};
-- Serve the work list of the exchange, what is published, and the newest day that was looked at.
CREATE INDEX publications_in ON publications (state, id);
CREATE INDEX publications_by_day ON publications (settled_on);

-- Serves the refusals of a month.
CREATE INDEX refusals_by_instant ON refusals (book_id, recorded_at);
";
