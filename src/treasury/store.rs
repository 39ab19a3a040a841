//! Rows of money movements.

use super::movement::{Direction, MoneyMovement};
use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::insert_all;
use crate::entity;
use crate::kernel::ids::{MoneyMovementId, OrganisationId, UserId};
use crate::kernel::{Failure, Moment};
use accounting::Money;

entity!(money_movements, "money_movements", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    organisation_id: Uuid,
    direction: String,
    amount: i64,
    bank_reference: String,
    confirmed_by: Uuid,
    confirmed_at: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[Covered::of::<money_movements::Entity>()];

impl TryFrom<money_movements::Model> for MoneyMovement {
    type Error = Failure;

    fn try_from(row: money_movements::Model) -> Result<Self, Failure> {
        let direction = Direction::parse(&row.direction);
        Ok(Self {
            id: MoneyMovementId(row.id),
            organisation: OrganisationId(row.organisation_id),
            direction: direction.ok_or_else(|| Failure::bug("a movement has an unknown direction"))?,
            amount: Money::try_new(row.amount).map_err(Failure::bug)?,
            bank_reference: row.bank_reference,
            confirmed_by: UserId(row.confirmed_by),
            confirmed_at: Moment::from_micros(row.confirmed_at),
        })
    }
}

pub async fn insert(work: &Work, movements: &[MoneyMovement]) -> Result<(), Failure> {
    let rows = movements
        .iter()
        .map(|movement| money_movements::Model {
            id: movement.id.0,
            organisation_id: movement.organisation.0,
            direction: movement.direction.as_str().to_owned(),
            amount: movement.amount.fen(),
            bank_reference: movement.bank_reference.clone(),
            confirmed_by: movement.confirmed_by.0,
            confirmed_at: movement.confirmed_at.micros(),
        })
        .collect();
    insert_all::<money_movements::Entity, money_movements::ActiveModel>(work, rows).await
}
