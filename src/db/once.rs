//! One command posts at most once, for ever: the client's key is a row in the same transaction as what it did.

use crate::db::records::Covered;
use crate::db::{Work, rows};
use crate::entity;
use crate::kernel::{Failure, Kind, Violation};
use crate::refusals;
use sea_orm::ConnectionTrait;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

entity!(refusals, "refusals", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    book_id: i32,
    actor_id: Uuid,
    operation: String,
    request_hash: String,
    codes: String,
    violations: String,
    recorded_at: i64,
});

/// The tables of this store whose rows leave evidence.
pub const COVERED: &[Covered] = &[Covered::of::<refusals::Entity>()];

refusals! {
    /// What the idempotency rule refuses.
    OnceRefusal {
        /// The key was used for another request.
        KeyReused {} => Conflict "API_KEY_REUSED" at "idempotency-key": "该幂等键已用于内容不同的请求", "this idempotency key was used for a request with another body";
    }
}

/// A client's promise that two requests with this key are the same one.
#[derive(Debug, Clone)]
pub struct CommandKey {
    /// Who made the promise: the user or API client.
    pub client: Uuid,
    /// For which operation.
    pub operation: String,
    /// The key itself, when one was sent.
    pub key: Option<String>,
    /// SHA-256 of path and body, in hexadecimal.
    pub request_hash: String,
}

/// What was answered the first time.
#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    Given(serde_json::Value),
    Refused(Kind, Vec<Violation>),
}

/// Takes the key. Nothing when it is new; otherwise the first answer again.
pub(super) async fn claim<T: DeserializeOwned>(
    work: &Work,
    key: &CommandKey,
) -> Result<Option<Result<T, Failure>>, Failure> {
    let Some(text) = &key.key else { return Ok(None) };
    let identity = [key.client.into(), key.operation.clone().into(), text.clone().into()];
    let mut row = identity.to_vec();
    row.extend([key.request_hash.clone().into(), work.now().micros().into()]);
    let inserted = work
        .connection()
        .execute_raw(work.statement(
            "INSERT INTO command_keys (client_id, operation, command_key, request_hash, recorded_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            row,
        ))
        .await?;
    if inserted.rows_affected() == 1 {
        return Ok(None);
    }
    let found = work
        .connection()
        .query_one_raw(work.statement(
            "SELECT request_hash, answer FROM command_keys WHERE client_id = $1 AND operation = $2 AND command_key = $3",
            identity.to_vec(),
        ))
        .await?
        .ok_or_else(|| Failure::bug("a command key vanished"))?;
    if found.try_get::<String>("", "request_hash")? != key.request_hash {
        return Err(OnceRefusal::KeyReused {}.into());
    }
    let answer: Answer = serde_json::from_str(&found.try_get::<String>("", "answer")?).map_err(Failure::bug)?;
    Ok(Some(match answer {
        Answer::Given(value) => serde_json::from_value(value).map_err(Failure::bug),
        Answer::Refused(kind, violations) => Err(Failure { kind, violations, source: None }),
    }))
}

/// Keeps the answer beside the key.
pub(super) async fn keep<T: Serialize>(
    work: &Work,
    key: &CommandKey,
    outcome: Result<&T, &Failure>,
) -> Result<(), Failure> {
    let Some(text) = &key.key else { return Ok(()) };
    let answer = match outcome {
        Ok(value) => Answer::Given(serde_json::to_value(value).map_err(Failure::bug)?),
        Err(failure) => Answer::Refused(failure.kind, failure.violations.clone()),
    };
    let answer = serde_json::to_string(&answer).map_err(Failure::bug)?;
    let values = vec![answer.into(), key.client.into(), key.operation.clone().into(), text.clone().into()];
    work.connection()
        .execute_raw(work.statement(
            "UPDATE command_keys SET answer = $1 WHERE client_id = $2 AND operation = $3 AND command_key = $4",
            values,
        ))
        .await?;
    Ok(())
}

/// Keeps a refusal by rule as evidence: who asked for what, and which rules stood against it.
pub(super) async fn record_refusal(work: &Work, key: &CommandKey, failure: &Failure) -> Result<(), Failure> {
    let codes: Vec<&str> = failure.violations.iter().map(|violation| violation.code.as_ref()).collect();
    let row = refusals::Model {
        id: crate::kernel::ids::fresh(),
        book_id: work.book().0,
        actor_id: work.caller().user.0,
        operation: key.operation.clone(),
        request_hash: key.request_hash.clone(),
        codes: codes.join(" "),
        violations: serde_json::to_string(&failure.violations).map_err(Failure::bug)?,
        recorded_at: work.now().micros(),
    };
    rows::insert_all::<refusals::Entity, refusals::ActiveModel>(work, vec![row]).await
}
