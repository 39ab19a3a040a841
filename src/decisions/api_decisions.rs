//! Decision records of the three systems (行政执法三项制度).

use super::act::Acts;
use super::api_tasks::{last_code, read_documents};
use super::behind::{self, About};
use super::documents::Grounds;
use super::queries::{self, DecisionFilter};
use super::record::{DecisionRecord, Finding, Outcome};
use super::review::{self, RecordStep, Step};
use super::task::Place;
use crate::access::{Action, Permit};
use crate::db::Db;
use crate::http::concern::{Concerns, Party, Whose};
use crate::http::extract::not_found;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Empty, Fields, Filters, Id, Listing, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::DecisionId;
use crate::kernel::page::Page;
use crate::kernel::{Failure, Moment};
use axum::Extension;
use axum::extract::State;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

impl Concerns for DecisionView {
    fn concerns(&self, whose: &mut Whose) {
        whose.of(self.behind.iter().copied());
    }
}

/// The operations on decision records.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list_decisions))
        .routes(routes!(find_decision))
        .routes(routes!(review_decision))
        .routes(routes!(publish_decision))
        .routes(routes!(withdraw_decision))
}

/// Who did something, and when.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Stamp {
    /// Who.
    pub by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
}

/// The legal review (法制审核).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = LegalReview)]
pub struct ReviewView {
    /// Who, and when; neither the proposer nor the decider.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// `agreed` or `objected`.
    #[schema(example = "agreed")]
    pub outcome: String,
    /// Why, in the reviewer's words.
    pub opinion: Option<String>,
}

/// The withdrawal of a published decision that was changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = DecisionWithdrawal)]
pub struct WithdrawalView {
    /// Who, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
    /// The day on which it was changed, revoked or found unlawful.
    #[schema(format = Date, example = "2022-12-05")]
    pub changed_on: String,
    /// The last of the three working days for it.
    #[schema(format = Date, example = "2022-12-08")]
    pub withdraw_by: Option<String>,
    /// Why.
    #[schema(example = "复议决定撤销原决定")]
    pub reason: String,
}

/// A decision record: who proposed, who reviewed, who decided, why, by which rules, on which evidence, when it was published.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Decision)]
pub struct DecisionView {
    /// Its identity; also that of its task where it had one.
    pub id: Uuid,
    /// What is decided.
    #[schema(example = "trade")]
    pub act: String,
    /// What kind of thing it is about.
    #[schema(example = "trade")]
    pub subject_kind: String,
    /// Which thing.
    pub subject: Uuid,
    /// The organisation whose decision it is, when it is no bureau's.
    pub organisation: Option<Uuid>,
    /// Code of the area whose bureau decides.
    #[schema(example = "421222")]
    pub area: Option<String>,
    /// `recorded`, `legal_review`, `reviewed`, `decided`, `published`, `withdrawn`, or `dropped` when the matter ended by itself.
    #[schema(
        example = "decided",
        extensions(("x-words" = json!(["recorded", "legal_review", "reviewed", "decided", "published", "withdrawn", "dropped"])))
    )]
    pub state: String,
    /// Whether it is reviewed before it is made.
    pub is_major: bool,
    /// Whether the rules asked for a second person. Where they did not, one person may have proposed and decided.
    pub second_person: bool,
    /// Who proposed.
    pub proposed_by: Uuid,
    /// When it was recorded, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Moment,
    /// The legal review.
    pub review: Option<ReviewView>,
    /// `approved` or `refused`.
    #[schema(example = "approved", extensions(("x-words" = json!(Outcome::WORDS))))]
    pub outcome: Option<String>,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Moment>,
    /// Why, in the decider's words.
    pub reason: Option<String>,
    /// SHA-256 of what it rests on: of the document, or of the list of several.
    pub document_hash: Option<String>,
    /// The version of the rulebook it was judged by.
    pub rulebook: Uuid,
    /// The last working day for its publication; null where no rule says one.
    #[schema(format = Date, example = "2022-12-08")]
    pub publish_by: Option<String>,
    /// The publication (执法公示).
    pub published: Option<Stamp>,
    /// The withdrawal.
    pub withdrawn: Option<WithdrawalView>,
    /// Whether it is published or withdrawn after its last day, or is still not.
    pub is_late: bool,
    /// Counts from 1.
    pub version: i64,
    /// Whose affairs it is about, as long as it is not published.
    #[serde(skip)]
    pub behind: Vec<Party>,
}

/// Records as their readers see them. Who reads what is published is nobody's concern.
async fn shown(db: &Db, acts: Acts, records: Vec<DecisionRecord>, today: Date) -> Result<Vec<DecisionView>, Failure> {
    let is_open: Vec<bool> = records.iter().map(DecisionRecord::is_published).collect();
    let mut views: Vec<DecisionView> = records.into_iter().map(|record| DecisionView::of(record, today)).collect();
    let parties = behind::parties(db, acts, &views.iter().map(DecisionView::about).collect::<Vec<_>>()).await?;
    for ((view, parties), is_open) in views.iter_mut().zip(parties).zip(is_open) {
        view.behind = if is_open { Vec::new() } else { parties };
    }
    Ok(views)
}

impl Versioned for DecisionView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl DecisionView {
    fn about(&self) -> About<'_> {
        About {
            act: &self.act,
            subject_kind: &self.subject_kind,
            subject: self.subject,
            organisation: self.organisation,
            command: None,
        }
    }

    fn of(record: DecisionRecord, today: Date) -> Self {
        let (state, is_late) = (record.state().to_owned(), record.is_late(today));
        let (organisation, area) = match &record.place {
            Place::Organisation(id) => (Some(id.0), None),
            Place::BureauAt(path) | Place::BureauOver(path) => (None, Some(last_code(path))),
        };
        let verdict = record.verdict;
        Self {
            id: record.id.0,
            act: record.act,
            subject_kind: record.subject_kind,
            subject: record.subject,
            organisation,
            area,
            state,
            is_major: record.is_major,
            second_person: record.second_person,
            proposed_by: record.proposed_by.0,
            recorded_at: record.recorded_at,
            review: record.review.map(|review| ReviewView {
                stamp: Stamp { by: review.by.0, at: review.at },
                outcome: review.finding.as_str().to_owned(),
                opinion: review.opinion,
            }),
            outcome: verdict.as_ref().map(|verdict| verdict.outcome.as_str().to_owned()),
            decided_by: verdict.as_ref().map(|verdict| verdict.by.0),
            decided_at: verdict.as_ref().map(|verdict| verdict.at),
            reason: verdict.as_ref().and_then(|verdict| verdict.reason.clone()),
            document_hash: verdict.as_ref().and_then(|verdict| verdict.document_hash.clone()),
            rulebook: record.rulebook.0,
            publish_by: verdict.and_then(|verdict| verdict.publish_by).map(|day| day.to_string()),
            published: record.publication.map(|done| Stamp { by: done.by.0, at: done.at }),
            withdrawn: record.withdrawal.map(|done| WithdrawalView {
                stamp: Stamp { by: done.by.0, at: done.at },
                changed_on: done.changed_on.to_string(),
                withdraw_by: done.by_day.map(|day| day.to_string()),
                reason: done.reason,
            }),
            is_late,
            version: record.version,
            behind: Vec::new(),
        }
    }
}

/// Filters of the decision records.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DecisionQuery {
    /// Id of the thing that it is about.
    subject: Option<Uuid>,
    /// `recorded`, `legal_review`, `reviewed`, `decided`, `published`, `withdrawn` or `dropped`.
    #[param(example = "decided")]
    state: Option<String>,
    /// The act.
    #[param(example = "allocation")]
    act: Option<String>,
    /// `approved` or `refused`.
    #[param(example = "approved")]
    outcome: Option<String>,
    /// Only those that are reviewed before they are made, or only others.
    major: Option<bool>,
    /// The first day on which it was decided.
    #[param(format = Date, example = "2022-12-01")]
    from: Option<String>,
    /// The last one.
    #[param(format = Date, example = "2022-12-31")]
    to: Option<String>,
    /// Only those whose last day for publication has passed, and that are not published.
    overdue: Option<bool>,
}

/// The first instant of a day, and that of the next.
fn span(query: &DecisionQuery) -> Result<(Option<Moment>, Option<Moment>), Failure> {
    let mut fields = Fields::default();
    let from = query.from.as_deref().and_then(|text| fields.date("from", text));
    let to = query.to.as_deref().and_then(|text| fields.date("to", text));
    fields.finish(Some((from.and_then(Moment::midnight), to.and_then(Moment::end_of))))
}

/// Decision records: those that are published (执法公示), for everybody; and for those in charge, those of their bureau and the ones below it
/// or of their organisation, all of them for the auditor.
#[utoipa::path(get, path = "/decisions", tag = "decisions", operation_id = "list_decisions",
    params(DecisionQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!(["read_decisions", "read_published"]))),
    responses((status = 200, description = "Decisions in the order in which they were recorded", body = Listing<DecisionView>)))]
async fn list_decisions(
    State(shared): State<Shared>,
    Extension(acts): Extension<Acts>,
    Signed(caller): Signed,
    Filters(query): Filters<DecisionQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<DecisionView>> {
    caller.may_any(&[Action::ReadDecisions, Action::ReadPublished])?;
    one_of("state", query.state.as_deref(), DecisionRecord::WORDS)?;
    one_of("outcome", query.outcome.as_deref(), Outcome::WORDS)?;
    let (from, before) = span(&query)?;
    let today = shared.db.clock().business_day();
    let day = today.to_string();
    let filter = DecisionFilter {
        state: query.state.as_deref(),
        act: query.act.as_deref(),
        subject: query.subject,
        outcome: query.outcome.as_deref(),
        is_major: query.major,
        from,
        before,
        unpublished_on: query.overdue.unwrap_or_default().then_some(day.as_str()),
    };
    let found = queries::list_decisions(&shared.db, &caller, filter, &page).await?;
    let items = shown(&shared.db, acts, found.items, today).await?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One decision record: a published one, or one that you are in charge of.
#[utoipa::path(get, path = "/decisions/{id}", tag = "decisions", operation_id = "find_decision",
    params(("id" = Uuid, Path, description = "Id of the decision")), security(("bearer" = [])),
    extensions(("x-permission" = json!(["read_decisions", "read_published"]))),
    responses((status = 200, description = "The decision", body = DecisionView)))]
async fn find_decision(
    State(shared): State<Shared>,
    Extension(acts): Extension<Acts>,
    Signed(caller): Signed,
    Id(id): Id<DecisionId>,
) -> Reply<DecisionView> {
    caller.may_any(&[Action::ReadDecisions, Action::ReadPublished])?;
    let found = queries::find_decision(&shared.db, &caller, id).await?.into_iter().collect();
    let record = shown(&shared.db, acts, found, shared.db.clock().business_day()).await?.pop();
    Ok(Answer::ok(record.ok_or_else(|| not_found("decision"))?))
}

async fn step<B>(
    shared: &Shared,
    permit: &Permit,
    decision: DecisionId,
    command: &Command<B>,
    step: Step,
) -> Reply<DecisionView> {
    let wanted = RecordStep { decision, expected: command.expected, step };
    let done = shared.db.run_once(permit, &command.key, &wanted, |work, wanted| {
        Box::pin(async move { Ok(DecisionView::of(review::step(work, wanted).await?, work.today())) })
    });
    Ok(Answer::ok(done.await?))
}

/// A legal review.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewDecision {
    /// `agreed` or `objected`.
    #[schema(example = "agreed", extensions(("x-words" = json!(Finding::WORDS))))]
    pub outcome: String,
    /// Why, in your words.
    #[schema(example = "主体、权限、程序、依据均合法")]
    pub opinion: Option<String>,
    /// Ids of documents of your organisation that the opinion rests on.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

/// Review a major decision before it is made (法制审核), as neither its proposer nor its decider.
#[utoipa::path(post, path = "/decisions/{id}/review", tag = "decisions", operation_id = "review_decision",
    params(("id" = Uuid, Path, description = "Id of the decision")), request_body = ReviewDecision,
    security(("bearer" = [])), extensions(("x-permission" = json!("review_decision"))),
    responses((status = 200, description = "Reviewed", body = DecisionView)))]
async fn review_decision(
    State(shared): State<Shared>,
    Id(id): Id<DecisionId>,
    command: Command<ReviewDecision>,
) -> Reply<DecisionView> {
    let permit = command.caller.may(Action::ReviewDecision)?;
    let mut fields = Fields::default();
    let finding = fields.word("outcome", &command.body.outcome, Finding::parse, Finding::WORDS);
    let reason = fields.optional_passage("opinion", command.body.opinion.as_deref());
    let documents = read_documents(&mut fields, &command.body.documents);
    let grounds = Grounds { reason, documents, document_hash: None };
    let wanted = fields.finish(finding.map(|finding| Step::Review { finding, grounds }))?;
    step(&shared, &permit, id, &command, wanted).await
}

/// Publish a decision (执法公示).
#[utoipa::path(post, path = "/decisions/{id}/publish", tag = "decisions", operation_id = "publish_decision",
    params(("id" = Uuid, Path, description = "Id of the decision")), request_body = Empty,
    security(("bearer" = [])), extensions(("x-permission" = json!("publish_decision"))),
    responses((status = 200, description = "Published", body = DecisionView)))]
async fn publish_decision(
    State(shared): State<Shared>,
    Id(id): Id<DecisionId>,
    command: Command<Empty>,
) -> Reply<DecisionView> {
    let permit = command.caller.may(Action::PublishDecision)?;
    step(&shared, &permit, id, &command, Step::Publish).await
}

/// Why a published decision is withdrawn.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawDecision {
    /// The day on which it was changed, revoked or found unlawful: between the decision and today.
    #[schema(format = Date, example = "2022-12-05")]
    pub changed_on: String,
    /// Why.
    #[schema(example = "复议决定撤销原决定")]
    pub reason: String,
}

/// Withdraw a published decision that was changed, within three working days of the change; later it is withdrawn all the same, and
/// the record says that it was late.
#[utoipa::path(post, path = "/decisions/{id}/withdraw", tag = "decisions", operation_id = "withdraw_decision",
    params(("id" = Uuid, Path, description = "Id of the decision")), request_body = WithdrawDecision,
    security(("bearer" = [])), extensions(("x-permission" = json!("publish_decision"))),
    responses((status = 200, description = "Withdrawn", body = DecisionView)))]
async fn withdraw_decision(
    State(shared): State<Shared>,
    Id(id): Id<DecisionId>,
    command: Command<WithdrawDecision>,
) -> Reply<DecisionView> {
    let permit = command.caller.may(Action::PublishDecision)?;
    let mut fields = Fields::default();
    let changed_on = fields.date("changed_on", &command.body.changed_on);
    let reason = fields.reason("reason", &command.body.reason);
    let wanted = changed_on.zip(reason).map(|(changed_on, reason)| Step::Withdraw { changed_on, reason });
    let wanted = fields.finish(wanted)?;
    step(&shared, &permit, id, &command, wanted).await
}
