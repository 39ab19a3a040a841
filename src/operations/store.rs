//! Rows of long works.

use super::{Operation, State};
use crate::db::{Work, bind_all};
use crate::kernel::ids::{OperationId, OrganisationId, UserId};
use crate::kernel::{Failure, Moment, Violation};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

/// The columns that [`read`] reads.
pub const COLUMNS: &str =
    "id, kind, input, asked_by, organisation_id, asked_at, started_at, done, total, finished_at, result, faults";

/// Asks for a work; where the slot has one already, nothing happens.
pub async fn insert(work: &Work, operation: &Operation, slot: &str) -> Result<(), Failure> {
    let (asked_by, organisation) = operation.asked_by.map(|(user, organisation)| (user.0, organisation.0)).unzip();
    let values: Vec<Value> = vec![
        operation.id.0.into(),
        work.book().0.into(),
        operation.kind.as_str().into(),
        slot.into(),
        operation.input.to_string().into(),
        asked_by.into(),
        organisation.into(),
        operation.asked_at.micros().into(),
    ];
    let sql = "INSERT INTO operations (id, book_id, kind, slot, input, asked_by, organisation_id, asked_at, held_until, attempts, \
               done) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0) ON CONFLICT DO NOTHING";
    work.connection().execute_raw(work.statement(sql, values)).await?;
    Ok(())
}

fn until(work: &Work, seconds: i64) -> (Value, Value) {
    let now = work.clock().wall_now().micros();
    (now.into(), now.saturating_add(seconds.saturating_mul(1_000_000)).into())
}

/// Takes the oldest work of these kinds that is not over and that nobody holds any more, and tells which attempt it is.
pub async fn take(
    work: &Work,
    (holder, seconds): (Uuid, i64),
    kinds: &[&str],
) -> Result<Option<(Operation, i32)>, Failure> {
    let (now, until) = until(work, seconds);
    let mut values = vec![now, until, work.now().micros().into(), holder.into()];
    let kinds = bind_all(&mut values, kinds.iter().copied());
    // The condition stands outside as well: of two nodes that found the same work, the second finds it held.
    let sql = format!(
        "UPDATE operations SET holder = $4, held_until = $2, started_at = $3, attempts = attempts + 1, done = 0, total = NULL \
         WHERE finished_at IS NULL AND held_until <= $1 AND id = (SELECT id FROM operations WHERE finished_at IS NULL \
         AND held_until <= $1 AND kind IN ({kinds}) ORDER BY id LIMIT 1) RETURNING {COLUMNS}, attempts"
    );
    let taken = work.connection().query_one_raw(work.statement(&sql, values)).await?;
    taken.map(|row| Ok((read(&row)?, row.try_get("", "attempts")?))).transpose()
}

/// Holds a work for longer and writes how far it has come. Tells whether it is still held by this holder.
pub async fn renew(
    work: &Work,
    (id, holder): (OperationId, Uuid),
    (done, total): (u64, Option<u64>),
    seconds: i64,
) -> Result<bool, Failure> {
    let (_, until) = until(work, seconds);
    let done = i64::try_from(done).map_err(Failure::bug)?;
    let total = total.map(i64::try_from).transpose().map_err(Failure::bug)?;
    let values = vec![id.0.into(), holder.into(), until, done.into(), total.into()];
    let sql = "UPDATE operations SET held_until = $3, done = $4, total = $5 \
               WHERE id = $1 AND holder = $2 AND finished_at IS NULL";
    Ok(work.connection().execute_raw(work.statement(sql, values)).await?.rows_affected() == 1)
}

/// Writes what came out. A work that another node has taken over meanwhile stays as it is.
pub async fn end(
    work: &Work,
    id: OperationId,
    holder: Uuid,
    outcome: &Result<serde_json::Value, Vec<Violation>>,
) -> Result<(), Failure> {
    let (result, faults) = match outcome {
        Ok(result) => (Some(result.to_string()), None),
        Err(faults) => (None, Some(serde_json::to_string(faults).map_err(Failure::bug)?)),
    };
    let values = vec![id.0.into(), holder.into(), work.now().micros().into(), result.into(), faults.into()];
    let sql = "UPDATE operations SET finished_at = $3, result = $4, faults = $5 \
               WHERE id = $1 AND holder = $2 AND finished_at IS NULL";
    work.connection().execute_raw(work.statement(sql, values)).await?;
    Ok(())
}

/// A row as it is known further in.
pub fn read(row: &QueryResult) -> Result<Operation, Failure> {
    let moment = |column: &str| -> Result<Option<Moment>, Failure> {
        Ok(row.try_get::<Option<i64>>("", column)?.map(Moment::from_micros))
    };
    let text = |column: &str| -> Result<Option<String>, Failure> { Ok(row.try_get("", column)?) };
    let count = |number: i64| u64::try_from(number).map_err(Failure::bug);
    let started_at = moment("started_at")?;
    let state = match (started_at, moment("finished_at")?) {
        (Some(started_at), Some(finished_at)) => {
            let outcome = match (text("result")?, text("faults")?) {
                (Some(result), _) => Ok(serde_json::from_str(&result).map_err(Failure::bug)?),
                (None, faults) => Err(serde_json::from_str(&faults.unwrap_or_default()).map_err(Failure::bug)?),
            };
            State::Ended { started_at, finished_at, outcome }
        }
        (Some(started_at), None) => State::Running { started_at },
        (None, _) => State::Wanted,
    };
    let asked_by = row.try_get::<Option<Uuid>>("", "asked_by")?.zip(row.try_get("", "organisation_id")?);
    let asked_at: i64 = row.try_get("", "asked_at")?;
    Ok(Operation {
        id: OperationId(row.try_get("", "id")?),
        kind: row.try_get("", "kind")?,
        input: serde_json::from_str(&row.try_get::<String>("", "input")?).map_err(Failure::bug)?,
        asked_by: asked_by.map(|(user, organisation)| (UserId(user), OrganisationId(organisation))),
        asked_at: Moment::from_micros(asked_at),
        done: count(row.try_get("", "done")?)?,
        total: row.try_get::<Option<i64>>("", "total")?.map(count).transpose()?,
        state,
    })
}
