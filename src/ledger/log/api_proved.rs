//! What proves a paper, as the contract says it.

use super::LogRefusal;
use super::proved::Proved;
use crate::kernel::{Failure, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A journal in the log, by its leaf.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OriginProof {
    /// Its leaf hash, in hexadecimal.
    #[schema(example = "83d9997564b56f9ddc117bbaeaeb89218e0fa89e0306a6683013ca2af56e9fc0")]
    pub leaf_hash: String,
    /// Its position in the log, from 0.
    #[schema(example = 1_002)]
    pub position: u64,
    /// The hashes of its inclusion proof, from the leaf to the root, in hexadecimal.
    pub inclusion: Vec<String>,
}

/// What proves a paper of the registry: everything that docs/CERTIFICATE-FORMAT.md needs, and nothing that has to be asked for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = CertificateProof)]
pub struct ProofView {
    /// The canonical form of the journal of its issue (docs/JOURNAL-FORMAT.md), whose document hash is that of the text.
    #[schema(example = "ganhe-journal/1\nbook 1\nid 018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01\nkind certificate_issued\n")]
    pub journal: String,
    /// The leaf hash of that journal, in hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub leaf_hash: String,
    /// Its position in the log, from 0.
    #[schema(example = 1_204)]
    pub position: u64,
    /// Size of the tree that the proofs lead to; the checkpoint says the same.
    #[schema(example = 1_310)]
    pub tree_size: u64,
    /// The hashes of its inclusion proof, from the leaf to the root, in hexadecimal.
    pub inclusion: Vec<String>,
    /// The signed checkpoint of that size: a C2SP signed note.
    pub checkpoint: String,
    /// The journals that the paper names by their leaves, in the same tree.
    pub origins: Vec<OriginProof>,
}

impl From<Proved> for ProofView {
    fn from(proved: Proved) -> Self {
        let origins = proved.origins.into_iter().map(|logged| OriginProof {
            leaf_hash: logged.leaf_hash,
            position: logged.position,
            inclusion: logged.inclusion,
        });
        Self {
            journal: proved.journal,
            leaf_hash: proved.leaf_hash,
            position: proved.position,
            tree_size: proved.tree_size,
            inclusion: proved.inclusion,
            checkpoint: proved.checkpoint,
            origins: origins.collect(),
        }
    }
}

impl ProofView {
    /// The proof, or nothing while the journal of the paper is not in the log.
    ///
    /// # Errors
    /// Every other failure.
    pub fn once_logged(proved: Result<Proved, Failure>) -> Result<Option<Self>, Failure> {
        match proved {
            Ok(proof) => Ok(Some(proof.into())),
            Err(failure)
                if failure
                    .violations
                    .iter()
                    .any(|violation| violation.code == LogRefusal::NotYet {}.violation().code) =>
            {
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }
}
