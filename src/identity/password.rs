//! argon2id, with the library's recommended parameters (19 MiB, 2 passes, 1 lane), off the threads that serve requests.

use super::error::IdentityRefusal;
use crate::kernel::Failure;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use std::sync::OnceLock;

/// Shortest password; NIST SP 800-63B asks for at least 8, and these sign for loans.
const SHORTEST: usize = 12;

/// Hashes a new password.
///
/// # Errors
/// [`IdentityRefusal::WeakPassword`].
pub async fn hash(password: String) -> Result<String, Failure> {
    if password.chars().count() < SHORTEST {
        return Err(IdentityRefusal::WeakPassword { least: SHORTEST.to_string() }.into());
    }
    tokio::task::spawn_blocking(move || hash_now(&password)).await.map_err(Failure::bug)?
}

fn hash_now(password: &str) -> Result<String, Failure> {
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|error| Failure::bug(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether the password is the one that was hashed. Without a hash it takes as long and says no, so that the time taken
/// does not tell whether a login exists.
///
/// # Errors
/// A fault of the hashing library.
pub async fn matches(password: String, hash: Option<String>) -> Result<bool, Failure> {
    tokio::task::spawn_blocking(move || {
        static NOBODY: OnceLock<String> = OnceLock::new();
        let is_somebody = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => match NOBODY.get() {
                Some(hash) => hash.clone(),
                None => NOBODY.get_or_init(|| hash_now("nobody has this password").unwrap_or_default()).clone(),
            },
        };
        let parsed = PasswordHash::new(&hash).map_err(|error| Failure::bug(error.to_string()))?;
        let is_match = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
        Ok(is_match && is_somebody)
    })
    .await
    .map_err(Failure::bug)?
}
