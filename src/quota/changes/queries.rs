//! Reading changes of caps.

use super::CapacityChange;
use super::store::capacity_changes;
use crate::db::rows;
use crate::kernel::Failure;
use crate::kernel::ids::CapacityChangeId;
use crate::kernel::page::{Page, PageRequest};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};

/// Which changes are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct ChangeFilter<'f> {
    /// Of an area, by its code.
    pub area: Option<&'f str>,
    /// Of a pollutant, by its code.
    pub pollutant: Option<&'f str>,
    /// How far they have come.
    pub state: Option<&'f str>,
}

/// Changes of caps. Capacity is public, so nobody's view is narrowed.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    connection: &impl ConnectionTrait,
    filter: ChangeFilter<'_>,
    page: &PageRequest,
) -> Result<Page<CapacityChange>, Failure> {
    use capacity_changes::Column;
    let mut select = capacity_changes::Entity::find();
    if let Some(area) = filter.area {
        let ends = Column::AreaPath.ends_with(format!("/{area}"));
        select = select.filter(Condition::any().add(Column::AreaPath.eq(area)).add(ends));
    }
    if let Some(pollutant) = filter.pollutant {
        select = select.filter(Column::Pollutant.eq(pollutant));
    }
    if let Some(state) = filter.state {
        select = select.filter(Column::State.eq(state));
    }
    let rows = rows::page(select, Column::Id, page).all(connection).await?;
    let items = rows.into_iter().map(CapacityChange::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |change| change.id.0))
}

/// A change by its id.
///
/// # Errors
/// A fault of the database.
pub async fn find(connection: &impl ConnectionTrait, id: CapacityChangeId) -> Result<Option<CapacityChange>, Failure> {
    capacity_changes::Entity::find_by_id(id.0).one(connection).await?.map(CapacityChange::try_from).transpose()
}
