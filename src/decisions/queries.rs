//! Reading tasks and decision records.

use super::commands::is_visible;
use super::record::DecisionRecord;
use super::review;
use super::store::{self, decisions, tasks};
use super::task::Task;
use crate::access::{Action, Caller, Scope};
use crate::db::{Db, rows};
use crate::kernel::calendar::{Calendar, DayKind};
use crate::kernel::ids::{DecisionId, TaskId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use jiff::civil::{Date, date};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

/// Which tasks are wanted.
#[derive(Debug, Clone, Copy)]
pub struct TaskFilter<'q> {
    /// Those that one has proposed, instead of those that one may decide.
    pub is_proposer: bool,
    /// In which state; those that still wait when absent.
    pub state: Option<&'q str>,
    /// Of which act.
    pub act: Option<&'q str>,
    /// About which thing.
    pub subject: Option<Uuid>,
    /// Only those that went to the head, or only those that did not.
    pub is_escalated: Option<bool>,
}

/// The inbox: what the caller may decide, or has proposed. Whoever audits sees every task.
///
/// # Errors
/// A fault of the database.
pub async fn list_tasks(
    db: &Db,
    caller: &Caller,
    filter: TaskFilter<'_>,
    page: &PageRequest,
) -> Result<Page<Task>, Failure> {
    let mut select = tasks::Entity::find();
    if filter.is_proposer {
        select = select.filter(tasks::Column::ProposedBy.eq(caller.user.0));
    } else if caller.may(Action::Audit).is_err() {
        select = select.filter(for_decider(caller));
    }
    select = match filter.state {
        Some(state) => select.filter(tasks::Column::State.eq(state)),
        None => select.filter(tasks::Column::State.is_in(["open", "claimed"])),
    };
    if let Some(act) = filter.act {
        select = select.filter(tasks::Column::Act.eq(act));
    }
    if let Some(subject) = filter.subject {
        select = select.filter(tasks::Column::SubjectId.eq(subject));
    }
    select = match filter.is_escalated {
        Some(true) => select.filter(tasks::Column::EscalatedAt.is_not_null()),
        Some(false) => select.filter(tasks::Column::EscalatedAt.is_null()),
        None => select,
    };
    let found = rows::page(select, tasks::Column::Id, page).all(db.reader()).await?;
    let items = found.into_iter().map(Task::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |task| task.id.0))
}

/// At the caller's place, with a permission they have, and where a second person is asked for not their own proposal, nor for a
/// program.
fn for_decider(caller: &Caller) -> Condition {
    let own = tasks::Column::OrganisationId.eq(caller.organisation.0);
    let mut places = Condition::any().add(own);
    if caller.roles.iter().any(|role| role.sees_area()) {
        let path = &caller.area_path;
        places = places.add(tasks::Column::AreaPath.eq(path));
        let below = tasks::Column::AreaPath.starts_with(format!("{path}/"));
        places = places.add(below.and(tasks::Column::Place.eq("bureau_over")));
    }
    let permissions: Vec<&str> =
        caller.roles.iter().flat_map(|role| role.permissions()).map(|action| action.as_str()).collect();
    let mut who = Condition::any().add(tasks::Column::SecondPerson.eq(false));
    if !caller.is_client() {
        who = who.add(tasks::Column::ProposedBy.ne(caller.user.0));
    }
    Condition::all().add(places).add(tasks::Column::Permission.is_in(permissions)).add(who)
}

/// A task that the caller may know of.
///
/// # Errors
/// A fault of the database.
pub async fn find_task(db: &Db, caller: &Caller, id: TaskId) -> Result<Option<Task>, Failure> {
    let row = tasks::Entity::find_by_id(id.0).one(db.reader()).await?;
    let found = row.map(Task::try_from).transpose()?;
    Ok(found.filter(|task| is_visible(task, caller)))
}

/// Which decisions are wanted.
#[derive(Debug, Clone, Copy)]
pub struct DecisionFilter<'q> {
    /// In which state.
    pub state: Option<&'q str>,
    /// Of which act.
    pub act: Option<&'q str>,
    /// About which thing.
    pub subject: Option<Uuid>,
    /// How it was decided.
    pub outcome: Option<&'q str>,
    /// Only those that are reviewed before they are made, or only others.
    pub is_major: Option<bool>,
    /// Only those decided in or after this instant.
    pub from: Option<Moment>,
    /// Only those decided before this instant.
    pub before: Option<Moment>,
    /// Only those that should have been published by this day, as text, and are not.
    pub unpublished_on: Option<&'q str>,
}

/// Decisions that the caller may know of.
///
/// # Errors
/// A fault of the database.
pub async fn list_decisions(
    db: &Db,
    caller: &Caller,
    filter: DecisionFilter<'_>,
    page: &PageRequest,
) -> Result<Page<DecisionRecord>, Failure> {
    use decisions::Column as C;
    let asked: [Option<Expr>; 8] = [
        filter.state.map(|state| C::State.eq(state)),
        filter.act.map(|act| C::Act.eq(act)),
        filter.subject.map(|subject| C::SubjectId.eq(subject)),
        filter.outcome.map(|outcome| C::Outcome.eq(outcome)),
        filter.is_major.map(|is_major| C::IsMajor.eq(is_major)),
        filter.from.map(|from| C::DecidedAt.gte(from.micros())),
        filter.before.map(|before| C::DecidedAt.lt(before.micros())),
        filter.unpublished_on.map(|today| C::PublishBy.lt(today).and(C::State.eq("decided"))),
    ];
    let wanted = asked.into_iter().flatten().fold(visible(caller), Condition::add);
    let select = decisions::Entity::find().filter(wanted);
    let found = rows::page(select, C::Id, page).all(db.reader()).await?;
    let items = found.into_iter().map(DecisionRecord::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |record| record.id.0))
}

/// What is published, for everybody; what is not, for those in charge of it.
fn visible(caller: &Caller) -> Condition {
    let published = decisions::Column::State.eq("published");
    if caller.may(Action::ReadDecisions).is_err() {
        return Condition::all().add(published);
    }
    let any = match caller.scope() {
        Scope::Everything => return Condition::all(),
        Scope::Area { path } => {
            let below = decisions::Column::AreaPath.starts_with(format!("{path}/"));
            let own = decisions::Column::OrganisationId.eq(caller.organisation.0);
            Condition::any().add(decisions::Column::AreaPath.eq(path)).add(below).add(own)
        }
        Scope::Organisation { id } => Condition::any().add(decisions::Column::OrganisationId.eq(id.0)),
    };
    Condition::all().add(any.add(published))
}

/// A decision that the caller may know of.
///
/// # Errors
/// A fault of the database.
pub async fn find_decision(db: &Db, caller: &Caller, id: DecisionId) -> Result<Option<DecisionRecord>, Failure> {
    let row = decisions::Entity::find_by_id(id.0).one(db.reader()).await?;
    let found = row.map(DecisionRecord::try_from).transpose()?;
    let is_in_charge =
        |record: &DecisionRecord| caller.may(Action::ReadDecisions).is_ok() && review::is_visible(record, caller);
    Ok(found.filter(|record| record.is_published() || is_in_charge(record)))
}

/// A year of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarYear {
    /// Which.
    pub year: i16,
    /// Whether its holidays are known.
    pub is_listed: bool,
    /// Its listed days in their order; none when nobody has listed any, and only weekends count.
    pub listed: Vec<(Date, DayKind)>,
    /// Its days on which offices work.
    pub working_days: usize,
}

/// A year as it is known.
///
/// # Errors
/// A fault of the database.
pub async fn find_calendar_year(connection: &impl ConnectionTrait, year: i16) -> Result<CalendarYear, Failure> {
    let first = date(year, 1, 1);
    let listed = store::calendar_days(connection, first, first.last_of_year()).await?;
    let calendar = Calendar::new(listed.iter().copied());
    let days = first.series(jiff::ToSpan::day(1)).take_while(|day| day.year() == year);
    let working_days = days.filter(|day| calendar.is_working_day(*day)).count();
    Ok(CalendarYear { year, is_listed: calendar.covers(year), working_days, listed })
}
