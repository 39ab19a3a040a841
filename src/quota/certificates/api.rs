//! Certificates of rights.

use super::certificate::Issued;
use super::commands;
use super::printing::file_of;
use super::queries::{self, Standing, prove};
use crate::access::Action;
use crate::concerns;
use crate::http::extract::not_found;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::upload::download;
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Problem, Reply, Shared, Signed, concern};
use crate::kernel::Moment;
use crate::kernel::ids::{CertificateId, SiteId};
use crate::kernel::page::Page;
use crate::ledger::log::api::WaitQuery;
use crate::ledger::log::api_proved::ProofView;
use accounting::certificate::CertifiedOrigin;
use accounting::decimal;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(CertificateView: Organisation [organisation]);

/// The operations on certificates.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(issue_certificate, list_certificates))
        .routes(routes!(find_certificate))
        .routes(routes!(find_certificate_file))
}

/// A journal that brought rights to the site.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CertificateOrigin {
    /// What happened.
    #[schema(example = "allocation_confirmed")]
    pub kind: String,
    /// Its legal date.
    #[schema(format = Date, example = "2022-12-01")]
    pub effective_on: String,
    /// Decimal string in the pollutant's unit.
    #[schema(example = "120.000")]
    pub quantity: String,
    /// Its leaf hash in the log, in hexadecimal.
    #[schema(example = "83d9997564b56f9ddc117bbaeaeb89218e0fa89e0306a6683013ca2af56e9fc0")]
    pub leaf_hash: String,
}

/// A certificate of what a site held of a right class, and what it is worth today.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Certificate)]
pub struct CertificateView {
    /// Its identity.
    pub id: Uuid,
    /// Its number.
    #[schema(example = "CE-2022-000001")]
    pub number: String,
    /// `current`, `changed` when the holding has moved since, `superseded` by a newer certificate of the same rights, or `expired`.
    #[schema(
        example = "current",
        extensions(("x-words" = json!(crate::quota::certificates::certificate::CertificateState::WORDS)))
    )]
    pub state: String,
    /// Of which site.
    pub site: Uuid,
    /// Of which organisation.
    pub organisation: Uuid,
    /// Name of the organisation.
    #[schema(example = "临江纸业")]
    pub holder: String,
    /// Its unified social credit code.
    #[schema(example = "91421222MA0000012X")]
    pub holder_code: String,
    /// Number of the discharge permit in force; null when there was none.
    #[schema(example = "91421222MA0000012X001P")]
    pub permit: Option<String>,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// Everything that the site held, as a decimal string.
    #[schema(example = "120.000")]
    pub quantity: String,
    /// What of it was free.
    #[schema(example = "70.000")]
    pub available: String,
    /// What of it was held for offers and trades.
    #[schema(example = "10.000")]
    pub committed: String,
    /// What of it was pledged.
    #[schema(example = "40.000")]
    pub pledged: String,
    /// What of it a court had frozen.
    #[schema(example = "0.000")]
    pub frozen: String,
    /// How the rights came, newest first; the five newest.
    pub origins: Vec<CertificateOrigin>,
    /// The bureau that vouches for it.
    #[schema(example = "咸宁市生态环境局")]
    pub registry: String,
    /// Who issued it.
    pub issued_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub issued_at: Moment,
    /// The journal of its issue.
    pub journal: Uuid,
    /// Its text in the form of docs/CERTIFICATE-FORMAT.md.
    #[schema(example = "ganhe-certificate/1\nnumber CE-2022-000001\n")]
    pub content: String,
    /// SHA-256 of that text in hexadecimal: the document hash of the journal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub content_hash: String,
    /// SHA-256 of the file that it was printed as, once it was.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub file_hash: Option<String>,
    /// What proves it, when one certificate is asked for and its journal is in the log.
    pub proof: Option<ProofView>,
}

impl CertificateView {
    fn of(standing: Standing, proof: Option<ProofView>) -> Self {
        let Issued { id, site, organisation, journal, issued_by, issued_at, certificate, .. } = standing.issued;
        let measure = certificate.measure.clone();
        let print = |grams| decimal::print(grams, measure.grams_per_unit, measure.decimals);
        let origin = |origin: &CertifiedOrigin| CertificateOrigin {
            kind: origin.kind.clone(),
            effective_on: origin.effective_on.clone(),
            quantity: print(origin.grams),
            leaf_hash: origin.leaf_hash.clone(),
        };
        Self {
            id: id.0,
            state: standing.state.as_str().to_owned(),
            site: site.0,
            organisation: organisation.0,
            quantity: print(certificate.grams.total()),
            available: print(certificate.grams.available),
            committed: print(certificate.grams.committed),
            pledged: print(certificate.grams.pledged),
            frozen: print(certificate.grams.frozen),
            origins: certificate.origins.iter().map(origin).collect(),
            content: certificate.canonical(),
            content_hash: certificate.hash(),
            number: certificate.number,
            holder: certificate.holder,
            holder_code: certificate.holder_code,
            permit: certificate.permit.map(|permit| permit.number),
            right_class: certificate.right_class,
            unit: certificate.measure.unit,
            registry: certificate.registry,
            issued_by: issued_by.0,
            issued_at,
            journal,
            file_hash: standing.file_sha256,
            proof,
        }
    }
}

/// What to certify.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueCertificate {
    /// Id of the site: your own, or one in your bureau's area.
    pub site: Uuid,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
}

/// Issue a certificate of what a site holds of a right class now, free and encumbered.
#[utoipa::path(post, path = "/certificates", tag = "quota", operation_id = "issue_certificate",
    request_body = IssueCertificate, security(("bearer" = [])),
    extensions(("x-permission" = json!("issue_certificate"))),
    responses((status = 201, description = "Issued", body = CertificateView)))]
async fn issue_certificate(State(shared): State<Shared>, command: Command<IssueCertificate>) -> Reply<CertificateView> {
    let permit = command.caller.may(Action::IssueCertificate)?;
    let mut fields = Fields::default();
    let site = SiteId(command.body.site);
    let class = fields.text("right_class", &command.body.right_class);
    let wanted = fields.finish(class.map(|class| (site, class)))?;
    let issued = shared.db.run_once(&permit, &command.key, &wanted, |work, (site, class)| {
        Box::pin(async move {
            let issued = commands::issue(work, *site, class).await?;
            let state = super::CertificateState::Current;
            Ok(CertificateView::of(Standing { issued, state, file_sha256: None }, None))
        })
    });
    Ok(Answer::plainly_created(issued.await?))
}

/// Filters of the certificates.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CertificateQuery {
    /// Id of a site.
    site: Option<Uuid>,
}

/// Certificates of your organisation, or of sites in your area; what proves each is told when one is asked for.
#[utoipa::path(get, path = "/certificates", tag = "quota", operation_id = "list_certificates",
    params(CertificateQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "Certificates in the order of their issue", body = Listing<CertificateView>)))]
async fn list_certificates(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<CertificateQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<CertificateView>> {
    caller.may(Action::ReadQuota)?;
    let found = queries::list_certificates(&shared.db, &caller.scope(), query.site, &page).await?;
    let items = found.items.into_iter().map(|standing| CertificateView::of(standing, None)).collect();
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One certificate, with what proves it once its journal is in the log, usually a second after its issue.
#[utoipa::path(get, path = "/certificates/{id}", tag = "quota", operation_id = "find_certificate",
    params(("id" = Uuid, Path, description = "Id of the certificate"), WaitQuery), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "The certificate", body = CertificateView)))]
async fn find_certificate(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<CertificateId>,
    Filters(query): Filters<WaitQuery>,
) -> Reply<CertificateView> {
    caller.may(Action::ReadQuota)?;
    let patience = query.patience()?;
    let found = queries::find_certificate(&shared.db, &caller.scope(), id).await?;
    let standing = found.ok_or_else(|| not_found("certificate"))?;
    let proof = ProofView::once_logged(prove(&shared.db, &standing.issued, patience).await)?;
    Ok(Answer::plain(CertificateView::of(standing, proof)))
}

/// The certificate on paper: a PDF for archives, with the whole proof attached. It is printed once; the same bytes come ever after.
#[utoipa::path(get, path = "/certificates/{id}/file", tag = "quota", operation_id = "find_certificate_file",
    params(("id" = Uuid, Path, description = "Id of the certificate"), WaitQuery), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "The file", body = Vec<u8>, content_type = "application/pdf")))]
async fn find_certificate_file(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<CertificateId>,
    Filters(query): Filters<WaitQuery>,
) -> Result<Response, Problem> {
    let permit = caller.may(Action::ReadQuota)?;
    let patience: Duration = query.patience()?;
    let found = queries::find_certificate(&shared.db, &caller.scope(), id).await?;
    let standing = found.ok_or_else(|| not_found("certificate"))?;
    let file = file_of(&shared.db, &permit, &standing, &shared.conduct.public_url, patience).await?;
    let name = format!("排污权证-{}.pdf", standing.issued.certificate.number);
    let mut response = download(file, "application/pdf", &name)?;
    concern::tell(&mut response, &CertificateView::of(standing, None));
    Ok(response)
}
