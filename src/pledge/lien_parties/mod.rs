//! Who stands about a lien: whose rights it lies on, for whom it stands, and the others of its pledge.

pub(super) mod store;

use super::shares::PledgeeShare;
use super::store::liens;
use crate::kernel::ids::OrganisationId;

/// A lien as it was named, with its parties.
#[derive(Debug, Clone)]
pub(super) struct LienParties {
    /// Its row.
    pub lien: liens::Model,
    /// Whose rights it lies on.
    pub pledgor: OrganisationId,
    /// For whom it stands; the leader of several.
    pub pledgee: OrganisationId,
    /// Its pledgees, where it has several.
    pub shares: Vec<PledgeeShare>,
    /// The other pledgees and pledgors of its pledge.
    pub further: Vec<OrganisationId>,
}
