//! Releases that a court orders (依法院文书解除质押): the exchange, which executes what courts order of rights, records the court's document, and
//! the pledge ends, or gives a part up, as by its pledgee's own release. The court asks neither party; both are told.
//!
//! The law: 民事诉讼法第二百六十二条 (the office that keeps the register does what a court's notice of assistance orders of it); 民法典第三百九十三条 (the
//! pledge is extinct).

pub mod commands;
pub(super) mod store;

use super::pledge::Pledge;
use crate::kernel::Moment;
use crate::kernel::ids::{AmendmentId, CourtReleaseId, PledgeId, UserId};
use accounting::JournalId;
use jiff::civil::Date;

/// An order of a court by which a pledge was released, in whole or in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourtRelease {
    /// Its identity.
    pub id: CourtReleaseId,
    /// Of which pledge.
    pub pledge: PledgeId,
    /// Which court.
    pub court: String,
    /// Number of its document, once for each pledge.
    pub document: String,
    /// The date of the document.
    pub dated_on: Date,
    /// Why, in the court's words.
    pub ground: String,
    /// The version of the terms that it made, where it has released a part.
    pub amendment: Option<AmendmentId>,
    /// Who recorded it.
    pub recorded_by: UserId,
    /// When.
    pub recorded_at: Moment,
    /// The journal of the release.
    pub journal: JournalId,
}

impl Pledge {
    /// Whether it was released in part by this document before.
    pub fn is_ordered_by(&self, document: &str) -> bool {
        self.court_releases.iter().any(|known| known.document == document)
    }

    /// The same pledge with the order by which it was released.
    #[must_use]
    pub fn with_court_release(mut self, release: CourtRelease) -> Self {
        self.court_releases.push(release);
        self
    }
}
