//! The coalescer (合并提交): requests for the same hot command share one work. What arrives while a batch commits is gathered
//! into the next one, so that a hot account is locked once for many and the disk is waited for once.
//!
//! Each request gets its own answer, its own line of evidence when it is refused, and its own idempotency key. A refused one
//! spoils nobody's: the work is undone and each half of the batch runs in a work of its own, until the refused ones stand alone.
//! One work for all parts would lock the accounts of the second part while it holds those of the first, out of their order. When
//! a work fails as a whole (a deadlock, a lost connection, a panic), each of its requests runs by itself.

use crate::access::{Caller, Permit};
use crate::db::Db;
use crate::db::once::{self, CommandKey};
use crate::db::stable::Company;
use crate::db::work::{Doing, Work};
use crate::kernel::{Failure, Kind};
use futures_util::FutureExt;
use sea_orm::{ConnectionTrait, DbBackend};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::{Any, TypeId};
use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use uuid::Uuid;

/// Most requests in one work: beyond it the share of the commit in each is too small to matter, and the locks are held long.
const LARGEST_BATCH: usize = 256;
/// Most requests that wait for one command when nothing else is said: at some thousands a second, as long as a client is
/// willing to wait.
pub const USUAL_QUEUE: usize = 2_048;
/// Works of one command that run side by side on PostgreSQL: one computes while the other waits for the disk.
const POSTGRES_LANES: usize = 2;

/// What a gathered command does with a slice: one is a batch of one. It answers in the order of the slice.
pub type Body<I, T> = for<'w> fn(&'w mut Work, &'w [I]) -> Doing<'w, Vec<T>>;

/// Whose requests may stand in one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Those of one caller, for whom the work is begun.
    One,
    /// Those of any: each item says itself who asks, and [`Work::caller`] is nobody.
    Any,
}

/// A request on its way into a batch.
#[derive(Debug)]
pub struct Item<I> {
    /// What is asked.
    pub input: I,
    /// The thing it changes: two requests about one thing never stand in one batch, so that each sees what the other did.
    pub target: Option<Uuid>,
    /// Whose requests it may share a work with.
    pub callers: Callers,
}

struct Waiting<I, T> {
    permit: Permit,
    key: CommandKey,
    target: Option<Uuid>,
    input: I,
    answer: Answer<T>,
}

struct Queue<I, T> {
    line: Mutex<Line<I, T>>,
    body: Body<I, T>,
}

struct Line<I, T> {
    waiting: VecDeque<Waiting<I, T>>,
    /// Works under way.
    lanes: usize,
}

impl<I, T> Queue<I, T> {
    fn line(&self) -> MutexGuard<'_, Line<I, T>> {
        // Nothing that can panic happens under this lock.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next batch; when nothing waits, the lane is given up under the same lock, so that no request is left alone.
    fn next_batch(&self) -> Vec<Waiting<I, T>> {
        let mut line = self.line();
        let (mut batch, mut later) = (Vec::new(), VecDeque::new());
        let (mut targets, mut keys) = (HashSet::new(), HashSet::new());
        while let Some(next) = line.waiting.pop_front() {
            let is_apart = next.target.is_none_or(|target| !targets.contains(&target))
                && next.key.key.as_ref().is_none_or(|key| !keys.contains(&(next.key.client, key.clone())));
            if batch.len() < LARGEST_BATCH && is_apart {
                targets.extend(next.target);
                keys.extend(next.key.key.clone().map(|key| (next.key.client, key)));
                batch.push(next);
            } else {
                later.push_back(next);
            }
        }
        line.waiting = later;
        if batch.is_empty() {
            line.lanes -= 1;
        }
        batch
    }
}

/// Gives the lane back when its task is cut off (the runtime ends); the ordinary end gives it back with the empty queue. A panic
/// of a body never comes this far: it is the failure of one batch, and the lane goes on with the next.
struct Lane<'q, I, T> {
    queue: &'q Queue<I, T>,
    is_over: bool,
}

impl<I, T> Drop for Lane<'_, I, T> {
    fn drop(&mut self) {
        if !self.is_over {
            self.queue.line().lanes -= 1;
        }
    }
}

/// How many requests of this node shared works, for the operator.
#[derive(Debug, Default)]
pub(super) struct Tally {
    waiting: AtomicU64,
    batches: AtomicU64,
    works: AtomicU64,
    requests: AtomicU64,
    alone: AtomicU64,
}

/// How many requests of this node shared works since it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gathered {
    /// Requests that wait now for a batch to begin.
    pub waiting: u64,
    /// Batches that were taken on.
    pub batches: u64,
    /// Works that were committed for them: one each, and more where somebody was refused.
    pub works: u64,
    /// Requests that were answered in them.
    pub requests: u64,
    /// Requests that ran by themselves because their work failed as a whole.
    pub alone: u64,
}

/// The queues of a node by command, by caller where batches are one caller's, and by the type of what is asked.
pub(super) type Queues = Mutex<HashMap<(String, Option<Uuid>, TypeId), Arc<dyn Any + Send + Sync>>>;

impl Db {
    /// How many requests of this node shared works since it started.
    pub fn gathered(&self) -> Gathered {
        let Tally { waiting, batches, works, requests, alone } = self.tally.as_ref();
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Gathered {
            waiting: read(waiting),
            batches: read(batches),
            works: read(works),
            requests: read(requests),
            alone: read(alone),
        }
    }

    /// Runs a command at most once for this key, in one work with others of its kind that wait at the same time.
    ///
    /// # Errors
    /// Whatever `body` refuses for this item alone, [`once::OnceRefusal::KeyReused`], [`Kind::Busy`] when too many wait.
    pub async fn gather<I, T>(
        &self,
        permit: &Permit,
        key: &CommandKey,
        item: Item<I>,
        body: Body<I, T>,
    ) -> Result<T, Failure>
    where
        I: Send + Sync + 'static,
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        // Who stands in for somebody has a work of their own, which says so.
        if !key.terms.are_none() || permit.caller().stands_in.is_some() {
            return self.alone(permit, key, &item.input, body).await;
        }
        let queue = self.queue(key, item.callers, body)?;
        let (answer, answered) = oneshot::channel();
        {
            let mut line = queue.line();
            if line.waiting.len() >= self.longest_queue {
                let source = Some("too many requests wait for this command".into());
                return Err(Failure { kind: Kind::Busy, violations: Vec::new(), source });
            }
            let (permit, key) = (permit.clone(), key.clone());
            line.waiting.push_back(Waiting { permit, key, target: item.target, input: item.input, answer });
            self.tally.waiting.fetch_add(1, Ordering::Relaxed);
            let lanes = if self.backend() == DbBackend::Sqlite { 1 } else { POSTGRES_LANES };
            if line.lanes < lanes {
                line.lanes += 1;
                let (db, queue) = (self.clone(), queue.clone());
                // A task of its own: a client that goes away does not take the others' answers with it.
                tokio::spawn(async move { db.serve(&queue).await });
            }
        }
        answered.await.map_err(|_| Failure::bug("a batch ended without an answer"))?
    }

    fn queue<I, T>(&self, key: &CommandKey, callers: Callers, body: Body<I, T>) -> Result<Arc<Queue<I, T>>, Failure>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
    {
        let client = (callers == Callers::One).then_some(key.client);
        let name = (key.operation.clone(), client, TypeId::of::<Queue<I, T>>());
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry(name).or_insert_with(|| {
            let line = Line { waiting: VecDeque::new(), lanes: 0 };
            Arc::new(Queue { line: Mutex::new(line), body })
        });
        queue.clone().downcast().map_err(|_| Failure::bug("a queue of another type stands under this name"))
    }

    /// Serves a queue until nothing waits in it.
    async fn serve<I, T>(&self, queue: &Queue<I, T>)
    where
        I: Send + Sync + 'static,
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        let mut lane = Lane { queue, is_over: false };
        loop {
            let batch = queue.next_batch();
            if batch.is_empty() {
                lane.is_over = true;
                return;
            }
            self.tally.waiting.fetch_sub(batch.len() as u64, Ordering::Relaxed);
            self.answer(batch, queue.body).await;
        }
    }

    async fn answer<I, T>(&self, batch: Vec<Waiting<I, T>>, body: Body<I, T>)
    where
        I: Send + Sync + 'static,
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        let (mut heads, mut inputs) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
        let mut answers = Vec::with_capacity(batch.len());
        for Waiting { permit, key, input, answer, .. } in batch {
            heads.push((permit, key));
            inputs.push(input);
            answers.push(Some(answer));
        }
        self.tally.batches.fetch_add(1, Ordering::Relaxed);
        let mut give = |at: usize, outcome| {
            // Whoever asked may have gone; what was done stays done under its key.
            let _ = answers.get_mut(at).and_then(Option::take).map(|answer: Answer<T>| answer.send(outcome));
        };
        let whole = 0..inputs.len();
        let mut parts = vec![whole];
        while let Some(part) = parts.pop() {
            let (start, asked) = (part.start, &heads[part.clone()]);
            match caught(self.attempt_together(asked, &inputs[part.clone()], body)).await {
                Ok(Attempt { outcomes, rest }) => {
                    self.tally.requests.fetch_add(outcomes.len() as u64, Ordering::Relaxed);
                    for (at, outcome) in outcomes {
                        give(start + at, outcome);
                    }
                    parts.extend(rest.into_iter().rev().map(|part| start + part.start..start + part.end));
                }
                Err(failure) => {
                    self.tally.alone.fetch_add(part.len() as u64, Ordering::Relaxed);
                    let operation = asked.first().map(|(_, key)| key.operation.as_str());
                    tracing::debug!(operation, requests = part.len(), %failure, "A work failed as a whole: its requests run one by one");
                    for (at, (permit, key)) in part.zip(asked) {
                        give(at, caught(self.alone(permit, key, &inputs[at], body)).await);
                    }
                }
            }
        }
    }

    /// Runs one request in a work of its own, by the same body.
    async fn alone<I, T>(&self, permit: &Permit, key: &CommandKey, input: &I, body: Body<I, T>) -> Result<T, Failure>
    where
        I: Send + Sync + 'static,
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        self.run_once(permit, key, std::slice::from_ref(input), move |work, inputs| {
            Box::pin(async move {
                let answers = body(work, inputs).await?;
                answers.into_iter().next().ok_or_else(|| Failure::bug("a command answered nothing"))
            })
        })
        .await
    }

    /// Runs requests in one work. A failure of the whole leaves nothing behind.
    async fn attempt_together<I, T>(
        &self,
        asked: &[(Permit, CommandKey)],
        inputs: &[I],
        body: Body<I, T>,
    ) -> Result<Attempt<T>, Failure>
    where
        I: Send + Sync + 'static,
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        let Some((first, _)) = asked.first() else { return Ok(Attempt::of(Vec::new())) };
        let mut work = self.begin(first, Company::Shared).await?;
        if asked.iter().any(|(permit, _)| permit.caller().user != first.caller().user) {
            work.act_for(Caller::nobody());
        }
        let keys: Vec<&CommandKey> = asked.iter().map(|(_, key)| key).collect();
        let known: Vec<Option<Result<T, Failure>>> = once::claim_all(&work, &keys).await?;
        if known.iter().any(Option::is_some) {
            // A repeat has its first answer already and runs nothing; the others run without it.
            let rest = runs_without(&known);
            let known = known.into_iter().enumerate().filter_map(|(at, outcome)| Some((at, outcome?)));
            return Ok(Attempt { outcomes: known.collect(), rest });
        }
        let before = work.mark();
        if inputs.len() == 1 {
            // A batch that is refused is undone as a whole; of one request the refusal is kept.
            work.connection().execute_unprepared("SAVEPOINT body").await?;
        }
        let outcomes: Vec<Result<T, Failure>> = match body(&mut work, inputs).await {
            Ok(values) if values.len() == inputs.len() => values.into_iter().map(Ok).collect(),
            Ok(_) => return Err(Failure::bug("a command did not answer each item of its slice")),
            Err(failure) if matches!(failure.kind, Kind::Busy | Kind::Bug) => return Err(failure),
            Err(_) if inputs.len() > 1 => {
                let middle = inputs.len() / 2;
                return Ok(Attempt { outcomes: Vec::new(), rest: vec![0..middle, middle..inputs.len()] });
            }
            Err(failure) => {
                work.connection().execute_unprepared("ROLLBACK TO SAVEPOINT body").await?;
                work.forget_after(before);
                vec![Err(failure)]
            }
        };
        once::keep_all(&work, &keys.into_iter().zip(&outcomes).collect::<Vec<_>>()).await?;
        work.commit().await?;
        self.tally.works.fetch_add(1, Ordering::Relaxed);
        Ok(Attempt::of(outcomes.into_iter().enumerate().collect()))
    }
}

/// Where a request is answered.
type Answer<T> = oneshot::Sender<Result<T, Failure>>;

/// What came of requests in one work.
struct Attempt<T> {
    /// Answers by the place of their requests.
    outcomes: Vec<(usize, Result<T, Failure>)>,
    /// Stretches that are still to be run, each in a work of its own and in this order: a later one sees what the earlier did.
    rest: Vec<Range<usize>>,
}

impl<T> Attempt<T> {
    fn of(outcomes: Vec<(usize, Result<T, Failure>)>) -> Self {
        Self { outcomes, rest: Vec::new() }
    }
}

/// Runs a batch so that a panic in it is its failure: the transaction is rolled back when it is dropped, and what waits behind is
/// served as ever.
async fn caught<T>(batch: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    // Nothing of the batch is looked at after a panic but the requests themselves, which nobody has changed.
    match AssertUnwindSafe(batch).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(panic) => {
            let said = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            Err(Failure::bug(format!("a command panicked: {}", said.unwrap_or("it does not say why"))))
        }
    }
}

/// The stretches in which nothing is answered yet, in order. Usually it is one.
fn runs_without<T>(outcomes: &[Option<T>]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, _) in outcomes.iter().enumerate().filter(|(_, outcome)| outcome.is_none()) {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_answered_yet_is_found_in_stretches() {
        let outcomes = [None, None, Some(1), None, Some(2), None, None, None];
        assert_eq!(runs_without(&outcomes), [0..2, 3..4, 5..8]);
        assert!(runs_without(&[Some(1)]).is_empty());
    }
}
