//! Reading money movements.

use super::movement::{Direction, MoneyMovement};
use super::store::{self, money_movements};
use crate::access::{Action, Caller, Scope};
use crate::db::{Db, rows};
use crate::kernel::Failure;
use crate::kernel::page::{Page, PageRequest};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

/// Movements of the caller's organisation; all of them for the settlement bank and the auditor.
///
/// # Errors
/// A fault of the database.
pub async fn list_movements(
    db: &Db,
    caller: &Caller,
    direction: Direction,
    page: &PageRequest,
) -> Result<Page<MoneyMovement>, Failure> {
    let mut select = money_movements::Entity::find().filter(money_movements::Column::Direction.eq(direction.as_str()));
    let sees_all = caller.scope() == Scope::Everything || caller.carries(Action::ConfirmMoney);
    if !sees_all {
        select = select.filter(money_movements::Column::OrganisationId.eq(caller.organisation.0));
    }
    let rows = rows::page(select, money_movements::Column::Id, page).all(db.reader()).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let bookings = store::bookings(db.reader(), &ids).await?;
    let items = rows.into_iter().map(|row| row.booked(&bookings)).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |movement| movement.id.0))
}
