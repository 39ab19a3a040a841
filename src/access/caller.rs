//! The caller of a request, and the permit for one action.

use crate::access::policy::{Action, Role};
use crate::access::standing::Standing;
use crate::kernel::ids::{DelegationId, OrganisationId, UserId};
use crate::refusals;
use serde::{Deserialize, Serialize};

refusals! {
    /// What access refuses.
    AccessRefusal {
        /// The act moves rights or money and the second factor is missing or too long ago; also when signing in is not finished.
        SecondFactor { action } => Denied "AUT_SECOND_FACTOR_NEEDED" at "": "该操作（{action}）需要近期的二次验证，请先调用 POST /auth/second-factor", "{action} needs a second factor given lately: send a code to POST /auth/second-factor, then repeat";
        /// The token of an API client does not have the scope.
        OutsideScope { action } => Denied "AUT_OUTSIDE_SCOPE" at "": "该令牌的授权范围不含 {action}", "the scope of this token does not include {action}";
        /// The role does not carry the permission.
        NotAllowed { action } => Denied "AUT_NOT_ALLOWED" at "": "您的角色无权执行该操作（{action}）", "your role does not carry the permission {action}";
        /// The organisation was not verified yet, or was refused.
        NotVerified {} => Denied "AUT_ORGANISATION_NOT_VERIFIED" at "": "您的组织尚未通过审核，仅可查询自身状态", "your organisation is not verified: it can read its own state and nothing else", basis "湖北省主要污染物排污权交易办法：交易主体资格审核";
        /// The organisation is suspended.
        Suspended { action } => Denied "AUT_ORGANISATION_SUSPENDED" at "": "您的组织已被暂停，不得执行该操作（{action}）", "your organisation is suspended and may not {action}";
    }
}

/// How the caller has proved who they are, as far as it narrows what their roles carry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// It narrows nothing: a second factor was given lately, or this installation asks for none, or the platform itself acts.
    #[default]
    Full,
    /// A person without a second factor, or whose second factor is too long ago, may read but move nothing.
    FirstFactor,
    /// The password was right and the second factor is still to come: until then nothing but [`Caller::may_finish_sign_in`].
    Unfinished,
    /// An API client, which has no second factor and may do no more than its token's scopes.
    Client {
        /// What the token was asked for.
        scopes: Vec<Action>,
    },
}

/// Who stands in the books as the actor of what the clock has caused. No user has this id: all of theirs are UUIDv7.
pub const CLOCK: UserId = UserId(uuid::Uuid::from_u128(2));

/// A signed-in person or an API client (or, at founding, nobody yet).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The person or client.
    pub user: UserId,
    /// The organisation they act for.
    pub organisation: OrganisationId,
    /// What they may do there.
    pub roles: Vec<Role>,
    /// Where the organisation sits in the tree of areas: codes from the province down, joined by `/`.
    pub area_path: String,
    /// How they have proved it.
    #[serde(default)]
    pub proof: Proof,
    /// How the organisation stands.
    pub standing: Standing,
    /// For whom they act, when it is not for themself.
    pub stands_in: Option<StandIn>,
}

/// Somebody acts with the roles that another user of the same organisation has handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandIn {
    /// By which delegation.
    pub delegation: DelegationId,
    /// Whose roles they are.
    pub principal: UserId,
}

/// Whose things a caller may know of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything in the book.
    Everything,
    /// What lies in an area or below it.
    Area {
        /// Path of the area.
        path: String,
    },
    /// What is the organisation's own.
    Organisation {
        /// Which.
        id: OrganisationId,
    },
}

/// Proof that the caller may do one action. Only [`Caller::may`] makes one.
#[derive(Debug, Clone)]
pub struct Permit {
    caller: Caller,
    action: Action,
}

impl Caller {
    /// Nobody: who owns nothing, sees nothing and may do nothing. A work for several callers is begun for nobody.
    pub fn nobody() -> Self {
        Self {
            user: UserId(uuid::Uuid::nil()),
            organisation: OrganisationId(uuid::Uuid::nil()),
            roles: Vec::new(),
            area_path: String::new(),
            proof: Proof::Full,
            standing: Standing::Verified,
            stands_in: None,
        }
    }

    /// The clock: what a deadline or the end of a validity causes is done by nobody in person, on whichever node is alive.
    pub fn clock() -> Self {
        Self { user: CLOCK, roles: vec![Role::Operator], ..Self::nobody() }
    }

    /// The permit for an action.
    ///
    /// # Errors
    /// [`AccessRefusal::NotAllowed`], [`AccessRefusal::NotVerified`], [`AccessRefusal::Suspended`], [`AccessRefusal::OutsideScope`],
    /// [`AccessRefusal::SecondFactor`].
    pub fn may(&self, action: Action) -> Result<Permit, AccessRefusal> {
        let name = || action.as_str().to_owned();
        if !self.carries(action) {
            return Err(AccessRefusal::NotAllowed { action: name() });
        }
        match self.standing {
            standing if standing.admits(action) => {}
            Standing::Suspended => return Err(AccessRefusal::Suspended { action: name() }),
            _ => return Err(AccessRefusal::NotVerified {}),
        }
        match &self.proof {
            Proof::FirstFactor if action.needs_second_factor() => Err(AccessRefusal::SecondFactor { action: name() }),
            Proof::Unfinished => Err(AccessRefusal::SecondFactor { action: name() }),
            Proof::Client { scopes } if !scopes.contains(&action) => {
                Err(AccessRefusal::OutsideScope { action: name() })
            }
            _ => Ok(Permit { caller: self.clone(), action }),
        }
    }

    /// The permit to finish a sign-in by its second factor, or to give it up: whoever has given the password alone may do no more.
    ///
    /// # Errors
    /// As [`Caller::may`], but for what is still to come.
    pub fn may_finish_sign_in(&self) -> Result<Permit, AccessRefusal> {
        if self.proof != Proof::Unfinished {
            return self.may(Action::KeepOwnSignIn);
        }
        let begun = Self { proof: Proof::FirstFactor, ..self.clone() };
        begun.may(Action::KeepOwnSignIn)
    }

    /// Refuses what needs no permission, but somebody who has finished signing in.
    ///
    /// # Errors
    /// [`AccessRefusal::SecondFactor`].
    pub fn must_have_signed_in(&self, action: &str) -> Result<(), AccessRefusal> {
        if self.proof == Proof::Unfinished {
            return Err(AccessRefusal::SecondFactor { action: action.to_owned() });
        }
        Ok(())
    }

    /// The permit for the first of these actions that the caller may do.
    ///
    /// # Errors
    /// As [`Caller::may`]: what keeps the caller from an action that a role carries is told before what no role carries.
    pub fn may_any(&self, actions: &[Action]) -> Result<Permit, AccessRefusal> {
        let mut refused = None;
        for action in actions {
            match self.may(*action) {
                Ok(permit) => return Ok(permit),
                Err(refusal) if self.carries(*action) => return Err(refusal),
                Err(refusal) => refused = Some(refusal),
            }
        }
        Err(refused.unwrap_or(AccessRefusal::NotAllowed { action: String::new() }))
    }

    /// Whether a role of the caller carries the permission, whatever else it takes to use it: for what the caller gets to see.
    pub fn carries(&self, action: Action) -> bool {
        self.roles.iter().any(|role| role.may(action))
    }

    /// Whether a program asks, not a person.
    pub fn is_client(&self) -> bool {
        matches!(self.proof, Proof::Client { .. })
    }

    /// Whether an act on this user would be an act on oneself: it is, also for whoever stands in for them.
    pub fn is_behind(&self, user: UserId) -> bool {
        self.user == user || self.stands_in.is_some_and(|stand_in| stand_in.principal == user)
    }

    /// Whose things the caller may know of: the widest of their roles, and no more than their own while the organisation does not
    /// stand.
    pub fn scope(&self) -> Scope {
        if self.standing != Standing::Verified {
            Scope::Organisation { id: self.organisation }
        } else if self.roles.iter().any(|role| role.sees_everything()) {
            Scope::Everything
        } else if self.roles.iter().any(|role| role.sees_area()) {
            Scope::Area { path: self.area_path.clone() }
        } else {
            Scope::Organisation { id: self.organisation }
        }
    }

    /// Whether the caller's area is, or lies above, the area at `path`.
    pub fn covers(&self, path: &str) -> bool {
        path == self.area_path || path.strip_prefix(&self.area_path).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The last code of the caller's area path.
    pub fn area(&self) -> &str {
        self.area_path.rsplit('/').next().unwrap_or_default()
    }
}

impl Permit {
    /// Who holds it.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// For what.
    pub fn action(&self) -> Action {
        self.action
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn officer(path: &str) -> Caller {
        Caller {
            user: UserId::fresh(),
            organisation: OrganisationId::fresh(),
            roles: vec![Role::BureauOfficer],
            area_path: path.to_owned(),
            ..Caller::nobody()
        }
    }

    #[test]
    fn a_bureau_covers_its_area_and_those_below_and_no_other() {
        let city = officer("420000/421200");
        assert!(city.covers("420000/421200"));
        assert!(city.covers("420000/421200/421222"));
        assert!(!city.covers("420000"));
        assert!(!city.covers("420000/421201"));
        assert!(!city.covers("420000/4212000"));
    }

    #[test]
    fn an_officer_gets_no_permit_for_a_trade() {
        assert!(officer("420000").may(Action::ProposeAllocation).is_ok());
        assert_eq!(
            officer("420000").may(Action::ProposeOffer).map(|_| ()),
            Err(AccessRefusal::NotAllowed { action: "propose_offer".to_owned() })
        );
    }

    #[test]
    fn without_a_second_factor_an_officer_reads_and_moves_nothing() {
        let early = Caller { proof: Proof::FirstFactor, roles: vec![Role::BureauHead], ..officer("420000") };
        assert!(early.may(Action::ReadBooks).is_ok());
        assert_eq!(
            early.may(Action::DecideAllocation).map(|_| ()),
            Err(AccessRefusal::SecondFactor { action: "decide_allocation".to_owned() })
        );
        let unfinished = Caller { proof: Proof::Unfinished, ..early };
        assert!(Action::ALL.iter().all(|action| unfinished.may(*action).is_err()));
        assert!(unfinished.must_have_signed_in("list_operations").is_err());
        assert!(unfinished.may_finish_sign_in().is_ok());
    }

    #[test]
    fn of_several_actions_one_is_enough_and_what_is_still_missing_is_told() {
        let head = Caller { roles: vec![Role::BureauHead], ..officer("420000") };
        let either = [Action::ProposeOffer, Action::DecideAllocation, Action::Audit];
        assert_eq!(head.may_any(&either).map(|permit| permit.action()), Ok(Action::DecideAllocation));
        let early = Caller { proof: Proof::FirstFactor, ..head.clone() };
        let missing = early.may_any(&either).map(|permit| permit.action());
        assert_eq!(missing, Err(AccessRefusal::SecondFactor { action: "decide_allocation".to_owned() }));
        let never = head.may_any(&[Action::ProposeOffer, Action::Audit]).map(|permit| permit.action());
        assert_eq!(never, Err(AccessRefusal::NotAllowed { action: "audit".to_owned() }));
    }

    #[test]
    fn a_client_may_what_both_its_role_and_its_scope_carry() {
        let scopes = vec![Action::ReadBooks, Action::ProposeOffer];
        let client = Caller { proof: Proof::Client { scopes }, ..officer("420000") };
        assert!(client.may(Action::ReadBooks).is_ok());
        assert!(matches!(client.may(Action::ReadQuota), Err(AccessRefusal::OutsideScope { .. })));
        assert!(matches!(client.may(Action::ProposeOffer), Err(AccessRefusal::NotAllowed { .. })));
        assert!(client.may(Action::KeepOwnSignIn).is_err(), "a program has no sign-in to keep");
    }

    #[test]
    fn a_suspended_office_sees_no_more_than_its_own_and_decides_nothing() {
        let suspended = Caller { standing: Standing::Suspended, ..officer("420000") };
        assert_eq!(suspended.scope(), Scope::Organisation { id: suspended.organisation });
        assert!(suspended.may(Action::ReadBooks).is_ok());
        assert_eq!(
            suspended.may(Action::DecideTrade).map(|_| ()),
            Err(AccessRefusal::Suspended { action: "decide_trade".to_owned() })
        );
    }

    #[test]
    fn who_is_not_verified_may_sign_in_and_do_nothing_else_whatever_the_role() {
        for standing in [Standing::Applied, Standing::Refused] {
            for role in Role::ALL {
                let caller = Caller { roles: vec![*role], standing, ..officer("420000") };
                let permitted: Vec<_> = Action::ALL.iter().filter(|action| caller.may(**action).is_ok()).collect();
                assert_eq!(permitted, [&Action::KeepOwnSignIn], "{role:?}");
            }
        }
    }
}
