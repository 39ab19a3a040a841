//! The canonical form of a sealed period (期间封账规范格式), version 1, and its hash: what makes any later change of a sealed
//! month visible. `docs/SEAL-FORMAT.md` describes it for a stranger, with a test vector.

use crate::hex::hexadecimal;
use crate::month::Month;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use uuid::Uuid;

/// First line of the canonical form; a changed form gets another number.
pub const VERSION: &str = "ganhe-seal/1";

/// What a seal says of its month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Number of the book.
    pub book: i32,
    /// Which month.
    pub month: Month,
    /// The seal of the month before; none for the first month of the book.
    pub previous: Option<[u8; 32]>,
    /// The journals that are effective in the month.
    pub journals: Leaves,
    /// The trial balance by effective date at the end of the month.
    pub balances: Vec<SealedBalance>,
}

/// How many journals there are, and the hash over their leaf hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaves {
    /// How many.
    pub count: i64,
    /// SHA-256 of their leaf hashes, one after the other.
    pub hash: [u8; 32],
}

/// One line of the sealed trial balance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SealedBalance {
    /// Which asset.
    pub asset: Uuid,
    /// What the accounts are for.
    pub purpose: String,
    /// Sum of their balances in smallest units.
    pub units: i64,
}

/// Takes the leaf hashes of a month in the order of (recorded instant, id), however many.
#[derive(Debug, Clone, Default)]
pub struct RunningLeaves {
    count: i64,
    digest: Sha256,
}

impl RunningLeaves {
    /// Takes the next journal.
    pub fn take(&mut self, leaf_hash: &[u8]) {
        self.count += 1;
        self.digest.update(leaf_hash);
    }

    /// What was taken.
    pub fn finish(self) -> Leaves {
        Leaves { count: self.count, hash: self.digest.finalize().into() }
    }
}

impl Seal {
    /// The seal of a month, its balances in the order of the canonical form: by asset, then by purpose.
    pub fn new(
        book: i32,
        month: Month,
        previous: Option<[u8; 32]>,
        journals: Leaves,
        mut balances: Vec<SealedBalance>,
    ) -> Self {
        balances.sort();
        Self { book, month, previous, journals, balances }
    }

    /// The canonical text.
    pub fn canonical(&self) -> String {
        let mut form = format!(
            "{VERSION}\nbook {}\nmonth {}\nprevious {}\njournals {}\nleaves {}\nbalances {}\n",
            self.book,
            self.month,
            self.previous.map_or_else(|| "-".to_owned(), |hash| hexadecimal(&hash)),
            self.journals.count,
            hexadecimal(&self.journals.hash),
            self.balances.len(),
        );
        for SealedBalance { asset, purpose, units } in &self.balances {
            // Writing to a string cannot fail.
            let _ = writeln!(form, "balance {asset} {purpose} {units}");
        }
        form
    }

    /// SHA-256 of the canonical text.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.canonical().as_bytes()).into()
    }
}
