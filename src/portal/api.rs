//! What a browser gets before anybody has signed in: the portal itself, and what kind of installation it stands in.

use super::{Guest, assets, is_ours};
use crate::concerns_nobody;
use crate::http::{Answer, Filters, NoFilters, Reply, Shared};
use crate::identity::founding::find_installation as find_founded;
use crate::identity::queries::find_by_login;
use crate::identity::secret;
use crate::kernel::{Failure, Moment};
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

concerns_nobody!(InstallationView);

/// Hashed files stay good for a year, the longest that caches honour.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// What has a name that stays is asked for again each time, and mostly unchanged.
const ASKED_AGAIN: &str = "no-cache";

/// What is said where the portal was not built.
const UNBUILT: &str = "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>Ganhe 淦河</title></head><body>\n\
     <h1>Ganhe 淦河</h1>\n<p>本程序编译时未包含门户页面。请在 <code>portal</code> 目录运行 <code>npm ci &amp;&amp; npm run build</code> 后重新编译。</p>\n\
     <p lang=\"en\">This program was built without the portal. Run <code>npm ci &amp;&amp; npm run build</code> in <code>portal</code> and build it again.</p>\n\
     <p><a href=\"/docs/\">API</a></p>\n</body></html>\n";

/// The operations that the portal alone needs.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(find_installation))
}

/// What kind of installation this is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Installation)]
pub struct InstallationView {
    /// Version of the program.
    #[schema(example = "0.1.0")]
    pub program: String,
    /// Whether it is a demonstration, whose business time is not the time of the day.
    #[schema(example = true)]
    pub is_demonstration: bool,
    /// Business time now.
    #[schema(value_type = String, format = DateTime)]
    pub business_time: Moment,
    /// Whom a visitor may sign in as; nobody unless it is a demonstration.
    pub guests: Vec<GuestView>,
}

/// Somebody whom a visitor of a demonstration may sign in as.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Guest)]
pub struct GuestView {
    /// The login.
    #[schema(example = "liwei.trader")]
    pub login: String,
    /// Its password.
    #[schema(example = "ganhe-demo-2022")]
    pub password: String,
    /// The role.
    #[schema(example = "enterprise_trader")]
    pub role: String,
    /// Of which organisation.
    pub organisation_name: String,
    /// Its kind.
    #[schema(example = "enterprise")]
    pub organisation_kind: String,
}

/// What kind of installation this is, for whoever is about to sign in; a demonstration names its logins.
#[utoipa::path(get, path = "/public/installation", tag = "identity", operation_id = "find_installation",
    responses((status = 200, description = "The installation", body = InstallationView)))]
async fn find_installation(
    State(shared): State<Shared>,
    Extension(guests): Extension<Arc<[Guest]>>,
    _filters: Filters<NoFilters>,
) -> Reply<InstallationView> {
    let is_demonstration = find_founded(&shared.db).await?.is_some_and(|founded| founded.is_demonstration);
    let guests = if is_demonstration { guests_of(&shared, &guests).await? } else { Vec::new() };
    Ok(Answer::plain(InstallationView {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        is_demonstration,
        business_time: shared.db.clock().business_now(),
        guests,
    }))
}

/// Those of the guests who are in this book.
async fn guests_of(shared: &Shared, guests: &[Guest]) -> Result<Vec<GuestView>, Failure> {
    let mut views = Vec::new();
    for guest in guests {
        if let Some(member) = find_by_login(&shared.db, guest.login).await? {
            views.push(GuestView {
                login: guest.login.to_owned(),
                password: guest.password.to_owned(),
                role: guest.role.to_owned(),
                organisation_name: member.organisation.name,
                organisation_kind: member.organisation.kind.as_str().to_owned(),
            });
        }
    }
    Ok(views)
}

/// Answers what no operation answers: a file of the portal, its first page to a browser that asks for a page, and otherwise nothing.
pub async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    if !reads || !is_ours(path) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let headers = request.headers();
    if let Some(asset) = assets::find(path, said(headers, header::ACCEPT_ENCODING)) {
        return file(asset);
    }
    if path == "/" || said(headers, header::ACCEPT).contains("text/html") {
        return first_page();
    }
    StatusCode::NOT_FOUND.into_response()
}

fn said(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn file(asset: assets::Asset) -> Response {
    let caching = if asset.is_immutable { FOR_EVER } else { ASKED_AGAIN };
    let mut response = asset.content.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_name(header::ACCEPT_ENCODING));
    if let Some(encoding) = asset.encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    for (name, value) in [(header::CONTENT_TYPE, asset.media), (header::ETAG, asset.etag)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

/// The first page, under a policy that runs no program but the portal's files and takes no style but theirs and those that carry the
/// nonce of this answer. Who guesses none can put nothing into it.
fn first_page() -> Response {
    let nonce = secret::fresh("n");
    let Some(page) = assets::first_page(&nonce) else { return Html(UNBUILT).into_response() };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let mut response = Html(page).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(ASKED_AGAIN));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
