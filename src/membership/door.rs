//! The door: every request of somebody signed in passes it, and learns how the user and the organisation stand now, whatever the
//! token says. A node remembers what it saw for a second, and forgets it at once when it changes something itself: a suspension
//! acts at once on the node that took it, and within a second on the others.

use super::error::MembershipRefusal;
use crate::access::{Caller, Role, Standing};
use crate::db::Db;
use crate::decisions::delegations;
use crate::http::door::{Admission, Door};
use crate::identity::queries;
use crate::kernel::Failure;
use crate::kernel::ids::{DelegationId, UserId};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a node trusts what it saw. It is the bound within which a suspension reaches the other nodes.
const REMEMBERED: Duration = Duration::from_secs(1);
/// Most users that are remembered; beyond it all are forgotten, which costs one look each.
const MOST_REMEMBERED: usize = 20_000;

/// How a user stands.
#[derive(Debug, Clone, Copy)]
struct Known {
    is_active: bool,
    standing: Standing,
}

/// The door of a node.
#[derive(Debug, Default)]
pub struct MembersDoor {
    remembered: Mutex<HashMap<UserId, (Instant, Known)>>,
}

impl MembersDoor {
    fn remembered(&self) -> MutexGuard<'_, HashMap<UserId, (Instant, Known)>> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look(&self, db: &Db, user: UserId) -> Result<Known, Failure> {
        let seen = self.remembered().get(&user).copied();
        if let Some((at, known)) = seen
            && at.elapsed() < REMEMBERED
        {
            return Ok(known);
        }
        // Before the look, so that what changes meanwhile is not remembered for longer than the bound.
        let at = Instant::now();
        // Tokens are only made for users that are registered, and none is ever removed: whoever is not found is suspended by nobody.
        let known = queries::find_member(db, user).await?.map_or(
            Known { is_active: true, standing: Standing::Verified },
            |member| Known { is_active: member.user.is_active, standing: member.organisation.standing() },
        );
        let mut remembered = self.remembered();
        if remembered.len() >= MOST_REMEMBERED {
            remembered.clear();
        }
        remembered.insert(user, (at, known));
        Ok(known)
    }

    async fn let_in(&self, db: &Db, caller: Caller, acting_for: Option<DelegationId>) -> Result<Caller, Failure> {
        let known = self.look(db, caller.user).await?;
        if !known.is_active {
            return Err(MembershipRefusal::UserSuspended {}.into());
        }
        let caller = Caller { standing: known.standing, ..caller };
        match acting_for {
            Some(delegation) => stand_in(db, caller, delegation).await,
            None => Ok(caller),
        }
    }
}

/// The caller with the roles that were handed over, as far as the principal still has them. This is looked up anew each time.
async fn stand_in(db: &Db, caller: Caller, id: DelegationId) -> Result<Caller, Failure> {
    let now = db.clock().business_now();
    let found = delegations::find(db.reader(), id).await?;
    let delegation = found
        .filter(|found| found.delegate == caller.user && found.is_in_force(now))
        .ok_or(MembershipRefusal::NoDelegation {})?;
    let principal = queries::find_member(db, delegation.principal).await?;
    let principal = principal.filter(|principal| principal.user.is_active).ok_or(MembershipRefusal::NoDelegation {})?;
    let roles: Vec<Role> =
        delegation.roles.iter().copied().filter(|role| principal.user.roles.contains(role)).collect();
    Ok(Caller { roles, stands_in: Some(delegation.stand_in()), ..caller })
}

impl Door for MembersDoor {
    fn admit<'d>(&'d self, db: &'d Db, caller: Caller, acting_for: Option<DelegationId>) -> Admission<'d> {
        Box::pin(self.let_in(db, caller, acting_for))
    }

    fn forget(&self) {
        self.remembered().clear();
    }
}
