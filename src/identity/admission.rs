//! Who may come in with a token. The token itself is checked under the keys; whether its session still stands and its bearer is still
//! who they were is read from the database and remembered on this node for a second, which is the bound within which the end of a
//! session, other roles or the suspension of a client holds. How the user and the organisation stand is asked at the next door
//! (`membership`).

use super::clients::{Client, ClientState, queries::find_any};
use super::queries::find_member;
use super::sessions::queries::find_session;
use super::{UserKind, keys};
use crate::access::token::{Bearer, TokenRefusal, Tokens};
use crate::access::{Caller, Proof, SecondFactor, SignInRules};
use crate::db::Db;
use crate::http::{Admitted, Authenticator};
use crate::kernel::ids::UserId;
use crate::kernel::{Failure, Moment};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Most bearers that a node remembers; beyond it the oldest half is forgotten.
const MOST_REMEMBERED: usize = 20_000;

/// What is known of a bearer.
#[derive(Debug, Clone)]
enum Known {
    /// They are not to come in.
    Gone,
    /// A person as they are now.
    Person(Caller),
    /// A suspended person, whose session has ended with that: the next door tells them why. This is not remembered.
    Suspended(Caller),
    /// A client as it is now.
    Client(Caller, Arc<Client>),
}

impl Known {
    /// Whether a token was made for a client of a later version than the one that is known.
    fn is_older_than(&self, token: &Bearer) -> bool {
        match (self, &token.credential) {
            (Self::Client(_, client), Some(credential)) => client.version < credential.version,
            _ => false,
        }
    }
}

#[derive(Debug, Clone)]
struct Memory {
    user: UserId,
    known: Known,
    read_at: Instant,
}

/// Admits bearers.
pub struct Admission {
    db: Db,
    tokens: Tokens,
    second_factor: SecondFactor,
    remembered: Duration,
    memories: Mutex<HashMap<Uuid, Memory>>,
}

impl Admission {
    /// By these rules.
    pub fn new(db: Db, tokens: Tokens, rules: &SignInRules) -> Self {
        let (second_factor, remembered) = (rules.second_factor, rules.remembered);
        Self { db, tokens, second_factor, remembered, memories: Mutex::default() }
    }

    fn memories(&self) -> MutexGuard<'_, HashMap<Uuid, Memory>> {
        // Nothing that can panic happens under this lock.
        self.memories.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn judge(&self, token: &str, from: IpAddr) -> Result<Bearer, Failure> {
        let bearer = self.check(token).await?;
        let is_of_sign_in = bearer.session.is_some() || bearer.caller.is_client();
        // A token that the platform made for itself, without a sign-in, says itself who its bearer is.
        let known = if is_of_sign_in { self.know(&bearer).await? } else { Known::Person(bearer.caller.clone()) };
        let caller = match known {
            Known::Person(now) | Known::Suspended(now)
                if now.roles == bearer.caller.roles && !bearer.caller.is_client() =>
            {
                Caller { proof: bearer.caller.proof.clone(), ..now }
            }
            Known::Client(now, client) if self.may_still(&bearer, &now, &client) => {
                if !client.may_come_from(from) {
                    return Err(TokenRefusal::WrongAddress { address: from.to_string() }.into());
                }
                Caller { proof: bearer.caller.proof.clone(), ..now }
            }
            _ => return Err(TokenRefusal::Withdrawn {}.into()),
        };
        let proof = self.proof(&bearer, caller.proof.clone());
        Ok(Bearer { caller: Caller { proof, ..caller }, ..bearer })
    }

    /// Checks the token, after a look for newer keys where it names one that is not known here.
    async fn check(&self, token: &str) -> Result<Bearer, Failure> {
        keys::renew(&self.db, &self.tokens).await?;
        let now = self.db.clock().wall_now();
        match self.tokens.check(token, now) {
            Err(TokenRefusal::Invalid {}) if self.tokens.is_of_unknown_key(token) => {
                keys::look_for(&self.db, &self.tokens).await?;
                Ok(self.tokens.check(token, now)?)
            }
            checked => Ok(checked?),
        }
    }

    async fn know(&self, bearer: &Bearer) -> Result<Known, Failure> {
        let name = bearer.session.map_or(bearer.caller.user.0, |session| session.0);
        let fresh = |memory: &Memory| {
            memory.read_at.elapsed() < self.remembered
                && memory.user == bearer.caller.user
                && !memory.known.is_older_than(bearer)
        };
        if let Some(memory) = self.memories().get(&name).filter(|memory| fresh(memory)) {
            return Ok(memory.known.clone());
        }
        let read_at = Instant::now();
        let known = self.read(bearer).await?;
        if matches!(known, Known::Suspended(_)) {
            return Ok(known);
        }
        let mut memories = self.memories();
        if memories.len() >= MOST_REMEMBERED {
            let half = self.remembered / 2;
            memories.retain(|_, memory| memory.read_at.elapsed() < half);
            if memories.len() >= MOST_REMEMBERED {
                memories.clear();
            }
        }
        memories.insert(name, Memory { user: bearer.caller.user, known: known.clone(), read_at });
        Ok(known)
    }

    async fn read(&self, bearer: &Bearer) -> Result<Known, Failure> {
        let user = bearer.caller.user;
        if let Some(id) = bearer.session {
            let now = self.db.clock().wall_now();
            let session = find_session(&self.db, id).await?;
            if !session.as_ref().is_some_and(|session| session.user == user && session.is_live(now)) {
                let is_theirs = session.is_some_and(|session| session.user == user);
                let suspended = find_member(&self.db, user).await?.filter(|member| is_theirs && !member.user.is_active);
                return Ok(suspended.map_or(Known::Gone, |member| Known::Suspended(member.caller())));
            }
        }
        let Some(member) = find_member(&self.db, user).await? else { return Ok(Known::Gone) };
        Ok(match member.user.kind {
            UserKind::Person => Known::Person(member.caller()),
            UserKind::Client => match find_any(&self.db, user).await? {
                Some(client) => Known::Client(member.caller(), Arc::new(client)),
                None => Known::Gone,
            },
        })
    }

    /// Whether a client's token asks for no more than the client may have now, and was got by a secret that still is good.
    fn may_still(&self, token: &Bearer, now: &Caller, client: &Client) -> bool {
        let Proof::Client { scopes } = &token.caller.proof else { return false };
        let wall = self.db.clock().wall_now();
        client.state == ClientState::Active
            && token.caller.roles == now.roles
            && scopes.iter().all(|scope| client.scopes.contains(scope))
            && token.credential.as_ref().is_some_and(|credential| client.honours(credential, wall))
    }

    /// What a person's proof is worth now.
    fn proof(&self, bearer: &Bearer, proof: Proof) -> Proof {
        match (proof, self.second_factor) {
            (Proof::Full, SecondFactor::Required { minutes }) => {
                let now = self.db.clock().wall_now();
                let is_lately = |given: Moment| now < given.plus_minutes(minutes);
                if bearer.second_factor_at.is_some_and(is_lately) { Proof::Full } else { Proof::FirstFactor }
            }
            (proof, _) => proof,
        }
    }
}

impl Authenticator for Admission {
    fn admit<'a>(&'a self, token: &'a str, from: IpAddr) -> Admitted<'a> {
        Box::pin(self.judge(token, from))
    }

    fn forget(&self, user: UserId) {
        self.memories().retain(|_, memory| memory.user != user);
    }
}
