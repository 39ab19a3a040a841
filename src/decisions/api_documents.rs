//! Documents as evidence.

use super::documents::media::MediaType;
use super::documents::{self, Audience, Document, Link, NewDocument, queries};
use super::error::DecisionRefusal;
use crate::access::Action;
use crate::concerns;
use crate::http::answer::one;
use crate::http::concern;
use crate::http::extract::not_found;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::upload;
use crate::http::{Answer, Filters, Id, Listing, Problem, Reply, Shared, Signed};
use crate::kernel::ids::DocumentId;
use crate::kernel::{Failure, Moment};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Nothing of a document runs, and nothing is loaded by it, whatever a browser takes it for.
const POLICY: &str = "sandbox; default-src 'none'";

concerns!(DocumentView: Organisation [organisation]);

/// The operations on documents.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(register_document, list_documents))
        .routes(routes!(find_document))
        .routes(routes!(find_document_content))
}

/// What a document proves.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DocumentUse {
    /// What kind of thing.
    #[schema(example = "allocation")]
    pub subject_kind: String,
    /// Which thing.
    pub subject: Uuid,
    /// The organisation that may read it for that.
    pub organisation: Option<Uuid>,
    /// Code of the area whose bureaux may.
    pub area: Option<String>,
}

/// A document kept as evidence.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Document)]
pub struct DocumentView {
    /// Its identity.
    pub id: Uuid,
    /// Whose it is.
    pub organisation: Uuid,
    /// Name of the file.
    #[schema(example = "总量核定意见.pdf")]
    pub name: String,
    /// What it holds, judged by its content.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// Bytes.
    #[schema(example = 183_204)]
    pub size: i64,
    /// SHA-256 of what it holds, in lower-case hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: String,
    /// Who uploaded it.
    pub uploaded_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub uploaded_at: Moment,
    /// What it is evidence of, and who may read it for that; only when one document is asked for.
    pub used: Vec<DocumentUse>,
}

impl DocumentView {
    fn of(document: Document, links: Vec<Link>) -> Self {
        let used = links.into_iter().map(|link| {
            let (organisation, area) = match link.audience {
                Audience::Organisation(id) => (Some(id.0), None),
                Audience::Area(path) => (None, Some(super::api_tasks::last_code(&path))),
            };
            DocumentUse { subject_kind: link.subject_kind, subject: link.subject, organisation, area }
        });
        Self {
            id: document.id.0,
            organisation: document.organisation.0,
            name: document.name,
            media_type: document.media_type.as_str().to_owned(),
            size: document.size,
            sha256: document.sha256,
            uploaded_by: document.uploaded_by.0,
            uploaded_at: document.uploaded_at,
            used: used.collect(),
        }
    }
}

/// Upload a document: its bytes are the body, its type the `Content-Type`, its name the `Content-Disposition`
/// (`attachment; filename*=UTF-8''…`). PDF, PNG, JPEG, XLSX without macros, CSV and plain text are taken, judged by what they hold.
#[utoipa::path(post, path = "/documents", tag = "decisions", operation_id = "register_document",
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file"),
    params(("Content-Disposition" = String, Header, description = "The name of the file", example = "attachment; filename*=UTF-8''%E6%A0%B8%E5%AE%9A.pdf")),
    security(("bearer" = [])), extensions(("x-permission" = json!("register_document"))),
    responses((status = 201, description = "Kept", body = DocumentView)))]
async fn register_document(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    request: Request,
) -> Reply<DocumentView> {
    let permit = caller.may(Action::RegisterDocument)?;
    let contents = shared.db.contents();
    let sent = upload::read(request, &shared, &caller, contents.largest).await?;
    let name = sent.name.ok_or(DecisionRefusal::BadName {})?;
    let media_type = MediaType::judge(&sent.content, sent.media_type.as_deref(), &name)?;
    let size = i64::try_from(sent.content.len()).map_err(Failure::bug)?;
    let is_in_folder = !sent.key.terms.is_dry_run && contents.keep(&sent.sha256, &sent.content).await?;
    let content = (!is_in_folder).then_some(sent.content);
    let new = [NewDocument { name, media_type, sha256: sent.sha256, size, content }];
    let kept = shared.db.run_once(&permit, &sent.key, &new, |work, news| {
        Box::pin(async move { one(documents::register(work, news).await?, |kept| DocumentView::of(kept, Vec::new())) })
    });
    Ok(Answer::plainly_created(kept.await?))
}

/// Filters of the documents.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DocumentQuery {
    /// Id of a trade, a pledge, an application …: the documents that are evidence in it and that you may read, whoever uploaded them.
    subject: Option<Uuid>,
}

/// Documents of your organisation, or what proves one thing.
#[utoipa::path(get, path = "/documents", tag = "decisions", operation_id = "list_documents",
    params(DocumentQuery, OrderParams, PagingParams), security(("bearer" = [])), extensions(("x-permission" = json!("read_documents"))),
    responses((status = 200, description = "Documents in the order in which they were uploaded", body = Listing<DocumentView>)))]
async fn list_documents(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<DocumentQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<DocumentView>> {
    caller.may(Action::ReadDocuments)?;
    let found = queries::list_documents(&shared.db, &caller, query.subject, &page).await?;
    Ok(Answer::plain(found.map(|document| DocumentView::of(document, Vec::new())).into()))
}

/// What is known of a document: of your organisation, or evidence in something that you may see.
#[utoipa::path(get, path = "/documents/{id}", tag = "decisions", operation_id = "find_document",
    params(("id" = Uuid, Path, description = "Id of the document")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_documents"))),
    responses((status = 200, description = "The document", body = DocumentView)))]
async fn find_document(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<DocumentId>,
) -> Reply<DocumentView> {
    caller.may(Action::ReadDocuments)?;
    let (document, links) =
        queries::find_document(&shared.db, &caller, id).await?.ok_or_else(|| not_found("document"))?;
    Ok(Answer::plain(DocumentView::of(document, links)))
}

/// What a document holds, as bytes to be kept and never as a page.
#[utoipa::path(get, path = "/documents/{id}/content", tag = "decisions", operation_id = "find_document_content",
    params(("id" = Uuid, Path, description = "Id of the document")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_documents"))),
    responses((status = 200, description = "The bytes", body = Vec<u8>, content_type = "application/octet-stream")))]
async fn find_document_content(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<DocumentId>,
) -> Result<Response, Problem> {
    caller.may(Action::ReadDocuments)?;
    let found = queries::find_document(&shared.db, &caller, id).await?;
    let (document, _) = found.ok_or_else(|| not_found("document"))?;
    let content = queries::find_content(&shared.db, &document.sha256).await?;
    let content = content.ok_or_else(|| Failure::bug(format!("the content {} is lost", document.sha256)))?;
    let mut response = upload::download(content, "application/octet-stream", &document.name)?;
    concern::tell(&mut response, &DocumentView::of(document, Vec::new()));
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}
