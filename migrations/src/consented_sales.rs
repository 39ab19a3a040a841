//! Sales of what a lien holds, with the written consent of its pledgee.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::reword(
            manager,
            "trades",
            &[dialect::Rewording {
                sqlite: (
                    "(CASE WHEN lot_id IS NULL THEN 0 ELSE 1 END) = 1)",
                    "(CASE WHEN lot_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN consented_sale_id IS NULL THEN 0 ELSE 1 END) = 1)",
                ),
                postgres: "ALTER TABLE trades DROP CONSTRAINT trades_check1, ADD CONSTRAINT trades_source CHECK \
                           (num_nonnulls(offer_id, listing_id, lot_id, consented_sale_id) = 1)",
            }],
        )
        .await?;
        dialect::reword(
            manager,
            "pledge_amendments",
            &[dialect::Rewording {
                sqlite: ("'amendment', 'partial_release'", "'amendment', 'partial_release', 'consented_sale'"),
                postgres: "ALTER TABLE pledge_amendments DROP CONSTRAINT pledge_amendments_kind_check, \
                           ADD CONSTRAINT pledge_amendments_kind_check CHECK (kind IN ('amendment', 'partial_release', 'consented_sale'))",
            }],
        )
        .await?;
        dialect::grow_only(manager, "consented_sales", &[REQUESTED, ANSWERED, CONSENTED, SETTLED]).await
    }
}

/// What a sale says from the beginning, from its answer on, and from its settlement on.
const REQUESTED: &[&str] = &[
    "id",
    "pledge_id",
    "lien_id",
    "buyer_site_id",
    "buyer_id",
    "buyer_area_path",
    "project_id",
    "quantity",
    "unit_price",
    "total",
    "requested_by",
    "requested_at",
];
const ANSWERED: &[&str] = &["answered_at", "answered_by", "reason"];
const CONSENTED: &[&str] = &["trade_id", "document", "settlement_bank_id", "to_claim"];
const SETTLED: &[&str] = &["settled_at", "settled_by", "paid_claim", "state"];

const TABLES: &str = "
-- Sales (经质权人同意转让) of what a lien holds: asked for by the pledgor, consented to by the pledgee with the order of payment, and settled
-- by the buyer.
CREATE TABLE consented_sales (
    id {uuid} PRIMARY KEY,
    pledge_id {uuid} NOT NULL REFERENCES pledges (id),
    lien_id {uuid} NOT NULL REFERENCES liens (id),
    buyer_site_id {uuid} NOT NULL REFERENCES sites (id),
    buyer_id {uuid} NOT NULL REFERENCES organisations (id),
    buyer_area_path text NOT NULL,
    project_id {uuid} NOT NULL REFERENCES projects (id),
    quantity {big} NOT NULL CHECK (quantity > 0),
    unit_price {big} NOT NULL CHECK (unit_price > 0),
    total {big} NOT NULL CHECK (total > 0),
    requested_by {uuid} NOT NULL,
    requested_at {big} NOT NULL,
    state text NOT NULL CHECK (state IN ('requested', 'consented', 'settled', 'refused', 'withdrawn')),
    -- Why the pledgee has refused.
    reason text CHECK ((state = 'refused') = (reason IS NOT NULL)),
    -- Number of the written consent, through whom the claim is paid, and how much of the price goes to it before the pledgor.
    document text,
    settlement_bank_id {uuid} REFERENCES organisations (id),
    to_claim {big} CHECK (to_claim >= 0 AND to_claim <= total),
    -- The trade that it is, from the consent on.
    trade_id {uuid} UNIQUE REFERENCES trades (id),
    answered_by {uuid},
    answered_at {big},
    settled_by {uuid},
    settled_at {big},
    -- What was paid of the claim.
    paid_claim {big} CHECK (paid_claim >= 0 AND paid_claim <= to_claim),
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT consented_sales_answered CHECK ((state = 'requested') = (answered_at IS NULL) AND (answered_by IS NULL) = (answered_at IS NULL)),
    CONSTRAINT consented_sales_agreed CHECK ((state IN ('consented', 'settled')) = (document IS NOT NULL)
        AND (document IS NULL) = (settlement_bank_id IS NULL) AND (document IS NULL) = (to_claim IS NULL)
        AND (document IS NULL) = (trade_id IS NULL)),
    CONSTRAINT consented_sales_settled CHECK ((state = 'settled') = (settled_at IS NOT NULL) AND (settled_by IS NULL) = (settled_at IS NULL)
        AND (paid_claim IS NULL) = (settled_at IS NULL))
) {strict};
-- One of a lien waits for its consent at a time.
CREATE UNIQUE INDEX consented_sales_open ON consented_sales (lien_id) WHERE state = 'requested';
-- Serve the sales of a pledge, and those of a buyer.
CREATE INDEX consented_sales_of_pledge ON consented_sales (pledge_id, id);
CREATE INDEX consented_sales_of_buyer ON consented_sales (buyer_id, id);
-- The sale that a trade came of in the place of an offer, a listing or a lot.
ALTER TABLE trades ADD COLUMN consented_sale_id {uuid};
";
