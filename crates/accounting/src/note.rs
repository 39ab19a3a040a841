//! Checkpoints (检查点): the size and root of a tree as a C2SP `tlog-checkpoint`, signed as a C2SP `signed-note` with Ed25519,
//! and cosigned by witnesses after C2SP `tlog-cosignature`. Keys are written as those formats write them.

use crate::tree::Hash;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature as Ed25519, SigningKey, VerifyingKey};
use signed_note::{Note, NoteError, Signature, StandardSigner, StandardVerifier, Verifier, VerifierList};
use thiserror::Error;
use tlog_tiles::Checkpoint;

/// First byte of an Ed25519 key that signs notes.
const OF_NOTES: u8 = 1;
/// First byte of an Ed25519 key that cosigns checkpoints.
const OF_WITNESSES: u8 = 4;

/// Longest name of a witness, in bytes: as long as a host may be named.
const LONGEST_NAME: usize = 253;

/// Why a note or key is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoteFault {
    /// It is no note, or its text is no checkpoint.
    #[error("it is not a signed checkpoint")]
    Malformed,
    /// It is no key of the kind wanted here.
    #[error("it is not a key of that kind")]
    BadKey,
    /// None of the keys has signed it.
    #[error("none of the keys has signed it")]
    Unsigned,
    /// A signature claims to be by one of the keys, and is not.
    #[error("a signature is wrong")]
    WrongSignature,
}

impl From<NoteError> for NoteFault {
    fn from(error: NoteError) -> Self {
        match error {
            NoteError::UnverifiedNote => Self::Unsigned,
            NoteError::InvalidSignature { .. } => Self::WrongSignature,
            NoteError::InvalidSigner | NoteError::MismatchedVerifier | NoteError::VerificationError(_) => Self::BadKey,
            NoteError::MalformedNote | NoteError::SignatureError(_) => Self::Malformed,
        }
    }
}

/// The size and root of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeHead {
    /// Which log; also the name of its keys.
    pub origin: String,
    /// How many leaves it has.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// What else is signed, a line each.
    pub extensions: Vec<String>,
}

impl TreeHead {
    /// The text that is signed.
    ///
    /// # Errors
    /// [`NoteFault::Malformed`] when the origin or an extension is empty.
    pub fn text(&self) -> Result<String, NoteFault> {
        let extensions: String = self.extensions.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        let checkpoint = Checkpoint::new(&self.origin, self.size, tlog_tiles::Hash(self.root), &extensions);
        let bytes = checkpoint.map_err(|_| NoteFault::Malformed)?.to_bytes();
        String::from_utf8(bytes).map_err(|_| NoteFault::Malformed)
    }

    /// The signed note, by one key or by several.
    ///
    /// # Errors
    /// [`NoteFault::BadKey`].
    pub fn sign(&self, signing_keys: &[&str]) -> Result<String, NoteFault> {
        let signers: Vec<StandardSigner> = signing_keys
            .iter()
            .map(|key| StandardSigner::new(key).map_err(|_| NoteFault::BadKey))
            .collect::<Result<_, _>>()?;
        let mut note = Note::new(self.text()?.as_bytes(), &[])?;
        let signers: Vec<&dyn signed_note::Signer> = signers.iter().map(|signer| signer as _).collect();
        note.add_sigs(&signers)?;
        String::from_utf8(note.to_bytes()).map_err(|_| NoteFault::Malformed)
    }
}

/// A key pair that signs notes: the signing key, to be kept secret, and the public key (`vkey`), from 32 random bytes.
pub fn note_key(name: &str, seed: &[u8; 32]) -> (String, String) {
    let key = SigningKey::from_bytes(seed);
    let public = encode(name, OF_NOTES, key.verifying_key().as_bytes());
    let id = signed_note::key_id(name, &[&[OF_NOTES], key.verifying_key().as_bytes().as_slice()].concat());
    let secret = [&[OF_NOTES], seed.as_slice()].concat();
    (format!("PRIVATE+KEY+{name}+{id:08x}+{}", STANDARD.encode(secret)), public)
}

/// The public key of a signing key.
///
/// # Errors
/// [`NoteFault::BadKey`].
pub fn public_of(signing_key: &str) -> Result<String, NoteFault> {
    StandardSigner::new(signing_key).map_err(|_| NoteFault::BadKey)?;
    let mut parts = signing_key.splitn(5, '+').skip(2);
    let (Some(name), Some(key)) = (parts.next(), parts.nth(1)) else { return Err(NoteFault::BadKey) };
    let key = STANDARD.decode(key).map_err(|_| NoteFault::BadKey)?;
    let seed: &[u8; 32] = key[1..].try_into().map_err(|_| NoteFault::BadKey)?;
    Ok(note_key(name, seed).1)
}

/// The public key (`vkey`) of a witness.
pub fn witness_key(name: &str, public: &VerifyingKey) -> String {
    encode(name, OF_WITNESSES, public.as_bytes())
}

fn encode(name: &str, kind: u8, public: &[u8; 32]) -> String {
    let key = [&[kind], public.as_slice()].concat();
    format!("{name}+{:08x}+{}", signed_note::key_id(name, &key), STANDARD.encode(key))
}

/// A checkpoint whose signatures were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What it says.
    pub head: TreeHead,
    /// Names and ids (`name+id`) of the keys that have signed it.
    pub signed_by: Vec<String>,
    /// How many signatures are by keys that were not handed in.
    pub by_others: usize,
}

/// Reads a note that at least one of these public keys must have signed. Signatures by other keys are left aside.
///
/// # Errors
/// Every [`NoteFault`].
pub fn open(note: &str, vkeys: &[&str]) -> Result<Opened, NoteFault> {
    let unverified = Note::from_bytes(note.as_bytes())?;
    let known = vkeys.iter().map(|vkey| {
        let verifier = StandardVerifier::new(vkey).map_err(|_| NoteFault::BadKey)?;
        Ok(Box::new(verifier) as Box<dyn Verifier>)
    });
    let (signed, others) = unverified.verify(&VerifierList::new(known.collect::<Result<_, NoteFault>>()?))?;
    let signed_by = signed.iter().map(|signature| format!("{}+{:08x}", signature.name(), signature.id())).collect();
    Ok(Opened { head: head_of(unverified.text())?, signed_by, by_others: others.len() })
}

/// What a note says, whoever signed it.
///
/// # Errors
/// [`NoteFault::Malformed`].
pub fn read(note: &str) -> Result<TreeHead, NoteFault> {
    head_of(Note::from_bytes(note.as_bytes())?.text())
}

/// Whether these public keys, and no others, have signed the note, in any order.
pub fn is_signed_by_exactly(note: &str, vkeys: &[&str]) -> bool {
    let mut wanted: Vec<&str> = vkeys.iter().map(|vkey| name_and_id(vkey)).collect();
    let Ok(mut opened) = open(note, vkeys) else { return false };
    wanted.sort_unstable();
    opened.signed_by.sort();
    wanted == opened.signed_by && opened.by_others == 0
}

/// What stands before the key itself in a `vkey`; the key's own base64 may hold further plus signs.
pub fn name_and_id(vkey: &str) -> &str {
    vkey.match_indices('+').nth(1).map_or(vkey, |(at, _)| &vkey[..at])
}

fn head_of(text: &[u8]) -> Result<TreeHead, NoteFault> {
    let read = Checkpoint::from_bytes(text).map_err(|_| NoteFault::Malformed)?;
    let extensions = read.extension().lines().map(str::to_owned).collect();
    Ok(TreeHead { origin: read.origin().to_owned(), size: read.size(), root: read.hash().0, extensions })
}

/// The public key of a witness, read from its `vkey`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessKey {
    name: String,
    id: u32,
    key: VerifyingKey,
}

impl WitnessKey {
    /// Reads a `vkey` of the kind that C2SP `tlog-cosignature` calls `cosignature/v1`.
    ///
    /// # Errors
    /// [`NoteFault::BadKey`].
    pub fn parse(vkey: &str) -> Result<Self, NoteFault> {
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteFault::BadKey);
        };
        let key = STANDARD.decode(key).map_err(|_| NoteFault::BadKey)?;
        let is_id = |text: &str| text.len() == 8 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let known = u32::from_str_radix(id, 16).ok().filter(|_| is_id(id));
        let id = known.filter(|id| *id == signed_note::key_id(name, &key)).ok_or(NoteFault::BadKey)?;
        let is_name =
            signed_note::is_key_name_valid(name) && name.len() <= LONGEST_NAME && !name.contains(char::is_control);
        match (key.split_first(), is_name) {
            (Some((&OF_WITNESSES, public)), true) => {
                let public: &[u8; 32] = public.try_into().map_err(|_| NoteFault::BadKey)?;
                let key = VerifyingKey::from_bytes(public).map_err(|_| NoteFault::BadKey)?;
                Ok(Self { name: name.to_owned(), id, key })
            }
            _ => Err(NoteFault::BadKey),
        }
    }

    /// The name that its signature lines carry.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Checks a signature line of this witness under a checkpoint, and tells when it was made, in seconds since 1970 UTC.
    ///
    /// # Errors
    /// [`NoteFault::Malformed`], [`NoteFault::Unsigned`] when the line is by another key, [`NoteFault::WrongSignature`].
    pub fn check(&self, head: &TreeHead, line: &str) -> Result<u64, NoteFault> {
        let read = Signature::from_bytes(line.trim_end_matches('\n').as_bytes())?;
        if read.name() != self.name || read.id() != self.id {
            return Err(NoteFault::Unsigned);
        }
        let (time, signature) = read.signature().split_at_checked(8).ok_or(NoteFault::Malformed)?;
        let time = u64::from_be_bytes(time.try_into().map_err(|_| NoteFault::Malformed)?);
        let signature = Ed25519::from_slice(signature).map_err(|_| NoteFault::Malformed)?;
        let text = cosigned_text(head, time)?;
        self.key.verify_strict(text.as_bytes(), &signature).map_err(|_| NoteFault::WrongSignature)?;
        Ok(time)
    }
}

/// Name that a signature line carries.
///
/// # Errors
/// [`NoteFault::Malformed`].
pub fn name_on(line: &str) -> Result<String, NoteFault> {
    Ok(Signature::from_bytes(line.trim_end_matches('\n').as_bytes())?.name().to_owned())
}

/// What a witness signs: that it has seen this checkpoint at this second, and no other history before it.
fn cosigned_text(head: &TreeHead, time: u64) -> Result<String, NoteFault> {
    Ok(format!("cosignature/v1\ntime {time}\n{}", head.text()?))
}

/// The signature line of a witness under a checkpoint.
///
/// # Errors
/// [`NoteFault::Malformed`].
pub fn cosign(head: &TreeHead, name: &str, key: &SigningKey, time: u64) -> Result<String, NoteFault> {
    use ed25519_dalek::Signer;
    let signature = key.sign(cosigned_text(head, time)?.as_bytes());
    let bytes = [time.to_be_bytes().as_slice(), signature.to_bytes().as_slice()].concat();
    let public = [&[OF_WITNESSES], key.verifying_key().as_bytes().as_slice()].concat();
    let line = Signature::new(name.to_owned(), signed_note::key_id(name, &public), bytes)?.to_bytes();
    String::from_utf8(line).map_err(|_| NoteFault::Malformed)
}
