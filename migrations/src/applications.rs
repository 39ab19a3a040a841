//! Applications for rights (核定申请), and the running numbers of the registers of quota.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, APPLICATIONS).await?;
        dialect::grow_only(manager, "allocation_applications", &[DRAFTED, NUMBERED, CORRECTED, ACCEPTED, DECIDED]).await
    }
}

/// What an application is from the beginning, and what each step adds to it for ever.
const DRAFTED: &[&str] = &["id", "site_id", "organisation_id", "area_path", "drafted_by", "drafted_at"];
const NUMBERED: &[&str] = &["number"];
const CORRECTED: &[&str] = &["correction_points", "correction_by", "correction_at", "correct_until"];
const ACCEPTED: &[&str] = &["accepted_at", "accepted_by", "accepted_on", "decide_until"];
const DECIDED: &[&str] = &["decided_by", "decided_at", "reason", "allocation_id"];

const APPLICATIONS: &str = "
-- Running numbers of the registers of quota, by series and year: no gap and no number twice.
CREATE TABLE quota_numbers (
    series text PRIMARY KEY,
    last {big} NOT NULL CHECK (last >= 1),
    version {big} NOT NULL CHECK (version >= 1)
) {strict};

-- What an enterprise applies for to its site, from the draft to the decision; the grant that is proposed for it is named.
CREATE TABLE allocation_applications (
    id {uuid} PRIMARY KEY,
    -- Given when it is handed in for the first time; nobody but the applicant knows of it before.
    number text UNIQUE,
    site_id {uuid} NOT NULL REFERENCES sites (id),
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    area_path text NOT NULL,
    pollutant text NOT NULL,
    origin text NOT NULL CHECK (origin IN ('free', 'paid')),
    -- The basin or the city that the site lies in.
    zone text NOT NULL,
    valid_from text NOT NULL,
    valid_to text NOT NULL,
    quantity {big} NOT NULL CHECK (quantity > 0),
    -- Why, in the applicant's words.
    statement text,
    state text NOT NULL CHECK (state IN ('draft', 'submitted', 'correction_requested', 'accepted', 'proposed', 'rejected', 'withdrawn')),
    drafted_by {uuid} NOT NULL,
    drafted_at {big} NOT NULL,
    submitted_by {uuid},
    submitted_at {big},
    -- The last working day on which the bureau may say what it lacks; past it, silence has accepted it.
    accept_until text,
    -- Everything that it lacks, as a list in JSON, told once; and the last working day for the correction.
    correction_points text,
    correction_by {uuid},
    correction_at {big},
    correct_until text,
    accepted_at {big},
    -- Nobody when it was accepted by silence.
    accepted_by {uuid},
    -- The day from which the term of the decision counts, and its last working day.
    accepted_on text,
    decide_until text,
    decided_by {uuid},
    decided_at {big},
    reason text,
    allocation_id {uuid} REFERENCES allocations (id),
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    version {big} NOT NULL CHECK (version >= 1),
    CHECK ((submitted_by IS NULL) = (submitted_at IS NULL) AND (number IS NULL) = (submitted_at IS NULL)),
    CHECK ((correction_points IS NULL) = (correction_by IS NULL) AND (correction_points IS NULL) = (correction_at IS NULL)),
    CHECK ((accepted_at IS NULL) = (accepted_on IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL) AND (state IN ('proposed', 'rejected')) = (decided_by IS NOT NULL)),
    CHECK ((state = 'proposed') = (allocation_id IS NOT NULL)),
    CHECK (state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL)
) {strict};
-- The same rights of a site are applied for once at a time.
CREATE UNIQUE INDEX allocation_applications_one_waits ON allocation_applications (site_id, pollutant, origin, valid_from, valid_to)
    WHERE state IN ('submitted', 'correction_requested', 'accepted');
-- Serves the clock, which looks for silence past its term.
CREATE INDEX allocation_applications_silent ON allocation_applications (accept_until) WHERE state = 'submitted';
-- Serve the lists of an enterprise and of a bureau.
CREATE INDEX allocation_applications_of ON allocation_applications (organisation_id, id);
CREATE INDEX allocation_applications_in ON allocation_applications (area_path, id);
";
