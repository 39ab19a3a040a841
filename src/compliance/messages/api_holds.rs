//! What is held.

use super::commands::{self, CloseHold};
use super::{DischargeHold, queries};
use crate::access::Action;
use crate::concerns;
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Paging, Reply, Shared, Signed, Versioned};
use crate::kernel::Moment;
use crate::kernel::ids::DischargeHoldId;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(DischargeHoldView: Organisation [organisation]);

/// The operations on holds.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list_discharge_holds))
        .routes(routes!(find_discharge_hold))
        .routes(routes!(close_discharge_hold))
}

/// A total of a monitor that nobody believes. It is counted nowhere.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = DischargeHold)]
pub struct DischargeHoldView {
    /// Its identity.
    pub id: Uuid,
    /// In which message.
    pub message: Uuid,
    /// Through which outlet.
    pub outlet: Uuid,
    /// Of which site.
    pub site: Uuid,
    /// Of which organisation.
    pub organisation: Uuid,
    /// Code of the pollutant.
    #[schema(example = "SO2")]
    pub pollutant: String,
    /// Of which day.
    #[schema(format = Date, example = "2022-11-30")]
    pub day: String,
    /// As it was sent, in the unit of the monitor.
    #[schema(example = "11190000000000")]
    pub mass: String,
    /// `negative`, `over_permit` or `out_of_range`.
    #[schema(example = "over_permit", extensions(("x-words" = json!(crate::compliance::messages::Doubt::WORDS))))]
    pub reason: String,
    /// `open` or `closed`.
    #[schema(example = "open", extensions(("x-words" = json!(["open", "closed"]))))]
    pub state: String,
    /// Who closed it.
    pub closed_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Moment>,
    /// What they found.
    #[schema(example = "分析仪单位设置错误，已另行监测")]
    pub closing_reason: Option<String>,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for DischargeHoldView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<DischargeHold> for DischargeHoldView {
    fn from(hold: DischargeHold) -> Self {
        Self {
            id: hold.id.0,
            message: hold.message.0,
            outlet: hold.outlet.0,
            site: hold.site.0,
            organisation: hold.organisation.0,
            pollutant: hold.pollutant,
            day: hold.day.to_string(),
            mass: hold.mass,
            reason: hold.doubt.as_str().to_owned(),
            state: if hold.closing.is_some() { "closed" } else { "open" }.to_owned(),
            closed_by: hold.closing.as_ref().map(|closing| closing.by.0),
            closed_at: hold.closing.as_ref().map(|closing| closing.at),
            closing_reason: hold.closing.map(|closing| closing.reason),
            version: hold.version,
        }
    }
}

/// Filters of the holds.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DischargeHoldQuery {
    /// `open` or `closed`.
    #[param(example = "open")]
    state: Option<String>,
    /// Id of a site.
    site: Option<Uuid>,
}

/// What is held that you may see.
#[utoipa::path(get, path = "/discharge-holds", tag = "compliance", operation_id = "list_discharge_holds",
    params(DischargeHoldQuery, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_discharge"))),
    responses((status = 200, description = "Holds in the order of arrival", body = Listing<DischargeHoldView>)))]
async fn list_discharge_holds(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<DischargeHoldQuery>,
    Paging(page): Paging,
) -> Reply<Listing<DischargeHoldView>> {
    caller.may(Action::ReadDischarge)?;
    one_of("state", query.state.as_deref(), &["open", "closed"])?;
    let is_open = query.state.map(|state| state == "open");
    let found = queries::list_holds(&shared.db, &caller.scope(), is_open, query.site, &page).await?;
    Ok(Answer::plain(found.map(DischargeHoldView::from).into()))
}

/// One hold.
#[utoipa::path(get, path = "/discharge-holds/{id}", tag = "compliance", operation_id = "find_discharge_hold",
    params(("id" = Uuid, Path, description = "Id of the hold")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_discharge"))),
    responses((status = 200, description = "The hold", body = DischargeHoldView)))]
async fn find_discharge_hold(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<DischargeHoldId>,
) -> Reply<DischargeHoldView> {
    caller.may(Action::ReadDischarge)?;
    let found = queries::find_hold(&shared.db, &caller.scope(), id).await?;
    Ok(Answer::ok(found.ok_or_else(|| not_found("discharge hold"))?.into()))
}

/// What the bureau found.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseDischargeHold {
    /// In its words.
    #[schema(example = "分析仪单位设置错误，已另行监测")]
    pub reason: String,
}

/// Close a hold in your area. The figure stays out of every account; what was really discharged is recorded as a measurement.
#[utoipa::path(post, path = "/discharge-holds/{id}/close", tag = "compliance", operation_id = "close_discharge_hold",
    params(("id" = Uuid, Path, description = "Id of the hold")), request_body = CloseDischargeHold,
    security(("bearer" = [])), extensions(("x-permission" = json!("measure_discharge"))),
    responses((status = 200, description = "Closed", body = DischargeHoldView)))]
async fn close_discharge_hold(
    State(shared): State<Shared>,
    Id(hold): Id<DischargeHoldId>,
    command: Command<CloseDischargeHold>,
) -> Reply<DischargeHoldView> {
    let permit = command.caller.may(Action::MeasureDischarge)?;
    let mut fields = Fields::default();
    let reason = fields.reason("reason", &command.body.reason);
    let expected = command.expected;
    let wanted = fields.finish(reason.map(|reason| CloseHold { hold, expected, reason }))?;
    let closed = shared.db.run_once(&permit, &command.key, &wanted, |work, wanted| {
        Box::pin(async move { commands::close_hold(work, wanted).await.map(DischargeHoldView::from) })
    });
    Ok(Answer::ok(closed.await?))
}
