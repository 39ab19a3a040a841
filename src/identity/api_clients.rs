//! API clients: registered by whoever administers an organisation, with a secret that is shown once.

use super::api::words;
use super::clients::client::{Client, ClientState};
use super::clients::commands::{Change, ClientChange, NewClient, change_clients, register_clients};
use super::clients::queries;
use super::error::IdentityRefusal;
use super::secret;
use crate::access::{Action, Role};
use crate::http::address::network;
use crate::http::answer::one;
use crate::http::field::maybe_whole;
use crate::http::paging::PagingParams;
use crate::http::{
    Answer, Command, Empty, Fields, Filters, Id, Listing, NoFilters, Paging, Reply, Shared, Signed, Versioned,
};
use crate::kernel::ids::{OrganisationId, UserId};
use crate::kernel::{Clock, Failure, Moment};
use crate::{concerns, concerns_nobody};
use accounting::hexadecimal;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Most scopes of a client: there are not more permissions.
const MOST_SCOPES: usize = 200;
/// Most networks of a client.
const MOST_NETWORKS: usize = 50;
/// Longest time for which two secrets are good, in hours: a month.
const LONGEST_OVERLAP: i64 = 31 * 24;
/// The usual one: a day.
const USUAL_OVERLAP: i64 = 24;

concerns!(ClientView: Organisation [organisation]);
concerns_nobody!(ClientWithSecret);

/// The operations on API clients.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(register_client, list_clients))
        .routes(routes!(find_client))
        .routes(routes!(rotate_client_secret))
        .routes(routes!(suspend_client))
        .routes(routes!(reinstate_client))
        .routes(routes!(remove_client))
}

/// A client of the API.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ApiClient)]
pub struct ClientView {
    /// Identity: the `client_id`, and the user that journals and records name.
    pub id: Uuid,
    /// For whom it acts.
    pub organisation: Uuid,
    /// Its name.
    #[schema(example = "结算系统")]
    pub name: String,
    /// What it may be.
    #[schema(example = json!(["settlement_officer"]))]
    pub roles: Vec<String>,
    /// What its tokens may be asked for.
    #[schema(example = json!(["confirm_money", "read_money"]))]
    pub scopes: Vec<String>,
    /// Networks that it may come from; from anywhere when there is none.
    #[schema(example = json!(["192.0.2.0/24"]))]
    pub networks: Vec<String>,
    /// `active`, `suspended` or `removed`.
    #[schema(example = "active", extensions(("x-words" = json!(ClientState::WORDS))))]
    pub state: String,
    /// Until when the secret before is good, too, in wall time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub former_secret_until: Option<Moment>,
    /// Who registered it.
    pub registered_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub registered_at: Moment,
    /// Counts from 1.
    pub version: i64,
}

impl From<Client> for ClientView {
    fn from(client: Client) -> Self {
        Self {
            id: client.id.0,
            organisation: client.organisation.0,
            roles: words(&client.roles),
            scopes: client.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            networks: client.networks.iter().map(ToString::to_string).collect(),
            state: client.state.as_str().to_owned(),
            former_secret_until: client.former.map(|(_, until)| until),
            registered_by: client.registered_by.0,
            registered_at: client.registered_at,
            version: client.version,
            name: client.name,
        }
    }
}

impl Versioned for ClientView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// A client with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientWithSecret {
    /// The client.
    pub client: ClientView,
    /// Its secret, for `POST /oauth/token`. It is shown once: a repeat under the same key answers none.
    #[schema(example = "ganhe_cs_PfQ9vJ8bJt3Wm0qUu7m2cK1yR5xA4dE6hG9iL0oN3sT")]
    pub client_secret: Option<String>,
}

impl Versioned for ClientWithSecret {
    fn version(&self) -> i64 {
        self.client.version
    }
}

/// What is kept under the key of a request that makes a secret: never the secret.
#[derive(Serialize, Deserialize)]
struct Made {
    client: ClientView,
    hash: String,
}

impl Made {
    fn of(client: Client) -> Self {
        Self { hash: hexadecimal(&client.secret_hash), client: client.into() }
    }

    fn with(self, secret: String) -> ClientWithSecret {
        let is_of_this_request = self.hash == hexadecimal(&secret::hash(&secret));
        ClientWithSecret { client: self.client, client_secret: is_of_this_request.then_some(secret) }
    }
}

fn fresh_client_secret() -> String {
    secret::fresh("ganhe_cs")
}

/// A client to register.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterClient {
    /// For whom it acts.
    pub organisation: Uuid,
    /// Its name.
    #[schema(example = "结算系统")]
    pub name: String,
    /// Roles that fit the kind of the organisation.
    #[schema(example = json!(["settlement_officer"]))]
    pub roles: Vec<String>,
    /// Permissions, each of which one of the roles carries: 1 or more.
    #[schema(example = json!(["confirm_money", "read_money"]), min_items = 1)]
    pub scopes: Vec<String>,
    /// Addresses and networks that it may come from; from anywhere when left out.
    #[serde(default)]
    #[schema(example = json!(["192.0.2.0/24", "2001:db8::7"]), max_items = 50)]
    pub networks: Vec<String>,
}

/// The items in their order, each once.
fn each_once<T: PartialEq>(items: Vec<T>) -> Vec<T> {
    items.into_iter().fold(Vec::new(), |mut kept, item| {
        if !kept.contains(&item) {
            kept.push(item);
        }
        kept
    })
}

impl RegisterClient {
    fn read(&self, secret: &str) -> Result<NewClient, Failure> {
        let mut fields = Fields::default();
        let roles_known: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        let scopes_known: Vec<&str> = Action::ALL.iter().map(|scope| scope.as_str()).collect();
        let name = fields.text("name", &self.name);
        let words = fields.count("roles", &self.roles, Role::ALL.len());
        let roles = each_once(fields.words("roles", words, Role::parse, &roles_known));
        let words = fields.count("scopes", &self.scopes, MOST_SCOPES);
        let scopes = each_once(fields.words("scopes", words, Action::parse, &scopes_known));
        let mut networks = Vec::new();
        if !self.networks.is_empty() {
            for (at, text) in fields.count("networks", &self.networks, MOST_NETWORKS).iter().enumerate() {
                let refusal = IdentityRefusal::BadNetwork { text: text.chars().take(60).collect() };
                networks.extend(fields.take_as(&format!("networks[{at}]"), network(text).ok_or(refusal)));
            }
        }
        let (organisation, secret_hash) = (OrganisationId(self.organisation), secret::hash(secret));
        fields.finish(name.map(|name| NewClient { organisation, name, roles, scopes, networks, secret_hash }))
    }
}

/// Register a client of the API. Its secret is in the answer, and nowhere else.
#[utoipa::path(post, path = "/api-clients", tag = "identity", operation_id = "register_client", request_body = RegisterClient,
    security(("bearer" = [])), extensions(("x-permission" = json!("manage_clients"))),
    responses((status = 201, description = "Registered", body = ClientWithSecret)))]
async fn register_client(State(shared): State<Shared>, command: Command<RegisterClient>) -> Reply<ClientWithSecret> {
    let permit = command.caller.may(Action::ManageClients)?;
    let secret = fresh_client_secret();
    let new = command.body.read(&secret)?;
    let made = shared
        .db
        .run_once(&permit, &command.key, &[new], |work, news| {
            Box::pin(async move { one(register_clients(work, news).await?, Made::of) })
        })
        .await?;
    Ok(Answer::created(made.with(secret)))
}

/// Clients of your organisation; all of them for the operator.
#[utoipa::path(get, path = "/api-clients", tag = "identity", operation_id = "list_clients", params(PagingParams),
    security(("bearer" = [])), extensions(("x-permission" = json!("manage_clients"))),
    responses((status = 200, description = "Clients in the order of registration", body = Listing<ClientView>)))]
async fn list_clients(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<ClientView>> {
    caller.may(Action::ManageClients)?;
    let found = queries::list_clients(&shared.db, &caller, &page).await?;
    Ok(Answer::plain(found.map(ClientView::from).into()))
}

/// A client.
#[utoipa::path(get, path = "/api-clients/{id}", tag = "identity", operation_id = "find_client",
    params(("id" = Uuid, Path, description = "The client")),
    security(("bearer" = [])), extensions(("x-permission" = json!("manage_clients"))),
    responses((status = 200, description = "The client", body = ClientView)))]
async fn find_client(State(shared): State<Shared>, Signed(caller): Signed, Id(id): Id<UserId>) -> Reply<ClientView> {
    caller.may(Action::ManageClients)?;
    Ok(Answer::ok(queries::find_client(&shared.db, &caller, id).await?.into()))
}

/// How long both secrets are good.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateSecret {
    /// Hours for which the present secret stays good beside the new one: 0 to 744; 24 when left out, 0 when it may be known to
    /// others.
    #[schema(example = 24, minimum = 0, maximum = 744)]
    #[serde(default, deserialize_with = "maybe_whole")]
    pub overlap_hours: Option<i64>,
}

impl RotateSecret {
    /// Until when the present secret is good, by the wall clock.
    ///
    /// # Errors
    /// [`IdentityRefusal::BadOverlap`].
    pub fn until(&self, clock: &Clock) -> Result<Moment, IdentityRefusal> {
        let hours = self.overlap_hours.unwrap_or(USUAL_OVERLAP);
        if !(0..=LONGEST_OVERLAP).contains(&hours) {
            return Err(IdentityRefusal::BadOverlap { most: LONGEST_OVERLAP.to_string() });
        }
        Ok(clock.wall_now().plus_minutes(hours * 60))
    }
}

/// Give a client another secret; the present one stays good for a while. Of three, the oldest ends. With a secret end the tokens that it got.
#[utoipa::path(post, path = "/api-clients/{id}/rotate", tag = "identity", operation_id = "rotate_client_secret",
    request_body = RotateSecret, params(("id" = Uuid, Path, description = "The client")),
    security(("bearer" = [])), extensions(("x-permission" = json!("manage_clients"))),
    responses((status = 200, description = "Rotated", body = ClientWithSecret)))]
async fn rotate_client_secret(
    State(shared): State<Shared>,
    Id(client): Id<UserId>,
    command: Command<RotateSecret>,
) -> Reply<ClientWithSecret> {
    let permit = command.caller.may(Action::ManageClients)?;
    let until = command.body.until(shared.db.clock())?;
    let secret = fresh_client_secret();
    let change = Change::Rotate { secret_hash: secret::hash(&secret), until };
    let change = ClientChange { client, expected: command.expected, change };
    let made = shared
        .db
        .run_once(&permit, &command.key, &[change], |work, changes| {
            Box::pin(async move { one(change_clients(work, changes).await?, Made::of) })
        })
        .await?;
    shared.authenticator.forget(client);
    Ok(Answer::ok(made.with(secret)))
}

async fn turn(shared: &Shared, client: UserId, command: Command<Empty>, state: ClientState) -> Reply<ClientView> {
    let permit = command.caller.may(Action::ManageClients)?;
    let change = ClientChange { client, expected: command.expected, change: Change::Turn(state) };
    let turned = shared
        .db
        .run_once(&permit, &command.key, &[change], |work, changes| {
            Box::pin(async move { one(change_clients(work, changes).await?, ClientView::from) })
        })
        .await?;
    shared.authenticator.forget(client);
    Ok(Answer::ok(turned))
}

/// Suspend a client: within seconds its tokens open nothing any more, on every node, also when it is reinstated.
#[utoipa::path(post, path = "/api-clients/{id}/suspend", tag = "identity", operation_id = "suspend_client",
    request_body = Empty, params(("id" = Uuid, Path, description = "The client")),
    security(("bearer" = [])), extensions(("x-permission" = json!("manage_clients"))),
    responses((status = 200, description = "Suspended", body = ClientView)))]
async fn suspend_client(
    State(shared): State<Shared>,
    Id(client): Id<UserId>,
    command: Command<Empty>,
) -> Reply<ClientView> {
    turn(&shared, client, command, ClientState::Suspended).await
}

/// Let a suspended client in again.
#[utoipa::path(post, path = "/api-clients/{id}/reinstate", tag = "identity", operation_id = "reinstate_client",
    request_body = Empty, params(("id" = Uuid, Path, description = "The client")),
    security(("bearer" = [])), extensions(("x-permission" = json!("manage_clients"))),
    responses((status = 200, description = "Active", body = ClientView)))]
async fn reinstate_client(
    State(shared): State<Shared>,
    Id(client): Id<UserId>,
    command: Command<Empty>,
) -> Reply<ClientView> {
    turn(&shared, client, command, ClientState::Active).await
}

/// Remove a client for good. What it did stays in its name.
#[utoipa::path(post, path = "/api-clients/{id}/remove", tag = "identity", operation_id = "remove_client",
    request_body = Empty, params(("id" = Uuid, Path, description = "The client")),
    security(("bearer" = [])), extensions(("x-permission" = json!("manage_clients"))),
    responses((status = 200, description = "Removed", body = ClientView)))]
async fn remove_client(
    State(shared): State<Shared>,
    Id(client): Id<UserId>,
    command: Command<Empty>,
) -> Reply<ClientView> {
    turn(&shared, client, command, ClientState::Removed).await
}
