//! Carries the feed on along the log: every journal is looked at once, in the order of the log, and those whom it concerns are written
//! down together with how far the feed has come. Who died half-way has told nothing; who comes too late finds that it was done.

use super::{parties, store};
use crate::access::{Action, Caller};
use crate::db::{Db, Work, lease};
use crate::events::webhooks;
use crate::kernel::Failure;
use crate::ledger::log::queries::newest_checkpoint;
use crate::ledger::log::sequenced::{self, Sequenced};
use uuid::Uuid;

/// Name of the lease.
const LEASE: &str = "events";
/// How long the lease outlives its holder's last batch, in seconds.
const LEASED: i64 = 10;
/// Journals in one work: it commits within a blink.
pub const BATCH: u64 = 500;

/// What a work tells.
struct Batch {
    holder: Uuid,
    from: i64,
    before: i64,
    journals: Vec<Sequenced>,
    telling: parties::Telling,
}

/// Tells the parties of whatever has come into the log. Gives the number of journals; none also when another node is at it.
///
/// # Errors
/// A fault of the database.
pub async fn tell(db: &Db, holder: Uuid) -> Result<u64, Failure> {
    let server = Caller::clock().may(Action::DecideTask)?;
    let mut total = 0;
    loop {
        let batch = next(db, holder).await?;
        if batch.before == batch.from {
            return Ok(total);
        }
        if !db.run(&server, &batch, |work, batch| Box::pin(tell_some(work, batch))).await? {
            return Ok(total);
        }
        total += batch.journals.len() as u64;
    }
}

async fn next(db: &Db, holder: Uuid) -> Result<Batch, Failure> {
    let from = store::told_before(db.reader()).await?;
    let end = i64::try_from(newest_checkpoint(db.reader()).await?.size).map_err(Failure::bug)?;
    let journals = sequenced::journals_from(db.reader(), from, end, BATCH).await?;
    let telling = parties::of_journals(db.reader(), &journals).await?;
    // Beyond a full batch there may be more; a log that has grown by evidence alone is passed over.
    let last = journals.last().filter(|_| journals.len() as u64 == BATCH);
    Ok(Batch { holder, from, before: last.map_or(end, |last| last.position + 1), journals, telling })
}

/// Tells a batch, unless another node has the lease or was faster.
async fn tell_some(work: &mut Work, batch: &Batch) -> Result<bool, Failure> {
    let is_ours = lease::take(work, LEASE, batch.holder, LEASED).await?
        && store::carry_on(work, batch.from, batch.before).await?;
    if is_ours {
        store::insert_parties(work, &batch.journals, &batch.telling).await?;
        webhooks::enqueue(work, &batch.journals, &batch.telling).await?;
    }
    Ok(is_ours)
}
