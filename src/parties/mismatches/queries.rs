//! Reading what runs have found.

use super::mismatch::Mismatch;
use super::store::permit_mismatches::{Column, Entity};
use crate::access::Scope;
use crate::db::rows;
use crate::kernel::Failure;
use crate::kernel::page::{Page, PageRequest};
use crate::parties::queries::in_area;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

/// Those of one's own sites, and of one's area.
fn visible(scope: &Scope) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => in_area(Column::AreaPath, path),
        Scope::Organisation { id } => Condition::all().add(Column::OrganisationId.eq(id.0)),
    }
}

/// Mismatches that the caller may see, of one site, open or ended, when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_mismatches(
    connection: &impl ConnectionTrait,
    scope: &Scope,
    site: Option<Uuid>,
    is_open: Option<bool>,
    page: &PageRequest,
) -> Result<Page<Mismatch>, Failure> {
    let filters = Condition::all()
        .add_option(site.map(|site| Column::SiteId.eq(site)))
        .add_option(is_open.map(|open| if open { Column::EndedAt.is_null() } else { Column::EndedAt.is_not_null() }));
    let select = Entity::find().filter(visible(scope)).filter(filters);
    let rows = rows::page(select, Column::Id, page).all(connection).await?;
    Ok(Page::cut(rows.into_iter().map(Mismatch::from).collect(), page, |mismatch| mismatch.id.0))
}
