//! Reading applications for reductions.

use super::application::ReductionApplication;
use super::store::reduction_applications::{self, Column};
use crate::access::Scope;
use crate::db::{Db, rows};
use crate::http::concern::Party;
use crate::kernel::Failure;
use crate::kernel::ids::ReductionApplicationId;
use crate::kernel::page::{Page, PageRequest};
use crate::parties::queries::in_area;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use uuid::Uuid;

/// Those of one's own organisation, or of the area of one's bureau.
fn visible(scope: &Scope) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => in_area(Column::AreaPath, path),
        Scope::Organisation { id } => Condition::all().add(Column::OrganisationId.eq(id.0)),
    }
}

/// Which applications are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReductionFilter<'f> {
    /// How far they have come.
    pub state: Option<&'f str>,
    /// At which site.
    pub site: Option<Uuid>,
}

/// Applications that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn list_applications(
    db: &Db,
    scope: &Scope,
    filter: ReductionFilter<'_>,
    page: &PageRequest,
) -> Result<Page<ReductionApplication>, Failure> {
    let filters = Condition::all()
        .add_option(filter.state.map(|state| Column::State.eq(state)))
        .add_option(filter.site.map(|site| Column::SiteId.eq(site)));
    let select = reduction_applications::Entity::find().filter(visible(scope)).filter(filters);
    let found = rows::page(select, Column::Id, page).all(db.reader()).await?;
    let items = found.into_iter().map(ReductionApplication::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |application| application.id.0))
}

/// An application that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_application(
    db: &Db,
    scope: &Scope,
    id: ReductionApplicationId,
) -> Result<Option<ReductionApplication>, Failure> {
    let row = reduction_applications::Entity::find_by_id(id.0).filter(visible(scope)).one(db.reader()).await?;
    row.map(ReductionApplication::try_from).transpose()
}

/// Whose applications these are, by their ids; what is none is left out.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_applications(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    let wanted = Column::Id.is_in(ids.iter().copied());
    let found = reduction_applications::Entity::find().filter(wanted).all(books).await?;
    Ok(found.into_iter().map(|row| (row.id, vec![Party::Organisation(row.organisation_id)])).collect())
}
