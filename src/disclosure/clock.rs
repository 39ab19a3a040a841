//! Publications become due by themselves. Every node looks; a lease lets one of them act, and a trade has one publication, so each is
//! made once.

use super::commands;
use crate::access::{Action, Caller, Role};
use crate::db::{Db, Work, lease};
use crate::kernel::{Failure, ids};
use std::time::Duration;
use uuid::Uuid;

/// Name of the lease.
const LEASE: &str = "publications";
/// How long the lease outlives its holder's last batch, in seconds.
const LEASED: i64 = 60;
/// Publications in one work: it commits within a blink.
const BATCH: u64 = 500;
/// Pause between two looks.
const BETWEEN: Duration = Duration::from_secs(5);

/// Looks until the task is ended.
pub async fn keep(db: Db) {
    let holder = ids::fresh();
    loop {
        if let Err(failure) = make_due(&db, holder).await {
            tracing::error!(%failure, "Publications could not be made due; it is tried again");
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// Makes every publication that is missing. Tells how many; none also when another node has the lease.
///
/// # Errors
/// A fault of the database.
pub async fn make_due(db: &Db, holder: Uuid) -> Result<u64, Failure> {
    let server = Caller { roles: vec![Role::ExchangeOfficer], ..Caller::nobody() }.may(Action::PublishResult)?;
    let mut total = 0;
    loop {
        let made: u64 = db.run(&server, &holder, |work, holder| Box::pin(make_some(work, *holder))).await?;
        total += made;
        if made < BATCH {
            return Ok(total);
        }
    }
}

async fn make_some(work: &mut Work, holder: Uuid) -> Result<u64, Failure> {
    if !lease::take(work, LEASE, holder, LEASED).await? {
        return Ok(0);
    }
    let made = commands::make_due(work, BATCH).await?;
    u64::try_from(made.len()).map_err(Failure::bug)
}
