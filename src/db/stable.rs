//! When the past is final. A work stamps its journals before it commits, so an instant that has passed can still gain a
//! journal from a work under way. Every work shows, for as long as it runs, in which tick it began; what is older than the
//! oldest work under way is final. Whoever asks only looks: works are not held up.

use crate::db::Db;
use crate::kernel::{Failure, Kind, Moment};
use migrations::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The gate: one advisory lock of PostgreSQL that every work shares, for those who must be alone. SQLite has one writer at a
/// time anyway.
const GATE: i64 = 0x0067_616e_6865;
/// Another one: whose turn it is to change tables.
const MIGRATION: i64 = GATE + 1;
/// First half of the advisory locks by which works show when they began; the tick is the second half.
const BEGAN: i32 = 0x6761_6e68;
/// Pause between two looks at the works under way.
const BETWEEN: Duration = Duration::from_millis(10);
/// How long a reader of the past waits for a work that began before it.
const PATIENCE: Duration = Duration::from_secs(5);
/// Ticks come round after 497 days; a work under way is never half of that old.
const HALF_ROUND: u32 = u32::MAX / 2;

/// What is known of the works under way.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Instants that become final when no work of their tick or an earlier one is under way any more, oldest first.
    waiting: VecDeque<(u32, Moment)>,
}

/// With whom a work goes through the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Company {
    /// With all others.
    Shared,
    /// Alone: when those who began before have ended, and before any other begins.
    Alone,
}

/// Goes through the gate and shows when. Nothing else is locked yet, so nobody waits here with locks in hand.
pub(super) async fn enter(transaction: &DatabaseTransaction, tick: u32, company: Company) -> Result<(), Failure> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let tick = tick.cast_signed();
        let gate = match company {
            Company::Shared => format!("SELECT pg_advisory_xact_lock_shared({GATE})"),
            // Whoever comes meanwhile queues behind, so the wait for a work that lingers has an end; then it is tried again.
            Company::Alone => format!(
                "SET LOCAL lock_timeout = '{}ms'; SELECT pg_advisory_xact_lock({GATE}); SET LOCAL lock_timeout = DEFAULT; \
                 SELECT true",
                PATIENCE.as_millis()
            ),
        };
        transaction.execute_unprepared(&format!("{gate}, pg_advisory_xact_lock_shared({BEGAN}, {tick})")).await?;
    }
    Ok(())
}

/// Whether a tick lies before another, also where they have come round.
fn is_before(tick: u32, other: u32) -> bool {
    tick != other && other.wrapping_sub(tick) < HALF_ROUND
}

impl Db {
    /// The watermark: nothing recorded before this instant can be added any more. It does not wait, so it may lag behind the
    /// present by as long as the oldest work has been under way.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn final_before(&self) -> Result<Moment, Failure> {
        let mut watch = self.watch.lock().await;
        self.look(&mut watch).await
    }

    async fn look(&self, watch: &mut Watch) -> Result<Moment, Failure> {
        // In this order: a work that is not seen below stamps its journals after both.
        let (now, tick) = (self.clock().business_now(), self.clock().tick());
        watch.waiting.pop_back_if(|(last, _)| *last == tick);
        watch.waiting.push_back((tick, now));
        let oldest = self.oldest_under_way(tick).await?;
        while let Some((tick, instant)) = watch.waiting.front().copied() {
            if oldest.is_some_and(|oldest| !is_before(tick, oldest)) {
                break;
            }
            watch.waiting.pop_front();
            self.final_before.fetch_max(instant.micros(), Ordering::SeqCst);
        }
        Ok(Moment::from_micros(self.final_before.load(Ordering::SeqCst)))
    }

    /// The tick in which the oldest work under way began.
    #[expect(clippy::disallowed_methods, reason = "it writes nothing: it waits for the one who does")]
    async fn oldest_under_way(&self, now: u32) -> Result<Option<u32>, Failure> {
        if self.backend() == DbBackend::Sqlite {
            self.writer().begin_with_options(at_once()).await?.rollback().await?;
            return Ok(None);
        }
        let sql = format!(
            "SELECT DISTINCT objid::bigint AS tick FROM pg_locks WHERE locktype = 'advisory' AND classid = {BEGAN} \
             AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        );
        let rows = self.reader().query_all_raw(Statement::from_string(self.backend(), sql)).await?;
        let mut oldest: Option<u32> = None;
        for row in &rows {
            let tick = u32::try_from(row.try_get::<i64>("", "tick")?).map_err(Failure::bug)?;
            let is_older = oldest.is_none_or(|oldest| now.wrapping_sub(tick) > now.wrapping_sub(oldest));
            if is_older && !is_before(now, tick) {
                oldest = Some(tick);
            }
        }
        Ok(oldest)
    }

    /// Waits until nothing recorded at or before `instant` can be added any more. Instants of which that is known already
    /// cost nothing.
    ///
    /// # Errors
    /// [`Kind::Busy`] when a work that began before is still under way after some seconds.
    pub async fn wait_until_final(&self, instant: Moment) -> Result<(), Failure> {
        let is_known = || instant.micros() < self.final_before.load(Ordering::SeqCst);
        if is_known() {
            return Ok(());
        }
        let asked = tokio::time::Instant::now();
        // A clock that stands still never passes the instant: then it is enough to have reached it.
        let stands = |db: &Self| db.clock().business_now() == instant;
        loop {
            let mut watch = self.watch.lock().await;
            // Another reader may have looked meanwhile.
            if is_known() {
                return Ok(());
            }
            let final_before = self.look(&mut watch).await?;
            drop(watch);
            if instant < final_before || (instant == final_before && stands(self)) {
                return Ok(());
            }
            if asked.elapsed() > PATIENCE {
                let source = Some("a work that began before this instant is still under way".into());
                return Err(Failure { kind: Kind::Busy, violations: Vec::new(), source });
            }
            tokio::time::sleep(BETWEEN).await;
        }
    }
}

/// Brings the tables up to date while no other process does the same: PostgreSQL lets two of them create one table at once
/// and then refuses the slower.
///
/// On PostgreSQL each migration is a transaction of its own, with the row that says it is done. On SQLite the migrator opens none, so
/// all of them are one here: a process that is killed leaves the tables as they were, and whoever comes meanwhile waits for the one writer.
#[expect(
    clippy::disallowed_methods,
    reason = "it makes tables and no rows of the book: nobody acts and nothing is told"
)]
pub(super) async fn one_at_a_time(db: &Db) -> Result<(), Failure> {
    if db.backend() == DbBackend::Postgres {
        let turn = db.writer().begin().await?;
        turn.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION})")).await?;
        Migrator::up(db.writer(), None).await?;
        turn.rollback().await?;
    } else {
        let turn = db.writer().begin_with_options(at_once()).await?;
        Migrator::up(&turn, None).await?;
        turn.commit().await?;
    }
    Ok(())
}

/// A transaction of SQLite that takes the one writer's place when it begins.
fn at_once() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_compared_also_where_they_come_round() {
        assert!(is_before(1, 2));
        assert!(!is_before(2, 1));
        assert!(!is_before(2, 2));
        assert!(is_before(u32::MAX, 0));
        assert!(!is_before(0, u32::MAX));
    }
}
