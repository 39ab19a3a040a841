//! Guessing is slowed down: after some failures each further one makes the next attempt wait twice as long. Attempts inside the wait
//! are not judged and not counted, so that the wait ends whatever others do meanwhile. It is counted in the database, so that it
//! holds over nodes and restarts.
//!
//! Five counts stand side by side, each with its purpose:
//! - a login from one address: the ordinary guesser. Its success clears it.
//! - an address over all logins: who tries one password on many logins. Success does not clear it, or anybody with one good login
//!   could clear it at will.
//! - a login over all addresses: who guesses one login from many addresses. It does not bind an address from which that login has
//!   signed in lately, so that nobody can lock a person out of their own office.
//! - the codes of a person: only who knows the password comes this far.
//! - an API client from one address, and such an address over all clients: a secret is too long to be guessed, but whoever tries
//!   shall not do it at the speed of the machine. Nothing is counted over all addresses, so that nobody who has read a client's id in a
//!   journal can shut it out, and nothing beside people's sign-ins, so that a program with an old secret harms no one behind its address.

mod store;

use crate::access::token::Tokens;
use crate::access::{Action, Caller, Permit, Role};
use crate::db::{Db, Work};
use crate::identity::error::IdentityRefusal;
use crate::identity::user::folded;
use crate::kernel::ids::UserId;
use crate::kernel::{Failure, Moment};
use std::net::IpAddr;

/// Longest wait, in seconds: long enough to make guessing hopeless, short enough to be sat out.
const LONGEST_WAIT: i64 = 15 * 60;
/// After how many seconds without a failure a count is forgotten.
const FORGOTTEN: i64 = 24 * 60 * 60;

/// What failures are counted against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// A login from one address.
    LoginFromAddress,
    /// A login from anywhere.
    Login,
    /// An address, whatever the login.
    Address,
    /// The codes of a person.
    Codes,
    /// An API client from one address.
    ClientFromAddress,
    /// An address, whatever the API client.
    Clients,
}

impl Count {
    fn word(self) -> &'static str {
        match self {
            Self::LoginFromAddress => "login-from-address",
            Self::Login => "login",
            Self::Address => "address",
            Self::Codes => "codes",
            Self::ClientFromAddress => "client-from-address",
            Self::Clients => "clients",
        }
    }

    /// Failures that cost nothing: people mistype, and many people share an address.
    fn free(self) -> i64 {
        match self {
            Self::LoginFromAddress | Self::Codes | Self::ClientFromAddress => 5,
            Self::Login => 20,
            Self::Address | Self::Clients => 100,
        }
    }

    /// How many seconds the next attempt waits after so many failures.
    pub fn wait(self, failures: i64) -> i64 {
        match failures.saturating_sub(self.free()) {
            over if over <= 0 => 0,
            over => u32::try_from(over - 1)
                .ok()
                .and_then(|over| 1_i64.checked_shl(over.min(40)))
                .map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT)),
        }
    }
}

/// One count of failures: what it is of, under a keyed hash, because people type passwords into the field for the login.
#[derive(Debug, Clone)]
pub struct Subject {
    count: Count,
    name: String,
}

impl Subject {
    fn new(tokens: &Tokens, count: Count, of: &[&str]) -> Result<Self, Failure> {
        let hash = tokens.request_hash(count.word(), of.join("\0").as_bytes())?;
        Ok(Self { count, name: format!("{} {hash}", count.word()) })
    }
}

/// The neighbourhood by which an address is counted: an IPv6 customer has a whole /64 to choose from.
fn neighbourhood(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{:x}", u128::from(address) >> 64),
    }
}

/// An attempt to sign in with a login from an address.
#[derive(Debug)]
pub struct Attempt {
    subjects: Vec<Subject>,
}

impl Attempt {
    /// To sign in as a login, from an address.
    ///
    /// # Errors
    /// A fault of the key library.
    pub fn of_login(tokens: &Tokens, login: &str, address: IpAddr) -> Result<Self, Failure> {
        let (login, near) = (folded(login), neighbourhood(address));
        let subject = |count, of: &[&str]| Subject::new(tokens, count, of);
        let subjects = vec![
            subject(Count::LoginFromAddress, &[&login, &near])?,
            subject(Count::Login, &[&login])?,
            subject(Count::Address, &[&near])?,
        ];
        Ok(Self { subjects })
    }

    /// To give a code of a person.
    ///
    /// # Errors
    /// A fault of the key library.
    pub fn of_code(tokens: &Tokens, user: UserId) -> Result<Self, Failure> {
        Ok(Self { subjects: vec![Subject::new(tokens, Count::Codes, &[&user.to_string()])?] })
    }

    /// To get a token as an API client, from an address.
    ///
    /// # Errors
    /// A fault of the key library.
    pub fn of_client(tokens: &Tokens, client: &str, address: IpAddr) -> Result<Self, Failure> {
        let near = neighbourhood(address);
        let subjects = vec![
            Subject::new(tokens, Count::ClientFromAddress, &[client, &near])?,
            Subject::new(tokens, Count::Clients, &[&near])?,
        ];
        Ok(Self { subjects })
    }

    /// Refuses an attempt that comes too early. `is_at_home` says that the login has signed in from this address lately: then only
    /// the count of both together binds it.
    ///
    /// # Errors
    /// [`IdentityRefusal::TooManyFailures`].
    pub async fn judge(&self, db: &Db, is_at_home: bool) -> Result<(), Failure> {
        let binds = |subject: &&Subject| !is_at_home || matches!(subject.count, Count::LoginFromAddress | Count::Codes);
        let names: Vec<&str> = self.subjects.iter().filter(binds).map(|subject| subject.name.as_str()).collect();
        let until = store::refused_until(db, &names).await?;
        let left = until.saturating_sub(db.clock().wall_now().micros());
        if left <= 0 {
            return Ok(());
        }
        let seconds = u64::try_from((left + 999_999).div_euclid(1_000_000)).unwrap_or(1);
        let refusal = IdentityRefusal::TooManyFailures { seconds: seconds.to_string() };
        Err(Failure::from(refusal).retried_after(seconds))
    }

    /// Counts a failure.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn failed(&self, db: &Db) -> Result<(), Failure> {
        db.run(&counter()?, self, |work, attempt| Box::pin(attempt.count(work))).await
    }

    async fn count(&self, work: &Work) -> Result<(), Failure> {
        let now = work.clock().wall_now();
        let forgotten = Moment::from_micros(now.micros().saturating_sub(FORGOTTEN * 1_000_000));
        // In one order everywhere, so that two failures of one address do not wait for each other in a circle.
        let mut subjects: Vec<&Subject> = self.subjects.iter().collect();
        subjects.sort_by(|a, b| a.name.cmp(&b.name));
        for subject in subjects {
            let failures = store::count_failure(work, &subject.name, now, forgotten).await?;
            let until = now.micros().saturating_add(subject.count.wait(failures).saturating_mul(1_000_000));
            store::refuse_until(work, &subject.name, until).await?;
        }
        store::forget_before(work, forgotten).await
    }

    /// Clears what a success clears: all but the count of the address.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn succeeded(&self, work: &Work) -> Result<(), Failure> {
        store::clear(work, &self.cleared()).await
    }

    /// The same for whoever writes nothing else: most successes follow no failure, and then nothing is written.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn succeeded_alone(&self, db: &Db) -> Result<(), Failure> {
        if !store::has_any(db, &self.cleared()).await? {
            return Ok(());
        }
        db.run(&counter()?, self, |work, attempt| Box::pin(attempt.succeeded(work))).await
    }

    fn cleared(&self) -> Vec<&str> {
        let stays = |subject: &&Subject| matches!(subject.count, Count::Address | Count::Clients);
        self.subjects.iter().filter(|subject| !stays(subject)).map(|subject| subject.name.as_str()).collect()
    }
}

/// The server's own permit: who fails to sign in is nobody.
fn counter() -> Result<Permit, Failure> {
    let server = Caller { roles: vec![Role::Operator], ..Caller::nobody() };
    Ok(server.may(Action::SupportSignIn)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_failure_beyond_the_free_ones_doubles_the_wait_up_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (4..=9).map(|failures| Count::Codes.wait(failures)).collect();
        assert_eq!(waits, [0, 0, 1, 2, 4, 8]);
        assert_eq!(Count::Codes.wait(i64::MAX), LONGEST_WAIT);
    }

    #[test]
    fn a_customer_of_ipv6_is_one_neighbour() {
        let near = |text: &str| neighbourhood(text.parse().unwrap());
        assert_eq!(near("2001:db8:0:7::1"), near("2001:db8:0:7:ffff::2"));
        assert_ne!(near("2001:db8:0:7::1"), near("2001:db8:0:8::1"));
        assert_eq!(near("::ffff:192.0.2.1"), near("192.0.2.1"));
        assert_ne!(near("192.0.2.1"), near("192.0.2.2"));
    }

    proptest! {
        #[test]
        fn a_wait_never_shrinks_with_failures_and_always_ends(failures in 0_i64..10_000) {
            for count in [Count::LoginFromAddress, Count::Login, Count::Address, Count::Codes, Count::ClientFromAddress, Count::Clients] {
                let (wait, next) = (count.wait(failures), count.wait(failures + 1));
                prop_assert!(wait <= next && next <= LONGEST_WAIT);
            }
        }
    }
}
