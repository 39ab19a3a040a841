//! Credit facilities.

use super::facility::{Facility, Part, PartState};
use super::facility_commands::{self, FacilityAct, NewFacility, PartWithdrawal};
use super::queries;
use crate::access::{Action, Caller, Permit};
use crate::db::work::Doing;
use crate::db::{CommandKey, Work};
use crate::decisions::api_tasks::{TaskView, act, answer};
use crate::decisions::proposals::Command as Proposed;
use crate::decisions::{Made, OwnAct, Place};
use crate::http::answer::one;
use crate::http::concern::{Concerns, Party, Whose};
use crate::http::extract::not_found;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{
    Answer, Command, Empty, Fields, Filters, Id, Listing, NoFilters, Problem, Reply, Shared, Signed, Versioned,
};
use crate::kernel::ids::{FacilityId, OrganisationId};
use crate::kernel::{Failure, Moment};
use crate::rulebook::OwnProposal;
use accounting::SubjectKind;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Most enterprises of one facility; a county has a few hundred permit holders, of which a handful are selected.
const MOST_PARTS: usize = 100;

/// The operations on facilities.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(offer_facility, list_facilities))
        .routes(routes!(find_facility))
        .routes(routes!(accept_facility))
        .routes(routes!(decline_facility))
        .routes(routes!(withdraw_facility_part))
        .routes(routes!(close_facility))
}

/// One enterprise's part of a facility.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = FacilityPart)]
pub struct PartView {
    /// The enterprise.
    pub organisation: Uuid,
    /// CNY; the most that it may have drawn at a time.
    #[schema(example = "1000000.00")]
    pub sub_limit: String,
    /// CNY; principal of its registered pledges.
    #[schema(example = "0.00")]
    pub drawn: String,
    /// CNY; what is left of the sub-limit, nothing of a part that is over.
    #[schema(example = "1000000.00")]
    pub left: String,
    /// `offered`, `accepted`, `declined`, `withdrawn` or `closed`.
    #[schema(example = "offered", extensions(("x-words" = json!(PartState::WORDS))))]
    pub state: String,
    /// When it was accepted, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub accepted_at: Option<Moment>,
    /// When it was declined, withdrawn or closed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Moment>,
}

impl From<&Part> for PartView {
    fn from(part: &Part) -> Self {
        Self {
            organisation: part.organisation.0,
            sub_limit: part.sub_limit.print(),
            drawn: part.drawn().print(),
            left: part.left().print(),
            state: part.state.as_str().to_owned(),
            accepted_at: part.state.accepted_at(),
            ended_at: part.state.ended_at(),
        }
    }
}

/// A credit facility (授信).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Facility)]
pub struct FacilityView {
    /// Its identity.
    pub id: Uuid,
    /// Its name.
    #[schema(example = "通城县排污权集中授信")]
    pub name: String,
    /// The bank or guarantor that lends.
    pub pledgee: Uuid,
    /// The parts that you may see: an enterprise sees its own, the pledgee all of them.
    pub parts: Vec<PartView>,
    /// The user who offered it.
    pub offered_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub offered_at: Moment,
    /// When the pledgee closed it; null while it is open.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Moment>,
    /// The journal of the last act on it.
    pub journal: Uuid,
    /// Counts from 1; every act on it adds one, a loan drawn does not.
    pub version: i64,
}

impl FacilityView {
    fn of(facility: &Facility, caller: &Caller) -> Self {
        Self {
            id: facility.id.0,
            name: facility.name.clone(),
            pledgee: facility.pledgee.0,
            parts: facility.parts_for(caller).map(PartView::from).collect(),
            offered_by: facility.offered_by.0,
            offered_at: facility.offered_at,
            closed_at: facility.closed_at,
            journal: facility.journal.0,
            version: facility.version,
        }
    }
}

impl Concerns for FacilityView {
    fn concerns(&self, whose: &mut Whose) {
        for part in &self.parts {
            whose.of([self.pledgee, part.organisation].map(Party::Organisation));
        }
        whose.of([Party::Organisation(self.pledgee)]);
    }
}

impl Versioned for FacilityView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// What one enterprise may draw.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubLimit {
    /// Id of the enterprise, named once.
    pub organisation: Uuid,
    /// CNY with at most two decimals; the most that it may have drawn at a time.
    #[schema(example = "1000000.00")]
    pub sub_limit: String,
}

/// A facility to offer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferFacility {
    /// Its name.
    #[schema(example = "通城县排污权集中授信")]
    pub name: String,
    /// What each enterprise may draw: 1 to 100 enterprises.
    #[schema(min_items = 1, max_items = 100)]
    pub limits: Vec<SubLimit>,
}

impl OfferFacility {
    fn read(&self) -> Result<NewFacility, Failure> {
        let mut fields = Fields::default();
        let name = fields.text("name", &self.name);
        let mut limits = Vec::new();
        for (at, limit) in fields.count("limits", &self.limits, MOST_PARTS).iter().enumerate() {
            let sub_limit = fields.money(&format!("limits[{at}].sub_limit"), &limit.sub_limit);
            limits.extend(sub_limit.map(|sub_limit| (OrganisationId(limit.organisation), sub_limit)));
        }
        fields.finish(name.map(|name| NewFacility { name, limits }))
    }
}

/// Offer a credit facility to enterprises, each with its own sub-limit.
#[utoipa::path(post, path = "/facilities", tag = "pledges", operation_id = "offer_facility", request_body = OfferFacility,
    security(("bearer" = [])),
    extensions(("x-permission" = json!("offer_facility"))), responses((status = 201, description = "Offered", body = FacilityView)))]
async fn offer_facility(State(shared): State<Shared>, command: Command<OfferFacility>) -> Reply<FacilityView> {
    let permit = command.caller.may(Action::OfferFacility)?;
    let new = command.body.read()?;
    let facility = shared
        .db
        .run_once(&permit, &command.key, &[new], |work, news| {
            Box::pin(async move {
                let facility = one(facility_commands::offer(work, news).await?, |facility| facility)?;
                Ok(FacilityView::of(&facility, work.caller()))
            })
        })
        .await?;
    Ok(Answer::created(facility))
}

/// The acceptance as it is kept while it waits: the id from the path of the operation.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptAcceptance {
    facility: FacilityId,
}

/// Accepting a part of a facility, where the enterprise lets a second of its people approve.
pub struct FacilityProposal;

impl OwnProposal for FacilityProposal {
    fn act(&self) -> OwnAct {
        OwnAct::FacilityAcceptance
    }

    fn permission(&self) -> Action {
        Action::AcceptFacility
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let kept: KeptAcceptance = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let acceptance = FacilityAct { facility: kept.facility, expected };
            let facility = one(facility_commands::accept(work, &[acceptance]).await?, |facility| facility)?;
            let answer = serde_json::to_value(FacilityView::of(&facility, work.caller())).map_err(Failure::bug)?;
            Ok(Made { subject_kind: SubjectKind::Facility.as_str(), subject: facility.id.0, answer })
        })
    }
}

/// Accept your enterprise's part of a facility, once; where your own organisation asks for a second person, it waits for one.
#[utoipa::path(post, path = "/facilities/{id}/accept", tag = "pledges", operation_id = "accept_facility",
    params(("id" = Uuid, Path, description = "Id of the facility")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("accept_facility"))),
    responses((status = 200, description = "Accepted", body = FacilityView),
        (status = 202, description = "Waits for a second person of yours", body = TaskView)))]
async fn accept_facility(
    State(shared): State<Shared>,
    Id(facility): Id<FacilityId>,
    command: Command<Empty>,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::AcceptFacility)?;
    let wanted = Proposed {
        body: serde_json::to_value(KeptAcceptance { facility }).map_err(Failure::bug)?,
        expected: command.expected,
        place: Place::Organisation(command.caller.organisation),
        about: Some((SubjectKind::Facility.as_str(), facility.0)),
    };
    let told = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, wanted| Box::pin(act(work, &FacilityProposal, wanted)));
    answer(told.await?, |accepted: FacilityView| Answer::ok(accepted).into_response())
}

/// What is done about facilities.
type ActOn<W> = for<'w> fn(&'w mut Work, &'w [W]) -> Doing<'w, Vec<Facility>>;

/// The one body of the operations that end a part or a facility.
async fn end<W: Sync + 'static>(
    shared: &Shared,
    permit: &Permit,
    key: &CommandKey,
    wanted: W,
    act: ActOn<W>,
) -> Reply<FacilityView> {
    let wanted = [wanted];
    let ended = shared.db.run_once(permit, key, &wanted, move |work, wanted| {
        Box::pin(async move {
            let facility = one(act(work, wanted).await?, |facility| facility)?;
            Ok(FacilityView::of(&facility, work.caller()))
        })
    });
    Ok(Answer::ok(ended.await?))
}

/// Decline your enterprise's part of a facility, before it is accepted; nothing else of the facility changes.
#[utoipa::path(post, path = "/facilities/{id}/decline", tag = "pledges", operation_id = "decline_facility",
    params(("id" = Uuid, Path, description = "Id of the facility")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("accept_facility"))),
    responses((status = 200, description = "Declined", body = FacilityView)))]
async fn decline_facility(
    State(shared): State<Shared>,
    Id(facility): Id<FacilityId>,
    command: Command<Empty>,
) -> Reply<FacilityView> {
    let permit = command.caller.may(Action::AcceptFacility)?;
    let wanted = FacilityAct { facility, expected: command.expected };
    end(&shared, &permit, &command.key, wanted, |work, acts| Box::pin(facility_commands::decline(work, acts))).await
}

/// Whose part is taken back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawPart {
    /// Id of the enterprise that has not answered.
    pub organisation: Uuid,
}

/// Take back, as the pledgee, what an enterprise has not accepted yet.
#[utoipa::path(post, path = "/facilities/{id}/withdraw", tag = "pledges", operation_id = "withdraw_facility_part",
    params(("id" = Uuid, Path, description = "Id of the facility")), request_body = WithdrawPart, security(("bearer" = [])),
    extensions(("x-permission" = json!("offer_facility"))),
    responses((status = 200, description = "Withdrawn", body = FacilityView)))]
async fn withdraw_facility_part(
    State(shared): State<Shared>,
    Id(facility): Id<FacilityId>,
    command: Command<WithdrawPart>,
) -> Reply<FacilityView> {
    let permit = command.caller.may(Action::OfferFacility)?;
    let act = FacilityAct { facility, expected: command.expected };
    let wanted = PartWithdrawal { act, organisation: OrganisationId(command.body.organisation) };
    end(&shared, &permit, &command.key, wanted, |work, parts| Box::pin(facility_commands::withdraw(work, parts))).await
}

/// Close a facility of yours: what is not accepted is taken back and nothing more is drawn; the pledges under it stand as they are, and what
/// they pay back is not drawn again.
#[utoipa::path(post, path = "/facilities/{id}/close", tag = "pledges", operation_id = "close_facility",
    params(("id" = Uuid, Path, description = "Id of the facility")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("offer_facility"))),
    responses((status = 200, description = "Closed", body = FacilityView)))]
async fn close_facility(
    State(shared): State<Shared>,
    Id(facility): Id<FacilityId>,
    command: Command<Empty>,
) -> Reply<FacilityView> {
    let permit = command.caller.may(Action::OfferFacility)?;
    let wanted = FacilityAct { facility, expected: command.expected };
    end(&shared, &permit, &command.key, wanted, |work, acts| Box::pin(facility_commands::close(work, acts))).await
}

/// Facilities that you may see: offered by you, offered to you, or to enterprises in your area.
#[utoipa::path(get, path = "/facilities", tag = "pledges", operation_id = "list_facilities", params(OrderParams, PagingParams),
    security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "Facilities in the order of offer", body = Listing<FacilityView>)))]
async fn list_facilities(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    _filters: Filters<NoFilters>,
    Ordered(page): Ordered,
) -> Reply<Listing<FacilityView>> {
    caller.may(Action::ReadPledges)?;
    let found = queries::list_facilities(&shared.db, &caller, &page).await?;
    Ok(Answer::plain(found.map(|facility| FacilityView::of(&facility, &caller)).into()))
}

/// One facility.
#[utoipa::path(get, path = "/facilities/{id}", tag = "pledges", operation_id = "find_facility",
    params(("id" = Uuid, Path, description = "Id of the facility")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "The facility", body = FacilityView)))]
async fn find_facility(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<FacilityId>,
) -> Reply<FacilityView> {
    caller.may(Action::ReadPledges)?;
    let found = queries::find_facility(&shared.db, &caller, id).await?;
    let facility = found.ok_or_else(|| not_found("facility"))?;
    Ok(Answer::ok(FacilityView::of(&facility, &caller)))
}
