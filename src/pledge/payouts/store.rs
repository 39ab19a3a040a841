//! Rows of payouts.

use super::Payout;
use crate::db::Work;
use crate::db::rows::insert_all;
use crate::entity;
use crate::kernel::ids::{PayoutId, PledgeId, UserId};
use crate::kernel::{Failure, Moment};
use accounting::{JournalId, Money};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use uuid::Uuid;

entity!(payouts, "payouts", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    pledge_id: Uuid,
    amount: i64,
    paid_on: String,
    annual_rate: Option<String>,
    reference: String,
    reported_by: Uuid,
    reported_at: i64,
    journal_id: Uuid,
});

impl TryFrom<payouts::Model> for Payout {
    type Error = Failure;

    fn try_from(row: payouts::Model) -> Result<Self, Failure> {
        Ok(Self {
            id: PayoutId(row.id),
            pledge: PledgeId(row.pledge_id),
            amount: Money::try_new(row.amount).map_err(Failure::bug)?,
            paid_on: row.paid_on.parse().map_err(Failure::bug)?,
            annual_rate: row.annual_rate.map(|text| text.parse().map_err(Failure::bug)).transpose()?,
            reference: row.reference,
            reported_by: UserId(row.reported_by),
            reported_at: Moment::from_micros(row.reported_at),
            journal: JournalId(row.journal_id),
        })
    }
}

/// Payouts by pledge, in the order of their reports.
pub async fn of_pledges(
    connection: &impl ConnectionTrait,
    pledges: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Payout>>, Failure> {
    let wanted = payouts::Column::PledgeId.is_in(pledges.iter().copied());
    let rows = payouts::Entity::find().filter(wanted).order_by_asc(payouts::Column::Id).all(connection).await?;
    let mut found: HashMap<Uuid, Vec<Payout>> = HashMap::new();
    for row in rows {
        found.entry(row.pledge_id).or_default().push(row.try_into()?);
    }
    Ok(found)
}

/// Writes new payouts.
pub async fn insert(work: &Work, new: &[Payout]) -> Result<(), Failure> {
    let row = |payout: &Payout| payouts::Model {
        id: payout.id.0,
        pledge_id: payout.pledge.0,
        amount: payout.amount.fen(),
        paid_on: payout.paid_on.to_string(),
        annual_rate: payout.annual_rate.map(|rate| rate.to_string()),
        reference: payout.reference.clone(),
        reported_by: payout.reported_by.0,
        reported_at: payout.reported_at.micros(),
        journal_id: payout.journal.0,
    };
    insert_all::<payouts::Entity, payouts::ActiveModel>(work, new.iter().map(row).collect()).await
}
