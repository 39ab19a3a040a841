//! A user of an organisation.

use crate::access::Role;
use crate::kernel::Moment;
use crate::kernel::ids::{OrganisationId, UserId};

accounting::words! {
    /// What acts.
    UserKind {
        /// A person, who signs in.
        Person = "person",
        /// A program, which has a secret.
        Client = "client",
    }
}

/// A login as it is kept and compared: nobody is somebody else by a capital letter.
pub fn folded(login: &str) -> String {
    login.trim().to_lowercase()
}

/// A person or program that acts for one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Identity.
    pub id: UserId,
    /// Which of the two.
    pub kind: UserKind,
    /// For whom they act.
    pub organisation: OrganisationId,
    /// What they sign in with, in lower case; of a client its id.
    pub login: String,
    /// Their name.
    pub name: String,
    /// argon2id hash; without one nobody can sign in as them yet.
    pub password_hash: Option<String>,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Whether they may act.
    pub is_active: bool,
    /// Counts from 1.
    pub version: i64,
    /// When they were registered.
    pub registered_at: Moment,
}
