//! What proves a paper of the registry to whoever holds it: the journal of its issue, and the way from there to a signed checkpoint.

use super::queries as log;
use crate::db::Db;
use crate::kernel::Failure;
use crate::ledger::find_leaf;
use crate::ledger::log::api::in_hexadecimal;
use accounting::note;
use accounting::tree::{Hash, Proof};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use std::time::Duration;
use uuid::Uuid;

/// A journal in the log, by its leaf.
#[derive(Debug, Clone, Serialize)]
pub struct Logged {
    /// Its leaf hash, in hexadecimal.
    pub leaf_hash: String,
    /// Its position in the log, from 0.
    pub position: u64,
    /// The hashes of its inclusion proof, from the leaf to the root, in hexadecimal.
    pub inclusion: Vec<String>,
}

/// What proves a paper: everything that docs/CERTIFICATE-FORMAT.md needs, and nothing that has to be asked for.
#[derive(Debug, Clone, Serialize)]
pub struct Proved {
    /// The canonical form of the journal of its issue, whose document hash is that of the paper's text.
    pub journal: String,
    /// The leaf hash of that journal, in hexadecimal.
    pub leaf_hash: String,
    /// Its position in the log, from 0.
    pub position: u64,
    /// Size of the tree that the proofs lead to.
    pub tree_size: u64,
    /// The hashes of its inclusion proof, from the leaf to the root, in hexadecimal.
    pub inclusion: Vec<String>,
    /// The signed checkpoint of that size.
    pub checkpoint: String,
    /// The journals that the paper names by their leaves, in the same tree.
    pub origins: Vec<Logged>,
}

impl Proved {
    /// What of it is printed, a label and a value each; the first is the hash of the text.
    ///
    /// # Errors
    /// A fault of ours: a checkpoint that is none.
    pub fn lines(&self, label: &'static str, sha256: &str) -> Result<Vec<(&'static str, String)>, Failure> {
        let head = note::read(&self.checkpoint).map_err(Failure::bug)?;
        Ok(vec![
            (label, sha256.to_owned()),
            ("日志叶 Leaf", self.leaf_hash.clone()),
            ("位置 Position", format!("{} / {}", self.position, self.tree_size)),
            ("树根 Root", STANDARD.encode(head.root)),
            ("日志 Log", head.origin),
        ])
    }

    /// The file that is attached to a paper of this text and hash, as JSON, under the name of its form.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn attachment(&self, form: &'static str, certificate: &str, sha256: &str) -> Result<Vec<u8>, Failure> {
        serde_json::to_vec_pretty(&Attachment { form, certificate, sha256, proof: self }).map_err(Failure::bug)
    }
}

/// The file that is attached to a paper: its text, and everything that proves it.
#[derive(Debug, Serialize)]
struct Attachment<'a> {
    form: &'static str,
    certificate: &'a str,
    sha256: &'a str,
    #[serde(flatten)]
    proof: &'a Proved,
}

/// What proves the paper of a journal that names these leaves besides, in hexadecimal.
///
/// # Errors
/// [`super::LogRefusal::NotYet`] while its journal is not in the log.
pub async fn prove(db: &Db, source: Uuid, leaves: &[&str], patience: Duration) -> Result<Proved, Failure> {
    let (position, checkpoint) = log::wait_for(db, source, patience).await?;
    let journal = find_leaf(db.reader(), source).await?;
    let journal = journal.ok_or_else(|| Failure::bug("a paper without the journal of its issue"))?;
    let size = checkpoint.size;
    let mut origins = Vec::new();
    for leaf_hash in leaves {
        let leaf: Hash = accounting::hex::bytes(leaf_hash).ok_or_else(|| Failure::bug("a leaf hash that is none"))?;
        let position = log::find_leaf(db, leaf).await?.filter(|position| *position < size);
        let position = position.ok_or_else(|| Failure::bug("an older journal is not in the log"))?;
        let inclusion = in_hexadecimal(&log::prove(db, Proof::Inclusion { size, position }).await?);
        origins.push(Logged { leaf_hash: (*leaf_hash).to_owned(), position, inclusion });
    }
    Ok(Proved {
        leaf_hash: accounting::hexadecimal(&journal.hash()),
        journal: journal.canonical(),
        position,
        tree_size: size,
        inclusion: in_hexadecimal(&log::prove(db, Proof::Inclusion { size, position }).await?),
        checkpoint: checkpoint.note,
        origins,
    })
}
