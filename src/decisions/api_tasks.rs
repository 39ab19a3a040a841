//! The inbox: what waits for a second person.

use super::act::{Act, Acts, Carried, Proposal, Verdict};
use super::behind::{self, About};
use super::commands::{self, Step, TaskStep};
use super::documents::{Grounds, MOST_DOCUMENTS};
use super::error::DecisionRefusal;
use super::proposals::{self, Command as Proposed};
use super::queries::{self, TaskFilter};
use super::record::Outcome;
use super::task::{Place, Task, TaskState};
use crate::access::Action;
use crate::db::{Db, Work};
use crate::http::concern::{Concerns, Party, Whose};
use crate::http::extract::not_found;
use crate::http::field::{FieldRefusal, one_of};
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Empty, Fields, Filters, Id, Listing, Problem, Reply, Shared, Signed, Versioned};
use crate::kernel::ids::{DocumentId, TaskId};
use crate::kernel::{Failure, Moment};
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

impl Concerns for TaskView {
    fn concerns(&self, whose: &mut Whose) {
        whose.of(self.behind.iter().copied());
    }
}

/// The operations on tasks.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list_tasks))
        .routes(routes!(find_task))
        .routes(routes!(claim_task))
        .routes(routes!(release_task))
        .routes(routes!(withdraw_task))
        .routes(routes!(decide_task))
}

/// A command that is carried out when it is approved.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposedCommand {
    /// The body of the operation.
    #[schema(value_type = Object)]
    pub body: Value,
    /// SHA-256 over the text that is kept of it, in lower-case hexadecimal.
    pub hash: String,
}

/// Something that waits for a second person.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Task)]
pub struct TaskView {
    /// Its identity; its decision record has the same.
    pub id: Uuid,
    /// What is to be decided.
    #[schema(example = "allocation")]
    pub act: String,
    /// What kind of thing it is about; `task` for a proposal of something new that is not carried out yet.
    #[schema(example = "allocation")]
    pub subject_kind: String,
    /// Which thing.
    pub subject: Uuid,
    /// The organisation whose people decide, when it is one.
    pub organisation: Option<Uuid>,
    /// Code of the area whose bureau decides, when it is a bureau.
    #[schema(example = "421222")]
    pub area: Option<String>,
    /// The permission that they need.
    #[schema(example = "decide_allocation")]
    pub permission: String,
    /// Whether they must be another person than the proposer.
    pub second_person: bool,
    /// Who proposed.
    pub proposed_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Moment,
    /// The last working day for the decision; after it the task goes to the head.
    #[schema(format = Date, example = "2022-12-29")]
    pub deadline: Option<String>,
    /// When it went to the head.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub escalated_at: Option<Moment>,
    /// The command that waits, when it is a proposal.
    pub proposed: Option<ProposedCommand>,
    /// `open`, `claimed`, `decided`, `withdrawn` or `lapsed`.
    #[schema(example = "open", extensions(("x-words" = json!(TaskState::WORDS))))]
    pub state: String,
    /// Who works on it.
    pub claimed_by: Option<Uuid>,
    /// `approved` or `refused`.
    #[schema(extensions(("x-words" = json!(Outcome::WORDS))))]
    pub outcome: Option<String>,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Moment>,
    /// Why, in the decider's words.
    pub reason: Option<String>,
    /// Counts from 1.
    pub version: i64,
    /// Whose affairs it is about.
    #[serde(skip)]
    pub behind: Vec<Party>,
}

impl TaskView {
    fn about(&self) -> About<'_> {
        About {
            act: &self.act,
            subject_kind: &self.subject_kind,
            subject: self.subject,
            organisation: self.organisation,
            command: self.proposed.as_ref().map(|proposed| &proposed.body),
        }
    }
}

/// Tasks as their readers see them, each with whose affairs it is about.
async fn shown(db: &Db, acts: Acts, tasks: Vec<Task>) -> Result<Vec<TaskView>, Failure> {
    let mut views = tasks.into_iter().map(TaskView::try_from).collect::<Result<Vec<_>, _>>()?;
    let parties = behind::parties(db, acts, &views.iter().map(TaskView::about).collect::<Vec<_>>()).await?;
    for (view, parties) in views.iter_mut().zip(parties) {
        view.behind = parties;
    }
    Ok(views)
}

impl Versioned for TaskView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<Task> for TaskView {
    type Error = Failure;

    fn try_from(task: Task) -> Result<Self, Failure> {
        let state = task.state.as_str().to_owned();
        let (organisation, area) = match task.place {
            Place::Organisation(id) => (Some(id.0), None),
            Place::BureauAt(path) | Place::BureauOver(path) => (None, Some(last_code(&path))),
        };
        let (mut claimed_by, mut outcome, mut decided_by, mut decided_at, mut reason) = (None, None, None, None, None);
        match task.state {
            TaskState::Claimed { by, .. } => claimed_by = Some(by.0),
            TaskState::Decided { by, at, outcome: how, reason: why } => {
                (outcome, decided_by, decided_at, reason) = (Some(how.as_str().to_owned()), Some(by.0), Some(at), why);
            }
            TaskState::Open | TaskState::Withdrawn { .. } | TaskState::Lapsed { .. } => {}
        }
        let proposed = task.proposed.map(|proposed| {
            let body = serde_json::from_str(&proposed.command).map_err(Failure::bug)?;
            Ok::<_, Failure>(ProposedCommand { body, hash: proposed.hash })
        });
        Ok(Self {
            id: task.id.0,
            act: task.act,
            subject_kind: task.subject_kind,
            subject: task.subject,
            organisation,
            area,
            permission: task.permission,
            second_person: task.second_person,
            proposed_by: task.proposed_by.0,
            opened_at: task.opened_at,
            deadline: task.deadline.map(|day| day.to_string()),
            escalated_at: task.escalated_at,
            proposed: proposed.transpose()?,
            state,
            claimed_by,
            outcome,
            decided_by,
            decided_at,
            reason,
            version: task.version,
            behind: Vec::new(),
        })
    }
}

/// The last code of an area's path.
pub(super) fn last_code(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// What became of a command that may have to wait, as it is kept under its key.
#[derive(Debug, Serialize, Deserialize)]
pub enum Told {
    /// It was carried out: what the operation answers.
    Done(Value),
    /// It waits for a second person.
    Waits(Box<TaskView>),
}

/// Carries a command out, or lets it wait where the rules ask for it.
///
/// # Errors
/// Whatever the command refuses.
pub async fn act(work: &mut Work, proposal: &dyn Proposal, command: &Proposed) -> Result<Told, Failure> {
    told(proposals::act(work, proposal, command).await?)
}

/// What became of it, in the form in which it is kept.
///
/// # Errors
/// A fault of ours.
pub fn told(carried: Carried) -> Result<Told, Failure> {
    match carried {
        Carried::Done(made) => Ok(Told::Done(made)),
        Carried::Waits(task) => Ok(Told::Waits(Box::new(TaskView::try_from(*task)?))),
    }
}

/// Answers it: as `done` answers what it made, or 202 with the task that waits.
///
/// # Errors
/// A fault of ours: an answer in another form than the operation gives.
pub fn answer<T: DeserializeOwned>(told: Told, done: impl FnOnce(T) -> Response) -> Result<Response, Problem> {
    match told {
        Told::Done(made) => Ok(done(serde_json::from_value(made).map_err(Failure::bug)?)),
        Told::Waits(task) => {
            let location = format!("/api/v1/tasks/{}", task.id);
            Ok(Answer::begun(*task, &location).into_response())
        }
    }
}

/// Filters of the inbox.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TaskQuery {
    /// `decider` for what you may decide, `proposer` for what you have proposed; decider when left out.
    #[serde(rename = "as")]
    #[param(example = "decider")]
    role: Option<String>,
    /// `open`, `claimed`, `decided`, `withdrawn` or `lapsed`; what still waits when left out.
    #[param(example = "open")]
    state: Option<String>,
    /// The act.
    #[param(example = "allocation")]
    act: Option<String>,
    /// Id of the thing it is about.
    subject: Option<Uuid>,
    /// Only what went to the head, or only what did not.
    escalated: Option<bool>,
}

/// What waits for you: what you may decide, or what you have proposed.
#[utoipa::path(get, path = "/tasks", tag = "decisions", operation_id = "list_tasks", params(TaskQuery, OrderParams, PagingParams),
    security(("bearer" = [])), extensions(("x-permission" = json!("read_tasks"))),
    responses((status = 200, description = "Tasks in the order in which they were opened", body = Listing<TaskView>)))]
async fn list_tasks(
    State(shared): State<Shared>,
    Extension(acts): Extension<Acts>,
    Signed(caller): Signed,
    Filters(query): Filters<TaskQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<TaskView>> {
    caller.may(Action::ReadTasks)?;
    one_of("as", query.role.as_deref(), &["decider", "proposer"])?;
    one_of("state", query.state.as_deref(), TaskState::WORDS)?;
    let known: Vec<&str> = acts.0.iter().map(|act| act.word()).collect();
    one_of("act", query.act.as_deref(), &known)?;
    let filter = TaskFilter {
        is_proposer: query.role.as_deref() == Some("proposer"),
        state: query.state.as_deref(),
        act: query.act.as_deref(),
        subject: query.subject,
        is_escalated: query.escalated,
    };
    let found = queries::list_tasks(&shared.db, &caller, filter, &page).await?;
    let items = shown(&shared.db, acts, found.items).await?;
    Ok(Answer::plain(crate::kernel::page::Page { items, next: found.next }.into()))
}

/// One task.
#[utoipa::path(get, path = "/tasks/{id}", tag = "decisions", operation_id = "find_task",
    params(("id" = Uuid, Path, description = "Id of the task")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_tasks"))),
    responses((status = 200, description = "The task", body = TaskView)))]
async fn find_task(
    State(shared): State<Shared>,
    Extension(acts): Extension<Acts>,
    Signed(caller): Signed,
    Id(id): Id<TaskId>,
) -> Reply<TaskView> {
    caller.may(Action::ReadTasks)?;
    let found = queries::find_task(&shared.db, &caller, id).await?.into_iter().collect();
    let task = shown(&shared.db, acts, found).await?.pop().ok_or_else(|| not_found("task"))?;
    Ok(Answer::ok(task))
}

async fn step(shared: &Shared, task: TaskId, command: &Command<Empty>, step: Step) -> Reply<TaskView> {
    // An administrator decides nothing, but takes back what they have proposed.
    let needed: &[Action] = match step {
        Step::Withdraw => &[Action::DecideTask, Action::RequireApproval],
        Step::Claim | Step::Release => &[Action::DecideTask],
    };
    let permit = command.caller.may_any(needed)?;
    let wanted = TaskStep { task, expected: command.expected, step };
    let done = shared.db.run_once(&permit, &command.key, &wanted, |work, wanted| {
        Box::pin(async move { TaskView::try_from(commands::step(work, *wanted).await?) })
    });
    Ok(Answer::ok(done.await?))
}

/// Take a task up, so that nobody else works on it. Who has it already keeps it.
#[utoipa::path(post, path = "/tasks/{id}/claim", tag = "decisions", operation_id = "claim_task",
    params(("id" = Uuid, Path, description = "Id of the task")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("decide_task"))),
    responses((status = 200, description = "Yours", body = TaskView)))]
async fn claim_task(State(shared): State<Shared>, Id(id): Id<TaskId>, command: Command<Empty>) -> Reply<TaskView> {
    step(&shared, id, &command, Step::Claim).await
}

/// Lay a task down that you have taken up.
#[utoipa::path(post, path = "/tasks/{id}/release", tag = "decisions", operation_id = "release_task",
    params(("id" = Uuid, Path, description = "Id of the task")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("decide_task"))),
    responses((status = 200, description = "Open again", body = TaskView)))]
async fn release_task(State(shared): State<Shared>, Id(id): Id<TaskId>, command: Command<Empty>) -> Reply<TaskView> {
    step(&shared, id, &command, Step::Release).await
}

/// Take your own proposal back before somebody decides on it.
#[utoipa::path(post, path = "/tasks/{id}/withdraw", tag = "decisions", operation_id = "withdraw_task",
    params(("id" = Uuid, Path, description = "Id of the task")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!(["decide_task", "require_approval"]))),
    responses((status = 200, description = "Withdrawn", body = TaskView)))]
async fn withdraw_task(State(shared): State<Shared>, Id(id): Id<TaskId>, command: Command<Empty>) -> Reply<TaskView> {
    step(&shared, id, &command, Step::Withdraw).await
}

/// A decision on a task.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideTask {
    /// `approved` or `refused`.
    #[schema(example = "approved", extensions(("x-words" = json!(Outcome::WORDS))))]
    pub outcome: String,
    /// Why, for the record; needed for a refusal.
    #[schema(example = "资料齐全，符合总量控制要求")]
    pub reason: Option<String>,
    /// Ids of documents of your organisation that it rests on.
    #[serde(default)]
    #[schema(example = json!([]))]
    pub documents: Vec<Uuid>,
}

/// Reads the documents that an act rests on: none twice, and not too many.
pub fn read_documents(fields: &mut Fields, documents: &[Uuid]) -> Vec<DocumentId> {
    if documents.len() > MOST_DOCUMENTS {
        fields.take::<(), _>("documents", Err(FieldRefusal::BadCount { max: MOST_DOCUMENTS.to_string() }));
    }
    documents.iter().copied().map(DocumentId).collect()
}

/// Reads a reason that may be left out.
pub fn read_reason(fields: &mut Fields, reason: Option<&str>) -> Option<String> {
    fields.optional_reason("reason", reason)
}

/// Reads the reason of a no, which is never left out.
pub fn read_reason_of_no(fields: &mut Fields, reason: Option<&str>) -> Option<String> {
    match reason {
        Some(reason) => fields.reason("reason", reason),
        None => fields.take("", Err(DecisionRefusal::ReasonMissing {})),
    }
}

/// How the reason of an act is read: [`read_reason`], or [`read_reason_of_no`].
pub type ReadReason = fn(&mut Fields, Option<&str>) -> Option<String>;

/// Reads what a decision rests on.
pub fn read_grounds(fields: &mut Fields, read: ReadReason, reason: Option<&str>, documents: &[Uuid]) -> Grounds {
    Grounds { reason: read(fields, reason), documents: read_documents(fields, documents), document_hash: None }
}

impl DecideTask {
    fn read(&self) -> Result<Verdict, Failure> {
        let mut fields = Fields::default();
        let outcome = fields.word("outcome", &self.outcome, Outcome::parse, Outcome::WORDS);
        let read: ReadReason = if outcome == Some(Outcome::Refused) { read_reason_of_no } else { read_reason };
        let grounds = read_grounds(&mut fields, read, self.reason.as_deref(), &self.documents);
        fields.finish(outcome.map(|outcome| Verdict { outcome, grounds }))
    }
}

/// What a decision through the inbox goes by.
struct Deciding {
    task: TaskId,
    expected: Option<i64>,
    act: &'static dyn Act,
    verdict: Verdict,
}

/// Decide on a task: the command that it waits for is carried out, exactly as by its own operation. Beside `decide_task` it needs
/// the permission that the task names. Where your own organisation asks for a second of its people for this act, your yes waits for
/// that one: the answer is the task of theirs.
#[utoipa::path(post, path = "/tasks/{id}/decide", tag = "decisions", operation_id = "decide_task",
    params(("id" = Uuid, Path, description = "Id of the task")), request_body = DecideTask, security(("bearer" = [])),
    extensions(("x-permission" = json!("decide_task"))),
    responses((status = 200, description = "Decided", body = TaskView),
        (status = 202, description = "Waits for a second person of your organisation", body = TaskView)))]
async fn decide_task(
    State(shared): State<Shared>,
    Extension(acts): Extension<Acts>,
    Id(id): Id<TaskId>,
    command: Command<DecideTask>,
) -> Result<Response, Problem> {
    command.caller.may(Action::DecideTask)?;
    let verdict = command.body.read()?;
    let known = queries::find_task(&shared.db, &command.caller, id).await?.ok_or_else(|| not_found("task"))?;
    let act = acts.find(&known.act).ok_or_else(|| Failure::bug(format!("no act is bound to {}", known.act)))?;
    let needed = Action::parse(&known.permission).ok_or_else(|| Failure::bug("a task of an unknown permission"))?;
    let permit = command.caller.may(needed)?;
    let deciding = Deciding { task: id, expected: command.expected, act, verdict };
    let decided = shared.db.run_once(&permit, &command.key, &deciding, |work, deciding| {
        Box::pin(async move {
            let task = commands::take_up(work, deciding.task, deciding.expected).await?;
            if let Some(waits) = deciding.act.decide(work, &task, &deciding.verdict).await? {
                return Ok(Told::Waits(Box::new(TaskView::try_from(waits)?)));
            }
            let decided = TaskView::try_from(commands::find(work, deciding.task).await?)?;
            Ok(Told::Done(serde_json::to_value(decided).map_err(Failure::bug)?))
        })
    });
    let told = decided.await?;
    if act.changes_standing() {
        shared.door.forget();
    }
    answer(told, |decided: TaskView| Answer::ok(decided).into_response())
}
