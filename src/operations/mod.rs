//! Long work (长时任务): what takes longer than a request may, as rows. A client asks, gets 202 with the address of the operation, and
//! follows it by polling or by server-sent events; some node does it beside its requests.
//!
//! wanted → running, held by one node → finished or failed. A node renews its hold while it works and tells how far it has come. One
//! that dies loses its hold, and another begins the work anew: a work must be safe to begin again.
//!
//! The rooms above own the works: each is a [`LongWork`] that is named where it is asked for and where nodes look for what was left.

pub mod api;
pub mod queries;
mod store;

use crate::access::caller::Permit;
use crate::access::{Action, Caller, Role};
use crate::db::{CommandKey, Db, Work, work};
use crate::http::problem::StatusRefusal;
use crate::kernel::ids::{OperationId, OrganisationId, UserId};
use crate::kernel::{Failure, Kind, Moment, Progress, Refusal, Violation, ids};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a hold lasts when its node is gone, in seconds: nobody waits long for a dead node.
const HELD_SECONDS: i64 = 60;
/// How often a node that works looks whether there is something to tell.
const TOLD_EVERY: Duration = Duration::from_millis(500);
/// How often it renews its hold in any case: often enough that a slow moment does not lose it.
const RENEWED_EVERY: Duration = Duration::from_secs(15);
/// How often a work is begun that breaks on our side, or takes its node down with it.
const MOST_ATTEMPTS: i32 = 5;

/// A work while it is done.
pub type Doing<'w> = Pin<Box<dyn Future<Output = Result<Value, Failure>> + Send + 'w>>;

/// A kind of long work. It reads its input, tells how far it has come, and gives its result; it may be begun more than once.
pub trait LongWork: Send + Sync {
    /// Its name.
    fn kind(&self) -> &'static str;
    /// Does it.
    fn run<'w>(&'w self, db: &'w Db, operation: &'w Operation, progress: &'w Progress) -> Doing<'w>;
}

/// Where an operation stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// No node has begun it.
    Wanted,
    /// A node does it, or was doing it when it died.
    Running {
        /// Since when, in business time.
        started_at: Moment,
    },
    /// It is over.
    Ended {
        /// Since when it was done the last time, in business time.
        started_at: Moment,
        /// When it ended, in business time.
        finished_at: Moment,
        /// What came out, or every rule that stood against it.
        outcome: Result<Value, Vec<Violation>>,
    },
}

/// A long work that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Its identity.
    pub id: OperationId,
    /// Which work.
    pub kind: String,
    /// What it is asked to do.
    pub input: Value,
    /// Who asked, and for which organisation; nobody when a schedule did.
    pub asked_by: Option<(UserId, OrganisationId)>,
    /// When, in business time.
    pub asked_at: Moment,
    /// Steps done.
    pub done: u64,
    /// Of how many, once that is known.
    pub total: Option<u64>,
    /// Where it stands.
    pub state: State,
}

impl Operation {
    /// Whether nothing more will happen.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Ended { .. })
    }

    /// What came out, when something did.
    pub fn result(&self) -> Option<&Value> {
        match &self.state {
            State::Ended { outcome: Ok(result), .. } => Some(result),
            _ => None,
        }
    }
}

/// The server's own permit: nobody asks it to take work up.
fn server() -> Result<Permit, Failure> {
    let server = Caller { roles: vec![Role::Auditor], ..Caller::nobody() };
    Ok(server.may(Action::Audit)?)
}

/// What must hold for a work to be asked for, judged in the very transaction that asks.
pub type Judge<I> = for<'w> fn(&'w mut Work, &'w I) -> work::Doing<'w, ()>;

/// Asks for a work, once for this key, and begins it on this node. If the node dies, another one takes it up.
///
/// # Errors
/// A fault of the database.
pub async fn begin(
    db: &Db,
    permit: &Permit,
    key: &CommandKey,
    work: &'static dyn LongWork,
    input: &(impl Serialize + Sync),
) -> Result<Operation, Failure> {
    begin_if(db, permit, key, work, input, |_, _| Box::pin(async { Ok(()) })).await
}

/// The same where something is judged before.
///
/// # Errors
/// Whatever `judge` refuses; a fault of the database.
pub async fn begin_if<I: Serialize + Sync>(
    db: &Db,
    permit: &Permit,
    key: &CommandKey,
    work: &'static dyn LongWork,
    input: &I,
    judge: Judge<I>,
) -> Result<Operation, Failure> {
    let told = serde_json::to_value(input).map_err(Failure::bug)?;
    let wanted = (OperationId::fresh(), work.kind(), told, input, judge);
    let asked = db.run_once(permit, key, &wanted, |work, (id, kind, told, input, judge)| {
        Box::pin(async move {
            judge(work, input).await?;
            let caller = work.caller();
            let operation = Operation {
                id: *id,
                kind: (*kind).to_owned(),
                input: told.clone(),
                asked_by: Some((caller.user, caller.organisation)),
                asked_at: work.now(),
                done: 0,
                total: None,
                state: State::Wanted,
            };
            store::insert(work, &operation, &id.to_string()).await?;
            Ok(operation)
        })
    });
    let operation = asked.await?;
    let db = db.clone();
    if !key.terms.is_dry_run {
        // A task of its own: it outlasts the request.
        tokio::spawn(async move {
            if let Err(failure) = run_wanted(&db, &[work]).await {
                tracing::error!(%failure, "A long work could not be done; it is taken up again");
            }
        });
    }
    Ok(operation)
}

/// Makes sure that there is a work for a slot of a schedule, whichever node comes first.
///
/// # Errors
/// A fault of the database.
pub async fn want(db: &Db, work: &dyn LongWork, slot: &str) -> Result<(), Failure> {
    db.run(&server()?, &(work.kind(), slot), |work, (kind, slot)| {
        Box::pin(async move {
            let operation = Operation {
                id: OperationId::fresh(),
                kind: (*kind).to_owned(),
                input: Value::Null,
                asked_by: None,
                asked_at: work.now(),
                done: 0,
                total: None,
                state: State::Wanted,
            };
            store::insert(work, &operation, slot).await
        })
    })
    .await
}

/// Takes up, one after the other, the works of these kinds that are wanted and that no living node holds. Tells how many it has
/// brought to an end.
///
/// # Errors
/// A fault of the database; the work is then taken up again when its hold has ended.
pub async fn run_wanted(db: &Db, works: &[&dyn LongWork]) -> Result<usize, Failure> {
    let server = server()?;
    let kinds: Vec<&str> = works.iter().map(|work| work.kind()).collect();
    let mut ended = 0;
    loop {
        let hold = (ids::fresh(), HELD_SECONDS);
        let taken =
            db.run(&server, &(hold, &kinds), |work, (hold, kinds)| Box::pin(store::take(work, *hold, kinds))).await?;
        let Some((operation, attempts)) = taken else { return Ok(ended) };
        let Some(work) = works.iter().find(|work| work.kind() == operation.kind) else { return Ok(ended) };
        let Some(outcome) = run_holding(db, &server, *work, &operation, hold).await? else { continue };
        let outcome = match outcome {
            // Left as it is: when the hold has ended, somebody tries again.
            Err(failure) if matches!(failure.kind, Kind::Busy | Kind::Bug) && attempts < MOST_ATTEMPTS => {
                tracing::error!(operation = %operation.id, kind = %operation.kind, %failure, "A long work broke off");
                continue;
            }
            outcome => outcome.map_err(|failure| faults_of(&operation, failure)),
        };
        let end = (operation.id, hold.0, outcome);
        db.run(&server, &end, |work, (id, holder, outcome)| Box::pin(store::end(work, *id, *holder, outcome))).await?;
        ended += 1;
    }
}

/// What is told of a work that gave no result; what lies behind a fault of ours stays in the log.
fn faults_of(operation: &Operation, failure: Failure) -> Vec<Violation> {
    if failure.violations.is_empty() {
        tracing::error!(operation = %operation.id, kind = %operation.kind, %failure, "A long work is given up");
        return vec![StatusRefusal::Ours {}.violation()];
    }
    failure.violations
}

/// Does the work, tells how far it has come and renews the hold meanwhile. Nothing when another node has taken it over.
async fn run_holding(
    db: &Db,
    server: &Permit,
    work: &dyn LongWork,
    operation: &Operation,
    (holder, seconds): (uuid::Uuid, i64),
) -> Result<Option<Result<Value, Failure>>, Failure> {
    let progress = Progress::default();
    let _under_way = UnderWay::begin(operation.id, &progress);
    let doing = work.run(db, operation, &progress);
    // Both go on side by side: what the work writes may be what the telling waits for.
    let outcome = tokio::select! {
        outcome = doing => outcome,
        () = hold_on(db, server, (operation.id, holder), &progress, seconds) => return Ok(None),
    };
    tell(db, server, (operation.id, holder), progress.told(), seconds).await?;
    Ok(Some(outcome))
}

/// Tells how far a work has come and renews its hold, until another node has taken it over. A telling that fails is tried again: it
/// is no reason to give the work up.
async fn hold_on(db: &Db, server: &Permit, held: (OperationId, uuid::Uuid), progress: &Progress, seconds: i64) {
    let (mut told, mut silent) = (progress.told(), Duration::ZERO);
    loop {
        tokio::time::sleep(TOLD_EVERY).await;
        silent += TOLD_EVERY;
        let now = progress.told();
        if now == told && silent < RENEWED_EVERY {
            continue;
        }
        match tell(db, server, held, now, seconds).await {
            Ok(true) => (told, silent) = (now, Duration::ZERO),
            Ok(false) => return,
            Err(failure) => tracing::warn!(operation = %held.0, %failure, "A long work could not tell how far it is"),
        }
    }
}

/// The works that this process does at the moment. A work that writes in one long transaction leaves SQLite no room to tell how far
/// it is: whoever asks the process that does it is told from here.
static UNDER_WAY: LazyLock<Mutex<HashMap<OperationId, Progress>>> = LazyLock::new(Mutex::default);

fn under_way() -> MutexGuard<'static, HashMap<OperationId, Progress>> {
    // Nothing that can panic happens under this lock.
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes a work off the list when it is over, however it ends.
struct UnderWay(OperationId);

impl UnderWay {
    fn begin(id: OperationId, progress: &Progress) -> Self {
        under_way().insert(id, progress.clone());
        Self(id)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        under_way().remove(&self.0);
    }
}

impl Operation {
    /// As far as it has come, when this process does it: newer than what is written.
    #[must_use]
    fn brought_up_to_date(mut self) -> Self {
        if let (State::Running { .. }, Some(progress)) = (&self.state, under_way().get(&self.id)) {
            (self.done, self.total) = progress.told();
        }
        self
    }
}

/// Renews the hold and writes how far the work has come. Tells whether it is still held.
async fn tell(
    db: &Db,
    server: &Permit,
    held: (OperationId, uuid::Uuid),
    (done, total): (u64, Option<u64>),
    seconds: i64,
) -> Result<bool, Failure> {
    let input = (held, (done, total), seconds);
    db.run(server, &input, |work, (held, told, seconds)| Box::pin(store::renew(work, *held, *told, *seconds))).await
}
