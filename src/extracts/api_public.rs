//! What anybody may ask of a paper of the registry: whether an extract of a number was issued and what its hashes are, and whether a paper at
//! hand proves itself. For the latter nothing is looked up but the public keys of the log, which whoever distrusts this server has from
//! elsewhere and uses with `ganhe verify certificate`.

use super::queries::{self, Standing};
use crate::concerns_nobody;
use crate::http::extract::not_found;
use crate::http::field::whole;
use crate::http::problem::ProblemView;
use crate::http::{Answer, Body, Fields, Filters, NoFilters, PathText, Reply, Shared};
use crate::kernel::Moment;
use crate::ledger::log::queries::list_keys;
use crate::paper::proof::{LoggedLeaf, ProofFile};
use axum::extract::State;
use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

concerns_nobody!(ExtractCheck, PaperCheck);

/// The operations that need no token.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(check_extract_file)).routes(routes!(check_extract)).routes(routes!(check_paper))
}

/// What anybody is told of an extract. What it says stays with whoever shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExtractCheck {
    /// Its number.
    #[schema(example = "EX-2022-000001")]
    pub number: String,
    /// `pledge` or `search`.
    #[schema(example = "search", extensions(("x-words" = json!(["pledge", "search"]))))]
    pub kind: String,
    /// The instant that it speaks of. What has happened since is not in it: search anew.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Moment,
    /// The day of its issue.
    #[schema(format = Date, example = "2022-12-01")]
    pub issued_on: String,
    /// The bureau that vouches for it.
    #[schema(example = "咸宁市生态环境局")]
    pub registry: String,
    /// SHA-256 of its text in hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub content_hash: String,
    /// SHA-256 of the file that it was printed as, once it was; a file with another hash is not it.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub file_hash: Option<String>,
}

impl From<Standing> for ExtractCheck {
    fn from(standing: Standing) -> Self {
        let extract = standing.issued.extract;
        Self {
            content_hash: extract.hash(),
            kind: extract.kind().to_owned(),
            as_of: Moment::from_micros(extract.as_of),
            number: extract.number,
            issued_on: extract.issued_on,
            registry: extract.registry,
            file_hash: standing.file_sha256,
        }
    }
}

/// Check an extract by the number on it, without signing in.
#[utoipa::path(get, path = "/public/extracts/{number}", tag = "pledges", operation_id = "check_extract",
    params(("number" = String, Path, description = "The number on the extract", example = "EX-2022-000001", pattern = "^[A-Z0-9-]{1,40}$")),
    responses(
        (status = 200, description = "What was issued under this number", body = ExtractCheck),
        (status = 404, description = "No extract has this number", body = ProblemView, content_type = "application/problem+json")))]
async fn check_extract(
    State(shared): State<Shared>,
    PathText(number): PathText,
    _filters: Filters<NoFilters>,
) -> Reply<ExtractCheck> {
    let found = queries::find_by_number(&shared.db, &number).await?;
    Ok(Answer::plain(found.ok_or_else(|| not_found("extract"))?.into()))
}

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExtractFileQuery {
    /// SHA-256 of the file, 64 hexadecimal digits: `sha256sum extract.pdf`.
    #[param(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    sha256: String,
}

/// Check the file of an extract by its hash, without signing in and without sending the file.
#[utoipa::path(get, path = "/public/extracts", tag = "pledges", operation_id = "check_extract_file", params(ExtractFileQuery),
    responses(
        (status = 200, description = "The extract that was printed as this file", body = ExtractCheck),
        (status = 404, description = "No extract was printed as this file", body = ProblemView, content_type = "application/problem+json"),
        (status = 422, description = "Not a hash", body = ProblemView, content_type = "application/problem+json")))]
async fn check_extract_file(
    State(shared): State<Shared>,
    Filters(query): Filters<ExtractFileQuery>,
) -> Reply<ExtractCheck> {
    let mut fields = Fields::default();
    let sha256 = fields.optional_hash("sha256", Some(&query.sha256));
    let sha256 = fields.finish(sha256)?;
    let found = queries::find_by_file(&shared.db, &sha256).await?;
    Ok(Answer::plain(found.ok_or_else(|| not_found("extract"))?.into()))
}

/// The file `certificate.json` that is attached to a certificate or an extract, as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckPaper {
    /// The form of the file.
    #[schema(example = "ganhe-extract-proof/1")]
    pub form: Option<String>,
    /// The text of the paper.
    #[schema(example = "ganhe-extract/1\nnumber EX-2022-000001\n")]
    pub certificate: String,
    /// SHA-256 of the text, as the file tells it; it is computed anew.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: Option<String>,
    /// The canonical form of the journal of its issue.
    #[schema(example = "ganhe-journal/1\nbook 1\nid 018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01\nkind extract_issued\n")]
    pub journal: String,
    /// The leaf hash of that journal, as the file tells it; it is computed anew.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub leaf_hash: Option<String>,
    /// Its position in the log, from 0.
    #[schema(example = 1_204)]
    #[serde(deserialize_with = "counted")]
    pub position: u64,
    /// Size of the tree, as the file tells it; the checkpoint says it under signature.
    #[schema(example = 1_310)]
    #[serde(default, deserialize_with = "maybe_counted")]
    pub tree_size: Option<u64>,
    /// The hashes of its inclusion proof, from the leaf to the root, in hexadecimal.
    pub inclusion: Vec<String>,
    /// The signed checkpoint.
    #[schema(example = "ganhe/420000/5e0f3a91\n1310\nCQkJ\n")]
    pub checkpoint: String,
    /// The journals that the paper names by their leaves, in the same tree.
    #[serde(default)]
    pub origins: Vec<CheckedLeaf>,
}

/// A journal in the log, by its leaf.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckedLeaf {
    /// Its leaf hash, in hexadecimal.
    #[schema(example = "83d9997564b56f9ddc117bbaeaeb89218e0fa89e0306a6683013ca2af56e9fc0")]
    pub leaf_hash: String,
    /// Its position in the log, from 0.
    #[schema(example = 1_002)]
    #[serde(deserialize_with = "counted")]
    pub position: u64,
    /// The hashes of its inclusion proof, from the leaf to the root, in hexadecimal.
    pub inclusion: Vec<String>,
}

/// A number that counts leaves, within what the books count.
fn counted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number: i64 = whole(deserializer)?;
    u64::try_from(number)
        .map_err(|_| D::Error::invalid_value(Unexpected::Signed(number), &"a whole number within its range"))
}

/// The same of a number that may be left out.
fn maybe_counted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Counted(#[serde(deserialize_with = "counted")] u64);
    Ok(Option::<Counted>::deserialize(deserializer)?.map(|Counted(number)| number))
}

impl From<CheckPaper> for ProofFile {
    fn from(paper: CheckPaper) -> Self {
        let leaf = |logged: CheckedLeaf| LoggedLeaf {
            leaf_hash: logged.leaf_hash,
            position: logged.position,
            inclusion: logged.inclusion,
        };
        Self {
            certificate: paper.certificate,
            journal: paper.journal,
            position: paper.position,
            inclusion: paper.inclusion,
            checkpoint: paper.checkpoint,
            origins: paper.origins.into_iter().map(leaf).collect(),
        }
    }
}

/// Whether a paper proves itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaperCheck {
    /// Whether its text is the one that was recorded, in a log that one of the registry's keys has signed.
    #[schema(example = true)]
    pub is_proved: bool,
    /// Why not.
    #[schema(example = "the journal was recorded for another text")]
    pub fault: Option<String>,
    /// `rights`, `pledge` or `search`, when it is proved.
    #[schema(example = "search", extensions(("x-words" = json!(["rights", "pledge", "search"]))))]
    pub kind: Option<String>,
    /// Its number, when it is proved.
    #[schema(example = "EX-2022-000001")]
    pub number: Option<String>,
    /// When its issue was recorded, in business time, when it is proved.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub recorded_at: Option<Moment>,
    /// Size of the log that proves it.
    #[schema(example = 1_310)]
    pub tree_size: Option<u64>,
}

/// Check whether a paper proves itself, without signing in: send the file `certificate.json` that is attached to it. Nothing is looked up but
/// the keys of the log.
#[utoipa::path(post, path = "/public/papers/check", tag = "pledges", operation_id = "check_paper", request_body = CheckPaper,
    responses((status = 200, description = "Whether it proves itself", body = PaperCheck)))]
async fn check_paper(State(shared): State<Shared>, Body(paper): Body<CheckPaper>) -> Reply<PaperCheck> {
    let keys = list_keys(shared.db.reader()).await?;
    let vkeys: Vec<&str> = keys.iter().map(|key| key.vkey.as_str()).collect();
    let file = ProofFile::from(paper);
    Ok(Answer::plain(match file.verify(&vkeys) {
        Ok(proven) => PaperCheck {
            is_proved: true,
            fault: None,
            kind: Some(proven.kind.to_owned()),
            number: Some(proven.number),
            recorded_at: Some(Moment::from_micros(proven.journal.recorded_at)),
            tree_size: Some(proven.head.size),
        },
        Err(fault) => PaperCheck {
            is_proved: false,
            fault: Some(fault.to_string()),
            kind: None,
            number: None,
            recorded_at: None,
            tree_size: None,
        },
    }))
}
