//! The bank's daily statement beside our books (银行对账), and ours for the bank.
//!
//! The bank's file of a day is read line by line and compared with what the books moved at that bank on that day: one to one by the
//! bank's reference, then one line with several movements and several lines with one movement where a code or a reference ties them
//! together and they add up to the fen. What remains on either side is a difference, which a person closes with a reason.
//!
//! The same file again changes nothing; another file for the same day is a new version, and the open differences of the former are
//! superseded. difference: open → closed | superseded.

pub mod api;
pub mod api_day;
pub mod api_differences;
pub mod commands;
pub mod file;
pub mod matching;
pub mod queries;
pub(super) mod store;
pub mod works;

use crate::kernel::Moment;
use crate::kernel::ids::{BankDifferenceId, BankStatementId, DocumentId, OrganisationId, UserId};
use crate::treasury::TreasuryRefusal;
use accounting::{JournalId, Money};
use jiff::civil::Date;

pub use works::StatementReading;

accounting::words! {
    /// Which way money went, as the bank sees it.
    Flow {
        /// It came in at the bank.
        In = "in",
        /// It left the bank.
        Out = "out",
    }
}

accounting::words! {
    /// Whose word it is.
    Party {
        /// The bank's file.
        Bank = "bank",
        /// Our books.
        Book = "book",
    }
}

/// A line of the bank's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// Its line in the file, counted from 1.
    pub line: u64,
    /// The bank's reference.
    pub bank_reference: String,
    /// Which way.
    pub flow: Flow,
    /// How much.
    pub amount: Money,
    /// What the payer wrote; may be empty.
    pub text: String,
}

/// What the books moved at the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookMove {
    /// By which journal.
    pub journal: JournalId,
    /// The journal that it undoes.
    pub reverses: Option<JournalId>,
    /// What happened.
    pub kind: &'static str,
    /// The bank's reference, where there is one: a correction of ours has none.
    pub bank_reference: Option<String>,
    /// Whose money, where it is somebody's.
    pub organisation: Option<OrganisationId>,
    /// Which way.
    pub flow: Flow,
    /// How much.
    pub amount: Money,
    /// What the payer wrote; empty where nobody did.
    pub text: String,
}

/// A version of the bank's statement of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankStatement {
    /// Its identity.
    pub id: BankStatementId,
    /// Of which settlement bank.
    pub bank: OrganisationId,
    /// Of which day.
    pub day: Date,
    /// Counts from 1; the highest of a day counts.
    pub number: i64,
    /// The file.
    pub document: DocumentId,
    /// SHA-256 over it.
    pub sha256: String,
    /// How many lines it has.
    pub lines: i64,
    /// How many movements the books had that day.
    pub movements: i64,
    /// Who handed it in.
    pub recorded_by: UserId,
    /// When.
    pub recorded_at: Moment,
}

/// What stands on one side only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankDifference {
    /// Its identity.
    pub id: BankDifferenceId,
    /// In which version of the statement.
    pub statement: BankStatementId,
    /// Of which settlement bank.
    pub bank: OrganisationId,
    /// Of which day.
    pub day: Date,
    /// The line of the file, or the journal of ours.
    pub of: DifferenceOf,
    /// The bank's reference, where there is one.
    pub bank_reference: Option<String>,
    /// Which way.
    pub flow: Flow,
    /// How much.
    pub amount: Money,
    /// What the payer wrote.
    pub text: String,
    /// How it stands.
    pub state: DifferenceState,
    /// When it was found.
    pub found_at: Moment,
    /// Counts from 1.
    pub version: i64,
}

/// On which side it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceOf {
    /// The bank has it, and the books do not: its line.
    Bank(u64),
    /// The books have it, and the bank does not: its journal.
    Book(JournalId),
}

impl DifferenceOf {
    /// The side as a word.
    pub fn party(self) -> Party {
        match self {
            Self::Bank(_) => Party::Bank,
            Self::Book(_) => Party::Book,
        }
    }
}

/// How a difference stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DifferenceState {
    /// Somebody has to look.
    Open,
    /// Somebody has looked.
    Closed {
        /// Who.
        by: UserId,
        /// When.
        at: Moment,
        /// What they found.
        reason: String,
    },
    /// Another version of the statement took its place while it was open.
    Superseded {
        /// By whom that was handed in.
        by: UserId,
        /// When.
        at: Moment,
    },
}

impl DifferenceState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["open", "closed", "superseded"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed { .. } => "closed",
            Self::Superseded { .. } => "superseded",
        }
    }
}

impl BankDifference {
    /// Somebody has looked.
    ///
    /// # Errors
    /// [`TreasuryRefusal::DifferenceClosed`].
    pub fn close(self, by: UserId, at: Moment, reason: String) -> Result<Self, TreasuryRefusal> {
        self.end(DifferenceState::Closed { by, at, reason })
    }

    /// Another version of the statement takes its place.
    ///
    /// # Errors
    /// [`TreasuryRefusal::DifferenceClosed`].
    pub fn supersede(self, by: UserId, at: Moment) -> Result<Self, TreasuryRefusal> {
        self.end(DifferenceState::Superseded { by, at })
    }

    fn end(self, state: DifferenceState) -> Result<Self, TreasuryRefusal> {
        match self.state {
            DifferenceState::Open => Ok(Self { state, version: self.version + 1, ..self }),
            over => Err(TreasuryRefusal::DifferenceClosed { state: over.as_str().to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_difference_ends_once() {
        let open = BankDifference {
            id: BankDifferenceId::fresh(),
            statement: BankStatementId::fresh(),
            bank: OrganisationId::fresh(),
            day: date(2022, 12, 1),
            of: DifferenceOf::Bank(2),
            bank_reference: Some("XN1".to_owned()),
            flow: Flow::In,
            amount: Money::try_new(100).unwrap(),
            text: String::new(),
            state: DifferenceState::Open,
            found_at: Moment::from_micros(0),
            version: 1,
        };
        let (by, at) = (UserId::fresh(), Moment::from_micros(1));
        let closed = open.clone().close(by, at, "次日入账".to_owned()).unwrap();
        let superseded = open.supersede(by, at).unwrap();
        assert_eq!((closed.state.as_str(), superseded.state.as_str()), ("closed", "superseded"));
        for over in [closed, superseded] {
            let refused = TreasuryRefusal::DifferenceClosed { state: over.state.as_str().to_owned() };
            assert_eq!(over.clone().close(by, at, "再次".to_owned()), Err(refused.clone()));
            assert_eq!(over.supersede(by, at), Err(refused));
        }
    }
}
