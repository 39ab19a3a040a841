//! What wraps every request: the trace id, the language of problems, headers, limits, panics.

use crate::db::terms::Told;
use crate::http::address::origin;
use crate::http::conduct::LARGEST_HEAD;
use crate::http::extract::RequestRefusal;
use crate::http::rate::{Allowances, Limits};
use crate::http::{Conduct, Language, Problem, headers, problem};
use crate::kernel::Failure;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::sync::Arc;
use std::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use tracing::Instrument;

/// How long requests take, by operation and status: also how many there are.
pub const REQUEST_SECONDS: &str = "ganhe_request_duration_seconds";

/// What the layers need to know.
#[derive(Clone)]
struct House {
    conduct: Arc<Conduct>,
    limits: Arc<Limits>,
}

/// Puts the layers around the router.
pub fn wrap(router: Router, conduct: &Arc<Conduct>, limits: &Arc<Limits>) -> Router {
    let house = House { conduct: Arc::clone(conduct), limits: Arc::clone(limits) };
    let router = router
        .layer(DefaultBodyLimit::max(crate::http::conduct::LARGEST_BODY))
        .layer(middleware::from_fn_with_state(house.clone(), admit))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, conduct.longest_request))
        .layer(CatchPanicLayer::custom(|_: Box<dyn Any + Send>| StatusCode::INTERNAL_SERVER_ERROR.into_response()));
    let router = match headers::cross_origin(conduct) {
        Some(layer) => router.layer(layer),
        None => router,
    };
    router.layer(middleware::from_fn_with_state(house, converse))
}

/// Gives the request its trace id and the answer its language and headers.
async fn converse(State(house): State<House>, mut request: Request, next: Next) -> Response {
    let language = Language::asked(request.headers().get(header::ACCEPT_LANGUAGE));
    let trace_id = trace_id(request.headers().get("traceparent"));
    let instance = request.uri().path().to_owned();
    let operation = operation(&request);
    let known = known_version(&request);
    let began = Instant::now();
    let span = tracing::info_span!("request", method = %request.method(), path = %instance, trace_id = %trace_id);
    let (told, allowances) = (Told::default(), Allowances::default());
    request.extensions_mut().insert(told.clone());
    request.extensions_mut().insert(allowances.clone());
    let answer = next.run(request).instrument(span).await;
    let answer = say(answer, language, &instance, &trace_id);
    let mut answer = if is_known(&answer, known.as_ref()) { unchanged(answer) } else { answer };
    let status = answer.status().as_str().to_owned();
    metrics::histogram!(REQUEST_SECONDS, "operation" => operation, "status" => status).record(began.elapsed());
    let headers = answer.headers_mut();
    headers::secure(headers, &instance, &house.conduct);
    allowances.tell(headers);
    headers.append(header::VARY, HeaderValue::from_name(header::ACCEPT_LANGUAGE));
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

/// Refuses what is not even looked at: too often from one address, or with too large a head.
async fn admit(State(house): State<House>, request: Request, next: Next) -> Response {
    match judge(&house, &request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => Problem::from(refusal).into_response(),
    }
}

fn judge(house: &House, request: &Request) -> Result<(), RequestRefusal> {
    if let Some(allowances) = request.extensions().get() {
        let from = origin(request.extensions(), request.headers(), &house.conduct.proxies);
        house.limits.draw_by_address(from, allowances)?;
    }
    let fields: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if fields + target > LARGEST_HEAD {
        return Err(RequestRefusal::HeadTooLarge { limit: LARGEST_HEAD.to_string() });
    }
    Ok(())
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
    problem::render(answer, failure.as_deref(), language, instance, trace_id)
}

/// The versions that a reader has already, by `If-None-Match`.
fn known_version(request: &Request) -> Option<HeaderValue> {
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    request.headers().get(header::IF_NONE_MATCH).filter(|_| reads).cloned()
}

/// Whether the reader has this very version, by weak comparison (RFC 9110, 13.1.2).
fn is_known(answer: &Response, known: Option<&HeaderValue>) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let own = answer.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(opaque);
    let known = known.and_then(|known| known.to_str().ok());
    match (own, known) {
        (Some(own), Some(known)) if answer.status() == StatusCode::OK => {
            known.trim() == "*" || known.split(',').any(|tag| opaque(tag) == own)
        }
        _ => false,
    }
}

/// 304 with what the version is told by, and no body.
fn unchanged(answer: Response) -> Response {
    let (mut parts, _) = answer.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::empty())
}

/// The operation by its template, so that ids in paths make no series of their own.
fn operation(request: &Request) -> String {
    let template = request.extensions().get::<MatchedPath>().map_or("elsewhere", MatchedPath::as_str);
    format!("{} {template}", known_method(request.method()))
}

/// Anybody can invent methods; they make no series of their own.
fn known_method(method: &Method) -> &str {
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    if known.contains(method) { method.as_str() } else { "OTHER" }
}

/// The trace id of a W3C `traceparent`, or a fresh one.
fn trace_id(header: Option<&HeaderValue>) -> String {
    let given = header.and_then(|value| value.to_str().ok()).and_then(sent_trace);
    given.map_or_else(|| crate::kernel::ids::fresh().simple().to_string(), str::to_owned)
}

/// `00-<trace id>-<parent id>-<flags>` in lower-case hexadecimal; a later version may have more behind it, zeros name nothing.
fn sent_trace(text: &str) -> Option<&str> {
    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let names_something = |text: &str| text.bytes().any(|byte| byte != b'0');
    let mut parts = text.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_whole = is_hex(version, 2) && is_hex(trace, 32) && is_hex(parent, 16) && is_hex(flags, 2);
    let is_known = version != "ff" && (version != "00" || parts.next().is_none());
    (is_whole && is_known && names_something(trace) && names_something(parent)).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_taken_over_when_it_is_one() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        for given in [format!("00-{trace}-00f067aa0ba902b7-01"), format!("cc-{trace}-00f067aa0ba902b7-01-more")] {
            assert_eq!(sent_trace(&given), Some(trace));
        }
        let zeros = "0".repeat(32);
        for given in [
            String::new(),
            trace.to_owned(),
            format!("00-{trace}"),
            format!("00-{trace}-00f067aa0ba902b7-01-more"),
            format!("ff-{trace}-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", trace.to_uppercase()),
            format!("00-{zeros}-00f067aa0ba902b7-01"),
            format!("00-{trace}-0000000000000000-01"),
        ] {
            assert_eq!(sent_trace(&given), None, "{given}");
        }
    }
}
