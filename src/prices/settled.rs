//! What a settled trade leaves for the statistics.

use super::store;
use crate::db::Work;
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, TradeId};
use accounting::{JournalId, Money, Price, Quantity};
use jiff::civil::Date;

/// A settled trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Which.
    pub trade: TradeId,
    /// The journal that settled it.
    pub journal: JournalId,
    /// Its legal date.
    pub on: Date,
    /// Code of the pollutant.
    pub pollutant: String,
    /// Path of the area of the buyer's site.
    pub area_path: String,
    /// By which way it came about.
    pub mode: String,
    /// How much changed hands.
    pub quantity: Quantity,
    /// What was paid for it.
    pub total: Money,
    /// CNY per display unit.
    pub unit_price: Price,
    /// Who sold.
    pub seller: OrganisationId,
    /// Who bought.
    pub buyer: OrganisationId,
}

/// Notes trades that are settled in this work.
///
/// # Errors
/// A fault of the database.
pub async fn record(work: &Work, settled: &[Settled]) -> Result<(), Failure> {
    store::insert(work, settled).await
}
