//! Whom a visitor of the demonstration may sign in as: the one place where the portal meets the demonstration.

use crate::demo;
use crate::portal::Guest;
use std::sync::Arc;

/// The logins of the demonstration.
pub fn guests() -> Arc<[Guest]> {
    let guest = |login: &demo::Login| Guest { login: login.login, password: demo::PASSWORD, role: login.role.as_str() };
    demo::LOGINS.iter().map(guest).collect()
}
