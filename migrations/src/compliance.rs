//! Discharge: outlets and what their monitors send, reports and measurements, and the annual accounts made of them.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, DATA).await?;
        dialect::run(manager, YEARS).await?;
        dialect::insert_only(manager, &["outlets", "monitor_messages", "monitor_values", "discharge_reports"]).await?;
        dialect::grow_only(manager, "discharge_holds", &[HELD, CLOSED]).await?;
        dialect::grow_only(manager, "compliance_years", &[OPENED, VERIFIED, SETTLED, SEALED]).await
    }
}

/// What a hold says from the beginning, and what the bureau adds for ever.
const HELD: &[&str] =
    &["id", "message_id", "site_id", "organisation_id", "area_path", "pollutant", "day", "mass", "reason"];
const CLOSED: &[&str] = &["closed_by", "closed_at", "closing_reason"];

/// What an annual account is of, and what stands of it for ever once it is verified, settled, sealed.
const OPENED: &[&str] =
    &["id", "site_id", "organisation_id", "area_path", "pollutant", "year", "opened_by", "opened_at"];
const VERIFIED: &[&str] = &["verified_by", "verified_at", "entitlement", "by_bureau", "by_monitor", "by_report"];
const SETTLED: &[&str] = &["settled_by", "settled_at", "granted", "covered"];
const SEALED: &[&str] = &["sealed_by", "sealed_at", "state"];

const DATA: &str = "
-- Outlets (排放口): where a site discharges, and the monitor (MN) that stands there.
CREATE TABLE outlets (
    id {uuid} PRIMARY KEY,
    -- The number of the monitor, by which it names itself in each message.
    mn text NOT NULL CONSTRAINT outlets_mn UNIQUE,
    name text NOT NULL,
    site_id {uuid} NOT NULL REFERENCES sites (id),
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    area_path text NOT NULL,
    edition text NOT NULL CHECK (edition IN ('2017', '2025')),
    -- Which codes of the monitor are which pollutants, and in which unit: JSON; that of the edition where it is absent.
    factors text,
    registered_by {uuid} NOT NULL,
    registered_at {big} NOT NULL
) {strict};
-- Serves the list of a site's outlets.
CREATE INDEX outlets_of_site ON outlets (site_id, id);

-- Messages of monitors, as they were sent.
CREATE TABLE monitor_messages (
    id {uuid} PRIMARY KEY,
    outlet_id {uuid} NOT NULL REFERENCES outlets (id),
    site_id {uuid} NOT NULL,
    organisation_id {uuid} NOT NULL,
    area_path text NOT NULL,
    mn text NOT NULL,
    -- When the monitor asked, by its own clock, to the millisecond: later ones correct earlier ones.
    qn text NOT NULL,
    command {big} NOT NULL,
    -- The day whose totals it carries; absent of what carries none.
    day text,
    -- SHA-256 over the data segment, which names monitor, time and command: a message that is sent again changes nothing.
    hash text NOT NULL CONSTRAINT monitor_messages_once UNIQUE CHECK (length(hash) = 64),
    -- The data segment.
    segment text NOT NULL,
    received_by {uuid} NOT NULL,
    received_at {big} NOT NULL
) {strict};
-- Serves the list of what an outlet has sent.
CREATE INDEX monitor_messages_of_outlet ON monitor_messages (outlet_id, id);
-- Serves the list of what the outlets of a site have sent.
CREATE INDEX monitor_messages_of_site ON monitor_messages (site_id, id);

-- What the messages say of a day: grams of a pollutant through an outlet. Those that are implausible stand in discharge_holds instead.
CREATE TABLE monitor_values (
    message_id {uuid} NOT NULL REFERENCES monitor_messages (id),
    pollutant text NOT NULL REFERENCES pollutants (code),
    outlet_id {uuid} NOT NULL,
    site_id {uuid} NOT NULL,
    day text NOT NULL,
    qn text NOT NULL,
    grams {big} NOT NULL CHECK (grams >= 0),
    PRIMARY KEY (message_id, pollutant)
) {strict};
-- Serves the daily totals of a site, and its annual account.
CREATE INDEX monitor_values_of_day ON monitor_values (site_id, pollutant, day);

-- What a monitor sent and nobody can believe: it is counted nowhere, and the bureau looks at it.
CREATE TABLE discharge_holds (
    id {uuid} PRIMARY KEY,
    message_id {uuid} NOT NULL REFERENCES monitor_messages (id),
    outlet_id {uuid} NOT NULL,
    site_id {uuid} NOT NULL,
    organisation_id {uuid} NOT NULL,
    area_path text NOT NULL,
    pollutant text NOT NULL REFERENCES pollutants (code),
    day text NOT NULL,
    -- As it was sent, with its sign.
    mass text NOT NULL,
    reason text NOT NULL CHECK (reason IN ('negative', 'over_permit', 'out_of_range')),
    closed_by {uuid},
    closed_at {big},
    closing_reason text,
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT discharge_holds_closed CHECK ((closed_by IS NULL) = (closed_at IS NULL) AND (closed_by IS NULL) = (closing_reason IS NULL))
) {strict};
-- Serves the verification of an annual account, which must find none open.
CREATE INDEX discharge_holds_of_site ON discharge_holds (site_id, pollutant, day);

-- What a site reports, or the bureau has measured, of a period. Nothing is taken back: what is recorded later counts.
CREATE TABLE discharge_reports (
    id {uuid} PRIMARY KEY,
    site_id {uuid} NOT NULL REFERENCES sites (id),
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    area_path text NOT NULL,
    pollutant text NOT NULL REFERENCES pollutants (code),
    source text NOT NULL CHECK (source IN ('bureau', 'report')),
    first_day text NOT NULL,
    last_day text NOT NULL CHECK (last_day >= first_day),
    grams {big} NOT NULL CHECK (grams >= 0),
    -- Number of the document that it stands in.
    document text NOT NULL,
    -- SHA-256 over the uploaded file that it came in.
    document_hash text,
    recorded_by {uuid} NOT NULL,
    recorded_at {big} NOT NULL
) {strict};
-- Serves the annual account, and the list of a site's.
CREATE INDEX discharge_reports_of_site ON discharge_reports (site_id, pollutant, first_day);
";

const YEARS: &str = "
-- Annual accounts (年度核算与清缴): what a site was entitled to in a year, what it discharged, and how the difference was settled.
CREATE TABLE compliance_years (
    id {uuid} PRIMARY KEY,
    site_id {uuid} NOT NULL REFERENCES sites (id),
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    area_path text NOT NULL,
    pollutant text NOT NULL REFERENCES pollutants (code),
    year {big} NOT NULL CHECK (year BETWEEN 2000 AND 9998),
    state text NOT NULL CHECK (state IN ('open', 'reported', 'surplus', 'shortfall', 'settled', 'sealed')),
    opened_by {uuid} NOT NULL,
    opened_at {big} NOT NULL,
    reported_by {uuid},
    reported_at {big},
    -- Grams.
    entitlement {big} CHECK (entitlement >= 0),
    by_bureau {big} CHECK (by_bureau >= 0),
    by_monitor {big} CHECK (by_monitor >= 0),
    by_report {big} CHECK (by_report >= 0),
    missing_days {big} CHECK (missing_days >= 0),
    verified_by {uuid},
    verified_at {big},
    -- Grams of the surplus that became a right, and of the shortfall that was covered.
    granted {big} NOT NULL CHECK (granted >= 0),
    covered {big} NOT NULL CHECK (covered >= 0),
    settled_by {uuid},
    settled_at {big},
    sealed_by {uuid},
    sealed_at {big},
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT compliance_years_one UNIQUE (site_id, pollutant, year),
    CONSTRAINT compliance_years_reported CHECK ((state = 'open') = (reported_by IS NULL) AND (reported_by IS NULL) = (reported_at IS NULL)
        AND (reported_by IS NULL) = (entitlement IS NULL) AND (reported_by IS NULL) = (by_bureau IS NULL)
        AND (reported_by IS NULL) = (by_monitor IS NULL) AND (reported_by IS NULL) = (by_report IS NULL)
        AND (reported_by IS NULL) = (missing_days IS NULL)),
    CONSTRAINT compliance_years_verified CHECK ((state IN ('open', 'reported')) = (verified_by IS NULL)
        AND (verified_by IS NULL) = (verified_at IS NULL)),
    CONSTRAINT compliance_years_settled CHECK ((state IN ('settled', 'sealed')) = (settled_by IS NOT NULL)
        AND (settled_by IS NULL) = (settled_at IS NULL)),
    CONSTRAINT compliance_years_sealed CHECK ((state = 'sealed') = (sealed_by IS NOT NULL) AND (sealed_by IS NULL) = (sealed_at IS NULL)),
    -- A surplus is granted or a shortfall covered, never both.
    CONSTRAINT compliance_years_one_way CHECK (granted = 0 OR covered = 0)
) {strict};
-- Serves the list of an organisation's.
CREATE INDEX compliance_years_of_organisation ON compliance_years (organisation_id, id);
";
