//! A paper read back: the file that is attached to it, and whether it proves what the paper says. Nothing is asked of any server or database;
//! what is trusted is the public key of the log.

use accounting::certificate::{self, CertificateFault, CertificateProof};
use accounting::extract;
use accounting::leaf::LeafJournal;
use accounting::note::TreeHead;
use accounting::tree::{Hash, check_inclusion};
use lopdf::{Document, Object};
use serde::Deserialize;
use std::fmt;

/// Largest file that is read: a paper has some hundred kilobytes.
pub const LARGEST: usize = 10 << 20;
/// How a PDF begins.
const PDF: &[u8] = b"%PDF-";

/// The attached file: the text of the paper, and everything that proves it.
#[derive(Debug, Clone, Deserialize)]
pub struct ProofFile {
    /// The text.
    pub certificate: String,
    /// The canonical form of the journal of its issue.
    pub journal: String,
    /// Where that journal stands in the log.
    pub position: u64,
    /// The hashes of its inclusion proof, in hexadecimal.
    pub inclusion: Vec<String>,
    /// The signed checkpoint.
    pub checkpoint: String,
    /// The journals that the text names by their leaves.
    #[serde(default)]
    pub origins: Vec<LoggedLeaf>,
}

/// A journal in the log, by its leaf.
#[derive(Debug, Clone, Deserialize)]
pub struct LoggedLeaf {
    /// Its leaf hash, in hexadecimal.
    pub leaf_hash: String,
    /// Where it stands in the log.
    pub position: u64,
    /// The hashes of its inclusion proof, in hexadecimal.
    pub inclusion: Vec<String>,
}

/// What a paper that proves itself says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// `rights`, `pledge` or `search`.
    pub kind: &'static str,
    /// Its number.
    pub number: String,
    /// SHA-256 of its text, in hexadecimal.
    pub content_hash: String,
    /// The journal of its issue.
    pub journal: LeafJournal,
    /// The tree head that vouches for it.
    pub head: TreeHead,
}

/// Why a paper does not prove itself.
#[derive(Debug)]
pub enum ProofFault {
    /// It is larger than any paper.
    TooLarge,
    /// The PDF has no proof attached, or is none.
    NothingAttached(String),
    /// The attached file is none of this form.
    Unreadable(String),
    /// A hash that is none.
    NotAHash(String),
    /// The text, the journal, the checkpoint or the inclusion.
    Certificate(CertificateFault),
    /// A journal that the text names is not in the tree.
    LeafUnproved(String),
}

impl fmt::Display for ProofFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(out, "the file is larger than {LARGEST} bytes"),
            Self::NothingAttached(why) => write!(out, "the PDF has no certificate.json attached: {why}"),
            Self::Unreadable(why) => write!(out, "the proof cannot be read: {why}"),
            Self::NotAHash(text) => write!(out, "{text} is not a hash of 64 hexadecimal digits"),
            Self::Certificate(fault) => fault.fmt(out),
            Self::LeafUnproved(leaf) => {
                write!(out, "the leaf {leaf}, which the text names, is not proved to be in the log")
            }
        }
    }
}

impl std::error::Error for ProofFault {}

impl From<CertificateFault> for ProofFault {
    fn from(fault: CertificateFault) -> Self {
        Self::Certificate(fault)
    }
}

impl ProofFile {
    /// Reads the proof out of a paper (PDF) or out of the file that was attached to it (JSON).
    ///
    /// # Errors
    /// [`ProofFault::TooLarge`], [`ProofFault::NothingAttached`], [`ProofFault::Unreadable`].
    pub fn read(file: &[u8]) -> Result<Self, ProofFault> {
        if file.len() > LARGEST {
            return Err(ProofFault::TooLarge);
        }
        let json = if file.starts_with(PDF) { attached(file)? } else { file.to_vec() };
        serde_json::from_slice(&json).map_err(|fault| ProofFault::Unreadable(fault.to_string()))
    }

    /// Verifies the text under the public keys of the log, and every journal that it names.
    ///
    /// # Errors
    /// [`ProofFault::NotAHash`], [`ProofFault::Certificate`], [`ProofFault::LeafUnproved`].
    pub fn verify(&self, vkeys: &[&str]) -> Result<Proven, ProofFault> {
        let inclusion = hashes(&self.inclusion)?;
        let proof = CertificateProof {
            journal: &self.journal,
            position: self.position,
            inclusion: &inclusion,
            checkpoint: &self.checkpoint,
        };
        let (kind, number, content_hash, named, journal, head) = if self.certificate.starts_with(extract::VERSION) {
            let (extract, journal, head) = extract::verify(&self.certificate, proof, vkeys)?;
            let named: Vec<String> = extract.leaves().into_iter().map(str::to_owned).collect();
            (extract.kind(), extract.number.clone(), extract.hash(), named, journal, head)
        } else {
            let (certificate, journal, head) = certificate::verify(&self.certificate, proof, vkeys)?;
            let named = certificate.origins.iter().map(|origin| origin.leaf_hash.clone()).collect();
            ("rights", certificate.number.clone(), certificate.hash(), named, journal, head)
        };
        for leaf in named {
            self.expect_logged(&leaf, &head)?;
        }
        Ok(Proven { kind, number, content_hash, journal, head })
    }

    fn expect_logged(&self, leaf: &str, head: &TreeHead) -> Result<(), ProofFault> {
        let unproved = || ProofFault::LeafUnproved(leaf.to_owned());
        let logged = self.origins.iter().find(|logged| logged.leaf_hash == leaf).ok_or_else(unproved)?;
        let inclusion = hashes(&logged.inclusion)?;
        check_inclusion(&inclusion, head.size, head.root, logged.position, hash(leaf)?).map_err(|_| unproved())
    }
}

fn hashes(texts: &[String]) -> Result<Vec<Hash>, ProofFault> {
    texts.iter().map(|text| hash(text)).collect()
}

fn hash(text: &str) -> Result<Hash, ProofFault> {
    accounting::hex::bytes(text).ok_or_else(|| ProofFault::NotAHash(text.chars().take(80).collect()))
}

/// What is attached to a PDF.
fn attached(file: &[u8]) -> Result<Vec<u8>, ProofFault> {
    let nothing = |why: &dyn std::fmt::Display| ProofFault::NothingAttached(why.to_string());
    let document = Document::load_mem(file).map_err(|fault| nothing(&fault))?;
    let is_embedded = |object: &&Object| {
        let kind = object.as_stream().ok().and_then(|stream| stream.dict.get(b"Type").ok());
        kind.and_then(|kind| kind.as_name().ok()) == Some(b"EmbeddedFile".as_slice())
    };
    let found = document.objects.values().find(is_embedded).ok_or_else(|| nothing(&"no file is embedded"))?;
    let stream = found.as_stream().map_err(|fault| nothing(&fault))?;
    if stream.filters().is_ok_and(|filters| !filters.is_empty()) {
        stream.decompressed_content().map_err(|fault| nothing(&fault))
    } else {
        Ok(stream.content.clone())
    }
}
