//! Reading messages and what is held.

use super::store::{discharge_holds, monitor_messages};
use super::{DischargeHold, KeptMessage};
use crate::access::Scope;
use crate::db::{Db, rows};
use crate::kernel::Failure;
use crate::kernel::ids::{DischargeHoldId, MonitorMessageId};
use crate::kernel::page::{Page, PageRequest};
use crate::parties::queries::in_area;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

/// What of an area or an organisation the caller may see.
fn visible(scope: &Scope, area: impl ColumnTrait, organisation: impl ColumnTrait) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => in_area(area, path),
        Scope::Organisation { id } => Condition::all().add(organisation.eq(id.0)),
    }
}

fn visible_messages(scope: &Scope) -> Condition {
    visible(scope, monitor_messages::Column::AreaPath, monitor_messages::Column::OrganisationId)
}

fn visible_holds(scope: &Scope) -> Condition {
    visible(scope, discharge_holds::Column::AreaPath, discharge_holds::Column::OrganisationId)
}

/// Messages that the caller may see, of one outlet or site when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_messages(
    db: &Db,
    scope: &Scope,
    outlet: Option<Uuid>,
    site: Option<Uuid>,
    page: &PageRequest,
) -> Result<Page<KeptMessage>, Failure> {
    let mut select = monitor_messages::Entity::find().filter(visible_messages(scope));
    if let Some(outlet) = outlet {
        select = select.filter(monitor_messages::Column::OutletId.eq(outlet));
    }
    if let Some(site) = site {
        select = select.filter(monitor_messages::Column::SiteId.eq(site));
    }
    let rows = rows::page(select, monitor_messages::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(KeptMessage::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |message| message.id.0))
}

/// A message that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_message(db: &Db, scope: &Scope, id: MonitorMessageId) -> Result<Option<KeptMessage>, Failure> {
    let row = monitor_messages::Entity::find_by_id(id.0).filter(visible_messages(scope)).one(db.reader()).await?;
    row.map(KeptMessage::try_from).transpose()
}

/// What is held that the caller may see: what waits, or what is closed, or of one site, when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_holds(
    db: &Db,
    scope: &Scope,
    is_open: Option<bool>,
    site: Option<Uuid>,
    page: &PageRequest,
) -> Result<Page<DischargeHold>, Failure> {
    let mut select = discharge_holds::Entity::find().filter(visible_holds(scope));
    if let Some(is_open) = is_open {
        let closed_by = discharge_holds::Column::ClosedBy;
        select = select.filter(if is_open { closed_by.is_null() } else { closed_by.is_not_null() });
    }
    if let Some(site) = site {
        select = select.filter(discharge_holds::Column::SiteId.eq(site));
    }
    let rows = rows::page(select, discharge_holds::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(DischargeHold::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |hold| hold.id.0))
}

/// A hold that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_hold(db: &Db, scope: &Scope, id: DischargeHoldId) -> Result<Option<DischargeHold>, Failure> {
    let row = discharge_holds::Entity::find_by_id(id.0).filter(visible_holds(scope)).one(db.reader()).await?;
    row.map(DischargeHold::try_from).transpose()
}
