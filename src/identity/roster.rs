//! The users of organisations as their administrators keep them: read under lock, and written.

use super::commands::NewUser;
use super::error::IdentityRefusal;
use super::store;
use super::user::{User, UserKind};
use crate::access::Role;
use crate::db::Work;
use crate::db::failure::on_unique;
use crate::kernel::ids::{OrganisationId, UserId};
use crate::kernel::{Failure, Refusal, Violation};
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
    enter(work, std::slice::from_ref(&user)).await?;
    Ok(user)
}

/// Writes new users.
///
/// # Errors
/// [`IdentityRefusal::LoginTaken`], also by one that differs in nothing but the case of its letters.
pub async fn enter(work: &Work, users: &[User]) -> Result<(), Failure> {
    let taken = || {
        let login = users.first().map(|user| user.login.clone()).unwrap_or_default();
        IdentityRefusal::LoginTaken { login }
    };
    let failure = |failure| on_unique(failure, "users_login", "users.login", taken);
    let folded = |failure| on_unique(failure, "users_login_folded", "index 'users_login_folded'", taken);
    store::insert_users(work, users).await.map_err(|refused| folded(failure(refused)))
}

/// Users by id.
///
/// # Errors
/// A fault of the database.
pub async fn users_by_id(work: &Work, ids: &[UserId]) -> Result<Vec<User>, Failure> {
    store::users_by_id(work.connection(), ids).await
}

/// What stands against these roles in an organisation of a kind, each role by its place in the list.
pub fn faults_of_roles(kind: OrganisationKind, roles: &[Role]) -> Vec<Violation> {
    let unfit = roles.iter().enumerate().filter(|(_, role)| !kind.roles().contains(role));
    let mismatch = |(at, role): (usize, &Role)| {
        let (role, kind) = (role.as_str().to_owned(), kind.as_str().to_owned());
        IdentityRefusal::RoleMismatch { role, kind }.violation().about(&format!("roles[{at}]"))
    };
    let mut faults: Vec<Violation> = unfit.map(mismatch).collect();
    let twice = roles.iter().enumerate().filter(|(at, role)| roles.iter().take(*at).any(|earlier| earlier == *role));
    faults.extend(twice.map(|(at, role)| {
        let role = role.as_str().to_owned();
        IdentityRefusal::RoleTwice { role }.violation().about(&format!("roles[{at}]"))
    }));
    if roles.is_empty() {
        faults.push(IdentityRefusal::NoRole {}.violation());
    }
    // An enterprise or a bank decides about its own; what an office decides binds others.
    if !kind.may_apply() && roles.len() > 1 && roles.contains(&Role::OrganisationAdmin) {
        faults.push(IdentityRefusal::AdministratorApart {}.violation());
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_a_role_and_only_such_as_fit_the_organisation() {
        let faults = |roles: &[Role]| -> Vec<_> {
            faults_of_roles(OrganisationKind::Bank, roles).into_iter().map(|fault| fault.code).collect()
        };
        assert_eq!(faults(&[]), ["ORG_NO_ROLE"]);
        assert_eq!(faults(&[Role::EnterpriseTrader]), ["ORG_ROLE_MISMATCH"]);
        assert!(faults(&[Role::PledgeeOfficer]).is_empty());
        assert_eq!(faults(&[Role::PledgeeOfficer, Role::PledgeeOfficer]), ["ORG_ROLE_TWICE"]);
    }
}
