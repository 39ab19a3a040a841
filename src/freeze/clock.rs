//! Freezes whose last day has passed are lifted by the clock: an order that prolongs one comes before that, or freezes anew. Every node
//! looks; a lease lets one of them act, and what is over is found by its state, so it ends once.

use super::commands::lift_run_out;
use crate::access::{Action, Caller};
use crate::db::{Db, Work, lease};
use crate::encumbrance::Binders;
use crate::kernel::{Failure, ids};
use std::time::Duration;
use uuid::Uuid;

/// Name of the lease.
const LEASE: &str = "freezes";
/// How long the lease outlives its holder's last batch, in seconds.
const LEASED: i64 = 60;
/// Freezes in one work: it commits within a blink.
const BATCH: u64 = 50;
/// Pause between two looks: terms are days.
const BETWEEN: Duration = Duration::from_secs(30);

/// Watches the last days until the task is ended.
pub async fn keep(db: Db, binders: Binders) {
    let holder = ids::fresh();
    loop {
        match pass_day(&db, binders, holder).await {
            Ok(0) => {}
            Ok(lifted) => tracing::info!(lifted, "Freezes have run out"),
            Err(failure) => tracing::error!(%failure, "Freezes could not be looked at; it is tried again"),
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// Lifts whatever has run out. Tells how many; none also when another node is at it.
///
/// # Errors
/// A fault of the database.
pub async fn pass_day(db: &Db, binders: Binders, holder: Uuid) -> Result<u64, Failure> {
    let server = Caller::clock().may(Action::DecideTask)?;
    let mut total = 0;
    loop {
        let turn = (holder, binders);
        let lifted: u64 = db.run(&server, &turn, |work, turn| Box::pin(pass_some(work, *turn))).await?;
        total += lifted;
        if lifted < BATCH {
            return Ok(total);
        }
    }
}

async fn pass_some(work: &mut Work, (holder, binders): (Uuid, Binders)) -> Result<u64, Failure> {
    if !lease::take(work, LEASE, holder, LEASED).await? {
        return Ok(0);
    }
    let lifted = lift_run_out(work, binders, BATCH).await?;
    if lifted < BATCH {
        lease::give_back(work, LEASE, holder).await?;
    }
    Ok(lifted)
}
