//! What anybody may ask of a certificate: whether it is one, and what it is worth today. Who holds how much stays with whoever shows the
//! paper; the hashes tell whether it is the paper that was issued.

use super::queries::{self, Standing};
use crate::concerns_nobody;
use crate::http::extract::not_found;
use crate::http::problem::ProblemView;
use crate::http::{Answer, Fields, Filters, NoFilters, PathText, Reply, Shared};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

concerns_nobody!(CertificateCheck);

/// The operations that need no token.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(check_certificate_file)).routes(routes!(check_certificate))
}

/// What anybody is told of a certificate.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateCheck {
    /// Its number.
    #[schema(example = "CE-2022-000001")]
    pub number: String,
    /// `current`, `changed` when the holding has moved since, `superseded` by a newer certificate of the same rights, or `expired`.
    #[schema(
        example = "current",
        extensions(("x-words" = json!(crate::quota::certificates::certificate::CertificateState::WORDS)))
    )]
    pub state: String,
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

impl From<Standing> for CertificateCheck {
    fn from(standing: Standing) -> Self {
        let certificate = standing.issued.certificate;
        Self {
            content_hash: certificate.hash(),
            number: certificate.number,
            state: standing.state.as_str().to_owned(),
            issued_on: certificate.issued_on,
            registry: certificate.registry,
            file_hash: standing.file_sha256,
        }
    }
}

/// Check a certificate by the number on it, without signing in.
#[utoipa::path(get, path = "/public/certificates/{number}", tag = "quota", operation_id = "check_certificate",
    params(("number" = String, Path, description = "The number on the certificate", example = "CE-2022-000001", pattern = "^[A-Z0-9-]{1,40}$")),
    responses(
        (status = 200, description = "What it is worth today", body = CertificateCheck),
        (status = 404, description = "No certificate has this number", body = ProblemView, content_type = "application/problem+json")))]
async fn check_certificate(
    State(shared): State<Shared>,
    PathText(number): PathText,
    _filters: Filters<NoFilters>,
) -> Reply<CertificateCheck> {
    let found = queries::find_by_number(&shared.db, &number).await?;
    Ok(Answer::plain(found.ok_or_else(|| not_found("certificate"))?.into()))
}

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FileQuery {
    /// SHA-256 of the file, 64 hexadecimal digits: `sha256sum certificate.pdf`.
    #[param(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    sha256: String,
}

/// Check a file by its hash, without signing in and without sending the file.
#[utoipa::path(get, path = "/public/certificates", tag = "quota", operation_id = "check_certificate_file", params(FileQuery),
    responses(
        (status = 200, description = "What the certificate that was printed as this file is worth today", body = CertificateCheck),
        (status = 404, description = "No certificate was printed as this file", body = ProblemView, content_type = "application/problem+json"),
        (status = 422, description = "Not a hash", body = ProblemView, content_type = "application/problem+json")))]
async fn check_certificate_file(
    State(shared): State<Shared>,
    Filters(query): Filters<FileQuery>,
) -> Reply<CertificateCheck> {
    let mut fields = Fields::default();
    let sha256 = fields.optional_hash("sha256", Some(&query.sha256));
    let sha256 = fields.finish(sha256)?;
    let found = queries::find_by_file(&shared.db, &sha256).await?;
    Ok(Answer::plain(found.ok_or_else(|| not_found("certificate"))?.into()))
}
