//! Rows of failures to sign in.

use crate::db::{Db, Work, bind_all};
use crate::kernel::{Failure, Moment};
use sea_orm::{ConnectionTrait, Statement};

/// The latest instant before which one of them is refused; 0 when none is.
pub async fn refused_until(db: &Db, names: &[&str]) -> Result<i64, Failure> {
    let mut values = Vec::new();
    let names = bind_all(&mut values, names.iter().copied());
    let sql =
        format!("SELECT COALESCE(MAX(refused_until), 0) AS until FROM sign_in_failures WHERE subject IN ({names})");
    let statement = Statement::from_sql_and_values(db.backend(), sql, values);
    let row = db.reader().query_one_raw(statement).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "until")?))
}

/// Whether something is counted against one of them.
pub async fn has_any(db: &Db, names: &[&str]) -> Result<bool, Failure> {
    let mut values = Vec::new();
    let names = bind_all(&mut values, names.iter().copied());
    let sql = format!("SELECT 1 FROM sign_in_failures WHERE subject IN ({names}) LIMIT 1");
    let statement = Statement::from_sql_and_values(db.backend(), sql, values);
    Ok(db.reader().query_one_raw(statement).await?.is_some())
}

/// Counts a failure, from one again when the last is long past. Tells how many there are now.
pub async fn count_failure(work: &Work, name: &str, now: Moment, forgotten: Moment) -> Result<i64, Failure> {
    let sql = "INSERT INTO sign_in_failures (subject, failures, last_failed_at, refused_until) VALUES ($1, 1, $2, 0) \
               ON CONFLICT (subject) DO UPDATE SET last_failed_at = excluded.last_failed_at, failures = \
               CASE WHEN sign_in_failures.last_failed_at < $3 THEN 1 ELSE sign_in_failures.failures + 1 END \
               RETURNING failures";
    let values = vec![name.into(), now.micros().into(), forgotten.micros().into()];
    let row = work.connection().query_one_raw(work.statement(sql, values)).await?;
    let row = row.ok_or_else(|| Failure::bug("a failure was not counted"))?;
    Ok(row.try_get("", "failures")?)
}

pub async fn refuse_until(work: &Work, name: &str, until: i64) -> Result<(), Failure> {
    let sql = "UPDATE sign_in_failures SET refused_until = $2 WHERE subject = $1";
    work.connection().execute_raw(work.statement(sql, vec![name.into(), until.into()])).await?;
    Ok(())
}

pub async fn forget_before(work: &Work, instant: Moment) -> Result<(), Failure> {
    let sql = "DELETE FROM sign_in_failures WHERE last_failed_at < $1";
    work.connection().execute_raw(work.statement(sql, vec![instant.micros().into()])).await?;
    Ok(())
}

pub async fn clear(work: &Work, names: &[&str]) -> Result<(), Failure> {
    let mut values = Vec::new();
    let names = bind_all(&mut values, names.iter().copied());
    let sql = format!("DELETE FROM sign_in_failures WHERE subject IN ({names})");
    work.connection().execute_raw(work.statement(&sql, values)).await?;
    Ok(())
}
