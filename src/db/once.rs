//! One command posts at most once, for ever: the client's key is a row in the same transaction as what it did.

use crate::db::columns::{Kind as Column, Rows};
use crate::db::records::Covered;
use crate::db::terms::{Terms, Told};
use crate::db::{Work, rows};
use crate::entity;
use crate::kernel::{Failure, Kind, Violation};
use crate::refusals;
use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap, HashSet};
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
        /// A version was expected of an account that the command does not touch.
        NotTouched { account } => Refused "API_ACCOUNT_NOT_TOUCHED" at "ledger-expect": "该操作不涉及账户 {account}", "the command does not touch the account {account} whose version was expected";
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
    /// What it asks beside its body.
    pub terms: Terms,
}

/// What was answered the first time.
#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    /// The body, and the accounts that were told beside it.
    Given(serde_json::Value, Vec<String>),
    Refused(Kind, Vec<Violation>),
}

/// Takes the key. Nothing when it is new; otherwise the first answer again.
pub(super) async fn claim<T: DeserializeOwned>(
    work: &Work,
    key: &CommandKey,
) -> Result<Option<Result<T, Failure>>, Failure> {
    if key.key.is_none() {
        return Ok(None);
    }
    Ok(claim_all(work, &[key]).await?.pop().flatten())
}

/// Takes keys of several requests at once. Nothing for a new one, otherwise its first answer again.
pub(super) async fn claim_all<T: DeserializeOwned>(
    work: &Work,
    keys: &[&CommandKey],
) -> Result<Vec<Option<Result<T, Failure>>>, Failure> {
    // In one order everywhere, so that two batches that share keys wait for each other and never in a circle.
    let sorted: BTreeSet<Identity<'_>> = keys.iter().filter_map(|key| identity(key)).collect();
    let hashes: HashMap<Identity<'_>, &str> =
        keys.iter().filter_map(|key| Some((identity(key)?, key.request_hash.as_str()))).collect();
    let mut rows = Rows::new(&[Column::Uuid, Column::Text, Column::Text, Column::Text]);
    for identity in &sorted {
        rows.push(identity_cells(*identity).into_iter().chain(hashes.get(identity).map(|hash| (*hash).into())));
    }
    let (source, mut values) = rows.source(work.backend(), 2)?;
    values.insert(0, work.now().micros().into());
    let sql = format!(
        "INSERT INTO command_keys (client_id, operation, command_key, request_hash, recorded_at) \
         SELECT r.c0, r.c1, r.c2, r.c3, $1 FROM {source} WHERE true ON CONFLICT DO NOTHING \
         RETURNING client_id, operation, command_key"
    );
    let taken = work.connection().query_all_raw(work.statement(&sql, values)).await?;
    let taken: HashSet<(Uuid, String, String)> = taken.iter().map(read_identity).collect::<Result<_, _>>()?;
    let is_taken =
        |(client, operation, key): Identity<'_>| taken.contains(&(client, operation.to_owned(), key.to_owned()));
    let known: Vec<Identity<'_>> = sorted.into_iter().filter(|identity| !is_taken(*identity)).collect();
    let mut first_answers = read_answers(work, &known).await?;
    keys.iter()
        .map(|key| match identity(key) {
            Some(identity) if !is_taken(identity) => {
                let owned = (identity.0, identity.1.to_owned(), identity.2.to_owned());
                let first = first_answers.remove(&owned).ok_or_else(|| Failure::bug("a command key vanished"))?;
                first.again(key).map(Some)
            }
            _ => Ok(None),
        })
        .collect()
}

/// Client, operation and key.
type Identity<'k> = (Uuid, &'k str, &'k str);

fn identity(key: &CommandKey) -> Option<Identity<'_>> {
    key.key.as_ref().map(|text| (key.client, key.operation.as_str(), text.as_str()))
}

fn identity_cells((client, operation, key): Identity<'_>) -> [Value; 3] {
    [client.into(), operation.into(), key.into()]
}

fn read_identity(row: &QueryResult) -> Result<(Uuid, String, String), Failure> {
    Ok((row.try_get("", "client_id")?, row.try_get("", "operation")?, row.try_get("", "command_key")?))
}

/// What stands under a key that was used before.
struct First {
    request_hash: String,
    answer: String,
}

impl First {
    /// The first answer again, for the same request only.
    fn again<T: DeserializeOwned>(self, key: &CommandKey) -> Result<Result<T, Failure>, Failure> {
        if self.request_hash != key.request_hash {
            return Ok(Err(OnceRefusal::KeyReused {}.into()));
        }
        let answer: Answer = serde_json::from_str(&self.answer).map_err(Failure::bug)?;
        match answer {
            Answer::Given(value, accounts) => {
                if let Some(told) = &key.terms.told {
                    told.tell(accounts);
                }
                Ok(Ok(serde_json::from_value(value).map_err(Failure::bug)?))
            }
            Answer::Refused(kind, violations) => Ok(Err(Failure { kind, violations, source: None })),
        }
    }
}

async fn read_answers(work: &Work, known: &[Identity<'_>]) -> Result<HashMap<(Uuid, String, String), First>, Failure> {
    if known.is_empty() {
        return Ok(HashMap::new());
    }
    let mut rows = Rows::new(&[Column::Uuid, Column::Text, Column::Text]);
    for identity in known {
        rows.push(identity_cells(*identity));
    }
    let (source, values) = rows.source(work.backend(), 1)?;
    let sql = format!(
        "SELECT k.client_id, k.operation, k.command_key, k.request_hash, k.answer FROM {source} \
         JOIN command_keys k ON k.client_id = r.c0 AND k.operation = r.c1 AND k.command_key = r.c2"
    );
    let found = work.connection().query_all_raw(work.statement(&sql, values)).await?;
    found
        .iter()
        .map(|row| {
            let first = First { request_hash: row.try_get("", "request_hash")?, answer: row.try_get("", "answer")? };
            Ok((read_identity(row)?, first))
        })
        .collect()
}

/// Keeps the answer beside the key.
pub(super) async fn keep<T: Serialize>(
    work: &Work,
    key: &CommandKey,
    outcome: Result<&T, &Failure>,
) -> Result<(), Failure> {
    write_answers(work, &[(key, outcome)]).await
}

/// Keeps the answers of several requests, refusals by rule with their evidence. A request that could not be read or has no
/// object gives its key back: it may be sent again in another form.
pub(super) async fn keep_all<T: Serialize>(
    work: &Work,
    outcomes: &[(&CommandKey, &Result<T, Failure>)],
) -> Result<(), Failure> {
    let mut kept = Vec::with_capacity(outcomes.len());
    for (key, outcome) in outcomes {
        match outcome {
            Err(failure) if failure.is_by_rule() => {
                record_refusal(work, key, failure).await?;
                kept.push((*key, Err(failure)));
            }
            Err(_) => give_back(work, key).await?,
            Ok(value) => kept.push((*key, Ok(value))),
        }
    }
    write_answers(work, &kept).await
}

async fn give_back(work: &Work, key: &CommandKey) -> Result<(), Failure> {
    let Some(identity) = identity(key) else { return Ok(()) };
    let sql = "DELETE FROM command_keys WHERE client_id = $1 AND operation = $2 AND command_key = $3";
    work.connection().execute_raw(work.statement(sql, identity_cells(identity).to_vec())).await?;
    Ok(())
}

async fn write_answers<T: Serialize>(
    work: &Work,
    outcomes: &[(&CommandKey, Result<&T, &Failure>)],
) -> Result<(), Failure> {
    let mut rows = Rows::new(&[Column::Uuid, Column::Text, Column::Text, Column::Text]);
    let mut is_empty = true;
    for (key, outcome) in outcomes {
        let Some(identity) = identity(key) else { continue };
        let answer = match outcome {
            Ok(value) => {
                let accounts = key.terms.told.as_ref().map(Told::items).unwrap_or_default();
                Answer::Given(serde_json::to_value(value).map_err(Failure::bug)?, accounts)
            }
            Err(failure) => Answer::Refused(failure.kind, failure.violations.clone()),
        };
        let answer = serde_json::to_string(&answer).map_err(Failure::bug)?;
        rows.push(identity_cells(identity).into_iter().chain([answer.into()]));
        is_empty = false;
    }
    if is_empty {
        return Ok(());
    }
    let (source, values) = rows.source(work.backend(), 1)?;
    let sql = format!(
        "UPDATE command_keys SET answer = r.c3 FROM {source} WHERE command_keys.client_id = r.c0 \
         AND command_keys.operation = r.c1 AND command_keys.command_key = r.c2"
    );
    work.connection().execute_raw(work.statement(&sql, values)).await?;
    Ok(())
}

/// Keeps a refusal by rule as evidence: who asked for what, and which rules stood against it.
pub(super) async fn record_refusal(work: &Work, key: &CommandKey, failure: &Failure) -> Result<(), Failure> {
    let codes: Vec<&str> = failure.violations.iter().map(|violation| violation.code.as_ref()).collect();
    let row = refusals::Model {
        id: crate::kernel::ids::fresh(),
        book_id: work.book().0,
        actor_id: key.client,
        operation: key.operation.clone(),
        request_hash: key.request_hash.clone(),
        codes: codes.join(" "),
        violations: serde_json::to_string(&failure.violations).map_err(Failure::bug)?,
        recorded_at: work.now().micros(),
    };
    rows::insert_all::<refusals::Entity, refusals::ActiveModel>(work, vec![row]).await
}
