//! What anybody may read of the log, and the one thing that anybody may send: a witness's cosignature.

use super::api::in_hexadecimal;
use super::queries::{self, Wanted};
use super::{LogRefusal, commands};
use crate::concerns_nobody;
use crate::http::field::whole;
use crate::http::problem::ProblemView;
use crate::http::{Answer, Body, Fields, Filters, PathText, Problem, Reply, Shared};
use crate::kernel::Moment;
use accounting::tree::Proof;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

concerns_nobody!(LogProof, LogSigners, CosignatureView);

/// A tile never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The newest checkpoint changes by the second.
const FOR_A_SECOND: &str = "public, max-age=1";

/// The operations at the root that need no token.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(find_checkpoint))
        .routes(routes!(find_tile))
        .routes(routes!(find_inclusion_proof))
        .routes(routes!(find_consistency_proof))
        .routes(routes!(list_log_keys))
        .routes(routes!(cosign_checkpoint))
}

/// Which checkpoint.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CheckpointQuery {
    /// The one of this size; the newest when left out.
    #[param(example = 1310)]
    size: Option<u64>,
    /// Only one that a witness has cosigned.
    #[param(example = false)]
    cosigned: Option<bool>,
}

/// The newest checkpoint (检查点) as a C2SP signed note, with the cosignatures of its witnesses.
#[utoipa::path(get, path = "/log/checkpoint", tag = "log", operation_id = "find_checkpoint", params(CheckpointQuery),
    responses(
        (status = 200, description = "The signed note", body = String, content_type = "text/plain"),
        (status = 404, description = "No such checkpoint", body = ProblemView, content_type = "application/problem+json")))]
async fn find_checkpoint(
    State(shared): State<Shared>,
    Filters(query): Filters<CheckpointQuery>,
) -> Result<Response, Problem> {
    let wanted = Wanted { size: query.size, is_cosigned: query.cosigned.unwrap_or_default() };
    let note = queries::find_checkpoint(&shared.db, wanted).await?;
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, FOR_A_SECOND)];
    Ok((headers, note).into_response())
}

/// A tile of the Merkle tree as C2SP tlog-tiles says: up to 256 hashes of 32 bytes each.
#[utoipa::path(get, path = "/log/tile/{*path}", tag = "log", operation_id = "find_tile",
    params(("path" = String, Path, description = "Level and number, `<L>/<N>[.p/<W>]`, for example `0/x001/067` or `0/000.p/17`",
        example = "0/000.p/1", pattern = "^[0-9a-z./]{1,100}$")),
    responses(
        (status = 200, description = "The hashes, one after the other", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, description = "No such tile", body = ProblemView, content_type = "application/problem+json")))]
async fn find_tile(State(shared): State<Shared>, PathText(path): PathText) -> Result<Response, Problem> {
    let tile = queries::find_tile(&shared.db, &path).await?;
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, FOR_EVER)];
    Ok((headers, tile).into_response())
}

/// The hashes of a proof.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogProof {
    /// Position of the leaf, from 0; null in a proof of consistency.
    #[schema(example = 1204)]
    pub position: Option<u64>,
    /// The hashes in the order of RFC 6962, in hexadecimal.
    pub hashes: Vec<String>,
}

/// Which leaf in which tree.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InclusionQuery {
    /// The leaf hash, 64 hexadecimal digits.
    #[param(example = "83d9997564b56f9ddc117bbaeaeb89218e0fa89e0306a6683013ca2af56e9fc0")]
    leaf_hash: String,
    /// Size of the tree: that of a checkpoint.
    #[param(example = 1310)]
    tree_size: u64,
}

/// Where a leaf is in the tree, and the proof.
#[utoipa::path(get, path = "/log/proof/inclusion", tag = "log", operation_id = "find_inclusion_proof",
    params(InclusionQuery),
    responses(
        (status = 200, description = "The proof", body = LogProof),
        (status = 404, description = "No such leaf", body = ProblemView, content_type = "application/problem+json"),
        (status = 422, description = "No tree of that size", body = ProblemView, content_type = "application/problem+json")))]
async fn find_inclusion_proof(
    State(shared): State<Shared>,
    Filters(query): Filters<InclusionQuery>,
) -> Reply<LogProof> {
    let mut fields = Fields::default();
    let leaf_hash = fields.optional_hash("leaf_hash", Some(&query.leaf_hash));
    let leaf_hash = fields.finish(leaf_hash)?;
    let leaf_hash = accounting::hex::bytes(&leaf_hash).ok_or(LogRefusal::NoLeaf {})?;
    let position = queries::find_leaf(&shared.db, leaf_hash).await?.filter(|position| *position < query.tree_size);
    let position = position.ok_or(LogRefusal::NoLeaf {})?;
    let hashes = queries::prove(&shared.db, Proof::Inclusion { size: query.tree_size, position }).await?;
    Ok(Answer::plain(LogProof { position: Some(position), hashes: in_hexadecimal(&hashes) }))
}

/// Which trees.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConsistencyQuery {
    /// Size of the older tree.
    #[param(example = 1204)]
    from: u64,
    /// Size of the newer tree.
    #[param(example = 1310)]
    to: u64,
}

/// The proof that the tree of one size is the beginning of the tree of another.
#[utoipa::path(get, path = "/log/proof/consistency", tag = "log", operation_id = "find_consistency_proof",
    params(ConsistencyQuery),
    responses(
        (status = 200, description = "The proof", body = LogProof),
        (status = 422, description = "No trees of those sizes", body = ProblemView, content_type = "application/problem+json")))]
async fn find_consistency_proof(
    State(shared): State<Shared>,
    Filters(query): Filters<ConsistencyQuery>,
) -> Reply<LogProof> {
    let hashes = queries::prove(&shared.db, Proof::Consistency { from: query.from, to: query.to }).await?;
    Ok(Answer::plain(LogProof { position: None, hashes: in_hexadecimal(&hashes) }))
}

/// Who signs the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogSigners {
    /// The origin: the first line of every checkpoint.
    #[schema(example = "ganhe/420000/5e0f3a91")]
    pub origin: String,
    /// Keys of the operator, oldest first; the last one signs.
    pub keys: Vec<LogKeyView>,
    /// The registered witnesses.
    pub witnesses: Vec<WitnessView>,
}

/// A public key of the operator.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogKey)]
pub struct LogKeyView {
    /// The key as signed notes write it.
    #[schema(example = "ganhe/420000/5e0f3a91+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    pub vkey: String,
    /// Since when it signs, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub signs_since: Moment,
    /// Whether it signs today.
    pub is_active: bool,
}

/// A witness.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Witness)]
pub struct WitnessView {
    /// The name on its signature lines.
    #[schema(example = "witness.bank.example")]
    pub name: String,
    /// Its public key as C2SP tlog-cosignature writes it.
    #[schema(example = "witness.bank.example+1b2c3d4e+BC0Kg+Mu3VyVsRkQhkuZcYfjCcZHgMRvrrjVjvTnYcuQ")]
    pub vkey: String,
    /// How many checkpoints it has cosigned.
    #[schema(example = 17)]
    pub cosigned: i64,
}

/// The keys of the log, past and present, and its witnesses. Keep a copy of your own: who changes history can change this list.
#[utoipa::path(get, path = "/log/keys", tag = "log", operation_id = "list_log_keys",
    responses((status = 200, description = "Who signs", body = LogSigners)))]
async fn list_log_keys(State(shared): State<Shared>) -> Reply<LogSigners> {
    let books = shared.db.reader();
    let keys = queries::list_keys(books).await?;
    let witnesses = queries::list_witnesses(books).await?.into_iter();
    let origin = queries::origin_of(&keys).to_owned();
    let newest = keys.last().map_or(0, |key| key.number);
    let key = |key: queries::LogKey| LogKeyView {
        vkey: key.vkey,
        signs_since: key.recorded_at,
        is_active: key.number == newest,
    };
    let witness =
        |witness: queries::Witness| WitnessView { name: witness.name, vkey: witness.vkey, cosigned: witness.cosigned };
    Ok(Answer::plain(LogSigners {
        origin,
        keys: keys.into_iter().map(key).collect(),
        witnesses: witnesses.map(witness).collect(),
    }))
}

/// A witness's signature.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCosignature {
    /// Size of the checkpoint that was signed.
    #[schema(example = 1310)]
    #[serde(deserialize_with = "whole")]
    pub size: u64,
    /// The signature line of C2SP tlog-cosignature (cosignature/v1), with its dash.
    #[schema(example = "— witness.bank.example Gyw9TgAAAABjiAYQ…")]
    pub line: String,
}

/// A cosignature that stands under its checkpoint.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cosignature)]
pub struct CosignatureView {
    /// Who signed.
    #[schema(example = "witness.bank.example")]
    pub witness: String,
    /// Counts the witness's cosignatures from 1.
    #[schema(example = 17)]
    pub number: i64,
}

/// Hand in the cosignature of a registered witness; the signature itself says who sends it. A repeat changes nothing.
#[utoipa::path(post, path = "/log/cosignatures", tag = "log", operation_id = "cosign_checkpoint",
    request_body = NewCosignature,
    responses((status = 200, description = "It stands under the checkpoint", body = CosignatureView)))]
async fn cosign_checkpoint(State(shared): State<Shared>, Body(body): Body<NewCosignature>) -> Reply<CosignatureView> {
    let (witness, number) = commands::cosign(&shared.db, body.size, &body.line).await?;
    Ok(Answer::plain(CosignatureView { witness, number }))
}
