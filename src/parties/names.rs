//! The names of parties, where the rulebook lets them be shown.

use super::queries;
use crate::db::Db;
use crate::kernel::Failure;
use crate::kernel::ids::OrganisationId;
use crate::rulebook::queries::known_on;
use std::collections::HashMap;

/// Names of organisations; none where the rulebook (`disclose_parties`) does not let them be shown.
#[derive(Debug, Default)]
pub struct Names(HashMap<OrganisationId, String>);

impl Names {
    /// The names of these, as far as they may be shown today.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn shown(db: &Db, ids: &[OrganisationId]) -> Result<Self, Failure> {
        let rulebook = known_on(db.reader(), db.clock().business_day()).await?;
        if !rulebook.is_some_and(|rulebook| rulebook.discloses_parties()) {
            return Ok(Self::default());
        }
        let known = queries::organisations_by_id(db.reader(), ids).await?;
        Ok(Self(known.into_iter().map(|(id, organisation)| (id, organisation.name)).collect()))
    }

    /// One of them.
    pub fn of(&self, id: OrganisationId) -> Option<String> {
        self.0.get(&id).cloned()
    }
}
