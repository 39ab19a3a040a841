//! What changes organisations and their users.

use super::approval_commands::{approves, expect_approver};
use super::error::MembershipRefusal;
use crate::access::{Action, Role};
use crate::db::Work;
use crate::decisions::documents::{self, Audience};
use crate::decisions::{self, Decision, Grounds, NewTask, Outcome, Place};
use crate::encumbrance::{Binders, NoticeCause};
use crate::http::extract::{expect_version, not_found};
use crate::identity::commands::NewUser;
use crate::identity::sessions::EndReason;
use crate::identity::sessions::commands::{self as sessions, Which};
use crate::identity::{User, roster};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{OrganisationId, UserId};
use crate::parties::commands::{self as parties, NewOrganisation, RulingOn};
use crate::parties::{Organisation, OrganisationKind, PartyRefusal, Ruling};
use crate::rulebook;
use serde_json::json;
use std::collections::BTreeSet;

/// The word of an application in tasks, records and the rulebook.
pub const APPLICATION: &str = "organisation_verification";
/// What a ruling is about.
const SUBJECT: &str = "organisation";

/// An organisation that applies, with its first administrator: the caller of the work.
#[derive(Debug, Clone)]
pub struct Application {
    /// The organisation.
    pub organisation: NewOrganisation,
    /// What the administrator signs in with.
    pub login: String,
    /// Their name.
    pub name: String,
    /// argon2id hash of their password.
    pub password_hash: String,
}

/// Registers an organisation as applied, with its first administrator. It waits for the bureau in charge of its area.
///
/// # Errors
/// What [`parties::apply`] refuses, and a login that is taken.
pub async fn apply(work: &mut Work, application: &Application) -> Result<(Organisation, User), Failure> {
    let entered = parties::apply(work, std::slice::from_ref(&application.organisation)).await;
    let entered = entered.map_err(|failure| failure.within("organisation"))?;
    let organisation = entered.into_iter().next().ok_or_else(|| Failure::bug("nothing was registered"))?;
    let administrator = NewUser {
        organisation: organisation.id,
        login: application.login.clone(),
        name: application.name.clone(),
        roles: vec![Role::OrganisationAdmin],
        password_hash: Some(application.password_hash.clone()),
    };
    let administrator = roster::enter_caller(work, &administrator).await;
    let administrator = administrator.map_err(|failure| failure.within("administrator"))?;
    let rules = rulebook::in_force(work).await?.rules_of(APPLICATION);
    let task = NewTask {
        act: APPLICATION,
        subject_kind: SUBJECT,
        subject: organisation.id.0,
        place: Place::BureauOver(organisation.area_path.clone()),
        permission: Action::VerifyOrganisation,
        has_record: true,
    };
    decisions::open(work, &rules, &[task]).await?;
    tell(work, "organisation.applied", &organisation);
    Ok((organisation, administrator))
}

/// A ruling with what it rests on.
#[derive(Debug, Clone)]
pub struct Ruled {
    /// What is decided on which organisation.
    pub on: RulingOn,
    /// Why, also where the ruling itself keeps no reason, and on which documents.
    pub grounds: Grounds,
}

/// Rules on organisations; each ruling leaves its decision record. Who applied is the proposer; a suspension and a reinstatement are
/// proposed by whoever decides them, and whoever has a lien on rights of the enterprise is told of both.
///
/// # Errors
/// What [`parties::rule_on`] refuses.
pub async fn rule(work: &mut Work, binders: Binders, rulings: &[Ruled]) -> Result<Vec<Organisation>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let proofs = documents::prove(work, &rulings.iter().map(|ruled| &ruled.grounds).collect::<Vec<_>>()).await?;
    let on: Vec<RulingOn> = rulings.iter().map(|ruled| ruled.on.clone()).collect();
    let organisations = parties::rule_on(work, &on).await?;
    let decide = |((organisation, ruled), document_hash): ((&Organisation, &Ruled), Option<String>)| {
        let (outcome, proposer) = match ruled.on.ruling {
            Ruling::Verify => (Outcome::Approved, organisation.applied_by),
            Ruling::Refuse { .. } => (Outcome::Refused, organisation.applied_by),
            Ruling::Suspend { .. } | Ruling::Reinstate => (Outcome::Approved, None),
        };
        Decision {
            act: ruled.on.ruling.act(),
            subject_kind: SUBJECT,
            subject: organisation.id.0,
            outcome,
            proposed_by: proposer.unwrap_or(work.caller().user),
            reason: ruled.grounds.reason.clone(),
            document_hash,
        }
    };
    let decided: Vec<Decision> = organisations.iter().zip(rulings).zip(proofs).map(decide).collect();
    let acts: BTreeSet<&'static str> = decided.iter().map(|decision| decision.act).collect();
    for act in acts {
        let same: Vec<Decision> = decided.iter().filter(|decision| decision.act == act).cloned().collect();
        decisions::decide(work, &rulebook.rules_of(act), &same).await?;
    }
    for (organisation, ruled) in organisations.iter().zip(rulings) {
        let audiences = [Audience::Organisation(organisation.id), Audience::Area(organisation.area_path.clone())];
        documents::link(work, &ruled.grounds, SUBJECT, organisation.id.0, &audiences).await?;
        let kind = match organisation.standing() {
            crate::access::Standing::Refused => "organisation.refused",
            crate::access::Standing::Suspended => "organisation.suspended",
            _ => "organisation.verified",
        };
        tell(work, kind, organisation);
    }
    tell_pledgees(work, binders, rulings).await?;
    Ok(organisations)
}

async fn tell_pledgees(work: &mut Work, binders: Binders, rulings: &[Ruled]) -> Result<(), Failure> {
    let cause_of = |ruling: &Ruling| match ruling {
        Ruling::Suspend { .. } => Some(NoticeCause::Suspension),
        Ruling::Reinstate => Some(NoticeCause::SuspensionLifted),
        Ruling::Verify | Ruling::Refuse { .. } => None,
    };
    for cause in [NoticeCause::Suspension, NoticeCause::SuspensionLifted] {
        let told = rulings.iter().filter(|ruled| cause_of(&ruled.on.ruling) == Some(cause));
        let of: Vec<OrganisationId> = told.map(|ruled| ruled.on.organisation).collect();
        binders.notify_of(work, &of, cause).await?;
    }
    Ok(())
}

fn tell(work: &mut Work, kind: &'static str, organisation: &Organisation) {
    work.tell(Event {
        kind,
        subject: organisation.id.0,
        payload: json!({"kind": organisation.kind.as_str(), "state": organisation.standing().as_str(), "version": organisation.version}),
    });
}

/// What changes of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Other roles than before.
    Roles(Vec<Role>),
    /// May not act from now on.
    Suspend,
    /// May act again.
    Reinstate,
}

/// A change of one user.
#[derive(Debug, Clone)]
pub struct MemberChange {
    /// Of whom.
    pub user: UserId,
    /// The version that the client saw.
    pub expected: Option<i64>,
    /// What changes.
    pub change: Change,
}

/// Changes users of the caller's organisation, which is locked meanwhile: two administrators who suspend each other follow one
/// another, and the second is refused.
///
/// # Errors
/// [`MembershipRefusal::OwnMembership`], [`MembershipRefusal::LastAdministrator`], [`MembershipRefusal::LastApprover`],
/// [`MembershipRefusal::SameState`], roles that do not fit, a stale version; hidden when the user belongs elsewhere.
pub async fn change_members(work: &mut Work, wanted: &[MemberChange]) -> Result<Vec<User>, Failure> {
    let own = work.caller().organisation;
    let organisation = parties::lock_organisations(work, &[own]).await?.into_iter().next();
    let organisation = organisation.ok_or(PartyRefusal::UnknownOrganisation {})?;
    let mut users = roster::lock_users(work, &[own]).await?;
    let had_administrator = users.iter().any(is_administrator);
    let had_approver = users.iter().any(approves);
    let mut changed = Vec::with_capacity(wanted.len());
    for change in wanted {
        let user = users.iter_mut().find(|user| user.id == change.user).ok_or_else(|| not_found("user"))?;
        expect_version(change.expected, user.version)?;
        if work.caller().is_behind(user.id) {
            return Err(MembershipRefusal::OwnMembership {}.into());
        }
        *user = after(user.clone(), &change.change, organisation.kind)?;
        changed.push(user.clone());
    }
    if had_administrator && !users.iter().any(is_administrator) {
        return Err(MembershipRefusal::LastAdministrator {}.into());
    }
    expect_approver(work, had_approver, &users).await?;
    roster::save_users(work, &changed).await?;
    // Whoever comes back signs in again: what was open when they were suspended stays closed.
    for user in changed.iter().filter(|user| !user.is_active) {
        sessions::end(work, user.id, Which::All, EndReason::EndedByAdministrator).await?;
    }
    // Whoever is suspended or has other roles lays down what they had taken up, so that another can decide it.
    decisions::release_claims(work, &changed.iter().map(|user| user.id).collect::<Vec<_>>()).await?;
    Ok(changed)
}

fn is_administrator(user: &User) -> bool {
    user.is_active && user.roles.contains(&Role::OrganisationAdmin)
}

fn after(user: User, change: &Change, kind: OrganisationKind) -> Result<User, Failure> {
    let version = user.version + 1;
    let same = |state: &str| MembershipRefusal::SameState { state: state.to_owned() };
    match change {
        Change::Roles(roles) => {
            Failure::refused(roster::faults_of_roles(kind, roles))?;
            Ok(User { roles: roles.clone(), version, ..user })
        }
        Change::Suspend if !user.is_active => Err(same("suspended").into()),
        Change::Reinstate if user.is_active => Err(same("active").into()),
        Change::Suspend => Ok(User { is_active: false, version, ..user }),
        Change::Reinstate => Ok(User { is_active: true, version, ..user }),
    }
}
