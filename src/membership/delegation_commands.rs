//! Handing own roles over, and taking them back.

use super::error::MembershipRefusal;
use crate::access::Role;
use crate::db::Work;
use crate::decisions::delegations::{self, Delegation};
use crate::http::extract::{expect_version, not_found};
use crate::identity::{User, roster};
use crate::kernel::ids::{DelegationId, UserId};
use crate::kernel::{Failure, Moment};

/// Longest delegation, in days: cover for an absence. Whoever is away for longer gives the role up.
const LONGEST_DAYS: i64 = 366;
/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// A delegation to give.
#[derive(Debug, Clone)]
pub struct NewDelegation {
    /// To whom.
    pub delegate: UserId,
    /// Which of the caller's roles; all of them when none is named.
    pub roles: Vec<Role>,
    /// From when; from now on when nothing is said.
    pub from: Option<Moment>,
    /// Until when.
    pub until: Moment,
}

/// Hands roles of the caller to other users of the same organisation.
///
/// # Errors
/// [`MembershipRefusal::NotOnwards`], [`MembershipRefusal::ToOneself`], [`MembershipRefusal::UnknownUser`],
/// [`MembershipRefusal::NotOwnRole`], [`MembershipRefusal::BadSpan`]: all that stand against it at once.
pub async fn give(work: &mut Work, news: &[NewDelegation]) -> Result<Vec<Delegation>, Failure> {
    if work.caller().stands_in.is_some() {
        return Err(MembershipRefusal::NotOnwards {}.into());
    }
    let own = work.caller().user;
    let ids: Vec<UserId> = news.iter().map(|new| new.delegate).chain([own]).collect();
    let users = roster::users_by_id(work, &ids).await?;
    // The roles that count are those of the register, not those of an older token.
    let principal = users.iter().find(|user| user.id == own).cloned().ok_or_else(|| not_found("user"))?;
    let mut refusals = Vec::new();
    let mut given = Vec::with_capacity(news.len());
    for new in news {
        let from = new.from.unwrap_or(work.now());
        refusals.extend(faults(new, from, work.now(), &principal, &users));
        let roles = if new.roles.is_empty() { principal.roles.clone() } else { new.roles.clone() };
        given.push(Delegation {
            id: DelegationId::fresh(),
            organisation: principal.organisation,
            principal: own,
            delegate: new.delegate,
            roles,
            from,
            until: new.until,
            revoked_at: None,
            given_at: work.now(),
            version: 1,
        });
    }
    Failure::all(&refusals)?;
    delegations::save(work, &given).await?;
    Ok(given)
}

fn faults(new: &NewDelegation, from: Moment, now: Moment, principal: &User, users: &[User]) -> Vec<MembershipRefusal> {
    let mut faults = Vec::new();
    let is_colleague = |user: &&User| user.organisation == principal.organisation && user.is_active;
    if new.delegate == principal.id {
        faults.push(MembershipRefusal::ToOneself {});
    } else if !users.iter().filter(is_colleague).any(|user| user.id == new.delegate) {
        faults.push(MembershipRefusal::UnknownUser {});
    }
    let foreign = new.roles.iter().filter(|role| !principal.roles.contains(role));
    faults.extend(foreign.map(|role| MembershipRefusal::NotOwnRole { role: role.as_str().to_owned() }));
    let lasts = new.until.micros().saturating_sub(from.micros().max(now.micros()));
    if new.until <= from || lasts <= 0 || lasts > LONGEST_DAYS * DAY || from.micros() < now.micros() {
        faults.push(MembershipRefusal::BadSpan { days: LONGEST_DAYS.to_string() });
    }
    faults
}

/// Takes delegations back, at once and for good: those of the caller, and for an administrator all of the organisation.
///
/// # Errors
/// [`crate::decisions::DecisionRefusal::DelegationOver`], a stale version; hidden when it is neither.
pub async fn revoke(work: &mut Work, wanted: &[(DelegationId, Option<i64>)]) -> Result<Vec<Delegation>, Failure> {
    let ids: Vec<DelegationId> = wanted.iter().map(|(id, _)| *id).collect();
    let locked = delegations::lock(work, &ids).await?;
    let caller = work.caller();
    let is_administrator = caller.roles.contains(&Role::OrganisationAdmin);
    let mut revoked = Vec::with_capacity(wanted.len());
    for (id, expected) in wanted {
        let found = locked.iter().find(|delegation| {
            let is_own = delegation.principal == caller.user;
            delegation.id == *id && delegation.organisation == caller.organisation && (is_own || is_administrator)
        });
        let delegation = found.ok_or_else(|| not_found("delegation"))?;
        expect_version(*expected, delegation.version)?;
        revoked.push(delegation.clone().revoke(work.now())?);
    }
    delegations::save(work, &revoked).await?;
    Ok(revoked)
}
