//! The caller of a request, and the permit for one action.

use crate::access::policy::{Action, Role};
use crate::kernel::ids::{OrganisationId, UserId};
use crate::refusals;
use serde::{Deserialize, Serialize};

refusals! {
    /// What access refuses.
    AccessRefusal {
        /// The role does not carry the permission.
        NotAllowed { action } => Denied "AUT_NOT_ALLOWED" at "": "您的角色无权执行该操作({action})", "your role does not carry the permission {action}";
    }
}

/// A signed-in person (or, at founding, nobody yet).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The person.
    pub user: UserId,
    /// The organisation they act for.
    pub organisation: OrganisationId,
    /// What they may do there.
    pub roles: Vec<Role>,
    /// Where the organisation sits in the tree of areas: codes from the province down, joined by `/`.
    pub area_path: String,
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
        }
    }

    /// The permit for an action.
    ///
    /// # Errors
    /// [`AccessRefusal::NotAllowed`].
    pub fn may(&self, action: Action) -> Result<Permit, AccessRefusal> {
        if self.roles.iter().any(|role| role.may(action)) {
            Ok(Permit { caller: self.clone(), action })
        } else {
            Err(AccessRefusal::NotAllowed { action: action.as_str().to_owned() })
        }
    }

    /// Whose things the caller may know of: the widest of their roles.
    pub fn scope(&self) -> Scope {
        if self.roles.iter().any(|role| role.sees_everything()) {
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
}
