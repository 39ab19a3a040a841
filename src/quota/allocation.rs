//! A grant of rights to a site.

use super::batches::{BatchPlace, BatchState, Ruling};
use super::error::QuotaRefusal;
use crate::kernel::Moment;
use crate::kernel::ids::{AllocationId, OrganisationId, RightClassId, RulebookId, SiteId, UserId};
use accounting::Quantity;

/// A grant and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// Its identity.
    pub id: AllocationId,
    /// To which site.
    pub site: SiteId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Path of the site's area.
    pub area_path: String,
    /// Of which class.
    pub right_class: RightClassId,
    /// How much.
    pub quantity: Quantity,
    /// Number of the document that grants it.
    pub document: String,
    /// Who proposed it.
    pub proposed_by: UserId,
    /// When.
    pub proposed_at: Moment,
    /// How far it has come.
    pub state: AllocationState,
    /// The rules it was last judged by.
    pub rulebook: RulebookId,
    /// Where it stands in the batch that it was proposed in.
    pub batch: Option<BatchPlace>,
    /// Counts from 1.
    pub version: i64,
}

/// How far a grant has come. A grant of a batch has come as far as its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllocationState {
    /// Waits for a second person.
    Proposed,
    /// The rights are in the site's account.
    Active {
        /// Who confirmed it.
        by: UserId,
        /// When.
        at: Moment,
        /// Why, in their words.
        reason: Option<String>,
    },
    /// Turned down.
    Rejected {
        /// Who rejected it.
        by: UserId,
        /// When.
        at: Moment,
        /// Why, in their words.
        reason: Option<String>,
    },
}

impl AllocationState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["proposed", "active", "rejected"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Active { .. } => "active",
            Self::Rejected { .. } => "rejected",
        }
    }
}

impl From<BatchState> for AllocationState {
    fn from(state: BatchState) -> Self {
        match state {
            BatchState::Proposed => Self::Proposed,
            BatchState::Active(Ruling { by, at, reason }) => Self::Active { by, at, reason },
            BatchState::Rejected(Ruling { by, at, reason }) => Self::Rejected { by, at, reason },
        }
    }
}

impl Allocation {
    /// The grant takes effect.
    ///
    /// # Errors
    /// [`QuotaRefusal::AlreadyDecided`].
    pub fn confirm(self, by: UserId, at: Moment, reason: Option<String>) -> Result<Self, QuotaRefusal> {
        self.decided(AllocationState::Active { by, at, reason })
    }

    /// The grant is turned down.
    ///
    /// # Errors
    /// [`QuotaRefusal::AlreadyDecided`].
    pub fn reject(self, by: UserId, at: Moment, reason: Option<String>) -> Result<Self, QuotaRefusal> {
        self.decided(AllocationState::Rejected { by, at, reason })
    }

    fn decided(self, state: AllocationState) -> Result<Self, QuotaRefusal> {
        if let Some(BatchPlace { batch, .. }) = self.batch {
            return Err(QuotaRefusal::InBatch { batch: batch.to_string() });
        }
        match self.state {
            AllocationState::Proposed => Ok(Self { state, version: self.version + 1, ..self }),
            decided => Err(QuotaRefusal::AlreadyDecided { state: decided.as_str().to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed() -> Allocation {
        Allocation {
            id: AllocationId::fresh(),
            site: SiteId::fresh(),
            organisation: OrganisationId::fresh(),
            area_path: "420000/421200/421222".to_owned(),
            right_class: RightClassId::fresh(),
            quantity: Quantity::try_new(1_000).unwrap(),
            document: "核定2022-001".to_owned(),
            proposed_by: UserId::fresh(),
            proposed_at: Moment::from_micros(0),
            state: AllocationState::Proposed,
            rulebook: RulebookId::fresh(),
            batch: None,
            version: 1,
        }
    }

    #[test]
    fn a_proposed_grant_is_confirmed_or_rejected_once() {
        let (by, at) = (UserId::fresh(), Moment::from_micros(1));
        let active = proposed().confirm(by, at, None).unwrap();
        assert_eq!((active.state.as_str(), active.version), ("active", 2));
        let rejected = proposed().reject(by, at, None).unwrap();
        assert_eq!(rejected.state.as_str(), "rejected");
        for decided in [active, rejected] {
            let state = decided.state.as_str().to_owned();
            let refused = QuotaRefusal::AlreadyDecided { state };
            assert_eq!(decided.clone().confirm(by, at, None), Err(refused.clone()));
            assert_eq!(decided.reject(by, at, None), Err(refused));
        }
    }
}
