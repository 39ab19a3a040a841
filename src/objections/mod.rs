//! Objections (异议) to what is laid open: grants, batches of grants, and trades. Anybody who takes part may object until the end of
//! the last day; the bureau in charge answers each, and nothing goes on while one waits or was upheld (环境保护法第五十三条).
//!
//! raised → answered: upheld | dismissed. A raised objection is a task of that bureau with a last day in working days, where the rules
//! set one; past it the task goes to the head. Whoever proposed or approved what is objected to does not answer.
//!
//! What is laid open stands in houses above this one: each binds its own by [`LaidOpen`], in one place, `app::binders`.

pub mod acts;
pub mod api;
pub mod commands;
pub mod error;
mod laid_open;
pub mod queries;
mod store;

pub use commands::{Waiting, in_the_way, waiting_about};
pub use error::ObjectionRefusal;
pub use laid_open::{LaidOpen, Open, Publicity};
pub use store::COVERED;

use crate::kernel::Moment;
use crate::kernel::ids::{ObjectionId, OrganisationId, UserId};
use jiff::civil::Date;
use uuid::Uuid;

accounting::words! {
    /// What an objection may be about.
    About {
        /// A grant.
        Allocation = "allocation",
        /// A batch of grants.
        AllocationBatch = "allocation_batch",
        /// A trade.
        Trade = "trade",
    }
}

accounting::words! {
    /// What was found.
    Finding {
        /// It is right: what it is about cannot go on.
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
    /// The organisation that the grant is for, or that sells; none of a batch.
    pub party: Option<OrganisationId>,
    /// The organisation that buys, of a trade.
    pub counterparty: Option<OrganisationId>,
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
    /// The last working day for the answer; none where no rule sets one.
    pub answer_by: Option<Date>,
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
    /// [`ObjectionRefusal::Answered`].
    pub fn answer(self, answer: Answered) -> Result<Self, ObjectionRefusal> {
        match self.answer {
            None => Ok(Self { answer: Some(answer), version: self.version + 1, ..self }),
            Some(_) => Err(ObjectionRefusal::Answered {}),
        }
    }
}
