//! Rows of settled trades. They repeat what stands in the journals and the trades, and the verification compares them, so they leave no
//! evidence of their own.

use super::settled::Settled;
use crate::db::Work;
use crate::entity;
use crate::kernel::Failure;
use sea_orm::{EntityTrait, IntoActiveModel};

entity!(settled_trades, "settled_trades", {
    #[sea_orm(primary_key, auto_increment = false)]
    trade_id: Uuid,
    journal_id: Uuid,
    settled_on: String,
    pollutant: String,
    area_path: String,
    mode: String,
    quantity: i64,
    total: i64,
    unit_price: i64,
    seller_id: Uuid,
    buyer_id: Uuid,
});

/// Rows in one statement, so that their values can be bound.
const ROWS: usize = 2_500;

pub async fn insert(work: &Work, settled: &[Settled]) -> Result<(), Failure> {
    let row = |one: &Settled| {
        let row = settled_trades::Model {
            trade_id: one.trade.0,
            journal_id: one.journal.0,
            settled_on: one.on.to_string(),
            pollutant: one.pollutant.clone(),
            area_path: one.area_path.clone(),
            mode: one.mode.clone(),
            quantity: one.quantity.grams(),
            total: one.total.fen(),
            unit_price: one.unit_price.fen(),
            seller_id: one.seller.0,
            buyer_id: one.buyer.0,
        };
        row.into_active_model()
    };
    for chunk in settled.chunks(ROWS) {
        settled_trades::Entity::insert_many(chunk.iter().map(row)).exec_without_returning(work.connection()).await?;
    }
    Ok(())
}
