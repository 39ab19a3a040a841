//! What time causes: sessions open, enter their final, close, are ranked, fail and are settled. Every node looks; a lease, which lasts no
//! longer than the work in which it is taken, lets one of them act. What a step does follows from the rules and the bids, so it does not
//! matter which node takes it, and a bid is judged by the instant of its arrival even where none has taken it yet.

use super::passing::advance;
use super::pledged::PledgedLots;
use super::queries;
use crate::access::{Action, Caller};
use crate::db::{Db, Work, lease};
use crate::kernel::ids::AuctionId;
use crate::kernel::{Failure, ids};
use std::time::Duration;
use uuid::Uuid;

/// Name of the lease.
const LEASE: &str = "auctions";
/// How long the lease would outlive a holder that is held up in the middle of a work, in seconds.
const LEASED: i64 = 5;
/// Pause between two looks: how much later than its time a session is seen to close.
const BETWEEN: Duration = Duration::from_millis(250);

/// Watches the clock until the task is ended.
pub async fn keep(db: Db, pledges: &'static dyn PledgedLots) {
    let holder = ids::fresh();
    loop {
        if let Err(failure) = pass_time(&db, pledges, holder).await {
            tracing::error!(%failure, "Auctions that are due could not be carried on; it is tried again");
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// Carries on every session that is due. Tells how many steps that were; none also when another node has the lease.
///
/// # Errors
/// A fault of the database.
pub async fn pass_time(db: &Db, pledges: &'static dyn PledgedLots, holder: Uuid) -> Result<u64, Failure> {
    let mut steps = 0;
    for auction in queries::due(db).await? {
        let server = Caller::clock().may(Action::DecideTask)?;
        // One work for each, so that one that cannot be carried on holds up no other.
        let turn = (holder, auction);
        let taken: Result<u64, Failure> =
            db.run(&server, &turn, move |work, turn| Box::pin(one(work, pledges, *turn))).await;
        match taken {
            Ok(taken) => steps += taken,
            Err(failure) => {
                tracing::error!(%auction, %failure, "An auction could not be carried on; it is tried again");
            }
        }
    }
    Ok(steps)
}

async fn one(work: &mut Work, pledges: &dyn PledgedLots, (holder, auction): (Uuid, AuctionId)) -> Result<u64, Failure> {
    if !lease::take(work, LEASE, holder, LEASED).await? {
        return Ok(0);
    }
    let steps = advance(work, pledges, &[auction]).await?;
    lease::give_back(work, LEASE, holder).await?;
    Ok(steps)
}
