//! Consent: an enterprise lets a bank read named right classes until a day. It replaces the bank that signs in as the
//! enterprise; every read under it is logged for the enterprise to see.

use super::error::PartyRefusal;
use crate::kernel::Moment;
use crate::kernel::ids::{ConsentId, OrganisationId, UserId};
use jiff::civil::Date;

/// What is noted of a look at the trades of an enterprise under its consent.
pub const TRADES: &str = "trades";
/// What is noted of a search of encumbrances under a consent.
pub const ENCUMBRANCES: &str = "encumbrances";

/// A consent to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Its identity.
    pub id: ConsentId,
    /// Who lets look.
    pub organisation: OrganisationId,
    /// Who may look.
    pub pledgee: OrganisationId,
    /// Codes of the right classes that may be looked at.
    pub right_classes: Vec<String>,
    /// The last day.
    pub valid_until: Date,
    /// Whether it was withdrawn.
    pub state: ConsentState,
    /// Who gave it.
    pub given_by: UserId,
    /// When.
    pub given_at: Moment,
    /// Counts from 1.
    pub version: i64,
}

/// Whether a consent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentState {
    /// Until its last day.
    InForce,
    /// Taken back; at once and for good.
    Withdrawn,
}

impl ConsentState {
    /// The word the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads the word back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::InForce, Self::Withdrawn].into_iter().find(|state| state.as_str() == text)
    }
}

impl Consent {
    /// Whether it covers a class on a day.
    pub fn covers(&self, right_class: &str, day: Date) -> bool {
        self.is_in_force(day) && self.right_classes.iter().any(|code| code == right_class)
    }

    /// Whether it stands on a day.
    pub fn is_in_force(&self, day: Date) -> bool {
        self.state == ConsentState::InForce && day <= self.valid_until
    }

    /// Takes it back.
    ///
    /// # Errors
    /// [`PartyRefusal::ConsentWithdrawn`].
    pub fn withdraw(self) -> Result<Self, PartyRefusal> {
        match self.state {
            ConsentState::InForce => Ok(Self { state: ConsentState::Withdrawn, version: self.version + 1, ..self }),
            ConsentState::Withdrawn => Err(PartyRefusal::ConsentWithdrawn {}),
        }
    }
}
