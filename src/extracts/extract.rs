//! An extract as it was issued.

use crate::access::{Caller, Scope};
use crate::kernel::Moment;
use crate::kernel::ids::{ExtractId, OrganisationId, UserId};
use accounting::extract::Extract;
use uuid::Uuid;

/// An extract as it was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// Its identity.
    pub id: ExtractId,
    /// Who has asked for it.
    pub applicant: OrganisationId,
    /// Whose rights it is about.
    pub holder: OrganisationId,
    /// The pledgee of the pledge that it is of.
    pub pledgee: Option<OrganisationId>,
    /// Path of the area of the rights.
    pub area_path: String,
    /// Which pledge, or which site, it is about.
    pub subject: Uuid,
    /// What it says.
    pub extract: Extract,
    /// The journal of its issue.
    pub journal: Uuid,
    /// Who issued it.
    pub issued_by: UserId,
    /// When.
    pub issued_at: Moment,
}

impl Issued {
    /// Whether the caller may read it: who asked for it, whose rights they are, the pledgee, the bureaux in charge, and who sees all.
    pub fn is_visible_to(&self, caller: &Caller) -> bool {
        match caller.scope() {
            Scope::Everything => true,
            Scope::Area { .. } => caller.covers(&self.area_path) || self.applicant == caller.organisation,
            Scope::Organisation { id } => [Some(self.applicant), Some(self.holder), self.pledgee].contains(&Some(id)),
        }
    }
}
