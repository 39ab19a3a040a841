//! Reading the overview of an area, the trend of a cap, and who uses it.

use super::super::queries::{CapacityUse, uses_of};
use super::super::store::capacities;
use super::Figures;
use crate::access::Scope;
use crate::db::{BOOK, Db};
use crate::kernel::Failure;
use crate::kernel::page::{Page, PageRequest};
use crate::parties::queries::in_area;
use crate::quota::Capacity;
use accounting::Purpose;
use jiff::civil::Date;
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryResult, Statement, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The caps of an area and of all below it, and how they are used.
///
/// # Errors
/// A fault of the database.
pub async fn caps_under(db: &Db, area_path: &str) -> Result<Vec<CapacityUse>, Failure> {
    let under = in_area(capacities::Column::AreaPath, area_path);
    uses_of(db, capacities::Entity::find().filter(under).all(db.reader()).await?).await
}

/// How a cap stood at the end of each of these days, which are in order: what was legally effective by then, from the daily totals of
/// its accounts.
///
/// # Errors
/// A fault of the database.
pub async fn trend(db: &Db, capacity: &Capacity, days: &[Date]) -> Result<Vec<(Date, Figures)>, Failure> {
    let Some(last) = days.last() else { return Ok(Vec::new()) };
    let sql = "SELECT t.effective_on, a.purpose, CAST(SUM(t.amount) AS bigint) AS units FROM accounts a \
         JOIN daily_totals t ON t.book_id = a.book_id AND t.account_id = a.id \
         WHERE a.book_id = $1 AND a.owner_id = $2 AND a.asset_id = $3 AND t.effective_on <= $4 \
         GROUP BY t.effective_on, a.purpose ORDER BY t.effective_on";
    let values = [BOOK.0.into(), capacity.area.0.into(), capacity.id.0.into(), last.to_string().into()];
    let rows = db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?;
    let mut moved = rows.iter().map(read_moved).collect::<Result<Vec<_>, Failure>>()?.into_iter().peekable();
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    let mut points = Vec::with_capacity(days.len());
    for day in days {
        while let Some((_, purpose, units)) = moved.next_if(|(on, ..)| on <= day) {
            let sum = sums.entry(purpose).or_default();
            *sum = sum.checked_add(units).ok_or_else(|| Failure::bug("totals that cannot be counted"))?;
        }
        let of = |purpose: Purpose| sums.get(purpose.as_str()).copied().unwrap_or_default();
        let figures = Figures {
            caps: 1,
            cap: of(Purpose::Authorised).saturating_neg(),
            headroom: of(Purpose::Headroom),
            committed: of(Purpose::Committed),
            used: of(Purpose::Used),
            pending_reduction: of(Purpose::Overuse).saturating_neg(),
        };
        points.push((*day, figures));
    }
    Ok(points)
}

fn read_moved(row: &QueryResult) -> Result<(Date, String, i64), Failure> {
    let on: String = row.try_get("", "effective_on")?;
    Ok((on.parse().map_err(Failure::bug)?, row.try_get("", "purpose")?, row.try_get("", "units")?))
}

/// A site and what it uses of a cap.
#[derive(Debug, Clone)]
pub struct SiteUse {
    /// The site.
    pub site: Uuid,
    /// Its organisation.
    pub organisation: Uuid,
    /// Its name.
    pub name: String,
    /// Grams of multi-year rights that it has, held and pledged ones among them.
    pub used: i64,
}

/// Who uses a cap, as far as the caller may see them, the largest first. A page goes on after the site where the last one ended, as it
/// stands now.
///
/// # Errors
/// A fault of the database.
pub async fn users(db: &Db, scope: &Scope, capacity: &Capacity, page: &PageRequest) -> Result<Page<SiteUse>, Failure> {
    let multi_year = format!("{}-MULTI-%", capacity.pollutant);
    let mut values: Vec<Value> = vec![BOOK.0.into(), capacity.area.0.into(), multi_year.into()];
    let mut bind = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    let visible = match scope {
        Scope::Everything => String::new(),
        Scope::Area { path } => {
            let (own, below) = (bind(path.clone().into()), bind(format!("{path}/%").into()));
            format!("AND (s.area_path = {own} OR s.area_path LIKE {below})")
        }
        Scope::Organisation { id } => format!("AND s.organisation_id = {}", bind(id.0.into())),
    };
    let after = page.after.map_or_else(String::new, |after| {
        let after = bind(after.into());
        format!(
            "AND (u.used < (SELECT used FROM uses WHERE site = {after}) \
             OR (u.used = (SELECT used FROM uses WHERE site = {after}) AND u.site > {after}))"
        )
    });
    let sql = format!(
        "WITH uses AS (SELECT s.id AS site, s.organisation_id AS organisation, s.name AS name, \
         CAST(SUM(a.balance) AS bigint) AS used FROM sites s \
         JOIN accounts a ON a.book_id = $1 AND a.owner_id = s.id \
         JOIN assets r ON r.book_id = a.book_id AND r.id = a.asset_id \
         WHERE s.area_id = $2 AND NOT s.is_reserve AND r.kind = 'right' AND r.code LIKE $3 \
         AND a.purpose IN ('available', 'committed', 'pledged', 'frozen') {visible} \
         GROUP BY s.id, s.organisation_id, s.name) \
         SELECT u.site, u.organisation, u.name, u.used FROM uses u WHERE u.used > 0 {after} \
         ORDER BY u.used DESC, u.site LIMIT {}",
        page.fetch()
    );
    let rows = db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?;
    let read = |row: &QueryResult| {
        Ok::<_, Failure>(SiteUse {
            site: row.try_get("", "site")?,
            organisation: row.try_get("", "organisation")?,
            name: row.try_get("", "name")?,
            used: row.try_get("", "used")?,
        })
    };
    let items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |line| line.site))
}
