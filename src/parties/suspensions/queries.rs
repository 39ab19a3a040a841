//! Which suspensions stand, for those who judge and those who read.

use super::store::{self, area_suspensions};
use super::{AreaSuspension, Standing};
use crate::db::{Work, rows};
use crate::kernel::Failure;
use crate::kernel::ids::AreaSuspensionId;
use crate::kernel::page::{Page, PageRequest};
use jiff::civil::Date;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeSet;

/// What stands today over these areas and those above them. It stays so until the work ends: whoever suspends one of them waits for
/// it, and whoever comes after a suspension sees it.
///
/// # Errors
/// A fault of the database.
pub async fn standing(work: &Work, paths: impl IntoIterator<Item = &str>) -> Result<Standing, Failure> {
    let codes: BTreeSet<&str> = paths.into_iter().flat_map(|path| path.split('/')).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let areas = store::share_areas(work, &codes).await?;
    Ok(Standing(store::standing(work.connection(), &areas, Some(work.today())).await?))
}

/// What stands on a day over whichever area, for those who read.
///
/// # Errors
/// A fault of the database.
pub async fn standing_on(connection: &impl ConnectionTrait, day: Date) -> Result<Standing, Failure> {
    let all = area_suspensions::Entity::find().filter(store::stands_on(day)).order_by_asc(area_suspensions::Column::Id);
    let found = all.all(connection).await?.into_iter().map(AreaSuspension::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Standing(found))
}

/// Suspensions of an area, or of all, past ones and those to come. They are published, so nobody's view is narrowed.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    connection: &impl ConnectionTrait,
    area: Option<&str>,
    page: &PageRequest,
) -> Result<Page<AreaSuspension>, Failure> {
    use area_suspensions::Column;
    let mut select = area_suspensions::Entity::find();
    if let Some(area) = area {
        let ends = Column::AreaPath.ends_with(format!("/{area}"));
        select = select.filter(Condition::any().add(Column::AreaPath.eq(area)).add(ends));
    }
    let rows = rows::page(select, Column::Id, page).all(connection).await?;
    let items = rows.into_iter().map(AreaSuspension::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |suspension| suspension.id.0))
}

/// A suspension by its id.
///
/// # Errors
/// A fault of the database.
pub async fn find(connection: &impl ConnectionTrait, id: AreaSuspensionId) -> Result<Option<AreaSuspension>, Failure> {
    store::find(connection, id).await
}
