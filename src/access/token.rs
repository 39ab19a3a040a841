//! Access tokens: JWT after RFC 9068, signed with EdDSA (Ed25519), valid for minutes. There may be several keys at once, so that
//! they can be replaced while tokens of the old one are about; a token is checked under the key that it names and no other.

use crate::access::caller::{Caller, Proof};
use crate::access::policy::{Action, Role};
use crate::kernel::ids::{OrganisationId, SessionId, TokenKeyId, UserId};
use crate::kernel::{Failure, Moment};
use crate::refusals;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, spki::der::pem::LineEnding};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt::Write;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long an access token is good for, in seconds.
pub const TOKEN_SECONDS: i64 = 15 * 60;
/// Who makes the tokens, and for whom.
const ISSUER: &str = "ganhe";
/// The media type of access tokens (RFC 9068): no other kind of token is taken for one.
const KIND: &str = "at+jwt";
/// `acr` of a sign-in that waits for its second factor.
const UNFINISHED: &str = "unfinished";

refusals! {
    /// Why a token is not accepted.
    TokenRefusal {
        /// No bearer token was sent.
        Missing {} => Unauthenticated "AUT_TOKEN_MISSING" at "authorization": "请先登录", "sign in first: no bearer token was sent";
        /// The token is past its time.
        Expired {} => Unauthenticated "AUT_TOKEN_EXPIRED" at "authorization": "登录已过期，请重新登录", "the token has expired, sign in again";
        /// The token was not made here, or was changed.
        Invalid {} => Unauthenticated "AUT_TOKEN_INVALID" at "authorization": "令牌无效", "the token is not valid";
        /// The session was ended, the user or client was suspended or removed, or has other roles or scopes by now.
        Withdrawn {} => Unauthenticated "AUT_TOKEN_WITHDRAWN" at "authorization": "登录已被终止或权限已变更，请重新登录", "the session has ended or what its bearer may do has changed, sign in again";
        /// The client may not come from this address.
        WrongAddress { address } => Unauthenticated "AUT_WRONG_ADDRESS" at "authorization": "该客户端不得从 {address} 访问", "this client may not come from {address}";
    }
}

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    /// The API client that asks; people ask through the platform's own.
    client_id: String,
    jti: Uuid,
    org: OrganisationId,
    roles: Vec<Role>,
    area: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<SessionId>,
    /// Permissions of a client, separated by blanks (RFC 8693).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// How the person proved who they are (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    amr: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    acr: Option<String>,
    /// When the second factor was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    otp_time: Option<i64>,
    /// Which secret of a client it was got by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
    iat: i64,
    exp: i64,
}

/// Whose a token is, and by which sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// Who. A person's proof is [`Proof::Full`] or [`Proof::Unfinished`] here: whether a second factor is too long ago is for
    /// whoever admits them to judge.
    pub caller: Caller,
    /// The sign-in of a person.
    pub session: Option<SessionId>,
    /// When they gave a second factor in it.
    pub second_factor_at: Option<Moment>,
    /// By which secret an API client got it.
    pub credential: Option<Credential>,
}

/// The secret that a client's token was got by: what ends the secret, ends the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The version of the client at that moment.
    pub version: i64,
    /// A mark of the secret, which does not tell it.
    pub mark: String,
}

impl Credential {
    fn word(&self) -> String {
        format!("{}.{}", self.version, self.mark)
    }

    fn parse(word: &str) -> Option<Self> {
        let (version, mark) = word.split_once('.')?;
        Some(Self { version: version.parse().ok()?, mark: mark.to_owned() })
    }
}

impl From<Caller> for Bearer {
    fn from(caller: Caller) -> Self {
        Self { caller, session: None, second_factor_at: None, credential: None }
    }
}

impl Bearer {
    fn claims(&self, now: Moment) -> Claims {
        let Self { caller, session, second_factor_at, credential } = self;
        let (scope, acr) = match &caller.proof {
            Proof::Client { scopes } => (Some(joined(scopes)), None),
            Proof::Unfinished => (None, Some(UNFINISHED.to_owned())),
            Proof::Full | Proof::FirstFactor => (None, None),
        };
        let amr: &[&str] = match (session, second_factor_at) {
            (None, _) => &[],
            (Some(_), None) => &["pwd"],
            (Some(_), Some(_)) => &["pwd", "otp"],
        };
        let iat = now.seconds();
        Claims {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            sub: caller.user,
            client_id: if scope.is_some() { caller.user.to_string() } else { ISSUER.to_owned() },
            jti: crate::kernel::ids::fresh(),
            org: caller.organisation,
            roles: caller.roles.clone(),
            area: caller.area_path.clone(),
            sid: *session,
            scope,
            amr: amr.iter().map(|word| (*word).to_owned()).collect(),
            acr,
            otp_time: second_factor_at.map(Moment::seconds),
            credential: credential.as_ref().map(Credential::word),
            iat,
            exp: iat + TOKEN_SECONDS,
        }
    }
}

/// Scopes as one word after the other.
pub fn joined(scopes: &[Action]) -> String {
    let words: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    words.join(" ")
}

impl TryFrom<Claims> for Bearer {
    type Error = TokenRefusal;

    fn try_from(claims: Claims) -> Result<Self, TokenRefusal> {
        let read = |scope: String| -> Option<Vec<Action>> { scope.split_whitespace().map(Action::parse).collect() };
        let proof = match (claims.scope, claims.acr.as_deref()) {
            (Some(scope), _) => Proof::Client { scopes: read(scope).ok_or(TokenRefusal::Invalid {})? },
            (None, Some(UNFINISHED)) => Proof::Unfinished,
            (None, _) => Proof::Full,
        };
        let caller = Caller {
            user: claims.sub,
            organisation: claims.org,
            roles: claims.roles,
            area_path: claims.area,
            proof,
            ..Caller::nobody()
        };
        let second_factor_at = claims.otp_time.map(|seconds| Moment::from_micros(seconds.saturating_mul(1_000_000)));
        let credential = claims.credential.as_deref().and_then(Credential::parse);
        Ok(Self { caller, session: claims.sid, second_factor_at, credential })
    }
}

/// A key that signs tokens, and when. All instants are wall time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenKey {
    /// Its name in the header of a token (`kid`).
    pub id: TokenKeyId,
    /// The private key, PKCS#8 PEM.
    pub private_key: String,
    /// When it was made.
    pub created_at: Moment,
    /// From when on it signs, unless a newer one does.
    pub signs_from: Moment,
    /// From when on it no longer signs.
    pub signs_until: Option<Moment>,
    /// From when on its tokens are no longer good.
    pub checked_until: Option<Moment>,
    /// Counts from 1.
    pub version: i64,
}

impl TokenKey {
    /// A new key that signs from an instant on.
    ///
    /// # Errors
    /// A fault of the key library.
    pub fn fresh(now: Moment, signs_from: Moment) -> Result<Self, Failure> {
        let key = SigningKey::from_bytes(&rand::random::<[u8; 32]>());
        let private_key = key.to_pkcs8_pem(LineEnding::LF).map_err(Failure::bug)?.to_string();
        let id = TokenKeyId::fresh();
        Ok(Self { id, private_key, created_at: now, signs_from, signs_until: None, checked_until: None, version: 1 })
    }

    /// Gives way to a key that signs from `then` on. Tokens signed until then stay good for their time, unless the key is
    /// suspected: then they end at once.
    pub fn retire(&mut self, then: Moment, is_suspected: bool) {
        let last_token_ends = Moment::from_micros(then.micros().saturating_add(TOKEN_SECONDS * 1_000_000));
        let ends = if is_suspected { then } else { last_token_ends };
        self.signs_until = Some(self.signs_until.map_or(then, |until| until.min(then)));
        self.checked_until = Some(self.checked_until.map_or(ends, |until| until.min(ends)));
        self.version += 1;
    }

    fn name(&self) -> String {
        self.id.0.simple().to_string()
    }

    fn signs_at(&self, now: Moment) -> bool {
        self.signs_from <= now && self.signs_until.is_none_or(|until| now < until)
    }

    fn is_checked_at(&self, now: Moment) -> bool {
        self.checked_until.is_none_or(|until| now < until)
    }
}

/// A key in the forms in which it is used.
struct ReadyKey {
    key: TokenKey,
    name: String,
    signing: EncodingKey,
    checking: DecodingKey,
    /// The public key as JWKs have it.
    x: String,
}

impl TryFrom<TokenKey> for ReadyKey {
    type Error = Failure;

    fn try_from(key: TokenKey) -> Result<Self, Failure> {
        let private = SigningKey::from_pkcs8_pem(&key.private_key).map_err(Failure::bug)?;
        let public = private.verifying_key();
        let pem = public.to_public_key_pem(LineEnding::LF).map_err(Failure::bug)?;
        Ok(Self {
            name: key.name(),
            signing: EncodingKey::from_ed_pem(key.private_key.as_bytes()).map_err(Failure::bug)?,
            checking: DecodingKey::from_ed_pem(pem.as_bytes()).map_err(Failure::bug)?,
            x: URL_SAFE_NO_PAD.encode(public.as_bytes()),
            key,
        })
    }
}

/// A public key as it is published (RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// `kid` of the tokens it checks.
    pub name: String,
    /// The key, base64url.
    pub x: String,
}

struct Ring {
    keys: Vec<ReadyKey>,
    read_at: Instant,
}

fn ready(keys: Vec<TokenKey>) -> Result<Ring, Failure> {
    let keys = keys.into_iter().map(ReadyKey::try_from).collect::<Result<_, _>>()?;
    Ok(Ring { keys, read_at: Instant::now() })
}

/// Makes and checks access tokens.
#[derive(Clone)]
pub struct Tokens {
    ring: Arc<RwLock<Arc<Ring>>>,
    /// Keys the hashes of requests, so that a password in one cannot be guessed from its hash.
    request_secret: Arc<[u8]>,
}

impl Tokens {
    /// Tokens under these keys; requests are hashed under a secret that stays when keys change.
    ///
    /// # Errors
    /// A fault when a text is not an Ed25519 private key.
    pub fn new(keys: Vec<TokenKey>, request_secret: &str) -> Result<Self, Failure> {
        let ring = Arc::new(RwLock::new(Arc::new(ready(keys)?)));
        Ok(Self { ring, request_secret: request_secret.as_bytes().into() })
    }

    /// Takes these keys from now on.
    ///
    /// # Errors
    /// As [`Tokens::new`].
    pub fn replace(&self, keys: Vec<TokenKey>) -> Result<(), Failure> {
        let ring = Arc::new(ready(keys)?);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }

    /// How long ago the keys were read.
    pub fn age(&self) -> Duration {
        self.ring().read_at.elapsed()
    }

    fn ring(&self) -> Arc<Ring> {
        // Nothing that can panic happens under this lock.
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The hash by which two requests are known to be the same: HMAC-SHA-256 in hexadecimal, under a secret of this
    /// installation.
    ///
    /// # Errors
    /// A fault of the key library.
    pub fn request_hash(&self, path: &str, body: &[u8]) -> Result<String, Failure> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.request_secret).map_err(Failure::bug)?;
        mac.update(path.as_bytes());
        mac.update(&[0]);
        mac.update(body);
        let digest = mac.finalize().into_bytes();
        Ok(digest.iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }

    /// The public keys under which a token may still be good, or will be.
    pub fn public_keys(&self, now: Moment) -> Vec<PublicKey> {
        let ring = self.ring();
        let good = ring.keys.iter().filter(|key| key.key.is_checked_at(now));
        good.map(|key| PublicKey { name: key.name.clone(), x: key.x.clone() }).collect()
    }

    /// A token for a caller without a session, and when it ends (wall time).
    ///
    /// # Errors
    /// As [`Tokens::issue`].
    pub fn sign(&self, caller: &Caller, now: Moment) -> Result<(String, Moment), Failure> {
        self.issue(&Bearer::from(caller.clone()), now)
    }

    /// A token, and when it ends (wall time).
    ///
    /// # Errors
    /// A fault of the signing library, or no key signs now.
    pub fn issue(&self, bearer: &Bearer, now: Moment) -> Result<(String, Moment), Failure> {
        let ring = self.ring();
        let signing = ring.keys.iter().filter(|key| key.key.signs_at(now)).max_by_key(|key| key.key.signs_from);
        let key = signing.ok_or_else(|| Failure::bug("no key signs tokens now"))?;
        let claims = bearer.claims(now);
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(KIND.to_owned());
        header.kid = Some(key.name.clone());
        let token = jsonwebtoken::encode(&header, &claims, &key.signing).map_err(Failure::bug)?;
        Ok((token, Moment::from_micros(claims.exp * 1_000_000)))
    }

    /// Whose a token is.
    ///
    /// # Errors
    /// [`TokenRefusal::Expired`], [`TokenRefusal::Invalid`].
    pub fn check(&self, token: &str, now: Moment) -> Result<Bearer, TokenRefusal> {
        let invalid = |_| TokenRefusal::Invalid {};
        let header = jsonwebtoken::decode_header(token).map_err(invalid)?;
        let is_access_token = header.typ.is_some_and(|kind| kind.eq_ignore_ascii_case(KIND));
        let ring = self.ring();
        let named = header.kid.and_then(|name| ring.keys.iter().find(|key| key.name == name));
        let key = named.filter(|key| is_access_token && key.key.is_checked_at(now)).ok_or(TokenRefusal::Invalid {})?;
        // The algorithm is this one whatever the header says: no `none`, no HMAC keyed with the public key.
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Time is judged below by the house's own clock, so that tests and servers agree on it.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.checking, &validation).map_err(invalid)?.claims;
        if claims.exp <= now.seconds() {
            return Err(TokenRefusal::Expired {});
        }
        Bearer::try_from(claims)
    }

    /// Whether a token names a key that is not among these: it may have been made since they were read.
    pub fn is_of_unknown_key(&self, token: &str) -> bool {
        let name = jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid);
        name.is_some_and(|name| self.ring().keys.iter().all(|key| key.name != name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller() -> Caller {
        Caller {
            user: UserId::fresh(),
            organisation: OrganisationId::fresh(),
            roles: vec![Role::Auditor],
            area_path: "420000".to_owned(),
            ..Caller::nobody()
        }
    }

    fn start() -> Moment {
        Moment::parse("2026-01-01T00:00:00Z").unwrap()
    }

    fn tokens() -> Tokens {
        Tokens::new(vec![TokenKey::fresh(start(), start()).unwrap()], &crate::kernel::ids::fresh().to_string()).unwrap()
    }

    #[test]
    fn a_token_names_its_bearer_until_it_ends() {
        let tokens = tokens();
        let scopes = vec![Action::ReadBooks, Action::ConfirmMoney];
        let bearers = [
            Bearer::from(caller()),
            Bearer { session: Some(SessionId::fresh()), second_factor_at: Some(start()), ..Bearer::from(caller()) },
            Bearer { session: Some(SessionId::fresh()), ..Caller { proof: Proof::Unfinished, ..caller() }.into() },
            Bearer {
                credential: Some(Credential { version: 3, mark: "0f1e2d3c4b5a6978".to_owned() }),
                ..Caller { proof: Proof::Client { scopes }, ..caller() }.into()
            },
        ];
        for bearer in bearers {
            let (token, ends) = tokens.issue(&bearer, start()).unwrap();
            assert_eq!(tokens.check(&token, start()), Ok(bearer));
            assert_eq!(tokens.check(&token, ends), Err(TokenRefusal::Expired {}));
        }
    }

    #[test]
    fn a_request_is_hashed_under_a_secret_that_outlives_the_keys() {
        let (here, there) = (tokens(), tokens());
        let hash = |tokens: &Tokens, body: &str| tokens.request_hash("/users", body.as_bytes()).unwrap();
        let before = hash(&here, "a");
        assert_ne!(before, hash(&here, "b"));
        assert_ne!(before, hash(&there, "a"));
        assert_eq!(before.len(), 64);
        here.replace(vec![TokenKey::fresh(start(), start()).unwrap()]).unwrap();
        assert_eq!(before, hash(&here, "a"));
    }

    #[test]
    fn a_token_of_another_key_is_refused() {
        let (token, _) = tokens().sign(&caller(), start()).unwrap();
        assert_eq!(tokens().check(&token, start()), Err(TokenRefusal::Invalid {}));
        assert!(tokens().is_of_unknown_key(&token));
    }

    #[test]
    fn keys_overlap_when_one_gives_way_to_the_next() {
        let (now, then) = (start(), start().plus_minutes(5));
        let mut old = TokenKey::fresh(now, now).unwrap();
        let tokens = Tokens::new(vec![old.clone()], "secret").unwrap();
        let (early, _) = tokens.sign(&caller(), now).unwrap();
        old.retire(then, false);
        let new = TokenKey::fresh(now, then).unwrap();
        tokens.replace(vec![old.clone(), new.clone()]).unwrap();
        let last = Moment::from_micros(then.micros() - 1);
        let (late, _) = tokens.sign(&caller(), last).unwrap();
        let (next, _) = tokens.sign(&caller(), then).unwrap();
        assert!(
            tokens.check(&early, last).is_ok()
                && tokens.check(&late, then).is_ok()
                && tokens.check(&next, then).is_ok()
        );
        assert_eq!(tokens.public_keys(then).len(), 2);
        let gone = then.plus_minutes(15);
        assert_eq!(tokens.check(&late, gone), Err(TokenRefusal::Invalid {}));
        let published: Vec<String> = tokens.public_keys(gone).into_iter().map(|key| key.name).collect();
        assert_eq!(published, [new.name()]);
    }

    #[test]
    fn the_tokens_of_a_suspected_key_end_at_once() {
        let mut old = TokenKey::fresh(start(), start()).unwrap();
        let tokens = Tokens::new(vec![old.clone()], "secret").unwrap();
        let (token, _) = tokens.sign(&caller(), start()).unwrap();
        let now = start().plus_minutes(1);
        old.retire(now, true);
        tokens.replace(vec![old, TokenKey::fresh(now, now).unwrap()]).unwrap();
        assert_eq!(tokens.check(&token, now), Err(TokenRefusal::Invalid {}));
    }
}
