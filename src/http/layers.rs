//! What wraps every request: the trace id, the language of problems, security headers, limits, panics.

use crate::db::terms::Told;
use crate::http::problem::{self, Language};
use crate::kernel::Failure;
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use tracing::Instrument;

/// No request may take longer; long work goes on as an operation.
const LONGEST_REQUEST: Duration = Duration::from_mins(1);

/// How long requests take, by operation and status: also how many there are.
pub const REQUEST_SECONDS: &str = "ganhe_request_duration_seconds";

/// Puts the layers around the router.
pub fn wrap(router: Router) -> Router {
    router
        .layer(DefaultBodyLimit::max(crate::http::extract::LARGEST_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LONGEST_REQUEST))
        .layer(CatchPanicLayer::custom(|_: Box<dyn Any + Send>| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
        .layer(middleware::from_fn(converse))
}

/// Gives the request its trace id and the answer its language and headers.
async fn converse(mut request: Request, next: Next) -> Response {
    let language = Language::asked(request.headers().get(header::ACCEPT_LANGUAGE));
    let trace_id = trace_id(request.headers().get("traceparent"));
    let instance = request.uri().path().to_owned();
    let operation = operation(&request);
    let began = Instant::now();
    let span = tracing::info_span!("request", method = %request.method(), path = %instance, trace_id = %trace_id);
    let told = Told::default();
    request.extensions_mut().insert(told.clone());
    let answer = next.run(request).instrument(span).await;
    let mut answer = say(answer, language, &instance, &trace_id);
    let status = answer.status().as_str().to_owned();
    metrics::histogram!(REQUEST_SECONDS, "operation" => operation, "status" => status).record(began.elapsed());
    let headers = answer.headers_mut();
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert("referrer-policy", HeaderValue::from_static("no-referrer"));
    headers.insert("x-frame-options", HeaderValue::from_static("DENY"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&told.items().join(", "))
        && !value.is_empty()
    {
        headers.insert("ledger-accounts", value);
    }
    if let Ok(value) = HeaderValue::from_str(&trace_id) {
        headers.insert("x-trace-id", value);
    }
    answer
}

fn say(mut answer: Response, language: Language, instance: &str, trace_id: &str) -> Response {
    if answer.extensions().get::<problem::OwnForm>().is_some() {
        return answer;
    }
    let failure = answer.extensions_mut().remove::<Arc<Failure>>();
    for violation in failure.iter().flat_map(|failure| &failure.violations) {
        metrics::counter!("ganhe_refusals_total", "code" => violation.code.clone()).increment(1);
    }
    let status = answer.status();
    let is_bare = status.is_client_error() || status.is_server_error();
    if let Some(failure) = &failure
        && status == StatusCode::INTERNAL_SERVER_ERROR
    {
        tracing::error!(%failure, %trace_id, "Request failed on our side");
    }
    if failure.is_none() && !is_bare {
        return answer;
    }
    problem::render(status, failure.as_deref(), language, instance, trace_id)
}

/// The operation by its template, so that ids in paths make no series of their own.
fn operation(request: &Request) -> String {
    let template = request.extensions().get::<MatchedPath>().map_or("elsewhere", MatchedPath::as_str);
    format!("{} {template}", request.method())
}

/// The trace id of a W3C `traceparent`, or a fresh one.
fn trace_id(header: Option<&HeaderValue>) -> String {
    header
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split('-').nth(1))
        .filter(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .map_or_else(|| crate::kernel::ids::fresh().simple().to_string(), str::to_owned)
}
