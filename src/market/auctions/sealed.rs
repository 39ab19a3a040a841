//! Sealed bids: what binds the bidder at once, and what only both officials together can open.
//!
//! The canonical form of a bid is text: `ganhe sealed bid v1`, the lot, the registration, the price in fen, the quantity in grams and
//! the bidder's salt, each on a line of its own that ends in a line feed. Its SHA-256 is the commitment. The form, padded with zero bytes
//! to 256 so that its length tells nothing, is sealed (X25519, XSalsa20-Poly1305: the sealed box of libsodium) to the first key, and that
//! to the second.

use super::bid::Terms;
use super::error::AuctionRefusal;
use crate::kernel::Failure;
use crate::kernel::ids::{AuctionLotId, AuctionRegistrationId};
use accounting::{Price, Quantity, hex, hexadecimal};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crypto_box::aead::OsRng;
use crypto_box::{PublicKey, SecretKey};
use sha2::{Digest, Sha256};

/// Bytes of a padded bid.
const PADDED: usize = 256;
/// The first line of the canonical form.
const HEAD: &str = "ganhe sealed bid v1";
/// Digits of a key and of a salt.
const DIGITS: usize = 64;

/// What an opened bid says.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// Price and quantity.
    pub terms: Terms,
    /// The bidder's salt.
    pub salt: String,
}

/// Why a bid does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The keys do not open it, or what is in it is no bid.
    Unreadable,
    /// What is in it is not what the bidder committed to.
    Mismatch,
}

impl Fault {
    /// Every word of one.
    pub const WORDS: &'static [&'static str] = &["unreadable", "mismatch"];

    /// The word the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Mismatch => "mismatch",
        }
    }

    /// Reads the word back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Unreadable, Self::Mismatch].into_iter().find(|fault| fault.as_str() == text)
    }
}

/// Whether a text is 64 lower-case hexadecimal digits.
pub fn is_hex(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn bytes_of(text: &str) -> Option<[u8; 32]> {
    if is_hex(text) { hex::bytes(text) } else { None }
}

/// The canonical form.
pub fn canonical(lot: AuctionLotId, registration: AuctionRegistrationId, opened: &Opened) -> String {
    let (price, grams) = (opened.terms.price.fen(), opened.terms.quantity.grams());
    format!("{HEAD}\n{lot}\n{registration}\n{price}\n{grams}\n{}\n", opened.salt)
}

/// SHA-256 over the canonical form, in hexadecimal.
pub fn commitment(canonical: &str) -> String {
    hexadecimal(&Sha256::digest(canonical.as_bytes()))
}

/// A public key as an official contributes it.
///
/// # Errors
/// [`AuctionRefusal::BadKey`]: also for a point that would open to anybody.
pub fn judge_key(text: &str) -> Result<(), AuctionRefusal> {
    let key = bytes_of(text).ok_or(AuctionRefusal::BadKey {})?;
    // With a point of low order the shared secret is known to everybody: the order of such a point divides eight.
    let shared = crypto_box::SalsaBox::new(&PublicKey::from(key), &SecretKey::from([7; 32]));
    let other = crypto_box::SalsaBox::new(&PublicKey::from(key), &SecretKey::from([9; 32]));
    if is_same_box(&shared, &other) { Err(AuctionRefusal::BadKey {}) } else { Ok(()) }
}

fn is_same_box(one: &crypto_box::SalsaBox, other: &crypto_box::SalsaBox) -> bool {
    use crypto_box::aead::Aead;
    let nonce = crypto_box::Nonce::default();
    one.encrypt(&nonce, &b"ganhe"[..]).ok() == other.encrypt(&nonce, &b"ganhe"[..]).ok()
}

/// Seals a bid to both keys, the first innermost: base64.
///
/// # Errors
/// A fault of ours: a key of the session cannot be read, or the form does not fit.
pub fn seal(canonical: &str, keys: &[String]) -> Result<String, Failure> {
    let mut sealed = canonical.as_bytes().to_vec();
    if sealed.len() > PADDED || keys.len() != 2 {
        return Err(Failure::bug("a bid that cannot be sealed"));
    }
    sealed.resize(PADDED, 0);
    for key in keys {
        let key = bytes_of(key).ok_or_else(|| Failure::bug("a key of a session cannot be read"))?;
        let sealing = PublicKey::from(key).seal(&mut OsRng, &sealed);
        sealed = sealing.map_err(|_| Failure::bug("a bid could not be sealed"))?;
    }
    Ok(STANDARD.encode(sealed))
}

/// Whether a text is the private half of a public key.
pub fn is_half_of(private: &str, public: &str) -> bool {
    let private = bytes_of(private).map(SecretKey::from);
    private.is_some_and(|private| bytes_of(public).is_some_and(|public| private.public_key().as_bytes() == &public))
}

/// The private halves of a session's keys, in whichever order they are handed in.
pub struct PrivateKeys {
    inner: SecretKey,
    outer: SecretKey,
}

impl PrivateKeys {
    /// Finds out which belongs to which.
    ///
    /// # Errors
    /// [`AuctionRefusal::WrongKey`].
    pub fn match_up(handed: &[String], public: &[String]) -> Result<Self, AuctionRefusal> {
        let wrong = || AuctionRefusal::WrongKey {};
        let secrets: Vec<SecretKey> = handed.iter().filter_map(|text| bytes_of(text)).map(SecretKey::from).collect();
        let of = |place: usize| {
            let wanted = public.get(place).and_then(|text| bytes_of(text)).ok_or_else(wrong)?;
            let found = secrets.iter().find(|secret| secret.public_key().as_bytes() == &wanted);
            found.cloned().ok_or_else(wrong)
        };
        Ok(Self { inner: of(0)?, outer: of(1)? })
    }

    /// Opens a bid and compares it with its commitment.
    ///
    /// # Errors
    /// [`Fault`]: it does not count.
    pub fn open(
        &self,
        sealed: &str,
        promised: &str,
        lot: AuctionLotId,
        registration: AuctionRegistrationId,
    ) -> Result<Opened, Fault> {
        let sealed = STANDARD.decode(sealed).map_err(|_| Fault::Unreadable)?;
        let sealed = self.outer.unseal(&sealed).map_err(|_| Fault::Unreadable)?;
        let padded = self.inner.unseal(&sealed).map_err(|_| Fault::Unreadable)?;
        let text = String::from_utf8(padded).map_err(|_| Fault::Unreadable)?;
        let text = text.trim_end_matches('\0');
        let opened = read(text).ok_or(Fault::Unreadable)?;
        let is_promised = commitment(text) == promised && canonical(lot, registration, &opened) == text;
        if is_promised { Ok(opened) } else { Err(Fault::Mismatch) }
    }
}

fn read(text: &str) -> Option<Opened> {
    let lines: Vec<&str> = text.split('\n').collect();
    let [HEAD, _, _, price, grams, salt, ""] = lines[..] else { return None };
    let price = Price::try_new(price.parse().ok()?).ok()?;
    let quantity = Quantity::try_new(grams.parse().ok()?).ok()?;
    Some(Opened { terms: Terms { price, quantity }, salt: salt.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (String, String) {
        let secret = SecretKey::generate(&mut OsRng);
        (hexadecimal(&secret.to_bytes()), hexadecimal(secret.public_key().as_bytes()))
    }

    fn bid() -> Opened {
        let terms =
            Terms { price: Price::try_new(2_814_000).unwrap(), quantity: Quantity::try_new(5_000_000).unwrap() };
        Opened { terms, salt: "ab".repeat(32) }
    }

    #[test]
    fn both_keys_open_a_bid_in_whichever_order_and_one_does_not() {
        let (lot, registration) = (AuctionLotId::fresh(), AuctionRegistrationId::fresh());
        let [(first, first_public), (second, second_public)] = [pair(), pair()];
        let public = [first_public, second_public];
        let text = canonical(lot, registration, &bid());
        let sealed = seal(&text, &public).unwrap();
        for handed in [[first.clone(), second.clone()], [second.clone(), first.clone()]] {
            let keys = PrivateKeys::match_up(&handed, &public).unwrap();
            assert!(keys.open(&sealed, &commitment(&text), lot, registration) == Ok(bid()));
        }
        for handed in [vec![first.clone()], vec![first.clone(), first.clone()], vec![first, pair().0], Vec::new()] {
            assert!(matches!(PrivateKeys::match_up(&handed, &public), Err(AuctionRefusal::WrongKey {})));
        }
    }

    #[test]
    fn a_bid_that_does_not_open_or_is_another_does_not_count() {
        let (lot, registration) = (AuctionLotId::fresh(), AuctionRegistrationId::fresh());
        let [(first, first_public), (second, second_public)] = [pair(), pair()];
        let public = [first_public, second_public];
        let keys = PrivateKeys::match_up(&[first, second], &public).unwrap();
        let text = canonical(lot, registration, &bid());
        let sealed = seal(&text, &public).unwrap();
        let opens = |sealed: &str, promised: &str| keys.open(sealed, promised, lot, registration).err();
        let mut bent = STANDARD.decode(&sealed).unwrap();
        bent[100] ^= 1;
        assert_eq!(opens(&STANDARD.encode(bent), &commitment(&text)), Some(Fault::Unreadable));
        assert_eq!(opens("no base64", &commitment(&text)), Some(Fault::Unreadable));
        assert_eq!(opens(&sealed, &commitment("another")), Some(Fault::Mismatch));
        let others = canonical(AuctionLotId::fresh(), registration, &bid());
        let moved = seal(&others, &public).unwrap();
        assert_eq!(opens(&moved, &commitment(&others)), Some(Fault::Mismatch), "a bid for another lot is not copied");
    }

    #[test]
    fn all_bids_are_equally_long_and_no_two_look_alike() {
        let public = [pair().1, pair().1];
        let (lot, registration) = (AuctionLotId::fresh(), AuctionRegistrationId::fresh());
        let small = canonical(lot, registration, &bid());
        let huge = Terms { price: Price::try_new(i64::MAX).unwrap(), quantity: Quantity::try_new(i64::MAX).unwrap() };
        let large = canonical(lot, registration, &Opened { terms: huge, ..bid() });
        let [one, other, third] = [&small, &large, &small].map(|text| seal(text, &public).unwrap());
        assert!(one.len() == other.len() && one != third);
    }

    #[test]
    fn a_key_is_a_point_that_hides_something() {
        assert_eq!(judge_key(&pair().1), Ok(()));
        for bad in ["", "00", &"00".repeat(32), &format!("01{}", "00".repeat(31)), &"AB".repeat(32)] {
            assert_eq!(judge_key(bad), Err(AuctionRefusal::BadKey {}), "{bad}");
        }
    }
}
