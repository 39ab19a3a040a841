//! Reading batches.

use super::AllocationBatch;
use super::store::allocation_batches;
use crate::access::Scope;
use crate::db::{Db, rows};
use crate::kernel::Failure;
use crate::kernel::ids::AllocationBatchId;
use crate::kernel::page::{Page, PageRequest};
use crate::parties::queries::in_area;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

/// A batch is an affair of bureaux: parties see their own grants.
fn visible(scope: &Scope) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => in_area(allocation_batches::Column::AreaPath, path),
        Scope::Organisation { .. } => Condition::all().add(allocation_batches::Column::Id.is_null()),
    }
}

/// Batches that the caller may see, in one state when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_batches(
    db: &Db,
    scope: &Scope,
    state: Option<&str>,
    page: &PageRequest,
) -> Result<Page<AllocationBatch>, Failure> {
    let mut select = allocation_batches::Entity::find().filter(visible(scope));
    if let Some(state) = state {
        select = select.filter(allocation_batches::Column::State.eq(state));
    }
    let rows = rows::page(select, allocation_batches::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(AllocationBatch::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |batch| batch.id.0))
}

/// A batch that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_batch(db: &Db, scope: &Scope, id: AllocationBatchId) -> Result<Option<AllocationBatch>, Failure> {
    let row = allocation_batches::Entity::find_by_id(id.0).filter(visible(scope)).one(db.reader()).await?;
    row.map(AllocationBatch::try_from).transpose()
}
