//! Rows of tasks, of decision records and of the calendar.

use super::record::{DecisionRecord, Finding, Outcome, Publication, Review, Verdict, Withdrawal};
use super::task::{Place, Proposed, Task, TaskState};
use crate::db::records::Covered;
use crate::db::rows::{insert_all, lock_all, put_all, save_all};
use crate::db::{BOOK, Work};
use crate::entity;
use crate::kernel::calendar::{Calendar, DayKind};
use crate::kernel::ids::{DecisionId, OrganisationId, RulebookId, TaskId, UserId};
use crate::kernel::{Failure, Moment};
use jiff::civil::Date;
use sea_orm::sea_query::{ExprTrait, LockType};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

entity!(decisions, "decisions", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    book_id: i32,
    act: String,
    subject_kind: String,
    subject_id: Uuid,
    organisation_id: Option<Uuid>,
    area_path: Option<String>,
    state: String,
    is_major: bool,
    second_person: bool,
    proposed_by: Uuid,
    recorded_at: i64,
    reviewed_by: Option<Uuid>,
    reviewed_at: Option<i64>,
    review_outcome: Option<String>,
    review_opinion: Option<String>,
    outcome: Option<String>,
    decided_by: Option<Uuid>,
    decided_at: Option<i64>,
    reason: Option<String>,
    document_hash: Option<String>,
    rulebook_id: Uuid,
    publish_by: Option<String>,
    published_by: Option<Uuid>,
    published_at: Option<i64>,
    changed_on: Option<String>,
    withdraw_by: Option<String>,
    withdrawn_by: Option<Uuid>,
    withdrawn_at: Option<i64>,
    withdrawal_reason: Option<String>,
    version: i64,
});

entity!(tasks, "tasks", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    book_id: i32,
    act: String,
    subject_kind: String,
    subject_id: Uuid,
    place: String,
    organisation_id: Option<Uuid>,
    area_path: Option<String>,
    permission: String,
    second_person: bool,
    has_record: bool,
    proposed_by: Uuid,
    opened_at: i64,
    deadline: Option<String>,
    lapses_on: Option<String>,
    escalated_at: Option<i64>,
    command: Option<String>,
    command_hash: Option<String>,
    expected_version: Option<i64>,
    state: String,
    claimed_by: Option<Uuid>,
    claimed_at: Option<i64>,
    outcome: Option<String>,
    decided_by: Option<Uuid>,
    decided_at: Option<i64>,
    reason: Option<String>,
    ended_at: Option<i64>,
    rulebook_id: Uuid,
    version: i64,
});

entity!(calendar_days, "calendar_days", {
    #[sea_orm(primary_key, auto_increment = false)]
    day: String,
    kind: String,
    version: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[
    Covered::of::<decisions::Entity>(),
    Covered::of::<tasks::Entity>(),
    Covered::of::<calendar_days::Entity>(),
    Covered::of::<super::documents::store::documents::Entity>(),
    Covered::of::<super::documents::store::document_links::Entity>(),
];

fn day(text: Option<String>) -> Result<Option<Date>, Failure> {
    text.map(|text| text.parse().map_err(Failure::bug)).transpose()
}

fn stamp(by: Option<Uuid>, at: Option<i64>) -> Option<(UserId, Moment)> {
    by.map(UserId).zip(at.map(Moment::from_micros))
}

fn outcome(word: Option<&str>) -> Result<Option<Outcome>, Failure> {
    word.map(|word| Outcome::parse(word).ok_or_else(|| Failure::bug(format!("unknown outcome {word}")))).transpose()
}

/// The place of a decision is that of whoever is in charge.
fn place(organisation: Option<Uuid>, area: Option<String>) -> Result<Place, Failure> {
    match (organisation, area) {
        (Some(id), None) => Ok(Place::Organisation(OrganisationId(id))),
        (None, Some(path)) => Ok(Place::BureauOver(path)),
        _ => Err(Failure::bug("a decision of nobody")),
    }
}

fn columns(place: Place) -> (&'static str, Option<Uuid>, Option<String>) {
    match place {
        Place::Organisation(id) => ("organisation", Some(id.0), None),
        Place::BureauAt(path) => ("bureau_at", None, Some(path)),
        Place::BureauOver(path) => ("bureau_over", None, Some(path)),
    }
}

impl TryFrom<decisions::Model> for DecisionRecord {
    type Error = Failure;

    fn try_from(row: decisions::Model) -> Result<Self, Failure> {
        let finding = row.review_outcome.as_deref().and_then(Finding::parse);
        let review = stamp(row.reviewed_by, row.reviewed_at).zip(finding).map(|((by, at), finding)| Review {
            by,
            at,
            finding,
            opinion: row.review_opinion,
        });
        let (document_hash, publish_by) = (row.document_hash, day(row.publish_by)?);
        let verdict = stamp(row.decided_by, row.decided_at)
            .zip(outcome(row.outcome.as_deref())?)
            .map(|((by, at), outcome)| Verdict { by, at, outcome, reason: row.reason, document_hash, publish_by });
        let publication = stamp(row.published_by, row.published_at).map(|(by, at)| Publication { by, at });
        let by_day = day(row.withdraw_by)?;
        let withdrawal = stamp(row.withdrawn_by, row.withdrawn_at)
            .zip(day(row.changed_on)?)
            .zip(row.withdrawal_reason)
            .map(|(((by, at), changed_on), reason)| Withdrawal { by, at, changed_on, by_day, reason });
        let record = Self {
            id: DecisionId(row.id),
            act: row.act,
            subject_kind: row.subject_kind,
            subject: row.subject_id,
            place: place(row.organisation_id, row.area_path)?,
            is_major: row.is_major,
            second_person: row.second_person,
            proposed_by: UserId(row.proposed_by),
            recorded_at: Moment::from_micros(row.recorded_at),
            review,
            verdict,
            publication,
            withdrawal,
            is_dropped: row.state == "dropped",
            rulebook: RulebookId(row.rulebook_id),
            version: row.version,
        };
        if record.state() == row.state {
            Ok(record)
        } else {
            Err(Failure::bug(format!("a decision in the impossible state {}", row.state)))
        }
    }
}

impl From<DecisionRecord> for decisions::Model {
    fn from(record: DecisionRecord) -> Self {
        let state = record.state().to_owned();
        let (_, organisation_id, area_path) = columns(record.place);
        let (review, verdict, withdrawal) = (record.review, record.verdict, record.withdrawal);
        Self {
            id: record.id.0,
            book_id: BOOK.0,
            act: record.act,
            subject_kind: record.subject_kind,
            subject_id: record.subject,
            organisation_id,
            area_path,
            state,
            is_major: record.is_major,
            second_person: record.second_person,
            proposed_by: record.proposed_by.0,
            recorded_at: record.recorded_at.micros(),
            reviewed_by: review.as_ref().map(|review| review.by.0),
            reviewed_at: review.as_ref().map(|review| review.at.micros()),
            review_outcome: review.as_ref().map(|review| review.finding.as_str().to_owned()),
            review_opinion: review.and_then(|review| review.opinion),
            outcome: verdict.as_ref().map(|verdict| verdict.outcome.as_str().to_owned()),
            decided_by: verdict.as_ref().map(|verdict| verdict.by.0),
            decided_at: verdict.as_ref().map(|verdict| verdict.at.micros()),
            publish_by: verdict.as_ref().and_then(|verdict| verdict.publish_by).map(|day| day.to_string()),
            document_hash: verdict.as_ref().and_then(|verdict| verdict.document_hash.clone()),
            reason: verdict.and_then(|verdict| verdict.reason),
            rulebook_id: record.rulebook.0,
            published_by: record.publication.map(|publication| publication.by.0),
            published_at: record.publication.map(|publication| publication.at.micros()),
            changed_on: withdrawal.as_ref().map(|withdrawal| withdrawal.changed_on.to_string()),
            withdraw_by: withdrawal.as_ref().and_then(|withdrawal| withdrawal.by_day).map(|day| day.to_string()),
            withdrawn_by: withdrawal.as_ref().map(|withdrawal| withdrawal.by.0),
            withdrawn_at: withdrawal.as_ref().map(|withdrawal| withdrawal.at.micros()),
            withdrawal_reason: withdrawal.map(|withdrawal| withdrawal.reason),
            version: record.version,
        }
    }
}

fn task_state(row: &tasks::Model) -> Result<TaskState, Failure> {
    let ended = row.ended_at.map(Moment::from_micros);
    let claimed = stamp(row.claimed_by, row.claimed_at);
    let decided = stamp(row.decided_by, row.decided_at).zip(outcome(row.outcome.as_deref())?);
    match (row.state.as_str(), claimed, decided, ended) {
        ("open", None, None, None) => Ok(TaskState::Open),
        ("claimed", Some((by, at)), None, None) => Ok(TaskState::Claimed { by, at }),
        ("decided", None, Some(((by, at), outcome)), None) => {
            Ok(TaskState::Decided { by, at, outcome, reason: row.reason.clone() })
        }
        ("withdrawn", None, None, Some(at)) => Ok(TaskState::Withdrawn { at }),
        ("lapsed", None, None, Some(at)) => Ok(TaskState::Lapsed { at }),
        (state, ..) => Err(Failure::bug(format!("a task in the impossible state {state}"))),
    }
}

impl TryFrom<tasks::Model> for Task {
    type Error = Failure;

    fn try_from(row: tasks::Model) -> Result<Self, Failure> {
        let state = task_state(&row)?;
        let place = match (row.place.as_str(), row.organisation_id, row.area_path) {
            ("organisation", Some(id), None) => Place::Organisation(OrganisationId(id)),
            ("bureau_at", None, Some(path)) => Place::BureauAt(path),
            ("bureau_over", None, Some(path)) => Place::BureauOver(path),
            (place, ..) => return Err(Failure::bug(format!("a task at the impossible place {place}"))),
        };
        let expected = row.expected_version;
        let proposed = row.command.zip(row.command_hash);
        Ok(Self {
            id: TaskId(row.id),
            act: row.act,
            subject_kind: row.subject_kind,
            subject: row.subject_id,
            place,
            permission: row.permission,
            second_person: row.second_person,
            has_record: row.has_record,
            proposed_by: UserId(row.proposed_by),
            opened_at: Moment::from_micros(row.opened_at),
            deadline: day(row.deadline)?,
            lapses_on: day(row.lapses_on)?,
            escalated_at: row.escalated_at.map(Moment::from_micros),
            proposed: proposed.map(|(command, hash)| Proposed { command, hash, expected }),
            state,
            rulebook: RulebookId(row.rulebook_id),
            version: row.version,
        })
    }
}

impl From<Task> for tasks::Model {
    fn from(task: Task) -> Self {
        let (place, organisation_id, area_path) = columns(task.place);
        let state = task.state.as_str().to_owned();
        let (mut claimed, mut decided, mut outcome, mut reason, mut ended) = (None, None, None, None, None);
        match task.state {
            TaskState::Open => {}
            TaskState::Claimed { by, at } => claimed = Some((by, at)),
            TaskState::Decided { by, at, outcome: how, reason: why } => {
                (decided, outcome, reason) = (Some((by, at)), Some(how.as_str().to_owned()), why);
            }
            TaskState::Withdrawn { at } | TaskState::Lapsed { at } => ended = Some(at),
        }
        Self {
            id: task.id.0,
            book_id: BOOK.0,
            act: task.act,
            subject_kind: task.subject_kind,
            subject_id: task.subject,
            place: place.to_owned(),
            organisation_id,
            area_path,
            permission: task.permission,
            second_person: task.second_person,
            has_record: task.has_record,
            proposed_by: task.proposed_by.0,
            opened_at: task.opened_at.micros(),
            deadline: task.deadline.map(|day| day.to_string()),
            lapses_on: task.lapses_on.map(|day| day.to_string()),
            escalated_at: task.escalated_at.map(Moment::micros),
            expected_version: task.proposed.as_ref().and_then(|proposed| proposed.expected),
            command_hash: task.proposed.as_ref().map(|proposed| proposed.hash.clone()),
            command: task.proposed.map(|proposed| proposed.command),
            state,
            claimed_by: claimed.map(|(by, _)| by.0),
            claimed_at: claimed.map(|(_, at)| at.micros()),
            outcome,
            decided_by: decided.map(|(by, _)| by.0),
            decided_at: decided.map(|(_, at)| at.micros()),
            reason,
            ended_at: ended.map(Moment::micros),
            rulebook_id: task.rulebook.0,
            version: task.version,
        }
    }
}

/// Tasks that still wait.
fn waiting() -> Condition {
    Condition::all().add(tasks::Column::State.is_in(["open", "claimed"]))
}

pub async fn insert_tasks(work: &Work, news: &[Task]) -> Result<(), Failure> {
    let rows = news.iter().cloned().map(tasks::Model::from).collect();
    insert_all::<tasks::Entity, tasks::ActiveModel>(work, rows).await
}

pub async fn save_tasks(work: &Work, changed: Vec<Task>) -> Result<(), Failure> {
    if changed.is_empty() {
        return Ok(());
    }
    save_all::<tasks::Entity, tasks::ActiveModel>(work, changed.into_iter().map(tasks::Model::from).collect()).await
}

/// A task as it stands.
pub async fn find_task(work: &Work, id: TaskId) -> Result<Option<Task>, Failure> {
    let row = tasks::Entity::find_by_id(id.0).one(work.connection()).await?;
    row.map(Task::try_from).transpose()
}

/// Locks a task.
pub async fn lock_task(work: &Work, id: TaskId) -> Result<Option<Task>, Failure> {
    let rows = lock_all::<tasks::Entity>(work, tasks::Column::Id, &[id.0]).await?;
    rows.into_iter().next().map(Task::try_from).transpose()
}

/// Locks what waits for a decision about these things, in id order.
pub async fn lock_waiting_about(work: &Work, subjects: &[Uuid]) -> Result<Vec<Task>, Failure> {
    let rows = tasks::Entity::find()
        .filter(waiting())
        .filter(tasks::Column::SubjectId.is_in(subjects.iter().copied()))
        .order_by_asc(tasks::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(work.connection())
        .await?;
    rows.into_iter().map(Task::try_from).collect()
}

/// Locks what users have taken up, in id order.
pub async fn lock_claimed_by(work: &Work, users: &[UserId]) -> Result<Vec<Task>, Failure> {
    let rows = tasks::Entity::find()
        .filter(tasks::Column::State.eq("claimed"))
        .filter(tasks::Column::ClaimedBy.is_in(users.iter().map(|user| user.0)))
        .order_by_asc(tasks::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(work.connection())
        .await?;
    rows.into_iter().map(Task::try_from).collect()
}

/// Locks some tasks whose deadlines lie before a day, in id order.
pub async fn lock_due(work: &Work, today: Date, most: u64) -> Result<Vec<Task>, Failure> {
    let today = today.to_string();
    let is_late = tasks::Column::EscalatedAt.is_null().and(tasks::Column::Deadline.lt(&today));
    let due = Condition::any().add(is_late).add(tasks::Column::LapsesOn.lt(&today));
    let rows = tasks::Entity::find()
        .filter(waiting())
        .filter(due)
        .order_by_asc(tasks::Column::Id)
        .limit(most)
        .lock(LockType::NoKeyUpdate)
        .all(work.connection())
        .await?;
    rows.into_iter().map(Task::try_from).collect()
}

pub async fn insert_records(work: &Work, news: &[DecisionRecord]) -> Result<(), Failure> {
    if news.is_empty() {
        return Ok(());
    }
    let rows = news.iter().cloned().map(decisions::Model::from).collect();
    insert_all::<decisions::Entity, decisions::ActiveModel>(work, rows).await
}

pub async fn save_records(work: &Work, changed: Vec<DecisionRecord>) -> Result<(), Failure> {
    if changed.is_empty() {
        return Ok(());
    }
    let rows = changed.into_iter().map(decisions::Model::from).collect();
    save_all::<decisions::Entity, decisions::ActiveModel>(work, rows).await
}

/// Locks records in id order.
pub async fn lock_records(work: &Work, ids: &[Uuid]) -> Result<Vec<DecisionRecord>, Failure> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = lock_all::<decisions::Entity>(work, decisions::Column::Id, ids).await?;
    rows.into_iter().map(DecisionRecord::try_from).collect()
}

pub async fn save_calendar_days(work: &Work, days: &[(Date, DayKind)]) -> Result<(), Failure> {
    let row = |(day, kind): &(Date, DayKind)| calendar_days::Model {
        day: day.to_string(),
        kind: kind.as_str().to_owned(),
        version: 1,
    };
    put_all::<calendar_days::Entity, calendar_days::ActiveModel>(work, days.iter().map(row).collect()).await
}

/// The listed days from the beginning of one day's year on: of a year that is half over it is still known whether it is listed.
pub async fn calendar_from(work: &Work, from: Date) -> Result<Calendar, Failure> {
    let first = from.first_of_year().to_string();
    let listed = calendar_days::Entity::find().filter(calendar_days::Column::Day.gte(first));
    let listed = listed.all(work.connection()).await?;
    Ok(Calendar::new(listed.iter().map(listed_day).collect::<Result<Vec<_>, Failure>>()?))
}

/// The listed days of a span in their order.
pub async fn calendar_days(
    connection: &impl ConnectionTrait,
    from: Date,
    to: Date,
) -> Result<Vec<(Date, DayKind)>, Failure> {
    let listed = calendar_days::Entity::find()
        .filter(calendar_days::Column::Day.between(from.to_string(), to.to_string()))
        .order_by_asc(calendar_days::Column::Day);
    listed.all(connection).await?.iter().map(listed_day).collect()
}

fn listed_day(row: &calendar_days::Model) -> Result<(Date, DayKind), Failure> {
    let kind = DayKind::parse(&row.kind).ok_or_else(|| Failure::bug(format!("unknown kind of day {}", row.kind)))?;
    Ok((row.day.parse().map_err(Failure::bug)?, kind))
}
