//! The way to the database. [`Work`] is the only begin and commit; everything that differs between SQLite and
//! PostgreSQL sits here or in `ledger::store`.

pub mod approved;
mod binding;
pub mod columns;
pub mod contents;
pub mod day;
pub mod failure;
pub mod gather;
pub mod lease;
pub mod once;
pub mod outbox;
pub mod records;
pub mod rows;
pub mod stable;
pub mod stand_in;
pub mod terms;
pub mod work;

pub use binding::bind_all;
pub use once::CommandKey;
pub use terms::Terms;
pub use work::Work;

use crate::kernel::{Clock, Failure};
use contents::Contents;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    IsolationLevel, TransactionOptions, TransactionTrait,
};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;
use tokio::sync::Mutex;

/// Connections to PostgreSQL of one node: two cores seldom have more than this in flight, and it leaves room for others.
const POSTGRES_CONNECTIONS: u32 = 24;
/// Readers of an SQLite file; the one writer has a connection of its own.
const SQLITE_READERS: u32 = 8;
/// Statements that a connection keeps prepared. A work of one command has some forty, and each is another one for every length of its lists:
/// with the hundred that the driver keeps by itself, most of them are parsed and planned anew, which cost registrations of pledges half of
/// their pace.
const STATEMENTS_KEPT: usize = 500;
/// How long a request may wait for a connection before it is told to come back.
const ACQUIRE: Duration = Duration::from_secs(20);
/// Pause between two tries to open a file.
const BETWEEN: Duration = Duration::from_millis(20);

/// The book (账簿) that this server keeps: one province. Every key of the ledger leads with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BookId(pub i32);

/// The number of the only trading book of an installation.
pub const BOOK: BookId = BookId(1);

/// A database, and the clock its work is stamped by.
#[derive(Debug, Clone)]
pub struct Db {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    clock: Clock,
    /// Everything recorded before this instant, in microseconds, is final.
    final_before: Arc<AtomicI64>,
    /// Who looks at the works under way.
    watch: Arc<Mutex<stable::Watch>>,
    /// Who waits for a batch.
    queues: Arc<gather::Queues>,
    /// How many shared a work.
    tally: Arc<gather::Tally>,
    /// How many may wait for the batches of one command.
    longest_queue: usize,
    /// Where documents are kept.
    contents: Arc<Contents>,
    /// Who lets take effect what a day brings.
    day_turn: Option<&'static dyn day::DayTurn>,
}

impl Db {
    /// Opens `sqlite:path` or `postgres://…`. The schema must be there already.
    ///
    /// # Errors
    /// A fault when the database cannot be reached.
    pub async fn open(url: &str, clock: Clock) -> Result<Self, Failure> {
        let final_before = Arc::new(AtomicI64::new(i64::MIN));
        let (watch, queues, tally, contents) = (Arc::default(), Arc::default(), Arc::default(), Arc::default());
        let (longest_queue, day_turn) = (gather::USUAL_QUEUE, None);
        if url.starts_with("sqlite:") {
            let writer = connect_patiently(sqlite(url, 1)).await?;
            // An in-memory database belongs to its connection, so it has no second one to read by.
            let reader = if url.contains(":memory:") {
                writer.clone()
            } else {
                connect_patiently(sqlite(url, SQLITE_READERS)).await?
            };
            Ok(Self { writer, reader, clock, final_before, watch, queues, tally, longest_queue, contents, day_turn })
        } else {
            let mut options = ConnectOptions::new(url);
            options
                .max_connections(POSTGRES_CONNECTIONS)
                .acquire_timeout(ACQUIRE)
                .sqlx_logging(false)
                .map_sqlx_postgres_opts(|postgres| postgres.statement_cache_capacity(STATEMENTS_KEPT));
            let writer = Database::connect(options).await?;
            Ok(Self {
                reader: writer.clone(),
                writer,
                clock,
                final_before,
                watch,
                queues,
                tally,
                longest_queue,
                contents,
                day_turn,
            })
        }
    }

    /// Opens a database and brings its tables up to date.
    ///
    /// # Errors
    /// A fault when it cannot be reached or a migration fails.
    pub async fn migrated(url: &str, clock: Clock) -> Result<Self, Failure> {
        if let Some(path) = sqlite_path(url) {
            // Only here a file comes into being: a misspelt name given to any other command is an error, not a new file.
            tokio::fs::OpenOptions::new().create(true).append(true).open(path).await.map_err(Failure::bug)?;
        }
        let db = Self::open(url, clock).await?;
        stable::one_at_a_time(&db).await?;
        Ok(db)
    }

    /// The same database, with documents kept elsewhere.
    #[must_use]
    pub fn keeping(self, contents: Contents) -> Self {
        Self { contents: Arc::new(contents), ..self }
    }

    /// The same database, where so many may wait for the batches of one command before the next is told to come again.
    #[must_use]
    pub fn queueing(self, longest_queue: usize) -> Self {
        Self { longest_queue, ..self }
    }

    /// The same database, where this house lets take effect what a day brings before anything is judged by it.
    #[must_use]
    pub fn turning(self, day_turn: &'static dyn day::DayTurn) -> Self {
        Self { day_turn: Some(day_turn), ..self }
    }

    /// Where documents are kept.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// For queries: reads committed rows, never writes.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For queries that must agree with each other: every one of them sees the books as they stand at the first. They read
    /// whole tables, page by page along an index.
    ///
    /// # Errors
    /// A fault of the database.
    #[expect(clippy::disallowed_methods, reason = "it reads only, and carries no moment, actor or events")]
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, Failure> {
        let options = match self.backend() {
            // A deferred transaction of SQLite reads from one state of the file by itself.
            DbBackend::Sqlite => TransactionOptions::default(),
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
        };
        let snapshot = self.reader.begin_with_options(options).await?;
        if self.backend() == DbBackend::Postgres {
            // Without fresh statistics the planner takes a page for nearly all that is left: it would collect the rest of the
            // table in a bitmap, and sort it, for each page anew.
            snapshot.execute_unprepared("SET LOCAL enable_bitmapscan = off").await?;
        }
        Ok(snapshot)
    }

    /// The connection pools by name: connections open, and of those in use.
    pub fn pools(&self) -> Vec<(&'static str, u32, u32)> {
        let used = |open: u32, idle: usize| open.saturating_sub(u32::try_from(idle).unwrap_or(u32::MAX));
        if self.backend() == DbBackend::Sqlite {
            let pools = [("writer", &self.writer), ("reader", &self.reader)];
            let pools = pools.map(|(name, pool)| (name, pool.get_sqlite_connection_pool()));
            return pools.map(|(name, pool)| (name, pool.size(), used(pool.size(), pool.num_idle()))).to_vec();
        }
        let pool = self.writer.get_postgres_connection_pool();
        vec![("all", pool.size(), used(pool.size(), pool.num_idle()))]
    }

    /// The connection that migrations run on.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Which of the two databases it is.
    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// Closes the connections. With the last of them SQLite merges its `-wal` file into the database, which can then be copied, moved
    /// or removed as one file.
    ///
    /// # Errors
    /// A fault of the driver.
    pub async fn close(self) -> Result<(), Failure> {
        self.reader.close().await?;
        self.writer.close().await?;
        Ok(())
    }

    /// Closes them at the end of the process: whoever still uses one is waited for, but not for ever.
    ///
    /// # Errors
    /// A fault of the driver.
    pub async fn close_at_last(self) -> Result<(), Failure> {
        let is_file = self.backend() == DbBackend::Sqlite;
        match tokio::time::timeout(LAST_USE, self.close()).await {
            Ok(closed) => closed,
            Err(_) if is_file => {
                tracing::warn!("The database is still in use and was not closed: its -wal file belongs to it");
                Ok(())
            }
            Err(_) => Ok(()),
        }
    }
}

/// How long the end of a process waits for whoever still uses a connection.
const LAST_USE: std::time::Duration = std::time::Duration::from_secs(5);

/// The file of an SQLite URL; none for memory and for PostgreSQL.
pub fn sqlite_path(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let file = rest.split('?').next().unwrap_or(rest);
    (file != ":memory:").then(|| PathBuf::from(file))
}

/// Connects to a file. Another process may be turning a new file over to its write-ahead log, and whoever meets that is sometimes told at
/// once that the file is locked.
async fn connect_patiently(options: ConnectOptions) -> Result<DatabaseConnection, DbErr> {
    let began = tokio::time::Instant::now();
    loop {
        match Database::connect(options.clone()).await {
            Err(error) if failure::is_transient(&error) && began.elapsed() < ACQUIRE => {
                tokio::time::sleep(BETWEEN).await;
            }
            outcome => return outcome,
        }
    }
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).acquire_timeout(ACQUIRE).sqlx_logging(false).map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .statement_cache_capacity(STATEMENTS_KEPT)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(ACQUIRE)
            .pragma("cache_size", "-65536")
            // 64 MB of pages. A batch of a thousand transfers dirties more than SQLite's own thousand pages, and would copy
            // the same few hot pages back into the file at every commit, each time waiting for the disk once more.
            .pragma("wal_autocheckpoint", "16384")
            // Without it REPLACE would delete rows behind the back of the triggers that keep history.
            .pragma("recursive_triggers", "ON")
    });
    options
}
