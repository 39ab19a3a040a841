//! Applications for rights.

use super::acts::{Handed, Submission};
use super::application::{Application, ApplicationState};
use super::commands::{self, Asked, KIND};
use super::queries::{self, ApplicationFilter};
use super::review::{self, Granting, Lacking, Reviewed};
use crate::access::{Action, Permit};
use crate::concerns;
use crate::db::Work;
use crate::decisions::api_tasks::{TaskView, act, answer, read_documents};
use crate::decisions::proposals::Command as Proposed;
use crate::decisions::{Grounds, Place};
use crate::http::extract::not_found;
use crate::http::field::{maybe_whole, one_of};
use crate::http::paging::PagingParams;
use crate::http::{
    Answer, Command, Empty, Fields, Filters, Id, Listing, Paging, Problem, Reply, Shared, Signed, Versioned,
};
use crate::kernel::ids::{ApplicationId, ProjectId, SiteId};
use crate::kernel::page::Page;
use crate::kernel::{Failure, Moment};
use crate::parties::{PartyRefusal, Pollutant, queries as parties};
use crate::quota::error::QuotaRefusal;
use accounting::{Origin, Validity};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(ApplicationView: Organisation [organisation]);

/// Most points of one notice.
const MOST_POINTS: usize = 50;
/// Longest term of a correction, in working days.
const LONGEST_TERM: u32 = 250;

/// The operations on applications.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(draft_application, list_applications))
        .routes(routes!(find_application))
        .routes(routes!(revise_application))
        .routes(routes!(submit_application))
        .routes(routes!(withdraw_application))
        .routes(routes!(accept_application))
        .routes(routes!(request_correction))
        .routes(routes!(propose_application))
        .routes(routes!(reject_application))
}

/// An application for rights, and how far it has come.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AllocationApplication)]
pub struct ApplicationView {
    /// Its identity.
    pub id: Uuid,
    /// Its number in the register, once it was handed in.
    #[schema(example = "AP-2022-000001")]
    pub number: Option<String>,
    /// To which site.
    pub site: Uuid,
    /// Of which organisation.
    pub organisation: Uuid,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// `free` or `paid`.
    #[schema(example = "paid")]
    pub origin: String,
    /// Basin or city of the site.
    #[schema(example = "LUSHUI")]
    pub zone: String,
    /// First day.
    #[schema(format = Date, example = "2022-12-01")]
    pub valid_from: String,
    /// Last day.
    #[schema(format = Date, example = "2027-11-30")]
    pub valid_to: String,
    /// Decimal string in the pollutant's unit.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// Why, in the applicant's words.
    #[schema(example = "二期扩建项目,环评批复咸环审〔2022〕31号")]
    pub statement: Option<String>,
    /// `draft`, `submitted`, `correction_requested`, `accepted`, `proposed`, `rejected` or `withdrawn`.
    #[schema(example = "submitted")]
    pub state: String,
    /// Who drafted it.
    pub drafted_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub drafted_at: Moment,
    /// Who handed it in.
    pub submitted_by: Option<Uuid>,
    /// When, for the last time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub submitted_at: Option<Moment>,
    /// The last working day on which the bureau may say what it lacks; past it, its silence has accepted it.
    #[schema(format = Date, example = "2022-12-08")]
    pub accept_until: Option<String>,
    /// Everything that it lacked, told once.
    #[schema(example = json!(["缺少环评批复", "申请数量与排污许可证不一致"]))]
    pub correction_points: Vec<String>,
    /// The last working day for the correction; null when none was set.
    #[schema(format = Date, example = "2022-12-15")]
    pub correct_until: Option<String>,
    /// Since which day it is accepted; of silence, since it came.
    #[schema(format = Date, example = "2022-12-02")]
    pub accepted_on: Option<String>,
    /// Who accepted it; null when the bureau's silence did.
    pub accepted_by: Option<Uuid>,
    /// The last working day for the decision.
    #[schema(format = Date, example = "2022-12-30")]
    pub decide_until: Option<String>,
    /// The grant that was proposed for it.
    pub allocation: Option<Uuid>,
    /// Who proposed the grant or turned it down.
    pub decided_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Moment>,
    /// Why, in their words.
    pub reason: Option<String>,
    /// The version of the rulebook it was last judged by.
    pub rulebook: Uuid,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for ApplicationView {
    fn version(&self) -> i64 {
        self.version
    }
}

fn view(application: Application, pollutants: &HashMap<String, Pollutant>) -> Result<ApplicationView, Failure> {
    let wanted = application.wanted;
    let pollutant = pollutants.get(&wanted.pollutant);
    let measure = &pollutant.ok_or_else(|| Failure::bug("an application for an unknown pollutant"))?.measure;
    let (submission, correction) = (application.submission, application.correction);
    let (acceptance, ruling) = (application.acceptance, application.state.ruling().cloned());
    let allocation = match &application.state {
        ApplicationState::Proposed { allocation, .. } => Some(allocation.0),
        _ => None,
    };
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string());
    Ok(ApplicationView {
        id: application.id.0,
        site: application.site.0,
        organisation: application.organisation.0,
        quantity: wanted.quantity.print(measure),
        unit: measure.unit.clone(),
        pollutant: wanted.pollutant,
        origin: wanted.origin.as_str().to_owned(),
        zone: wanted.zone,
        valid_from: wanted.validity.from().to_string(),
        valid_to: wanted.validity.to().to_string(),
        statement: wanted.statement,
        state: application.state.as_str().to_owned(),
        drafted_by: application.drafted_by.0,
        drafted_at: application.drafted_at,
        submitted_by: submission.as_ref().map(|submission| submission.by.0),
        submitted_at: submission.as_ref().map(|submission| submission.at),
        accept_until: day(submission.as_ref().and_then(|submission| submission.accept_until)),
        number: submission.map(|submission| submission.number),
        correct_until: day(correction.as_ref().and_then(|correction| correction.until)),
        correction_points: correction.map(|correction| correction.points).unwrap_or_default(),
        accepted_on: day(acceptance.as_ref().map(|acceptance| acceptance.on)),
        accepted_by: acceptance.as_ref().and_then(|acceptance| acceptance.by).map(|by| by.0),
        decide_until: day(acceptance.and_then(|acceptance| acceptance.decide_until)),
        allocation,
        decided_by: ruling.as_ref().map(|ruling| ruling.by.0),
        decided_at: ruling.as_ref().map(|ruling| ruling.at),
        reason: ruling.and_then(|ruling| ruling.reason),
        rulebook: application.rulebook.0,
        version: application.version,
    })
}

/// The view of an application within a work.
///
/// # Errors
/// A fault of the database.
pub(super) async fn view_in(work: &Work, application: Application) -> Result<ApplicationView, Failure> {
    view(application, &parties::pollutants(work.connection()).await?)
}

/// What to apply for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftApplication {
    /// Id of your site.
    pub site: Uuid,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// `free` or `paid`.
    #[schema(example = "paid")]
    pub origin: String,
    /// First day.
    #[schema(format = Date, example = "2022-12-01")]
    pub valid_from: String,
    /// Last day.
    #[schema(format = Date, example = "2027-11-30")]
    pub valid_to: String,
    /// Decimal string in the pollutant's unit, more than zero.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// Why.
    #[schema(example = "二期扩建项目,环评批复咸环审〔2022〕31号")]
    pub statement: Option<String>,
}

/// What an application shall say instead; its site stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviseApplication {
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// `free` or `paid`.
    #[schema(example = "paid")]
    pub origin: String,
    /// First day.
    #[schema(format = Date, example = "2022-12-01")]
    pub valid_from: String,
    /// Last day.
    #[schema(format = Date, example = "2027-11-30")]
    pub valid_to: String,
    /// Decimal string in the pollutant's unit, more than zero.
    #[schema(example = "11.000")]
    pub quantity: String,
    /// Why.
    #[schema(example = "二期扩建项目,环评批复咸环审〔2022〕31号")]
    pub statement: Option<String>,
}

impl ReviseApplication {
    fn read(&self, pollutants: &HashMap<String, Pollutant>) -> Result<Asked, Failure> {
        let mut fields = Fields::default();
        let unknown = || PartyRefusal::UnknownPollutant { code: self.pollutant.clone() };
        let pollutant = fields.take("", pollutants.get(&self.pollutant).ok_or_else(unknown));
        let quantity = pollutant.and_then(|pollutant| fields.quantity("quantity", &self.quantity, &pollutant.measure));
        let origin = fields.word("origin", &self.origin, Origin::parse, &["free", "paid"]);
        let from = fields.date("valid_from", &self.valid_from);
        let to = fields.date("valid_to", &self.valid_to);
        let validity = from.zip(to).and_then(|(from, to)| {
            fields.take("", Validity::try_new(from, to).map_err(|_| PartyRefusal::BadValidity {}))
        });
        let statement = fields.optional_text("statement", self.statement.as_deref());
        let pollutant = self.pollutant.clone();
        let asked = quantity.zip(origin).zip(validity);
        let asked =
            asked.map(|((quantity, origin), validity)| Asked { pollutant, origin, validity, quantity, statement });
        fields.finish(asked)
    }
}

impl From<DraftApplication> for ReviseApplication {
    fn from(draft: DraftApplication) -> Self {
        let DraftApplication { site: _, pollutant, origin, valid_from, valid_to, quantity, statement } = draft;
        Self { pollutant, origin, valid_from, valid_to, quantity, statement }
    }
}

/// Draft an application for rights to one of your sites. The bureau knows nothing of it until you hand it in.
#[utoipa::path(post, path = "/allocation-applications", tag = "quota", operation_id = "draft_application",
    request_body = DraftApplication, security(("bearer" = [])),
    extensions(("x-permission" = json!("apply_for_rights"))),
    responses((status = 201, description = "Drafted", body = ApplicationView)))]
async fn draft_application(State(shared): State<Shared>, command: Command<DraftApplication>) -> Reply<ApplicationView> {
    let permit = command.caller.may(Action::ApplyForRights)?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let site = SiteId(command.body.site);
    let asked = ReviseApplication::from(command.body).read(&pollutants)?;
    let drafted = shared.db.run_once(&permit, &command.key, &asked, |work, asked| {
        Box::pin(async move {
            let drafted = commands::draft(work, site, asked).await?;
            view_in(work, drafted).await
        })
    });
    Ok(Answer::created(drafted.await?))
}

/// Change what your draft says, or your application that is to be corrected.
#[utoipa::path(post, path = "/allocation-applications/{id}/revise", tag = "quota", operation_id = "revise_application",
    params(("id" = Uuid, Path, description = "Id of the application")), request_body = ReviseApplication,
    security(("bearer" = [])), extensions(("x-permission" = json!("apply_for_rights"))),
    responses((status = 200, description = "Revised", body = ApplicationView)))]
async fn revise_application(
    State(shared): State<Shared>,
    Id(id): Id<ApplicationId>,
    command: Command<ReviseApplication>,
) -> Reply<ApplicationView> {
    let permit = command.caller.may(Action::ApplyForRights)?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let wanted = (id, command.expected, command.body.read(&pollutants)?);
    let revised = shared.db.run_once(&permit, &command.key, &wanted, |work, (id, expected, asked)| {
        Box::pin(async move {
            let revised = commands::revise(work, *id, *expected, asked).await?;
            view_in(work, revised).await
        })
    });
    Ok(Answer::ok(revised.await?))
}

/// What an application rests on.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitApplication {
    /// Ids of documents of your organisation, which the bureau may read from then on.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

impl SubmitApplication {
    /// The documents.
    ///
    /// # Errors
    /// Too many of them.
    pub(super) fn read(&self) -> Result<Grounds, Failure> {
        let mut fields = Fields::default();
        let documents = read_documents(&mut fields, &self.documents);
        fields.finish(Some(Grounds { reason: None, documents, document_hash: None }))
    }
}

/// Hand your application in, for the first time or corrected; where your own organisation asks for a second person, it waits for one. The
/// bureau then has the working days of the rulebook to accept it or to say, once, all that it lacks.
#[utoipa::path(post, path = "/allocation-applications/{id}/submit", tag = "quota", operation_id = "submit_application",
    params(("id" = Uuid, Path, description = "Id of the application")), request_body = SubmitApplication,
    security(("bearer" = [])), extensions(("x-permission" = json!("apply_for_rights"))),
    responses((status = 200, description = "Handed in", body = ApplicationView),
        (status = 202, description = "Waits for a second person of yours", body = TaskView)))]
async fn submit_application(
    State(shared): State<Shared>,
    Id(application): Id<ApplicationId>,
    command: Command<SubmitApplication>,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::ApplyForRights)?;
    command.body.read()?;
    let found = queries::find_application(&shared.db, &command.caller.scope(), application).await?;
    let seen = found.ok_or_else(|| not_found("application"))?.version;
    let handed = Handed { application, body: command.body };
    let wanted = Proposed {
        body: serde_json::to_value(&handed).map_err(Failure::bug)?,
        // What is approved is what was proposed: a change in between makes it stale.
        expected: command.expected.or(Some(seen)),
        place: Place::Organisation(command.caller.organisation),
        about: Some((KIND, application.0)),
    };
    let told =
        shared.db.run_once(&permit, &command.key, &wanted, |work, wanted| Box::pin(act(work, &Submission, wanted)));
    answer(told.await?, |submitted: ApplicationView| Answer::ok(submitted).into_response())
}

/// Take your application back before it is decided.
#[utoipa::path(post, path = "/allocation-applications/{id}/withdraw", tag = "quota", operation_id = "withdraw_application",
    params(("id" = Uuid, Path, description = "Id of the application")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("apply_for_rights"))),
    responses((status = 200, description = "Withdrawn", body = ApplicationView)))]
async fn withdraw_application(
    State(shared): State<Shared>,
    Id(id): Id<ApplicationId>,
    command: Command<Empty>,
) -> Reply<ApplicationView> {
    let permit = command.caller.may(Action::ApplyForRights)?;
    let wanted = (id, command.expected);
    let withdrawn = shared.db.run_once(&permit, &command.key, &wanted, |work, (id, expected)| {
        Box::pin(async move {
            let withdrawn = commands::withdraw(work, *id, *expected).await?;
            view_in(work, withdrawn).await
        })
    });
    Ok(Answer::ok(withdrawn.await?))
}

/// A step of the bureau.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewApplication {
    /// Why, for the decision record; an application is rejected with its reason only.
    #[schema(example = "材料齐全,符合法定形式")]
    pub reason: Option<String>,
    /// Ids of documents of your organisation that it rests on.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

fn read_step(
    fields: &mut Fields,
    application: ApplicationId,
    expected: Option<i64>,
    reason: Option<&str>,
    documents: &[Uuid],
) -> Reviewed {
    let reason = fields.optional_text("reason", reason);
    let documents = read_documents(fields, documents);
    Reviewed { application, expected, grounds: Grounds { reason, documents, document_hash: None } }
}

/// What a step of the bureau needs: the permit, and what it says.
fn read_review(id: ApplicationId, command: &Command<ReviewApplication>) -> Result<(Permit, Reviewed), Failure> {
    let permit = command.caller.may(Action::ReviewApplication)?;
    let mut fields = Fields::default();
    let body = &command.body;
    let step = read_step(&mut fields, id, command.expected, body.reason.as_deref(), &body.documents);
    Ok((permit, fields.finish(Some(step))?))
}

/// Accept an application in your area: the working days for its decision begin.
#[utoipa::path(post, path = "/allocation-applications/{id}/accept", tag = "quota", operation_id = "accept_application",
    params(("id" = Uuid, Path, description = "Id of the application")), request_body = ReviewApplication,
    security(("bearer" = [])), extensions(("x-permission" = json!("review_application"))),
    responses((status = 200, description = "Accepted", body = ApplicationView)))]
async fn accept_application(
    State(shared): State<Shared>,
    Id(id): Id<ApplicationId>,
    command: Command<ReviewApplication>,
) -> Reply<ApplicationView> {
    let (permit, step) = read_review(id, &command)?;
    let accepted = shared.db.run_once(&permit, &command.key, &step, |work, step| {
        Box::pin(async move {
            let accepted = review::accept(work, step).await?;
            view_in(work, accepted).await
        })
    });
    Ok(Answer::ok(accepted.await?))
}

/// Reject an application in your area, with the reason in writing.
#[utoipa::path(post, path = "/allocation-applications/{id}/reject", tag = "quota", operation_id = "reject_application",
    params(("id" = Uuid, Path, description = "Id of the application")), request_body = ReviewApplication,
    security(("bearer" = [])), extensions(("x-permission" = json!("review_application"))),
    responses((status = 200, description = "Rejected", body = ApplicationView)))]
async fn reject_application(
    State(shared): State<Shared>,
    Id(id): Id<ApplicationId>,
    command: Command<ReviewApplication>,
) -> Reply<ApplicationView> {
    let (permit, step) = read_review(id, &command)?;
    let rejected = shared.db.run_once(&permit, &command.key, &step, |work, step| {
        Box::pin(async move {
            let rejected = review::reject(work, step).await?;
            view_in(work, rejected).await
        })
    });
    Ok(Answer::ok(rejected.await?))
}

/// Everything that an application lacks (一次性告知).
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestCorrection {
    /// Point by point; nothing can be added later.
    #[schema(min_items = 1, max_items = 50, example = json!(["缺少环评批复", "申请数量与排污许可证不一致"]))]
    pub points: Vec<String>,
    /// Working days for the correction, up to 250; those of the rulebook when left out.
    #[schema(minimum = 1, maximum = 250, example = 10)]
    #[serde(default, deserialize_with = "maybe_whole")]
    pub days: Option<u32>,
}

/// Tell the applicant everything that its application lacks, once and in time.
#[utoipa::path(post, path = "/allocation-applications/{id}/request-correction", tag = "quota", operation_id = "request_correction",
    params(("id" = Uuid, Path, description = "Id of the application")), request_body = RequestCorrection,
    security(("bearer" = [])), extensions(("x-permission" = json!("review_application"))),
    responses((status = 200, description = "Told", body = ApplicationView)))]
async fn request_correction(
    State(shared): State<Shared>,
    Id(application): Id<ApplicationId>,
    command: Command<RequestCorrection>,
) -> Reply<ApplicationView> {
    let permit = command.caller.may(Action::ReviewApplication)?;
    let mut fields = Fields::default();
    let mut points = Vec::new();
    for (at, point) in fields.count("points", &command.body.points, MOST_POINTS).iter().enumerate() {
        points.extend(fields.text(&format!("points[{at}]"), point));
    }
    let fits = command.body.days.is_none_or(|days| (1..=LONGEST_TERM).contains(&days));
    let term = || QuotaRefusal::BadTerm { max: LONGEST_TERM.to_string() };
    let days = command.body.days.filter(|_| fields.take("", fits.then_some(()).ok_or_else(term)).is_some());
    let lacking = Lacking { application, expected: command.expected, points, days };
    let lacking = fields.finish(Some(lacking))?;
    let asked = shared.db.run_once(&permit, &command.key, &lacking, |work, lacking| {
        Box::pin(async move {
            let asked = review::request_correction(work, lacking).await?;
            view_in(work, asked).await
        })
    });
    Ok(Answer::ok(asked.await?))
}

/// The grant to propose for an application.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeApplication {
    /// Number of the document that grants it; that of the application when left out.
    #[schema(example = "咸环核〔2022〕118号")]
    pub document: Option<String>,
    /// Decimal string in the pollutant's unit; what was applied for when left out, and never more.
    #[schema(example = "12.000")]
    pub quantity: Option<String>,
    /// Id of the construction project that it is for, whose replacement ratio then applies.
    pub project: Option<Uuid>,
    /// Why, for the decision record.
    #[schema(example = "经技术审查和现场核查,同意核定")]
    pub reason: Option<String>,
    /// Ids of documents of your organisation that it rests on.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

/// Propose the grant that was applied for, or less: it goes its own way from there, as one that you propose yourself.
#[utoipa::path(post, path = "/allocation-applications/{id}/propose", tag = "quota", operation_id = "propose_application",
    params(("id" = Uuid, Path, description = "Id of the application")), request_body = ProposeApplication,
    security(("bearer" = [])), extensions(("x-permission" = json!("propose_allocation"))),
    responses((status = 200, description = "Proposed; the application names the grant", body = ApplicationView)))]
async fn propose_application(
    State(shared): State<Shared>,
    Id(id): Id<ApplicationId>,
    command: Command<ProposeApplication>,
) -> Reply<ApplicationView> {
    let permit = command.caller.may(Action::ProposeAllocation)?;
    let found = queries::find_application(&shared.db, &command.caller.scope(), id).await?;
    let application = found.ok_or_else(|| not_found("application"))?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let pollutant = pollutants.get(&application.wanted.pollutant);
    let measure = &pollutant.ok_or_else(|| Failure::bug("an application for an unknown pollutant"))?.measure;
    let (mut fields, body) = (Fields::default(), &command.body);
    let step = read_step(&mut fields, id, command.expected, body.reason.as_deref(), &body.documents);
    let document = fields.optional_text("document", body.document.as_deref());
    let quantity = body.quantity.as_deref().and_then(|quantity| fields.quantity("quantity", quantity, measure));
    let granting = fields.finish(Some(Granting { step, document, quantity, project: body.project.map(ProjectId) }))?;
    let proposed = shared.db.run_once(&permit, &command.key, &granting, |work, granting| {
        Box::pin(async move {
            let proposed = review::propose(work, granting).await?;
            view_in(work, proposed).await
        })
    });
    Ok(Answer::ok(proposed.await?))
}

/// Filters of the applications.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ApplicationQuery {
    /// `draft`, `submitted`, `correction_requested`, `accepted`, `proposed`, `rejected` or `withdrawn`.
    #[param(example = "submitted")]
    state: Option<String>,
    /// Id of a site.
    site: Option<Uuid>,
    /// Id of the grant that was proposed for it.
    allocation: Option<Uuid>,
}

/// Applications of your organisation, or those handed in to your bureau.
#[utoipa::path(get, path = "/allocation-applications", tag = "quota", operation_id = "list_applications",
    params(ApplicationQuery, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "Applications in the order in which they were drafted", body = Listing<ApplicationView>)))]
async fn list_applications(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<ApplicationQuery>,
    Paging(page): Paging,
) -> Reply<Listing<ApplicationView>> {
    caller.may(Action::ReadQuota)?;
    one_of("state", query.state.as_deref(), ApplicationState::WORDS)?;
    let filter = ApplicationFilter { state: query.state.as_deref(), site: query.site, allocation: query.allocation };
    let found = queries::list_applications(&shared.db, &caller.scope(), filter, &page).await?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let items = found.items.into_iter().map(|one| view(one, &pollutants)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One application.
#[utoipa::path(get, path = "/allocation-applications/{id}", tag = "quota", operation_id = "find_application",
    params(("id" = Uuid, Path, description = "Id of the application")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "The application", body = ApplicationView)))]
async fn find_application(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<ApplicationId>,
) -> Reply<ApplicationView> {
    caller.may(Action::ReadQuota)?;
    let found = queries::find_application(&shared.db, &caller.scope(), id).await?;
    let application = found.ok_or_else(|| not_found("application"))?;
    Ok(Answer::ok(view(application, &parties::pollutants(shared.db.reader()).await?)?))
}
