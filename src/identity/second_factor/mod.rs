//! The second factor of a person: codes of an authenticator app (TOTP, RFC 6238: SHA-1, 6 digits, 30 seconds, because that is what
//! every app can do), and recovery codes for the day on which it is lost. Each code is good once.
//!
//! States: pending (the secret was shown) → active (a code of it was given) → removed (by an administrator) → pending again.

pub mod commands;
pub mod queries;
mod store;

pub use store::COVERED;

use super::secret;
use crate::kernel::ids::UserId;
use crate::kernel::{Failure, Moment};
use accounting::hexadecimal;
use totp_rs::{Builder, Secret, Totp};

/// Recovery codes that are given at a time.
pub const RECOVERY_CODES: usize = 10;
/// Groups of a recovery code: almost a hundred bits.
const RECOVERY_GROUPS: usize = 4;
/// Bytes of a secret, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;

accounting::words! {
    /// How far a second factor is.
    FactorState {
        /// Its secret was shown, and no code of it was given yet.
        Pending = "pending",
        /// It is asked for.
        Active = "active",
        /// An administrator has removed it.
        Removed = "removed",
    }
}

/// A person's second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// Whose.
    pub user: UserId,
    /// How far it is.
    pub state: FactorState,
    /// The secret, base32.
    pub secret: String,
    /// Hashes of the recovery codes that are left.
    pub recovery_codes: Vec<String>,
    /// Who changed it last.
    pub changed_by: UserId,
    /// When, in wall time.
    pub changed_at: Moment,
    /// Counts from 1.
    pub version: i64,
}

impl SecondFactor {
    /// A fresh secret, base32.
    pub fn fresh_secret() -> String {
        Secret::from(rand::random::<[u8; SECRET_BYTES]>().to_vec()).to_base32()
    }

    fn totp(&self, login: &str) -> Result<Totp, Failure> {
        let secret = Secret::try_from_base32(&self.secret).map_err(|error| Failure::bug(error.to_string()))?;
        // A colon separates issuer and account in the address that apps read.
        let totp =
            Builder::new().with_secret(secret).with_issuer(Some("Ganhe")).with_account_name(login.replace(':', "."));
        totp.build().map_err(|error| Failure::bug(error.to_string()))
    }

    /// The address that authenticator apps read, usually from a QR code.
    ///
    /// # Errors
    /// A fault of the library.
    pub fn address(&self, login: &str) -> Result<String, Failure> {
        self.totp(login)?.to_url().map_err(|error| Failure::bug(error.to_string()))
    }

    /// The time step of which this is the code: the present one, or one beside it.
    ///
    /// # Errors
    /// A fault of the library.
    pub fn step_of(&self, code: &str, now: Moment) -> Result<Option<i64>, Failure> {
        let seconds = u64::try_from(now.seconds()).map_err(Failure::bug)?;
        let step = self.totp("")?.check(code, seconds);
        step.map(|step| i64::try_from(step).map_err(Failure::bug)).transpose()
    }

    /// Uses up a recovery code. Tells whether it was one.
    pub fn take_recovery_code(&mut self, code: &str) -> bool {
        let given = hexadecimal(&secret::hash_code(code));
        let before = self.recovery_codes.len();
        self.recovery_codes.retain(|hash| !secret::is_same(hash.as_bytes(), given.as_bytes()));
        self.recovery_codes.len() < before
    }
}

/// Fresh recovery codes, and the hashes that are kept of them.
pub fn fresh_recovery_codes() -> (Vec<String>, Vec<String>) {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| secret::fresh_code(RECOVERY_GROUPS)).collect();
    let hashes = codes.iter().map(|code| hexadecimal(&secret::hash_code(code))).collect();
    (codes, hashes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(secret: &str) -> SecondFactor {
        SecondFactor {
            user: UserId::fresh(),
            state: FactorState::Active,
            secret: secret.to_owned(),
            recovery_codes: Vec::new(),
            changed_by: UserId::fresh(),
            changed_at: Moment::from_micros(0),
            version: 1,
        }
    }

    /// RFC 6238, appendix B: SHA-1, the last six of eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let factor = factor("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            let at = |seconds: i64| Moment::from_micros(seconds * 1_000_000);
            assert_eq!(factor.step_of(code, at(seconds)).unwrap(), Some(seconds / 30));
            assert_eq!(factor.step_of(code, at(seconds + 30)).unwrap(), Some(seconds / 30), "a step late");
            assert_eq!(factor.step_of(code, at(seconds + 90)).unwrap(), None);
        }
    }

    #[test]
    fn a_recovery_code_is_good_once() {
        let (codes, hashes) = fresh_recovery_codes();
        let mut factor = SecondFactor { recovery_codes: hashes, ..factor("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") };
        assert!(factor.take_recovery_code(&codes[3].to_lowercase()));
        assert!(!factor.take_recovery_code(&codes[3]));
        assert_eq!(factor.recovery_codes.len(), RECOVERY_CODES - 1);
        assert!(!factor.take_recovery_code(""));
    }

    #[test]
    fn an_app_reads_secret_login_and_issuer_from_one_address() {
        let address = factor(&SecondFactor::fresh_secret()).address("mill:first").unwrap();
        assert!(address.starts_with("otpauth://totp/Ganhe:mill.first?secret="), "{address}");
    }
}
