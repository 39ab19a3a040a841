//! Balances in memory, and the one rule by which a journal changes them.

use crate::account::AccountKey;
use crate::journal::Journal;
use std::collections::{BTreeMap, HashMap};
use thiserror::Error;

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Smallest units.
    pub balance: i64,
    /// How many entries it has.
    pub version: i64,
}

/// One side of a posting, as its account sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryDraft {
    /// Position of the posting in its journal, from zero.
    pub line: i32,
    /// The account.
    pub account: AccountKey,
    /// Signed smallest units: negative when it leaves.
    pub amount: i64,
    /// Balance of the account after this entry.
    pub balance_after: i64,
    /// The account's next version, gap-free from 1.
    pub version: i64,
}

/// Why a journal cannot be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Insufficient {
    /// A guarded account would fall below zero.
    #[error("an account holds {balance}, and {wanted} would leave it")]
    Short {
        /// Which.
        account: AccountKey,
        /// What it holds.
        balance: i64,
        /// What would leave.
        wanted: i64,
    },
    /// A balance or a version would leave the range of 64 bits.
    #[error("a balance or a version would be larger than the books can count")]
    Overflow {
        /// Which.
        account: AccountKey,
    },
}

/// A set of account standings. An account that is not listed stands at zero.
#[derive(Debug, Clone, Default)]
pub struct Books {
    standings: HashMap<AccountKey, Standing>,
}

impl Books {
    /// Books that start from the given standings.
    pub fn from_standings(standings: impl IntoIterator<Item = (AccountKey, Standing)>) -> Self {
        Self { standings: standings.into_iter().collect() }
    }

    /// Where an account stands.
    pub fn standing(&self, account: &AccountKey) -> Standing {
        self.standings.get(account).copied().unwrap_or_default()
    }

    /// The balance of an account in smallest units.
    pub fn balance(&self, account: &AccountKey) -> i64 {
        self.standing(account).balance
    }

    /// Every account that was ever touched.
    pub fn iter(&self) -> impl Iterator<Item = (&AccountKey, &Standing)> {
        self.standings.iter()
    }

    /// Applies one journal, all or nothing, and tells its entries.
    ///
    /// Within a journal postings take effect in order, so money may pass through an account; a guarded account may not
    /// fall below zero at any step.
    ///
    /// # Errors
    /// [`Insufficient`]; the books are unchanged then.
    pub fn apply(&mut self, journal: &Journal) -> Result<Vec<EntryDraft>, Insufficient> {
        let mut touched: BTreeMap<AccountKey, Standing> = BTreeMap::new();
        let mut entries = Vec::with_capacity(journal.postings.len() * 2);
        for (line, posting) in (0_i32..).zip(&journal.postings) {
            for (account, amount) in [(*posting.from(), -posting.amount()), (*posting.to(), posting.amount())] {
                let standing = touched.entry(account).or_insert_with(|| self.standing(&account));
                let balance = standing.balance.checked_add(amount).ok_or(Insufficient::Overflow { account })?;
                if balance < 0 && account.purpose.guarded() {
                    return Err(Insufficient::Short { account, balance: standing.balance, wanted: -amount });
                }
                let version = standing.version.checked_add(1).ok_or(Insufficient::Overflow { account })?;
                *standing = Standing { balance, version };
                entries.push(EntryDraft { line, account, amount, balance_after: balance, version });
            }
        }
        self.standings.extend(touched);
        Ok(entries)
    }
}
