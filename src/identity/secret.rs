//! Random secrets that are shown once and kept by their SHA-256. A bare hash is enough for them, and no salt or slow hash is
//! needed: nobody guesses 160 bits, and no two are the same.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The letters of codes that people type: no 0, 1, I, L, O or U.
const LETTERS: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A secret for programs: 256 random bits behind a prefix that tells secret scanners what it is.
pub fn fresh(prefix: &str) -> String {
    format!("{prefix}_{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}

/// A code for people: groups of five letters, of almost five random bits each.
pub fn fresh_code(groups: usize) -> String {
    let group = || -> String { (0..5).map(|_| fresh_letter()).collect() };
    (0..groups).map(|_| group()).collect::<Vec<_>>().join("-")
}

fn fresh_letter() -> char {
    loop {
        // Of 32 values two are thrown away, so that all letters are equally likely.
        let value = usize::from(rand::random::<u8>() % 32);
        if let Some(letter) = LETTERS.get(value) {
            return char::from(*letter);
        }
    }
}

/// What is kept of a secret.
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// What is kept of a code: case, dashes and blanks do not matter when it is typed.
pub fn hash_code(code: &str) -> Vec<u8> {
    let typed: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect();
    hash(&typed)
}

/// Whether two hashes are the same, in the same time wherever they differ.
pub fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let code = fresh_code(4);
        assert_eq!(code.len(), 23, "{code}");
        assert_eq!(hash_code(&code), hash_code(&format!(" {} ", code.to_lowercase().replace('-', " "))));
        assert_ne!(hash_code(&code), hash_code(&fresh_code(4)));
    }

    #[test]
    fn hashes_are_compared_whole() {
        let (one, other) = (hash("a"), hash("b"));
        assert!(is_same(&one, &one) && !is_same(&one, &other) && !is_same(&one, &one[..31]));
    }
}
