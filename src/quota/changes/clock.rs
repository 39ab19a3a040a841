//! What its day makes of a change of a cap. Every node looks; a lease lets one of them act, and a change that took effect waits no
//! more, so each takes effect once.

use super::{commands, store};
use crate::access::{Action, Caller, Role};
use crate::db::{Db, Work, lease};
use crate::kernel::{Failure, ids};
use std::time::Duration;
use uuid::Uuid;

/// Name of the lease.
const LEASE: &str = "capacity_changes";
/// How long the lease outlives its holder's last batch, in seconds.
const LEASED: i64 = 60;
/// Changes in one work: it commits within a blink.
const BATCH: u64 = 200;
/// Pause between two looks: a day has begun for no longer before its caps are set.
const BETWEEN: Duration = Duration::from_secs(5);

/// Watches the days until the task is ended.
pub async fn keep(db: Db) {
    let holder = ids::fresh();
    loop {
        if let Err(failure) = pass_days(&db, holder).await {
            tracing::error!(%failure, "Caps that change today could not be set; it is tried again");
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// Sets every cap whose day has come, in the order of the days. Tells how many; none also when another node has the lease.
///
/// # Errors
/// A fault of the database.
pub async fn pass_days(db: &Db, holder: Uuid) -> Result<u64, Failure> {
    let server = Caller { roles: vec![Role::BureauHead], ..Caller::nobody() }.may(Action::SetCapacity)?;
    let mut total = 0;
    loop {
        let set: u64 = db.run(&server, &holder, |work, holder| Box::pin(set_some(work, *holder))).await?;
        total += set;
        if set < BATCH {
            return Ok(total);
        }
    }
}

async fn set_some(work: &mut Work, holder: Uuid) -> Result<u64, Failure> {
    if !lease::take(work, LEASE, holder, LEASED).await? {
        return Ok(0);
    }
    let due = store::lock_due(work, work.today(), BATCH).await?;
    let set = u64::try_from(commands::take_effect(work, due).await?.len()).map_err(Failure::bug)?;
    // Whoever looks next need not wait for a node that was stopped meanwhile.
    if set < BATCH {
        lease::give_back(work, LEASE, holder).await?;
    }
    Ok(set)
}
