//! Default on a pledge, and the disposal of what it holds.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::reword(
            manager,
            "pledges",
            &[
                dialect::Rewording {
                    sqlite: (
                        "'registered', 'released', 'refused', 'withdrawn'",
                        "'registered', 'released', 'refused', 'withdrawn', 'defaulted', 'closed'",
                    ),
                    postgres: "ALTER TABLE pledges DROP CONSTRAINT pledges_state_check, ADD CONSTRAINT pledges_state_check CHECK (state IN \
                               ('applied', 'verified', 'agreed', 'registered', 'released', 'refused', 'withdrawn', 'defaulted', 'closed'))",
                },
                dialect::Rewording {
                    sqlite: (
                        "(state IN ('registered', 'released')) = (number IS NOT NULL)",
                        "(state IN ('registered', 'defaulted', 'released', 'closed')) = (number IS NOT NULL)",
                    ),
                    postgres: "ALTER TABLE pledges DROP CONSTRAINT pledges_numbered, ADD CONSTRAINT pledges_numbered CHECK ((state IN \
                               ('registered', 'defaulted', 'released', 'closed')) = (number IS NOT NULL))",
                },
            ],
        )
        .await?;
        dialect::run(manager, TABLES).await?;
        dialect::grow_only(manager, "disposals", &[PROPOSED, AGREED, ENDED]).await
    }
}

/// What a disposal says from the beginning, when the pledgor agrees, and for ever when it is over.
const PROPOSED: &[&str] = &[
    "id",
    "pledge_id",
    "lien_id",
    "mode",
    "document",
    "settlement_bank_id",
    "buyer_site_id",
    "buyer_id",
    "buyer_area_path",
    "project_id",
    "quantity",
    "unit_price",
    "total",
    "costs",
    "owed",
    "proposed_by",
    "proposed_at",
];
const AGREED: &[&str] = &["agreed_at", "agreed_by"];
const ENDED: &[&str] = &["ended_at", "ended_by", "state", "paid_costs", "paid_claim", "surplus"];

const TABLES: &str = "
-- When and why the pledgee has declared the default, what was due then, and the last day to cure it, where a rule sets one.
ALTER TABLE pledges ADD COLUMN defaulted_at {big};
ALTER TABLE pledges ADD COLUMN default_reason text CHECK ((default_reason IS NULL) = (defaulted_at IS NULL));
ALTER TABLE pledges ADD COLUMN amount_due {big} CHECK ((amount_due IS NULL) = (defaulted_at IS NULL));
ALTER TABLE pledges ADD COLUMN cure_until text;
-- When nothing was left of the security after its disposal.
ALTER TABLE pledges ADD COLUMN closed_at {big} CHECK (state <> 'closed' OR closed_at IS NOT NULL);

-- Disposals (处置变现) of what a lien holds: by auction, by agreement with the pledgor, or by buy-back of the reserve. Its id holds the
-- buyer's money for the moment of the settlement.
CREATE TABLE disposals (
    id {uuid} PRIMARY KEY,
    pledge_id {uuid} NOT NULL REFERENCES pledges (id),
    lien_id {uuid} NOT NULL REFERENCES liens (id),
    mode text NOT NULL CHECK (mode IN ('auction', 'agreement', 'buy_back')),
    -- Number of the record of the auction, of the agreement, or of the buy-back.
    document text NOT NULL,
    -- Through whom costs and claim are paid out.
    settlement_bank_id {uuid} NOT NULL REFERENCES organisations (id),
    buyer_site_id {uuid} NOT NULL REFERENCES sites (id),
    buyer_id {uuid} NOT NULL REFERENCES organisations (id),
    buyer_area_path text NOT NULL,
    project_id {uuid} REFERENCES projects (id),
    quantity {big} NOT NULL CHECK (quantity > 0),
    unit_price {big} NOT NULL CHECK (unit_price > 0),
    total {big} NOT NULL CHECK (total > 0),
    -- Costs of the disposal, and the claim that is owed then, as the pledgee tells them.
    costs {big} NOT NULL CHECK (costs >= 0),
    owed {big} NOT NULL CHECK (owed > 0),
    proposed_by {uuid} NOT NULL,
    proposed_at {big} NOT NULL,
    state text NOT NULL CHECK (state IN ('proposed', 'agreed', 'settled', 'declined', 'withdrawn')),
    agreed_by {uuid},
    agreed_at {big},
    ended_by {uuid},
    ended_at {big},
    paid_costs {big},
    paid_claim {big},
    surplus {big},
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT disposals_agreed CHECK ((agreed_by IS NULL) = (agreed_at IS NULL)),
    CONSTRAINT disposals_ended CHECK ((state IN ('settled', 'declined', 'withdrawn')) = (ended_at IS NOT NULL)
        AND (ended_by IS NULL) = (ended_at IS NULL)),
    CONSTRAINT disposals_paid CHECK ((state = 'settled') = (paid_costs IS NOT NULL) AND (paid_costs IS NULL) = (paid_claim IS NULL)
        AND (paid_costs IS NULL) = (surplus IS NULL) AND (surplus IS NULL OR paid_costs + paid_claim + surplus = total))
) {strict};
-- One of a lien is open at a time.
CREATE UNIQUE INDEX disposals_open ON disposals (lien_id) WHERE state IN ('proposed', 'agreed');
-- Serve the disposals of a pledge and of a buyer.
CREATE INDEX disposals_of_pledge ON disposals (pledge_id, id);
CREATE INDEX disposals_of_buyer ON disposals (buyer_id, id);
";
