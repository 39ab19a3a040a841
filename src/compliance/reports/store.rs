//! Rows of reports and measurements.

use super::DischargeReport;
use crate::compliance::days::{Source, Statement, Year};
use crate::db::Work;
use crate::db::rows::insert_all;
use crate::entity;
use crate::kernel::ids::{DischargeReportId, OrganisationId, SiteId, UserId};
use crate::kernel::{Failure, Moment};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

entity!(discharge_reports, "discharge_reports", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    site_id: Uuid,
    organisation_id: Uuid,
    area_path: String,
    pollutant: String,
    source: String,
    first_day: String,
    last_day: String,
    grams: i64,
    document: String,
    document_hash: Option<String>,
    recorded_by: Uuid,
    recorded_at: i64,
});

fn statement_of(row: &discharge_reports::Model) -> Result<Statement, Failure> {
    Ok(Statement {
        source: Source::parse(&row.source).ok_or_else(|| Failure::bug("an unknown source"))?,
        first: row.first_day.parse().map_err(Failure::bug)?,
        last: row.last_day.parse().map_err(Failure::bug)?,
        grams: row.grams,
    })
}

impl TryFrom<discharge_reports::Model> for DischargeReport {
    type Error = Failure;

    fn try_from(row: discharge_reports::Model) -> Result<Self, Failure> {
        Ok(Self {
            id: DischargeReportId(row.id),
            site: SiteId(row.site_id),
            organisation: OrganisationId(row.organisation_id),
            statement: statement_of(&row)?,
            area_path: row.area_path,
            pollutant: row.pollutant,
            document: row.document,
            document_hash: row.document_hash,
            recorded_by: UserId(row.recorded_by),
            recorded_at: Moment::from_micros(row.recorded_at),
        })
    }
}

pub async fn insert(work: &Work, reports: &[DischargeReport]) -> Result<(), Failure> {
    let row = |report: &DischargeReport| discharge_reports::Model {
        id: report.id.0,
        site_id: report.site.0,
        organisation_id: report.organisation.0,
        area_path: report.area_path.clone(),
        pollutant: report.pollutant.clone(),
        source: report.statement.source.as_str().to_owned(),
        first_day: report.statement.first.to_string(),
        last_day: report.statement.last.to_string(),
        grams: report.statement.grams,
        document: report.document.clone(),
        document_hash: report.document_hash.clone(),
        recorded_by: report.recorded_by.0,
        recorded_at: report.recorded_at.micros(),
    };
    let rows = reports.iter().map(row).collect();
    insert_all::<discharge_reports::Entity, discharge_reports::ActiveModel>(work, rows).await
}

/// What is said of a site and a pollutant in a year, in the order in which it was recorded.
pub async fn statements(
    connection: &impl ConnectionTrait,
    site: SiteId,
    pollutant: &str,
    year: Year,
) -> Result<Vec<Statement>, Failure> {
    let rows = discharge_reports::Entity::find()
        .filter(discharge_reports::Column::SiteId.eq(site.0))
        .filter(discharge_reports::Column::Pollutant.eq(pollutant))
        .filter(discharge_reports::Column::FirstDay.between(year.first().to_string(), year.last().to_string()))
        .order_by_asc(discharge_reports::Column::RecordedAt)
        .order_by_asc(discharge_reports::Column::Id)
        .all(connection)
        .await?;
    rows.iter().map(statement_of).collect()
}
