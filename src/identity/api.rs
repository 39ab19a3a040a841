//! Users.

use super::commands::{self, NewUser};
use super::queries::{self, Member};
use super::second_factor::queries::{active_among, is_active};
use super::user::{User, UserKind, new_login};
use crate::access::password::judge_new;
use crate::access::{Action, Role};
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::paging::PagingParams;
use crate::http::{
    Answer, Command, Fields, Filters, Listing, NoFilters, Paging, Problem, Reply, Shared, Signed, Versioned,
};
use crate::kernel::ids::{OrganisationId, UserId};
use crate::kernel::{Failure, Moment};
use crate::{concerns, concerns_nobody};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns_nobody!(Me);
concerns!(UserView: Organisation [organisation]);

/// The operations of identity.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(find_me)).routes(routes!(register_user, list_users))
}

/// The signed-in user.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// Identity.
    pub user: Uuid,
    /// `person` or `client`.
    #[schema(example = "person", extensions(("x-words" = json!(crate::identity::user::UserKind::WORDS))))]
    pub kind: String,
    /// Login.
    pub login: String,
    /// Name.
    pub name: String,
    /// Roles.
    #[schema(example = json!(["bureau_officer"]))]
    pub roles: Vec<String>,
    /// Organisation.
    pub organisation: Uuid,
    /// Its name.
    pub organisation_name: String,
    /// What it is.
    #[schema(example = "bureau")]
    pub organisation_kind: String,
    /// How it stands: `applied`, `verified`, `refused` or `suspended`.
    #[schema(example = "verified", extensions(("x-words" = json!(crate::access::standing::Standing::WORDS))))]
    pub organisation_state: String,
    /// Why it was refused or suspended.
    pub organisation_reason: Option<String>,
    /// Whether a second factor is enrolled and active; of a client never.
    #[schema(example = true)]
    pub has_second_factor: bool,
    /// Business time now.
    #[schema(value_type = String, format = DateTime)]
    pub business_time: Moment,
}

/// A member as they see themself.
///
/// # Errors
/// A fault of the database.
pub(super) async fn me(member: &Member, shared: &Shared) -> Result<Me, Failure> {
    Ok(Me {
        user: member.user.id.0,
        kind: member.user.kind.as_str().to_owned(),
        login: member.user.login.clone(),
        name: member.user.name.clone(),
        roles: words(&member.user.roles),
        organisation: member.organisation.id.0,
        organisation_name: member.organisation.name.clone(),
        organisation_kind: member.organisation.kind.as_str().to_owned(),
        organisation_state: member.organisation.standing().as_str().to_owned(),
        organisation_reason: member.organisation.state.reason().map(str::to_owned),
        has_second_factor: is_active(&shared.db, member.user.id).await?,
        business_time: shared.db.clock().business_now(),
    })
}

/// Roles as words.
pub(super) fn words(roles: &[Role]) -> Vec<String> {
    roles.iter().map(|role| role.as_str().to_owned()).collect()
}

/// Who you are.
#[utoipa::path(get, path = "/me", tag = "identity", operation_id = "find_me", security(("bearer" = [])),
    extensions(("x-permission" = json!([]))),
    responses((status = 200, description = "The signed-in user", body = Me)))]
async fn find_me(State(shared): State<Shared>, Signed(caller): Signed) -> Reply<Me> {
    let found = queries::find_member(&shared.db, caller.user).await?;
    let member = found.ok_or_else(|| Problem::from(not_found("user")))?;
    Ok(Answer::plain(me(&member, &shared).await?))
}

/// A user.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    /// Identity.
    pub id: Uuid,
    /// `person`, or `client` of the API.
    #[schema(example = "person", extensions(("x-words" = json!(crate::identity::user::UserKind::WORDS))))]
    pub kind: String,
    /// Organisation.
    pub organisation: Uuid,
    /// Login.
    #[schema(example = "tongcheng.officer")]
    pub login: String,
    /// Name.
    pub name: String,
    /// Roles.
    #[schema(example = json!(["bureau_officer"]))]
    pub roles: Vec<String>,
    /// `active` or `suspended`.
    #[schema(example = "active", extensions(("x-words" = json!(["active", "suspended"]))))]
    pub state: String,
    /// Whether a password is set.
    pub can_sign_in: bool,
    /// Whether a second factor is enrolled and active. `GET /users` tells it of people, to whoever may support their sign-in; null elsewhere.
    #[serde(default)]
    #[schema(example = true)]
    pub has_second_factor: Option<bool>,
    /// Counts from 1.
    pub version: i64,
    /// When they were registered, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub registered_at: Moment,
}

impl Versioned for UserView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id.0,
            kind: user.kind.as_str().to_owned(),
            organisation: user.organisation.0,
            login: user.login,
            name: user.name,
            roles: words(&user.roles),
            state: if user.is_active { "active" } else { "suspended" }.to_owned(),
            can_sign_in: user.password_hash.is_some(),
            has_second_factor: None,
            version: user.version,
            registered_at: user.registered_at,
        }
    }
}

/// A user to register.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterUser {
    /// Organisation.
    pub organisation: Uuid,
    /// Login of the letters a to z, digits and `. _ - @`, unique in the installation whatever the case of its letters; it is kept in lower
    /// case.
    #[schema(example = "tongcheng.officer")]
    pub login: String,
    /// Name.
    pub name: String,
    /// Roles that fit the kind of the organisation.
    #[schema(example = json!(["bureau_officer"]))]
    pub roles: Vec<String>,
    /// Password of 12 to 256 characters, not the login; without one nobody can sign in as them until `POST
    /// /users/{id}/password-reset` has made a code for their first.
    #[schema(format = Password)]
    pub password: Option<String>,
}

impl RegisterUser {
    fn read(&self) -> Result<NewUser, Failure> {
        let mut fields = Fields::default();
        let known: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        let login = fields.text("login", &self.login);
        let login = login.and_then(|login| fields.take_as("login", new_login(&login)));
        let name = fields.text("name", &self.name);
        let roles = fields.words("roles", &self.roles, Role::parse, &known);
        if let Some(password) = &self.password {
            fields.join(judge_new(password, &self.login))?;
        }
        let organisation = OrganisationId(self.organisation);
        let new =
            login.zip(name).map(|(login, name)| NewUser { organisation, login, name, roles, password_hash: None });
        fields.finish(new)
    }
}

/// Register a user: of any organisation as the operator, of your own as its administrator.
#[utoipa::path(post, path = "/users", tag = "identity", operation_id = "register_user", request_body = RegisterUser,
    security(("bearer" = [])),
    extensions(("x-permission" = json!(["register_user", "manage_members"]))), responses((status = 201, description = "Registered", body = UserView)))]
async fn register_user(State(shared): State<Shared>, command: Command<RegisterUser>) -> Reply<UserView> {
    let permit = command.caller.may_any(&[Action::RegisterUser, Action::ManageMembers])?;
    let mut new = command.body.read()?;
    if permit.action() == Action::ManageMembers && new.organisation != command.caller.organisation {
        return Err(not_found("organisation").into());
    }
    if let Some(password) = command.body.password {
        new.password_hash = Some(shared.rules.passwords.hash_new(password, &new.login).await?);
    }
    let user = shared
        .db
        .run_once(&permit, &command.key, &[new], |work, news| {
            Box::pin(async move { one(commands::register_users(work, news).await?, UserView::from) })
        })
        .await?;
    Ok(Answer::created(user))
}

async fn tell_second_factors(shared: &Shared, users: &mut [UserView]) -> Result<(), Failure> {
    let ids: Vec<UserId> = users.iter().map(|user| UserId(user.id)).collect();
    let active = active_among(&shared.db, &ids).await?;
    for user in users.iter_mut().filter(|user| user.kind == UserKind::Person.as_str()) {
        user.has_second_factor = Some(active.contains(&UserId(user.id)));
    }
    Ok(())
}

/// Users of your organisation; all of them for the operator and the auditor.
#[utoipa::path(get, path = "/users", tag = "identity", operation_id = "list_users", params(PagingParams),
    security(("bearer" = [])),
    extensions(("x-permission" = json!("read_parties"))), responses((status = 200, description = "Users in the order of registration", body = Listing<UserView>)))]
async fn list_users(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<UserView>> {
    caller.may(Action::ReadParties)?;
    let found = queries::list_users(&shared.db, &caller, &page).await?;
    let mut listing: Listing<UserView> = found.map(UserView::from).into();
    // Who lacks a second factor is no matter of colleagues who cannot help them.
    if caller.roles.iter().any(|role| role.may(Action::SupportSignIn)) {
        tell_second_factors(&shared, &mut listing.items).await?;
    }
    Ok(Answer::plain(listing))
}
