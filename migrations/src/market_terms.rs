//! Listings (挂牌), the terms of offers and trades, and how they run out.

use crate::dialect::{self, Rewording};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, LISTINGS).await?;
        dialect::reword(manager, "offers", &[OFFERS_EXPIRE]).await?;
        dialect::reword(manager, "trades", &[TRADES_GO_ON]).await?;
        dialect::run(manager, TERMS).await
    }
}

const OFFERS_EXPIRE: Rewording = Rewording {
    sqlite: (
        "CHECK (state IN ('proposed', 'accepted', 'declined', 'withdrawn'))",
        "CHECK (state IN ('proposed', 'accepted', 'declined', 'withdrawn', 'expired'))",
    ),
    postgres: "ALTER TABLE offers DROP CONSTRAINT offers_state_check, ADD CONSTRAINT offers_state_check \
               CHECK (state IN ('proposed', 'accepted', 'declined', 'withdrawn', 'expired'))",
};

const TRADES_GO_ON: Rewording = Rewording {
    sqlite: (
        "CHECK (state IN ('matched', 'approved', 'settled', 'closed', 'refused', 'cancelled'))",
        "CHECK (state IN ('matched', 'approved', 'publicised', 'paid', 'settled', 'closed', 'refused', 'cancelled', 'expired'))",
    ),
    postgres: "ALTER TABLE trades DROP CONSTRAINT trades_state_check, ADD CONSTRAINT trades_state_check CHECK (state IN \
               ('matched', 'approved', 'publicised', 'paid', 'settled', 'closed', 'refused', 'cancelled', 'expired'))",
};

const LISTINGS: &str = "
-- Rights that a site puts up at a fixed price. From its opening on the whole quantity is held; who takes part of it opens a trade.
CREATE TABLE listings (
    id {uuid} PRIMARY KEY,
    seller_site_id {uuid} NOT NULL REFERENCES sites (id),
    seller_id {uuid} NOT NULL,
    seller_area_path text NOT NULL,
    seller_is_reserve {bool} NOT NULL,
    right_class_id {uuid} NOT NULL REFERENCES right_classes (id),
    quantity {big} NOT NULL CHECK (quantity > 0),
    -- The least that is sold to one buyer; the rest may be less.
    minimum {big} NOT NULL CHECK (minimum > 0 AND minimum <= quantity),
    unit_price {big} NOT NULL CHECK (unit_price > 0),
    price_basis text NOT NULL,
    sold {big} NOT NULL CHECK (sold >= 0 AND sold <= quantity),
    state text NOT NULL CHECK (state IN ('draft', 'open', 'partly_filled', 'filled', 'withdrawn', 'expired')),
    reason text,
    drafted_by {uuid} NOT NULL,
    drafted_at {big} NOT NULL,
    opened_by {uuid},
    opened_at {big},
    -- The last day on which somebody may buy; none where no rule sets a period.
    last_day text,
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT listings_opened CHECK ((opened_by IS NULL) = (opened_at IS NULL)
        AND (opened_at IS NOT NULL OR (state IN ('draft', 'withdrawn') AND sold = 0 AND last_day IS NULL))),
    CONSTRAINT listings_filled CHECK ((state = 'filled') = (sold = quantity) AND (state <> 'open' OR sold = 0)
        AND (state <> 'partly_filled' OR sold > 0) AND (state <> 'draft' OR opened_at IS NULL))
) {strict};
-- Serves a seller's own list.
CREATE INDEX listings_of_seller ON listings (seller_id, id);
-- Serves what a site has put up and nobody bought yet.
CREATE INDEX listings_held ON listings (seller_site_id) WHERE state IN ('open', 'partly_filled');
-- Serves the clock, which ends listings after their last day.
CREATE INDEX listings_due ON listings (last_day, id) WHERE state IN ('open', 'partly_filled');
";

const TERMS: &str = "
-- What the price is for; absent in offers that are older than the column, whose price is for a unit over the whole validity.
ALTER TABLE offers ADD COLUMN price_basis text;
-- The last day on which the buyer may accept; none where nobody says so.
ALTER TABLE offers ADD COLUMN valid_until text;
-- Serves the clock, which ends offers after their last day.
CREATE INDEX offers_due ON offers (valid_until, id) WHERE state = 'proposed';
ALTER TABLE trades ADD COLUMN price_basis text;
-- The last day on which the approved trade is laid open, and the last on which the buyer may pay; none where no rule asks for it.
ALTER TABLE trades ADD COLUMN publicised_until text;
ALTER TABLE trades ADD COLUMN pay_by text;
-- When it was paid in full and began to wait for the exchange, where a rule lets it wait.
ALTER TABLE trades ADD COLUMN paid_at {big} CHECK (paid_at IS NOT NULL OR state <> 'paid');
-- When the buyer had not paid in time, and what of the deposit was lost with it.
ALTER TABLE trades ADD COLUMN expired_at {big} CHECK ((expired_at IS NOT NULL) = (state = 'expired'));
ALTER TABLE trades ADD COLUMN forfeited {big}
    CHECK ((forfeited IS NOT NULL) = (state = 'expired') AND forfeited >= 0 AND forfeited <= paid);
-- The exchange's fee, taken when it settled; absent where no rule asks for one.
ALTER TABLE trades ADD COLUMN fee {big} CHECK (fee >= 0 AND fee <= total AND (fee IS NULL OR state IN ('settled', 'closed')));
-- Serves the clock, which ends trades that were not paid in time.
CREATE INDEX trades_due ON trades (pay_by, id) WHERE state IN ('approved', 'publicised');
";
