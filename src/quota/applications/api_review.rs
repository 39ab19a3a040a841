//! What the bureau does with an application, over HTTP.

use super::api_view::{ApplicationView, view_in};
use super::queries;
use super::review::{self, Granting, Lacking, Reviewed};
use crate::access::{Action, Permit};
use crate::decisions::api_tasks::{read_grounds, read_reason};
use crate::http::extract::not_found;
use crate::http::field::maybe_whole;
use crate::http::{Answer, Command, Fields, Id, Reply, Shared};
use crate::kernel::Failure;
use crate::kernel::ids::{ApplicationId, ProjectId};
use crate::parties::queries as parties;
use crate::quota::error::QuotaRefusal;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Most points of one notice.
const MOST_POINTS: usize = 50;
/// Longest term of a correction, in working days.
const LONGEST_TERM: u32 = 250;

/// The operations of the bureau on applications.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(accept_application))
        .routes(routes!(request_correction))
        .routes(routes!(propose_application))
        .routes(routes!(reject_application))
}

/// A step of the bureau.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewApplication {
    /// Why, for the decision record; an application is rejected with its reason only.
    #[schema(example = "材料齐全，符合法定形式")]
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
    Reviewed { application, expected, grounds: read_grounds(fields, read_reason, reason, documents) }
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
    #[schema(example = "经技术审查和现场核查，同意核定")]
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
