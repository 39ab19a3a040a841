//! Trades that payments name. They stand in a room above: it hands in how they are found and paid.

use crate::db::Work;
use crate::db::work::Doing;
use crate::kernel::ids::{OrganisationId, TradeId};
use accounting::Money;

/// How a trade stands to money that comes in for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Approved, and so much is left to pay.
    Due(Money),
    /// Not approved yet: nothing is paid before.
    NotApproved,
    /// Settled.
    Settled,
    /// Refused by a bureau, or called off.
    Over,
    /// Its time to pay has passed.
    Expired,
}

/// A trade that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedTrade {
    /// By which reference.
    pub reference: String,
    /// Which.
    pub trade: TradeId,
    /// Who is to pay it.
    pub buyer: OrganisationId,
    /// How it stands.
    pub standing: Standing,
}

/// A part of a trade's total that is to be paid from the buyer's free money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TradePart {
    /// Of which trade.
    pub trade: TradeId,
    /// By whom.
    pub buyer: OrganisationId,
    /// How much.
    pub amount: Money,
}

accounting::words! {
    /// What became of the trade that a payment names.
    TradeOutcome {
        /// It is paid in full, and settles; what came beyond stays free.
        PaidInFull = "paid_in_full",
        /// It is paid in part.
        PartPaid = "part_paid",
        /// It is not approved yet; all stays free.
        NotApproved = "not_approved",
        /// It was settled before; all stays free.
        AlreadySettled = "already_settled",
        /// It was refused or called off; all stays free.
        TradeOver = "trade_over",
        /// The payment came after its deadline; all stays free.
        Late = "late",
        /// A rule stands against paying it; all stays free.
        RefusedByRule = "refused_by_rule",
        /// The text names several; all stays free.
        SeveralTrades = "several_trades",
    }
}

/// Whoever keeps trades.
pub trait PayableTrades: Send + Sync {
    /// The trades with these references, locked in the order of their ids.
    fn named<'w>(&'w self, work: &'w Work, references: &'w [String]) -> Doing<'w, Vec<NamedTrade>>;

    /// Pays these parts, of different trades, as their buyers would; a trade that is paid in full settles.
    fn pay<'w>(&'w self, work: &'w mut Work, parts: &'w [TradePart]) -> Doing<'w, ()>;
}

/// The trades, as they are handed in.
#[derive(Clone, Copy)]
pub struct Trades(pub &'static dyn PayableTrades);

impl std::fmt::Debug for Trades {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Trades")
    }
}
