//! What a bank wants to know of a pledge beyond its contract: scope of the claim, external register, valuations, margin calls, and the
//! screening that it was registered on.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, REGISTRATION).await?;
        dialect::run(manager, WORTH).await?;
        dialect::insert_only(manager, &["valuations", "pledge_screenings"]).await?;
        dialect::grow_only(manager, "margin_calls", &[CALLED, ENDED]).await
    }
}

/// What a margin call says from the beginning, and when it was over.
const CALLED: &[&str] = &["id", "pledge_id", "called_at", "secured", "value", "cap", "due_on"];
const ENDED: &[&str] = &["ended_at"];

const REGISTRATION: &str = "
-- What beside the principal is secured (民法典第三百八十九条), words with commas between them; all of it where nothing is said.
ALTER TABLE pledges ADD COLUMN claim_scope text;
-- The period in which claims of a maximum-amount pledge arise (最高额质押); the secured amount is then its ceiling.
ALTER TABLE pledges ADD COLUMN determined_from text;
ALTER TABLE pledges ADD COLUMN determined_to text
    CHECK ((determined_from IS NULL) = (determined_to IS NULL) AND (determined_from IS NULL OR determined_from <= determined_to));
-- Whether the parties have agreed that the rights are not sold meanwhile; they have where nothing is said.
ALTER TABLE pledges ADD COLUMN restricts_transfer {bool};
-- The last working day for the registration, where a rule sets one, and how many it took.
ALTER TABLE pledges ADD COLUMN due_on text;
ALTER TABLE pledges ADD COLUMN processing_days {big} CHECK (processing_days IS NULL OR processing_days >= 0);
-- What the unified register of movables and rights (动产和权利担保统一登记) says of it.
ALTER TABLE pledges ADD COLUMN external_number text;
ALTER TABLE pledges ADD COLUMN external_status text CHECK ((external_status IS NULL) = (external_number IS NULL)
    AND (external_status IS NULL OR external_status IN ('registered', 'extended', 'expired', 'cancelled')));
ALTER TABLE pledges ADD COLUMN external_until text;
ALTER TABLE pledges ADD COLUMN external_at {big} CHECK ((external_at IS NULL) = (external_number IS NULL));
-- The part of the secured amount that rests on this thing (对应担保债权额); told of every lien that is applied for from now on.
ALTER TABLE liens ADD COLUMN secured {big} CHECK (secured IS NULL OR secured > 0);
";

const WORTH: &str = "
-- Valuations (价值评估) of what a lien lies on; a revaluation is a further one.
CREATE TABLE valuations (
    id {uuid} PRIMARY KEY,
    pledge_id {uuid} NOT NULL REFERENCES pledges (id),
    lien_id {uuid} NOT NULL REFERENCES liens (id),
    quantity {big} NOT NULL CHECK (quantity > 0),
    method text NOT NULL,
    -- The period of the market's statistics whose mean price the value is made of, and that price; absent where a value is stated.
    price_period text,
    unit_price {big} CHECK (unit_price > 0),
    value {big} NOT NULL CHECK (value > 0),
    -- What is secured on it at that moment; absent where nobody has said which part.
    secured {big} CHECK (secured > 0),
    valued_on text NOT NULL,
    expires_on text,
    valuer text NOT NULL,
    recorded_by {uuid} NOT NULL,
    recorded_at {big} NOT NULL,
    -- The journal of the application or of the revaluation.
    journal_id {uuid} NOT NULL,
    CONSTRAINT valuations_priced CHECK ((price_period IS NULL) = (unit_price IS NULL))
) {strict};
-- Serves the valuations of a pledge.
CREATE INDEX valuations_of ON valuations (pledge_id, id);

-- Calls for more security, because the rights are worth too little for what is secured on them (民法典第四百三十三条).
CREATE TABLE margin_calls (
    id {uuid} PRIMARY KEY,
    pledge_id {uuid} NOT NULL REFERENCES pledges (id),
    called_at {big} NOT NULL,
    secured {big} NOT NULL CHECK (secured > 0),
    value {big} NOT NULL CHECK (value > 0),
    cap text NOT NULL,
    -- The last working day for it; absent where no rule sets one.
    due_on text,
    ended_at {big},
    version {big} NOT NULL CHECK (version >= 1)
) {strict};
-- One is open at a time, which is found by it.
CREATE UNIQUE INDEX margin_calls_open ON margin_calls (pledge_id) WHERE ended_at IS NULL;
-- Serves the calls of a pledge.
CREATE INDEX margin_calls_of ON margin_calls (pledge_id, id);

-- What each check saw when a pledge was applied for and when it was registered, with the permits of the sites.
CREATE TABLE pledge_screenings (
    pledge_id {uuid} NOT NULL REFERENCES pledges (id),
    step text NOT NULL CHECK (step IN ('applied', 'registered')),
    screened_at {big} NOT NULL,
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    -- Canonical JSON.
    findings text NOT NULL,
    PRIMARY KEY (pledge_id, step)
) {strict};
";
