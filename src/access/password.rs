//! Passwords: the rule for a new one, and argon2id, off the threads that serve requests and only a few at a time: each hash
//! takes a core for tens of milliseconds and megabytes of memory, and whoever signs in must not starve the others.

use crate::kernel::{Failure, Kind};
use crate::refusals;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Shortest password in characters; NIST SP 800-63B asks for at least 8, and these sign for loans.
const SHORTEST: usize = 12;
/// Longest password in characters: enough for any sentence, and a bound on what is hashed.
const LONGEST: usize = 256;
/// How long a hash may wait for its turn before the caller is told to come back.
const PATIENCE: Duration = Duration::from_secs(10);

refusals! {
    /// What a new password must not be.
    PasswordRefusal {
        /// Too short or too long.
        BadLength { least, most } => Refused "AUT_WEAK_PASSWORD" at "password": "密码须为 {least} 至 {most} 个字符", "a password has {least} to {most} characters";
        /// The login itself.
        IsLogin {} => Refused "AUT_PASSWORD_IS_LOGIN" at "password": "密码不得与用户名相同", "the password must not be the login";
        /// The password that it shall replace.
        IsOld {} => Refused "AUT_PASSWORD_IS_OLD" at "password": "新密码不得与原密码相同", "the new password must not be the old one";
        /// With characters that no keyboard makes.
        ControlCharacter {} => Refused "AUT_PASSWORD_CONTROL_CHARACTER" at "password": "密码不得含有控制字符", "the password must not contain control characters";
    }
}

/// What hashing costs, and how much of it may happen at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory of one hash, in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// Hashes at the same time in this process.
    pub at_once: usize,
}

impl Default for Cost {
    /// OWASP's recommendation for argon2id: 19 MiB, 2 passes, 1 lane. Half of the cores may hash.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { memory: 19 * 1024, passes: 2, lanes: 1, at_once: (cores / 2).max(1) }
    }
}

impl Cost {
    fn passwords(self, params: Params) -> Passwords {
        let turns = Arc::new(Semaphore::new(self.at_once));
        Passwords { params, turns, patience: PATIENCE, nobody: Arc::default() }
    }
}

impl Default for Passwords {
    fn default() -> Self {
        // The library's own parameters are those of the usual cost.
        Cost::default().passwords(Params::default())
    }
}

/// Hashes passwords and compares them.
#[derive(Debug, Clone)]
pub struct Passwords {
    params: Params,
    turns: Arc<Semaphore>,
    patience: Duration,
    /// A hash of these parameters that no password has.
    nobody: Arc<OnceLock<String>>,
}

impl Passwords {
    /// At this cost.
    ///
    /// # Errors
    /// A cost that argon2 does not know, in words.
    pub fn new(cost: Cost) -> Result<Self, String> {
        let params = Params::new(cost.memory, cost.passes, cost.lanes, None).map_err(|error| error.to_string())?;
        if cost.at_once == 0 {
            return Err("nothing could be hashed at once".to_owned());
        }
        Ok(cost.passwords(params))
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// Every broken rule for it at once; [`Kind::Busy`] when too many wait.
    pub async fn hash_new(&self, password: String, login: &str) -> Result<String, Failure> {
        judge_new(&password, login)?;
        self.hash(password).await
    }

    /// Hashes a password that was accepted before: at a sign-in, after the cost was changed.
    ///
    /// # Errors
    /// [`Kind::Busy`] when too many wait.
    pub async fn hash(&self, password: String) -> Result<String, Failure> {
        let params = self.params.clone();
        self.in_turn(move || hash_now(&params, &password)).await
    }

    /// Whether the password is the one that was hashed. Without a hash it takes as long and says no, so that the time taken
    /// does not tell whether a login exists.
    ///
    /// # Errors
    /// [`Kind::Busy`] when too many wait; a fault of the hashing library.
    pub async fn matches(&self, password: String, hash: Option<String>) -> Result<bool, Failure> {
        let (params, nobody) = (self.params.clone(), Arc::clone(&self.nobody));
        self.in_turn(move || {
            // Nobody has a password that is too long; it is not worth hashing.
            let fits = password.chars().count() <= LONGEST;
            let is_somebody = hash.is_some() && fits;
            let compared = match hash {
                Some(hash) => hash,
                None => {
                    nobody.get_or_init(|| hash_now(&params, "nobody has this password").unwrap_or_default()).clone()
                }
            };
            let parsed = PasswordHash::new(&compared).map_err(|error| Failure::bug(error.to_string()))?;
            let given = if fits { password.as_bytes() } else { b"" };
            let is_match = Argon2::default().verify_password(given, &parsed).is_ok();
            Ok(is_match && is_somebody)
        })
        .await
    }

    /// Whether a hash was made at another cost than today's.
    pub fn is_outdated(&self, hash: &str) -> bool {
        let parsed = PasswordHash::new(hash).ok();
        let made_at = parsed.and_then(|hash| Some((hash.algorithm.to_string(), Params::try_from(&hash).ok()?)));
        made_at.is_none_or(|(algorithm, params)| {
            let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
            algorithm != Algorithm::Argon2id.as_str() || cost(&params) != cost(&self.params)
        })
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let busy =
            || Failure { kind: Kind::Busy, violations: Vec::new(), source: Some("too many sign-ins wait".into()) };
        let turn = tokio::time::timeout(self.patience, Arc::clone(&self.turns).acquire_owned());
        let turn = turn.await.map_err(|_| busy())?.map_err(Failure::bug)?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            // Only now: a caller who goes away does not end the hashing.
            drop(turn);
            done
        });
        done.await.map_err(Failure::bug)?
    }
}

/// Judges a new password.
///
/// # Errors
/// Every broken rule for it at once.
pub fn judge_new(password: &str, login: &str) -> Result<(), Failure> {
    let mut broken = Vec::new();
    if !(SHORTEST..=LONGEST).contains(&password.chars().count()) {
        broken.push(PasswordRefusal::BadLength { least: SHORTEST.to_string(), most: LONGEST.to_string() });
    }
    if password.to_lowercase() == login.to_lowercase() {
        broken.push(PasswordRefusal::IsLogin {});
    }
    if password.chars().any(char::is_control) {
        broken.push(PasswordRefusal::ControlCharacter {});
    }
    Failure::all(&broken)
}

fn hash_now(params: &Params, password: &str) -> Result<String, Failure> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let hash = argon2.hash_password(password.as_bytes()).map_err(|error| Failure::bug(error.to_string()))?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap(at_once: usize) -> Passwords {
        Passwords::new(Cost { memory: 64, passes: 1, lanes: 1, at_once }).unwrap()
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_and_no_other() {
        let passwords = cheap(1);
        let hash = passwords.hash_new("correct-horse".to_owned(), "mill").await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(passwords.matches("correct-horse".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.matches("correct-house".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.matches("x".repeat(257), Some(hash)).await.unwrap());
        assert!(!passwords.matches("nobody has this password".to_owned(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_weak_password_is_told_every_rule_that_it_breaks() {
        let refused = async |password: &str, login: &str| -> Vec<String> {
            let failure = cheap(1).hash_new(password.to_owned(), login).await.unwrap_err();
            failure.violations.into_iter().map(|violation| violation.code.into_owned()).collect()
        };
        assert_eq!(refused("short\0", "SHORT\0").await.len(), 3);
        assert_eq!(refused("tongcheng.officer", "Tongcheng.Officer").await, ["AUT_PASSWORD_IS_LOGIN"]);
        assert_eq!(refused(&"x".repeat(257), "mill").await, ["AUT_WEAK_PASSWORD"]);
        assert!(cheap(1).hash_new("十二个汉字也是一个密码呀".to_owned(), "mill").await.is_ok());
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_outdated() {
        let (passwords, dearer) = (cheap(1), Passwords::new(Cost { memory: 128, ..Cost::default() }).unwrap());
        let hash = passwords.hash("correct-horse".to_owned()).await.unwrap();
        assert!(!passwords.is_outdated(&hash) && dearer.is_outdated(&hash) && dearer.is_outdated("no hash"));
    }

    #[tokio::test]
    async fn whoever_waits_too_long_is_told_to_come_back() {
        let passwords = Passwords { patience: Duration::from_millis(20), ..cheap(1) };
        let turn = Arc::clone(&passwords.turns).acquire_owned().await.unwrap();
        let failure = passwords.matches("correct-horse".to_owned(), None).await.unwrap_err();
        assert_eq!(failure.kind, Kind::Busy);
        drop(turn);
        assert!(!passwords.matches("correct-horse".to_owned(), None).await.unwrap());
    }
}
