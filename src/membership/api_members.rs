//! The users of one's own organisation, as its administrator keeps them.

use super::commands::{self, Change, MemberChange};
use crate::access::{Action, Role};
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::{Answer, Command, Empty, Fields, Id, Reply, Shared, Signed};
use crate::identity::api::UserView;
use crate::identity::queries;
use crate::kernel::Failure;
use crate::kernel::ids::UserId;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Most roles of one user; no kind of organisation has more.
const MOST_ROLES: usize = 8;

/// The operations on the users of an organisation.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(find_user))
        .routes(routes!(change_roles))
        .routes(routes!(suspend_user))
        .routes(routes!(reinstate_user))
}

/// Reads roles, each named once.
pub(super) fn read_roles(fields: &mut Fields, words: &[String]) -> Vec<Role> {
    let known: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    let mut roles = fields.words("roles", words, Role::parse, &known);
    roles.sort();
    roles.dedup();
    roles
}

/// A user of your organisation; of any for the operator and the auditor.
#[utoipa::path(get, path = "/users/{id}", tag = "identity", operation_id = "find_user",
    params(("id" = Uuid, Path, description = "Id of the user")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))),
    responses((status = 200, description = "The user", body = UserView)))]
async fn find_user(State(shared): State<Shared>, Signed(caller): Signed, Id(id): Id<UserId>) -> Reply<UserView> {
    caller.may(Action::ReadParties)?;
    let found = queries::find_member(&shared.db, id).await?;
    let visible = found.filter(|member| queries::sees_users_of(&caller, member.user.organisation));
    Ok(Answer::ok(visible.ok_or_else(|| not_found("user"))?.user.into()))
}

/// Roles to have from now on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRoles {
    /// All roles of the user, those they have already among them; they must fit the kind of the organisation.
    #[schema(min_items = 1, max_items = 8, example = json!(["enterprise_trader"]))]
    pub roles: Vec<String>,
}

impl ChangeRoles {
    fn read(&self) -> Result<Vec<Role>, Failure> {
        let mut fields = Fields::default();
        let words = fields.count("roles", &self.roles, MOST_ROLES);
        let roles = read_roles(&mut fields, words);
        fields.finish(Some(roles))
    }
}

async fn change<T>(shared: &Shared, command: &Command<T>, user: UserId, change: Change) -> Reply<UserView> {
    let permit = command.caller.may(Action::ManageMembers)?;
    let wanted = [MemberChange { user, expected: command.expected, change }];
    let changed = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, wanted| {
            Box::pin(async move { one(commands::change_members(work, wanted).await?, UserView::from) })
        })
        .await?;
    shared.door.forget();
    shared.authenticator.forget(user);
    Ok(Answer::ok(changed))
}

/// Give a user of your organisation other roles. Nobody changes their own.
#[utoipa::path(post, path = "/users/{id}/roles", tag = "identity", operation_id = "change_roles",
    params(("id" = Uuid, Path, description = "Id of the user")), request_body = ChangeRoles, security(("bearer" = [])),
    extensions(("x-permission" = json!("manage_members"))),
    responses((status = 200, description = "Changed", body = UserView)))]
async fn change_roles(
    State(shared): State<Shared>,
    Id(id): Id<UserId>,
    command: Command<ChangeRoles>,
) -> Reply<UserView> {
    command.caller.may(Action::ManageMembers)?;
    let roles = command.body.read()?;
    change(&shared, &command, id, Change::Roles(roles)).await
}

/// Suspend a user of your organisation: they may not act from now on, and their sessions end for good.
#[utoipa::path(post, path = "/users/{id}/suspend", tag = "identity", operation_id = "suspend_user",
    params(("id" = Uuid, Path, description = "Id of the user")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("manage_members"))),
    responses((status = 200, description = "Suspended", body = UserView)))]
async fn suspend_user(State(shared): State<Shared>, Id(id): Id<UserId>, command: Command<Empty>) -> Reply<UserView> {
    change(&shared, &command, id, Change::Suspend).await
}

/// Reinstate a suspended user of your organisation.
#[utoipa::path(post, path = "/users/{id}/reinstate", tag = "identity", operation_id = "reinstate_user",
    params(("id" = Uuid, Path, description = "Id of the user")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("manage_members"))),
    responses((status = 200, description = "Active again", body = UserView)))]
async fn reinstate_user(State(shared): State<Shared>, Id(id): Id<UserId>, command: Command<Empty>) -> Reply<UserView> {
    change(&shared, &command, id, Change::Reinstate).await
}
