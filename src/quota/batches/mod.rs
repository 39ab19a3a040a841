//! A batch of grants (批量核定): one file, one proposal, one decision.
//!
//! A file of CSV or XLSX, or a list, is judged row by row with every fault told, and becomes one proposal: proposed → (publicised) → active | rejected.
//! What is decided stands in the batch once; its grants stand as it does, so that a confirmation is all or nothing for whoever reads.
//! The rights move in one work, a journal for each part of some hundreds of grants.

pub mod api;
pub mod commands;
pub mod file;
pub mod queries;
pub(super) mod store;
pub mod works;

use super::error::QuotaRefusal;
use crate::kernel::Moment;
use crate::kernel::ids::{AllocationBatchId, AllocationPartId, DocumentId, RulebookId, UserId};
use accounting::{Origin, Quantity};
use jiff::civil::Date;

/// Grants of one journal of a batch: few enough that a journal can be read as a whole.
pub const PART: usize = 250;

/// A batch and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllocationBatch {
    /// Its identity, that of the operation that proposed it.
    pub id: AllocationBatchId,
    /// Number of the document that grants it.
    pub number: String,
    /// The uploaded file, when there is one.
    pub document: Option<DocumentId>,
    /// SHA-256 over the file, or over the rows as they were sent.
    pub document_hash: String,
    /// How many grants.
    pub allocations: i64,
    /// Path of the area that all of its sites lie in.
    pub area_path: String,
    /// Who proposed it.
    pub proposed_by: UserId,
    /// When.
    pub proposed_at: Moment,
    /// How far it has come; each of its grants stands as it does.
    pub state: BatchState,
    /// The last day of its publicity, for ever, once it was laid open.
    pub laid_open_until: Option<Date>,
    /// The rules it was last judged by.
    pub rulebook: RulebookId,
    /// Counts from 1.
    pub version: i64,
}

/// How far a batch has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchState {
    /// Waits for a second person, and before that for the end of its publicity where the rules ask for one.
    Proposed {
        /// The last day on which anybody may object, once it is laid open.
        publicised_until: Option<Date>,
    },
    /// All of its rights are in the accounts of their sites.
    Active(Ruling),
    /// Turned down as a whole.
    Rejected(Ruling),
}

/// Who decided, when, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// Why, in their words.
    pub reason: Option<String>,
}

impl BatchState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["proposed", "publicised", "active", "rejected"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Proposed { publicised_until: None } => "proposed",
            Self::Proposed { publicised_until: Some(_) } => "publicised",
            Self::Active(_) => "active",
            Self::Rejected(_) => "rejected",
        }
    }

    /// Who decided, once somebody has.
    pub fn ruling(&self) -> Option<&Ruling> {
        match self {
            Self::Proposed { .. } => None,
            Self::Active(ruling) | Self::Rejected(ruling) => Some(ruling),
        }
    }
}

impl AllocationBatch {
    /// Whether somebody still has to decide it.
    ///
    /// # Errors
    /// [`QuotaRefusal::AlreadyDecided`].
    pub fn expect_proposed(&self) -> Result<(), QuotaRefusal> {
        match &self.state {
            BatchState::Proposed { .. } => Ok(()),
            decided => Err(QuotaRefusal::AlreadyDecided { state: decided.as_str().to_owned() }),
        }
    }

    /// Whether it grants in an area in which another one does: one of the two lies in the other.
    pub fn overlaps(&self, other: &Self) -> bool {
        let holds = |path: &str, below: &str| {
            below == path || below.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
        };
        holds(&self.area_path, &other.area_path) || holds(&other.area_path, &self.area_path)
    }

    /// The last day on which anybody may object, while it is laid open.
    pub fn publicised_until(&self) -> Option<Date> {
        match self.state {
            BatchState::Proposed { publicised_until } => publicised_until,
            _ => None,
        }
    }

    /// The batch is laid open, takes effect as a whole, or is turned down as a whole.
    ///
    /// # Errors
    /// [`QuotaRefusal::AlreadyDecided`].
    pub fn decide(self, state: BatchState) -> Result<Self, QuotaRefusal> {
        self.expect_proposed()?;
        Ok(Self { state, version: self.version + 1, ..self })
    }
}

/// Where a grant stands in its batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchPlace {
    /// Which batch.
    pub batch: AllocationBatchId,
    /// The part that one journal grants.
    pub part: AllocationPartId,
    /// Its line in the file, or its place in the list from 1.
    pub line: i64,
}

/// A row of a batch, read but not yet judged. What a cell tells that cannot be read is absent and a fault of its own; the rest of the
/// row is judged all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    /// Its line in the file, or its place in the list from 1.
    pub line: u64,
    /// Number of the site, as it stands in the register.
    pub site: Option<String>,
    /// Of which pollutant of the register.
    pub pollutant: Option<String>,
    /// Free or paid.
    pub origin: Option<Origin>,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
    /// Basin or city; that of the site when absent.
    pub zone: Option<String>,
    /// How much.
    pub quantity: Option<Quantity>,
    /// Number of the document that grants it; that of the batch when absent.
    pub document: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_decided_once_and_as_a_whole() {
        let ruling = || Ruling { by: UserId::fresh(), at: Moment::from_micros(1), reason: None };
        let batch = AllocationBatch {
            id: AllocationBatchId::fresh(),
            number: "咸环核〔2022〕1号".to_owned(),
            document: None,
            document_hash: "0".repeat(64),
            allocations: 2,
            area_path: "420000".to_owned(),
            proposed_by: UserId::fresh(),
            proposed_at: Moment::from_micros(0),
            state: BatchState::Proposed { publicised_until: None },
            laid_open_until: None,
            rulebook: RulebookId::fresh(),
            version: 1,
        };
        let active = batch.clone().decide(BatchState::Active(ruling())).unwrap();
        let rejected = batch.decide(BatchState::Rejected(ruling())).unwrap();
        assert_eq!((active.state.as_str(), active.version), ("active", 2));
        for decided in [active, rejected] {
            let refused = QuotaRefusal::AlreadyDecided { state: decided.state.as_str().to_owned() };
            assert_eq!(decided.decide(BatchState::Active(ruling())), Err(refused));
        }
    }
}
