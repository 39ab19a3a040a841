//! An application for a reduction, and how far it has come.

use crate::kernel::Moment;
use crate::kernel::ids::{OrganisationId, ReductionApplicationId, ReductionId, RulebookId, SiteId, UserId};
use crate::quota::batches::Ruling;
use crate::quota::error::QuotaRefusal;
use accounting::Quantity;

/// An application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReductionApplication {
    /// Its identity.
    pub id: ReductionApplicationId,
    /// Its number in the register.
    pub number: String,
    /// At which site.
    pub site: SiteId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Path of the site's area.
    pub area_path: String,
    /// Of which pollutant.
    pub pollutant: String,
    /// How much was reduced, a year.
    pub quantity: Quantity,
    /// How, in the applicant's words.
    pub statement: String,
    /// SHA-256 of the documents that prove it.
    pub document_hash: String,
    /// Who applied.
    pub applied_by: UserId,
    /// When.
    pub applied_at: Moment,
    /// How far it has come.
    pub state: ReductionState,
    /// The rules it was last judged by.
    pub rulebook: RulebookId,
    /// Counts from 1.
    pub version: i64,
}

/// How far an application has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReductionState {
    /// It waits for the bureau.
    Submitted,
    /// The reduction is registered.
    Registered {
        /// Which one.
        reduction: ReductionId,
        /// By whom, when.
        ruling: Ruling,
    },
    /// Turned down.
    Refused(Ruling),
    /// The applicant took it back.
    Withdrawn,
}

impl ReductionState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["submitted", "registered", "refused", "withdrawn"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Registered { .. } => "registered",
            Self::Refused(_) => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Who decided, once somebody has.
    pub fn ruling(&self) -> Option<&Ruling> {
        match self {
            Self::Registered { ruling, .. } | Self::Refused(ruling) => Some(ruling),
            Self::Submitted | Self::Withdrawn => None,
        }
    }
}

impl ReductionApplication {
    /// Whether it still waits.
    ///
    /// # Errors
    /// [`QuotaRefusal::ReductionState`].
    pub fn expect_submitted(&self) -> Result<(), QuotaRefusal> {
        match &self.state {
            ReductionState::Submitted => Ok(()),
            state => Err(QuotaRefusal::ReductionState { state: state.as_str().to_owned() }),
        }
    }

    /// The reduction is registered for it.
    ///
    /// # Errors
    /// [`QuotaRefusal::ReductionState`].
    pub fn register(self, reduction: ReductionId, ruling: Ruling) -> Result<Self, QuotaRefusal> {
        self.turned(ReductionState::Registered { reduction, ruling })
    }

    /// The bureau turns it down.
    ///
    /// # Errors
    /// [`QuotaRefusal::ReductionState`].
    pub fn refuse(self, ruling: Ruling) -> Result<Self, QuotaRefusal> {
        self.turned(ReductionState::Refused(ruling))
    }

    /// The applicant takes it back.
    ///
    /// # Errors
    /// [`QuotaRefusal::ReductionState`].
    pub fn withdraw(self) -> Result<Self, QuotaRefusal> {
        self.turned(ReductionState::Withdrawn)
    }

    fn turned(self, state: ReductionState) -> Result<Self, QuotaRefusal> {
        self.expect_submitted()?;
        Ok(Self { state, version: self.version + 1, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_is_decided_or_taken_back_once() {
        let ruling = || Ruling { by: UserId::fresh(), at: Moment::from_micros(1), reason: None };
        let submitted = ReductionApplication {
            id: ReductionApplicationId::fresh(),
            number: "RD-2022-000001".to_owned(),
            site: SiteId::fresh(),
            organisation: OrganisationId::fresh(),
            area_path: "420000/421200/421222".to_owned(),
            pollutant: "COD".to_owned(),
            quantity: Quantity::try_new(1_000).unwrap(),
            statement: "清洁生产改造".to_owned(),
            document_hash: "0".repeat(64),
            applied_by: UserId::fresh(),
            applied_at: Moment::from_micros(0),
            state: ReductionState::Submitted,
            rulebook: RulebookId::fresh(),
            version: 1,
        };
        let ended = [
            submitted.clone().register(ReductionId::fresh(), ruling()).unwrap(),
            submitted.clone().refuse(ruling()).unwrap(),
            submitted.withdraw().unwrap(),
        ];
        assert_eq!(ended.each_ref().map(|one| one.state.as_str()), ["registered", "refused", "withdrawn"]);
        for one in ended {
            let wrong = QuotaRefusal::ReductionState { state: one.state.as_str().to_owned() };
            assert_eq!(one.version, 2);
            assert_eq!(one.clone().register(ReductionId::fresh(), ruling()), Err(wrong.clone()));
            assert_eq!(one.clone().refuse(ruling()), Err(wrong.clone()));
            assert_eq!(one.withdraw(), Err(wrong));
        }
    }
}
