//! Keeps the reads until they are written, a few times a second and all together.

use super::store;
use crate::access::{Action, Caller, Role};
use crate::db::Work;
use crate::http::Shared;
use crate::http::concern::{Noted, Party, Read, Watch};
use crate::identity::roster;
use crate::kernel::ids::UserId;
use crate::kernel::{Failure, Kind, Moment};
use crate::ledger;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// How often reads are written: what a crash can lose at most, besides a write that was under way.
pub const WRITTEN_EVERY: Duration = Duration::from_millis(250);
/// Most reads that wait; beyond it a reader waits until they are written. A read is below a kilobyte, so this is a few megabytes.
const MOST_WAITING: usize = 5_000;

/// How often something was read, and from when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    pub count: i64,
    pub first_at: Moment,
    pub last_at: Moment,
}

impl Times {
    fn once(at: Moment) -> Self {
        Self { count: 1, first_at: at, last_at: at }
    }

    fn and(self, other: Self) -> Self {
        Self {
            count: self.count.saturating_add(other.count),
            first_at: self.first_at.min(other.first_at),
            last_at: self.last_at.max(other.last_at),
        }
    }
}

#[derive(Debug, Default)]
struct Waiting {
    reads: BTreeMap<Read, Times>,
    /// Whether somebody is on the way to write them.
    is_awaited: bool,
}

impl Waiting {
    fn add(&mut self, read: Read, times: Times) {
        self.reads.entry(read).and_modify(|before| *before = before.and(times)).or_insert(times);
    }
}

/// Keeps the reads of a node until they are written.
#[derive(Debug, Clone, Default)]
pub struct Keeper {
    waiting: Arc<Mutex<Waiting>>,
    /// One writes at a time, so that whoever asks for what was noted before finds it written.
    writing: Arc<tokio::sync::Mutex<()>>,
}

impl Keeper {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn keep(&self, shared: &Shared, read: Read) -> Result<(), Failure> {
        if self.waiting().reads.len() >= MOST_WAITING {
            self.write_all(shared).await?;
        }
        let is_awaited = {
            let mut waiting = self.waiting();
            waiting.add(read, Times::once(shared.db.clock().business_now()));
            std::mem::replace(&mut waiting.is_awaited, true)
        };
        if !is_awaited {
            let (keeper, shared) = (self.clone(), shared.clone());
            tokio::spawn(async move { keeper.write_soon(&shared).await });
        }
        Ok(())
    }

    /// Writes what waits after a moment, and again while writing fails.
    async fn write_soon(&self, shared: &Shared) {
        loop {
            tokio::time::sleep(WRITTEN_EVERY).await;
            if let Err(failure) = self.write_all(shared).await {
                tracing::warn!(%failure, "Reads of other parties' data could not be logged yet");
            }
            let mut waiting = self.waiting();
            if waiting.reads.is_empty() {
                waiting.is_awaited = false;
                return;
            }
        }
    }

    async fn write_all(&self, shared: &Shared) -> Result<(), Failure> {
        let _one_at_a_time = self.writing.lock().await;
        let reads = std::mem::take(&mut self.waiting().reads);
        if reads.is_empty() {
            return Ok(());
        }
        let reads: Vec<(Read, Times)> = reads.into_iter().collect();
        let server = Caller { roles: vec![Role::Auditor], ..Caller::nobody() };
        let permit = server.may(Action::Audit)?;
        let written = shared.db.run(&permit, &reads, |work, reads| Box::pin(write(work, reads))).await;
        written.map_err(|failure| {
            let mut waiting = self.waiting();
            for (read, times) in reads {
                waiting.add(read, times);
            }
            Failure { kind: Kind::Busy, ..failure }
        })
    }
}

/// Writes a row for each organisation behind the parties of each read; one's own data is nobody else's.
async fn write(work: &mut Work, reads: &[(Read, Times)]) -> Result<(), Failure> {
    let organisations = organisations_behind(work, reads).await?;
    let mut rows = Vec::new();
    for (read, times) in reads {
        let behind: BTreeSet<Uuid> =
            read.parties.iter().filter_map(|party| organisations.get(party)).copied().collect();
        let others = behind.into_iter().filter(|organisation| *organisation != read.reader_organisation);
        rows.extend(others.map(|organisation| (organisation, read, *times)));
    }
    store::insert(work, &rows).await
}

async fn organisations_behind(work: &Work, reads: &[(Read, Times)]) -> Result<HashMap<Party, Uuid>, Failure> {
    let parties: BTreeSet<Party> = reads.iter().flat_map(|(read, _)| read.parties.iter().copied()).collect();
    let (mut found, mut owners, mut users) = (HashMap::new(), Vec::new(), Vec::new());
    for party in parties {
        match party {
            Party::Organisation(id) => {
                found.insert(party, id);
            }
            Party::Owner(id) => owners.push(id),
            Party::User(id) => users.push(UserId(id)),
        }
    }
    for (owner, organisation) in ledger::organisations_of(work, &owners).await? {
        found.insert(Party::Owner(owner), organisation);
    }
    for user in roster::users_by_id(work, &users).await? {
        found.insert(Party::User(user.id.0), user.organisation.0);
    }
    Ok(found)
}

impl Watch for Keeper {
    fn note<'w>(&'w self, shared: &'w Shared, read: Read) -> Noted<'w> {
        Box::pin(self.keep(shared, read))
    }

    fn write<'w>(&'w self, shared: &'w Shared) -> Noted<'w> {
        Box::pin(self.write_all(shared))
    }
}
