//! When the past is final. A work stamps its journals before it commits, so an instant that has passed can still gain a
//! journal from a work under way. Every work holds the gate shared while it runs; whoever asks for the past of an instant
//! closes it for a moment, which waits for the works that began before, and from then on everything earlier is final.

use crate::db::Db;
use crate::kernel::{Failure, Moment};
use migrations::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The gate: one advisory lock of PostgreSQL. SQLite has one writer at a time anyway.
const GATE: i64 = 0x0067_616e_6865;
/// Pause after the gate was closed, so that readers of the present cannot hold up those who write.
const BETWEEN: Duration = Duration::from_millis(100);
/// Another one: whose turn it is to change tables.
const MIGRATION: i64 = GATE + 1;

/// Goes through the gate with others. Nothing else is locked yet, so nobody waits here with locks in hand.
pub(super) async fn enter(transaction: &DatabaseTransaction) -> Result<(), Failure> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock_shared({GATE})")).await?;
    }
    Ok(())
}

impl Db {
    /// Waits until nothing recorded before `instant` can be added any more. Instants of which that is known already cost
    /// nothing.
    ///
    /// # Errors
    /// [`crate::kernel::Kind::Busy`] when a work that began before is still under way after some seconds.
    #[expect(clippy::disallowed_methods, reason = "it writes nothing: it waits for those who do")]
    pub async fn wait_until_final(&self, instant: Moment) -> Result<(), Failure> {
        if instant.micros() < self.final_before.load(Ordering::SeqCst) {
            return Ok(());
        }
        // One closing of the gate serves all who ask meanwhile, and it is not closed more often than every tenth second.
        let _turn = self.gate_keeper.lock().await;
        if instant.micros() < self.final_before.load(Ordering::SeqCst) {
            return Ok(());
        }
        let now = self.clock().business_now();
        let gate = if self.backend() == DbBackend::Sqlite {
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            };
            self.writer().begin_with_options(options).await?
        } else {
            let gate = self.writer().begin().await?;
            gate.execute_unprepared("SET LOCAL lock_timeout = '5s'").await?;
            gate.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({GATE})")).await?;
            gate
        };
        gate.rollback().await?;
        tokio::time::sleep(BETWEEN).await;
        self.final_before.fetch_max(now.micros(), Ordering::SeqCst);
        Ok(())
    }
}

/// Brings the tables up to date while no other process does the same: PostgreSQL lets two of them create one table at once
/// and then refuses the slower.
#[expect(clippy::disallowed_methods, reason = "it writes nothing itself: it holds the turn")]
pub(super) async fn one_at_a_time(db: &Db) -> Result<(), Failure> {
    if db.backend() == DbBackend::Postgres {
        let turn = db.writer().begin().await?;
        turn.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION})")).await?;
        Migrator::up(db.writer(), None).await?;
        turn.rollback().await?;
    } else {
        Migrator::up(db.writer(), None).await?;
    }
    Ok(())
}
