//! Lots that a pledgee puts into an auction: what a lien holds is bid for, and each win becomes a disposal.

use crate::dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::insert_only(manager, &["pledged_lots"]).await?;
        dialect::reword(manager, "disposals", &[STATES, ENDS, PAYS]).await?;
        // What a disposal says from the beginning and when it is over is more than before.
        for trigger in ["never_deleted", "never_truncated", "only_grow"] {
            let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
            let on = if is_sqlite { "" } else { " ON disposals" };
            dialect::run(manager, &format!("DROP TRIGGER IF EXISTS disposals_{trigger}{on}")).await?;
        }
        dialect::grow_only(manager, "disposals", &[PROPOSED, AGREED, ENDED]).await
    }
}

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
    "lot_id",
    "deposit",
    "settle_by",
];
const AGREED: &[&str] = &["agreed_at", "agreed_by"];
const ENDED: &[&str] = &["ended_at", "ended_by", "state", "paid_costs", "paid_claim", "surplus", "shortfall"];

const STATES: dialect::Rewording = dialect::Rewording {
    sqlite: (
        "CHECK (state IN ('proposed', 'agreed', 'settled', 'declined', 'withdrawn'))",
        "CHECK (state IN ('proposed', 'agreed', 'settled', 'declined', 'withdrawn', 'forfeited'))",
    ),
    postgres: "ALTER TABLE disposals DROP CONSTRAINT disposals_state_check, ADD CONSTRAINT disposals_state_check \
               CHECK (state IN ('proposed', 'agreed', 'settled', 'declined', 'withdrawn', 'forfeited'))",
};

const ENDS: dialect::Rewording = dialect::Rewording {
    sqlite: (
        "(state IN ('settled', 'declined', 'withdrawn')) = (ended_at IS NOT NULL)",
        "(state IN ('settled', 'declined', 'withdrawn', 'forfeited')) = (ended_at IS NOT NULL)",
    ),
    postgres: "ALTER TABLE disposals DROP CONSTRAINT disposals_ended, ADD CONSTRAINT disposals_ended CHECK \
               ((state IN ('settled', 'declined', 'withdrawn', 'forfeited')) = (ended_at IS NOT NULL) \
               AND (ended_by IS NULL) = (ended_at IS NULL))",
};

/// Of one that was not settled in time, the deposit is what is paid out.
const PAYS: dialect::Rewording = dialect::Rewording {
    sqlite: (
        "CHECK ((state = 'settled') = (paid_costs IS NOT NULL) AND (paid_costs IS NULL) = (paid_claim IS NULL)
        AND (paid_costs IS NULL) = (surplus IS NULL) AND (surplus IS NULL OR paid_costs + paid_claim + surplus = total))",
        "CHECK ((state IN ('settled', 'forfeited')) = (paid_costs IS NOT NULL) AND (paid_costs IS NULL) = (paid_claim IS NULL)
        AND (paid_costs IS NULL) = (surplus IS NULL)
        AND (surplus IS NULL OR paid_costs + paid_claim + surplus = CASE WHEN state = 'settled' THEN total ELSE deposit END))",
    ),
    postgres: "ALTER TABLE disposals DROP CONSTRAINT disposals_paid, ADD CONSTRAINT disposals_paid CHECK \
               ((state IN ('settled', 'forfeited')) = (paid_costs IS NOT NULL) AND (paid_costs IS NULL) = (paid_claim IS NULL) \
               AND (paid_costs IS NULL) = (surplus IS NULL) \
               AND (surplus IS NULL OR paid_costs + paid_claim + surplus = CASE WHEN state = 'settled' THEN total ELSE deposit END))",
};

const TABLES: &str = "
-- The lien that holds what is on offer, and the pledgee who has put it into the session for the seller; none of a seller's own lot.
ALTER TABLE auction_lots ADD COLUMN lien_id {uuid} REFERENCES liens (id);
ALTER TABLE auction_lots ADD COLUMN pledgee_id {uuid} CHECK ((pledgee_id IS NULL) = (lien_id IS NULL));

-- What a pledgee says when it puts what a lien holds into an auction: the costs, the claim, and through whom both are paid.
CREATE TABLE pledged_lots (
    lot_id {uuid} PRIMARY KEY REFERENCES auction_lots (id),
    pledge_id {uuid} NOT NULL REFERENCES pledges (id),
    lien_id {uuid} NOT NULL REFERENCES liens (id),
    settlement_bank_id {uuid} NOT NULL REFERENCES organisations (id),
    costs {big} NOT NULL CHECK (costs >= 0),
    owed {big} NOT NULL CHECK (owed > 0)
) {strict};
-- Serves the lots of a pledge.
CREATE INDEX pledged_lots_of_pledge ON pledged_lots (pledge_id, lot_id);

-- The lot whose win it is, the deposit that it holds until it is over, and the last day to settle it, where a rule sets one.
ALTER TABLE disposals ADD COLUMN lot_id {uuid} REFERENCES auction_lots (id);
ALTER TABLE disposals ADD COLUMN deposit {big} CHECK ((deposit IS NULL) = (lot_id IS NULL) AND deposit >= 0 AND deposit <= total);
ALTER TABLE disposals ADD COLUMN settle_by text;
-- What of the claim was still owed when a win was paid out: others of the same lot may have paid of it before.
ALTER TABLE disposals ADD COLUMN shortfall {big}
    CHECK ((shortfall IS NOT NULL) = (lot_id IS NOT NULL AND state IN ('settled', 'forfeited')) AND shortfall >= 0);

DROP INDEX disposals_open;
-- One of a lien is open at a time, but for the wins of one lot.
CREATE UNIQUE INDEX disposals_open ON disposals (lien_id) WHERE state IN ('proposed', 'agreed') AND lot_id IS NULL;
";
