//! A user of an organisation.

use super::error::IdentityRefusal;
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

/// A login for somebody new, as it is kept. Its letters are few, so that no two logins look alike in another alphabet; older ones may have
/// others.
///
/// # Errors
/// [`IdentityRefusal::BadLogin`].
pub fn new_login(text: &str) -> Result<String, IdentityRefusal> {
    let login = folded(text);
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-@".contains(&byte);
    if !login.is_empty() && login.bytes().all(is_plain) { Ok(login) } else { Err(IdentityRefusal::BadLogin {}) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_login_is_of_plain_letters() {
        assert_eq!(new_login(" Chen.Trader-2@mill_1 "), Ok("chen.trader-2@mill_1".to_owned()));
        // Cyrillic, full-width, with a blank, a line feed, a character without width, or nothing.
        for strange in ["сhen.trader", "ｃhen", "chen trader", "chen\ntrader", "chen\u{200b}", "陈", "chen'--", " "]
        {
            assert_eq!(new_login(strange), Err(IdentityRefusal::BadLogin {}), "{strange:?}");
        }
    }
}
