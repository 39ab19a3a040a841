//! How a request is read, once and strictly: who asks, with which key, and a body that cannot be wrong in form.

use crate::access::Caller;
use crate::access::token::{Bearer, TokenRefusal};
use crate::db::CommandKey;
use crate::db::terms::{Terms, Told};
use crate::http::address::origin;
use crate::http::concern::Asker;
use crate::http::door::acting_for;
use crate::http::{Problem, Shared};
use crate::kernel::Failure;
use crate::refusals;
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, MatchedPath, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::str::FromStr;
use utoipa::ToSchema;
use uuid::Uuid;

/// Largest body of a command. A batch of 10,000 rows by JSON stays below it.
pub const LARGEST_BODY: usize = 2 * 1024 * 1024;
/// Longest idempotency key; a UUID needs 36.
const LONGEST_KEY: usize = 128;

refusals! {
    /// What the reading of a request refuses.
    RequestRefusal {
        /// The body is not the JSON that the contract describes.
        Malformed { field, reason } => Malformed "API_MALFORMED" at "body": "请求格式错误:{field} {reason}", "the request does not fit the contract: {field} {reason}";
        /// Text with characters that no document carries.
        ControlCharacter { field } => Malformed "API_CONTROL_CHARACTER" at "body": "{field} 含有控制字符", "{field} contains a control character";
        /// The body is too large.
        TooLarge { limit } => Malformed "API_TOO_LARGE" at "body": "请求体超过 {limit} 字节", "the body is larger than {limit} bytes";
        /// An id that is none.
        BadId { text } => Malformed "API_BAD_ID" at "id": "“{text}”不是有效的编号", "{text} is not an id";
        /// A query parameter that the operation does not know or cannot read.
        BadQuery { reason } => Malformed "API_BAD_QUERY" at "query": "查询参数错误:{reason}", "a query parameter cannot be read: {reason}";
        /// A cursor that was not given by a list.
        BadCursor {} => Malformed "API_BAD_CURSOR" at "cursor": "游标无效", "the cursor was not given by this list";
        /// A page larger than allowed, or empty.
        BadLimit { largest } => Malformed "API_BAD_LIMIT" at "limit": "每页条数须为 1 至 {largest}", "limit must be 1 to {largest}";
        /// The idempotency key is missing.
        KeyMissing {} => Malformed "API_KEY_MISSING" at "idempotency-key": "请提供 Idempotency-Key 请求头", "send an Idempotency-Key header: this operation must not run twice";
        /// The idempotency key is empty, too long or not printable.
        BadKey { longest } => Malformed "API_BAD_KEY" at "idempotency-key": "Idempotency-Key 须为 1 至 {longest} 个可打印 ASCII 字符", "Idempotency-Key must be 1 to {longest} printable ASCII characters";
        /// The `If-Match` header is not one of our ETags.
        BadVersion {} => Malformed "API_BAD_VERSION" at "if-match": "If-Match 无效", "If-Match is not an ETag of ours";
        /// The `Ledger-Expect` header is no list of accounts with versions.
        BadExpectation {} => Malformed "API_BAD_EXPECTATION" at "ledger-expect": "Ledger-Expect 须为账户编号与版本的列表", "Ledger-Expect must list accounts with versions: \"<account>\";version=3";
        /// There is no such thing, or the caller may not know of it.
        NotFound { what } => Hidden "API_NOT_FOUND" at "id": "未找到{what}", "there is no such {what}";
        /// The thing has changed since the caller saw it.
        Stale { version } => Stale "API_STALE_VERSION" at "if-match": "该记录已变更为第 {version} 版", "it has changed since you saw it and is now at version {version}";
    }
}

/// A signed-in caller.
#[derive(Debug, Clone)]
pub struct Signed(pub Caller);

/// A signed-in caller with the sign-in that the token is of.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Bearer);

impl FromRequestParts<Shared> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let header = parts.headers.get(header::AUTHORIZATION).ok_or(TokenRefusal::Missing {})?;
        let text = header.to_str().map_err(|_| TokenRefusal::Invalid {})?;
        let (scheme, token) = text.split_once(' ').ok_or(TokenRefusal::Invalid {})?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(TokenRefusal::Missing {}.into());
        }
        let from = origin(&parts.extensions, &parts.headers, &shared.proxies);
        let bearer = shared.authenticator.admit(token.trim(), from).await?;
        let caller = shared.door.admit(&shared.db, bearer.caller, acting_for(&parts.headers)).await?;
        // Who watches the reads learns who asks.
        if let Some(asker) = parts.extensions.get::<Asker>() {
            asker.is(&caller);
        }
        Ok(Self(Bearer { caller, ..bearer }))
    }
}

impl FromRequestParts<Shared> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let SignedIn(bearer) = SignedIn::from_request_parts(parts, shared).await?;
        Ok(Self(bearer.caller))
    }
}

/// An id in the path, of its own type.
#[derive(Debug, Clone, Copy)]
pub struct Id<T>(pub T);

impl<T: FromStr + Send> FromRequestParts<Shared> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let params =
            RawPathParams::from_request_parts(parts, shared).await.map_err(|error| Failure::bug(error.body_text()))?;
        let text = params.iter().next().map(|(_, value)| value.to_owned()).unwrap_or_default();
        text.parse().map(Id).map_err(|_| RequestRefusal::BadId { text }.into())
    }
}

/// A request that changes something: who, under which key, against which version, with what.
#[derive(Debug)]
pub struct Command<T> {
    /// Who asks.
    pub caller: Caller,
    /// The promise that a repeat is the same request.
    pub key: CommandKey,
    /// The version that the client saw, from `If-Match`.
    pub expected: Option<i64>,
    /// What is asked.
    pub body: T,
}

/// The body of an operation that needs none.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

impl<T: DeserializeOwned> FromRequest<Shared> for Command<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let Signed(caller) = Signed::from_request_parts(&mut parts, shared).await?;
        let terms = terms(&parts)?;
        // A rehearsal keeps nothing, so there is nothing that a repeat could do twice.
        let key = match idempotency_key(&parts.headers) {
            Err(RequestRefusal::KeyMissing {}) if terms.is_dry_run => None,
            key => Some(key?),
        };
        let expected = expected_version(&parts.headers)?;
        let bytes = to_bytes(body, LARGEST_BODY)
            .await
            .map_err(|_| RequestRefusal::TooLarge { limit: LARGEST_BODY.to_string() })?;
        let template = parts.extensions.get::<MatchedPath>().map_or_else(|| parts.uri.path(), MatchedPath::as_str);
        let operation = format!("{} {template}", parts.method);
        let request_hash = shared.tokens.request_hash(parts.uri.path(), &bytes)?;
        let body = read_json(&bytes)?;
        let key = CommandKey { client: caller.user.0, operation, key, request_hash, terms };
        Ok(Self { caller, key, expected, body })
    }
}

/// A request that changes something and that nobody needs to sign in for.
#[derive(Debug)]
pub struct Unsigned<T> {
    /// The promise that a repeat is the same request. Whoever repeats the key of somebody else must repeat the body too.
    pub key: CommandKey,
    /// What is asked.
    pub body: T,
}

impl<T: DeserializeOwned> FromRequest<Shared> for Unsigned<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let key = Some(idempotency_key(&parts.headers)?);
        let bytes = to_bytes(body, LARGEST_BODY)
            .await
            .map_err(|_| RequestRefusal::TooLarge { limit: LARGEST_BODY.to_string() })?;
        let template = parts.extensions.get::<MatchedPath>().map_or_else(|| parts.uri.path(), MatchedPath::as_str);
        let operation = format!("{} {template}", parts.method);
        let request_hash = shared.tokens.request_hash(parts.uri.path(), &bytes)?;
        let client = Caller::nobody().user.0;
        let key = CommandKey { client, operation, key, request_hash, terms: Terms::default() };
        Ok(Self { key, body: read_json(&bytes)? })
    }
}

/// Reads a body strictly: unknown and doubled fields, numbers for decimal strings and control characters are refused.
///
/// # Errors
/// [`RequestRefusal::Malformed`] and [`RequestRefusal::ControlCharacter`], at the path of the field where it has one.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let bytes = if bytes.iter().all(u8::is_ascii_whitespace) { b"{}" } else { bytes };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| malformed(&error))?;
    deserializer
        .end()
        .map_err(|error| RequestRefusal::Malformed { field: "body".to_owned(), reason: error.to_string() })?;
    if may_carry_control_characters(bytes) {
        let value: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
        if let Some(field) = control_character(&value, "") {
            return Err(Failure::from(RequestRefusal::ControlCharacter { field: field.clone() }).at(&field));
        }
    }
    Ok(body)
}

fn malformed(error: &serde_path_to_error::Error<serde_json::Error>) -> Failure {
    let path = error.path().to_string();
    // Text that is no JSON has no fields, only a place where reading stopped.
    let is_field = error.inner().is_data() && path != "." && !path.starts_with('[');
    let field = if is_field { path } else { "body".to_owned() };
    let refusal = RequestRefusal::Malformed { field: field.clone(), reason: error.inner().to_string() };
    Failure::from(refusal).at(&field)
}

/// JSON writes most control characters as \u00xx, \b or \f and only DEL and those above it as they are, so most bodies are not
/// walked a second time.
fn may_carry_control_characters(bytes: &[u8]) -> bool {
    bytes.contains(&0x7f)
        || bytes.windows(4).any(|window| window == b"\\u00")
        || bytes
            .windows(2)
            .any(|window| window == b"\\b" || window == b"\\f" || (window[0] == 0xc2 && window[1] < 0xa0))
}

fn control_character(value: &serde_json::Value, path: &str) -> Option<String> {
    match value {
        serde_json::Value::String(text) => {
            let found = text.chars().any(|char| char.is_control() && !['\n', '\r', '\t'].contains(&char));
            found.then(|| path.to_owned())
        }
        serde_json::Value::Array(items) => {
            items.iter().enumerate().find_map(|(at, item)| control_character(item, &format!("{path}[{at}]")))
        }
        serde_json::Value::Object(fields) => fields.iter().find_map(|(name, item)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            control_character(item, &path)
        }),
        _ => None,
    }
}

pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<String, RequestRefusal> {
    let value = headers.get("idempotency-key").ok_or(RequestRefusal::KeyMissing {})?;
    let bad = || RequestRefusal::BadKey { longest: LONGEST_KEY.to_string() };
    let text = value.to_str().map_err(|_| bad())?.trim();
    let is_printable = text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.is_empty() || text.len() > LONGEST_KEY || !is_printable { Err(bad()) } else { Ok(text.to_owned()) }
}

/// What a command may be asked beside its body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Beside {
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    accounts: bool,
}

pub(super) fn terms(parts: &Parts) -> Result<Terms, RequestRefusal> {
    let axum::extract::Query(Beside { dry_run, accounts }) = axum::extract::Query::try_from_uri(&parts.uri)
        .map_err(|error| RequestRefusal::BadQuery { reason: error.body_text() })?;
    let told = parts.extensions.get::<Told>().filter(|_| accounts).cloned();
    Ok(Terms { is_dry_run: dry_run, expects: expected_accounts(&parts.headers)?, told })
}

/// `Ledger-Expect: "<account>";version=3, …`, in the form in which answers tell accounts.
fn expected_accounts(headers: &HeaderMap) -> Result<Vec<(Uuid, i64)>, RequestRefusal> {
    let Some(value) = headers.get("ledger-expect") else { return Ok(Vec::new()) };
    let bad = || RequestRefusal::BadExpectation {};
    let text = value.to_str().map_err(|_| bad())?;
    let item = |item: &str| {
        let mut parts = item.split(';').map(str::trim);
        let account = parts.next()?.strip_prefix('"')?.strip_suffix('"')?.parse().ok()?;
        let version = parts.find_map(|part| part.strip_prefix("version="))?.parse().ok()?;
        Some((account, version))
    };
    text.split(',').map(|text| item(text.trim()).ok_or_else(bad)).collect()
}

fn expected_version(headers: &HeaderMap) -> Result<Option<i64>, RequestRefusal> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| RequestRefusal::BadVersion {})?.trim();
    if text == "*" {
        return Ok(None);
    }
    text.trim_matches('"').parse().map(Some).map_err(|_| RequestRefusal::BadVersion {})
}

/// The plain filters of a list, without `limit` and `cursor`; unknown ones are refused, never ignored.
#[derive(Debug)]
pub struct Filters<T>(pub T);

/// A list without filters.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoFilters {}

impl<T: DeserializeOwned> FromRequestParts<Shared> for Filters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let kept: Vec<&str> =
            query.split('&').filter(|pair| !pair.starts_with("limit=") && !pair.starts_with("cursor=")).collect();
        let uri: axum::http::Uri = format!("/?{}", kept.join("&"))
            .parse()
            .map_err(|_| RequestRefusal::BadQuery { reason: "it is not a query string".to_owned() })?;
        let read = axum::extract::Query::<T>::try_from_uri(&uri);
        let axum::extract::Query(filters) =
            read.map_err(|error| RequestRefusal::BadQuery { reason: error.body_text() })?;
        if query.contains("%00") {
            return Err(RequestRefusal::ControlCharacter { field: "query".to_owned() }.into());
        }
        Ok(Self(filters))
    }
}

/// Refuses a change against a version that the client has not seen.
///
/// # Errors
/// [`RequestRefusal::Stale`].
pub fn expect_version(expected: Option<i64>, actual: i64) -> Result<(), RequestRefusal> {
    match expected {
        Some(expected) if expected != actual => Err(RequestRefusal::Stale { version: actual.to_string() }),
        _ => Ok(()),
    }
}

/// The refusal of a thing that is not there, or not for the caller to know of.
pub fn not_found(what: &str) -> RequestRefusal {
    RequestRefusal::NotFound { what: what.to_owned() }
}
