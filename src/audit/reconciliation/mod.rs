//! Reconciliation (对账): the whole verification, on a schedule and on demand, read from one state of the books while the market
//! goes on. Each run is a long work and stays with what it read and found; a difference is told loudly, in the log, as a metric and
//! here.

pub mod api;
pub mod schedule;

pub use schedule::Schedule;

use crate::audit::verify::verify_telling;
use crate::db::Db;
use crate::kernel::ids::{OperationId, UserId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment, Progress};
use crate::ledger::verify::Findings;
use crate::operations::{self, Doing, LongWork, Operation, State, queries};
use serde::{Deserialize, Serialize};

/// Differences that are kept and logged in words; beyond it the number says enough.
const NAMED: usize = 200;

/// A run of the reconciliation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its identity, that of the operation.
    pub id: OperationId,
    /// Who asked for it; nobody when the schedule did.
    pub asked_by: Option<UserId>,
    /// When it was asked for, in business time.
    pub asked_at: Moment,
    /// Where it stands: `wanted`, `running`, `finished`, or `failed` when it was given up.
    pub state: &'static str,
    /// When a node began to read, in business time.
    pub started_at: Option<Moment>,
    /// What it found, when it has ended.
    pub outcome: Option<Outcome>,
}

/// What a run has read and found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// When it ended, in business time.
    pub finished_at: Moment,
    /// Accounts read.
    pub accounts: i64,
    /// Journals read.
    pub journals: i64,
    /// Entries read.
    pub entries: i64,
    /// How many rows differ.
    pub differences: i64,
    /// The first of them in words.
    pub named: Vec<String>,
}

impl Outcome {
    fn of(findings: &Findings, finished_at: Moment) -> Result<Self, Failure> {
        let named = findings.differences.iter().take(NAMED).map(ToString::to_string).collect();
        Ok(Self {
            finished_at,
            accounts: i64::try_from(findings.accounts).map_err(Failure::bug)?,
            journals: findings.journals,
            entries: i64::try_from(findings.entries).map_err(Failure::bug)?,
            differences: i64::try_from(findings.differences.len()).map_err(Failure::bug)?,
            named,
        })
    }
}

impl TryFrom<Operation> for Run {
    type Error = Failure;

    fn try_from(operation: Operation) -> Result<Self, Failure> {
        let (state, started_at) = match &operation.state {
            State::Wanted => ("wanted", None),
            State::Running { started_at } => ("running", Some(*started_at)),
            State::Ended { started_at, outcome: Ok(_), .. } => ("finished", Some(*started_at)),
            State::Ended { started_at, outcome: Err(_), .. } => ("failed", Some(*started_at)),
        };
        let outcome = operation.result().cloned().map(serde_json::from_value).transpose().map_err(Failure::bug)?;
        let asked_by = operation.asked_by.map(|(user, _)| user);
        Ok(Self { id: operation.id, asked_by, asked_at: operation.asked_at, state, started_at, outcome })
    }
}

/// The work of reconciling.
#[derive(Debug)]
pub struct Reconciliation;

impl LongWork for Reconciliation {
    fn kind(&self) -> &'static str {
        "reconciliation"
    }

    fn run<'w>(&'w self, db: &'w Db, operation: &'w Operation, progress: &'w Progress) -> Doing<'w> {
        Box::pin(async move {
            let findings = verify_telling(db, None, progress).await?;
            let outcome = Outcome::of(&findings, db.clock().business_now())?;
            tell(operation.id, &outcome);
            serde_json::to_value(outcome).map_err(Failure::bug)
        })
    }
}

/// Makes sure that there is a run for a slot of the schedule, whichever node comes first.
///
/// # Errors
/// A fault of the database.
pub async fn want(db: &Db, slot: &str) -> Result<(), Failure> {
    operations::want(db, &Reconciliation, slot).await
}

/// Takes up the runs that are wanted and that no living node holds. Tells how many it has brought to an end.
///
/// # Errors
/// A fault of the database; the run is then taken up again when its hold has ended.
pub async fn run_wanted(db: &Db) -> Result<usize, Failure> {
    operations::run_wanted(db, &[&Reconciliation]).await
}

/// Runs in the order in which they were asked for.
///
/// # Errors
/// A fault of the database.
pub async fn list_runs(db: &Db, page: &PageRequest) -> Result<Page<Run>, Failure> {
    let found = queries::list_of_kind(db, &Reconciliation, page).await?;
    let items = found.items.into_iter().map(Run::try_from).collect::<Result<_, _>>()?;
    Ok(Page { items, next: found.next })
}

/// The run that finished last: what the books are known to be like.
///
/// # Errors
/// A fault of the database.
pub async fn find_last_finished(db: &Db) -> Result<Option<Run>, Failure> {
    queries::find_last_result(db, &Reconciliation).await?.map(Run::try_from).transpose()
}

/// A difference is what this house must never have: every one is an error in the log, with its row.
fn tell(id: OperationId, outcome: &Outcome) {
    let Outcome { accounts, journals, entries, differences, .. } = outcome;
    if *differences == 0 {
        tracing::info!(reconciliation = %id, accounts, journals, entries, "The books are right");
        return;
    }
    for named in &outcome.named {
        tracing::error!(reconciliation = %id, "A row differs: {named}");
    }
    tracing::error!(reconciliation = %id, accounts, journals, entries, differences, "THE BOOKS ARE NOT RIGHT");
}
