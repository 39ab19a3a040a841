//! The sequencer: gives every final row of the books its position in the tree, and signs. It runs on every node; a lease lets
//! one of them do it at a time.
//!
//! Nothing is queued on the way in. Every row carries its instant, and what lies before the watermark can gain no row any
//! more, so the rows after the last checkpoint's watermark and before the newest are exactly what is missing. A node whose
//! clock runs behind may still record before a watermark that another node has seen; from time to time the last ten
//! minutes are therefore compared row by row.

use super::store::{self, NewLeaf, SigningKey};
use super::{Checkpoint, commands, keeper, queries, signed};
use crate::db::{Db, Work, lease};
use crate::kernel::{Failure, Moment, ids};
use accounting::tree::Edge;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

/// Name of the lease.
pub(super) const LEASE: &str = "log";
/// How long the lease outlives its holder's last batch, in seconds: many batches, and nobody waits long for a dead node.
const LEASED: i64 = 10;
/// Leaves of one batch: it commits within a blink, also on SQLite where it holds the one writer.
const BATCH: u64 = 10_000;
/// The same where nobody else writes: the index of leaves by hash has random keys, so every batch writes nearly all its pages, and on
/// SQLite fewer batches write that many fewer times. It takes some tens of megabytes.
const LARGE_BATCH: u64 = 100_000;
/// Pause between two passes, so that the log is less than a second behind.
const BETWEEN: Duration = Duration::from_millis(500);
/// How far clocks may be apart without a row falling out of the log, in minutes.
const SWEPT: i64 = 10;
/// Pause between two comparisons of those minutes.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(30);

/// What one batch has done.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Sequenced {
    leaves: u64,
    is_ours: bool,
}

/// What one batch takes.
struct Batch {
    holder: Uuid,
    final_before: Moment,
    is_sweep: bool,
    most: u64,
}

/// The sequencer of one node.
pub struct Sequencer {
    db: Db,
    holder: Uuid,
    batch: u64,
    has_lease: bool,
    swept: Option<Instant>,
}

impl Sequencer {
    /// A sequencer that has not looked yet.
    pub fn new(db: Db) -> Self {
        Self { db, holder: ids::fresh(), batch: BATCH, has_lease: false, swept: None }
    }

    /// The same in smaller batches.
    #[must_use]
    pub fn in_batches_of(self, leaves: u64) -> Self {
        Self { batch: leaves.clamp(1, BATCH), ..self }
    }

    /// Takes every final row into the log, in batches. Tells how many; none also when another node holds the lease.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn catch_up(&mut self) -> Result<u64, Failure> {
        let is_due = self.swept.is_none_or(|swept| swept.elapsed() > BETWEEN_SWEEPS);
        let known = queries::newest_checkpoint(self.db.reader()).await?.stable_before;
        // Looked for here, where nobody waits for it, and only once more in the work when there is something to find.
        let is_late = is_due && queries::has_news(&self.db, known.plus_minutes(-SWEPT), known).await?;
        let mut total = 0;
        if is_late || queries::has_news(&self.db, known, Moment::from_micros(i64::MAX)).await? {
            let final_before = self.db.final_before().await?;
            let permit = keeper()?;
            let mut batch = Batch { holder: self.holder, final_before, is_sweep: is_late, most: self.batch };
            loop {
                let done = self.db.run(&permit, &batch, |work, batch| Box::pin(sequence_batch(work, batch))).await?;
                total += done.leaves;
                self.has_lease = done.is_ours;
                if !done.is_ours {
                    return Ok(total);
                }
                if done.leaves < self.batch {
                    break;
                }
                // What the sweep looks for comes first in the order, and so has come already.
                batch.is_sweep = false;
            }
        }
        if is_due {
            self.swept = Some(Instant::now());
        }
        Ok(total)
    }

    /// Lets another node take over at once.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn stop(self) -> Result<(), Failure> {
        if !self.has_lease {
            return Ok(());
        }
        self.db.run(&keeper()?, &self.holder, |work, holder| Box::pin(lease::give_back(work, LEASE, *holder))).await
    }
}

/// Takes every final row into the log, once. Tells how many.
///
/// # Errors
/// A fault of the database.
pub async fn sequence_once(db: &Db) -> Result<u64, Failure> {
    let mut sequencer = Sequencer::new(db.clone());
    let taken = sequencer.catch_up().await?;
    sequencer.stop().await?;
    Ok(taken)
}

/// The same in large batches, for whoever is alone with the book.
///
/// # Errors
/// A fault of the database.
pub async fn sequence_alone(db: &Db) -> Result<u64, Failure> {
    let mut sequencer = Sequencer { batch: LARGE_BATCH, ..Sequencer::new(db.clone()) };
    let taken = sequencer.catch_up().await?;
    sequencer.stop().await?;
    Ok(taken)
}

/// Keeps the log until told to stop; then takes in what is final once more.
pub async fn keep(db: Db, mut stop: watch::Receiver<bool>) {
    let mut sequencer = Sequencer::new(db);
    loop {
        let is_last = *stop.borrow();
        match sequencer.catch_up().await {
            Ok(0) => {}
            Ok(leaves) => tracing::debug!(leaves, "The log has grown by {leaves} leaves"),
            Err(failure) if commands::is_passing(&failure) => tracing::debug!(%failure, "The log waits its turn"),
            Err(failure) => tracing::error!(%failure, "The log could not be kept"),
        }
        if is_last {
            break;
        }
        tokio::select! {
            () = tokio::time::sleep(BETWEEN) => {}
            // Nobody is left to tell us: that is the end as well.
            told = stop.changed() => if told.is_err() { break },
        }
    }
    if let Err(failure) = sequencer.stop().await {
        tracing::warn!(%failure, "The lease of the log was not given back: another node takes it in seconds");
    }
}

/// Takes every row recorded before a work that is alone into the log, within it: no other is under way, so nothing older can be added any
/// more and nobody else appends. The lease is not asked for; its holder goes on behind what was taken. Tells how many.
pub(in crate::ledger) async fn take_in(work: &Work) -> Result<u64, Failure> {
    let mut batch = Batch { holder: Uuid::nil(), final_before: work.now(), is_sweep: true, most: BATCH };
    let mut total = 0;
    loop {
        let taken = append_next(work, &batch).await?;
        total += taken;
        if taken < BATCH {
            return Ok(total);
        }
        batch.is_sweep = false;
    }
}

async fn sequence_batch(work: &mut Work, batch: &Batch) -> Result<Sequenced, Failure> {
    if !lease::take(work, LEASE, batch.holder, LEASED).await? {
        return Ok(Sequenced { leaves: 0, is_ours: false });
    }
    Ok(Sequenced { leaves: append_next(work, batch).await?, is_ours: true })
}

/// Appends the rows that are next, and tells how many.
async fn append_next(work: &Work, batch: &Batch) -> Result<u64, Failure> {
    let newest = queries::newest_checkpoint(work.connection()).await?;
    let from = if batch.is_sweep { newest.stable_before.plus_minutes(-SWEPT) } else { newest.stable_before };
    let leaves = store::next_leaves(work, from, batch.final_before, batch.most).await?;
    if !leaves.is_empty() {
        append(work, batch, &newest, &leaves).await?;
    }
    Ok(leaves.len() as u64)
}

async fn append(work: &Work, batch: &Batch, newest: &Checkpoint, leaves: &[NewLeaf]) -> Result<(), Failure> {
    let spans = Edge::spans(newest.size);
    let read = queries::read_spans(work.connection(), &spans).await?;
    let mut edge = Edge::try_new(newest.size, read.into_values().collect()).map_err(Failure::bug)?;
    let nodes: Vec<_> = leaves.iter().flat_map(|leaf| edge.append(leaf.leaf_hash)).collect();
    store::insert_leaves(work, signed(newest.size)?, leaves).await?;
    store::insert_nodes(work, &nodes).await?;
    // A batch that is full may have left rows behind, from its last instant on.
    let last = leaves.last().filter(|_| leaves.len() as u64 == batch.most);
    let stable_before = last.map_or(batch.final_before, |last| Moment::from_micros(last.recorded_at));
    let SigningKey { number, signing_key } = store::signing_key(work).await?;
    let keys = queries::list_keys(work.connection()).await?;
    let next = Checkpoint {
        number: newest.number + 1,
        size: edge.size(),
        root: edge.root(),
        note: String::new(),
        key_number: number,
        stable_before: stable_before.max(newest.stable_before),
        recorded_at: work.now(),
    };
    commands::sign(work, next, queries::origin_of(&keys), &[&signing_key]).await?;
    Ok(())
}
