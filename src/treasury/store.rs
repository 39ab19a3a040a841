//! Rows of money movements and of their reversals.

use super::movement::{Direction, MoneyMovement};
use super::payments::store as payments;
use super::reversal::Reversal;
use super::statements::store as statements;
use crate::db::records::Covered;
use crate::db::rows::insert_all;
use crate::db::{BOOK, Work, bind_all};
use crate::entity;
use crate::kernel::ids::{MoneyMovementId, OrganisationId, UserId};
use crate::kernel::{Failure, Moment};
use accounting::{JournalId, Money};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryResult, Statement, Value};
use std::collections::HashMap;
use uuid::Uuid;

entity!(money_movements, "money_movements", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    organisation_id: Uuid,
    direction: String,
    amount: i64,
    bank_reference: String,
    effective_on: String,
    confirmed_by: Uuid,
    confirmed_at: i64,
});

entity!(money_reversals, "money_reversals", {
    #[sea_orm(primary_key, auto_increment = false)]
    movement_id: Uuid,
    journal_id: Uuid,
    reason: String,
    document_hash: String,
    reversed_by: Uuid,
    reversed_at: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[
    Covered::of::<money_movements::Entity>(),
    Covered::of::<money_reversals::Entity>(),
    payments::COVERED[0],
    payments::COVERED[1],
    statements::COVERED[0],
    statements::COVERED[1],
    statements::COVERED[2],
    statements::COVERED[3],
];

/// The journals of a movement: the one that booked it, and the one that undid it.
#[derive(Debug, Clone, Copy)]
pub struct Booking {
    pub journal: JournalId,
    pub reversed_by: Option<JournalId>,
}

/// The bookings of movements.
pub async fn bookings(
    connection: &impl ConnectionTrait,
    movements: &[Uuid],
) -> Result<HashMap<Uuid, Booking>, Failure> {
    if movements.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values: Vec<Value> = vec![BOOK.0.into()];
    let places = bind_all(&mut values, movements.iter().copied());
    let sql = format!(
        "SELECT j.subject_id, j.id, r.journal_id AS reversed_by FROM journals j \
         LEFT JOIN money_reversals r ON r.movement_id = j.subject_id \
         WHERE j.book_id = $1 AND j.subject_id IN ({places}) AND j.subject_version = 1"
    );
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let read = |row: &QueryResult| -> Result<(Uuid, Booking), Failure> {
        let reversed_by: Option<Uuid> = row.try_get("", "reversed_by")?;
        let booking = Booking { journal: JournalId(row.try_get("", "id")?), reversed_by: reversed_by.map(JournalId) };
        Ok((row.try_get("", "subject_id")?, booking))
    };
    connection.query_all_raw(statement).await?.iter().map(read).collect()
}

/// How many of these movements have been undone.
pub async fn count_reversals(work: &Work, movements: &[MoneyMovementId]) -> Result<u64, Failure> {
    let ids = movements.iter().map(|movement| movement.0);
    let found = money_reversals::Entity::find().filter(money_reversals::Column::MovementId.is_in(ids));
    Ok(found.count(work.connection()).await?)
}

pub async fn insert_reversals(work: &Work, reversals: &[Reversal]) -> Result<(), Failure> {
    let rows = reversals
        .iter()
        .map(|reversal| money_reversals::Model {
            movement_id: reversal.movement.0,
            journal_id: reversal.journal.0,
            reason: reversal.reason.clone(),
            document_hash: reversal.document_hash.clone(),
            reversed_by: reversal.reversed_by.0,
            reversed_at: reversal.reversed_at.micros(),
        })
        .collect();
    insert_all::<money_reversals::Entity, money_reversals::ActiveModel>(work, rows).await
}

impl money_movements::Model {
    /// The movement, with its bookings read beside it.
    pub fn booked(self, bookings: &HashMap<Uuid, Booking>) -> Result<MoneyMovement, Failure> {
        let row = self;
        let booking = bookings.get(&row.id).ok_or_else(|| Failure::bug("a movement has no journal"))?;
        let direction = Direction::parse(&row.direction);
        Ok(MoneyMovement {
            id: MoneyMovementId(row.id),
            organisation: OrganisationId(row.organisation_id),
            direction: direction.ok_or_else(|| Failure::bug("a movement has an unknown direction"))?,
            amount: Money::try_new(row.amount).map_err(Failure::bug)?,
            bank_reference: row.bank_reference,
            effective_on: row.effective_on.parse().map_err(Failure::bug)?,
            journal: booking.journal,
            reversed_by: booking.reversed_by,
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
            effective_on: movement.effective_on.to_string(),
            confirmed_by: movement.confirmed_by.0,
            confirmed_at: movement.confirmed_at.micros(),
        })
        .collect();
    insert_all::<money_movements::Entity, money_movements::ActiveModel>(work, rows).await
}
