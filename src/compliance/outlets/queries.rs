//! Reading outlets.

use super::Outlet;
use super::store::outlets;
use crate::access::Scope;
use crate::db::{Db, rows};
use crate::kernel::Failure;
use crate::kernel::ids::OutletId;
use crate::kernel::page::{Page, PageRequest};
use crate::parties::queries::in_area;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

fn visible(scope: &Scope) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => in_area(outlets::Column::AreaPath, path),
        Scope::Organisation { id } => Condition::all().add(outlets::Column::OrganisationId.eq(id.0)),
    }
}

/// Outlets that the caller may see, of one site when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_outlets(
    db: &Db,
    scope: &Scope,
    site: Option<Uuid>,
    page: &PageRequest,
) -> Result<Page<Outlet>, Failure> {
    let mut select = outlets::Entity::find().filter(visible(scope));
    if let Some(site) = site {
        select = select.filter(outlets::Column::SiteId.eq(site));
    }
    let rows = rows::page(select, outlets::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(Outlet::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |outlet| outlet.id.0))
}

/// An outlet that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_outlet(db: &Db, scope: &Scope, id: OutletId) -> Result<Option<Outlet>, Failure> {
    let row = outlets::Entity::find_by_id(id.0).filter(visible(scope)).one(db.reader()).await?;
    row.map(Outlet::try_from).transpose()
}
