//! Rows of the runs.

use super::{Outcome, Run};
use crate::db::{Db, Work};
use crate::kernel::ids::UserId;
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use uuid::Uuid;

const COLUMNS: &str =
    "id, asked_by, asked_at, started_at, finished_at, accounts, journals, entries, differences, named";

/// Asks for a run; where the slot has one already, nothing happens.
pub async fn insert_wanted(work: &Work, id: Uuid, slot: &str, asked_by: Option<UserId>) -> Result<(), Failure> {
    let asked_by = asked_by.map(|user| user.0);
    let values = vec![id.into(), slot.into(), asked_by.into(), work.now().micros().into()];
    let sql = "INSERT INTO reconciliations (id, slot, asked_by, asked_at, held_until) VALUES ($1, $2, $3, $4, 0) \
               ON CONFLICT DO NOTHING";
    work.connection().execute_raw(work.statement(sql, values)).await?;
    Ok(())
}

fn until(work: &Work, seconds: i64) -> (Value, Value) {
    let now = work.clock().wall_now().micros();
    (now.into(), now.saturating_add(seconds.saturating_mul(1_000_000)).into())
}

/// Takes the oldest run that is not finished and that nobody holds any more.
pub async fn take(work: &Work, seconds: i64) -> Result<Option<Uuid>, Failure> {
    let (now, until) = until(work, seconds);
    // The condition stands outside as well: of two nodes that found the same run, the second finds it held.
    let sql = "UPDATE reconciliations SET held_until = $2, started_at = $3 WHERE finished_at IS NULL AND held_until <= $1 \
               AND id = (SELECT id FROM reconciliations WHERE finished_at IS NULL AND held_until <= $1 ORDER BY id LIMIT 1) \
               RETURNING id";
    let values = vec![now, until, work.now().micros().into()];
    let taken = work.connection().query_one_raw(work.statement(sql, values)).await?;
    Ok(taken.map(|row| row.try_get("", "id")).transpose()?)
}

/// Holds a run for longer.
pub async fn renew(work: &Work, id: Uuid, seconds: i64) -> Result<(), Failure> {
    let (_, until) = until(work, seconds);
    let sql = "UPDATE reconciliations SET held_until = $2 WHERE id = $1 AND finished_at IS NULL";
    work.connection().execute_raw(work.statement(sql, vec![id.into(), until])).await?;
    Ok(())
}

/// Writes what a run has read and found. One that another node has finished meanwhile stays as it is.
pub async fn finish(work: &Work, id: Uuid, outcome: &Outcome) -> Result<(), Failure> {
    let named = serde_json::to_string(&outcome.named).map_err(Failure::bug)?;
    let values = vec![
        id.into(),
        outcome.finished_at.micros().into(),
        outcome.accounts.into(),
        outcome.journals.into(),
        outcome.entries.into(),
        outcome.differences.into(),
        named.into(),
    ];
    let sql = "UPDATE reconciliations SET finished_at = $2, accounts = $3, journals = $4, entries = $5, differences = $6, \
               named = $7 WHERE id = $1 AND finished_at IS NULL";
    work.connection().execute_raw(work.statement(sql, values)).await?;
    Ok(())
}

fn read(row: &QueryResult) -> Result<Run, Failure> {
    let moment = |column: &str| -> Result<Option<Moment>, Failure> {
        Ok(row.try_get::<Option<i64>>("", column)?.map(Moment::from_micros))
    };
    let asked_at: i64 = row.try_get("", "asked_at")?;
    let outcome = match moment("finished_at")? {
        Some(finished_at) => Some(Outcome {
            finished_at,
            accounts: row.try_get("", "accounts")?,
            journals: row.try_get("", "journals")?,
            entries: row.try_get("", "entries")?,
            differences: row.try_get("", "differences")?,
            named: serde_json::from_str(&row.try_get::<String>("", "named")?).map_err(Failure::bug)?,
        }),
        None => None,
    };
    Ok(Run {
        id: row.try_get("", "id")?,
        asked_by: row.try_get::<Option<Uuid>>("", "asked_by")?.map(UserId),
        asked_at: Moment::from_micros(asked_at),
        started_at: moment("started_at")?,
        outcome,
    })
}

async fn select(db: &Db, sql: String, values: Vec<Value>) -> Result<Vec<Run>, Failure> {
    let rows = db.reader().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?;
    rows.iter().map(read).collect()
}

/// The run that finished last: what the books are known to be like.
///
/// # Errors
/// A fault of the database.
pub async fn find_last_finished(db: &Db) -> Result<Option<Run>, Failure> {
    let sql = format!(
        "SELECT {COLUMNS} FROM reconciliations WHERE finished_at IS NOT NULL ORDER BY finished_at DESC, id DESC LIMIT 1"
    );
    Ok(select(db, sql, Vec::new()).await?.pop())
}

/// Runs in the order in which they were asked for.
///
/// # Errors
/// A fault of the database.
pub async fn list_runs(db: &Db, page: &PageRequest) -> Result<Page<Run>, Failure> {
    let after = page.after.unwrap_or_else(Uuid::nil);
    let sql = format!("SELECT {COLUMNS} FROM reconciliations WHERE id > $1 ORDER BY id LIMIT {}", page.fetch());
    Ok(Page::cut(select(db, sql, vec![after.into()]).await?, page, |run| run.id))
}
