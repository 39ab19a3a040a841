//! Objections to what is laid open.

use super::commands::{self, NewAnswer, NewObjection};
use super::queries::{self, ObjectionFilter, STATES};
use super::{About, Finding, Objection, Publicity};
use crate::access::Action;
use crate::decisions::Grounds;
use crate::http::concern::{Concerns, Party, Whose};
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Reply, Shared, Signed, Versioned};
use crate::kernel::Moment;
use crate::kernel::ids::ObjectionId;
use axum::Extension;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Longest text of an objection, in characters: whoever objects has reasons to give.
const LONGEST_OBJECTION: usize = 2_000;

/// The operations on objections.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(raise_objection, list_objections))
        .routes(routes!(find_objection))
        .routes(routes!(answer_objection))
}

/// An objection to a grant, a batch or a trade that is laid open, and its answer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Objection)]
pub struct ObjectionView {
    /// Its identity.
    pub id: Uuid,
    /// `allocation`, `allocation_batch` or `trade`.
    #[schema(example = "allocation", extensions(("x-words" = json!(About::WORDS))))]
    pub subject_kind: String,
    /// Which one.
    pub subject: Uuid,
    /// The organisation that the grant is for, or that sells; null for a batch.
    pub party: Option<Uuid>,
    /// The organisation that buys, of a trade; null otherwise.
    pub counterparty: Option<Uuid>,
    /// The organisation that objects.
    pub organisation: Uuid,
    /// In its words.
    #[schema(example = "核定量超过环评批复")]
    pub text: String,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub raised_at: Moment,
    /// The last working day for the answer; null where no rule sets one. Past it the task goes to the head.
    #[schema(value_type = Option<String>, format = Date, example = "2022-12-08")]
    pub answer_by: Option<String>,
    /// `upheld` or `dismissed`, once it is answered.
    #[schema(example = "dismissed", extensions(("x-words" = json!(Finding::WORDS))))]
    pub outcome: Option<String>,
    /// Why.
    #[schema(example = "与环评批复一致")]
    pub answer: Option<String>,
    /// Who answered.
    pub answered_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Moment>,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for ObjectionView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Concerns for ObjectionView {
    fn concerns(&self, whose: &mut Whose) {
        whose.of(self
            .party
            .iter()
            .chain(&self.counterparty)
            .chain([&self.organisation])
            .map(|id| Party::Organisation(*id)));
    }
}

impl From<Objection> for ObjectionView {
    fn from(objection: Objection) -> Self {
        let answer = objection.answer;
        Self {
            id: objection.id.0,
            subject_kind: objection.about.as_str().to_owned(),
            subject: objection.subject,
            party: objection.party.map(|id| id.0),
            counterparty: objection.counterparty.map(|id| id.0),
            organisation: objection.organisation.0,
            text: objection.text,
            raised_at: objection.raised_at,
            answer_by: objection.answer_by.map(|day| day.to_string()),
            outcome: answer.as_ref().map(|answer| answer.finding.as_str().to_owned()),
            answered_by: answer.as_ref().map(|answer| answer.by.0),
            answered_at: answer.as_ref().map(|answer| answer.at),
            answer: answer.map(|answer| answer.text),
            version: objection.version,
        }
    }
}

/// An objection to raise.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RaiseObjection {
    /// `allocation`, `allocation_batch` or `trade`.
    #[schema(example = "allocation", extensions(("x-words" = json!(About::WORDS))))]
    pub subject_kind: String,
    /// Id of what is laid open.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")]
    pub subject: Uuid,
    /// Why you object.
    #[schema(example = "核定量超过环评批复")]
    pub text: String,
}

/// Object to a grant, a batch or a trade while it is laid open. A trade is neither paid nor settled while an objection waits, and its
/// buyer loses no time by it.
#[utoipa::path(post, path = "/objections", tag = "quota", operation_id = "raise_objection", request_body = RaiseObjection,
    security(("bearer" = [])), extensions(("x-permission" = json!("raise_objection"))),
    responses((status = 201, description = "Raised", body = ObjectionView)))]
async fn raise_objection(
    State(shared): State<Shared>,
    Extension(publicity): Extension<Publicity>,
    command: Command<RaiseObjection>,
) -> Reply<ObjectionView> {
    let permit = command.caller.may(Action::RaiseObjection)?;
    let mut fields = Fields::default();
    let known: Vec<&str> = About::ALL.iter().map(|about| about.as_str()).collect();
    let about = fields.word("subject_kind", &command.body.subject_kind, About::parse, &known);
    let text = fields.long_passage("text", &command.body.text, LONGEST_OBJECTION);
    let subject = command.body.subject;
    let new = fields.finish(about.zip(text).map(|(about, text)| NewObjection { about, subject, text }))?;
    let raised = shared.db.run_once(&permit, &command.key, &new, move |work, new| {
        Box::pin(async move { Ok(ObjectionView::from(commands::raise(work, publicity, new).await?)) })
    });
    Ok(Answer::created(raised.await?))
}

/// An answer to an objection.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerObjection {
    /// `upheld` or `dismissed`.
    #[schema(example = "dismissed", extensions(("x-words" = json!(Finding::WORDS))))]
    pub outcome: String,
    /// Why.
    #[schema(example = "与环评批复一致")]
    pub text: String,
}

/// Answer an objection in your area, as somebody who has neither proposed nor approved what it is about. While one waits, nothing goes on; what an
/// upheld one is about cannot: a trade is refused by it at once, and everything it holds goes back.
#[utoipa::path(post, path = "/objections/{id}/answer", tag = "quota", operation_id = "answer_objection",
    params(("id" = Uuid, Path, description = "Id of the objection")), request_body = AnswerObjection, security(("bearer" = [])),
    extensions(("x-permission" = json!("answer_objection"))),
    responses((status = 200, description = "Answered", body = ObjectionView)))]
async fn answer_objection(
    State(shared): State<Shared>,
    Extension(publicity): Extension<Publicity>,
    Id(objection): Id<ObjectionId>,
    command: Command<AnswerObjection>,
) -> Reply<ObjectionView> {
    let permit = command.caller.may(Action::AnswerObjection)?;
    let mut fields = Fields::default();
    let known: Vec<&str> = Finding::ALL.iter().map(|finding| finding.as_str()).collect();
    let finding = fields.word("outcome", &command.body.outcome, Finding::parse, &known);
    let text = fields.reason("text", &command.body.text);
    let expected = command.expected;
    let new = finding.zip(text).map(|(finding, text)| {
        let grounds = Grounds { reason: Some(text.clone()), ..Grounds::default() };
        NewAnswer { objection, expected, finding, text, grounds }
    });
    let new = fields.finish(new)?;
    let answered = shared.db.run_once(&permit, &command.key, &new, move |work, new| {
        Box::pin(async move { Ok(ObjectionView::from(commands::answer(work, publicity, new).await?)) })
    });
    Ok(Answer::ok(answered.await?))
}

/// Filters of the objections.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ObjectionQuery {
    /// Id of the grant, the batch or the trade.
    subject: Option<Uuid>,
    /// `raised` while it waits for its answer, then `upheld` or `dismissed`.
    #[param(example = "raised")]
    state: Option<String>,
}

/// Objections that you have raised, that concern your grants or trades, or that your bureau answers.
#[utoipa::path(get, path = "/objections", tag = "quota", operation_id = "list_objections",
    params(ObjectionQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "Objections in the order in which they were raised", body = Listing<ObjectionView>)))]
async fn list_objections(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<ObjectionQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<ObjectionView>> {
    caller.may(Action::ReadQuota)?;
    one_of("state", query.state.as_deref(), STATES)?;
    let filter = ObjectionFilter { subject: query.subject, state: query.state.as_deref() };
    let found = queries::list_objections(&shared.db, &caller.scope(), filter, &page).await?;
    Ok(Answer::plain(found.map(ObjectionView::from).into()))
}

/// One objection.
#[utoipa::path(get, path = "/objections/{id}", tag = "quota", operation_id = "find_objection",
    params(("id" = Uuid, Path, description = "Id of the objection")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "The objection", body = ObjectionView)))]
async fn find_objection(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<ObjectionId>,
) -> Reply<ObjectionView> {
    caller.may(Action::ReadQuota)?;
    let found = queries::find_objection(&shared.db, &caller.scope(), id).await?;
    Ok(Answer::ok(found.ok_or_else(|| not_found("objection"))?.into()))
}
