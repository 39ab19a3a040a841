//! Changes of caps that wait for their day (总量核定的分期变更): the document is there today, the cap applies from its day.
//!
//! waiting → effective | withdrawn. On its day the clock sets the cap, on one node and once; what waits for several days takes effect in the
//! order of the days, also when no node was there on one of them. A cut below what is used then becomes a pending reduction, as any
//! other does.

pub mod api;
pub mod clock;
pub mod commands;
pub mod queries;
pub(super) mod store;

use super::error::QuotaRefusal;
use crate::kernel::Moment;
use crate::kernel::ids::{AreaId, CapacityChangeId, CapacityId, RulebookId, UserId};
use jiff::civil::Date;

/// A change of a cap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapacityChange {
    /// Its identity.
    pub id: CapacityChangeId,
    /// The area.
    pub area: AreaId,
    /// Path of the area.
    pub area_path: String,
    /// The pollutant.
    pub pollutant: String,
    /// Grams a year from its day on.
    pub cap: i64,
    /// Its day.
    pub valid_from: Date,
    /// Number of the document that sets it.
    pub document: String,
    /// Who planned it.
    pub planned_by: UserId,
    /// When.
    pub planned_at: Moment,
    /// How far it has come.
    pub state: ChangeState,
    /// The rules it was planned by.
    pub rulebook: RulebookId,
    /// Counts from 1.
    pub version: i64,
}

/// How far a change has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeState {
    /// Its day has not come.
    Waiting,
    /// The cap is what it says, or was until the next change.
    Effective {
        /// When the cap was set.
        at: Moment,
        /// Which cap.
        capacity: CapacityId,
    },
    /// It was taken back before its day.
    Withdrawn {
        /// By whom.
        by: UserId,
        /// When.
        at: Moment,
        /// Why.
        reason: String,
    },
}

impl ChangeState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["waiting", "effective", "withdrawn"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Effective { .. } => "effective",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}

impl CapacityChange {
    /// Its day has come.
    ///
    /// # Errors
    /// [`QuotaRefusal::ChangeOver`].
    pub fn take_effect(self, at: Moment, capacity: CapacityId) -> Result<Self, QuotaRefusal> {
        self.turned(ChangeState::Effective { at, capacity })
    }

    /// It is taken back.
    ///
    /// # Errors
    /// [`QuotaRefusal::ChangeOver`].
    pub fn withdraw(self, by: UserId, at: Moment, reason: String) -> Result<Self, QuotaRefusal> {
        self.turned(ChangeState::Withdrawn { by, at, reason })
    }

    fn turned(self, state: ChangeState) -> Result<Self, QuotaRefusal> {
        match self.state {
            ChangeState::Waiting => Ok(Self { state, version: self.version + 1, ..self }),
            over => Err(QuotaRefusal::ChangeOver { state: over.as_str().to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_ends_once() {
        let change = CapacityChange {
            id: CapacityChangeId::fresh(),
            area: AreaId::fresh(),
            area_path: "420000/421200/421222".to_owned(),
            pollutant: "COD".to_owned(),
            cap: 766_700_000,
            valid_from: "2023-01-01".parse().unwrap(),
            document: "咸环总量〔2022〕3号".to_owned(),
            planned_by: UserId::fresh(),
            planned_at: Moment::from_micros(0),
            state: ChangeState::Waiting,
            rulebook: RulebookId::fresh(),
            version: 1,
        };
        let at = Moment::from_micros(1);
        let effective = change.clone().take_effect(at, CapacityId::fresh()).unwrap();
        let withdrawn = change.withdraw(UserId::fresh(), at, "另行核定".to_owned()).unwrap();
        for ended in [effective, withdrawn] {
            assert_eq!(ended.version, 2);
            let over = QuotaRefusal::ChangeOver { state: ended.state.as_str().to_owned() };
            assert_eq!(ended.clone().take_effect(at, CapacityId::fresh()), Err(over.clone()));
            assert_eq!(ended.withdraw(UserId::fresh(), at, "再撤".to_owned()), Err(over));
        }
    }
}
