//! Overrides by the province (省级特批) of the boundary of a trade.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, OVERRIDES).await?;
        dialect::grow_only(manager, "trade_overrides", &[REQUESTED, DECIDED, ENDED]).await
    }
}

/// What an override is from its request on, what the decision adds, and what its end does.
const REQUESTED: &[&str] = &[
    "id",
    "seller_site_id",
    "buyer_site_id",
    "seller_id",
    "buyer_id",
    "seller_area_path",
    "buyer_area_path",
    "right_class_id",
    "boundary",
    "quantity",
    "valid_until",
    "reason",
    "document_hash",
    "requested_for",
    "requested_by",
    "requested_at",
];
const DECIDED: &[&str] = &["decided_by", "decided_at", "decision_reason", "delivered_class_id"];
const ENDED: &[&str] = &["ended_at", "ended_by", "end_reason"];

const OVERRIDES: &str = "
-- A boundary that a bureau asks the province to lift for one seller, one buyer and one right class. What trades have taken of it is
-- summed from the trades.
CREATE TABLE trade_overrides (
    id {uuid} PRIMARY KEY,
    seller_site_id {uuid} NOT NULL REFERENCES sites (id),
    buyer_site_id {uuid} NOT NULL REFERENCES sites (id),
    seller_id {uuid} NOT NULL,
    buyer_id {uuid} NOT NULL,
    seller_area_path text NOT NULL,
    buyer_area_path text NOT NULL,
    right_class_id {uuid} NOT NULL REFERENCES right_classes (id),
    boundary text NOT NULL CHECK (boundary IN ('city', 'basin')),
    -- The most that trades may take of it, in grams.
    quantity {big} NOT NULL CHECK (quantity > 0),
    -- The last day on which it lifts anything.
    valid_until text NOT NULL,
    reason text NOT NULL,
    -- SHA-256 of the documents that the request rests on.
    document_hash text NOT NULL CHECK (length(document_hash) = 64),
    -- The bureau that asks, and who of it.
    requested_for {uuid} NOT NULL,
    requested_by {uuid} NOT NULL,
    requested_at {big} NOT NULL,
    state text NOT NULL CHECK (state IN ('requested', 'approved', 'refused', 'withdrawn', 'revoked', 'lapsed')),
    decided_by {uuid},
    decided_at {big},
    decision_reason text,
    -- The class that the buyer gets, of its own zone, once it is approved.
    delivered_class_id {uuid} REFERENCES right_classes (id),
    ended_at {big},
    -- Who withdrew or revoked it; nobody when its last day passed.
    ended_by {uuid},
    end_reason text,
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT trade_overrides_decided CHECK ((decided_by IS NULL) = (decided_at IS NULL)
        AND (decided_by IS NULL OR state IN ('approved', 'refused', 'revoked', 'lapsed'))
        AND (decided_by IS NOT NULL OR state IN ('requested', 'withdrawn', 'lapsed'))),
    CONSTRAINT trade_overrides_delivered CHECK ((delivered_class_id IS NOT NULL)
        = (decided_by IS NOT NULL AND state <> 'refused')),
    CONSTRAINT trade_overrides_ended CHECK ((ended_at IS NOT NULL) = (state IN ('withdrawn', 'revoked', 'lapsed'))
        AND (ended_by IS NOT NULL) = (state IN ('withdrawn', 'revoked')))
) {strict};
-- Serves the trades of a seller and the search for another one that is open.
CREATE INDEX trade_overrides_open ON trade_overrides (seller_site_id, buyer_site_id) WHERE state IN ('requested', 'approved');
-- Serves the clock, which ends them after their last day.
CREATE INDEX trade_overrides_due ON trade_overrides (valid_until, id) WHERE state IN ('requested', 'approved');
-- Serve the lists of a party.
CREATE INDEX trade_overrides_of_seller ON trade_overrides (seller_id, id);
CREATE INDEX trade_overrides_of_buyer ON trade_overrides (buyer_id, id);
-- The override that lets the rights of a trade pass a boundary, which one, and the class that the buyer gets.
ALTER TABLE trades ADD COLUMN override_id {uuid};
ALTER TABLE trades ADD COLUMN lifted_boundary text CHECK ((lifted_boundary IS NULL) = (override_id IS NULL));
ALTER TABLE trades ADD COLUMN delivered_class_id {uuid} CHECK ((delivered_class_id IS NULL) = (override_id IS NULL));
-- Serves what the trades of an override have taken of it.
CREATE INDEX trades_of_override ON trades (override_id, id) WHERE override_id IS NOT NULL;
";
