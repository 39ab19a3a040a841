//! What its deadlines make of a task: it goes to the head, or it lapses. Every node looks; a lease lets one of them act, and a task
//! that has turned is past its deadline no more, so each turns once.

use super::commands::{end, tell};
use super::store;
use super::task::TaskState;
use crate::access::{Action, Caller, Role};
use crate::db::{Db, Work, lease};
use crate::kernel::{Failure, ids};
use std::time::Duration;
use uuid::Uuid;

/// Name of the lease.
const LEASE: &str = "tasks";
/// How long the lease outlives its holder's last batch, in seconds.
const LEASED: i64 = 60;
/// Tasks in one work: it commits within a blink.
const BATCH: u64 = 500;
/// Pause between two looks: deadlines are days.
const BETWEEN: Duration = Duration::from_secs(30);

/// Watches the deadlines until the task is ended.
pub async fn keep(db: Db) {
    let holder = ids::fresh();
    loop {
        if let Err(failure) = pass_deadlines(&db, holder).await {
            tracing::error!(%failure, "The deadlines of tasks could not be looked at; it is tried again");
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// Turns every task that is past a deadline. Tells how many; none also when another node has the lease.
///
/// # Errors
/// A fault of the database.
pub async fn pass_deadlines(db: &Db, holder: Uuid) -> Result<u64, Failure> {
    let server = Caller { roles: vec![Role::Operator], ..Caller::nobody() }.may(Action::DecideTask)?;
    let mut total = 0;
    loop {
        let turned: u64 = db.run(&server, &holder, |work, holder| Box::pin(turn_some(work, *holder))).await?;
        total += turned;
        if turned < BATCH {
            return Ok(total);
        }
    }
}

async fn turn_some(work: &mut Work, holder: Uuid) -> Result<u64, Failure> {
    if !lease::take(work, LEASE, holder, LEASED).await? {
        return Ok(0);
    }
    let (today, now) = (work.today(), work.now());
    let due = store::lock_due(work, today, BATCH).await?;
    let turned: Vec<_> = due.into_iter().filter_map(|task| task.pass_by(today, now)).collect();
    let count = u64::try_from(turned.len()).map_err(Failure::bug)?;
    let (lapsed, escalated): (Vec<_>, Vec<_>) =
        turned.into_iter().partition(|task| matches!(task.state, TaskState::Lapsed { .. }));
    for task in &escalated {
        tell(work, "task.escalated", task);
    }
    store::save_tasks(work, escalated).await?;
    end(work, "task.lapsed", lapsed).await?;
    Ok(count)
}
