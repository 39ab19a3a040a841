//! What every answer says to browsers and proxies: nothing of ours is framed, sniffed, run or kept where it should not be.

use crate::http::Conduct;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// An answer of the API is data: it loads nothing and runs nothing, whoever opens it.
const POLICY_OF_DATA: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The pages of the contract load what they carry with them; their program sets styles by itself.
const POLICY_OF_DOCS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The same on every answer.
const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
    ),
];

/// Puts them on an answer; what a handler has said itself stays.
pub fn secure(headers: &mut HeaderMap, path: &str, conduct: &Conduct) {
    for (name, value) in ALWAYS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let policy = if path.starts_with("/docs") { POLICY_OF_DOCS } else { POLICY_OF_DATA };
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(policy));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if conduct.is_https {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
}

/// Lets the pages of the configured origins ask, without cookies, which nobody has here. Without such origins browsers get no
/// permission at all.
pub fn cross_origin(conduct: &Conduct) -> Option<CorsLayer> {
    if conduct.origins.is_empty() {
        return None;
    }
    let asked = [
        header::AUTHORIZATION,
        header::CONTENT_TYPE,
        header::ACCEPT_LANGUAGE,
        header::IF_MATCH,
        header::IF_NONE_MATCH,
        HeaderName::from_static("idempotency-key"),
        HeaderName::from_static("ledger-expect"),
        HeaderName::from_static("traceparent"),
    ];
    let told = [
        header::ETAG,
        header::LOCATION,
        header::RETRY_AFTER,
        HeaderName::from_static("ledger-accounts"),
        HeaderName::from_static("ratelimit"),
        HeaderName::from_static("ratelimit-policy"),
        HeaderName::from_static("x-trace-id"),
    ];
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(conduct.origins.iter().cloned()))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(asked)
        .expose_headers(told)
        .max_age(Duration::from_mins(10));
    Some(layer)
}
