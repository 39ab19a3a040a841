//! Rows of API clients, beside their rows among the users.

use super::client::{Client, ClientState};
use crate::access::Action;
use crate::access::token::joined;
use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::{lock_all, save_all};
use crate::entity;
use crate::identity::store as users;
use crate::identity::user::{User, UserKind};
use crate::kernel::ids::UserId;
use crate::kernel::{Failure, Moment};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

entity!(api_clients, "api_clients", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    state: String,
    scopes: String,
    networks: String,
    secret_hash: Vec<u8>,
    former_secret_hash: Option<Vec<u8>>,
    former_until: Option<i64>,
    registered_by: Uuid,
    version: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[Covered::of::<api_clients::Entity>()];

/// A client of its two rows.
pub fn client(row: api_clients::Model, user: User) -> Result<Client, Failure> {
    let strange = |what: &str, text: &str| Failure::bug(format!("a client has the unknown {what} {text}"));
    let scopes = row.scopes.split(' ').map(|scope| Action::parse(scope).ok_or_else(|| strange("scope", scope)));
    let networks = row.networks.split_whitespace().map(|text| text.parse().map_err(|_| strange("network", text)));
    Ok(Client {
        id: user.id,
        organisation: user.organisation,
        name: user.name,
        roles: user.roles,
        scopes: scopes.collect::<Result<_, _>>()?,
        networks: networks.collect::<Result<_, _>>()?,
        state: ClientState::parse(&row.state).ok_or_else(|| strange("state", &row.state))?,
        secret_hash: row.secret_hash,
        former: row.former_secret_hash.zip(row.former_until.map(Moment::from_micros)),
        registered_by: UserId(row.registered_by),
        registered_at: user.registered_at,
        version: row.version,
    })
}

impl From<&Client> for api_clients::Model {
    fn from(client: &Client) -> Self {
        let networks: Vec<String> = client.networks.iter().map(ToString::to_string).collect();
        let (former, until) = client.former.clone().unzip();
        Self {
            id: client.id.0,
            state: client.state.as_str().to_owned(),
            scopes: joined(&client.scopes),
            networks: networks.join(" "),
            secret_hash: client.secret_hash.clone(),
            former_secret_hash: former,
            former_until: until.map(Moment::micros),
            registered_by: client.registered_by.0,
            version: client.version,
        }
    }
}

/// The row of a client among the users. Its version there counts its registration and its changes of state.
fn user_of(client: &Client, version: i64) -> User {
    User {
        id: client.id,
        kind: UserKind::Client,
        organisation: client.organisation,
        login: client.id.to_string(),
        name: client.name.clone(),
        password_hash: None,
        roles: client.roles.clone(),
        is_active: client.state == ClientState::Active,
        version,
        registered_at: client.registered_at,
    }
}

pub async fn insert_clients(work: &Work, clients: &[Client]) -> Result<(), Failure> {
    let own: Vec<User> = clients.iter().map(|client| user_of(client, 1)).collect();
    users::insert_users(work, &own).await?;
    let rows = clients.iter().map(api_clients::Model::from).collect();
    save_all::<api_clients::Entity, api_clients::ActiveModel>(work, rows).await
}

pub async fn lock_client(work: &Work, id: UserId) -> Result<Option<Client>, Failure> {
    let Some(user) = users::lock_user(work, id).await? else { return Ok(None) };
    let rows = lock_all::<api_clients::Entity>(work, api_clients::Column::Id, &[id.0]).await?;
    rows.into_iter().next().map(|row| client(row, user)).transpose()
}

/// Saves a client, and its row among the users when its state has changed.
pub async fn save_client(work: &Work, client: &Client) -> Result<(), Failure> {
    let rows = vec![api_clients::Model::from(client)];
    save_all::<api_clients::Entity, api_clients::ActiveModel>(work, rows).await?;
    let user = users::lock_user(work, client.id).await?.ok_or_else(|| Failure::bug("a client is no user"))?;
    let changed = user_of(client, user.version + 1);
    if changed.is_active == user.is_active { Ok(()) } else { users::save_users(work, &[changed]).await }
}

/// Rows of clients with these ids.
pub async fn rows_of(
    connection: &impl sea_orm::ConnectionTrait,
    ids: &[UserId],
) -> Result<Vec<api_clients::Model>, Failure> {
    let wanted = api_clients::Column::Id.is_in(ids.iter().map(|id| id.0));
    Ok(api_clients::Entity::find().filter(wanted).all(connection).await?)
}
