//! Caps of areas.

use super::capacity_commands::{self, NewCap};
use super::changes::{self, api::WithdrawChange};
use super::error::QuotaRefusal;
use super::queries::{self, CapacityUse};
use crate::access::{Action, Caller};
use crate::concerns_nobody;
use crate::db::work::Doing;
use crate::db::{Db, Work};
use crate::decisions::api_tasks::{TaskView, act, answer};
use crate::decisions::proposals::Command as Proposed;
use crate::decisions::{Made, Place, Proposal, Rules};
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::field::FieldRefusal;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Paging, Problem, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::{CapacityChangeId, CapacityId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Refusal};
use crate::parties::place::measure_for;
use crate::parties::{PartyRefusal, Pollutant, queries as parties, suspensions};
use crate::rulebook;
use accounting::{Measure, SubjectKind, decimal};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns_nobody!(CapacityView, CapacityUseView);

/// The operations on capacities.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(set_capacity, list_capacities)).routes(routes!(find_capacity))
}

/// A cap that was set.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Capacity)]
pub struct CapacityView {
    /// Its identity.
    pub id: Uuid,
    /// Code of the area.
    #[schema(example = "421222")]
    pub area: String,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// Display unit of the quantities, a year.
    #[schema(example = "t")]
    pub unit: String,
    /// The cap.
    #[schema(example = "766.700")]
    pub cap: String,
    /// In use beyond the cap, to be taken as use falls.
    #[schema(example = "0.000")]
    pub pending_reduction: String,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for CapacityView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// A cap and its use.
#[derive(Debug, Serialize, ToSchema)]
pub struct CapacityUseView {
    /// The cap.
    #[serde(flatten)]
    pub capacity: CapacityView,
    /// Free.
    #[schema(example = "68.930")]
    pub headroom: String,
    /// Held for trades that are approved but not settled.
    #[schema(example = "0.000")]
    pub committed: String,
    /// Used by the rights in the area.
    #[schema(example = "697.770")]
    pub used: String,
    /// The suspension that stands over the area for the pollutant today (区域限批); null when none does.
    pub suspension: Option<Uuid>,
}

fn print(grams: i64, measure: &Measure) -> String {
    decimal::print(grams, measure.grams_per_unit, measure.decimals)
}

fn view(capacity: super::Capacity, pending_reduction: i64, measure: &Measure) -> CapacityView {
    CapacityView {
        id: capacity.id.0,
        area: capacity.area_path.rsplit('/').next().unwrap_or_default().to_owned(),
        unit: measure.unit.clone(),
        cap: print(capacity.cap, measure),
        pending_reduction: print(pending_reduction, measure),
        pollutant: capacity.pollutant,
        version: capacity.version,
    }
}

/// A cap to set.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetCapacity {
    /// Code of an area below yours; the province sets its own, too.
    #[schema(example = "421222")]
    pub area: String,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// Decimal string in the pollutant's unit, a year; zero closes the area.
    #[schema(example = "766.700")]
    pub cap: String,
    /// The day from which it applies: a cap that is set is in force today, a change that is planned waits for its day.
    #[schema(format = Date, example = "2022-12-01")]
    pub valid_from: String,
    /// Number of the document that sets it.
    #[schema(example = "咸环总量〔2022〕3号")]
    pub document: String,
}

impl SetCapacity {
    pub(super) fn read(
        &self,
        fields: &mut Fields,
        expected: Option<i64>,
        pollutants: &HashMap<String, Pollutant>,
    ) -> Option<NewCap> {
        let unknown = || PartyRefusal::UnknownPollutant { code: self.pollutant.clone() };
        let pollutant = fields.take("", pollutants.get(&self.pollutant).ok_or_else(unknown));
        let cap = measure_for(pollutant, pollutants).and_then(|measure| {
            let parsed = decimal::parse(&self.cap, measure.grams_per_unit, measure.decimals);
            fields.take("cap", parsed.map_err(FieldRefusal::from))
        });
        let area = fields.text("area", &self.area);
        let valid_from = fields.date("valid_from", &self.valid_from);
        let document = fields.text("document", &self.document);
        cap.zip(area).zip(valid_from).zip(document).map(|(((cap, area), valid_from), document)| NewCap {
            area,
            pollutant: self.pollutant.clone(),
            cap,
            valid_from,
            document,
            expected,
        })
    }

    /// Reads it as it comes in, and tells who decides on it. What is wrong with the body is told together with what is wrong with the area and
    /// the day; where the body is good the command tells that.
    pub(super) async fn take_in(&self, shared: &Shared, caller: &Caller, is_set_now: bool) -> Result<Place, Failure> {
        let (reader, today) = (shared.db.reader(), shared.db.clock().business_day());
        let pollutants = parties::pollutants(reader).await?;
        let code = self.area.trim().to_owned();
        let areas = parties::areas_by_code(reader, std::slice::from_ref(&code)).await?;
        let mut fields = Fields::default();
        let new = self.read(&mut fields, None, &pollutants);
        let day: Option<Date> = self.valid_from.parse().ok();
        // One that waits for a second person until its day is over still takes effect: only what comes in must not reach back.
        if day.is_some_and(|day| day < today) {
            fields.note(QuotaRefusal::PastCap { today: today.to_string() }.violation());
        }
        if !fields.is_clean() {
            fields.extend(capacity_commands::area_of(caller, &areas, &code).err());
            let is_future = is_set_now && day.is_some_and(|day| day > today);
            fields.extend(is_future.then(|| QuotaRefusal::FutureCap {}.violation()));
        }
        fields.finish(new)?;
        // An unknown area is refused by the command, whoever would have been in charge of it.
        let path = areas.get(&code).map_or(caller.area_path.as_str(), |area| area.path.as_str());
        Ok(capacity_commands::decided_over(path))
    }

    /// The same once more, as it is carried out.
    fn carried(&self, expected: Option<i64>, pollutants: &HashMap<String, Pollutant>) -> Result<NewCap, Failure> {
        let mut fields = Fields::default();
        let new = self.read(&mut fields, expected, pollutants);
        fields.finish(new)
    }
}

/// Setting a cap, planning a change of it, and taking that back: one act of the rulebook.
pub struct CapProposal;

/// What waits for a second person.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum CapCommand {
    Set(SetCapacity),
    Plan { plan: SetCapacity },
    Withdraw { withdraw: Uuid, because: WithdrawChange },
}

impl Proposal for CapProposal {
    fn word(&self) -> &'static str {
        "capacity"
    }

    fn permission(&self) -> Action {
        Action::SetCapacity
    }

    fn is_of_authority(&self) -> bool {
        true
    }

    fn rules<'w>(&'w self, work: &'w mut Work) -> Doing<'w, Rules> {
        Box::pin(async move { Ok(rulebook::in_force(work).await?.rules_of(Proposal::word(self))) })
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let command: CapCommand = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let pollutants = parties::pollutants(work.connection()).await?;
            let changed = match command {
                CapCommand::Set(command) => {
                    return set(work, &command.carried(expected, &pollutants)?, &pollutants).await;
                }
                CapCommand::Plan { plan } => changes::commands::plan(work, &plan.carried(None, &pollutants)?).await?,
                CapCommand::Withdraw { withdraw, because } => {
                    let change = CapacityChangeId(withdraw);
                    let wanted = changes::commands::Withdrawal { change, expected, reason: because.read()? };
                    changes::commands::withdraw(work, &wanted).await?
                }
            };
            let (subject_kind, subject) = (SubjectKind::CapacityChange.as_str(), changed.id.0);
            let view = changes::api::view(changed, &pollutants)?;
            Ok(Made { subject_kind, subject, answer: serde_json::to_value(view).map_err(Failure::bug)? })
        })
    }
}

async fn set(work: &mut Work, new: &NewCap, pollutants: &HashMap<String, Pollutant>) -> Result<Made, Failure> {
    let measure = pollutants.get(&new.pollutant).map_or_else(Measure::tonnes, |known| known.measure.clone());
    let set = one(capacity_commands::set_caps(work, std::slice::from_ref(new)).await?, |set| set)?;
    let (subject_kind, subject) = (SubjectKind::Capacity.as_str(), set.capacity.id.0);
    let view = view(set.capacity, set.pending_reduction, &measure);
    Ok(Made { subject_kind, subject, answer: serde_json::to_value(view).map_err(Failure::bug)? })
}

/// Set the cap of an area for a pollutant; where the rules in force ask for a second person, it waits for one.
#[utoipa::path(post, path = "/capacities", tag = "quota", operation_id = "set_capacity", request_body = SetCapacity,
    security(("bearer" = [])), extensions(("x-permission" = json!("set_capacity"))),
    responses((status = 201, description = "Set", body = CapacityView),
        (status = 202, description = "Waits for a second person", body = TaskView)))]
async fn set_capacity(State(shared): State<Shared>, command: Command<SetCapacity>) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::SetCapacity)?;
    let place = command.body.take_in(&shared, &command.caller, true).await?;
    let body = serde_json::to_value(CapCommand::Set(command.body)).map_err(Failure::bug)?;
    let wanted = Proposed { body, expected: command.expected, place, about: None };
    let told =
        shared.db.run_once(&permit, &command.key, &wanted, |work, wanted| Box::pin(act(work, &CapProposal, wanted)));
    answer(told.await?, |set: CapacityView| Answer::created(set).into_response())
}

/// Filters of the capacities.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CapacityQuery {
    /// Code of an area.
    area: Option<String>,
    /// Code of a pollutant.
    pollutant: Option<String>,
}

/// Caps of areas and how they are used.
#[utoipa::path(get, path = "/capacities", tag = "quota", operation_id = "list_capacities",
    params(CapacityQuery, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "Caps in the order in which they were first set", body = Listing<CapacityUseView>)))]
async fn list_capacities(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<CapacityQuery>,
    Paging(page): Paging,
) -> Reply<Listing<CapacityUseView>> {
    caller.may(Action::ReadReference)?;
    let (area, pollutant) = (query.area.as_deref(), query.pollutant.as_deref());
    parties::expect_known(shared.db.reader(), area, pollutant).await?;
    let found = queries::list_capacities(&shared.db, area, pollutant, &page).await?;
    let known = Known::now(&shared.db).await?;
    let items = found.items.into_iter().map(|line| known.view(line)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// What it takes to show caps.
struct Known {
    pollutants: HashMap<String, Pollutant>,
    suspensions: suspensions::Standing,
}

impl Known {
    async fn now(db: &Db) -> Result<Self, Failure> {
        let today = db.clock().business_day();
        let suspensions = suspensions::queries::standing_on(db.reader(), today).await?;
        Ok(Self { pollutants: parties::pollutants(db.reader()).await?, suspensions })
    }

    fn view(&self, line: CapacityUse) -> Result<CapacityUseView, Failure> {
        let pollutant = self.pollutants.get(&line.capacity.pollutant);
        let pollutant = pollutant.ok_or_else(|| Failure::bug("an unknown pollutant"))?;
        let measure = &pollutant.measure;
        let suspension = self.suspensions.against(pollutant, &line.capacity.area_path, None);
        Ok(CapacityUseView {
            headroom: print(line.headroom, measure),
            committed: print(line.committed, measure),
            used: print(line.used, measure),
            suspension: suspension.map(|suspension| suspension.id.0),
            capacity: view(line.capacity, line.pending_reduction, measure),
        })
    }
}

/// The cap of an area and how it is used.
#[utoipa::path(get, path = "/capacities/{id}", tag = "quota", operation_id = "find_capacity",
    params(("id" = Uuid, Path, description = "Id of the cap")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "The cap", body = CapacityUseView)))]
async fn find_capacity(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<CapacityId>,
) -> Reply<CapacityUseView> {
    caller.may(Action::ReadReference)?;
    let found = queries::list_capacities(&shared.db, None, None, &PageRequest::only(id)).await?;
    let line = found.only(id, |line| line.capacity.id.0).ok_or_else(|| not_found("capacity"))?;
    // Its use moves while its version stays, so it has no ETag.
    Ok(Answer::plain(Known::now(&shared.db).await?.view(line)?))
}
