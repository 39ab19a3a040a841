//! How a request is read, once and strictly: who asks, with which key, and a body that cannot be wrong in form.

use crate::access::Caller;
use crate::access::token::{Bearer, TokenRefusal};
use crate::db::CommandKey;
use crate::db::terms::{Terms, Told};
use crate::http::address::origin;
use crate::http::body::{read_json, read_whole};
use crate::http::concern::Asker;
use crate::http::door::{ACTING_FOR, acting_for};
use crate::http::parameters::Strange;
use crate::http::shape::refuse_characters;
use crate::http::{Problem, Shared, things, unread};
use crate::kernel::Failure;
use crate::refusals;
use axum::extract::{FromRequest, FromRequestParts, MatchedPath, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// Longest idempotency key; a UUID needs 36.
const LONGEST_KEY: usize = 128;

refusals! {
    /// What the reading of a request refuses.
    RequestRefusal {
        /// The body is not the JSON that the contract describes.
        Malformed { field, zh, en } => Malformed "API_MALFORMED" at "body": "请求格式错误：{field} {zh}", "the request does not fit the contract: {field} {en}";
        /// A field that stands twice in one object: readers would differ about which one counts.
        DuplicateKey { key } => Malformed "API_DUPLICATE_KEY" at "body": "字段“{key}”重复", "the field {key} stands there twice";
        /// Nested deeper than any document.
        TooDeep { deepest } => Malformed "API_TOO_DEEP" at "body": "请求体嵌套超过 {deepest} 层", "the body is nested deeper than {deepest} levels";
        /// Text with characters that no document carries.
        ControlCharacter { field } => Refused "API_CONTROL_CHARACTER" at "body": "{field} 含有控制字符", "{field} contains a control character";
        /// Text with characters that turn its direction, so that it is read otherwise than it is stored.
        DirectionCharacter { field } => Refused "API_DIRECTION_CHARACTER" at "body": "{field} 含有改变文字方向的字符", "{field} contains a character that turns the direction of text";
        /// The body is too large.
        TooLarge { limit } => TooLarge "API_TOO_LARGE" at "body": "请求体超过 {limit} 字节", "the body is larger than {limit} bytes";
        /// The body did not come in time.
        TooSlow { seconds } => TooSlow "API_TOO_SLOW" at "body": "请求体未在 {seconds} 秒内送达", "the body did not arrive within {seconds} seconds";
        /// The body ended before its end.
        CutOff {} => Malformed "API_CUT_OFF" at "body": "请求体不完整", "the body was cut off";
        /// The body is no JSON by its own word.
        WrongMedia { given } => WrongMedia "API_WRONG_MEDIA" at "content-type": "请求体须为 application/json，而非“{given}”", "the body must be application/json, and it says it is {given}";
        /// Somebody asks too often.
        TooOften { seconds } => TooOften "API_TOO_OFTEN" at "": "请求过于频繁，请在 {seconds} 秒后重试", "you ask too often, come back in {seconds} seconds";
        /// Address and headers are too large together.
        HeadTooLarge { limit } => HeadTooLarge "API_HEADERS_TOO_LARGE" at "": "请求地址与请求头超过 {limit} 字节", "address and headers are larger than {limit} bytes";
        /// An id that is none.
        BadId { text } => Malformed "API_BAD_ID" at "id": "“{text}”不是有效的编号", "{text} is not an id";
        /// A month that is none.
        BadMonth { text } => Malformed "API_BAD_MONTH" at "month": "“{text}”不是月份，应如 2022-11", "{text} is not a month such as 2022-11";
        /// A query parameter that the operation does not know or cannot read.
        BadQuery { parameter, zh, en } => Malformed "API_BAD_QUERY" at "query": "查询参数错误：{parameter} {zh}", "a query parameter is wrong: {parameter} {en}";
        /// A cursor that was not given by a list.
        BadCursor {} => Malformed "API_BAD_CURSOR" at "cursor": "游标无效", "the cursor was not given by this list";
        /// A page larger than allowed, or empty.
        BadLimit { largest } => Malformed "API_BAD_LIMIT" at "limit": "每页条数须为 1 至 {largest}", "limit must be 1 to {largest}";
        /// The idempotency key is missing.
        KeyMissing {} => Malformed "API_KEY_MISSING" at "idempotency-key": "请提供 Idempotency-Key 请求头", "send an Idempotency-Key header: this operation must not run twice";
        /// The idempotency key is empty, too long or not printable.
        BadKey { longest } => Malformed "API_BAD_KEY" at "idempotency-key": "Idempotency-Key 须为 1 至 {longest} 个可打印 ASCII 字符", "Idempotency-Key must be 1 to {longest} printable ASCII characters";
        /// A header that counts once stands there twice: readers would differ about which one counts.
        HeaderTwice { name } => Malformed "API_HEADER_TWICE" at "headers": "请求头 {name} 重复", "the header {name} stands there twice";
        /// The `If-Match` header is not one of our ETags.
        BadVersion {} => Malformed "API_BAD_VERSION" at "if-match": "If-Match 无效", "If-Match is not an ETag of ours";
        /// The `Ledger-Expect` header is no list of accounts with versions.
        BadExpectation {} => Malformed "API_BAD_EXPECTATION" at "ledger-expect": "Ledger-Expect 须为账户编号与版本的列表", "Ledger-Expect must list accounts with versions: \"<account>\";version=3";
        /// There is no such thing, or the caller may not know of it.
        NotFound { zh, en } => Hidden "API_NOT_FOUND" at "id": "未找到{zh}", "there is no such {en}";
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
        // Several parts of one request ask who it is; the token is judged once.
        if let Some(signed) = parts.extensions.get::<Self>() {
            return Ok(signed.clone());
        }
        let header = sole(&parts.headers, &header::AUTHORIZATION)?.ok_or(TokenRefusal::Missing {})?;
        let text = header.to_str().map_err(|_| TokenRefusal::Invalid {})?;
        let (scheme, token) = text.split_once(' ').ok_or(TokenRefusal::Invalid {})?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(TokenRefusal::Missing {}.into());
        }
        let from = origin(&parts.extensions, &parts.headers, &shared.conduct.proxies);
        let bearer = shared.authenticator.admit(token.trim(), from).await?;
        shared.limits.draw_by_user(bearer.caller.user.0, parts.extensions.get())?;
        sole(&parts.headers, &HeaderName::from_static(ACTING_FOR))?;
        let caller = shared.door.admit(&shared.db, bearer.caller, acting_for(&parts.headers)).await?;
        if let Some(strange) = parts.extensions.get::<Strange>() {
            return Err(Problem(strange.refusal()));
        }
        // Who watches the reads learns who asks.
        if let Some(asker) = parts.extensions.get::<Asker>() {
            asker.is(&caller);
        }
        let signed = Self(Bearer { caller, ..bearer });
        parts.extensions.insert(signed.clone());
        Ok(signed)
    }
}

impl FromRequestParts<Shared> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let SignedIn(bearer) = SignedIn::from_request_parts(parts, shared).await?;
        Ok(Self(bearer.caller))
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
        let key = key_unless_rehearsed(&parts.headers, &terms)?;
        let expected = expected_version(&parts.headers)?;
        let bytes = read_whole(&parts.headers, body, shared.conduct.longest_body).await?;
        let template = parts.extensions.get::<MatchedPath>().map_or_else(|| parts.uri.path(), MatchedPath::as_str);
        let operation = format!("{} {template}", parts.method);
        let request_hash = shared.tokens.request_hash(parts.uri.path(), &bytes)?;
        let body = read_json(&bytes)?;
        let key = CommandKey { client: caller.user.0, operation, key, request_hash, terms };
        Ok(Self { caller, key, expected, body })
    }
}

/// A body that says itself who asks, where nobody is signed in.
pub trait Signature {
    /// The mark of theirs that nobody else has, as it was sent.
    fn whose(&self) -> &str;
}

/// A request that changes something and that nobody needs to sign in for.
#[derive(Debug)]
pub struct Unsigned<T> {
    /// The promise that a repeat is the same request. Its key is good among the requests of whoever the body names: strangers do not meet
    /// in one that both have thought of.
    pub key: CommandKey,
    /// What is asked.
    pub body: T,
}

impl<T: DeserializeOwned + Signature> FromRequest<Shared> for Unsigned<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let terms = terms(&parts)?;
        let key = key_unless_rehearsed(&parts.headers, &terms)?;
        let bytes = read_whole(&parts.headers, body, shared.conduct.longest_body).await?;
        let template = parts.extensions.get::<MatchedPath>().map_or_else(|| parts.uri.path(), MatchedPath::as_str);
        let operation = format!("{} {template}", parts.method);
        let request_hash = shared.tokens.request_hash(parts.uri.path(), &bytes)?;
        let body: T = read_json(&bytes)?;
        let client = stranger(shared, body.whose())?;
        Ok(Self { key: CommandKey { client, operation, key, request_hash, terms }, body })
    }
}

/// An id for somebody who has none: the same for the same mark, and for no user.
fn stranger(shared: &Shared, whose: &str) -> Result<Uuid, Failure> {
    let hash = Sha256::digest(shared.tokens.request_hash("stranger", whose.trim().as_bytes())?);
    let bytes = hash.first_chunk().ok_or_else(|| Failure::bug("a hash of less than sixteen bytes"))?;
    Ok(Uuid::from_bytes(*bytes))
}

/// The key of a command. A rehearsal keeps nothing, so there is nothing that a repeat could do twice, and it needs none.
pub(super) fn key_unless_rehearsed(headers: &HeaderMap, terms: &Terms) -> Result<Option<String>, Failure> {
    match idempotency_key(sole(headers, &HeaderName::from_static("idempotency-key"))?) {
        Err(RequestRefusal::KeyMissing {}) if terms.is_dry_run => Ok(None),
        key => Ok(Some(key?)),
    }
}

/// The value of a header that may stand there once.
///
/// # Errors
/// [`RequestRefusal::HeaderTwice`], at its name.
pub(super) fn sole<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h HeaderValue>, Failure> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Failure::from(RequestRefusal::HeaderTwice { name: name.to_string() }).at(name.as_str()));
    }
    Ok(first)
}

fn idempotency_key(value: Option<&HeaderValue>) -> Result<String, RequestRefusal> {
    let value = value.ok_or(RequestRefusal::KeyMissing {})?;
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

pub(super) fn terms(parts: &Parts) -> Result<Terms, Failure> {
    let Query(Beside { dry_run, accounts }) =
        Query::try_from_uri(&parts.uri).map_err(|error| unread::bad_query(&error))?;
    let told = parts.extensions.get::<Told>().filter(|_| accounts).cloned();
    Ok(Terms { is_dry_run: dry_run, expects: expected_accounts(&parts.headers)?, told })
}

/// `Ledger-Expect: "<account>";version=3, …`, in the form in which answers tell accounts.
fn expected_accounts(headers: &HeaderMap) -> Result<Vec<(Uuid, i64)>, Failure> {
    let Some(value) = sole(headers, &HeaderName::from_static("ledger-expect"))? else { return Ok(Vec::new()) };
    let bad = || RequestRefusal::BadExpectation {};
    let text = value.to_str().map_err(|_| bad())?;
    let item = |item: &str| {
        let mut parts = item.split(';').map(str::trim);
        let account = parts.next()?.strip_prefix('"')?.strip_suffix('"')?.parse().ok()?;
        let version = parts.find_map(|part| part.strip_prefix("version="))?.parse().ok()?;
        Some((account, version))
    };
    Ok(text.split(',').map(|text| item(text.trim()).ok_or_else(bad)).collect::<Result<_, _>>()?)
}

fn expected_version(headers: &HeaderMap) -> Result<Option<i64>, Failure> {
    let Some(value) = sole(headers, &header::IF_MATCH)? else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| RequestRefusal::BadVersion {})?.trim();
    if text == "*" {
        return Ok(None);
    }
    Ok(text.trim_matches('"').parse().map(Some).map_err(|_| RequestRefusal::BadVersion {})?)
}

/// The plain filters of a list, without `limit`, `cursor` and `order`; unknown ones are refused, never ignored.
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
        let mut names: HashSet<String> = HashSet::new();
        for (name, value) in pairs_of(&parts.uri)? {
            let field = if name.chars().all(|char| char.is_ascii_graphic()) { name.as_str() } else { "query" };
            refuse_characters(&value, field)?;
            if !names.insert(name.clone()) {
                return Err(unread::doubled(&name).into());
            }
        }
        let is_paging = |pair: &&str| ["limit=", "cursor=", "order="].iter().any(|name| pair.starts_with(name));
        let kept: Vec<&str> = query.split('&').filter(|pair| !is_paging(pair)).collect();
        // A part of an address that was one already.
        let uri: Uri = format!("/?{}", kept.join("&")).parse().map_err(Failure::bug)?;
        let Query(filters) = Query::<T>::try_from_uri(&uri).map_err(|error| unread::bad_query(&error))?;
        Ok(Self(filters))
    }
}

/// The parameters of a query, decoded.
pub(super) fn pairs_of(uri: &Uri) -> Result<Vec<(String, String)>, Failure> {
    let read = Query::<Vec<(String, String)>>::try_from_uri(uri);
    read.map(|Query(pairs)| pairs).map_err(|error| unread::bad_query(&error))
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
    RequestRefusal::NotFound { zh: things::zh(what).to_owned(), en: what.to_owned() }
}
