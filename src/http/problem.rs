//! RFC 9457 problem details: the one place where a refusal becomes HTTP, last of all.

use crate::access::caller::AccessRefusal;
use crate::access::token::TokenRefusal;
use crate::db::once::OnceRefusal;
use crate::http::Language;
use crate::http::conduct::LARGEST_BODY;
use crate::http::extract::{RequestRefusal, not_found};
use crate::http::field::FieldRefusal;
use crate::kernel::{Failure, Kind, Refusal, Violation};
use crate::refusals;
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

impl ProblemView {
    /// What such a problem looks like in the contract.
    pub fn example(status: u16, path: &str) -> Self {
        let refusal: Violation = match status {
            400 => RequestRefusal::DuplicateKey { key: "quantity".to_owned() }.violation(),
            401 => TokenRefusal::Expired {}.violation(),
            403 => AccessRefusal::NotAllowed { action: "propose_offer".to_owned() }.violation(),
            404 => not_found("trade").violation(),
            409 => OnceRefusal::KeyReused {}.violation(),
            412 => RequestRefusal::Stale { version: "4".to_owned() }.violation(),
            413 => RequestRefusal::TooLarge { limit: LARGEST_BODY.to_string() }.violation(),
            422 => FieldRefusal::TooPrecise { max: "3".to_owned() }.violation().within("quantity"),
            429 => RequestRefusal::TooOften { seconds: "2".to_owned() }.violation(),
            _ => StatusRefusal::of(StatusCode::from_u16(status).unwrap_or_default()).violation(),
        };
        let title = StatusRefusal::of(StatusCode::from_u16(status).unwrap_or_default()).violation().en;
        let violation = ViolationView::of(&refusal, Language::En);
        Self {
            r#type: format!("urn:ganhe:problem:{}", violation.code),
            title,
            status,
            detail: violation.message.clone(),
            instance: path.to_owned(),
            code: violation.code.clone(),
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
            violations: vec![violation],
        }
    }
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
        Kind::TooSlow => StatusCode::REQUEST_TIMEOUT,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::WrongMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Kind::TooOften => StatusCode::TOO_MANY_REQUESTS,
        Kind::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        Kind::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Bug => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

refusals! {
    /// What a status says by itself: the title of its problems, and the code of those that name no broken rule.
    StatusRefusal {
        /// 400.
        Unreadable {} => Malformed "API_UNREADABLE" at "": "请求格式错误", "The request cannot be read";
        /// 401.
        Unauthenticated {} => Unauthenticated "AUT_UNAUTHENTICATED" at "": "未登录", "Nobody is signed in";
        /// 403.
        Forbidden {} => Denied "AUT_FORBIDDEN" at "": "无权操作", "You may not do this";
        /// 404.
        Nowhere {} => Hidden "API_NO_SUCH_PATH" at "": "未找到", "There is no such thing";
        /// 405.
        Method {} => Malformed "API_METHOD_NOT_ALLOWED" at "": "不支持该方法", "This path does not know the method";
        /// 408 and 504.
        Late {} => TooSlow "API_TIMEOUT" at "": "处理超时", "It took too long";
        /// 409.
        State {} => Conflict "API_CONFLICT" at "": "状态冲突", "The state of the thing does not allow it";
        /// 412.
        Changed {} => Stale "API_CHANGED" at "": "版本已过期", "The thing has changed since you saw it";
        /// 413.
        Large {} => TooLarge "API_BODY_TOO_LARGE" at "": "请求过大", "The request is too large";
        /// 415.
        Media {} => WrongMedia "API_MEDIA_TYPE" at "": "请求须为 application/json", "The body must be application/json";
        /// 422.
        Rule {} => Refused "API_REFUSED" at "": "违反业务规则", "A rule of the business is broken";
        /// 429.
        Often {} => TooOften "API_RATE_LIMIT" at "": "请求过于频繁", "You ask too often";
        /// 431.
        Head {} => HeadTooLarge "API_HEAD_TOO_LARGE" at "": "请求头过大", "The head of the request is too large";
        /// 503.
        Busy {} => Busy "API_BUSY" at "": "系统繁忙，请稍后重试", "Busy, try again shortly";
        /// 500 and what is left.
        Ours {} => Bug "API_INTERNAL" at "": "内部错误", "Something went wrong on our side";
    }
}

impl StatusRefusal {
    fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::BAD_REQUEST => Self::Unreadable {},
            StatusCode::UNAUTHORIZED => Self::Unauthenticated {},
            StatusCode::FORBIDDEN => Self::Forbidden {},
            StatusCode::NOT_FOUND => Self::Nowhere {},
            StatusCode::METHOD_NOT_ALLOWED => Self::Method {},
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => Self::Late {},
            StatusCode::CONFLICT => Self::State {},
            StatusCode::PRECONDITION_FAILED => Self::Changed {},
            StatusCode::PAYLOAD_TOO_LARGE => Self::Large {},
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::Media {},
            StatusCode::UNPROCESSABLE_ENTITY => Self::Rule {},
            StatusCode::TOO_MANY_REQUESTS => Self::Often {},
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Self::Head {},
            StatusCode::SERVICE_UNAVAILABLE => Self::Busy {},
            _ => Self::Ours {},
        }
    }
}

/// Writes the problem in place of an answer that carries a status and, where there is one, its failure. What the answer says in its
/// other headers stays: `Allow`, for example.
pub fn render(
    answer: Response,
    failure: Option<&Failure>,
    language: Language,
    instance: &str,
    trace_id: &str,
) -> Response {
    let status = answer.status();
    let usual = StatusRefusal::of(status).violation();
    let title = language.pick(&usual.zh, &usual.en).clone();
    let violations: Vec<ViolationView> = failure
        .map(|failure| failure.violations.iter().map(|violation| ViolationView::of(violation, language)).collect())
        .unwrap_or_default();
    let code = violations.first().map_or_else(|| usual.code.to_string(), |first| first.code.clone());
    let messages: Vec<&str> = violations.iter().map(|violation| violation.message.as_str()).collect();
    let detail = if messages.is_empty() { title.clone() } else { messages.join(language.pick("；", "; ")) };
    let body = ProblemView {
        r#type: format!("urn:ganhe:problem:{code}"),
        title,
        status: status.as_u16(),
        detail,
        instance: instance.to_owned(),
        code,
        trace_id: trace_id.to_owned(),
        violations,
    };
    let (mut parts, _) = answer.into_parts();
    let text = serde_json::to_string(&body).unwrap_or_default();
    let headers = &mut parts.headers;
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CONTENT_LANGUAGE, language.tag());
    let is_for_later = status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS;
    if is_for_later {
        headers.insert(header::RETRY_AFTER, failure.and_then(Failure::retry_after).unwrap_or(1).into());
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if [StatusCode::REQUEST_TIMEOUT, StatusCode::PAYLOAD_TOO_LARGE].contains(&status) {
        // What is left of the body is not read.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Response::from_parts(parts, Body::from(text))
}

impl ViolationView {
    /// The violation in one language.
    pub fn of(violation: &Violation, language: Language) -> Self {
        Self {
            code: violation.code.to_string(),
            field: violation.field.clone(),
            message: language.pick(&violation.zh, &violation.en).clone(),
            legal_basis: violation.legal_basis.as_ref().map(ToString::to_string),
        }
    }
}
