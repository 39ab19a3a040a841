//! OAuth 2: tokens for API clients (RFC 6749, 4.4), and the keys that tokens are checked with. The errors of `/oauth/token` have the
//! form that the RFC prescribes, because the libraries of clients read that one; they are the only ones that are no problem+json.

use super::clients::{Client, ClientState, queries};
use super::queries::{Member, find_member};
use super::throttle::Attempt;
use super::{keys, secret};
use crate::access::token::{Bearer, TOKEN_SECONDS, joined};
use crate::access::{Action, Caller, Proof};
use crate::concerns_nobody;
use crate::http::body::arrive;
use crate::http::conduct::LARGEST_BODY;
use crate::http::problem::OwnForm;
use crate::http::{Address, Answer, Problem, Reply, Shared};
use crate::kernel::Failure;
use axum::Json;
use axum::body::Body;
use axum::extract::{Form, FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How long others may keep the published keys, in seconds: a new one is published for longer before it signs.
const KEYS_KEPT: &str = "public, max-age=300";

concerns_nobody!(Jwks);

/// The operations at the root.
pub fn root_routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(issue_token)).routes(routes!(list_token_keys))
}

/// A client asks for a token.
#[derive(Deserialize, ToSchema)]
pub struct TokenRequest {
    /// Always `client_credentials`.
    #[schema(example = "client_credentials", value_type = String, pattern = "^client_credentials$")]
    pub grant_type: Option<String>,
    /// Permissions, separated by blanks; all that the client may have when left out.
    #[schema(example = "confirm_money read_money")]
    pub scope: Option<String>,
    /// Unless sent as user name of HTTP Basic.
    pub client_id: Option<String>,
    /// Unless sent as password of HTTP Basic.
    #[schema(format = Password)]
    pub client_secret: Option<String>,
}

/// A token of a client.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientToken {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// For how many seconds it is good; ask for another one then.
    #[schema(example = 900)]
    pub expires_in: i64,
    /// What it may do.
    #[schema(example = "confirm_money read_money")]
    pub scope: String,
}

/// Why there is no token, after RFC 6749.
#[derive(Debug, Serialize, ToSchema)]
pub struct OAuthError {
    /// `invalid_request`, `invalid_client`, `unsupported_grant_type` or `invalid_scope`.
    #[schema(
        example = "invalid_client",
        extensions(("x-words" = json!(["invalid_request", "invalid_client", "unsupported_grant_type", "invalid_scope"])))
    )]
    pub error: String,
    /// The same for people.
    #[schema(example = "the client is not known, its secret is wrong, or it may not come from here")]
    pub error_description: String,
}

/// Why there is no token.
#[derive(Debug, Clone, Copy)]
enum Refused {
    Request,
    Client,
    GrantType,
    Scope,
}

impl Refused {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Request => (
                "invalid_request",
                "send a form with grant_type once, and the client's credentials in one way: HTTP Basic or the form",
            ),
            Self::Client => {
                ("invalid_client", "the client is not known, its secret is wrong, or it may not come from here")
            }
            Self::GrantType => ("unsupported_grant_type", "the grant_type must be client_credentials"),
            Self::Scope => ("invalid_scope", "a scope is not known, or the client may not have it"),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (error, description) = self.words();
        let body = OAuthError { error: error.to_owned(), error_description: description.to_owned() };
        let status = if matches!(self, Self::Client) { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        let mut response = (status, Json(body)).into_response();
        if matches!(self, Self::Client) {
            let basic = HeaderValue::from_static("Basic realm=\"ganhe\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
        }
        response.extensions_mut().insert(OwnForm);
        response
    }
}

/// What keeps a client from its token: a refusal in the form of the RFC, or a fault of ours.
enum NoToken {
    Refused(Refused),
    Fault(Failure),
}

impl From<Failure> for NoToken {
    fn from(failure: Failure) -> Self {
        Self::Fault(failure)
    }
}

impl From<Refused> for NoToken {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// Id and secret of a client, from one place.
fn credentials(headers: &HeaderMap, form: &TokenRequest) -> Result<(String, String), Refused> {
    let of_form = form.client_id.clone().zip(form.client_secret.clone());
    if headers.get_all(header::AUTHORIZATION).iter().count() > 1 {
        return Err(Refused::Request);
    }
    let Some(value) = headers.get(header::AUTHORIZATION) else { return of_form.ok_or(Refused::Client) };
    let basic = || -> Option<(String, String)> {
        let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
        let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
        Some((id.to_owned(), secret.to_owned()))
    };
    // The secret in two places, or the id of another client beside it, is a mistake that is better told.
    let (id, secret) = basic().ok_or(Refused::Client)?;
    let is_doubled = form.client_secret.is_some() || form.client_id.as_ref().is_some_and(|other| *other != id);
    if is_doubled { Err(Refused::Request) } else { Ok((id, secret)) }
}

/// The client of these credentials, when it may come in from there. Failures make the next attempt wait, as those of people do.
async fn known(shared: &Shared, (id, secret): &(String, String), from: IpAddr) -> Result<(Client, Member), NoToken> {
    let attempt = Attempt::of_client(&shared.tokens, id, from)?;
    attempt.judge(&shared.db, false).await?;
    match admitted(shared, id, secret, from).await {
        Ok(known) => {
            attempt.succeeded_alone(&shared.db).await?;
            Ok(known)
        }
        Err(NoToken::Refused(refused)) => {
            attempt.failed(&shared.db).await?;
            Err(refused.into())
        }
        Err(fault) => Err(fault),
    }
}

async fn admitted(shared: &Shared, id: &str, secret: &str, from: IpAddr) -> Result<(Client, Member), NoToken> {
    let id = id.parse().map_err(|_| Refused::Client)?;
    let client = queries::find_any(&shared.db, id).await?.ok_or(Refused::Client)?;
    let member = find_member(&shared.db, id).await?.filter(Member::may_sign_in).ok_or(Refused::Client)?;
    let now = shared.db.clock().wall_now();
    let may =
        client.knows(&secret::hash(secret), now) && client.state == ClientState::Active && client.may_come_from(from);
    if may {
        Ok((client, member))
    } else {
        tracing::warn!(client.id = %client.id, address = %from, state = client.state.as_str(), "A client was refused");
        Err(Refused::Client.into())
    }
}

/// What is asked for, which the client must be allowed to have.
fn scopes(client: &Client, asked: Option<&str>) -> Result<Vec<Action>, Refused> {
    let Some(asked) = asked.filter(|asked| !asked.trim().is_empty()) else { return Ok(client.scopes.clone()) };
    let mut scopes = Vec::new();
    for word in asked.split_whitespace() {
        let scope = Action::parse(word).filter(|scope| client.scopes.contains(scope)).ok_or(Refused::Scope)?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Ok(scopes)
}

/// The form, read within the limits of every body.
async fn form_of(request: Request, shared: &Shared) -> Result<TokenRequest, NoToken> {
    let (parts, body) = request.into_parts();
    let bytes = arrive(&parts.headers, body, LARGEST_BODY, shared.conduct.longest_body).await?;
    let whole = Request::from_parts(parts, Body::from(bytes));
    let Form(form) = Form::from_request(whole, &()).await.map_err(|_| Refused::Request)?;
    Ok(form)
}

async fn token(shared: &Shared, request: Request, from: IpAddr) -> Result<ClientToken, NoToken> {
    let headers = request.headers().clone();
    let form = form_of(request, shared).await?;
    match form.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => return Err(Refused::GrantType.into()),
        None => return Err(Refused::Request.into()),
    }
    let credentials = credentials(&headers, &form)?;
    let (client, member) = known(shared, &credentials, from).await?;
    let scopes = scopes(&client, form.scope.as_deref())?;
    let scope = joined(&scopes);
    let caller = Caller { proof: Proof::Client { scopes }, ..member.caller() };
    keys::renew(&shared.db, &shared.tokens).await?;
    let credential = Some(client.credential(&secret::hash(&credentials.1)));
    let bearer = Bearer { credential, ..Bearer::from(caller) };
    let (access_token, _) = shared.tokens.issue(&bearer, shared.db.clock().wall_now())?;
    Ok(ClientToken { access_token, token_type: "Bearer".to_owned(), expires_in: TOKEN_SECONDS, scope })
}

/// Get a token for an API client (OAuth 2, client credentials).
///
/// The credentials come as HTTP Basic or in the form. Errors have the form of RFC 6749, but for what no request may do: a body too large
/// or too slow, and too many requests or failures, which are 413, 408 and 429 as everywhere. There is no refresh token: ask again.
#[utoipa::path(post, path = "/oauth/token", tag = "identity", operation_id = "issue_token",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "A token", body = ClientToken),
        (status = 400, description = "The request cannot be granted", body = OAuthError),
        (status = 401, description = "The client is not accepted", body = OAuthError)))]
async fn issue_token(
    State(shared): State<Shared>,
    Address(from): Address,
    request: Request,
) -> Result<Response, Problem> {
    match token(&shared, request, from).await {
        Ok(token) => Ok(Json(token).into_response()),
        Err(NoToken::Refused(refused)) => Ok(refused.into_response()),
        Err(NoToken::Fault(failure)) => Err(Problem(failure)),
    }
}

/// A public key (RFC 7517, RFC 8037).
#[derive(Debug, Serialize, ToSchema)]
pub struct Jwk {
    /// Always `OKP`.
    #[schema(example = "OKP")]
    pub kty: String,
    /// Always `Ed25519`.
    #[schema(example = "Ed25519")]
    pub crv: String,
    /// The `kid` of the tokens that it checks.
    #[schema(example = "0193833c1cf57e42a4d8d1c1d2d0a8c4")]
    pub kid: String,
    /// Always `EdDSA`.
    #[schema(example = "EdDSA")]
    pub alg: String,
    /// Always `sig`.
    #[schema(example = "sig")]
    pub r#use: String,
    /// The key, base64url.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    pub x: String,
}

/// Public keys.
#[derive(Debug, Serialize, ToSchema)]
pub struct Jwks {
    /// Those under which a token may be good, or soon will be.
    pub keys: Vec<Jwk>,
}

/// The public keys of access tokens. A new one is here ten minutes before it signs, an old one until the last of its tokens has
/// ended; they may be kept for five minutes.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "identity", operation_id = "list_token_keys",
    responses((status = 200, description = "A JWK set", body = Jwks)))]
async fn list_token_keys(State(shared): State<Shared>) -> Result<Response, Problem> {
    keys::renew(&shared.db, &shared.tokens).await?;
    let keys = shared.tokens.public_keys(shared.db.clock().wall_now());
    let jwk = |key: crate::access::token::PublicKey| Jwk {
        kty: "OKP".to_owned(),
        crv: "Ed25519".to_owned(),
        kid: key.name,
        alg: "EdDSA".to_owned(),
        r#use: "sig".to_owned(),
        x: key.x,
    };
    let reply: Reply<Jwks> = Ok(Answer::plain(Jwks { keys: keys.into_iter().map(jwk).collect() }));
    let mut response = reply.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(KEYS_KEPT));
    Ok(response)
}
