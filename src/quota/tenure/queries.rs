//! Reading acts on rights.

use super::right_act::RightAct;
use super::store::right_acts;
use crate::access::Scope;
use crate::db::{Db, rows};
use crate::http::concern::Party;
use crate::kernel::Failure;
use crate::kernel::ids::RightActId;
use crate::kernel::page::{Page, PageRequest};
use crate::parties::queries::in_area;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use uuid::Uuid;

/// As [`super::store::is_visible`] says.
fn visible(scope: &Scope) -> Condition {
    use right_acts::Column::{AreaPath, OrganisationId, ProposerId, ReserveId};
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => in_area(AreaPath, path),
        Scope::Organisation { id } => {
            Condition::any().add(OrganisationId.eq(id.0)).add(ProposerId.eq(id.0)).add(ReserveId.eq(id.0))
        }
    }
}

/// Which acts are listed.
#[derive(Debug, Clone, Default)]
pub struct RightActFilter<'f> {
    /// Of these kinds; of all when it is empty.
    pub kinds: Vec<&'f str>,
    /// How far they have come.
    pub state: Option<&'f str>,
    /// At which site.
    pub site: Option<Uuid>,
}

/// Acts that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn list_right_acts(
    db: &Db,
    scope: &Scope,
    filter: &RightActFilter<'_>,
    page: &PageRequest,
) -> Result<Page<RightAct>, Failure> {
    let mut select = right_acts::Entity::find().filter(visible(scope));
    if !filter.kinds.is_empty() {
        select = select.filter(right_acts::Column::Kind.is_in(filter.kinds.iter().copied()));
    }
    if let Some(state) = filter.state {
        select = select.filter(right_acts::Column::State.eq(state));
    }
    if let Some(site) = filter.site {
        select = select.filter(right_acts::Column::SiteId.eq(site));
    }
    let rows = rows::page(select, right_acts::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(RightAct::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |act| act.id.0))
}

/// An act that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_right_act(db: &Db, scope: &Scope, id: RightActId) -> Result<Option<RightAct>, Failure> {
    let row = right_acts::Entity::find_by_id(id.0).filter(visible(scope)).one(db.reader()).await?;
    row.map(RightAct::try_from).transpose()
}

/// Whose rights acts are on, by their ids.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_acts(books: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    let found = right_acts::Entity::find().filter(right_acts::Column::Id.is_in(ids.iter().copied()));
    let rows = found.all(books).await?;
    Ok(rows.into_iter().map(|row| (row.id, vec![Party::Organisation(row.organisation_id)])).collect())
}
