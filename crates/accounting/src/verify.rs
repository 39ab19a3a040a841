//! Checking books that were read back: every balance is derived again from the entries alone.

use crate::Purpose;
use std::fmt;
use uuid::Uuid;

/// An entry as it was read back from where it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadEntry {
    /// Row identity of the account.
    pub account: Uuid,
    /// Version within the account.
    pub version: i64,
    /// The journal it belongs to.
    pub journal: Uuid,
    /// The posting within the journal.
    pub line: i32,
    /// Signed smallest units.
    pub amount: i64,
    /// Balance the row claims.
    pub balance_after: i64,
    /// Instant the row claims, microseconds since 1970 UTC.
    pub recorded_at: i64,
}

/// An account as it was read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadAccount {
    /// Row identity.
    pub id: Uuid,
    /// What it counts.
    pub asset: Uuid,
    /// What it is for; nothing when the word is unknown.
    pub purpose: Option<Purpose>,
    /// Whether it may never be negative.
    pub guarded: bool,
    /// Balance the row claims.
    pub balance: i64,
    /// Version the row claims.
    pub version: i64,
    /// Instant of the last entry that the row claims, microseconds since 1970 UTC; 0 before the first.
    pub last_recorded_at: i64,
}

/// One thing that does not add up, naming its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Table of the row.
    pub table: &'static str,
    /// Key of the row in words.
    pub row: String,
    /// What is wrong.
    pub fault: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}: {}", self.table, self.row, self.fault)
    }
}

impl ReadEntry {
    /// The key of the row in words.
    pub fn row(&self) -> String {
        let Self { account, version, journal, line, .. } = self;
        format!("account {account} version {version} (journal {journal} line {line})")
    }

    /// Names this row and what is wrong with it.
    pub fn differs(&self, fault: String) -> Difference {
        Difference { table: "entries", row: self.row(), fault }
    }
}

/// Follows one account's entries in version order.
#[derive(Debug)]
pub struct AccountTrail {
    account: ReadAccount,
    balance: i64,
    version: i64,
    recorded_at: i64,
}

impl AccountTrail {
    /// Starts before the first entry.
    pub fn new(account: ReadAccount) -> Self {
        Self { account, balance: 0, version: 0, recorded_at: i64::MIN }
    }

    /// The version that its next entry must have.
    pub fn next_version(&self) -> i64 {
        self.version.saturating_add(1)
    }

    /// Takes the next entry and tells what is wrong with it. After a fault the claimed values are carried on, so that
    /// one altered row is named once and not every row after it.
    pub fn follow(&mut self, entry: &ReadEntry) -> Vec<Difference> {
        let mut found = Vec::new();
        if entry.version != self.next_version() {
            found.push(entry.differs(format!("version {} was expected here", self.next_version())));
        }
        let derived = self.balance.checked_add(entry.amount);
        if derived != Some(entry.balance_after) {
            let derived = derived.map_or_else(|| "beyond 64 bits".to_owned(), |sum| sum.to_string());
            found.push(entry.differs(format!(
                "the row claims a balance of {}, its entries add up to {derived}",
                entry.balance_after
            )));
        }
        if self.account.guarded && entry.balance_after < 0 {
            found.push(entry.differs(format!("a guarded account stands at {}", entry.balance_after)));
        }
        if entry.recorded_at < self.recorded_at {
            found.push(entry.differs("it is recorded before the entry ahead of it".to_owned()));
        }
        (self.balance, self.version, self.recorded_at) = (entry.balance_after, entry.version, entry.recorded_at);
        found
    }

    /// Compares the end of the trail with the account's own row.
    pub fn close(self) -> Option<Difference> {
        let ReadAccount { id, purpose, guarded, balance, version, last_recorded_at, .. } = self.account;
        let last = if self.version == 0 { 0 } else { self.recorded_at };
        let fault = if balance != self.balance {
            format!("the row claims a balance of {balance}, its last entry says {}", self.balance)
        } else if version != self.version {
            format!("the row claims version {version}, its last entry has {}", self.version)
        } else if last_recorded_at != last {
            format!("the row claims a last entry at {last_recorded_at}, its last entry is recorded at {last}")
        } else if purpose.is_none_or(|purpose| purpose.guarded() != guarded) {
            "its purpose does not say whether it may be negative as the row does".to_owned()
        } else {
            return None;
        };
        Some(Difference { table: "accounts", row: format!("account {id}"), fault })
    }
}
