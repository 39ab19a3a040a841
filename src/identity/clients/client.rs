//! An API client.

use crate::access::token::Credential;
use crate::access::{Action, Role};
use crate::db::columns::hexadecimal;
use crate::identity::error::IdentityRefusal;
use crate::identity::secret::is_same;
use crate::kernel::ids::{OrganisationId, UserId};
use crate::kernel::{Moment, Refusal, Violation};
use ipnet::IpNet;
use sha2::{Digest, Sha256};
use std::net::IpAddr;

accounting::words! {
    /// Whether a client may come in.
    ClientState {
        /// It may.
        Active = "active",
        /// It may not for now.
        Suspended = "suspended",
        /// It never may again.
        Removed = "removed",
    }
}

/// A program that acts for an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Identity; also the `client_id`.
    pub id: UserId,
    /// For whom it acts.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: String,
    /// What it may be.
    pub roles: Vec<Role>,
    /// What its tokens may be asked for.
    pub scopes: Vec<Action>,
    /// Where it may come from; anywhere when empty.
    pub networks: Vec<IpNet>,
    /// Whether it may come in.
    pub state: ClientState,
    /// SHA-256 of its secret.
    pub secret_hash: Vec<u8>,
    /// SHA-256 of the secret before, and until when by wall time that one is good, too.
    pub former: Option<(Vec<u8>, Moment)>,
    /// Who registered it.
    pub registered_by: UserId,
    /// When, in business time.
    pub registered_at: Moment,
    /// Counts from 1.
    pub version: i64,
}

impl Client {
    /// Whether a secret with this hash is good now.
    pub fn knows(&self, hash: &[u8], now: Moment) -> bool {
        let is_former = self.former.as_ref().is_some_and(|(former, until)| now < *until && is_same(former, hash));
        is_same(&self.secret_hash, hash) || is_former
    }

    /// What a token says of the secret that it was got by.
    pub fn credential(&self, secret_hash: &[u8]) -> Credential {
        Credential { version: self.version, mark: mark(secret_hash) }
    }

    /// Whether a token that was got by this credential is still good: its secret is, and the client was not suspended since. One version
    /// later the client is active again only by a rotation; a suspension and its end are two.
    pub fn honours(&self, credential: &Credential, now: Moment) -> bool {
        let is_of = |hash: &[u8]| mark(hash) == credential.mark;
        let is_former = self.former.as_ref().is_some_and(|(former, until)| now < *until && is_of(former));
        let is_recent = (0..=1).contains(&self.version.saturating_sub(credential.version));
        is_recent && (is_of(&self.secret_hash) || is_former)
    }

    /// Whether it may come from an address.
    pub fn may_come_from(&self, address: IpAddr) -> bool {
        self.networks.is_empty() || self.networks.iter().any(|network| network.contains(&address))
    }

    /// Takes another secret; the present one stays good until an instant. One before that ends.
    ///
    /// # Errors
    /// [`IdentityRefusal::ClientRemoved`].
    pub fn rotate(self, secret_hash: Vec<u8>, until: Moment) -> Result<Self, IdentityRefusal> {
        self.must_be_there()?;
        let former = Some((self.secret_hash, until));
        Ok(Self { secret_hash, former, version: self.version + 1, ..self })
    }

    /// Goes into another state. Whoever was removed stays so, and its secrets are forgotten.
    ///
    /// # Errors
    /// [`IdentityRefusal::ClientRemoved`], [`IdentityRefusal::ClientStands`].
    pub fn turn(self, state: ClientState) -> Result<Self, IdentityRefusal> {
        self.must_be_there()?;
        if self.state == state {
            return Err(IdentityRefusal::ClientStands { state: state.as_str().to_owned() });
        }
        let (secret_hash, former) = match state {
            ClientState::Removed => (vec![0; 32], None),
            ClientState::Active | ClientState::Suspended => (self.secret_hash, self.former),
        };
        Ok(Self { state, secret_hash, former, version: self.version + 1, ..self })
    }

    fn must_be_there(&self) -> Result<(), IdentityRefusal> {
        if self.state == ClientState::Removed { Err(IdentityRefusal::ClientRemoved {}) } else { Ok(()) }
    }
}

/// A mark of a secret: of what is kept of it, so that it tells nothing.
fn mark(secret_hash: &[u8]) -> String {
    let digest = Sha256::digest([b"token of a client".as_slice(), secret_hash].concat());
    hexadecimal(digest.get(..8).unwrap_or_default())
}

/// What stands against these scopes, each by its place in the list: every one must come with one of the client's roles, and none is
/// for people alone.
pub fn faults_of_scopes(roles: &[Role], scopes: &[Action]) -> Vec<Violation> {
    let is_carried = |scope: &Action| !scope.is_for_people() && roles.iter().any(|role| role.may(*scope));
    let strange = scopes.iter().enumerate().filter(|(_, scope)| !is_carried(scope));
    let mismatch = |(at, scope): (usize, &Action)| {
        let scope = scope.as_str().to_owned();
        IdentityRefusal::ScopeMismatch { scope }.violation().about(&format!("scopes[{at}]"))
    };
    strange.map(mismatch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::secret::hash;

    fn client() -> Client {
        Client {
            id: UserId::fresh(),
            organisation: OrganisationId::fresh(),
            name: "结算系统".to_owned(),
            roles: vec![Role::SettlementOfficer],
            scopes: vec![Action::ConfirmMoney],
            networks: vec!["192.0.2.0/24".parse().unwrap()],
            state: ClientState::Active,
            secret_hash: hash("first"),
            former: None,
            registered_by: UserId::fresh(),
            registered_at: Moment::from_micros(0),
            version: 1,
        }
    }

    #[test]
    fn two_secrets_are_good_while_one_gives_way_and_never_three() {
        let (now, until) = (Moment::from_micros(0), Moment::from_micros(10));
        let rotated = client().rotate(hash("second"), until).unwrap();
        assert!(rotated.knows(&hash("first"), now) && rotated.knows(&hash("second"), now));
        assert!(!rotated.knows(&hash("first"), until) && rotated.knows(&hash("second"), until));
        let again = rotated.rotate(hash("third"), until).unwrap();
        assert!(!again.knows(&hash("first"), now) && again.knows(&hash("second"), now));
        assert_eq!(again.version, 3);
    }

    #[test]
    fn a_token_ends_with_its_secret_and_with_a_suspension() {
        let (now, until) = (Moment::from_micros(0), Moment::from_micros(10));
        let first = client().credential(&hash("first"));
        assert!(client().honours(&first, now));
        let rotated = client().rotate(hash("second"), until).unwrap();
        assert!(rotated.honours(&first, now) && !rotated.honours(&first, until), "it lasts as long as the overlap");
        assert!(!client().rotate(hash("second"), now).unwrap().honours(&first, now), "and without one it is over");
        let second = rotated.credential(&hash("second"));
        let again = rotated.clone().rotate(hash("third"), until).unwrap();
        assert!(again.honours(&second, now) && !again.honours(&first, now));
        let back = |client: Client| client.turn(ClientState::Suspended).unwrap().turn(ClientState::Active).unwrap();
        assert!(!back(client()).honours(&first, now));
        assert!(!back(rotated).honours(&second, now));
        let turned = back(client());
        assert!(turned.honours(&turned.credential(&hash("first")), now));
    }

    #[test]
    fn a_removed_client_knows_no_secret_and_never_comes_back() {
        let removed =
            client().rotate(hash("second"), Moment::from_micros(10)).unwrap().turn(ClientState::Removed).unwrap();
        assert!(
            !removed.knows(&hash("first"), Moment::from_micros(0))
                && !removed.knows(&hash("second"), Moment::from_micros(0))
        );
        assert_eq!(removed.clone().turn(ClientState::Active), Err(IdentityRefusal::ClientRemoved {}));
        assert_eq!(removed.rotate(hash("x"), Moment::from_micros(0)), Err(IdentityRefusal::ClientRemoved {}));
        assert!(matches!(client().turn(ClientState::Active), Err(IdentityRefusal::ClientStands { .. })));
    }

    #[test]
    fn a_client_comes_from_its_networks_only() {
        assert!(client().may_come_from("192.0.2.7".parse().unwrap()));
        assert!(!client().may_come_from("192.0.3.7".parse().unwrap()));
        assert!(Client { networks: Vec::new(), ..client() }.may_come_from("2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn scopes_are_carried_by_roles() {
        let roles = [Role::SettlementOfficer];
        assert!(faults_of_scopes(&roles, &[Action::ConfirmMoney, Action::ReadReference]).is_empty());
        let faults = faults_of_scopes(&roles, &[Action::BackDate, Action::ReadMoney, Action::KeepOwnSignIn]);
        assert_eq!(faults.len(), 2);
    }
}
