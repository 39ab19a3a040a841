//! What an administrator does for people who cannot sign in, or must no longer: end their sessions, give them a code for a new
//! password, remove a lost second factor. The operator may for everybody, others for the users of their own organisation.

use super::api_auth::{Ended, SessionView};
use super::api_factor::FactorView;
use super::passwords::{self, RESET_MINUTES};
use super::queries::find_supported;
use super::second_factor::commands::remove;
use super::secret;
use super::sessions::EndReason;
use super::sessions::commands::{Which, end};
use super::sessions::queries::list_sessions;
use crate::access::Action;
use crate::concerns_nobody;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Command, Empty, Filters, Id, Listing, NoFilters, Paging, Reply, Shared, Signed};
use crate::kernel::Moment;
use crate::kernel::ids::UserId;
use accounting::hexadecimal;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Groups of a code for a new password: almost a hundred bits.
const CODE_GROUPS: usize = 4;

concerns_nobody!(ResetCode);

/// The operations of support.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list_sessions_of_user))
        .routes(routes!(end_sessions_of_user))
        .routes(routes!(prepare_password_reset))
        .routes(routes!(remove_second_factor))
}

/// Sessions of a user, ended ones among them.
#[utoipa::path(get, path = "/users/{id}/sessions", tag = "identity", operation_id = "list_sessions_of_user",
    params(("id" = Uuid, Path, description = "The user"), PagingParams),
    security(("bearer" = [])), extensions(("x-permission" = json!("support_sign_in"))),
    responses((status = 200, description = "Sessions in the order in which they began", body = Listing<SessionView>)))]
async fn list_sessions_of_user(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(user): Id<UserId>,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<SessionView>> {
    caller.may(Action::SupportSignIn)?;
    find_supported(&shared.db, &caller, user).await?;
    let found = list_sessions(&shared.db, user, &page).await?;
    let now = shared.db.clock().wall_now();
    Ok(Answer::plain(found.map(|session| SessionView::of(session, now, None)).into()))
}

/// End all sessions of a user. Within seconds their tokens open nothing any more, on every node.
#[utoipa::path(post, path = "/users/{id}/sessions/end", tag = "identity", operation_id = "end_sessions_of_user",
    request_body = Empty, params(("id" = Uuid, Path, description = "The user")),
    security(("bearer" = [])), extensions(("x-permission" = json!("support_sign_in"))),
    responses((status = 200, description = "Ended", body = Ended)))]
async fn end_sessions_of_user(
    State(shared): State<Shared>,
    Id(user): Id<UserId>,
    command: Command<Empty>,
) -> Reply<Ended> {
    let permit = command.caller.may(Action::SupportSignIn)?;
    find_supported(&shared.db, &command.caller, user).await?;
    let ended = shared.db.run_once(&permit, &command.key, &user, |work, user| {
        Box::pin(async move {
            let ended = end(work, *user, Which::All, EndReason::EndedByAdministrator).await?;
            Ok(Ended { ended })
        })
    });
    let ended = ended.await?;
    shared.authenticator.forget(user);
    Ok(Answer::plain(ended))
}

/// A code for a new password.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResetCode {
    /// The code, for `POST /auth/password-reset`. It is shown once: a repeat under the same key answers none.
    #[schema(example = "7KQ2M-X4HTB-9WEND-CF3RV")]
    pub code: Option<String>,
    /// Until when it is good, in wall time.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Moment,
}

/// What is kept of a code under the key of its request: never the code.
#[derive(Serialize, Deserialize)]
struct Prepared {
    hash: String,
    expires_at: Moment,
}

/// Make a code by which a user sets a new password, or their first. The old password and all their sessions end.
#[utoipa::path(post, path = "/users/{id}/password-reset", tag = "identity", operation_id = "prepare_password_reset",
    request_body = Empty, params(("id" = Uuid, Path, description = "The user")),
    security(("bearer" = [])), extensions(("x-permission" = json!("support_sign_in"))),
    responses((status = 201, description = "Made", body = ResetCode)))]
async fn prepare_password_reset(
    State(shared): State<Shared>,
    Id(user): Id<UserId>,
    command: Command<Empty>,
) -> Reply<ResetCode> {
    let permit = command.caller.may(Action::SupportSignIn)?;
    find_supported(&shared.db, &command.caller, user).await?;
    let code = secret::fresh_code(CODE_GROUPS);
    let hash = secret::hash_code(&code);
    let input = (user, hash.clone());
    let prepared = shared.db.run_once(&permit, &command.key, &input, |work, (user, hash)| {
        Box::pin(async move {
            passwords::prepare_reset(work, *user, hash).await?;
            let expires_at = work.clock().wall_now().plus_minutes(RESET_MINUTES);
            Ok(Prepared { hash: hexadecimal(hash), expires_at })
        })
    });
    let Prepared { hash: kept, expires_at } = prepared.await?;
    shared.authenticator.forget(user);
    let code = (kept == hexadecimal(&hash)).then_some(code);
    Ok(Answer::plainly_created(ResetCode { code, expires_at }))
}

/// Remove a user's second factor, because app and recovery codes are lost. Make sure that it is them who ask.
#[utoipa::path(post, path = "/users/{id}/second-factor/removal", tag = "identity", operation_id = "remove_second_factor",
    request_body = Empty, params(("id" = Uuid, Path, description = "The user")),
    security(("bearer" = [])), extensions(("x-permission" = json!("support_sign_in"))),
    responses((status = 200, description = "Removed", body = FactorView)))]
async fn remove_second_factor(
    State(shared): State<Shared>,
    Id(user): Id<UserId>,
    command: Command<Empty>,
) -> Reply<FactorView> {
    let permit = command.caller.may(Action::SupportSignIn)?;
    find_supported(&shared.db, &command.caller, user).await?;
    let removed = shared.db.run_once(&permit, &command.key, &user, |work, user| {
        Box::pin(async move {
            remove(work, *user).await?;
            end(work, *user, Which::All, EndReason::EndedByAdministrator).await?;
            Ok(FactorView::removed())
        })
    });
    let removed = removed.await?;
    shared.authenticator.forget(user);
    Ok(Answer::plain(removed))
}
