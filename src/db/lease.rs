//! Leases: which node does a work in the background. A lease is a row that names its holder until an instant of the wall
//! clock; whoever finds it over takes it. Taken inside the work that it protects, it also keeps others out until that
//! work commits, so that a holder whose time ran out meanwhile cannot do the work twice.

use crate::db::Work;
use crate::kernel::Failure;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// Takes or renews a lease for some seconds. Tells whether the holder has it now.
///
/// # Errors
/// A fault of the database.
pub async fn take(work: &Work, name: &str, holder: Uuid, seconds: i64) -> Result<bool, Failure> {
    let now = work.clock().wall_now().micros();
    let until = now.saturating_add(seconds.saturating_mul(1_000_000));
    let row = vec![name.into(), holder.into(), until.into()];
    let sql = "INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    let made = work.connection().execute_raw(work.statement(sql, row)).await?;
    if made.rows_affected() == 1 {
        return Ok(true);
    }
    let sql =
        "UPDATE leases SET holder = $2, until = $3 WHERE name = $1 AND (holder = $2 OR until <= $4) RETURNING name";
    let values = vec![name.into(), holder.into(), until.into(), now.into()];
    Ok(work.connection().query_one_raw(work.statement(sql, values)).await?.is_some())
}

/// Gives a lease back before its time; one that somebody else holds stays theirs.
///
/// # Errors
/// A fault of the database.
pub async fn give_back(work: &Work, name: &str, holder: Uuid) -> Result<(), Failure> {
    let sql = "UPDATE leases SET until = 0 WHERE name = $1 AND holder = $2";
    work.connection().execute_raw(work.statement(sql, vec![name.into(), holder.into()])).await?;
    Ok(())
}

/// Keeps every holder of a lease out until this work commits, whoever it is: for what must not happen beside the work that the
/// lease protects. It ends with the work.
///
/// # Errors
/// A fault of the database.
pub async fn seize(work: &Work, name: &str, holder: Uuid) -> Result<(), Failure> {
    let sql = "INSERT INTO leases (name, holder, until) VALUES ($1, $2, 0) \
               ON CONFLICT (name) DO UPDATE SET until = leases.until";
    work.connection().execute_raw(work.statement(sql, vec![name.into(), holder.into()])).await?;
    Ok(())
}
