//! Opening tasks, claiming them, and writing what was decided.

use super::approvals::one_at_a_time;
use super::calendar::terms;
use super::delegations::{self, Origin};
use super::error::DecisionRefusal;
use super::record::{DecisionRecord, Outcome, Verdict};
use super::store;
use super::task::{NewTask, Place, Proposed, Rules, Task, TaskState};
use crate::access::{Action, Caller};
use crate::db::Work;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{DecisionId, TaskId, UserId};
use jiff::civil::Date;
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

/// One decision of an authority, as its command makes it. The caller of the work is who decides.
#[derive(Debug, Clone)]
pub struct Decision {
    /// What was decided.
    pub act: &'static str,
    /// What kind of thing it is about.
    pub subject_kind: &'static str,
    /// Which thing.
    pub subject: Uuid,
    /// How.
    pub outcome: Outcome,
    /// Who proposed or applied.
    pub proposed_by: UserId,
    /// Why, in the decider's words.
    pub reason: Option<String>,
    /// SHA-256 of the document it rests on.
    pub document_hash: Option<String>,
}

/// Opens a task for each thing that waits for a second person from now on, with its decision record where an authority decides.
/// The caller of the work is the proposer.
///
/// # Errors
/// A fault of the database.
pub async fn open(work: &mut Work, rules: &Rules, news: &[NewTask]) -> Result<Vec<Task>, Failure> {
    let by = work.caller().user;
    let opened = news.iter().map(|new| (TaskId::fresh(), new, None, by)).collect();
    open_as(work, rules, opened).await
}

/// The same for each of those whom the things go by: a work that several people's commands share has no caller of its own.
///
/// # Errors
/// A fault of the database.
pub async fn open_for(work: &mut Work, rules: &Rules, news: &[(UserId, NewTask)]) -> Result<Vec<Task>, Failure> {
    let opened = news.iter().map(|(by, new)| (TaskId::fresh(), new, None, *by)).collect();
    open_as(work, rules, opened).await
}

/// The same of what somebody else than the caller asks for, whose last day is known.
///
/// # Errors
/// A fault of the database.
pub async fn open_until(
    work: &mut Work,
    rules: &Rules,
    new: &NewTask,
    proposed_by: UserId,
    deadline: Option<Date>,
) -> Result<(), Failure> {
    let task = Task { deadline, ..task_of(work, rules, TaskId::fresh(), new, proposed_by) };
    keep_opened(work, rules, vec![task]).await.map(drop)
}

/// Opens a task for a command that waits; where nothing is there yet it is about itself until it is carried out.
pub(super) async fn open_proposal(
    work: &mut Work,
    rules: &Rules,
    new: NewTask,
    proposed: Proposed,
) -> Result<Task, Failure> {
    let id = TaskId::fresh();
    let subject = if new.subject.is_nil() { id.0 } else { new.subject };
    let new = NewTask { subject, ..new };
    let by = work.caller().user;
    let opened = open_as(work, rules, vec![(id, &new, Some(proposed), by)]).await.map_err(one_at_a_time)?;
    opened.into_iter().next().ok_or_else(|| Failure::bug("no task was opened"))
}

async fn open_as(
    work: &mut Work,
    rules: &Rules,
    news: Vec<(TaskId, &NewTask, Option<Proposed>, UserId)>,
) -> Result<Vec<Task>, Failure> {
    let [deadline, end] = terms(work, work.today(), [rules.decision_days, rules.proposal_days]).await?;
    let task = |(id, new, proposed, by): (TaskId, &NewTask, Option<Proposed>, UserId)| {
        let lapses_on = end.filter(|_| proposed.is_some());
        Task { deadline, lapses_on, proposed, ..task_of(work, rules, id, new, by) }
    };
    let tasks: Vec<Task> = news.into_iter().map(task).collect();
    keep_opened(work, rules, tasks).await
}

/// A task that opens now, without a last day.
fn task_of(work: &Work, rules: &Rules, id: TaskId, new: &NewTask, by: UserId) -> Task {
    Task {
        id,
        act: new.act.to_owned(),
        subject_kind: new.subject_kind.to_owned(),
        subject: new.subject,
        place: new.place.clone(),
        permission: new.permission.as_str().to_owned(),
        second_person: rules.second_person,
        has_record: new.has_record,
        proposed_by: by,
        opened_at: work.now(),
        deadline: None,
        lapses_on: None,
        escalated_at: None,
        proposed: None,
        state: TaskState::Open,
        rulebook: rules.rulebook,
        version: 1,
    }
}

async fn keep_opened(work: &mut Work, rules: &Rules, tasks: Vec<Task>) -> Result<Vec<Task>, Failure> {
    let records: Vec<DecisionRecord> =
        tasks.iter().filter(|task| task.has_record).map(|task| record_of(task, rules)).collect();
    store::insert_tasks(work, &tasks).await?;
    store::insert_records(work, &records).await?;
    for task in &tasks {
        tell(work, "task.opened", task);
    }
    Ok(tasks)
}

fn record_of(task: &Task, rules: &Rules) -> DecisionRecord {
    DecisionRecord {
        id: task.id.into(),
        act: task.act.clone(),
        subject_kind: task.subject_kind.clone(),
        subject: task.subject,
        place: task.place.clone(),
        is_major: rules.is_major,
        second_person: rules.second_person,
        proposed_by: task.proposed_by,
        recorded_at: task.opened_at,
        review: None,
        verdict: None,
        publication: None,
        withdrawal: None,
        is_dropped: false,
        rulebook: rules.rulebook,
        version: 1,
    }
}

/// Writes decisions in the work that carries them out: the tasks that waited for them are decided, their records say how. What
/// never waited gets its record now.
///
/// # Errors
/// As [`Task::decide`]; [`DecisionRefusal::ReviewMissing`], [`DecisionRefusal::ReviewObjected`], [`DecisionRefusal::OwnReview`].
pub async fn decide(work: &mut Work, rules: &Rules, decisions: &[Decision]) -> Result<(), Failure> {
    let subjects: Vec<Uuid> = decisions.iter().map(|decision| decision.subject).collect();
    let mut waiting: HashMap<(String, Uuid), Task> = HashMap::new();
    for task in store::lock_waiting_about(work, &subjects).await? {
        if task.place.has(work.caller()) {
            waiting.insert((task.act.clone(), task.subject), task);
        }
    }
    let mut decided = Vec::with_capacity(decisions.len());
    for decision in decisions {
        decided.push((waiting.remove(&(decision.act.to_owned(), decision.subject)), decision));
    }
    finish(work, rules, decided).await
}

/// Writes decisions about these tasks, which are locked, or about what had none.
async fn finish(work: &mut Work, rules: &Rules, decided: Vec<(Option<Task>, &Decision)>) -> Result<(), Failure> {
    let (caller, at) = (work.caller().clone(), work.now());
    if rules.second_person {
        delegations::expect_person(&caller)?;
    }
    let [publish_by] = terms(work, at.day(), [rules.publication_days]).await?;
    let ids: Vec<Uuid> = decided.iter().filter_map(|(task, _)| Some(task.as_ref()?.id.0)).collect();
    let mut known: HashMap<DecisionId, DecisionRecord> =
        store::lock_records(work, &ids).await?.into_iter().map(|record| (record.id, record)).collect();
    let (mut tasks, mut changed, mut news) = (Vec::new(), Vec::new(), Vec::new());
    for (task, decision) in decided {
        let verdict = verdict_of(decision, caller.user, at, publish_by);
        match task {
            Some(task) => {
                let task = task.decide(&caller, at, decision.outcome, decision.reason.clone())?;
                if let Some(record) = known.remove(&task.id.into()) {
                    let (subject_kind, subject) = (decision.subject_kind.to_owned(), decision.subject);
                    let second_person = record.second_person || rules.second_person;
                    let rulebook = rules.rulebook;
                    let record = DecisionRecord { subject_kind, subject, second_person, rulebook, ..record };
                    changed.push(record.decide(verdict)?);
                }
                tell(work, "task.decided", &task);
                tasks.push(task);
            }
            None => news.push(unasked(&caller, rules, decision, at)?.decide(verdict)?),
        }
    }
    work.note_acts("decision", changed.iter().chain(&news).map(|record| record.id.0));
    store::save_tasks(work, tasks).await?;
    store::save_records(work, changed).await?;
    store::insert_records(work, &news).await
}

fn verdict_of(decision: &Decision, by: UserId, at: crate::kernel::Moment, publish_by: Option<Date>) -> Verdict {
    Verdict {
        by,
        at,
        outcome: decision.outcome,
        reason: decision.reason.clone(),
        document_hash: decision.document_hash.clone(),
        publish_by,
    }
}

/// The record of something that nobody had to wait for. It was never reviewed, so it is written as one that needed no review;
/// what is major opens a task first ([`Rules::waits`]).
fn unasked(
    caller: &Caller,
    rules: &Rules,
    decision: &Decision,
    at: crate::kernel::Moment,
) -> Result<DecisionRecord, DecisionRefusal> {
    if rules.is_major && decision.outcome == Outcome::Approved {
        return Err(DecisionRefusal::ReviewMissing {});
    }
    Ok(DecisionRecord {
        id: DecisionId::fresh(),
        act: decision.act.to_owned(),
        subject_kind: decision.subject_kind.to_owned(),
        subject: decision.subject,
        place: place_of(caller),
        is_major: false,
        second_person: rules.second_person,
        proposed_by: decision.proposed_by,
        recorded_at: at,
        review: None,
        verdict: None,
        publication: None,
        withdrawal: None,
        is_dropped: false,
        rulebook: rules.rulebook,
        version: 0,
    })
}

/// Whose decision it is when the caller takes it.
fn place_of(caller: &Caller) -> Place {
    if caller.roles.iter().any(|role| role.sees_area()) {
        Place::BureauOver(caller.area_path.clone())
    } else {
        Place::Organisation(caller.organisation)
    }
}

/// Records what one person did alone, because no rule asks for a second one: the record says so.
///
/// # Errors
/// [`DecisionRefusal::OwnProposal`] when the rules do ask; a fault of the database.
pub async fn record_alone(
    work: &mut Work,
    rules: &Rules,
    act: &'static str,
    subject_kind: &'static str,
    subject: Uuid,
) -> Result<(), Failure> {
    let proposed_by = work.caller().user;
    let outcome = Outcome::Approved;
    let decision = Decision { act, subject_kind, subject, outcome, proposed_by, reason: None, document_hash: None };
    finish(work, rules, vec![(None, &decision)]).await
}

/// Closes a proposal that is locked: what it has made is what the record is about from now on.
pub(super) async fn close_proposal(
    work: &mut Work,
    rules: &Rules,
    task: Task,
    decision: &Decision,
) -> Result<(), Failure> {
    finish(work, rules, vec![(Some(task), decision)]).await
}

/// Closes the tasks of parties, whose decisions leave no record: the caller of the work has decided.
///
/// # Errors
/// As [`Task::decide`].
pub async fn close(
    work: &mut Work,
    rules: &Rules,
    act: &str,
    subjects: &[Uuid],
    outcome: Outcome,
    reason: Option<String>,
) -> Result<(), Failure> {
    let (caller, at, proposer) = (work.caller().clone(), work.now(), work.proposer());
    let mut closed = Vec::new();
    for task in store::lock_waiting_about(work, subjects).await? {
        if task.act == act && task.place.has(&caller) {
            let second_person = task.second_person && rules.second_person;
            let task = Task { second_person, ..task }.handed_on_by(proposer);
            closed.push(task.decide(&caller, at, outcome, reason.clone())?);
        }
    }
    for task in &closed {
        tell(work, "task.decided", task);
    }
    store::save_tasks(work, closed).await
}

/// Closes what waits for a decision about things of which nothing is left to decide: they were taken back, or another party ended
/// them.
///
/// # Errors
/// A fault of the database.
pub async fn drop_open(work: &mut Work, subjects: &[Uuid]) -> Result<(), Failure> {
    let waiting = store::lock_waiting_about(work, subjects).await?;
    let at = work.now();
    let ended = waiting.into_iter().map(|task| task.withdraw(at)).collect::<Result<Vec<_>, _>>()?;
    end(work, "task.withdrawn", ended).await
}

/// The same of one act alone: whatever else waits about the things goes on.
///
/// # Errors
/// A fault of the database.
pub async fn drop_waiting(work: &mut Work, act: &str, subjects: &[Uuid]) -> Result<(), Failure> {
    let waiting = store::lock_waiting_about(work, subjects).await?.into_iter();
    let at = work.now();
    let ended = waiting.filter(|task| task.act == act).map(|task| task.withdraw(at)).collect::<Result<Vec<_>, _>>()?;
    end(work, "task.withdrawn", ended).await
}

/// Closes what was proposed about a thing by an act that was done without it.
pub(super) async fn drop_proposals(work: &mut Work, act: &str, subject: Uuid) -> Result<(), Failure> {
    let waiting = store::lock_waiting_about(work, &[subject]).await?.into_iter();
    let at = work.now();
    let same = waiting.filter(|task| task.act == act && task.proposed.is_some());
    let ended = same.map(|task| task.withdraw(at)).collect::<Result<Vec<_>, _>>()?;
    end(work, "task.withdrawn", ended).await
}

/// Frees what users had taken up who may no longer decide it: they were suspended, or have other roles.
///
/// # Errors
/// A fault of the database.
pub async fn release_claims(work: &mut Work, users: &[UserId]) -> Result<(), Failure> {
    let freed: Vec<Task> = store::lock_claimed_by(work, users).await?.into_iter().filter_map(Task::freed).collect();
    for task in &freed {
        tell(work, "task.released", task);
    }
    store::save_tasks(work, freed).await
}

/// Writes tasks that ended without a decision, and drops their records.
pub(super) async fn end(work: &mut Work, event: &'static str, tasks: Vec<Task>) -> Result<(), Failure> {
    let ids: Vec<Uuid> = tasks.iter().filter(|task| task.has_record).map(|task| task.id.0).collect();
    let records = store::lock_records(work, &ids).await?;
    let dropped = records.into_iter().map(DecisionRecord::drop_it).collect::<Result<Vec<_>, _>>()?;
    for task in &tasks {
        tell(work, event, task);
    }
    store::save_tasks(work, tasks).await?;
    store::save_records(work, dropped).await
}

/// What somebody does with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Takes it up.
    Claim,
    /// Lays it down.
    Release,
    /// Takes their own proposal back.
    Withdraw,
}

/// A step with a task.
#[derive(Debug, Clone, Copy)]
pub struct TaskStep {
    /// Which.
    pub task: TaskId,
    /// The version the caller saw.
    pub expected: Option<i64>,
    /// What to do.
    pub step: Step,
}

/// Claims, releases or withdraws a task.
///
/// # Errors
/// As [`Task::claim`] and [`Task::release`]; [`DecisionRefusal::NotYourProposal`], [`DecisionRefusal::NoProposal`]; hidden when the
/// caller may not know of it, denied when they lack the permission that it needs.
pub async fn step(work: &mut Work, wanted: TaskStep) -> Result<Task, Failure> {
    let locked = store::lock_task(work, wanted.task).await?;
    let caller = work.caller().clone();
    let task = locked.filter(|task| is_visible(task, &caller)).ok_or_else(|| not_found("task"))?;
    expect_version(wanted.expected, task.version)?;
    let version = task.version;
    let task = match wanted.step {
        Step::Claim => {
            expect_place(&task, &caller)?;
            task.claim(&caller, work.now())?
        }
        Step::Release => task.release(caller.user)?,
        Step::Withdraw => {
            if task.proposed.is_none() {
                return Err(DecisionRefusal::NoProposal { act: task.act }.into());
            }
            if task.proposed_by != caller.user {
                return Err(DecisionRefusal::NotYourProposal {}.into());
            }
            let withdrawn = task.withdraw(work.now())?;
            end(work, "task.withdrawn", vec![withdrawn.clone()]).await?;
            return Ok(withdrawn);
        }
    };
    if task.version != version {
        store::save_tasks(work, vec![task.clone()]).await?;
    }
    Ok(task)
}

/// A task that the caller is about to decide, as it stands: the command of its act locks what it is about before the task.
///
/// # Errors
/// As [`Task::expect_decidable`]; hidden when the caller may not know of it.
pub(super) async fn take_up(work: &Work, id: TaskId, expected: Option<i64>) -> Result<Task, Failure> {
    let task = find(work, id).await?;
    expect_place(&task, work.caller())?;
    expect_version(expected, task.version)?;
    task.expect_decidable(work.caller())?;
    if task.second_person {
        delegations::expect_apart(work, &[Origin { by: task.proposed_by, at: task.opened_at }]).await?;
    }
    Ok(task)
}

/// A task as it stands.
///
/// # Errors
/// Hidden when there is none.
pub(super) async fn find(work: &Work, id: TaskId) -> Result<Task, Failure> {
    Ok(store::find_task(work, id).await?.ok_or_else(|| not_found("task"))?)
}

/// Whether somebody may know of a task: who may decide it, who proposed it, and who sees everything.
pub(super) fn is_visible(task: &Task, caller: &Caller) -> bool {
    let sees_all = caller.scope() == crate::access::Scope::Everything && caller.may(Action::Audit).is_ok();
    sees_all || task.proposed_by == caller.user || task.place.has(caller)
}

/// Refuses whoever does not belong where it is decided, or lacks the permission that it needs.
pub(super) fn expect_place(task: &Task, caller: &Caller) -> Result<(), Failure> {
    if !task.place.has(caller) {
        return Err(not_found("task").into());
    }
    let action = Action::parse(&task.permission).ok_or_else(|| Failure::bug("a task of an unknown permission"))?;
    caller.may(action)?;
    Ok(())
}

/// Tells what became of a task.
pub(super) fn tell(work: &mut Work, kind: &'static str, task: &Task) {
    let payload = json!({
        "act": task.act,
        "subject_kind": task.subject_kind,
        "subject": task.subject,
        "state": task.state.as_str(),
        "deadline": task.deadline.map(|day| day.to_string()),
    });
    work.tell(Event { kind, subject: task.id.0, payload });
}
