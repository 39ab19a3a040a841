//! Database errors, as the house names them. Conflicts are known by constraint name; anything else is ours to mend.

use crate::kernel::{Failure, Kind, Refusal};
use sea_orm::{DbErr, RuntimeErr, SqlxError, sqlx};

/// SQLSTATEs after which the same work may simply run again: serialisation failure, deadlock, lock not available.
const POSTGRES_TRANSIENT: [&str; 3] = ["40001", "40P01", "55P03"];
/// SQLSTATEs that tell that the server ends the connection: an administrator, a crash, a start under way.
const POSTGRES_GONE: [&str; 3] = ["57P01", "57P02", "57P03"];
/// SQLite's primary codes for "somebody else is writing".
const SQLITE_TRANSIENT: [i32; 2] = [5, 6];

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        let kind = if is_transient(&error) || is_lost(&error) { Kind::Busy } else { Kind::Bug };
        Self { kind, violations: Vec::new(), source: Some(Box::new(error)) }
    }
}

/// Whether running the same work again may succeed.
pub fn is_transient(error: &DbErr) -> bool {
    match driver(error) {
        Some(sqlx::Error::Database(database)) => {
            let code = database.code().unwrap_or_default();
            let primary = code.parse::<i32>().map(|code| code & 0xff);
            POSTGRES_TRANSIENT.contains(&code.as_ref())
                || (code.len() < 5 && primary.is_ok_and(|primary| SQLITE_TRANSIENT.contains(&primary)))
        }
        Some(sqlx::Error::PoolTimedOut) => true,
        _ => matches!(error, DbErr::ConnectionAcquire(_)),
    }
}

/// Whether the connection was lost. What was asked last may have been done or not, also a commit.
fn is_lost(error: &DbErr) -> bool {
    match driver(error) {
        Some(sqlx::Error::Database(database)) => {
            let code = database.code().unwrap_or_default();
            POSTGRES_GONE.contains(&code.as_ref()) || (code.len() == 5 && code.starts_with("08"))
        }
        Some(sqlx::Error::Io(_)) => true,
        _ => false,
    }
}

/// Whether a work failed because its connection was lost, so that nobody knows whether it was committed.
pub fn is_in_doubt(failure: &Failure) -> bool {
    database_error(failure).is_some_and(is_lost)
}

/// Whether a unique constraint with this name (PostgreSQL) or over this table and column (SQLite) refused the row.
pub fn is_unique(error: &DbErr, constraint: &str, sqlite_columns: &str) -> bool {
    match driver(error) {
        Some(sqlx::Error::Database(database)) if database.is_unique_violation() => {
            database.constraint() == Some(constraint) || database.message().contains(sqlite_columns)
        }
        _ => false,
    }
}

/// Whether a sum left the range of 64 bits: PostgreSQL refuses it by name, SQLite makes it a real number, which a strict
/// table refuses.
pub fn is_out_of_range(error: &DbErr) -> bool {
    match driver(error) {
        Some(sqlx::Error::Database(database)) => {
            let code = database.code().unwrap_or_default();
            code == "22003" || database.message().contains("cannot store REAL value in INTEGER column")
        }
        _ => false,
    }
}

/// Two works made the same thing at the same time: the loser runs again and finds it made.
pub fn again_on_unique(failure: Failure, constraint: &str, sqlite_columns: &str) -> Failure {
    let is_lost_race = database_error(&failure).is_some_and(|error| is_unique(error, constraint, sqlite_columns));
    if is_lost_race { Failure { kind: Kind::Busy, ..failure } } else { failure }
}

/// Names the refusal for a unique constraint that refused a row; any other failure stays as it is.
pub fn on_unique<R: Refusal>(
    failure: Failure,
    constraint: &str,
    sqlite_columns: &str,
    refusal: impl FnOnce() -> R,
) -> Failure {
    let is_hit = database_error(&failure).is_some_and(|error| is_unique(error, constraint, sqlite_columns));
    if is_hit { refusal().into() } else { failure }
}

fn database_error(failure: &Failure) -> Option<&DbErr> {
    failure.source.as_ref().and_then(|source| source.downcast_ref())
}

fn driver(error: &DbErr) -> Option<&SqlxError> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(inner))
        | DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner)) => Some(inner.as_ref()),
        _ => None,
    }
}
