//! Changes of caps that wait for their day.

use super::super::api_capacities::{CapCommand, CapProposal, SetCapacity};
use super::super::capacity_commands::decided_over;
use super::queries::{self, ChangeFilter};
use super::{CapacityChange, ChangeState};
use crate::access::Action;
use crate::concerns_nobody;
use crate::decisions::api_tasks::{TaskView, act, answer};
use crate::decisions::proposals::Command as Proposed;
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Problem, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::CapacityChangeId;
use crate::kernel::page::Page;
use crate::kernel::{Failure, Moment};
use crate::parties::{Pollutant, place, queries as parties};
use accounting::{SubjectKind, decimal};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns_nobody!(CapacityChangeView);

/// The operations on changes of caps.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(plan_capacity_change, list_capacity_changes))
        .routes(routes!(find_capacity_change))
        .routes(routes!(withdraw_capacity_change))
}

/// A change of a cap that waits for its day, or waited for it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = CapacityChange)]
pub struct CapacityChangeView {
    /// Its identity.
    pub id: Uuid,
    /// Code of the area.
    #[schema(example = "421222")]
    pub area: String,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// Display unit of the quantity, a year.
    #[schema(example = "t")]
    pub unit: String,
    /// The cap from its day on.
    #[schema(example = "730.000")]
    pub cap: String,
    /// Its day.
    #[schema(format = Date, example = "2023-01-01")]
    pub valid_from: String,
    /// Number of the document that sets it.
    #[schema(example = "咸环总量〔2022〕9号")]
    pub document: String,
    /// Who planned it.
    pub planned_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub planned_at: Moment,
    /// `waiting`, `effective` or `withdrawn`.
    #[schema(example = "waiting", extensions(("x-words" = json!(ChangeState::WORDS))))]
    pub state: String,
    /// The cap that it has set, once it took effect.
    pub capacity: Option<Uuid>,
    /// When it took effect or was taken back, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Moment>,
    /// Who took it back.
    pub withdrawn_by: Option<Uuid>,
    /// Why.
    #[schema(example = "另行核定")]
    pub reason: Option<String>,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for CapacityChangeView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// A change as it is shown.
///
/// # Errors
/// A fault of ours when its pollutant is not known.
pub(in crate::quota) fn view(
    change: CapacityChange,
    pollutants: &HashMap<String, Pollutant>,
) -> Result<CapacityChangeView, Failure> {
    let unknown = || Failure::bug("a change of an unknown pollutant");
    let measure = &pollutants.get(&change.pollutant).ok_or_else(unknown)?.measure;
    let state = change.state.as_str().to_owned();
    let (capacity, ended_at, withdrawn_by, reason) = match change.state {
        ChangeState::Waiting => (None, None, None, None),
        ChangeState::Effective { at, capacity } => (Some(capacity.0), Some(at), None, None),
        ChangeState::Withdrawn { by, at, reason } => (None, Some(at), Some(by.0), Some(reason)),
    };
    Ok(CapacityChangeView {
        id: change.id.0,
        area: place::code_of(&change.area_path).to_owned(),
        unit: measure.unit.clone(),
        cap: decimal::print(change.cap, measure.grams_per_unit, measure.decimals),
        pollutant: change.pollutant,
        valid_from: change.valid_from.to_string(),
        document: change.document,
        planned_by: change.planned_by.0,
        planned_at: change.planned_at,
        state,
        capacity,
        ended_at,
        withdrawn_by,
        reason,
        version: change.version,
    })
}

/// Plan a change of a cap: it waits for its day and then applies by itself; a cut below what is used leaves the rest as a pending
/// reduction. Where the rules in force ask for a second person, it waits for one first.
#[utoipa::path(post, path = "/capacity-changes", tag = "quota", operation_id = "plan_capacity_change", request_body = SetCapacity,
    security(("bearer" = [])), extensions(("x-permission" = json!("set_capacity"))),
    responses((status = 201, description = "Waits for its day", body = CapacityChangeView),
        (status = 202, description = "Waits for a second person", body = TaskView)))]
async fn plan_capacity_change(
    State(shared): State<Shared>,
    command: Command<SetCapacity>,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::SetCapacity)?;
    let place = command.body.take_in(&shared, &command.caller, false).await?;
    let body = serde_json::to_value(CapCommand::Plan { plan: command.body }).map_err(Failure::bug)?;
    let wanted = Proposed { body, expected: None, place, about: None };
    let told =
        shared.db.run_once(&permit, &command.key, &wanted, |work, wanted| Box::pin(act(work, &CapProposal, wanted)));
    answer(told.await?, |planned: CapacityChangeView| Answer::created(planned).into_response())
}

/// Taking a change back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawChange {
    /// Why.
    #[schema(example = "另行核定")]
    pub reason: String,
}

impl WithdrawChange {
    pub(in crate::quota) fn read(&self) -> Result<String, Failure> {
        let mut fields = Fields::default();
        let reason = fields.reason("reason", &self.reason);
        fields.finish(reason)
    }
}

/// Take a change of a cap back before its day; where the rules in force ask for a second person, it waits for one.
#[utoipa::path(post, path = "/capacity-changes/{id}/withdraw", tag = "quota", operation_id = "withdraw_capacity_change",
    params(("id" = Uuid, Path, description = "Id of the change")), request_body = WithdrawChange,
    security(("bearer" = [])), extensions(("x-permission" = json!("set_capacity"))),
    responses((status = 200, description = "Taken back", body = CapacityChangeView),
        (status = 202, description = "Waits for a second person", body = TaskView)))]
async fn withdraw_capacity_change(
    State(shared): State<Shared>,
    Id(id): Id<CapacityChangeId>,
    command: Command<WithdrawChange>,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::SetCapacity)?;
    command.body.read()?;
    let known = queries::find(shared.db.reader(), id).await?.ok_or_else(|| not_found("capacity change"))?;
    let place = decided_over(&known.area_path);
    let body = CapCommand::Withdraw { withdraw: id.0, because: command.body };
    let body = serde_json::to_value(body).map_err(Failure::bug)?;
    let about = Some((SubjectKind::CapacityChange.as_str(), id.0));
    let wanted = Proposed { body, expected: command.expected, place, about };
    let told =
        shared.db.run_once(&permit, &command.key, &wanted, |work, wanted| Box::pin(act(work, &CapProposal, wanted)));
    answer(told.await?, |withdrawn: CapacityChangeView| Answer::ok(withdrawn).into_response())
}

/// Filters of the changes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CapacityChangeQuery {
    /// Code of an area.
    area: Option<String>,
    /// Code of a pollutant.
    pollutant: Option<String>,
    /// `waiting`, `effective` or `withdrawn`.
    #[param(example = "waiting")]
    state: Option<String>,
}

/// Changes of caps that wait for their day, took effect on it, or were taken back.
#[utoipa::path(get, path = "/capacity-changes", tag = "quota", operation_id = "list_capacity_changes",
    params(CapacityChangeQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "Changes in the order in which they were planned", body = Listing<CapacityChangeView>)))]
async fn list_capacity_changes(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<CapacityChangeQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<CapacityChangeView>> {
    caller.may(Action::ReadReference)?;
    one_of("state", query.state.as_deref(), ChangeState::WORDS)?;
    parties::expect_known(shared.db.reader(), query.area.as_deref(), query.pollutant.as_deref()).await?;
    let filter = ChangeFilter {
        area: query.area.as_deref(),
        pollutant: query.pollutant.as_deref(),
        state: query.state.as_deref(),
    };
    let found = queries::list(shared.db.reader(), filter, &page).await?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let items = found.items.into_iter().map(|change| view(change, &pollutants)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One change of a cap.
#[utoipa::path(get, path = "/capacity-changes/{id}", tag = "quota", operation_id = "find_capacity_change",
    params(("id" = Uuid, Path, description = "Id of the change")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "The change", body = CapacityChangeView)))]
async fn find_capacity_change(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<CapacityChangeId>,
) -> Reply<CapacityChangeView> {
    caller.may(Action::ReadReference)?;
    let found = queries::find(shared.db.reader(), id).await?.ok_or_else(|| not_found("capacity change"))?;
    Ok(Answer::ok(view(found, &parties::pollutants(shared.db.reader()).await?)?))
}
