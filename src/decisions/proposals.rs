//! Acts of one step that wait for a second person where the rules ask for one: the command is judged, kept, and carried out by the
//! second person's approval, judged again. The rules are those of the rulebook, and those of the proposer's own organisation.

use super::act::{Carried, Made, Proposal, Verdict};
use super::approvals::{self, OwnAct};
use super::commands::{self, Decision};
use super::record::Outcome;
use super::store;
use super::task::{NewTask, Place, Proposed, Rules, Task};
use crate::access::{Action, Standing};
use crate::db::Work;
use crate::db::approved::Approval;
use crate::db::columns::hexadecimal;
use crate::decisions::documents::{self, Audience};
use crate::http::extract::not_found;
use crate::kernel::Failure;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A command with what is needed to let it wait.
#[derive(Debug, Clone)]
pub struct Command {
    /// The body of the operation, which has been read once, with the id from its path.
    pub body: Value,
    /// The version of the thing that the caller saw.
    pub expected: Option<i64>,
    /// Who may approve it.
    pub place: Place,
    /// The thing that it is about, when that is there already: the proposal ends with it, and another one about it does not wait
    /// beside it.
    pub about: Option<(&'static str, Uuid)>,
}

/// The word of what a proposal is about until it is carried out, where nothing is there yet.
const SUBJECT: &str = "task";

/// Carries a command out, or lets it wait where the rulebook or the caller's own organisation asks for a second person, or the
/// rulebook for a review. What an authority does alone leaves a record that says so.
///
/// One approval serves both where both ask for a second person: it is given by one of the organisation's own people in any case, and by
/// one who has the permission to approve where the organisation asks for it. What an authority has to approve besides is opened
/// by the command itself, so it comes after.
///
/// # Errors
/// Whatever the command refuses: it is judged now as well as when it is approved.
pub async fn act(work: &mut Work, proposal: &(impl Proposal + ?Sized), command: &Command) -> Result<Carried, Failure> {
    let own = match proposal.own_act() {
        Some(_) => approvals::of_caller(work).await?,
        None => None,
    };
    let asks = |act: OwnAct| own.as_ref().is_some_and(|approvals| approvals.acts.contains(&act));
    let is_asked = proposal.own_act().is_some_and(asks);
    if !is_asked && !proposal.has_rule() {
        let made = proposal.carry_out(work, &command.body, command.expected).await?;
        let is_free = work.caller().standing != Standing::Verified;
        if let Some((_, subject)) = command.about.filter(|_| own.is_some() || is_free) {
            // Proposed while it was asked for, and done now that it no longer is.
            commands::drop_proposals(work, proposal.word(), subject).await?;
        }
        return Ok(Carried::Done(made.answer));
    }
    let rules = proposal.rules(work).await?;
    act_under(work, &if is_asked { rules.with_own() } else { rules }, proposal, command).await
}

/// The same by rules that are known already.
///
/// # Errors
/// Whatever the command refuses.
pub async fn act_under(
    work: &mut Work,
    rules: &Rules,
    proposal: &(impl Proposal + ?Sized),
    command: &Command,
) -> Result<Carried, Failure> {
    if rules.waits() {
        return propose(work, rules, proposal, command).await;
    }
    let made = proposal.carry_out(work, &command.body, command.expected).await?;
    if proposal.is_of_authority() {
        commands::record_alone(work, rules, proposal.word(), made.subject_kind, made.subject).await?;
    }
    Ok(Carried::Done(made.answer))
}

async fn propose(
    work: &mut Work,
    rules: &Rules,
    proposal: &(impl Proposal + ?Sized),
    command: &Command,
) -> Result<Carried, Failure> {
    let before = work.rehearse().await?;
    proposal.carry_out(work, &command.body, command.expected).await?;
    work.end_rehearsal(before).await?;
    let text = command.body.to_string();
    let hash = hexadecimal(&Sha256::digest(text.as_bytes()));
    let (subject_kind, subject) = command.about.unwrap_or((SUBJECT, Uuid::nil()));
    let new = NewTask {
        act: proposal.word(),
        subject_kind,
        subject,
        place: command.place.clone(),
        permission: if rules.own_approval { Action::ApproveAct } else { proposal.approval() },
        has_record: proposal.is_of_authority(),
    };
    let proposed = Proposed { command: text, hash, expected: command.expected };
    let task = commands::open_proposal(work, rules, new, proposed).await?;
    Ok(Carried::Waits(Box::new(task)))
}

/// Decides on a proposal: a yes carries the kept command out in this work, for the second person, with both named.
///
/// # Errors
/// Whatever the command refuses; [`DecisionRefusal::TaskOver`] when somebody else was faster.
pub(super) async fn decide(
    work: &mut Work,
    proposal: &(impl Proposal + ?Sized),
    task: &Task,
    verdict: &Verdict,
) -> Result<(), Failure> {
    let locked = store::lock_task(work, task.id).await?.ok_or_else(|| not_found("task"))?;
    locked.expect_decidable(work.caller())?;
    let proposed = locked.proposed.as_ref().ok_or_else(|| Failure::bug("a proposal without its command"))?;
    let command: Value = serde_json::from_str(&proposed.command).map_err(Failure::bug)?;
    if hexadecimal(&Sha256::digest(proposed.command.as_bytes())) != proposed.hash {
        return Err(Failure::bug("a proposed command is not the one that was proposed"));
    }
    let made = match verdict.outcome {
        Outcome::Approved => {
            work.carry_out(Approval { task: locked.id, proposer: locked.proposed_by });
            Some(proposal.carry_out(work, &command, proposed.expected).await?)
        }
        Outcome::Refused => None,
    };
    let (subject_kind, subject) = made.as_ref().map_or((SUBJECT, task.id.0), Made::subject);
    let document_hash = documents::prove(work, &[&verdict.grounds]).await?.into_iter().next().flatten();
    let audience = match &locked.place {
        Place::Organisation(id) => Audience::Organisation(*id),
        Place::BureauAt(path) | Place::BureauOver(path) => Audience::Area(path.clone()),
    };
    documents::link(work, &verdict.grounds, subject_kind, subject, &[audience]).await?;
    let rules = proposal.rules(work).await?;
    let decision = Decision {
        act: proposal.word(),
        subject_kind,
        subject,
        outcome: verdict.outcome,
        proposed_by: locked.proposed_by,
        reason: verdict.grounds.reason.clone(),
        document_hash,
    };
    let task = match made {
        Some(made) => locked.about(made.subject_kind, made.subject),
        None => locked,
    };
    commands::close_proposal(work, &rules, task, &decision).await
}

impl Made {
    fn subject(&self) -> (&'static str, Uuid) {
        (self.subject_kind, self.subject)
    }
}
