//! How people sign in to an installation.

use crate::access::Passwords;
use std::time::Duration;

/// How long a second factor counts as given lately, when nothing else is said.
pub const USUAL_MINUTES: i64 = 15;

/// How long a node may go on believing what it last read of a session, a user or a client. This is the bound within which other
/// roles, the removal of a client or the end of a session holds on every node.
pub const REMEMBERED: Duration = Duration::from_secs(1);

/// Whether acts that move rights or money need a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactor {
    /// Within so many minutes before the act.
    Required {
        /// How many.
        minutes: i64,
    },
    /// Never: only for a demonstration, where nothing is at stake. Whoever has enrolled one is asked for it all the same when
    /// they sign in.
    Off,
}

/// How people sign in.
#[derive(Debug, Clone)]
pub struct SignInRules {
    /// Hashes passwords.
    pub passwords: Passwords,
    /// What moving rights or money takes.
    pub second_factor: SecondFactor,
    /// How long a node remembers what it read of a session; [`REMEMBERED`] but in tests.
    pub remembered: Duration,
}

impl Default for SignInRules {
    fn default() -> Self {
        let second_factor = SecondFactor::Required { minutes: USUAL_MINUTES };
        Self { passwords: Passwords::default(), second_factor, remembered: REMEMBERED }
    }
}
