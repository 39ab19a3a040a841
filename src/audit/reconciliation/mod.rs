//! Reconciliation (对账): the whole verification, on a schedule and on demand, read from one state of the books while the market
//! goes on. Each run is kept with what it read and found; a difference is told loudly, in the log, as a metric and here.
//!
//! wanted → held by one node → finished. A node that dies in the middle loses its hold, and another one begins anew.

pub mod api;
pub mod schedule;
mod store;

pub use schedule::Schedule;
pub use store::{find_last_finished, list_runs};

use crate::access::caller::Permit;
use crate::access::{Action, Caller, Role};
use crate::audit::verify::verify;
use crate::db::{CommandKey, Db};
use crate::kernel::ids::UserId;
use crate::kernel::{Failure, Moment, ids};
use crate::ledger::verify::Findings;
use std::time::Duration;
use uuid::Uuid;

/// How long a hold lasts when its node is gone, in seconds: nobody waits long for a dead node.
const HELD_SECONDS: i64 = 60;
/// How often a node that reads renews its hold: often enough that a slow moment does not lose it.
const RENEWED: Duration = Duration::from_secs(15);
/// Differences that are kept and logged in words; beyond it the number says enough.
const NAMED: usize = 200;

/// A run of the reconciliation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its identity.
    pub id: Uuid,
    /// Who asked for it; nobody when the schedule did.
    pub asked_by: Option<UserId>,
    /// When it was asked for, in business time.
    pub asked_at: Moment,
    /// When a node began to read, in business time.
    pub started_at: Option<Moment>,
    /// What it found, when it has ended.
    pub outcome: Option<Outcome>,
}

/// What a run has read and found.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// The server's own permit: nobody asks it to reconcile by the schedule.
fn server() -> Result<Permit, Failure> {
    let server = Caller { roles: vec![Role::Auditor], ..Caller::nobody() };
    Ok(server.may(Action::Audit)?)
}

/// Asks for a run, once for this key. Some node that serves takes it up; [`run_wanted`] does so here and now.
///
/// # Errors
/// A fault of the database.
pub async fn ask(db: &Db, permit: &Permit, key: &CommandKey) -> Result<Run, Failure> {
    let wanted = ids::fresh();
    let asked = db.run_once(permit, key, &wanted, |work, wanted| {
        Box::pin(async move {
            store::insert_wanted(work, *wanted, &wanted.to_string(), Some(work.caller().user)).await?;
            Ok((*wanted, work.now()))
        })
    });
    let (id, asked_at) = asked.await?;
    Ok(Run { id, asked_by: Some(permit.caller().user), asked_at, started_at: None, outcome: None })
}

/// Makes sure that there is a run for a slot of the schedule, whichever node comes first.
///
/// # Errors
/// A fault of the database.
pub async fn want(db: &Db, slot: &str) -> Result<(), Failure> {
    db.run(&server()?, slot, |work, slot| Box::pin(store::insert_wanted(work, ids::fresh(), slot, None))).await
}

/// Takes up, one after the other, the runs that are wanted and that no living node holds. Tells how many it has finished.
///
/// # Errors
/// A fault of the database; the run is then taken up again when its hold has ended.
pub async fn run_wanted(db: &Db) -> Result<usize, Failure> {
    let holder = server()?;
    let mut finished = 0;
    while let Some(id) = db.run(&holder, &(), |work, ()| Box::pin(store::take(work, HELD_SECONDS))).await? {
        let outcome = read_holding(db, &holder, id).await?;
        db.run(&holder, &(id, outcome.clone()), |work, (id, outcome)| Box::pin(store::finish(work, *id, outcome)))
            .await?;
        tell(id, &outcome);
        finished += 1;
    }
    Ok(finished)
}

/// Reads the whole book, and renews the hold meanwhile.
async fn read_holding(db: &Db, holder: &Permit, id: Uuid) -> Result<Outcome, Failure> {
    let reading = verify(db);
    tokio::pin!(reading);
    loop {
        tokio::select! {
            findings = &mut reading => return Outcome::of(&findings?, db.clock().business_now()),
            () = tokio::time::sleep(RENEWED) => {
                db.run(holder, &id, |work, id| Box::pin(store::renew(work, *id, HELD_SECONDS))).await?;
            }
        }
    }
}

/// A difference is what this house must never have: every one is an error in the log, with its row.
fn tell(id: Uuid, outcome: &Outcome) {
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
