//! A posting (分录对): one positive amount that leaves one account and enters another of the same asset.

use crate::account::AccountKey;
use thiserror::Error;

/// One amount moving between two accounts of one asset. Balanced by construction; fields private for that reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    from: AccountKey,
    to: AccountKey,
    amount: i64,
}

/// Why two accounts and an amount are not a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PostingFault {
    /// The accounts count different things.
    #[error("the two accounts count different assets")]
    AssetsDiffer,
    /// From and to are the same account.
    #[error("an account cannot pay itself")]
    SameAccount,
    /// Zero or negative.
    #[error("the amount must be greater than zero")]
    NotPositive,
    /// A sum of amounts beyond what the books can count.
    #[error("the sum is larger than the books can count")]
    OutOfRange,
}

impl Posting {
    /// Moves `amount` smallest units from one account to another.
    ///
    /// # Errors
    /// Every [`PostingFault`].
    pub fn transfer(from: AccountKey, to: AccountKey, amount: i64) -> Result<Self, PostingFault> {
        if from.asset != to.asset {
            return Err(PostingFault::AssetsDiffer);
        }
        if from == to {
            return Err(PostingFault::SameAccount);
        }
        if amount <= 0 {
            return Err(PostingFault::NotPositive);
        }
        Ok(Self { from, to, amount })
    }

    /// The account that is debited (its balance falls).
    pub fn from(&self) -> &AccountKey {
        &self.from
    }

    /// The account that is credited (its balance rises).
    pub fn to(&self) -> &AccountKey {
        &self.to
    }

    /// Smallest units, more than zero.
    pub fn amount(&self) -> i64 {
        self.amount
    }

    /// The same amount back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self { from: self.to, to: self.from, amount: self.amount }
    }
}
