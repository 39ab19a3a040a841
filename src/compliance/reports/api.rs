//! Reports of sites and measurements of the bureau.

use super::commands::{self, NewReports};
use super::file::{Cells, MOST_ROWS, ReportRows, told};
use super::{DischargeReport, queries};
use crate::access::{Action, Caller, Permit};
use crate::compliance::ComplianceRefusal;
use crate::compliance::days::Source;
use crate::concerns;
use crate::decisions::DecisionRefusal;
use crate::decisions::documents::media::MediaType;
use crate::decisions::documents::queries::{find_content, find_document};
use crate::http::concern::{Concerns, Whose};
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::table::{self, Form, TableFault};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Reply, Shared, Signed};
use crate::kernel::ids::{DischargeReportId, DocumentId};
use crate::kernel::page::Page;
use crate::kernel::{Failure, Moment, Refusal};
use crate::parties::{Pollutant, queries as parties};
use accounting::decimal;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(DischargeReportView: Organisation [organisation]);

impl Concerns for DischargeReportsView {
    fn concerns(&self, whose: &mut Whose) {
        self.items.concerns(whose);
    }
}

/// The operations on reports.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(report_discharge, list_discharge_reports))
        .routes(routes!(find_discharge_report))
}

/// A report of a site, or a measurement of the bureau.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = DischargeReport)]
pub struct DischargeReportView {
    /// Its identity.
    pub id: Uuid,
    /// Of which site.
    pub site: Uuid,
    /// Of which organisation.
    pub organisation: Uuid,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// `report` of the site, or `bureau`: its measurement.
    #[schema(example = "report")]
    pub source: String,
    /// First day.
    #[schema(format = Date, example = "2022-11-01")]
    pub first_day: String,
    /// Last day.
    #[schema(format = Date, example = "2022-11-30")]
    pub last_day: String,
    /// Decimal string in the pollutant's unit.
    #[schema(example = "1.406")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// Number of the document that it stands in.
    #[schema(example = "执行报告2022-11")]
    pub document: String,
    /// SHA-256 over the uploaded file that it came in.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_hash: Option<String>,
    /// Who recorded it.
    pub recorded_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Moment,
}

/// What was recorded.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = DischargeReports)]
pub struct DischargeReportsView {
    /// In the order of the rows.
    pub items: Vec<DischargeReportView>,
}

fn view(report: DischargeReport, pollutants: &HashMap<String, Pollutant>) -> Result<DischargeReportView, Failure> {
    let pollutant = pollutants.get(&report.pollutant).ok_or_else(|| Failure::bug("an unknown pollutant"))?;
    let measure = &pollutant.measure;
    Ok(DischargeReportView {
        id: report.id.0,
        site: report.site.0,
        organisation: report.organisation.0,
        source: report.statement.source.as_str().to_owned(),
        first_day: report.statement.first.to_string(),
        last_day: report.statement.last.to_string(),
        quantity: decimal::print(report.statement.grams, measure.grams_per_unit, measure.decimals),
        unit: measure.unit.clone(),
        pollutant: report.pollutant,
        document: report.document,
        document_hash: report.document_hash,
        recorded_by: report.recorded_by.0,
        recorded_at: report.recorded_at,
    })
}

/// A row of a report; the columns of a file have the same names.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DischargeItem {
    /// Number of the site in the register.
    #[schema(example = "421222-0001")]
    pub site: String,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// A month or a year; of a measurement also a day.
    #[schema(example = "2022-11")]
    pub period: String,
    /// Decimal string in the pollutant's unit; zero is a quantity, too.
    #[schema(example = "1.406")]
    pub quantity: String,
    /// Number of the document that it stands in.
    #[schema(example = "执行报告2022-11")]
    pub document: String,
}

impl From<DischargeItem> for Cells {
    fn from(item: DischargeItem) -> Self {
        [item.site, item.pollutant, item.period, item.quantity, item.document]
    }
}

/// Reports or measurements: a document that was uploaded, or a list.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportDischarge {
    /// Id of a document of your organisation: CSV in UTF-8, or XLSX, of which the first sheet is read. The first line names the
    /// columns.
    #[schema(example = json!(null))]
    pub document: Option<Uuid>,
    /// The rows, when there is no document.
    pub items: Option<Vec<DischargeItem>>,
}

impl ReportDischarge {
    async fn read(self, shared: &Shared, caller: &Caller, source: Source) -> Result<NewReports, Failure> {
        let pollutants = parties::pollutants(shared.db.reader()).await?;
        match (self.document.map(DocumentId), self.items) {
            (Some(id), None) => {
                let unknown = || Failure::from(DecisionRefusal::UnknownDocument { id: id.to_string() }).at("document");
                let (document, _) = find_document(&shared.db, caller, id).await?.ok_or_else(unknown)?;
                let content = find_content(&shared.db, &document.sha256).await?;
                let content = content.ok_or_else(|| Failure::bug("a document was lost"))?;
                let media = document.media_type;
                // Reading takes a processor for a while, which others want too.
                let table = tokio::task::spawn_blocking(move || {
                    let rows = ReportRows { source, pollutants: &pollutants };
                    match media {
                        MediaType::Csv => Ok(table::survey_csv(rows, &content)),
                        MediaType::Xlsx => Ok(table::survey_xlsx(rows, &content)),
                        _ => Err(ComplianceRefusal::NotATable {}),
                    }
                });
                let table = table.await.map_err(Failure::bug)??;
                NewReports { source, form: Form::File, table, document_hash: Some(document.sha256) }.expect_rows()
            }
            (None, Some(items)) => {
                let mut fields = Fields::default();
                fields.count("items", &items, MOST_ROWS);
                let items: Vec<Cells> = fields.finish(Some(items))?.into_iter().map(Cells::from).collect();
                let table = table::survey_items(ReportRows { source, pollutants: &pollutants }, &items);
                NewReports { source, form: Form::List, table, document_hash: None }.expect_rows()
            }
            _ => Err(ComplianceRefusal::OneSource {}.into()),
        }
    }
}

impl NewReports {
    /// Refuses at the door what has no row that could be judged.
    fn expect_rows(self) -> Result<Self, Failure> {
        if !self.table.rows.is_empty() {
            return Ok(self);
        }
        self.table.faults.finish(|fault| told(fault).violation())?;
        Err(told(TableFault::NoRows).into())
    }
}

/// Who speaks: a site of its own discharge, or the bureau.
fn speaker(caller: &Caller) -> Result<(Permit, Source), Failure> {
    let permit = caller.may_any(&[Action::MeasureDischarge, Action::ReportDischarge])?;
    let source = if permit.action() == Action::MeasureDischarge { Source::Bureau } else { Source::Report };
    Ok((permit, source))
}

/// Report the discharge of your own sites; the bureau records what it has measured in its area. All rows or none: every fault of every
/// row is told with its line and code.
#[utoipa::path(post, path = "/discharge-reports", tag = "compliance", operation_id = "report_discharge",
    request_body = ReportDischarge, security(("bearer" = [])),
    extensions(("x-permission" = json!(["report_discharge", "measure_discharge"]))),
    responses((status = 201, description = "Recorded", body = DischargeReportsView)))]
async fn report_discharge(
    State(shared): State<Shared>,
    command: Command<ReportDischarge>,
) -> Reply<DischargeReportsView> {
    let (permit, source) = speaker(&command.caller)?;
    let new = command.body.read(&shared, &command.caller, source).await?;
    let recorded = shared.db.run_once(&permit, &command.key, &new, |work, new| {
        Box::pin(async move {
            let reports = commands::record(work, new).await?;
            let pollutants = parties::pollutants(work.connection()).await?;
            let items = reports.into_iter().map(|report| view(report, &pollutants)).collect::<Result<_, _>>()?;
            Ok(DischargeReportsView { items })
        })
    });
    Ok(Answer::plainly_created(recorded.await?))
}

/// Filters of the reports.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DischargeReportQuery {
    /// Id of a site.
    site: Option<Uuid>,
    /// `report` or `bureau`.
    #[param(example = "report")]
    source: Option<String>,
}

/// Reports and measurements that you may see, those that were corrected among them.
#[utoipa::path(get, path = "/discharge-reports", tag = "compliance", operation_id = "list_discharge_reports",
    params(DischargeReportQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_discharge"))),
    responses((status = 200, description = "Reports in the order of recording", body = Listing<DischargeReportView>)))]
async fn list_discharge_reports(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<DischargeReportQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<DischargeReportView>> {
    caller.may(Action::ReadDischarge)?;
    one_of("source", query.source.as_deref(), &["report", "bureau"])?;
    let found = queries::list_reports(&shared.db, &caller.scope(), query.site, query.source.as_deref(), &page).await?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let items = found.items.into_iter().map(|report| view(report, &pollutants)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One report or measurement.
#[utoipa::path(get, path = "/discharge-reports/{id}", tag = "compliance", operation_id = "find_discharge_report",
    params(("id" = Uuid, Path, description = "Id of the report")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_discharge"))),
    responses((status = 200, description = "The report", body = DischargeReportView)))]
async fn find_discharge_report(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<DischargeReportId>,
) -> Reply<DischargeReportView> {
    caller.may(Action::ReadDischarge)?;
    let found = queries::find_report(&shared.db, &caller.scope(), id).await?;
    let report = found.ok_or_else(|| not_found("discharge report"))?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    Ok(Answer::plain(view(report, &pollutants)?))
}
