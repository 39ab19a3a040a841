//! Access tokens: JWT signed with EdDSA (Ed25519), valid for minutes, checked without a look at the database.

use crate::access::caller::Caller;
use crate::access::policy::Role;
use crate::kernel::ids::{OrganisationId, UserId};
use crate::kernel::{Failure, Moment};
use crate::refusals;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, spki::der::pem::LineEnding};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// How long an access token is good for, in seconds. Short, because it is not looked up again.
pub const TOKEN_SECONDS: i64 = 15 * 60;
/// Who makes the tokens.
const ISSUER: &str = "ganhe";

refusals! {
    /// Why a token is not accepted.
    TokenRefusal {
        /// No bearer token was sent.
        Missing {} => Unauthenticated "AUT_TOKEN_MISSING" at "authorization": "请先登录", "sign in first: no bearer token was sent";
        /// The token is past its time.
        Expired {} => Unauthenticated "AUT_TOKEN_EXPIRED" at "authorization": "登录已过期,请重新登录", "the token has expired, sign in again";
        /// The token was not made here, or was changed.
        Invalid {} => Unauthenticated "AUT_TOKEN_INVALID" at "authorization": "令牌无效", "the token is not valid";
    }
}

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: UserId,
    org: OrganisationId,
    roles: Vec<Role>,
    area: String,
    iat: i64,
    exp: i64,
}

/// Makes and checks access tokens.
#[derive(Clone)]
pub struct Tokens {
    signing: EncodingKey,
    checking: DecodingKey,
    key_id: String,
    /// Keys the hashes of requests, so that a password in one cannot be guessed from its hash.
    request_secret: [u8; 32],
}

impl Tokens {
    /// A fresh private key in PKCS#8 PEM.
    ///
    /// # Errors
    /// A fault of the key library.
    pub fn fresh_key() -> Result<String, Failure> {
        let key = SigningKey::from_bytes(&rand::random::<[u8; 32]>());
        key.to_pkcs8_pem(LineEnding::LF).map(|pem| pem.to_string()).map_err(Failure::bug)
    }

    /// Tokens signed with the private key of this PEM.
    ///
    /// # Errors
    /// A fault when the text is not an Ed25519 private key.
    pub fn from_pem(pem: &str, key_id: String) -> Result<Self, Failure> {
        let key = SigningKey::from_pkcs8_pem(pem).map_err(Failure::bug)?;
        let public = key.verifying_key().to_public_key_pem(LineEnding::LF).map_err(Failure::bug)?;
        let signing = EncodingKey::from_ed_pem(pem.as_bytes()).map_err(Failure::bug)?;
        let checking = DecodingKey::from_ed_pem(public.as_bytes()).map_err(Failure::bug)?;
        let request_secret = Sha256::new().chain_update("ganhe request hash").chain_update(pem).finalize().into();
        Ok(Self { signing, checking, key_id, request_secret })
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

    /// A token for the caller, and when it ends (wall time).
    ///
    /// # Errors
    /// A fault of the signing library.
    pub fn sign(&self, caller: &Caller, now: Moment) -> Result<(String, Moment), Failure> {
        let exp = now.seconds() + TOKEN_SECONDS;
        let claims = Claims {
            iss: ISSUER.to_owned(),
            sub: caller.user,
            org: caller.organisation,
            roles: caller.roles.clone(),
            area: caller.area_path.clone(),
            iat: now.seconds(),
            exp,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.key_id.clone());
        let token = jsonwebtoken::encode(&header, &claims, &self.signing).map_err(Failure::bug)?;
        Ok((token, Moment::from_micros(exp * 1_000_000)))
    }

    /// The caller of a token.
    ///
    /// # Errors
    /// [`TokenRefusal::Expired`], [`TokenRefusal::Invalid`].
    pub fn check(&self, token: &str, now: Moment) -> Result<Caller, TokenRefusal> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        // Time is judged below by the house's own clock, so that tests and servers agree on it.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.checking, &validation)
            .map_err(|_| TokenRefusal::Invalid {})?
            .claims;
        if claims.exp <= now.seconds() {
            return Err(TokenRefusal::Expired {});
        }
        Ok(Caller {
            user: claims.sub,
            organisation: claims.org,
            roles: claims.roles,
            area_path: claims.area,
            ..Caller::nobody()
        })
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

    fn tokens() -> Tokens {
        Tokens::from_pem(&Tokens::fresh_key().unwrap(), "test".to_owned()).unwrap()
    }

    #[test]
    fn a_token_names_its_caller_until_it_ends() {
        let (tokens, caller) = (tokens(), caller());
        let now = Moment::parse("2026-01-01T00:00:00Z").unwrap();
        let (token, ends) = tokens.sign(&caller, now).unwrap();
        assert_eq!(tokens.check(&token, now), Ok(caller));
        assert_eq!(tokens.check(&token, ends), Err(TokenRefusal::Expired {}));
    }

    #[test]
    fn a_request_is_hashed_under_a_secret_of_the_installation() {
        let (here, there) = (tokens(), tokens());
        let hash = |tokens: &Tokens, body: &str| tokens.request_hash("/users", body.as_bytes()).unwrap();
        assert_eq!(hash(&here, "a"), hash(&here, "a"));
        assert_ne!(hash(&here, "a"), hash(&here, "b"));
        assert_ne!(hash(&here, "a"), hash(&there, "a"));
        assert_eq!(hash(&here, "a").len(), 64);
    }

    #[test]
    fn a_token_of_another_key_is_refused() {
        let now = Moment::parse("2026-01-01T00:00:00Z").unwrap();
        let (token, _) = tokens().sign(&caller(), now).unwrap();
        assert_eq!(tokens().check(&token, now), Err(TokenRefusal::Invalid {}));
    }
}
