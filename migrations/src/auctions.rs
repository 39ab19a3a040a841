//! Auctions: sessions, their lots, who may bid, what was bid, and who won.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, SESSIONS).await?;
        dialect::run(manager, BIDS).await?;
        dialect::insert_only(manager, &["auction_keys", "auction_bids", "auction_openings", "auction_awards"]).await
    }
}

const SESSIONS: &str = "
-- Sessions of bidding (竞价专场): their windows and the rules they were announced under.
CREATE TABLE auctions (
    id {uuid} PRIMARY KEY,
    title text NOT NULL,
    format text NOT NULL CHECK (format IN ('ascending', 'sealed')),
    state text NOT NULL CHECK (state IN ('planned', 'announced', 'open', 'final', 'closed', 'ranked', 'confirmed', 'settled', 'failed', 'cancelled')),
    reason text,
    registration_until {big} NOT NULL,
    opens_at {big} NOT NULL,
    closes_at {big} NOT NULL,
    -- The frozen rules as JSON: value, and whether the session has set it itself.
    rules text NOT NULL,
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    planned_by {uuid} NOT NULL,
    planned_at {big} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT auctions_windows CHECK (registration_until <= opens_at AND opens_at < closes_at)
) {strict};
-- Serves the clock, which looks for sessions whose next step is due.
CREATE INDEX auctions_of_state ON auctions (state, opens_at);

-- Public keys to which the bids of a sealed session are sealed, each contributed by another official.
CREATE TABLE auction_keys (
    auction_id {uuid} NOT NULL REFERENCES auctions (id),
    -- Bids are sealed to the first one innermost.
    place {big} NOT NULL CHECK (place IN (1, 2)),
    public_key text NOT NULL CHECK (length(public_key) = 64),
    contributed_by {uuid} NOT NULL,
    contributed_at {big} NOT NULL,
    PRIMARY KEY (auction_id, place),
    CONSTRAINT auction_keys_of_two UNIQUE (auction_id, contributed_by)
) {strict};

-- What is on offer: a quantity of one right class. Its grams are held from the announcement until it has ended.
CREATE TABLE auction_lots (
    id {uuid} PRIMARY KEY,
    auction_id {uuid} NOT NULL REFERENCES auctions (id),
    number {big} NOT NULL CHECK (number >= 1),
    seller_site_id {uuid} NOT NULL REFERENCES sites (id),
    seller_id {uuid} NOT NULL REFERENCES organisations (id),
    seller_area_path text NOT NULL,
    seller_is_reserve {bool} NOT NULL,
    right_class_id {uuid} NOT NULL REFERENCES right_classes (id),
    pollutant text NOT NULL,
    -- Grams.
    quantity {big} NOT NULL CHECK (quantity > 0),
    min_quantity {big} CHECK (min_quantity > 0),
    max_quantity {big} CHECK (max_quantity > 0),
    -- Fen per display unit.
    base_price {big} NOT NULL CHECK (base_price > 0),
    state text NOT NULL CHECK (state IN ('planned', 'withdrawn', 'offered', 'failed', 'awarded', 'cancelled')),
    reason text,
    -- When bidding for it ends: moved by late bids where the rules say so.
    ends_at {big} NOT NULL,
    -- The newest bid's arrival: the next one arrives later.
    last_arrival {big},
    bids {big} NOT NULL CHECK (bids >= 0),
    bidders {big} NOT NULL CHECK (bidders >= 0),
    proposed_by {uuid} NOT NULL,
    proposed_at {big} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT auction_lots_number UNIQUE (auction_id, number)
) {strict};
-- Serves what a seller has on offer.
CREATE INDEX auction_lots_of_seller ON auction_lots (seller_site_id, state);

-- Who may bid for a lot (竞买登记): for which site and project, with which deposit.
CREATE TABLE auction_registrations (
    id {uuid} PRIMARY KEY,
    auction_id {uuid} NOT NULL REFERENCES auctions (id),
    lot_id {uuid} NOT NULL REFERENCES auction_lots (id),
    -- The number under which the bidder is shown while bidding goes on.
    number {big} NOT NULL CHECK (number >= 1),
    site_id {uuid} NOT NULL REFERENCES sites (id),
    bidder_id {uuid} NOT NULL REFERENCES organisations (id),
    area_path text NOT NULL,
    project_id {uuid} NOT NULL REFERENCES projects (id),
    -- Grams wanted, and the fewest that are still of use.
    quantity {big} NOT NULL CHECK (quantity > 0),
    minimum {big} NOT NULL CHECK (minimum > 0 AND minimum <= quantity),
    -- Fen, held until the end.
    deposit {big} NOT NULL CHECK (deposit >= 0),
    state text NOT NULL CHECK (state IN ('registered', 'qualified', 'refused', 'withdrawn', 'released', 'won')),
    reason text,
    registered_by {uuid} NOT NULL,
    registered_at {big} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT auction_registrations_number UNIQUE (lot_id, number)
) {strict};
-- Serves the bids of an organisation.
CREATE INDEX auction_registrations_of_bidder ON auction_registrations (lot_id, bidder_id);
-- Serves the list of a session.
CREATE INDEX auction_registrations_of_auction ON auction_registrations (auction_id, id);
";

const BIDS: &str = "
-- What was bid, in the order of arrival. Of a sealed bid only its commitment and what is sealed is kept.
CREATE TABLE auction_bids (
    id {uuid} PRIMARY KEY,
    auction_id {uuid} NOT NULL REFERENCES auctions (id),
    lot_id {uuid} NOT NULL REFERENCES auction_lots (id),
    registration_id {uuid} NOT NULL REFERENCES auction_registrations (id),
    number {big} NOT NULL CHECK (number >= 1),
    arrived_at {big} NOT NULL,
    -- Fen per display unit, and grams.
    price {big} CHECK (price > 0),
    quantity {big} CHECK (quantity > 0),
    -- SHA-256 over the canonical form.
    commitment text CHECK (length(commitment) = 64),
    -- The canonical form, sealed to both keys: base64.
    sealed text,
    placed_by {uuid} NOT NULL,
    CONSTRAINT auction_bids_number UNIQUE (lot_id, number),
    CONSTRAINT auction_bids_open_or_sealed CHECK ((price IS NULL) = (quantity IS NULL) AND (price IS NULL) = (commitment IS NOT NULL)
        AND (commitment IS NULL) = (sealed IS NULL))
) {strict};
-- Serves the bids of one bidder.
CREATE INDEX auction_bids_of_registration ON auction_bids (registration_id, number);
-- Serves the list of a session.
CREATE INDEX auction_bids_of_auction ON auction_bids (auction_id, id);

-- What each sealed bid said when it was opened, or why nobody can say.
CREATE TABLE auction_openings (
    bid_id {uuid} PRIMARY KEY REFERENCES auction_bids (id),
    auction_id {uuid} NOT NULL REFERENCES auctions (id),
    price {big} CHECK (price > 0),
    quantity {big} CHECK (quantity > 0),
    salt text,
    fault text CHECK (fault IN ('unreadable', 'mismatch')),
    CONSTRAINT auction_openings_one_way CHECK ((fault IS NULL) = (price IS NOT NULL) AND (fault IS NULL) = (quantity IS NOT NULL)
        AND (fault IS NULL) = (salt IS NOT NULL))
) {strict};
-- Serves the record of a session.
CREATE INDEX auction_openings_of_auction ON auction_openings (auction_id);

-- Who came in which place, and what each has won.
CREATE TABLE auction_awards (
    id {uuid} PRIMARY KEY,
    auction_id {uuid} NOT NULL REFERENCES auctions (id),
    lot_id {uuid} NOT NULL REFERENCES auction_lots (id),
    registration_id {uuid} NOT NULL REFERENCES auction_registrations (id),
    bid_id {uuid} NOT NULL REFERENCES auction_bids (id),
    place {big} NOT NULL CHECK (place >= 1),
    price {big} NOT NULL CHECK (price > 0),
    -- Grams won, none when nothing; and what they cost, in fen.
    quantity {big} CHECK (quantity > 0),
    total {big} CHECK (total > 0),
    -- The trade that it becomes when it is confirmed.
    trade_id {uuid},
    CONSTRAINT auction_awards_place UNIQUE (lot_id, place),
    CONSTRAINT auction_awards_won CHECK ((quantity IS NULL) = (total IS NULL) AND (quantity IS NULL) = (trade_id IS NULL))
) {strict};
-- Serves the record of a session.
CREATE INDEX auction_awards_of_auction ON auction_awards (auction_id, id);
";
