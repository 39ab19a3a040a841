//! For which acts an organisation asks for a second of its own people: its administrator says so, and one of those who approve agrees
//! before it asks for less.

use super::error::MembershipRefusal;
use crate::access::Action;
use crate::db::Work;
use crate::decisions::approvals::{self, Approvals, OwnAct};
use crate::http::extract::{expect_version, not_found};
use crate::identity::{User, roster};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::parties::commands as parties;
use crate::parties::{OrganisationKind, PartyRefusal};
use serde_json::json;
use std::collections::BTreeSet;

/// The acts that an organisation of a kind may let wait. The reserve sells by public listing, which bureaux approve; offices
/// act under the rulebook, whose switches bind them all alike.
pub fn acts_of(kind: OrganisationKind) -> &'static [OwnAct] {
    match kind {
        OrganisationKind::Enterprise => &[
            OwnAct::Application,
            OwnAct::Offer,
            OwnAct::OfferAcceptance,
            OwnAct::Listing,
            OwnAct::Purchase,
            OwnAct::SurrenderProposal,
            OwnAct::BuyBackAgreement,
            OwnAct::PledgeAcceptance,
            OwnAct::FacilityAcceptance,
            OwnAct::Consent,
        ],
        OrganisationKind::Bank | OrganisationKind::Guarantor => &[OwnAct::PledgeRelease],
        OrganisationKind::SettlementBank => &[OwnAct::Withdrawal],
        OrganisationKind::Reserve => &[OwnAct::Offer, OwnAct::Listing],
        OrganisationKind::Operator
        | OrganisationKind::Bureau
        | OrganisationKind::Exchange
        | OrganisationKind::Auditor => &[],
    }
}

/// What the caller's organisation asks for, locked; its users and its own row are locked too, so that nobody who approves is
/// lost meanwhile.
///
/// # Errors
/// A stale version, a fault of the database.
pub async fn lock(work: &Work, expected: Option<i64>) -> Result<Option<Approvals>, Failure> {
    let own = work.caller().organisation;
    parties::lock_organisations(work, &[own]).await?;
    let known = approvals::lock(work, own).await?;
    expect_version(expected, known.as_ref().map_or(0, |known| known.version))?;
    Ok(known)
}

/// Sets for which acts the caller's organisation asks for a second of its people.
///
/// # Errors
/// [`MembershipRefusal::NoSuchApproval`], [`MembershipRefusal::NoApprover`], a stale version.
pub async fn set(work: &mut Work, acts: &BTreeSet<OwnAct>, expected: Option<i64>) -> Result<Approvals, Failure> {
    let own = work.caller().organisation;
    let organisation = parties::lock_organisations(work, &[own]).await?.into_iter().next();
    let kind = organisation.ok_or(PartyRefusal::UnknownOrganisation {})?.kind;
    let known = lock(work, expected).await?;
    let unfit = acts.iter().filter(|act| !acts_of(kind).contains(act));
    let mut refusals: Vec<MembershipRefusal> =
        unfit.map(|act| MembershipRefusal::NoSuchApproval { act: act.as_str().to_owned() }).collect();
    if !acts.is_empty() && !roster::lock_users(work, &[own]).await?.iter().any(approves) {
        refusals.push(MembershipRefusal::NoApprover {});
    }
    Failure::all(&refusals)?;
    let set = Approvals {
        organisation: own,
        acts: acts.clone(),
        set_by: work.caller().user,
        set_at: work.now(),
        version: known.map_or(1, |known| known.version + 1),
    };
    approvals::save(work, std::slice::from_ref(&set)).await?;
    let words: Vec<&str> = set.acts.iter().map(|act| act.as_str()).collect();
    let payload = json!({ "acts": words, "version": set.version });
    work.tell(Event { kind: "approvals.set", subject: own.0, payload });
    Ok(set)
}

/// Whether a user can approve what colleagues propose.
pub(super) fn approves(user: &User) -> bool {
    user.is_active && user.roles.iter().any(|role| role.may(Action::ApproveAct))
}

/// Refuses to leave an organisation without anybody who approves while it asks for approvals: whatever it proposes would wait for nobody,
/// and nobody could agree to asking for less.
///
/// # Errors
/// [`MembershipRefusal::LastApprover`].
pub(super) async fn expect_approver(work: &Work, had_one: bool, users: &[User]) -> Result<(), Failure> {
    if !had_one || users.iter().any(approves) {
        return Ok(());
    }
    let known = approvals::lock(work, work.caller().organisation).await?;
    match known {
        Some(approvals) if !approvals.acts.is_empty() => Err(MembershipRefusal::LastApprover {}.into()),
        _ => Ok(()),
    }
}

/// Hides what another organisation asks for.
///
/// # Errors
/// Hidden when it is not the caller's.
pub fn expect_own(work: &Work, organisation: crate::kernel::ids::OrganisationId) -> Result<(), Failure> {
    if work.caller().organisation == organisation { Ok(()) } else { Err(not_found("organisation").into()) }
}
