//! The transparency log (透明日志): a Merkle tree over every journal, so that a regulator, a bank or a court can check the
//! books without trusting whoever runs the server. A journal's leaf hash stands in its own row; once nothing older can
//! be added any more, one leased sequencer gives it its position, and signs size and root of the tree as a checkpoint.
//!
//! Leaves, nodes and checkpoints are C2SP `tlog-tiles` and `signed-note`, served in public without the journals themselves.
//! The operator's key alone could sign another history, so witnesses cosign, and who keeps an old checkpoint can prove
//! that today's log extends it. `docs/TRANSPARENCY-LOG.md` tells a stranger how.

pub mod api;
pub mod api_proved;
pub mod api_public;
pub mod commands;
pub mod error;
pub mod proved;
pub mod queries;
pub mod sequenced;
pub mod sequencer;
mod store;
pub mod verify;

pub use error::LogRefusal;
pub use sequencer::{keep, sequence_alone, sequence_once};

use crate::access::caller::Permit;
use crate::access::{Action, Caller, Role};
use crate::kernel::{Failure, Moment};
use accounting::note::TreeHead;
use accounting::tree::Hash;

/// A size of the log with its root, as it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Counts from 1 without a gap.
    pub number: i64,
    /// How many leaves the tree has.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The signed note.
    pub note: String,
    /// Number of the key that signed it.
    pub key_number: i64,
    /// Every row recorded before this instant of business time is in the tree.
    pub stable_before: Moment,
    /// When it was signed, in business time.
    pub recorded_at: Moment,
}

impl Checkpoint {
    /// What is signed: besides size and root also number and instants, so that no row can be changed, doubled or left out.
    pub fn head(&self, origin: &str) -> TreeHead {
        let extensions = vec![
            format!("number {}", self.number),
            format!("stable-before {}", self.stable_before.micros()),
            format!("recorded-at {}", self.recorded_at.micros()),
        ];
        TreeHead { origin: origin.to_owned(), size: self.size, root: self.root, extensions }
    }
}

/// The server's own permit: nobody asks it to keep the log.
fn keeper() -> Result<Permit, Failure> {
    let server = Caller { roles: vec![Role::Operator], ..Caller::nobody() };
    Ok(server.may(Action::KeepLog)?)
}

/// Numbers of rows are 64-bit and signed in both databases, positions in the tree are not.
fn signed(number: u64) -> Result<i64, Failure> {
    i64::try_from(number).map_err(Failure::bug)
}
