//! Objections (异议) to grants and batches that are laid open. Anybody who takes part may object until the end of the last day; the
//! bureau in charge answers each, and nothing is confirmed while one waits or was upheld (环境保护法第五十三条).
//!
//! raised → answered: upheld | dismissed.

pub mod api;
pub mod commands;
pub mod queries;
pub(super) mod store;

pub use commands::expect_answered;

use super::error::QuotaRefusal;
use crate::kernel::Moment;
use crate::kernel::ids::{ObjectionId, OrganisationId, UserId};
use uuid::Uuid;

accounting::words! {
    /// What an objection may be about.
    About {
        /// A grant.
        Allocation = "allocation",
        /// A batch of grants.
        AllocationBatch = "allocation_batch",
    }
}

accounting::words! {
    /// What was found.
    Finding {
        /// It is right: the grant cannot be confirmed.
        Upheld = "upheld",
        /// It is not.
        Dismissed = "dismissed",
    }
}

/// An objection and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// Its identity.
    pub id: ObjectionId,
    /// What it is about.
    pub about: About,
    /// Which one.
    pub subject: Uuid,
    /// The organisation that the grant is for; none of a batch.
    pub party: Option<OrganisationId>,
    /// Path of the area, whose bureau answers.
    pub area_path: String,
    /// Who objects.
    pub organisation: OrganisationId,
    /// In their words.
    pub text: String,
    /// Their user.
    pub raised_by: UserId,
    /// When.
    pub raised_at: Moment,
    /// What the bureau has answered.
    pub answer: Option<Answered>,
    /// Counts from 1.
    pub version: i64,
}

/// The answer to an objection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What was found.
    pub finding: Finding,
    /// Why.
    pub text: String,
    /// Who answered.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

impl Objection {
    /// It is answered, once.
    ///
    /// # Errors
    /// [`QuotaRefusal::ObjectionAnswered`].
    pub fn answer(self, answer: Answered) -> Result<Self, QuotaRefusal> {
        match self.answer {
            None => Ok(Self { answer: Some(answer), version: self.version + 1, ..self }),
            Some(_) => Err(QuotaRefusal::ObjectionAnswered {}),
        }
    }
}
