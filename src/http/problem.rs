//! RFC 9457 problem details: the one place where a refusal becomes HTTP, last of all.

use crate::kernel::{Failure, Kind, Violation};
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A refusal on its way out. The language is only known to the outermost layer, which writes the body.
#[derive(Debug)]
pub struct Problem(pub Failure);

impl<E> From<E> for Problem
where
    Failure: From<E>,
{
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = status_of(self.0.kind).into_response();
        response.extensions_mut().insert(Arc::new(self.0));
        response
    }
}

/// Marks an answer whose errors have a form of their own, which a standard prescribes (RFC 6749 at `/oauth/token`).
#[derive(Debug, Clone, Copy)]
pub struct OwnForm;

/// Language of the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese, the language of the law and of most users.
    Zh,
    /// English.
    En,
}

impl Language {
    /// The language that an `Accept-Language` header asks for first; Chinese when it names neither.
    pub fn asked(header: Option<&HeaderValue>) -> Self {
        let asked = header.and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
        let place = |language: &str| asked.split(',').position(|part| part.trim().starts_with(language));
        match (place("zh"), place("en")) {
            (None, Some(_)) => Self::En,
            (Some(zh), Some(en)) if en < zh => Self::En,
            _ => Self::Zh,
        }
    }

    /// The one of two that is in this language.
    pub fn pick<'a, T: ?Sized>(self, zh: &'a T, en: &'a T) -> &'a T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// One broken rule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Violation)]
pub struct ViolationView {
    /// Stable code of the check; the catalogue is at `/api/v1/checks`.
    #[schema(example = "TRD_NOT_ENOUGH_AVAILABLE")]
    pub code: String,
    /// The field it concerns, empty when it concerns the whole request.
    #[schema(example = "quantity")]
    pub field: String,
    /// What is wrong, in the language asked for.
    #[schema(example = "2.000 t is available, 5.000 t is wanted")]
    pub message: String,
    /// The rule it rests on, where one is known.
    pub legal_basis: Option<String>,
}

/// A refusal, after RFC 9457.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemView {
    /// A URI that names the kind of problem.
    #[schema(example = "urn:ganhe:problem:TRD_NOT_ENOUGH_AVAILABLE")]
    pub r#type: String,
    /// The kind of problem in words.
    #[schema(example = "A rule of the business is broken")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// What is wrong with this request.
    pub detail: String,
    /// The path that was asked.
    #[schema(example = "/api/v1/offers")]
    pub instance: String,
    /// Stable code of the first violation, or of the kind.
    #[schema(example = "TRD_NOT_ENOUGH_AVAILABLE")]
    pub code: String,
    /// Names the request in our log.
    #[schema(example = "4bf92f3577b34da6a3ce929d0e0e4736")]
    pub trace_id: String,
    /// Every broken rule at once.
    pub violations: Vec<ViolationView>,
}

/// The status of a kind of refusal.
pub fn status_of(kind: Kind) -> StatusCode {
    match kind {
        Kind::Malformed => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Denied => StatusCode::FORBIDDEN,
        Kind::Hidden => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Stale => StatusCode::PRECONDITION_FAILED,
        Kind::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::TooOften => StatusCode::TOO_MANY_REQUESTS,
        Kind::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Bug => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Code and title of a status, for refusals that carry no violation of their own.
fn words(status: StatusCode, language: Language) -> (&'static str, &'static str) {
    let (code, zh, en) = match status {
        StatusCode::BAD_REQUEST => ("API_MALFORMED", "请求格式错误", "The request cannot be read"),
        StatusCode::UNAUTHORIZED => ("AUT_UNAUTHENTICATED", "未登录", "Nobody is signed in"),
        StatusCode::FORBIDDEN => ("AUT_NOT_ALLOWED", "无权操作", "You may not do this"),
        StatusCode::NOT_FOUND => ("API_NOT_FOUND", "未找到", "There is no such thing"),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("API_METHOD_NOT_ALLOWED", "不支持该方法", "This path does not know the method")
        }
        StatusCode::CONFLICT => ("API_CONFLICT", "状态冲突", "The state of the thing does not allow it"),
        StatusCode::PRECONDITION_FAILED => {
            ("API_STALE_VERSION", "版本已过期", "The thing has changed since you saw it")
        }
        StatusCode::PAYLOAD_TOO_LARGE => ("API_TOO_LARGE", "请求过大", "The request is too large"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ("API_MALFORMED", "请求须为 application/json", "The body must be application/json")
        }
        StatusCode::UNPROCESSABLE_ENTITY => ("API_REFUSED", "违反业务规则", "A rule of the business is broken"),
        StatusCode::TOO_MANY_REQUESTS => ("API_TOO_OFTEN", "请求过于频繁,请稍后重试", "Too often, try again later"),
        StatusCode::SERVICE_UNAVAILABLE => ("API_BUSY", "系统繁忙,请稍后重试", "Busy, try again shortly"),
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => ("API_TIMEOUT", "处理超时", "It took too long"),
        _ => ("API_INTERNAL", "内部错误", "Something went wrong on our side"),
    };
    (code, language.pick(zh, en))
}

/// Writes the problem body for a status and, where there is one, its failure.
pub fn render(
    status: StatusCode,
    failure: Option<&Failure>,
    language: Language,
    instance: &str,
    trace_id: &str,
) -> Response {
    let (usual_code, title) = words(status, language);
    let violations: Vec<ViolationView> = failure
        .map(|failure| failure.violations.iter().map(|violation| view(violation, language)).collect())
        .unwrap_or_default();
    let code = violations.first().map_or_else(|| usual_code.to_owned(), |first| first.code.clone());
    let messages: Vec<&str> = violations.iter().map(|violation| violation.message.as_str()).collect();
    let detail = if messages.is_empty() { title.to_owned() } else { messages.join("; ") };
    let body = ProblemView {
        r#type: format!("urn:ganhe:problem:{code}"),
        title: title.to_owned(),
        status: status.as_u16(),
        detail,
        instance: instance.to_owned(),
        code,
        trace_id: trace_id.to_owned(),
        violations,
    };
    let text = serde_json::to_string(&body).unwrap_or_default();
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    let is_for_later = status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS;
    if is_for_later {
        headers.insert(header::RETRY_AFTER, failure.and_then(Failure::retry_after).unwrap_or(1).into());
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn view(violation: &Violation, language: Language) -> ViolationView {
    ViolationView {
        code: violation.code.to_string(),
        field: violation.field.clone(),
        message: language.pick(&violation.zh, &violation.en).to_owned(),
        legal_basis: violation.legal_basis.as_ref().map(ToString::to_string),
    }
}
