//! Looks once a day at the permits of what is pledged. Every node looks; a lease lets one of them act, and who was told of an end is not told
//! again, so a look that was cut off is gone on with.

use super::permits::{Looked, tell_some};
use crate::access::{Action, Caller};
use crate::db::{Db, Work, lease};
use crate::kernel::ids::PledgeId;
use crate::kernel::{Failure, ids};
use std::time::Duration;
use uuid::Uuid;

/// Name of the lease.
const LEASE: &str = "pledged_permits";
/// How long the lease outlives its holder's last batch, in seconds.
const LEASED: i64 = 60;
/// Pause between two thoughts of whether to look.
const BETWEEN: Duration = Duration::from_secs(30);

/// Watches the days until the task is ended.
pub async fn keep(db: Db) {
    let holder = ids::fresh();
    let mut looked = None;
    loop {
        let today = db.clock().business_day();
        if looked != Some(today) {
            match pass_day(&db, holder).await {
                Ok(Some(told)) => {
                    looked = Some(today);
                    if told > 0 {
                        tracing::info!(told, "Pledgees were told of permits that end");
                    }
                }
                Ok(None) => {}
                Err(failure) => tracing::error!(%failure, "Permits could not be looked at; it is tried again"),
            }
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// Tells whom the day concerns, and how many that were. Nothing is told when another node is at it.
///
/// # Errors
/// A fault of the database.
pub async fn pass_day(db: &Db, holder: Uuid) -> Result<Option<u64>, Failure> {
    let server = Caller::clock().may(Action::DecideTask)?;
    let (mut told, mut after) = (0, Uuid::nil());
    loop {
        let turn = (holder, after);
        let looked: Option<Looked> = db.run(&server, &turn, |work, turn| Box::pin(look(work, *turn))).await?;
        let Some(looked) = looked else { return Ok(None) };
        told += looked.told;
        match looked.last {
            Some(last) => after = last,
            None => return Ok(Some(told)),
        }
    }
}

async fn look(work: &mut Work, (holder, after): (Uuid, Uuid)) -> Result<Option<Looked>, Failure> {
    if !lease::take(work, LEASE, holder, LEASED).await? {
        return Ok(None);
    }
    let looked = tell_some(work, PledgeId(after)).await?;
    if looked.last.is_none() {
        lease::give_back(work, LEASE, holder).await?;
    }
    Ok(Some(looked))
}
