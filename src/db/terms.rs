//! What a client asks of a command beside its body: a rehearsal, accounts as it saw them, the accounts as they stand after.

use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Where a work writes how accounts stand after it, one item each, on their way into a header of the answer.
#[derive(Debug, Clone, Default)]
pub struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    /// Replaces what was told: the last run of a work counts.
    pub fn tell(&self, items: Vec<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = items;
    }

    /// What was told.
    pub fn items(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The terms of a command. Without any it is committed whatever the accounts' versions are.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// Everything is judged and computed by the same code, and nothing is kept.
    pub is_dry_run: bool,
    /// Accounts with the versions that the client saw; judged under their locks.
    pub expects: Vec<(Uuid, i64)>,
    /// Where to tell the accounts that the command moved, as far as the caller may see them.
    pub told: Option<Told>,
}

impl Terms {
    /// Whether a batch may take the command: only one without terms.
    pub fn are_none(&self) -> bool {
        !self.is_dry_run && self.expects.is_empty() && self.told.is_none()
    }
}
