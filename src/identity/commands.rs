//! Registering users.

use super::roster::{self, faults_of_roles};
use super::user::{User, UserKind};
use crate::access::Role;
use crate::db::Work;
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, UserId};
use crate::parties::{PartyRefusal, queries};

/// A user to register.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// For whom they act.
    pub organisation: OrganisationId,
    /// What they sign in with.
    pub login: String,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub roles: Vec<Role>,
    /// argon2id hash of their password; without one nobody can sign in as them yet.
    pub password_hash: Option<String>,
}

/// Registers users.
///
/// # Errors
/// [`PartyRefusal::UnknownOrganisation`], every fault of the roles, and
/// [`IdentityRefusal::LoginTaken`](super::error::IdentityRefusal::LoginTaken).
pub async fn register_users(work: &mut Work, news: &[NewUser]) -> Result<Vec<User>, Failure> {
    let ids: Vec<OrganisationId> = news.iter().map(|new| new.organisation).collect();
    let organisations = queries::organisations_by_id(work.connection(), &ids).await?;
    let mut users = Vec::with_capacity(news.len());
    for new in news {
        let organisation = organisations.get(&new.organisation).ok_or(PartyRefusal::UnknownOrganisation {})?;
        Failure::refused(faults_of_roles(organisation.kind, &new.roles))?;
        users.push(User {
            id: UserId::fresh(),
            kind: UserKind::Person,
            organisation: new.organisation,
            login: new.login.clone(),
            name: new.name.clone(),
            password_hash: new.password_hash.clone(),
            roles: new.roles.clone(),
            is_active: true,
            version: 1,
            registered_at: work.now(),
        });
    }
    roster::enter(work, &users).await?;
    Ok(users)
}
