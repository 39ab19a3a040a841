//! Reading annual accounts.

use super::days::{Movement, Source, entitlement_until, told};
use super::store::compliance_years;
use super::year::ComplianceYear;
use super::{messages, reports};
use crate::access::Scope;
use crate::db::{Db, rows};
use crate::http::concern::Party;
use crate::kernel::Failure;
use crate::kernel::ids::{ComplianceYearId, OrganisationId, SiteId};
use crate::kernel::page::{Page, PageRequest};
use crate::ledger::movements::rights_moved;
use crate::parties::queries::in_area;
use accounting::{Origin, Product, RightClass};
use jiff::civil::Date;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

fn visible(scope: &Scope) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => in_area(compliance_years::Column::AreaPath, path),
        Scope::Organisation { id } => Condition::all().add(compliance_years::Column::OrganisationId.eq(id.0)),
    }
}

/// Which annual accounts are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct YearFilter<'f> {
    /// How far they have come.
    pub state: Option<&'f str>,
    /// Of which site.
    pub site: Option<Uuid>,
    /// Of which year.
    pub year: Option<i16>,
}

/// Annual accounts that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn list_years(
    db: &Db,
    scope: &Scope,
    filter: YearFilter<'_>,
    page: &PageRequest,
) -> Result<Page<ComplianceYear>, Failure> {
    let mut select = compliance_years::Entity::find().filter(visible(scope));
    if let Some(state) = filter.state {
        select = select.filter(compliance_years::Column::State.eq(state));
    }
    if let Some(site) = filter.site {
        select = select.filter(compliance_years::Column::SiteId.eq(site));
    }
    if let Some(year) = filter.year {
        select = select.filter(compliance_years::Column::Year.eq(i64::from(year)));
    }
    let rows = rows::page(select, compliance_years::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(ComplianceYear::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |account| account.id.0))
}

/// An annual account that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_year(db: &Db, scope: &Scope, id: ComplianceYearId) -> Result<Option<ComplianceYear>, Failure> {
    let row = compliance_years::Entity::find_by_id(id.0).filter(visible(scope)).one(db.reader()).await?;
    row.map(ComplianceYear::try_from).transpose()
}

/// What each source says of each day of an account's year.
///
/// # Errors
/// A fault of the database.
pub async fn days_of(
    connection: &impl ConnectionTrait,
    account: &ComplianceYear,
) -> Result<Vec<BTreeMap<Source, i64>>, Failure> {
    let ComplianceYear { site, pollutant, year, .. } = account;
    let statements = reports::store::statements(connection, *site, pollutant, *year).await?;
    let measured = messages::store::measured(connection, *site, pollutant, *year).await?;
    Ok(told(*year, &statements, &measured))
}

/// What came to the site of an account and left it until a day, of the multi-year rights of its pollutant, and how it was obtained.
///
/// # Errors
/// A fault of the database.
pub async fn movements_of(
    books: &impl ConnectionTrait,
    account: &ComplianceYear,
    until: Date,
) -> Result<Vec<(Movement, Origin)>, Failure> {
    let mut movements = Vec::new();
    for moved in rights_moved(books, account.site.into(), until).await? {
        let class = RightClass::parse(&moved.class).map_err(Failure::bug)?;
        if class.pollutant == account.pollutant && class.product == Product::MultiYear {
            movements.push((Movement { validity: class.validity, on: moved.on, grams: moved.grams }, class.origin));
        }
    }
    Ok(movements)
}

/// What the site of an account was entitled to discharge over the days of its year that are over, in grams, by the books of now.
///
/// # Errors
/// A fault of the database.
pub async fn entitlement_to_date(
    books: &impl ConnectionTrait,
    account: &ComplianceYear,
    today: Date,
) -> Result<i64, Failure> {
    let until = today.yesterday().map_err(Failure::bug)?.min(account.year.last());
    let moved = movements_of(books, account, until).await?;
    let movements: Vec<Movement> = moved.into_iter().map(|(movement, _)| movement).collect();
    Ok(entitlement_until(account.year, &movements, until))
}

/// Whose accounts these are, by their ids.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_years(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    let wanted = compliance_years::Column::Id.is_in(ids.iter().copied());
    let rows = compliance_years::Entity::find().filter(wanted).all(books).await?;
    Ok(rows.into_iter().map(|row| (row.id, vec![Party::Organisation(row.organisation_id)])).collect())
}

/// Settled accounts of these organisations in which a shortfall stays uncovered: over-discharge (超总量排放), by which pledge and trade exclude.
///
/// # Errors
/// A fault of the database.
pub async fn over_discharged(
    connection: &impl ConnectionTrait,
    organisations: &[OrganisationId],
) -> Result<Vec<ComplianceYear>, Failure> {
    let rows = compliance_years::Entity::find()
        .filter(compliance_years::Column::OrganisationId.is_in(organisations.iter().map(|id| id.0)))
        .filter(compliance_years::Column::State.is_in(["settled", "sealed"]))
        .order_by_asc(compliance_years::Column::Id)
        .all(connection)
        .await?;
    let mut accounts = rows.into_iter().map(ComplianceYear::try_from).collect::<Result<Vec<_>, _>>()?;
    accounts.retain(|account| account.state.verified().is_some_and(|verified| verified.uncovered() > 0));
    Ok(accounts)
}

/// What sites discharged of each pollutant in the last year that is verified: the year, and grams.
///
/// # Errors
/// A fault of the database.
pub async fn last_verified(
    connection: &impl ConnectionTrait,
    sites: &[SiteId],
) -> Result<HashMap<(SiteId, String), (i16, i64)>, Failure> {
    let rows = compliance_years::Entity::find()
        .filter(compliance_years::Column::SiteId.is_in(sites.iter().map(|id| id.0)))
        .filter(compliance_years::Column::VerifiedAt.is_not_null())
        .order_by_asc(compliance_years::Column::Year)
        .all(connection)
        .await?;
    let mut last = HashMap::new();
    for account in rows.into_iter().map(ComplianceYear::try_from) {
        let account = account?;
        if let Some(verified) = account.state.verified() {
            last.insert((account.site, account.pollutant), (account.year.number(), verified.figures.discharge.grams()));
        }
    }
    Ok(last)
}
