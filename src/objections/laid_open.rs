//! How what is laid open is bound to objections. It stands in houses above this one; `app::binders` lists who lays open what.

use super::{About, Objection};
use crate::db::Work;
use crate::db::work::Doing;
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, UserId};
use jiff::civil::Date;
use uuid::Uuid;

/// Something that is or was laid open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// For whom it is, or who sells; nobody's when it is a batch.
    pub party: Option<OrganisationId>,
    /// Who buys, of a trade.
    pub counterparty: Option<OrganisationId>,
    /// Path of the area whose bureau answers.
    pub area_path: String,
    /// The last day on which anybody may object.
    pub until: Date,
}

/// Whoever lays something open.
pub trait LaidOpen: Send + Sync {
    /// What it lays open.
    fn kinds(&self) -> &'static [About];

    /// One of them, locked, so that it does not go on while somebody objects; none when nothing of this id is laid open.
    fn lock<'w>(&'w self, work: &'w Work, about: About, id: Uuid) -> Doing<'w, Option<Open>>;

    /// Who has proposed it as an authority, or approved it by now: they do not answer.
    fn approved_by<'w>(&'w self, work: &'w Work, objection: &'w Objection) -> Doing<'w, Vec<UserId>>;

    /// Somebody has objected, in this work.
    fn raised<'w>(&'w self, work: &'w mut Work, objection: &'w Objection) -> Doing<'w, ()>;

    /// An objection was answered, in this work.
    fn answered<'w>(&'w self, work: &'w mut Work, objection: &'w Objection) -> Doing<'w, ()>;
}

/// Everybody who lays something open.
#[derive(Clone, Copy)]
pub struct Publicity(pub &'static [&'static dyn LaidOpen]);

impl Publicity {
    /// Who lays such things open.
    ///
    /// # Errors
    /// A fault of ours when nobody does.
    pub fn of(self, about: About) -> Result<&'static dyn LaidOpen, Failure> {
        let found = self.0.iter().copied().find(|one| one.kinds().contains(&about));
        found.ok_or_else(|| Failure::bug("nobody lays this open"))
    }
}
