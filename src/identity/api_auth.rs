//! Signing in and out, sessions, and one's own password.

use super::api::{Me, me};
use super::api_cookie::{Keeping, KeepingHeader};
use super::second_factor::queries::is_active;
use super::sessions::Session;
use super::sessions::commands::Which;
use super::sessions::queries::{ends_at, find_session, list_sessions as list_of};
use super::sign_in::{self, Door, Entry, Origin};
use super::{keys, sign_in as own};
use crate::access::{Action, Proof, SecondFactor};
use crate::http::extract::not_found;
use crate::http::paging::PagingParams;
use crate::http::{Address, Answer, Body, Filters, Id, Listing, NoFilters, Paging, Reply, Shared, SignedIn};
use crate::kernel::ids::SessionId;
use crate::kernel::{Failure, Moment};
use crate::{concerns, concerns_nobody};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Longest name of a client program that is kept with a session.
const LONGEST_AGENT: usize = 200;

concerns_nobody!(EntryView, Ended, PasswordSet);
concerns!(SessionView: User [user]);

/// The operations of signing in.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(sign_in))
        .routes(routes!(refresh_session))
        .routes(routes!(sign_out))
        .routes(routes!(give_second_factor))
        .routes(routes!(change_password))
        .routes(routes!(reset_password))
        .routes(routes!(list_sessions))
        .routes(routes!(end_sessions))
        .routes(routes!(end_session))
}

/// What signing in stands on here.
pub(super) fn door(shared: &Shared) -> Door<'_> {
    Door { db: &shared.db, tokens: &shared.tokens, rules: &shared.rules }
}

fn origin(address: IpAddr, headers: &HeaderMap) -> Origin {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Origin { address, agent: agent.chars().take(LONGEST_AGENT).collect() }
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Login.
    #[schema(example = "tongcheng.officer")]
    pub login: String,
    /// Password.
    #[schema(example = "ganhe-demo-2022", format = Password)]
    pub password: String,
    /// A code of the second factor, where one is active; it may also be given afterwards.
    #[schema(example = "287082")]
    pub code: Option<String>,
}

/// Tokens, and whose they are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct EntryView {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// When it ends, in wall time.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Moment,
    /// Gets the next tokens, once, from `POST /auth/refresh`. Null until signing in is finished, and where the one that you have
    /// goes on.
    pub refresh_token: Option<String>,
    /// The session.
    pub session: Uuid,
    /// What is still to do: `second_factor` (send a code before anything else), `enrolment` (no second factor is enrolled: you can
    /// read, but move nothing), or nothing.
    #[schema(example = "second_factor")]
    pub next: Option<String>,
    /// Whose it is.
    pub me: Me,
}

/// Issues the access token of an entry.
pub(super) async fn answer(shared: &Shared, entry: Entry) -> Result<EntryView, Failure> {
    keys::renew(&shared.db, &shared.tokens).await?;
    let (access_token, expires_at) = shared.tokens.issue(&entry.bearer, shared.db.clock().wall_now())?;
    let is_required = matches!(shared.rules.second_factor, SecondFactor::Required { .. });
    let next = match entry.bearer.caller.proof {
        Proof::Unfinished => Some("second_factor"),
        _ if is_required && !is_active(&shared.db, entry.member.user.id).await? => Some("enrolment"),
        _ => None,
    };
    Ok(EntryView {
        access_token,
        token_type: "Bearer".to_owned(),
        expires_at,
        refresh_token: entry.refresh_token,
        session: entry.session.0,
        next: next.map(str::to_owned),
        me: me(&entry.member, shared).await?,
    })
}

/// Answers tokens, with the refresh token where the client wants it kept.
fn kept(mut view: EntryView, keeping: Keeping) -> Answer<EntryView> {
    let cookie = keeping.keep(&mut view.refresh_token);
    Answer::plain(view).keeping(cookie)
}

/// Sign in with login and password.
///
/// Wrong password, unknown login and a user who is suspended get the same answer. After several failures each further one makes the
/// next attempt wait twice as long, up to a quarter of an hour: 429, with `Retry-After`.
#[utoipa::path(post, path = "/auth/login", tag = "identity", operation_id = "sign_in", request_body = SignIn,
    params(KeepingHeader), responses((status = 200, description = "Signed in, or begun to", body = EntryView)))]
async fn sign_in(
    State(shared): State<Shared>,
    Address(address): Address,
    keeping: Keeping,
    headers: HeaderMap,
    Body(SignIn { login, password, code }): Body<SignIn>,
) -> Reply<EntryView> {
    let origin = origin(address, &headers);
    let entry = own::sign_in(door(&shared), &login, &password, code.as_deref(), origin).await?;
    Ok(kept(answer(&shared, entry).await?, keeping))
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The newest refresh token of the session; left out when it is in the cookie.
    #[schema(example = "ganhe_rt_PfQ9vJ8bJt3Wm0qUu7m2cK1yR5xA4dE6hG9iL0oN3sT")]
    pub refresh_token: Option<String>,
}

/// Go on with a session.
///
/// A refresh token is good once. Sent again later, it ends the session: two have it. When the answer was lost on its way, the same
/// token may be sent again within 30 seconds, as long as its successor was not used; send one refresh at a time.
#[utoipa::path(post, path = "/auth/refresh", tag = "identity", operation_id = "refresh_session", request_body = Refresh,
    params(KeepingHeader), responses((status = 200, description = "The next tokens", body = EntryView)))]
async fn refresh_session(
    State(shared): State<Shared>,
    keeping: Keeping,
    headers: HeaderMap,
    Body(Refresh { refresh_token }): Body<Refresh>,
) -> Reply<EntryView> {
    let refresh_token = keeping.token(&headers, refresh_token)?;
    let entry = own::refresh(door(&shared), &refresh_token).await?;
    Ok(kept(answer(&shared, entry).await?, keeping))
}

/// How many sessions were ended.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Ended {
    /// Sessions that stood until now.
    #[schema(example = 1)]
    pub ended: usize,
}

async fn end(shared: &Shared, SignedIn(bearer): &SignedIn, which: Which) -> Reply<Ended> {
    let ended = own::end_own(door(shared), bearer, which).await?;
    shared.authenticator.forget(bearer.caller.user);
    Ok(Answer::plain(Ended { ended }))
}

/// Sign out: end the session of this token.
#[utoipa::path(post, path = "/auth/logout", tag = "identity", operation_id = "sign_out", params(KeepingHeader),
    security(("bearer" = [])), extensions(("x-permission" = json!("keep_own_sign_in"))),
    responses((status = 200, description = "Signed out", body = Ended)))]
async fn sign_out(State(shared): State<Shared>, SignedIn(bearer): SignedIn, keeping: Keeping) -> Reply<Ended> {
    let ended = own::sign_out(door(&shared), &bearer).await?;
    shared.authenticator.forget(bearer.caller.user);
    Ok(Answer::plain(Ended { ended }).keeping(keeping.forget()))
}

/// A code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// A code of the app, or a recovery code. Each is good once.
    #[schema(example = "287082")]
    pub code: String,
}

/// Give a second factor: it finishes signing in, and lets move rights and money for some minutes.
///
/// Answers a new access token; the old one keeps what it could do. A refresh token comes with it when this finishes signing in.
#[utoipa::path(post, path = "/auth/second-factor", tag = "identity", operation_id = "give_second_factor", request_body = Code,
    params(KeepingHeader), security(("bearer" = [])), extensions(("x-permission" = json!("keep_own_sign_in"))),
    responses((status = 200, description = "Proved", body = EntryView)))]
async fn give_second_factor(
    State(shared): State<Shared>,
    SignedIn(bearer): SignedIn,
    keeping: Keeping,
    Body(Code { code }): Body<Code>,
) -> Reply<EntryView> {
    let entry = own::give_code(door(&shared), &bearer, &code).await?;
    Ok(kept(answer(&shared, entry).await?, keeping))
}

/// A new password, against the old one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password as it is.
    #[schema(example = "ganhe-demo-2022", format = Password)]
    pub old_password: String,
    /// As it shall be: 12 to 256 characters, not the login.
    #[schema(example = "correct-horse-battery", format = Password, min_length = 12, max_length = 256)]
    pub password: String,
}

/// Change your password; your other sessions end. Whoever has a second factor must have given it lately.
#[utoipa::path(post, path = "/auth/password", tag = "identity", operation_id = "change_password", request_body = ChangePassword,
    security(("bearer" = [])), extensions(("x-permission" = json!("keep_own_sign_in"))),
    responses((status = 200, description = "Changed; how many other sessions have ended", body = Ended)))]
async fn change_password(
    State(shared): State<Shared>,
    Address(address): Address,
    SignedIn(bearer): SignedIn,
    Body(ChangePassword { old_password, password }): Body<ChangePassword>,
) -> Reply<Ended> {
    let ended = sign_in::change_password(door(&shared), &bearer, &old_password, &password, address).await?;
    shared.authenticator.forget(bearer.caller.user);
    Ok(Answer::plain(Ended { ended }))
}

/// A new password, against a code that an administrator has made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// Login.
    #[schema(example = "tongcheng.officer")]
    pub login: String,
    /// The code; dashes and case do not matter.
    #[schema(example = "7KQ2M-X4HTB-9WEND-CF3RV")]
    pub code: String,
    /// The new password: 12 to 256 characters, not the login.
    #[schema(example = "correct-horse-battery", format = Password, min_length = 12, max_length = 256)]
    pub password: String,
}

/// A password that was set.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasswordSet {
    /// Whose.
    #[schema(example = "tongcheng.officer")]
    pub login: String,
}

/// Set a new password with a code from an administrator; sign in with it afterwards. The code is good once, for a day.
#[utoipa::path(post, path = "/auth/password-reset", tag = "identity", operation_id = "reset_password",
    request_body = ResetPassword, responses((status = 200, description = "Set", body = PasswordSet)))]
async fn reset_password(
    State(shared): State<Shared>,
    Address(address): Address,
    Body(ResetPassword { login, code, password }): Body<ResetPassword>,
) -> Reply<PasswordSet> {
    sign_in::reset_password(door(&shared), &login, &code, &password, address).await?;
    Ok(Answer::plain(PasswordSet { login }))
}

/// A session of a user.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// Identity.
    pub id: Uuid,
    /// Whose.
    pub user: Uuid,
    /// Whether it is the one of the token that asks.
    pub is_this: bool,
    /// From which address it began.
    #[schema(example = "203.0.113.9")]
    pub address: String,
    /// What the client called itself.
    #[schema(example = "curl/8.14.1")]
    pub agent: String,
    /// When it began, in wall time, as all instants here.
    #[schema(value_type = String, format = DateTime)]
    pub began_at: Moment,
    /// When it was last refreshed.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen_at: Moment,
    /// When it ends if nobody refreshes it.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Moment,
    /// When the last second factor was given.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub second_factor_at: Option<Moment>,
    /// `live`, `expired`, or why it has ended: `signed_out`, `ended`, `ended_by_administrator`, `password_changed`,
    /// `refresh_token_replayed`.
    #[schema(
        example = "live",
        extensions(("x-words" = json!(["live", "expired", "signed_out", "ended", "ended_by_administrator", "password_changed", "refresh_token_replayed"])))
    )]
    pub state: String,
}

impl SessionView {
    /// A session as it stands now.
    pub(super) fn of(session: Session, now: Moment, this: Option<SessionId>) -> Self {
        let state = match session.end {
            Some(end) => end.reason.as_str(),
            None if session.is_live(now) => "live",
            None => "expired",
        };
        Self {
            id: session.id.0,
            user: session.user.0,
            is_this: this == Some(session.id),
            began_at: session.began_at,
            last_seen_at: session.last_seen_at,
            ends_at: session.end.map_or_else(|| ends_at(&session), |end| end.at),
            second_factor_at: session.second_factor_at,
            state: state.to_owned(),
            address: session.address,
            agent: session.agent,
        }
    }
}

/// Your sessions, ended ones among them.
#[utoipa::path(get, path = "/auth/sessions", tag = "identity", operation_id = "list_sessions", params(PagingParams),
    security(("bearer" = [])), extensions(("x-permission" = json!("keep_own_sign_in"))),
    responses((status = 200, description = "Sessions in the order in which they began", body = Listing<SessionView>)))]
async fn list_sessions(
    State(shared): State<Shared>,
    SignedIn(bearer): SignedIn,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<SessionView>> {
    bearer.caller.may(Action::KeepOwnSignIn)?;
    let found = list_of(&shared.db, bearer.caller.user, &page).await?;
    let now = shared.db.clock().wall_now();
    Ok(Answer::plain(found.map(|session| SessionView::of(session, now, bearer.session)).into()))
}

/// Which of the own sessions to end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndSessions {
    /// Whether the session of this token stays.
    #[serde(default)]
    #[schema(example = true)]
    pub keep_this: bool,
}

/// End all your sessions, or all but this one. Whoever has a second factor must have given it lately; `POST /auth/logout` needs none.
#[utoipa::path(post, path = "/auth/sessions/end", tag = "identity", operation_id = "end_sessions", request_body = EndSessions,
    security(("bearer" = [])), extensions(("x-permission" = json!("keep_own_sign_in"))),
    responses((status = 200, description = "Ended", body = Ended)))]
async fn end_sessions(
    State(shared): State<Shared>,
    signed: SignedIn,
    Body(EndSessions { keep_this }): Body<EndSessions>,
) -> Reply<Ended> {
    let which = signed.0.session.filter(|_| keep_this).map_or(Which::All, Which::AllBut);
    end(&shared, &signed, which).await
}

/// End one of your sessions. One that has ended already is none to end: `ended` is 0.
#[utoipa::path(post, path = "/auth/sessions/{id}/end", tag = "identity", operation_id = "end_session",
    params(("id" = Uuid, Path, description = "The session")),
    security(("bearer" = [])), extensions(("x-permission" = json!("keep_own_sign_in"))),
    responses((status = 200, description = "Ended", body = Ended)))]
async fn end_session(State(shared): State<Shared>, Id(session): Id<SessionId>, signed: SignedIn) -> Reply<Ended> {
    signed.0.caller.may(Action::KeepOwnSignIn)?;
    let found = find_session(&shared.db, session).await?;
    found.filter(|found| found.user == signed.0.caller.user).ok_or_else(|| not_found("session"))?;
    end(&shared, &signed, Which::One(session)).await
}
