//! Registering API clients, rotating their secrets, suspending and removing them.

use super::client::{Client, ClientState, faults_of_scopes};
use super::queries::is_theirs;
use super::store;
use crate::access::{Action, Role};
use crate::db::Work;
use crate::http::extract::{expect_version, not_found};
use crate::identity::roster::faults_of_roles;
use crate::kernel::ids::{OrganisationId, UserId};
use crate::kernel::{Failure, Moment};
use crate::parties::{PartyRefusal, queries};
use ipnet::IpNet;

/// A client to register.
#[derive(Debug, Clone)]
pub struct NewClient {
    /// For whom it acts.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: String,
    /// What it may be.
    pub roles: Vec<Role>,
    /// What its tokens may be asked for.
    pub scopes: Vec<Action>,
    /// Where it may come from; anywhere when empty.
    pub networks: Vec<IpNet>,
    /// SHA-256 of its secret.
    pub secret_hash: Vec<u8>,
}

/// Registers clients: of the caller's own organisation, or of any when the caller runs the platform.
///
/// # Errors
/// [`PartyRefusal::UnknownOrganisation`], and for each client every broken rule about its roles and scopes.
pub async fn register_clients(work: &Work, news: &[NewClient]) -> Result<Vec<Client>, Failure> {
    let ids: Vec<OrganisationId> = news.iter().map(|new| new.organisation).collect();
    let organisations = queries::organisations_by_id(work.connection(), &ids).await?;
    let mut clients = Vec::with_capacity(news.len());
    for new in news {
        let organisation = organisations.get(&new.organisation).ok_or(PartyRefusal::UnknownOrganisation {})?;
        let mut faults = faults_of_roles(organisation.kind, &new.roles);
        faults.extend(faults_of_scopes(&new.roles, &new.scopes));
        Failure::refused(faults)?;
        let client = Client {
            id: UserId::fresh(),
            organisation: new.organisation,
            name: new.name.clone(),
            roles: new.roles.clone(),
            scopes: new.scopes.clone(),
            networks: new.networks.clone(),
            state: ClientState::Active,
            secret_hash: new.secret_hash.clone(),
            former: None,
            registered_by: work.caller().user,
            registered_at: work.now(),
            version: 1,
        };
        if !is_theirs(work.caller(), &client) {
            return Err(PartyRefusal::UnknownOrganisation {}.into());
        }
        clients.push(client);
    }
    store::insert_clients(work, &clients).await?;
    Ok(clients)
}

/// What happens to a client.
#[derive(Debug, Clone)]
pub enum Change {
    /// It gets another secret; the present one stays good until an instant of wall time.
    Rotate {
        /// SHA-256 of the new one.
        secret_hash: Vec<u8>,
        /// Until when both are good.
        until: Moment,
    },
    /// It goes into another state.
    Turn(ClientState),
}

/// A client to change, in the version that its keeper has seen.
#[derive(Debug, Clone)]
pub struct ClientChange {
    /// Which.
    pub client: UserId,
    /// In which version, when that was said.
    pub expected: Option<i64>,
    /// What happens to it.
    pub change: Change,
}

/// Changes clients.
///
/// # Errors
/// Not found, stale, or as [`Client::rotate`] and [`Client::turn`].
pub async fn change_clients(work: &Work, changes: &[ClientChange]) -> Result<Vec<Client>, Failure> {
    let mut clients = Vec::with_capacity(changes.len());
    for ClientChange { client, expected, change } in changes {
        let found = store::lock_client(work, *client).await?.filter(|client| is_theirs(work.caller(), client));
        let client = found.ok_or_else(|| not_found("client"))?;
        expect_version(*expected, client.version)?;
        let client = match change {
            Change::Rotate { secret_hash, until } => client.rotate(secret_hash.clone(), *until)?,
            Change::Turn(state) => client.turn(*state)?,
        };
        store::save_client(work, &client).await?;
        clients.push(client);
    }
    Ok(clients)
}
