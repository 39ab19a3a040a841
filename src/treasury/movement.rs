//! A movement of money that the settlement bank confirmed.

use crate::kernel::Moment;
use crate::kernel::ids::{MoneyMovementId, OrganisationId, UserId};
use accounting::{JournalId, Money};
use jiff::civil::Date;

/// Which way the money went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Into the market.
    Deposit,
    /// Out of it.
    Withdrawal,
}

impl Direction {
    /// Every word of one.
    pub const WORDS: &'static [&'static str] = &["deposit", "withdrawal"];

    /// The word the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deposit => "deposit",
            Self::Withdrawal => "withdrawal",
        }
    }

    /// Reads the word back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Deposit, Self::Withdrawal].into_iter().find(|direction| direction.as_str() == text)
    }
}

/// Money in or out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyMovement {
    /// Its identity.
    pub id: MoneyMovementId,
    /// Whose money.
    pub organisation: OrganisationId,
    /// Which way.
    pub direction: Direction,
    /// How much.
    pub amount: Money,
    /// The settlement bank's own reference.
    pub bank_reference: String,
    /// The legal date.
    pub effective_on: Date,
    /// The journal that booked it.
    pub journal: JournalId,
    /// The counter-journal that undid it.
    pub reversed_by: Option<JournalId>,
    /// Who confirmed it.
    pub confirmed_by: UserId,
    /// When.
    pub confirmed_at: Moment,
}
