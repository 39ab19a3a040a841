//! Reading what sites hold above what they use. Nothing is stored: it is derived from accounts, entries, permits and verified years.

use super::{Layer, Move, Stock, unused};
use crate::access::Scope;
use crate::compliance::queries::last_verified;
use crate::db::{BOOK, Db};
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, SiteId};
use crate::kernel::page::{Page, PageRequest};
use crate::ledger::holdings::{HELD, Held, Moved, held_now, moved};
use crate::parties::{Permit, queries as parties};
use accounting::{Product, Purpose, RightClass};
use jiff::civil::Date;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Stocks that are looked at in one go, to find those above the use of their site.
const CHUNK: u64 = 200;

/// What a site uses of a pollutant, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Used {
    /// Its discharge in the last verified year.
    Discharged {
        /// The year.
        year: i16,
        /// Grams.
        grams: i64,
    },
    /// What its permits in force allow.
    Permitted {
        /// Grams a year.
        grams: i64,
    },
    /// Nobody knows.
    Unknown,
}

impl Used {
    /// Grams a year.
    pub fn grams(self) -> i64 {
        match self {
            Self::Discharged { grams, .. } | Self::Permitted { grams } => grams,
            Self::Unknown => 0,
        }
    }
}

/// A stock of a site, and what of it stands above what the site uses.
#[derive(Debug, Clone)]
pub struct UnusedRights {
    /// Its free account, by which the list goes on.
    pub account: Uuid,
    /// The site.
    pub site: SiteId,
    /// Its name.
    pub site_name: String,
    /// Its organisation.
    pub organisation: OrganisationId,
    /// Path of its area.
    pub area_path: String,
    /// The class.
    pub class: RightClass,
    /// Grams that are free.
    pub available: i64,
    /// What the site uses of the pollutant.
    pub used: Used,
    /// Grams of the pollutant's rights in force that the site has in all.
    pub held: i64,
    /// What stands above the use, by the day since when.
    pub unused: Vec<Layer>,
}

/// Which stocks are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct UnusedFilter {
    /// Of which site.
    pub site: Option<Uuid>,
}

/// Stocks of multi-year rights in force that stand above what their sites use of the pollutant, as far as the caller may see them.
///
/// # Errors
/// A fault of the database.
pub async fn list_unused(
    db: &Db,
    scope: &Scope,
    filter: UnusedFilter,
    today: Date,
    page: &PageRequest,
) -> Result<Page<UnusedRights>, Failure> {
    let (mut after, mut found) = (page.after, Vec::new());
    let wanted = usize::try_from(page.fetch()).unwrap_or(usize::MAX);
    while found.len() < wanted {
        let heads = stocks_after(db, scope, filter, after).await?;
        let is_last = u64::try_from(heads.len()).is_ok_and(|count| count < CHUNK);
        after = heads.last().map(|head| head.account);
        found.extend(judge(db, heads, today).await?);
        if is_last {
            break;
        }
    }
    Ok(Page::cut(found, page, |rights| rights.account))
}

/// A stock of which something is free.
struct Head {
    account: Uuid,
    asset: Uuid,
    site: SiteId,
    site_name: String,
    organisation: OrganisationId,
    area_path: String,
    code: String,
}

/// Some stocks of which something is free, in the order of their accounts.
async fn stocks_after(db: &Db, scope: &Scope, filter: UnusedFilter, after: Option<Uuid>) -> Result<Vec<Head>, Failure> {
    let mut values: Vec<Value> = vec![BOOK.0.into()];
    let mut bind = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    let visible = match scope {
        Scope::Everything => String::new(),
        Scope::Area { path } => {
            let (own, below) = (bind(path.clone().into()), bind(format!("{path}/%").into()));
            format!(" AND (s.area_path = {own} OR s.area_path LIKE {below})")
        }
        Scope::Organisation { id } => format!(" AND s.organisation_id = {}", bind(id.0.into())),
    };
    let of_site = filter.site.map_or_else(String::new, |site| format!(" AND s.id = {}", bind(site.into())));
    let later = after.map_or_else(String::new, |after| format!(" AND a.id > {}", bind(after.into())));
    let sql = format!(
        "SELECT a.id, a.asset_id, s.id AS site_id, s.name, s.organisation_id, s.area_path, r.code FROM accounts a \
         JOIN sites s ON s.id = a.owner_id JOIN assets r ON r.book_id = a.book_id AND r.id = a.asset_id \
         WHERE a.book_id = $1 AND a.purpose = 'available' AND a.balance > 0 AND NOT s.is_reserve AND r.kind = 'right' \
         {visible}{of_site}{later} ORDER BY a.id LIMIT {CHUNK}"
    );
    let rows = db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?;
    let read = |row: &QueryResult| -> Result<Head, Failure> {
        Ok(Head {
            account: row.try_get("", "id")?,
            asset: row.try_get("", "asset_id")?,
            site: SiteId(row.try_get("", "site_id")?),
            site_name: row.try_get("", "name")?,
            organisation: OrganisationId(row.try_get("", "organisation_id")?),
            area_path: row.try_get("", "area_path")?,
            code: row.try_get("", "code")?,
        })
    };
    rows.iter().map(read).collect()
}

/// What sites have of the pollutants, class by class.
type Stocks = HashMap<(SiteId, String), BTreeMap<Uuid, Stock>>;

/// Those that stand above the use of their sites.
async fn judge(db: &Db, heads: Vec<Head>, today: Date) -> Result<Vec<UnusedRights>, Failure> {
    let mut sites: Vec<SiteId> = heads.iter().map(|head| head.site).collect();
    sites.sort_unstable();
    sites.dedup();
    let owners: Vec<Uuid> = sites.iter().map(|site| site.0).collect();
    let held = held_now(db.reader(), &owners).await?;
    let stocks = stocks_of(moved(db.reader(), &owners).await?, &held, today);
    let permits = parties::permits_of(db.reader(), &sites).await?;
    let verified = last_verified(db.reader(), &sites).await?;
    let mut found = Vec::new();
    for head in heads {
        let class = RightClass::parse(&head.code).map_err(Failure::bug)?;
        let key = (head.site, class.pollutant.clone());
        let Some(of_pollutant) = stocks.get(&key) else { continue };
        let Some(at) = of_pollutant.keys().position(|asset| *asset == head.asset) else { continue };
        let used = match verified.get(&key) {
            Some((year, grams)) => Used::Discharged { year: *year, grams: *grams },
            None => permitted(permits.get(&head.site).map(Vec::as_slice).unwrap_or_default(), &class.pollutant, today),
        };
        let all: Vec<Stock> = of_pollutant.values().cloned().collect();
        let unused = unused(&all, used.grams()).swap_remove(at);
        if unused.is_empty() {
            continue;
        }
        found.push(UnusedRights {
            account: head.account,
            site: head.site,
            site_name: head.site_name,
            organisation: head.organisation,
            area_path: head.area_path,
            class,
            available: all[at].available,
            used,
            held: all.iter().fold(0, |sum, stock| sum.saturating_add(stock.held)),
            unused,
        });
    }
    Ok(found)
}

/// The stocks of multi-year rights in force. Annual surplus is consumed by the annual account, and is no right to stand idle.
fn stocks_of(moved: Vec<Moved>, held: &HashMap<(Uuid, Uuid), Held>, today: Date) -> Stocks {
    let mut stocks = Stocks::new();
    for one in moved {
        let Ok(class) = RightClass::parse(&one.code) else { continue };
        if class.product != Product::MultiYear || !class.validity.contains(today) {
            continue;
        }
        let of_pollutant = stocks.entry((SiteId(one.owner), class.pollutant)).or_default();
        let stock = of_pollutant.entry(one.asset).or_insert_with(|| {
            let held = held.get(&(one.owner, one.asset));
            let of = |purpose: &Purpose| held.and_then(|held| held.get(purpose)).copied().unwrap_or_default();
            let all = HELD.iter().fold(0_i64, |sum, purpose| sum.saturating_add(of(purpose)));
            Stock { held: all, available: of(&Purpose::Available), moves: Vec::new() }
        });
        stock.moves.push(Move { on: one.on, recorded_at: one.recorded_at, grams: one.units });
    }
    stocks
}

fn permitted(permits: &[Permit], pollutant: &str, today: Date) -> Used {
    let in_force = permits.iter().filter(|permit| permit.validity.contains(today));
    let grams: Vec<i64> = in_force.filter_map(|permit| permit.quantities.get(pollutant).copied()).collect();
    if grams.is_empty() {
        return Used::Unknown;
    }
    Used::Permitted { grams: grams.into_iter().fold(0, i64::saturating_add) }
}
