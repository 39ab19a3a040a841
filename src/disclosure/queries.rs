//! Reading publications, and refusals in aggregate.

use super::publication::Publication;
use super::store::publications;
use crate::access::Scope;
use crate::db::{BOOK, Db, rows};
use crate::kernel::cycle::Period;
use crate::kernel::ids::TradeId;
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use crate::parties::queries::in_area;
use jiff::civil::Date;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Statement};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// Which publications are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct PublicationFilter<'f> {
    /// In these states; in any when empty.
    pub states: &'f [&'f str],
    /// Due before this day.
    pub due_before: Option<Date>,
    /// Of an area by its path, with everything below it.
    pub area_path: Option<&'f str>,
}

/// Publications in a scope: everything, or those of an area; an organisation has none.
///
/// # Errors
/// A fault of the database.
pub async fn list_publications(
    db: &Db,
    scope: &Scope,
    filter: PublicationFilter<'_>,
    page: &PageRequest,
) -> Result<Page<Publication>, Failure> {
    let visible = match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => in_area(publications::Column::AreaPath, path),
        Scope::Organisation { .. } => Condition::all().add(publications::Column::Id.eq(Uuid::nil())),
    };
    let mut select = publications::Entity::find().filter(visible);
    if !filter.states.is_empty() {
        select = select.filter(publications::Column::State.is_in(filter.states.iter().copied()));
    }
    if let Some(day) = filter.due_before {
        select = select.filter(publications::Column::DueOn.lt(day.to_string()));
    }
    if let Some(path) = filter.area_path {
        select = select.filter(in_area(publications::Column::AreaPath, path));
    }
    let rows = rows::page(select, publications::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(Publication::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |publication| publication.id.0))
}

/// Those of these trades whose results everybody can see.
///
/// # Errors
/// A fault of the database.
pub async fn published_among(db: &Db, trades: &[TradeId]) -> Result<HashSet<TradeId>, Failure> {
    use publications::Column::{State, SubjectId};
    let select = publications::Entity::find()
        .filter(SubjectId.is_in(trades.iter().map(|trade| trade.0)))
        .filter(State.eq("published"));
    let rows = select.all(db.reader()).await?;
    Ok(rows.into_iter().map(|row| TradeId(row.subject_id)).collect())
}

/// How often each check refused somebody in a period. A request that broke several counts for each of them.
///
/// # Errors
/// A fault of the database.
pub async fn refusals_in(db: &Db, period: Period) -> Result<BTreeMap<String, u64>, Failure> {
    let end = period.next().and_then(|next| Moment::midnight(next.first_day()));
    let (begin, end) = (Moment::midnight(period.first_day()), end);
    let (Some(begin), Some(end)) = (begin, end) else { return Ok(BTreeMap::new()) };
    let sql = "SELECT codes, COUNT(*) AS count FROM refusals WHERE book_id = $1 AND recorded_at >= $2 \
         AND recorded_at < $3 GROUP BY codes";
    let values = [BOOK.0.into(), begin.micros().into(), end.micros().into()];
    let rows = db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for row in rows {
        let (codes, count): (String, i64) = (row.try_get("", "codes")?, row.try_get("", "count")?);
        let count = u64::try_from(count).map_err(Failure::bug)?;
        for code in codes.split_whitespace() {
            *counts.entry(code.to_owned()).or_default() += count;
        }
    }
    Ok(counts)
}
