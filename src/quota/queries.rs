//! Reading allocations and capacities.

use super::allocation::Allocation;
use super::batches::store::{allocation_batches, batches_of};
use super::capacity::Capacity;
use super::store::{allocations, allocations_of, capacities};
use crate::access::Scope;
use crate::db::{BOOK, Db, bind_all, rows};
use crate::http::concern::Party;
use crate::kernel::Failure;
use crate::kernel::ids::AllocationId;
use crate::kernel::page::{Page, PageRequest};
use crate::parties::queries::in_area;
use accounting::Purpose;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Statement, Value,
};
use std::collections::HashMap;
use uuid::Uuid;

fn visible(scope: &Scope) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => in_area(allocations::Column::AreaPath, path),
        Scope::Organisation { id } => Condition::all().add(allocations::Column::OrganisationId.eq(id.0)),
    }
}

/// Which grants are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllocationFilter<'f> {
    /// How far they have come.
    pub state: Option<&'f str>,
    /// To which site.
    pub site: Option<Uuid>,
    /// In which batch.
    pub batch: Option<Uuid>,
}

/// Grants that the caller may see, of one state, site or batch when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_allocations(
    db: &Db,
    scope: &Scope,
    filter: AllocationFilter<'_>,
    page: &PageRequest,
) -> Result<Page<Allocation>, Failure> {
    let mut select = allocations::Entity::find().filter(visible(scope));
    if let Some(state) = filter.state {
        // A grant of a batch stands as its batch does.
        let batches = allocation_batches::Entity::find().filter(allocation_batches::Column::State.eq(state));
        let ids = QuerySelect::select_only(batches).column(allocation_batches::Column::Id);
        let in_batch = allocations::Column::BatchId.in_subquery(QueryTrait::into_query(ids));
        select = select.filter(Condition::any().add(allocations::Column::State.eq(state)).add(in_batch));
    }
    if let Some(site) = filter.site {
        select = select.filter(allocations::Column::SiteId.eq(site));
    }
    if let Some(batch) = filter.batch {
        select = select.filter(allocations::Column::BatchId.eq(batch));
    }
    let rows = rows::page(select, allocations::Column::Id, page).all(db.reader()).await?;
    let batches = batches_of(db.reader(), &rows).await?;
    let items = allocations_of(rows, &batches)?;
    Ok(Page::cut(items, page, |allocation| allocation.id.0))
}

/// A grant that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_allocation(db: &Db, scope: &Scope, id: AllocationId) -> Result<Option<Allocation>, Failure> {
    let row = allocations::Entity::find_by_id(id.0).filter(visible(scope)).one(db.reader()).await?;
    let rows: Vec<_> = row.into_iter().collect();
    let batches = batches_of(db.reader(), &rows).await?;
    Ok(allocations_of(rows, &batches)?.pop())
}

/// To whom grants are made, by their ids.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_allocations(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    let found = allocations::Entity::find().filter(allocations::Column::Id.is_in(ids.iter().copied()));
    let rows = found.all(books).await?;
    Ok(rows.into_iter().map(|row| (row.id, vec![Party::Organisation(row.organisation_id)])).collect())
}

/// A cap, and how it is used, in grams.
#[derive(Debug, Clone)]
pub struct CapacityUse {
    /// The cap.
    pub capacity: Capacity,
    /// Free.
    pub headroom: i64,
    /// Held for trades.
    pub committed: i64,
    /// In use.
    pub used: i64,
    /// In use beyond the cap.
    pub pending_reduction: i64,
}

/// Caps and their use; of one area or pollutant when asked. Capacity is public, so nobody's view is narrowed.
///
/// # Errors
/// A fault of the database.
pub async fn list_capacities(
    db: &Db,
    area: Option<&str>,
    pollutant: Option<&str>,
    page: &PageRequest,
) -> Result<Page<CapacityUse>, Failure> {
    let mut select = capacities::Entity::find();
    if let Some(area) = area {
        let ends = Condition::any()
            .add(capacities::Column::AreaPath.eq(area))
            .add(capacities::Column::AreaPath.ends_with(format!("/{area}")));
        select = select.filter(ends);
    }
    if let Some(pollutant) = pollutant {
        select = select.filter(capacities::Column::Pollutant.eq(pollutant));
    }
    let rows = rows::page(select, capacities::Column::Id, page).all(db.reader()).await?;
    let mut uses = uses_of(db, rows).await?;
    uses.sort_unstable_by_key(|line| line.capacity.id);
    Ok(Page::cut(uses, page, |line| line.capacity.id.0))
}

/// How caps are used.
pub(super) async fn uses_of(db: &Db, caps: Vec<capacities::Model>) -> Result<Vec<CapacityUse>, Failure> {
    let mut uses = Vec::with_capacity(caps.len());
    let mut caps = caps.into_iter().peekable();
    while caps.peek().is_some() {
        let some: Vec<_> = caps.by_ref().take(AT_ONCE).collect();
        let ids: Vec<Uuid> = some.iter().map(|row| row.id).collect();
        let sums = sums_by_purpose(db, &ids).await?;
        uses.extend(some.into_iter().map(|row| {
            let sum = |purpose: Purpose| sums.get(&(row.id, purpose.as_str().to_owned())).copied().unwrap_or_default();
            CapacityUse {
                headroom: sum(Purpose::Headroom),
                committed: sum(Purpose::Committed),
                used: sum(Purpose::Used),
                pending_reduction: sum(Purpose::Overuse).saturating_neg(),
                capacity: Capacity::from(row),
            }
        }));
    }
    Ok(uses)
}

/// Caps whose accounts are read by one statement.
const AT_ONCE: usize = 500;

async fn sums_by_purpose(db: &Db, capacities: &[Uuid]) -> Result<HashMap<(Uuid, String), i64>, Failure> {
    if capacities.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values: Vec<Value> = vec![BOOK.0.into()];
    let places = bind_all(&mut values, capacities.iter().copied());
    // By owner and asset, which is how accounts are found.
    let sql = format!(
        "SELECT a.asset_id, a.purpose, CAST(SUM(a.balance) AS bigint) AS units FROM capacities c \
         JOIN accounts a ON a.book_id = $1 AND a.owner_id = c.area_id AND a.asset_id = c.id \
         WHERE c.id IN ({places}) GROUP BY a.asset_id, a.purpose"
    );
    let rows = db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?;
    rows.iter()
        .map(|row| {
            let key = (row.try_get("", "asset_id")?, row.try_get("", "purpose")?);
            Ok((key, row.try_get("", "units")?))
        })
        .collect()
}
