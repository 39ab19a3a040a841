//! The users of organisations as their administrators keep them: read under lock, and written.

use super::commands::NewUser;
use super::error::IdentityRefusal;
use super::store;
use super::user::{User, UserKind};
use crate::access::Role;
use crate::db::Work;
use crate::db::failure::on_unique;
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, UserId};
use crate::parties::OrganisationKind;

/// Locks the people of organisations in id order; clients are kept elsewhere.
///
/// # Errors
/// A fault of the database.
pub async fn lock_users(work: &Work, organisations: &[OrganisationId]) -> Result<Vec<User>, Failure> {
    store::lock_users_of(work, organisations).await
}

/// Writes users that were locked.
///
/// # Errors
/// A fault of the database.
pub async fn save_users(work: &Work, users: &[User]) -> Result<(), Failure> {
    store::save_users(work, users).await
}

/// Enters the caller of the work as the first user of the organisation that it registers.
///
/// # Errors
/// [`IdentityRefusal::LoginTaken`].
pub async fn enter_caller(work: &Work, new: &NewUser) -> Result<User, Failure> {
    let user = User {
        id: work.caller().user,
        kind: UserKind::Person,
        organisation: new.organisation,
        login: new.login.clone(),
        name: new.name.clone(),
        password_hash: new.password_hash.clone(),
        roles: new.roles.clone(),
        is_active: true,
        version: 1,
        registered_at: work.now(),
    };
    store::insert_users(work, std::slice::from_ref(&user)).await.map_err(|failure| {
        let login = new.login.clone();
        on_unique(failure, "users_login", "users.login", || IdentityRefusal::LoginTaken { login })
    })?;
    Ok(user)
}

/// Users by id.
///
/// # Errors
/// A fault of the database.
pub async fn users_by_id(work: &Work, ids: &[UserId]) -> Result<Vec<User>, Failure> {
    store::users_by_id(work.connection(), ids).await
}

/// What stands against these roles in an organisation of a kind.
pub fn faults_of_roles(kind: OrganisationKind, roles: &[Role]) -> Vec<IdentityRefusal> {
    let unfit = roles.iter().filter(|role| !kind.roles().contains(role));
    let mismatch =
        |role: &Role| IdentityRefusal::RoleMismatch { role: role.as_str().to_owned(), kind: kind.as_str().to_owned() };
    let mut faults: Vec<IdentityRefusal> = unfit.map(mismatch).collect();
    if roles.is_empty() {
        faults.push(IdentityRefusal::NoRole {});
    }
    // An enterprise or a bank decides about its own; what an office decides binds others.
    if !kind.may_apply() && roles.len() > 1 && roles.contains(&Role::OrganisationAdmin) {
        faults.push(IdentityRefusal::AdministratorApart {});
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Refusal;

    #[test]
    fn a_user_has_a_role_and_only_such_as_fit_the_organisation() {
        let faults = |roles: &[Role]| -> Vec<_> {
            faults_of_roles(OrganisationKind::Bank, roles).iter().map(|fault| fault.violation().code).collect()
        };
        assert_eq!(faults(&[]), ["ORG_NO_ROLE"]);
        assert_eq!(faults(&[Role::EnterpriseTrader]), ["ORG_ROLE_MISMATCH"]);
        assert!(faults(&[Role::PledgeeOfficer]).is_empty());
    }
}
