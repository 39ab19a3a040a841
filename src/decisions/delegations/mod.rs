//! Delegations (委托代办): a user hands own roles to another user of the same organisation for a while. They end by the clock, can be
//! taken back at any time, and cannot be handed on. What is done under one names both people.
//!
//! Nobody gains a second pair of eyes by it: whoever was bound to the proposer by a delegation at any time between the proposal and
//! the decision may not decide (三项制度:职责分离).

mod store;

pub use store::{COVERED, find, list, lock, save};

use super::{DecisionRefusal, Rules};
use crate::access::{Caller, Role, StandIn};
use crate::db::Work;
use crate::kernel::ids::{DelegationId, OrganisationId, UserId};
use crate::kernel::{Failure, Moment};

/// Roles that one user has handed to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// Its identity.
    pub id: DelegationId,
    /// The organisation of both.
    pub organisation: OrganisationId,
    /// Whose roles they are.
    pub principal: UserId,
    /// Who may act with them.
    pub delegate: UserId,
    /// The roles.
    pub roles: Vec<Role>,
    /// From when, in business time.
    pub from: Moment,
    /// Until when; this instant itself is too late.
    pub until: Moment,
    /// When it was taken back.
    pub revoked_at: Option<Moment>,
    /// When it was given.
    pub given_at: Moment,
    /// Counts from 1.
    pub version: i64,
}

impl Delegation {
    /// Where it stands at an instant: `coming`, `in_force`, `ended` or `revoked`.
    pub fn state(&self, now: Moment) -> &'static str {
        match self.revoked_at {
            Some(_) => "revoked",
            None if now < self.from => "coming",
            None if now < self.until => "in_force",
            None => "ended",
        }
    }

    /// Whether the delegate may act by it.
    pub fn is_in_force(&self, now: Moment) -> bool {
        self.state(now) == "in_force"
    }

    /// Whether it bound the two of them at some instant of a span, its ends included.
    pub fn bound_between(&self, begin: Moment, end: Moment) -> bool {
        let ended = self.revoked_at.map_or(self.until, |revoked| revoked.min(self.until));
        self.from <= end && begin < ended && self.from < ended
    }

    /// Takes it back.
    ///
    /// # Errors
    /// [`DecisionRefusal::DelegationOver`].
    pub fn revoke(self, now: Moment) -> Result<Self, DecisionRefusal> {
        if self.revoked_at.is_some() || self.until <= now {
            return Err(DecisionRefusal::DelegationOver {});
        }
        Ok(Self { revoked_at: Some(now), version: self.version + 1, ..self })
    }

    /// The delegate in the principal's place.
    pub fn stand_in(&self) -> StandIn {
        StandIn { delegation: self.id, principal: self.principal }
    }
}

/// Where what waits for a second person comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Who proposed.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Refuses decisions on one's own proposals where the rules ask for a second person, as [`expect_apart`] does.
///
/// # Errors
/// [`DecisionRefusal::ProgramDecides`], [`DecisionRefusal::OwnProposal`], [`DecisionRefusal::BoundToProposer`].
pub async fn four_eyes(work: &Work, rules: &Rules, proposals: &[Origin]) -> Result<(), Failure> {
    if rules.second_person { expect_apart(work, proposals).await } else { Ok(()) }
}

/// Refuses a program where a second person is asked for: whoever holds its secret may be the first one, and it has no second factor.
///
/// # Errors
/// [`DecisionRefusal::ProgramDecides`].
pub(super) fn expect_person(caller: &Caller) -> Result<(), DecisionRefusal> {
    if caller.is_client() { Err(DecisionRefusal::ProgramDecides {}) } else { Ok(()) }
}

/// Refuses decisions on proposals of the caller, of whom the caller stands in for, and of whoever was bound to one of these two by a
/// delegation since the proposal; and every decision of a program. One statement whatever their number.
///
/// # Errors
/// [`DecisionRefusal::ProgramDecides`], [`DecisionRefusal::OwnProposal`], [`DecisionRefusal::BoundToProposer`].
pub(super) async fn expect_apart(work: &Work, proposals: &[Origin]) -> Result<(), Failure> {
    let caller = work.caller();
    expect_person(caller)?;
    if proposals.iter().any(|proposal| caller.is_behind(proposal.by)) {
        return Err(DecisionRefusal::OwnProposal {}.into());
    }
    let deciders: Vec<UserId> =
        [caller.user].into_iter().chain(caller.stands_in.map(|stand_in| stand_in.principal)).collect();
    let proposers: Vec<UserId> = proposals.iter().map(|proposal| proposal.by).collect();
    let bonds = store::between(work.connection(), &deciders, &proposers).await?;
    let is_bound = |proposal: &Origin| {
        let theirs = bonds.iter().filter(|bond| [bond.principal, bond.delegate].contains(&proposal.by));
        theirs.into_iter().any(|bond| bond.bound_between(proposal.at, work.now()))
    };
    if proposals.iter().any(is_bound) { Err(DecisionRefusal::BoundToProposer {}.into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn delegation(from: i64, until: i64, revoked_at: Option<i64>) -> Delegation {
        Delegation {
            id: DelegationId::fresh(),
            organisation: OrganisationId::fresh(),
            principal: UserId::fresh(),
            delegate: UserId::fresh(),
            roles: vec![Role::BureauHead],
            from: Moment::from_micros(from),
            until: Moment::from_micros(until),
            revoked_at: revoked_at.map(Moment::from_micros),
            given_at: Moment::from_micros(0),
            version: 1,
        }
    }

    #[test]
    fn a_delegation_begins_and_ends_by_the_clock() {
        let delegation = delegation(10, 20, None);
        let told = [9, 10, 19, 20].map(|at| delegation.state(Moment::from_micros(at)));
        assert_eq!(told, ["coming", "in_force", "in_force", "ended"]);
    }

    #[test]
    fn what_is_over_is_not_taken_back() {
        let now = Moment::from_micros(15);
        let revoked = delegation(10, 20, None).revoke(now).unwrap();
        assert_eq!((revoked.state(now), revoked.version), ("revoked", 2));
        assert_eq!(revoked.revoke(now), Err(DecisionRefusal::DelegationOver {}));
        assert_eq!(delegation(1, 15, None).revoke(now), Err(DecisionRefusal::DelegationOver {}));
    }

    proptest! {
        #[test]
        fn whoever_could_act_at_an_instant_of_a_span_was_bound_in_it(
            from in 0..30_i64, until in 0..30_i64, revoked in proptest::option::of(0..30_i64),
            begin in 0..30_i64, length in 0..30_i64,
        ) {
            let delegation = delegation(from, until, revoked);
            let could_act = |at: i64| at >= from && at < until && revoked.is_none_or(|revoked| at < revoked);
            let bound = delegation.bound_between(Moment::from_micros(begin), Moment::from_micros(begin + length));
            prop_assert_eq!(bound, (begin..=begin + length).any(could_act));
        }
    }
}
