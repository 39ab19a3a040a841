//! Signatures after Standard Webhooks 1.0: HMAC-SHA256 over id, timestamp and body, by each secret that is good.

use crate::kernel::Failure;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// A secret for a webhook: 256 random bits in the form of the standard.
pub fn fresh_secret() -> String {
    format!("{PREFIX}{}", STANDARD.encode(rand::random::<[u8; 32]>()))
}

/// The value of `webhook-signature`: one signature for each secret, joined by blanks.
///
/// # Errors
/// A fault of ours: a secret that is none.
pub fn sign(secrets: &[&str], id: &str, timestamp: i64, body: &str) -> Result<String, Failure> {
    let signed = |secret: &&str| -> Result<String, Failure> {
        let text = secret.strip_prefix(PREFIX).ok_or_else(|| Failure::bug("a webhook's secret has no prefix"))?;
        let key = STANDARD.decode(text).map_err(Failure::bug)?;
        let mac = Hmac::<Sha256>::new_from_slice(&key).map_err(Failure::bug)?;
        let mac = mac.chain_update(format!("{id}.{timestamp}.{body}")).finalize().into_bytes();
        Ok(format!("v1,{}", STANDARD.encode(mac)))
    };
    Ok(secrets.iter().map(signed).collect::<Result<Vec<_>, _>>()?.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of the reference implementations of the standard.
    #[test]
    fn the_vector_of_the_standard_is_signed_as_it_says() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let signed = sign(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#).unwrap();
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn while_secrets_overlap_each_has_a_signature_of_its_own() {
        let (new, former) = (fresh_secret(), fresh_secret());
        let signed = sign(&[&new, &former], "id", 7, "{}").unwrap();
        let each = [sign(&[&new], "id", 7, "{}").unwrap(), sign(&[&former], "id", 7, "{}").unwrap()];
        assert_eq!(signed, each.join(" "));
        assert_ne!(each[0], each[1]);
        assert!(sign(&["secret"], "id", 7, "{}").is_err());
    }
}
