//! Who is let in: what the token says of the caller is completed by how user and organisation stand now. The capability that knows
//! them stands above this room and hands its door in.

use crate::access::Caller;
use crate::db::Db;
use crate::kernel::Failure;
use crate::kernel::ids::DelegationId;
use axum::http::HeaderMap;
use std::pin::Pin;

/// The header that names the delegation under which the caller acts.
pub const ACTING_FOR: &str = "acting-for";

/// A caller on the way in.
pub type Admission<'d> = Pin<Box<dyn Future<Output = Result<Caller, Failure>> + Send + 'd>>;

/// Lets callers in.
pub trait Door: Send + Sync {
    /// The caller as they stand now, with the roles of the delegation that they name.
    ///
    /// # Errors
    /// A suspended user, a delegation that is not in force for them.
    fn admit<'d>(&'d self, db: &'d Db, caller: Caller, acting_for: Option<DelegationId>) -> Admission<'d>;

    /// Forgets what it remembers of users and organisations, because one of them has changed.
    fn forget(&self);
}

/// The delegation that the request names; what is no id names one that is not there.
pub(super) fn acting_for(headers: &HeaderMap) -> Option<DelegationId> {
    let value = headers.get(ACTING_FOR)?;
    let id = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    Some(id.unwrap_or(DelegationId(uuid::Uuid::nil())))
}
