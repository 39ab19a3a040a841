//! Annual accounts: opened, looked at, handed in.

use super::commands::{self, NewYear, Step};
use super::days::{Source, Year};
use super::error::ComplianceRefusal;
use super::queries::{self, YearFilter};
use super::year::{ComplianceYear, Mark, YearState};
use crate::access::{Action, Permit};
use crate::db::Work;
use crate::http::extract::not_found;
use crate::http::field::{one_of, whole};
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Empty, Fields, Filters, Id, Listing, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::{ComplianceYearId, SiteId};
use crate::kernel::page::Page;
use crate::kernel::{Failure, Moment};
use crate::parties::{Pollutant, queries as parties};
use crate::{concerns, db::work::Doing};
use accounting::{Measure, decimal};
use axum::extract::State;
use jiff::ToSpan;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, HashMap};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(ComplianceYearView: Organisation [organisation]; DischargeDaysView: Organisation [organisation]);

/// The operations on annual accounts.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(open_compliance_year, list_compliance_years))
        .routes(routes!(find_compliance_year))
        .routes(routes!(list_discharge_days))
        .routes(routes!(report_compliance_year))
        .routes(routes!(return_compliance_year))
}

/// The annual account of a site and a pollutant. Quantities are decimal strings in the pollutant's unit.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ComplianceYear)]
pub struct ComplianceYearView {
    /// Its identity.
    pub id: Uuid,
    /// Of which site.
    pub site: Uuid,
    /// Of which organisation.
    pub organisation: Uuid,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// Of which year.
    #[schema(example = 2022)]
    pub year: i16,
    /// `open`, `reported`, `surplus`, `shortfall`, `settled` or `sealed`; a surplus or a shortfall is verified.
    #[schema(example = "surplus", extensions(("x-words" = json!(YearState::WORDS))))]
    pub state: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// What the site was entitled to discharge: its multi-year rights, day by day.
    #[schema(example = "120.000")]
    pub entitlement: Option<String>,
    /// What it discharged.
    #[schema(example = "98.400")]
    pub discharged: Option<String>,
    /// As far as the bureau has measured it.
    #[schema(example = "8.400")]
    pub by_bureau: Option<String>,
    /// As far as monitors told it.
    #[schema(example = "90.000")]
    pub by_monitor: Option<String>,
    /// As far as the site has reported it.
    #[schema(example = "0.000")]
    pub by_report: Option<String>,
    /// Days of which nobody says anything.
    #[schema(example = 0)]
    pub missing_days: Option<i64>,
    /// By how much the discharge stayed below the entitlement.
    #[schema(example = "21.600")]
    pub surplus: Option<String>,
    /// By how much it went beyond.
    #[schema(example = "0.000")]
    pub shortfall: Option<String>,
    /// How much of the surplus became a right.
    #[schema(example = "20.000")]
    pub granted: String,
    /// How much of the shortfall annual surplus has covered.
    #[schema(example = "0.000")]
    pub covered: String,
    /// How much of the shortfall nothing covers: over-discharge, once it is settled.
    #[schema(example = "0.000")]
    pub uncovered: Option<String>,
    /// Who opened it.
    pub opened_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Moment,
    /// Who handed it in.
    pub reported_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub reported_at: Option<Moment>,
    /// Who verified it.
    pub verified_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub verified_at: Option<Moment>,
    /// Who settled it.
    pub settled_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub settled_at: Option<Moment>,
    /// Who sealed it.
    pub sealed_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sealed_at: Option<Moment>,
    /// The version of the rulebook it was judged by.
    pub rulebook: Uuid,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for ComplianceYearView {
    fn version(&self) -> i64 {
        self.version
    }
}

fn measure_of<'p>(
    account: &ComplianceYear,
    pollutants: &'p HashMap<String, Pollutant>,
) -> Result<&'p Measure, Failure> {
    let known = pollutants.get(&account.pollutant).ok_or_else(|| Failure::bug("an unknown pollutant"))?;
    Ok(&known.measure)
}

/// An account as it is shown.
pub(super) fn view(
    account: &ComplianceYear,
    pollutants: &HashMap<String, Pollutant>,
) -> Result<ComplianceYearView, Failure> {
    let measure = measure_of(account, pollutants)?;
    let print = |grams: i64| decimal::print(grams, measure.grams_per_unit, measure.decimals);
    let (figures, verified) = (account.state.figures(), account.state.verified());
    let discharge = figures.map(|figures| figures.discharge);
    let by = |mark: Option<Mark>| mark.map(|mark| mark.by.0);
    let at = |mark: Option<Mark>| mark.map(|mark| mark.at);
    let (report, verification) = (account.state.report(), verified.map(|verified| verified.mark));
    Ok(ComplianceYearView {
        id: account.id.0,
        site: account.site.0,
        organisation: account.organisation.0,
        pollutant: account.pollutant.clone(),
        year: account.year.number(),
        state: account.state.as_str().to_owned(),
        unit: measure.unit.clone(),
        entitlement: figures.map(|figures| print(figures.entitlement)),
        discharged: discharge.map(|discharge| print(discharge.grams())),
        by_bureau: discharge.map(|discharge| print(discharge.by_bureau)),
        by_monitor: discharge.map(|discharge| print(discharge.by_monitor)),
        by_report: discharge.map(|discharge| print(discharge.by_report)),
        missing_days: discharge.map(|discharge| discharge.missing_days),
        surplus: figures.map(|figures| print(figures.surplus())),
        shortfall: figures.map(|figures| print(figures.shortfall())),
        granted: print(verified.map_or(0, |verified| verified.granted)),
        covered: print(verified.map_or(0, |verified| verified.covered)),
        uncovered: verified.map(|verified| print(verified.uncovered())),
        opened_by: account.opened.by.0,
        opened_at: account.opened.at,
        reported_by: by(report),
        reported_at: at(report),
        verified_by: by(verification),
        verified_at: at(verification),
        settled_by: by(account.state.settlement()),
        settled_at: at(account.state.settlement()),
        sealed_by: by(account.state.sealing()),
        sealed_at: at(account.state.sealing()),
        rulebook: account.rulebook.0,
        version: account.version,
    })
}

/// The same within a work.
pub(super) async fn shown(work: &Work, account: &ComplianceYear) -> Result<ComplianceYearView, Failure> {
    view(account, &parties::pollutants(work.connection()).await?)
}

/// An account to open.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenComplianceYear {
    /// Id of the site: yours, or in your area.
    pub site: Uuid,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// The year, not before it has begun.
    #[serde(deserialize_with = "whole")]
    #[schema(example = 2022, minimum = 2000, maximum = 9998)]
    pub year: i16,
}

/// Who may open accounts and hand them in: the site's own people and the bureau.
fn keeper(command: &Command<impl Sized>) -> Result<Permit, Failure> {
    Ok(command.caller.may_any(&[Action::ReportDischarge, Action::MeasureDischarge])?)
}

/// Open the annual account of a site and a pollutant.
#[utoipa::path(post, path = "/compliance-years", tag = "compliance", operation_id = "open_compliance_year",
    request_body = OpenComplianceYear, security(("bearer" = [])),
    extensions(("x-permission" = json!(["report_discharge", "measure_discharge"]))),
    responses((status = 201, description = "Open", body = ComplianceYearView)))]
async fn open_compliance_year(
    State(shared): State<Shared>,
    command: Command<OpenComplianceYear>,
) -> Reply<ComplianceYearView> {
    let permit = keeper(&command)?;
    let mut fields = Fields::default();
    let year = fields.take_as("year", Year::new(command.body.year).ok_or(ComplianceRefusal::BadPeriod {}));
    let (site, pollutant) = (SiteId(command.body.site), command.body.pollutant);
    let new = fields.finish(year.map(|year| NewYear { site, pollutant, year }))?;
    let opened = shared.db.run_once(&permit, &command.key, &new, |work, new| {
        Box::pin(async move {
            let account = commands::open(work, new).await?;
            shown(work, &account).await
        })
    });
    Ok(Answer::created(opened.await?))
}

/// Filters of the annual accounts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ComplianceYearQuery {
    /// `open`, `reported`, `surplus`, `shortfall`, `settled` or `sealed`.
    #[param(example = "shortfall")]
    state: Option<String>,
    /// Id of a site.
    site: Option<Uuid>,
    /// A year.
    #[param(example = 2022, minimum = 2000, maximum = 9998)]
    #[serde(default, deserialize_with = "known_year")]
    year: Option<i16>,
}

/// A year of which there may be an account.
fn known_year<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i16>, D::Error> {
    let year = Option::<i16>::deserialize(deserializer)?;
    match year.filter(|year| Year::new(*year).is_none()) {
        Some(unknown) => Err(D::Error::custom(format_args!("there are no accounts of the year {unknown}"))),
        None => Ok(year),
    }
}

/// Annual accounts that you may see.
#[utoipa::path(get, path = "/compliance-years", tag = "compliance", operation_id = "list_compliance_years",
    params(ComplianceYearQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_discharge"))),
    responses((status = 200, description = "Accounts in the order in which they were opened", body = Listing<ComplianceYearView>)))]
async fn list_compliance_years(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<ComplianceYearQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<ComplianceYearView>> {
    caller.may(Action::ReadDischarge)?;
    one_of("state", query.state.as_deref(), YearState::WORDS)?;
    let filter = YearFilter { state: query.state.as_deref(), site: query.site, year: query.year };
    let found = queries::list_years(&shared.db, &caller.scope(), filter, &page).await?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let items = found.items.iter().map(|account| view(account, &pollutants)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One annual account.
#[utoipa::path(get, path = "/compliance-years/{id}", tag = "compliance", operation_id = "find_compliance_year",
    params(("id" = Uuid, Path, description = "Id of the account")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_discharge"))),
    responses((status = 200, description = "The account", body = ComplianceYearView)))]
async fn find_compliance_year(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<ComplianceYearId>,
) -> Reply<ComplianceYearView> {
    caller.may(Action::ReadDischarge)?;
    let found = queries::find_year(&shared.db, &caller.scope(), id).await?;
    let account = found.ok_or_else(|| not_found("compliance year"))?;
    Ok(Answer::ok(view(&account, &parties::pollutants(shared.db.reader()).await?)?))
}

/// What the sources say of a day.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = DischargeDay)]
pub struct DischargeDayView {
    /// Which.
    #[schema(format = Date, example = "2022-11-30")]
    pub day: String,
    /// Who is believed: `bureau`, `monitor` or `report`; nobody when no source says anything.
    #[schema(example = "monitor", extensions(("x-words" = json!(Source::WORDS))))]
    pub source: Option<String>,
    /// What the bureau has measured.
    #[schema(example = "0.051")]
    pub bureau: Option<String>,
    /// The sum over the outlets, when each that measures has sent its total.
    #[schema(example = "0.046")]
    pub monitor: Option<String>,
    /// The day's share of what the site has reported.
    #[schema(example = "0.045")]
    pub report: Option<String>,
}

/// The days of an annual account.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = DischargeDays)]
pub struct DischargeDaysView {
    /// Of which site.
    pub site: Uuid,
    /// Of which organisation.
    pub organisation: Uuid,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// Display unit of the quantities.
    #[schema(example = "t")]
    pub unit: String,
    /// What the site was entitled to discharge over the days of the year that are over: its multi-year rights, day by day, by the books of
    /// now. It grows until the year is over, and is then what the account is handed in with.
    #[schema(example = "109.699")]
    pub entitlement_to_date: String,
    /// Every day of the year, in order.
    pub items: Vec<DischargeDayView>,
}

fn day_view(day: String, told: &BTreeMap<Source, i64>, measure: &Measure) -> DischargeDayView {
    let say = |source: Source| {
        told.get(&source).map(|grams| decimal::print(*grams, measure.grams_per_unit, measure.decimals))
    };
    DischargeDayView {
        day,
        source: told.last_key_value().map(|(source, _)| source.as_str().to_owned()),
        bureau: say(Source::Bureau),
        monitor: say(Source::Monitor),
        report: say(Source::Report),
    }
}

/// What each source says of each day of an account's year, by the data of now, and which of them is believed.
#[utoipa::path(get, path = "/compliance-years/{id}/days", tag = "compliance", operation_id = "list_discharge_days",
    params(("id" = Uuid, Path, description = "Id of the account")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_discharge"))),
    responses((status = 200, description = "The days", body = DischargeDaysView)))]
async fn list_discharge_days(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<ComplianceYearId>,
) -> Reply<DischargeDaysView> {
    caller.may(Action::ReadDischarge)?;
    let found = queries::find_year(&shared.db, &caller.scope(), id).await?;
    let account = found.ok_or_else(|| not_found("compliance year"))?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let measure = measure_of(&account, &pollutants)?;
    let days = queries::days_of(shared.db.reader(), &account).await?;
    let mut items = Vec::with_capacity(days.len());
    for (at, told) in (0_i64..).zip(&days) {
        let day = account.year.first().checked_add(at.days()).map_err(Failure::bug)?;
        items.push(day_view(day.to_string(), told, measure));
    }
    let today = shared.db.clock().business_day();
    let entitled = queries::entitlement_to_date(shared.db.reader(), &account, today).await?;
    let entitlement_to_date = decimal::print(entitled, measure.grams_per_unit, measure.decimals);
    let unit = measure.unit.clone();
    let (site, organisation, pollutant) = (account.site.0, account.organisation.0, account.pollutant);
    Ok(Answer::plain(DischargeDaysView { site, organisation, pollutant, unit, entitlement_to_date, items }))
}

/// What is done with an account in one step.
pub(super) type Stepping = for<'w> fn(&'w mut Work, &'w Step) -> Doing<'w, ComplianceYearView>;

/// Takes a step.
pub(super) async fn take(
    shared: &Shared,
    permit: &Permit,
    command: (crate::db::CommandKey, Step),
    stepping: Stepping,
) -> Reply<ComplianceYearView> {
    let (key, step) = command;
    Ok(Answer::ok(shared.db.run_once(permit, &key, &step, stepping).await?))
}

/// Hand the account in once its year is over: its figures are made from the books and the data, and the bureau verifies them.
#[utoipa::path(post, path = "/compliance-years/{id}/report", tag = "compliance", operation_id = "report_compliance_year",
    params(("id" = Uuid, Path, description = "Id of the account")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!(["report_discharge", "measure_discharge"]))),
    responses((status = 200, description = "Handed in", body = ComplianceYearView)))]
async fn report_compliance_year(
    State(shared): State<Shared>,
    Id(account): Id<ComplianceYearId>,
    command: Command<Empty>,
) -> Reply<ComplianceYearView> {
    let permit = keeper(&command)?;
    let step = Step { account, expected: command.expected, reason: None };
    take(&shared, &permit, (command.key, step), |work, step| {
        Box::pin(async move {
            let account = commands::report(work, step).await?;
            shown(work, &account).await
        })
    })
    .await
}

/// Why an account goes back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnComplianceYear {
    /// In the words of the bureau.
    #[schema(example = "11月监测数据缺失，请补报")]
    pub reason: String,
}

/// Send an account in your area back to whoever handed it in. A verification that waits for its second person ends with it.
#[utoipa::path(post, path = "/compliance-years/{id}/return", tag = "compliance", operation_id = "return_compliance_year",
    params(("id" = Uuid, Path, description = "Id of the account")), request_body = ReturnComplianceYear,
    security(("bearer" = [])), extensions(("x-permission" = json!("verify_compliance"))),
    responses((status = 200, description = "Open again", body = ComplianceYearView)))]
async fn return_compliance_year(
    State(shared): State<Shared>,
    Id(account): Id<ComplianceYearId>,
    command: Command<ReturnComplianceYear>,
) -> Reply<ComplianceYearView> {
    let permit = command.caller.may(Action::VerifyCompliance)?;
    let mut fields = Fields::default();
    let reason = fields.reason("reason", &command.body.reason);
    let expected = command.expected;
    let step = fields.finish(reason.map(|reason| Step { account, expected, reason: Some(reason) }))?;
    take(&shared, &permit, (command.key, step), |work, step| {
        Box::pin(async move {
            let account = commands::send_back(work, step).await?;
            shown(work, &account).await
        })
    })
    .await
}
