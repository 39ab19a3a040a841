//! A result that is to be published.

use super::error::DisclosureRefusal;
use crate::kernel::Moment;
use crate::kernel::ids::{PublicationId, RulebookId, TradeId, UserId};
use jiff::civil::Date;

/// A result that is to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Its identity.
    pub id: PublicationId,
    /// The settled trade.
    pub trade: TradeId,
    /// Path of the area of the buyer's site.
    pub area_path: String,
    /// The legal date of its settlement.
    pub settled_on: Date,
    /// The last day for it; none where no rule said so.
    pub due_on: Option<Date>,
    /// The rules that said so.
    pub rulebook: Option<RulebookId>,
    /// When it became known that it is to be published.
    pub made_at: Moment,
    /// How far it has come.
    pub state: PublicationState,
    /// Counts from 1.
    pub version: i64,
}

/// Who did it, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// How far a publication has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicationState {
    /// The exchange has to publish it.
    Due,
    /// Everybody can see it.
    Published {
        /// By whom, and when.
        published: Step,
    },
    /// It was taken back; that it was there stays visible.
    Withdrawn {
        /// By whom it was published, and when.
        published: Step,
        /// By whom it was withdrawn, and when.
        withdrawn: Step,
        /// Why.
        reason: String,
    },
}

impl PublicationState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["due", "published", "withdrawn"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Published { .. } => "published",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}

impl Publication {
    /// Everybody can see it from now on.
    ///
    /// # Errors
    /// [`DisclosureRefusal::AlreadyPublished`].
    pub fn publish(self, step: Step) -> Result<Self, DisclosureRefusal> {
        match self.state {
            PublicationState::Due => {
                let state = PublicationState::Published { published: step };
                Ok(Self { state, version: self.version + 1, ..self })
            }
            over => Err(DisclosureRefusal::AlreadyPublished { state: over.as_str().to_owned() }),
        }
    }

    /// It is taken back.
    ///
    /// # Errors
    /// [`DisclosureRefusal::NotPublished`].
    pub fn withdraw(self, step: Step, reason: String) -> Result<Self, DisclosureRefusal> {
        match self.state {
            PublicationState::Published { published } => {
                let state = PublicationState::Withdrawn { published, withdrawn: step, reason };
                Ok(Self { state, version: self.version + 1, ..self })
            }
            other => Err(DisclosureRefusal::NotPublished { state: other.as_str().to_owned() }),
        }
    }

    /// Whether its last day has passed and it still waits.
    pub fn is_overdue(&self, today: Date) -> bool {
        self.state == PublicationState::Due && self.due_on.is_some_and(|due| due < today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn due() -> Publication {
        Publication {
            id: PublicationId::fresh(),
            trade: TradeId::fresh(),
            area_path: "420000/421200/421222".to_owned(),
            settled_on: date(2022, 12, 1),
            due_on: Some(date(2022, 12, 8)),
            rulebook: None,
            made_at: Moment::from_micros(0),
            state: PublicationState::Due,
            version: 1,
        }
    }

    fn step() -> Step {
        Step { by: UserId::fresh(), at: Moment::from_micros(1) }
    }

    #[test]
    fn a_publication_is_published_once_and_withdrawn_once() {
        let withdraw = |publication: Publication| publication.withdraw(step(), "错误".to_owned());
        assert_eq!(withdraw(due()), Err(DisclosureRefusal::NotPublished { state: "due".to_owned() }));
        let published = due().publish(step()).unwrap();
        assert_eq!((published.state.as_str(), published.version), ("published", 2));
        let again = published.clone().publish(step());
        assert_eq!(again, Err(DisclosureRefusal::AlreadyPublished { state: "published".to_owned() }));
        let withdrawn = withdraw(published).unwrap();
        assert_eq!((withdrawn.state.as_str(), withdrawn.version), ("withdrawn", 3));
        assert!(withdraw(withdrawn.clone()).is_err() && withdrawn.publish(step()).is_err());
    }

    #[test]
    fn what_waits_beyond_its_last_day_is_overdue() {
        assert!(!due().is_overdue(date(2022, 12, 8)) && due().is_overdue(date(2022, 12, 9)));
        assert!(!due().publish(step()).unwrap().is_overdue(date(2023, 1, 1)));
        assert!(!Publication { due_on: None, ..due() }.is_overdue(date(2023, 1, 1)));
    }
}
