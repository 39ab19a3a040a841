//! Parties and reference data, quota, treasury, market and pledge.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, PARTIES).await?;
        dialect::run(manager, QUOTA_AND_MONEY).await?;
        dialect::run(manager, MARKET).await?;
        dialect::run(manager, PLEDGE).await?;
        dialect::insert_only(
            manager,
            &["reductions", "access_log", "capacity_caps", "money_movements", "trade_approvals", "trade_variations"],
        )
        .await
    }
}

const PARTIES: &str = "
-- Water bodies within which rights of water pollutants trade (流域).
CREATE TABLE basins (
    code text PRIMARY KEY,
    name text NOT NULL
) {strict};

-- Administrative areas as a tree; `path` lists the codes from the province down and serves who may see what.
CREATE TABLE areas (
    id {uuid} PRIMARY KEY,
    code text NOT NULL CONSTRAINT areas_code UNIQUE,
    name text NOT NULL,
    path text NOT NULL CONSTRAINT areas_path UNIQUE,
    basin text REFERENCES basins (code)
) {strict};

-- Pollutants (污染物) with the unit and the decimals their quantities are written in.
CREATE TABLE pollutants (
    code text PRIMARY KEY,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    medium text NOT NULL CHECK (medium IN ('water', 'air')),
    unit text NOT NULL,
    grams_per_unit {big} NOT NULL CHECK (grams_per_unit >= 1),
    decimals integer NOT NULL CHECK (decimals >= 0)
) {strict};

-- Public holidays, and weekend days that are worked; other days follow the week.
CREATE TABLE calendar_days (
    day text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('holiday', 'working_day')),
    version {big} NOT NULL CHECK (version >= 1)
) {strict};

-- Keyed for people by the unified social credit code (统一社会信用代码).
CREATE TABLE organisations (
    id {uuid} PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN
        ('operator', 'enterprise', 'bank', 'guarantor', 'bureau', 'exchange', 'reserve', 'settlement_bank', 'auditor')),
    area_id {uuid} NOT NULL REFERENCES areas (id),
    area_path text NOT NULL,
    sector text,
    state text NOT NULL CHECK (state IN ('applied', 'verified', 'refused', 'suspended')),
    state_reason text,
    applied_by {uuid},
    version {big} NOT NULL CHECK (version >= 1),
    registered_at {big} NOT NULL,
    -- A refusal and a suspension say why.
    CONSTRAINT organisations_reason CHECK ((state IN ('refused', 'suspended')) = (state_reason IS NOT NULL))
) {strict};
-- One organisation for each code. A refused one does not keep the code from whom it belongs to.
CREATE UNIQUE INDEX organisations_code ON organisations (code) WHERE state <> 'refused';

-- Discharging units (排污单位): they own rights.
CREATE TABLE sites (
    id {uuid} PRIMARY KEY,
    number text NOT NULL CONSTRAINT sites_number UNIQUE,
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    name text NOT NULL,
    area_id {uuid} NOT NULL REFERENCES areas (id),
    area_path text NOT NULL,
    basin text REFERENCES basins (code),
    sector text,
    is_reserve {bool} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1),
    registered_at {big} NOT NULL
) {strict};
-- Serves an organisation's sites.
CREATE INDEX sites_of_organisation ON sites (organisation_id, id);

-- Discharge permits (排污许可证): never transferred, varied after a trade.
CREATE TABLE permits (
    id {uuid} PRIMARY KEY,
    number text NOT NULL CONSTRAINT permits_number UNIQUE,
    site_id {uuid} NOT NULL REFERENCES sites (id),
    valid_from text NOT NULL,
    valid_to text NOT NULL,
    version {big} NOT NULL CHECK (version >= 1),
    registered_at {big} NOT NULL,
    CHECK (valid_from <= valid_to)
) {strict};
-- Serves a site's permits.
CREATE INDEX permits_of_site ON permits (site_id, id);

-- What a permit allows of each pollutant, in grams a year.
CREATE TABLE permit_quantities (
    permit_id {uuid} NOT NULL REFERENCES permits (id),
    pollutant text NOT NULL REFERENCES pollutants (code),
    quantity {big} NOT NULL CHECK (quantity >= 0),
    version {big} NOT NULL CHECK (version >= 1),
    PRIMARY KEY (permit_id, pollutant)
) {strict};

-- Construction projects with the basis of their total-quantity document (总量核定文件).
CREATE TABLE projects (
    id {uuid} PRIMARY KEY,
    number text NOT NULL CONSTRAINT projects_number UNIQUE,
    site_id {uuid} NOT NULL REFERENCES sites (id),
    basis text NOT NULL CHECK (basis IN ('verified', 'commitment', 'exempted')),
    document text NOT NULL,
    verified_on text NOT NULL,
    registered_at {big} NOT NULL
) {strict};
-- Serves a site's projects.
CREATE INDEX projects_of_site ON projects (site_id, id);

-- Registered reductions (减排登记): the gate before a surplus may be sold.
CREATE TABLE reductions (
    id {uuid} PRIMARY KEY,
    site_id {uuid} NOT NULL REFERENCES sites (id),
    pollutant text NOT NULL REFERENCES pollutants (code),
    quantity {big} NOT NULL CHECK (quantity > 0),
    document text NOT NULL,
    registered_by {uuid} NOT NULL,
    registered_at {big} NOT NULL,
    -- A document verifies one reduction of a pollutant at a site, however often it is sent.
    CONSTRAINT reductions_document UNIQUE (site_id, pollutant, document)
) {strict};
-- Serves what a site may sell of a pollutant.
CREATE INDEX reductions_of_site ON reductions (site_id, pollutant);

-- Right classes: two rights are interchangeable only within one.
CREATE TABLE right_classes (
    id {uuid} PRIMARY KEY,
    code text NOT NULL CONSTRAINT right_classes_code UNIQUE,
    pollutant text NOT NULL REFERENCES pollutants (code),
    valid_to text NOT NULL
) {strict};

-- An enterprise lets a bank read its holdings until a day.
CREATE TABLE consents (
    id {uuid} PRIMARY KEY,
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    pledgee_id {uuid} NOT NULL REFERENCES organisations (id),
    right_classes text NOT NULL,
    valid_until text NOT NULL,
    state text NOT NULL CHECK (state IN ('in_force', 'withdrawn')),
    given_by {uuid} NOT NULL,
    given_at {big} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1)
) {strict};
-- Serves the consents between two organisations, and an enterprise's own list.
CREATE INDEX consents_between ON consents (organisation_id, pledgee_id, id);
CREATE INDEX consents_received ON consents (pledgee_id, id);

-- Who looked at what under which consent.
CREATE TABLE access_log (
    id {uuid} PRIMARY KEY,
    consent_id {uuid} NOT NULL REFERENCES consents (id),
    organisation_id {uuid} NOT NULL,
    reader_id {uuid} NOT NULL,
    what text NOT NULL,
    recorded_at {big} NOT NULL
) {strict};
-- Serves the list that the enterprise sees.
CREATE INDEX access_log_of_organisation ON access_log (organisation_id, id);
";

const QUOTA_AND_MONEY: &str = "
-- The standing cap of an area and a pollutant; the id is that of its asset in the ledger.
CREATE TABLE capacities (
    id {uuid} PRIMARY KEY,
    area_id {uuid} NOT NULL REFERENCES areas (id),
    area_path text NOT NULL,
    pollutant text NOT NULL REFERENCES pollutants (code),
    cap {big} NOT NULL CHECK (cap >= 0),
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT capacities_area_pollutant UNIQUE (area_id, pollutant)
) {strict};

-- Every change of a cap.
CREATE TABLE capacity_caps (
    id {uuid} PRIMARY KEY,
    capacity_id {uuid} NOT NULL REFERENCES capacities (id),
    cap {big} NOT NULL CHECK (cap >= 0),
    valid_from text NOT NULL,
    document text NOT NULL,
    set_by {uuid} NOT NULL,
    recorded_at {big} NOT NULL
) {strict};

-- Grants of rights to sites.
CREATE TABLE allocations (
    id {uuid} PRIMARY KEY,
    site_id {uuid} NOT NULL REFERENCES sites (id),
    organisation_id {uuid} NOT NULL,
    area_path text NOT NULL,
    right_class_id {uuid} NOT NULL REFERENCES right_classes (id),
    quantity {big} NOT NULL CHECK (quantity > 0),
    document text NOT NULL,
    -- A grant of a batch stands as its batch does.
    state text NOT NULL CHECK (state IN
        ('proposed', 'publicised', 'confirmed', 'active', 'rejected', 'withdrawn', 'in_batch')),
    proposed_by {uuid} NOT NULL,
    proposed_at {big} NOT NULL,
    decided_by {uuid},
    decided_at {big},
    reason text,
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    version {big} NOT NULL CHECK (version >= 1)
) {strict};

-- Money in and out, as the settlement bank confirmed it; its reference is booked once.
CREATE TABLE money_movements (
    id {uuid} PRIMARY KEY,
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    direction text NOT NULL CHECK (direction IN ('deposit', 'withdrawal')),
    amount {big} NOT NULL CHECK (amount > 0),
    bank_reference text NOT NULL CONSTRAINT money_movements_reference UNIQUE,
    effective_on text NOT NULL,
    confirmed_by {uuid} NOT NULL,
    confirmed_at {big} NOT NULL
) {strict};
-- Serves an organisation's own list.
CREATE INDEX money_movements_of_organisation ON money_movements (organisation_id, id);
";

const MARKET: &str = "
-- Offers to a named buyer (协议转让).
CREATE TABLE offers (
    id {uuid} PRIMARY KEY,
    trade_id {uuid} NOT NULL CONSTRAINT offers_trade UNIQUE,
    mode text NOT NULL CHECK (mode IN ('negotiated', 'listing')),
    seller_site_id {uuid} NOT NULL REFERENCES sites (id),
    buyer_site_id {uuid} NOT NULL REFERENCES sites (id),
    seller_id {uuid} NOT NULL,
    buyer_id {uuid} NOT NULL,
    seller_area_path text NOT NULL,
    buyer_area_path text NOT NULL,
    right_class_id {uuid} NOT NULL REFERENCES right_classes (id),
    quantity {big} NOT NULL CHECK (quantity > 0),
    unit_price {big} NOT NULL CHECK (unit_price > 0),
    total {big} NOT NULL CHECK (total > 0),
    state text NOT NULL CHECK (state IN ('proposed', 'accepted', 'declined', 'withdrawn')),
    reason text,
    proposed_by {uuid} NOT NULL,
    proposed_at {big} NOT NULL,
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    version {big} NOT NULL CHECK (version >= 1),
    CHECK (seller_site_id <> buyer_site_id)
) {strict};
-- Serve a party's own offers.
CREATE INDEX offers_of_seller ON offers (seller_id, id);
CREATE INDEX offers_of_buyer ON offers (buyer_id, id);

-- Trades, from the match to the varied permits; an offer becomes at most one.
CREATE TABLE trades (
    id {uuid} PRIMARY KEY,
    offer_id {uuid} NOT NULL CONSTRAINT trades_offer UNIQUE REFERENCES offers (id),
    mode text NOT NULL,
    seller_site_id {uuid} NOT NULL REFERENCES sites (id),
    buyer_site_id {uuid} NOT NULL REFERENCES sites (id),
    seller_id {uuid} NOT NULL,
    buyer_id {uuid} NOT NULL,
    seller_area_path text NOT NULL,
    buyer_area_path text NOT NULL,
    seller_is_reserve {bool} NOT NULL,
    project_id {uuid} NOT NULL REFERENCES projects (id),
    right_class_id {uuid} NOT NULL REFERENCES right_classes (id),
    pollutant text NOT NULL,
    quantity {big} NOT NULL CHECK (quantity > 0),
    unit_price {big} NOT NULL CHECK (unit_price > 0),
    total {big} NOT NULL CHECK (total > 0),
    deposit {big} NOT NULL CHECK (deposit >= 0),
    paid {big} NOT NULL,
    state text NOT NULL CHECK (state IN ('matched', 'approved', 'settled', 'closed', 'refused', 'cancelled')),
    reason text,
    matched_by {uuid} NOT NULL,
    matched_at {big} NOT NULL,
    approved_at {big},
    settled_at {big},
    closed_at {big},
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT trades_never_overpaid CHECK (paid >= 0 AND paid <= total)
) {strict};
-- Serve a party's own trades, and what a site has sold of a pollutant.
CREATE INDEX trades_of_seller ON trades (seller_id, id);
CREATE INDEX trades_of_buyer ON trades (buyer_id, id);
CREATE INDEX trades_sold ON trades (seller_site_id, pollutant);

-- The approval of one area's bureau.
CREATE TABLE trade_approvals (
    trade_id {uuid} NOT NULL REFERENCES trades (id),
    area_path text NOT NULL,
    approved_by {uuid} NOT NULL,
    approved_at {big} NOT NULL,
    PRIMARY KEY (trade_id, area_path)
) {strict};

-- The variation of one side's permit after a trade.
CREATE TABLE trade_variations (
    trade_id {uuid} NOT NULL REFERENCES trades (id),
    side text NOT NULL CHECK (side IN ('seller', 'buyer')),
    permit_id {uuid} NOT NULL REFERENCES permits (id),
    permitted_before {big} NOT NULL,
    permitted_after {big} NOT NULL,
    varied_by {uuid} NOT NULL,
    varied_at {big} NOT NULL,
    PRIMARY KEY (trade_id, side)
) {strict};
";

const PLEDGE: &str = "
-- Credit facilities (授信); a collective one (集中授信) has a sub-limit for each enterprise.
CREATE TABLE facilities (
    id {uuid} PRIMARY KEY,
    name text NOT NULL,
    pledgee_id {uuid} NOT NULL REFERENCES organisations (id),
    offered_by {uuid} NOT NULL,
    offered_at {big} NOT NULL,
    -- The journal of the last offer or acceptance.
    journal_id {uuid} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1)
) {strict};
-- Serves a pledgee's own facilities.
CREATE INDEX facilities_of_pledgee ON facilities (pledgee_id, id);

-- Each enterprise's part of a facility, and how much of it is drawn.
CREATE TABLE facility_limits (
    facility_id {uuid} NOT NULL REFERENCES facilities (id),
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    area_path text NOT NULL,
    sub_limit {big} NOT NULL CHECK (sub_limit > 0),
    drawn {big} NOT NULL CHECK (drawn >= 0),
    accepted_at {big},
    version {big} NOT NULL CHECK (version >= 1),
    PRIMARY KEY (facility_id, organisation_id),
    CONSTRAINT facility_limits_never_overdrawn CHECK (drawn <= sub_limit),
    CONSTRAINT facility_limits_drawn_once_accepted CHECK (drawn = 0 OR accepted_at IS NOT NULL)
) {strict};
-- Serves the facilities that an enterprise has a part in.
CREATE INDEX facility_limits_of_organisation ON facility_limits (organisation_id, facility_id);

-- A number is issued at registration and never again.
CREATE TABLE pledges (
    id {uuid} PRIMARY KEY,
    number text CONSTRAINT pledges_number UNIQUE,
    pledgor_id {uuid} NOT NULL REFERENCES organisations (id),
    pledgee_id {uuid} NOT NULL REFERENCES organisations (id),
    pledgor_area_path text NOT NULL,
    facility_id {uuid} REFERENCES facilities (id),
    loan_contract text NOT NULL,
    pledge_contract text NOT NULL,
    principal {big} NOT NULL CHECK (principal > 0),
    secured {big} NOT NULL CHECK (secured > 0 AND secured <= principal),
    assessed_value {big} NOT NULL CHECK (assessed_value > 0),
    valuation_method text NOT NULL,
    valued_on text NOT NULL,
    debt_from text NOT NULL,
    debt_to text NOT NULL,
    state text NOT NULL CHECK (state IN ('applied', 'verified', 'agreed', 'registered', 'released', 'refused', 'withdrawn')),
    reason text,
    applied_by {uuid} NOT NULL,
    applied_at {big} NOT NULL,
    verified_by {uuid},
    agreed_by {uuid},
    registered_at {big},
    released_at {big},
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    -- The journal of the last act.
    journal_id {uuid} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT pledges_numbered CHECK ((state IN ('registered', 'released')) = (number IS NOT NULL)),
    CHECK (debt_from < debt_to)
) {strict};
-- Serve a party's own pledges.
CREATE INDEX pledges_of_pledgor ON pledges (pledgor_id, id);
CREATE INDEX pledges_of_pledgee ON pledges (pledgee_id, id);

-- What a pledge holds of one site's stock of one right class; its id is the subject of the pledged account.
CREATE TABLE liens (
    id {uuid} PRIMARY KEY,
    pledge_id {uuid} NOT NULL REFERENCES pledges (id),
    site_id {uuid} NOT NULL REFERENCES sites (id),
    area_path text NOT NULL,
    right_class_id {uuid} NOT NULL REFERENCES right_classes (id),
    consent_id {uuid} NOT NULL REFERENCES consents (id),
    quantity {big} NOT NULL CHECK (quantity > 0),
    CONSTRAINT liens_once_per_stock UNIQUE (pledge_id, site_id, right_class_id)
) {strict};

-- The pledge register's running number, by year.
CREATE TABLE pledge_numbers (
    year integer PRIMARY KEY,
    last {big} NOT NULL CHECK (last >= 1),
    version {big} NOT NULL CHECK (version >= 1)
) {strict};
";
