//! Suspensions of areas.

use super::commands::{self, ACT, NewLifting, NewSuspension};
use super::{AreaSuspension, Reach, queries};
use crate::access::Action;
use crate::concerns_nobody;
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::api_tasks::{TaskView, act, answer};
use crate::decisions::proposals::Command as Proposed;
use crate::decisions::{Made, Place, Proposal, Rules};
use crate::http::extract::not_found;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Problem, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::AreaSuspensionId;
use crate::kernel::{Failure, Moment};
use crate::parties::place::Medium;
use crate::parties::queries::expect_known;
use crate::parties::suspensions::SuspensionRefusal;
use crate::rulebook;
use accounting::SubjectKind;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns_nobody!(AreaSuspensionView);

/// The operations on suspensions of areas.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(suspend_area, list_area_suspensions))
        .routes(routes!(find_area_suspension))
        .routes(routes!(lift_area_suspension))
}

/// A suspension of an area (区域限批), and how it was lifted.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AreaSuspension)]
pub struct AreaSuspensionView {
    /// Its identity.
    pub id: Uuid,
    /// Code of the area; it stands over those below it, too.
    #[schema(example = "421222")]
    pub area: String,
    /// The pollutant that it is for; null when it is for a medium.
    #[schema(example = "COD")]
    pub pollutant: Option<String>,
    /// `water` or `air`, when it is for every pollutant of one.
    #[schema(example = "water", extensions(("x-words" = json!(crate::parties::api_reference::MEDIUM_WORDS))))]
    pub medium: Option<String>,
    /// The first day on which it stands.
    #[schema(format = Date, example = "2022-12-01")]
    pub valid_from: String,
    /// Number of the document that orders it.
    #[schema(example = "鄂环函〔2022〕88号")]
    pub document: String,
    /// Why.
    #[schema(example = "未完成水环境质量目标")]
    pub reason: String,
    /// Who suspended.
    pub suspended_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub suspended_at: Moment,
    /// The first day on which it does not stand any more, once it is lifted.
    #[schema(format = Date, example = "2023-06-01")]
    pub lifted_from: Option<String>,
    /// Number of the document that lifts it.
    #[schema(example = "鄂环函〔2023〕41号")]
    pub lift_document: Option<String>,
    /// Why.
    #[schema(example = "整改完成，水质达标")]
    pub lift_reason: Option<String>,
    /// Who lifted it.
    pub lifted_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub lifted_at: Option<Moment>,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for AreaSuspensionView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<AreaSuspension> for AreaSuspensionView {
    fn from(suspension: AreaSuspension) -> Self {
        let area = suspension.area_code().to_owned();
        let lifted = suspension.lifted;
        Self {
            id: suspension.id.0,
            area,
            pollutant: suspension.reach.pollutant().map(str::to_owned),
            medium: suspension.reach.medium().map(|medium| medium.as_str().to_owned()),
            valid_from: suspension.from.to_string(),
            document: suspension.document,
            reason: suspension.reason,
            suspended_by: suspension.suspended_by.0,
            suspended_at: suspension.suspended_at,
            lifted_from: lifted.as_ref().map(|lifted| lifted.from.to_string()),
            lift_document: lifted.as_ref().map(|lifted| lifted.document.clone()),
            lifted_by: lifted.as_ref().map(|lifted| lifted.by.0),
            lifted_at: lifted.as_ref().map(|lifted| lifted.at),
            lift_reason: lifted.map(|lifted| lifted.reason),
            version: suspension.version,
        }
    }
}

/// An area to suspend.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuspendArea {
    /// Code of the area.
    #[schema(example = "421222")]
    pub area: String,
    /// Code of the pollutant; leave it out to suspend the area for a whole medium.
    #[schema(example = "COD")]
    pub pollutant: Option<String>,
    /// `water` or `air`: every pollutant of it; leave it out to suspend the area for one pollutant.
    #[schema(example = json!(null), extensions(("x-words" = json!(crate::parties::api_reference::MEDIUM_WORDS))))]
    pub medium: Option<String>,
    /// The first day on which it stands.
    #[schema(format = Date, example = "2022-12-01")]
    pub valid_from: String,
    /// Number of the document that orders it.
    #[schema(example = "鄂环函〔2022〕88号")]
    pub document: String,
    /// Why.
    #[schema(example = "未完成水环境质量目标")]
    pub reason: String,
}

impl SuspendArea {
    fn read(&self, fields: &mut Fields) -> Option<NewSuspension> {
        let reach = match (&self.pollutant, &self.medium) {
            (Some(code), None) => fields.text("pollutant", code).map(Reach::Pollutant),
            (None, Some(word)) => fields.word("medium", word, Medium::parse, &["water", "air"]).map(Reach::Medium),
            _ => fields.take("", Err(SuspensionRefusal::OneReach {})),
        };
        let area = fields.text("area", &self.area);
        let from = fields.date("valid_from", &self.valid_from);
        let document = fields.text("document", &self.document);
        let reason = fields.reason("reason", &self.reason);
        let new = reach.zip(area).zip(from).zip(document).zip(reason);
        new.map(|((((reach, area), from), document), reason)| NewSuspension { area, reach, from, document, reason })
    }

    /// The body, or what is wrong with it together with what is wrong with the names and the day in it; where the body is good the command
    /// tells that.
    async fn read_whole(&self, shared: &Shared) -> Result<NewSuspension, Failure> {
        let mut fields = Fields::default();
        let new = self.read(&mut fields);
        if !fields.is_clean() {
            let named = |text: &'_ str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            let (area, pollutant) = (named(&self.area), self.pollutant.as_deref().and_then(named));
            let (day, today) = (self.valid_from.parse().ok(), shared.db.clock().business_day());
            let (area, pollutant) = (area.as_deref(), pollutant.as_deref());
            let found = expect_known(shared.db.reader(), area, pollutant).await;
            fields.extend(commands::broken(found, day, today)?);
        }
        fields.finish(new)
    }
}

/// The end of a suspension.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftAreaSuspension {
    /// The first day on which it does not stand any more.
    #[schema(format = Date, example = "2023-06-01")]
    pub valid_from: String,
    /// Number of the document that lifts it.
    #[schema(example = "鄂环函〔2023〕41号")]
    pub document: String,
    /// Why.
    #[schema(example = "整改完成，水质达标")]
    pub reason: String,
}

impl LiftAreaSuspension {
    fn read(&self, suspension: AreaSuspensionId, expected: Option<i64>) -> Result<NewLifting, Failure> {
        let mut fields = Fields::default();
        let from = fields.date("valid_from", &self.valid_from);
        let document = fields.text("document", &self.document);
        let reason = fields.reason("reason", &self.reason);
        let new = from.zip(document).zip(reason);
        fields.finish(new.map(|((from, document), reason)| NewLifting { suspension, expected, from, document, reason }))
    }
}

/// Suspending an area, or lifting a suspension: one act of the rulebook, so that what one person cannot begin alone they cannot end
/// alone either.
pub struct SuspensionProposal;

/// What waits for a second person.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Waiting {
    Suspend(SuspendArea),
    Lift { suspension: Uuid, lift: LiftAreaSuspension },
}

impl Proposal for SuspensionProposal {
    fn word(&self) -> &'static str {
        ACT
    }

    fn permission(&self) -> Action {
        Action::SuspendArea
    }

    fn is_of_authority(&self) -> bool {
        true
    }

    fn rules<'w>(&'w self, work: &'w mut Work) -> Doing<'w, Rules> {
        Box::pin(async move { Ok(rulebook::in_force(work).await?.rules_of(ACT)) })
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let done = match serde_json::from_value(command.clone()).map_err(Failure::bug)? {
                Waiting::Suspend(body) => {
                    let mut fields = Fields::default();
                    let new = body.read(&mut fields);
                    commands::suspend(work, &fields.finish(new)?).await?
                }
                Waiting::Lift { suspension, lift } => {
                    commands::lift(work, &lift.read(AreaSuspensionId(suspension), expected)?).await?
                }
            };
            let (subject_kind, subject) = (SubjectKind::AreaSuspension.as_str(), done.id.0);
            let answer = serde_json::to_value(AreaSuspensionView::from(done)).map_err(Failure::bug)?;
            Ok(Made { subject_kind, subject, answer })
        })
    }
}

fn proposed(waiting: &Waiting, place: Place, expected: Option<i64>) -> Result<Proposed, Failure> {
    let about = match waiting {
        Waiting::Suspend(_) => None,
        Waiting::Lift { suspension, .. } => Some((SubjectKind::AreaSuspension.as_str(), *suspension)),
    };
    Ok(Proposed { body: serde_json::to_value(waiting).map_err(Failure::bug)?, expected, place, about })
}

/// Suspend an area for a pollutant or a medium, as the authority of the province: while it stands, nothing is granted in the area or
/// below it and no trade brings rights into it. Where the rules in force ask for a second person, it waits for one.
#[utoipa::path(post, path = "/area-suspensions", tag = "quota", operation_id = "suspend_area", request_body = SuspendArea,
    security(("bearer" = [])), extensions(("x-permission" = json!("suspend_area"))),
    responses((status = 201, description = "Suspended", body = AreaSuspensionView),
        (status = 202, description = "Waits for a second person", body = TaskView)))]
async fn suspend_area(State(shared): State<Shared>, command: Command<SuspendArea>) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::SuspendArea)?;
    command.body.read_whole(&shared).await?;
    let place = Place::BureauOver(command.caller.area_path.clone());
    let wanted = proposed(&Waiting::Suspend(command.body), place, None)?;
    let done = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, wanted| Box::pin(act(work, &SuspensionProposal, wanted)));
    answer(done.await?, |suspended: AreaSuspensionView| Answer::created(suspended).into_response())
}

/// Lift the suspension of an area, as the authority of the province; where the rules in force ask for a second person, it waits for
/// one.
#[utoipa::path(post, path = "/area-suspensions/{id}/lift", tag = "quota", operation_id = "lift_area_suspension",
    params(("id" = Uuid, Path, description = "Id of the suspension")), request_body = LiftAreaSuspension,
    security(("bearer" = [])), extensions(("x-permission" = json!("suspend_area"))),
    responses((status = 200, description = "Lifted", body = AreaSuspensionView),
        (status = 202, description = "Waits for a second person", body = TaskView)))]
async fn lift_area_suspension(
    State(shared): State<Shared>,
    Id(suspension): Id<AreaSuspensionId>,
    command: Command<LiftAreaSuspension>,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::SuspendArea)?;
    command.body.read(suspension, command.expected)?;
    let place = Place::BureauOver(command.caller.area_path.clone());
    let waiting = Waiting::Lift { suspension: suspension.0, lift: command.body };
    let wanted = proposed(&waiting, place, command.expected)?;
    let done = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, wanted| Box::pin(act(work, &SuspensionProposal, wanted)));
    answer(done.await?, |lifted: AreaSuspensionView| Answer::ok(lifted).into_response())
}

/// Filters of the suspensions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AreaSuspensionQuery {
    /// Code of an area.
    area: Option<String>,
}

/// Suspensions of areas, past ones and those to come among them.
#[utoipa::path(get, path = "/area-suspensions", tag = "quota", operation_id = "list_area_suspensions",
    params(AreaSuspensionQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "Suspensions in the order in which they were made", body = Listing<AreaSuspensionView>)))]
async fn list_area_suspensions(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<AreaSuspensionQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<AreaSuspensionView>> {
    caller.may(Action::ReadReference)?;
    expect_known(shared.db.reader(), query.area.as_deref(), None).await?;
    let found = queries::list(shared.db.reader(), query.area.as_deref(), &page).await?;
    Ok(Answer::plain(found.map(AreaSuspensionView::from).into()))
}

/// One suspension of an area.
#[utoipa::path(get, path = "/area-suspensions/{id}", tag = "quota", operation_id = "find_area_suspension",
    params(("id" = Uuid, Path, description = "Id of the suspension")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_reference"))),
    responses((status = 200, description = "The suspension", body = AreaSuspensionView)))]
async fn find_area_suspension(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<AreaSuspensionId>,
) -> Reply<AreaSuspensionView> {
    caller.may(Action::ReadReference)?;
    let found = queries::find(shared.db.reader(), id).await?;
    Ok(Answer::ok(found.ok_or_else(|| not_found("area suspension"))?.into()))
}
