//! Reading reports and measurements.

use super::DischargeReport;
use super::store::discharge_reports;
use crate::access::Scope;
use crate::db::{Db, rows};
use crate::kernel::Failure;
use crate::kernel::ids::DischargeReportId;
use crate::kernel::page::{Page, PageRequest};
use crate::parties::queries::in_area;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

fn visible(scope: &Scope) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => in_area(discharge_reports::Column::AreaPath, path),
        Scope::Organisation { id } => Condition::all().add(discharge_reports::Column::OrganisationId.eq(id.0)),
    }
}

/// Reports and measurements that the caller may see, of one site or source when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_reports(
    db: &Db,
    scope: &Scope,
    site: Option<Uuid>,
    source: Option<&str>,
    page: &PageRequest,
) -> Result<Page<DischargeReport>, Failure> {
    let mut select = discharge_reports::Entity::find().filter(visible(scope));
    if let Some(site) = site {
        select = select.filter(discharge_reports::Column::SiteId.eq(site));
    }
    if let Some(source) = source {
        select = select.filter(discharge_reports::Column::Source.eq(source));
    }
    let rows = rows::page(select, discharge_reports::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(DischargeReport::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |report| report.id.0))
}

/// A report or a measurement that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_report(db: &Db, scope: &Scope, id: DischargeReportId) -> Result<Option<DischargeReport>, Failure> {
    let row = discharge_reports::Entity::find_by_id(id.0).filter(visible(scope)).one(db.reader()).await?;
    row.map(DischargeReport::try_from).transpose()
}
