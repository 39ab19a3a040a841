//! Proofs for those who may see a journal, and the registration of witnesses.

use super::{LogRefusal, commands, queries};
use crate::access::{Action, Scope};
use crate::concerns_nobody;
use crate::db::columns::hexadecimal;
use crate::http::concern::{Concerns, Party, Whose};
use crate::http::extract::not_found;
use crate::http::{Answer, Command, Fields, Filters, Id, Reply, Shared, Signed};
use crate::kernel::Failure;
use crate::ledger::{leaves, statements};
use accounting::tree::{Hash, Proof};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns_nobody!(RegisteredWitness);

/// Longest wait for the log, in seconds; it is usually one second behind.
const LONGEST_WAIT: u64 = 5;

/// The operations below the API's base.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(find_journal_proof))
}

/// The operations at the root that need a token.
pub fn root_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(register_witness))
}

/// What proves that a journal is in the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct JournalProof {
    /// The journal.
    pub journal: Uuid,
    /// Its leaf hash: SHA-256 of a zero byte and its canonical form, in hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub leaf_hash: String,
    /// Its position in the log, from 0.
    #[schema(example = 1204)]
    pub position: u64,
    /// Size of the tree that the proof leads to; the checkpoint says the same.
    #[schema(example = 1310)]
    pub tree_size: u64,
    /// The hashes of the inclusion proof of RFC 6962, from the leaf to the root, in hexadecimal.
    pub inclusion: Vec<String>,
    /// The signed checkpoint of that size: a C2SP signed note.
    pub checkpoint: String,
    /// The canonical form of the journal (docs/JOURNAL-FORMAT.md), when you may see every entry of it.
    pub canonical: Option<String>,
    /// The owners of its entries, for the access log.
    #[serde(skip)]
    #[schema(ignore)]
    pub owners: Vec<Uuid>,
}

impl Concerns for JournalProof {
    fn concerns(&self, whose: &mut Whose) {
        whose.of(self.owners.iter().copied().map(Party::Owner));
    }
}

/// How long to wait.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WaitQuery {
    /// Seconds to wait for a journal that is not in the log yet: 0 to 5, 0 when left out.
    #[param(minimum = 0, maximum = 5, example = 5)]
    wait: Option<u64>,
}

impl WaitQuery {
    /// How long the client waits.
    ///
    /// # Errors
    /// [`LogRefusal::LongWait`].
    pub fn patience(&self) -> Result<Duration, Failure> {
        let mut fields = Fields::default();
        let wait = self.wait.unwrap_or_default();
        let refusal = LogRefusal::LongWait { most: LONGEST_WAIT.to_string() };
        let wait = fields.take_as("wait", if wait <= LONGEST_WAIT { Ok(wait) } else { Err(refusal) });
        Ok(Duration::from_secs(fields.finish(wait)?))
    }
}

/// What proves that a journal is in the log: inclusion proof, signed checkpoint, and the text that was hashed.
#[utoipa::path(get, path = "/journals/{id}/proof", tag = "log", operation_id = "find_journal_proof",
    params(("id" = Uuid, Path, description = "Id of the journal"), WaitQuery), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_books"))),
    responses((status = 200, description = "The proof", body = JournalProof)))]
async fn find_journal_proof(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<Uuid>,
    Filters(query): Filters<WaitQuery>,
) -> Reply<JournalProof> {
    caller.may(Action::ReadBooks)?;
    let patience = query.patience()?;
    let found = statements::find_journal(&shared.db, &caller.scope(), id).await?;
    let journal = found.ok_or_else(|| not_found("journal"))?;
    let leaf = leaves::find(shared.db.reader(), id).await?.ok_or_else(|| not_found("journal"))?;
    let sees_all = caller.scope() == Scope::Everything || journal.entries.len() == leaf.entries.len();
    let (position, checkpoint) = queries::wait_for(&shared.db, id, patience).await?;
    let proof = queries::prove(&shared.db, Proof::Inclusion { size: checkpoint.size, position }).await?;
    Ok(Answer::plain(JournalProof {
        journal: id,
        leaf_hash: journal.leaf_hash,
        position,
        tree_size: checkpoint.size,
        inclusion: in_hexadecimal(&proof),
        checkpoint: checkpoint.note,
        canonical: sees_all.then(|| leaf.canonical()),
        owners: journal.entries.iter().map(|entry| entry.owner).collect(),
    }))
}

/// The hashes as the API writes them.
pub fn in_hexadecimal(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| hexadecimal(hash)).collect()
}

/// A witness to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWitness {
    /// The public key that it cosigns with, as C2SP `tlog-cosignature` writes it: name, id, and 0x04 with the Ed25519 key.
    #[schema(example = "witness.bank.example+1b2c3d4e+BC0Kg+Mu3VyVsRkQhkuZcYfjCcZHgMRvrrjVjvTnYcuQ")]
    pub vkey: String,
}

/// A registered witness.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisteredWitness {
    /// The name on its signature lines.
    #[schema(example = "witness.bank.example")]
    pub name: String,
}

/// Register a witness, so that its cosignatures are accepted and served.
#[utoipa::path(post, path = "/log/witnesses", tag = "log", operation_id = "register_witness", request_body = NewWitness,
    security(("bearer" = [])), extensions(("x-permission" = json!("keep_log"))),
    responses((status = 201, description = "Registered", body = RegisteredWitness)))]
async fn register_witness(State(shared): State<Shared>, command: Command<NewWitness>) -> Reply<RegisteredWitness> {
    let permit = command.caller.may(Action::KeepLog)?;
    let name = commands::register_witness(&shared.db, &permit, &command.key, &command.body.vkey).await?;
    Ok(Answer::plainly_created(RegisteredWitness { name }))
}
