//! Raising and answering objections.

use super::laid_open::Publicity;
use super::{About, Answered, Finding, Objection, ObjectionRefusal, store};
use crate::access::Action;
use crate::db::Work;
use crate::decisions::documents::{self, Audience};
use crate::decisions::{self, Decision, Grounds, NewTask, Outcome, Place, calendar};
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, ObjectionId};
use crate::ledger;
use crate::rulebook::{self, Rulebook};
use accounting::{Journal, JournalKind, Subject, SubjectKind};
use jiff::civil::Date;
use serde_json::json;
use std::collections::HashSet;
use uuid::Uuid;

/// The word of its decision in tasks, records and the rulebook.
pub const ACT: &str = "objection";

/// An objection to raise.
#[derive(Debug, Clone)]
pub struct NewObjection {
    /// What it is about.
    pub about: About,
    /// Which one.
    pub subject: Uuid,
    /// In the objector's words.
    pub text: String,
}

/// Objects to what is laid open. What never was, or is not any more, is not there for whoever asks.
///
/// # Errors
/// [`ObjectionRefusal::PublicityOver`] on the day after its last; hidden when nothing of this id is laid open.
pub async fn raise(work: &mut Work, publicity: Publicity, new: &NewObjection) -> Result<Objection, Failure> {
    let whose = publicity.of(new.about)?;
    let open = whose.lock(work, new.about, new.subject).await?.ok_or_else(|| not_found("publicity"))?;
    if work.today() > open.until {
        return Err(ObjectionRefusal::PublicityOver {}.into());
    }
    let rulebook = rulebook::in_force(work).await?;
    let objection = Objection {
        id: ObjectionId::fresh(),
        about: new.about,
        subject: new.subject,
        party: open.party,
        counterparty: open.counterparty,
        area_path: open.area_path,
        organisation: work.caller().organisation,
        text: new.text.clone(),
        raised_by: work.caller().user,
        raised_at: work.now(),
        answer_by: last_day(work, &rulebook).await?,
        answer: None,
        version: 1,
    };
    store::insert(work, objection.clone()).await?;
    post(work, JournalKind::ObjectionRaised, &objection, objection.text.clone(), None).await?;
    let task = NewTask {
        act: ACT,
        subject_kind: SubjectKind::Objection.as_str(),
        subject: objection.id.0,
        place: Place::BureauOver(objection.area_path.clone()),
        permission: Action::AnswerObjection,
        has_record: true,
    };
    let rules = rulebook.rules_of(ACT);
    decisions::open_until(work, &rules, &task, objection.raised_by, objection.answer_by).await?;
    whose.raised(work, &objection).await?;
    Ok(objection)
}

/// The last working day for an answer to what is raised today.
async fn last_day(work: &Work, rulebook: &Rulebook) -> Result<Option<Date>, Failure> {
    let Some(days) = rulebook.objection_answer_days() else { return Ok(None) };
    Ok(calendar::from(work, work.today()).await?.working_days_after(work.today(), days))
}

/// An answer to give.
#[derive(Debug, Clone)]
pub struct NewAnswer {
    /// To which objection.
    pub objection: ObjectionId,
    /// The version that the answerer saw.
    pub expected: Option<i64>,
    /// What was found.
    pub finding: Finding,
    /// Why.
    pub text: String,
    /// On which documents; its reason is the text.
    pub grounds: Grounds,
}

/// Answers an objection as the bureau in charge, which leaves a decision record.
///
/// # Errors
/// [`ObjectionRefusal::Answered`], [`ObjectionRefusal::OwnApproval`], [`decisions::DecisionRefusal::OwnProposal`]; hidden outside the
/// caller's area.
pub async fn answer(work: &mut Work, publicity: Publicity, new: &NewAnswer) -> Result<Objection, Failure> {
    let known = store::find(work.connection(), new.objection).await?;
    let visible = known.filter(|objection| work.caller().covers(&objection.area_path));
    let known = visible.ok_or_else(|| not_found("objection"))?;
    let whose = publicity.of(known.about)?;
    // What it is about is locked first, as by whoever goes on with it.
    whose.lock(work, known.about, known.subject).await?;
    let objection = store::lock(work, new.objection).await?.ok_or_else(|| not_found("objection"))?;
    expect_version(new.expected, objection.version)?;
    let (finding, text) = (new.finding, new.text.clone());
    let answered = objection.answer(Answered { finding, text, by: work.caller().user, at: work.now() })?;
    let approvers = whose.approved_by(work, &answered).await?;
    if approvers.into_iter().any(|approver| work.caller().is_behind(approver)) {
        return Err(ObjectionRefusal::OwnApproval {}.into());
    }
    store::save(work, answered.clone()).await?;
    let proof = documents::prove(work, &[&new.grounds]).await?.into_iter().next().flatten();
    post(work, JournalKind::ObjectionAnswered, &answered, new.text.clone(), proof.clone()).await?;
    link(work, &answered, &new.grounds).await?;
    let rules = rulebook::in_force(work).await?.rules_of(ACT);
    decisions::decide(work, &rules, &[decision(&answered, new, proof)]).await?;
    whose.answered(work, &answered).await?;
    Ok(answered)
}

fn decision(answered: &Objection, new: &NewAnswer, document_hash: Option<String>) -> Decision {
    Decision {
        act: ACT,
        subject_kind: SubjectKind::Objection.as_str(),
        subject: answered.id.0,
        outcome: match new.finding {
            Finding::Upheld => Outcome::Approved,
            Finding::Dismissed => Outcome::Refused,
        },
        proposed_by: answered.raised_by,
        reason: Some(new.text.clone()),
        document_hash,
    }
}

/// Lets everybody concerned read what an answer rests on.
async fn link(work: &Work, objection: &Objection, grounds: &Grounds) -> Result<(), Failure> {
    let parties = [Some(objection.organisation), objection.party, objection.counterparty];
    let organisations = parties.into_iter().flatten().map(Audience::Organisation);
    let audiences: Vec<Audience> = organisations.chain([Audience::Area(objection.area_path.clone())]).collect();
    documents::link(work, grounds, SubjectKind::Objection.as_str(), objection.id.0, &audiences).await
}

/// Objections that stand in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// How many wait for an answer.
    pub open: usize,
    /// How many were upheld.
    pub upheld: usize,
}

/// How many objections to these things stand in the way. Whoever asks has locked the things, and so keeps new objections out.
///
/// # Errors
/// A fault of the database.
pub async fn in_the_way(work: &Work, subjects: &[Uuid]) -> Result<Waiting, Failure> {
    let found = store::in_the_way(work, subjects).await?;
    let upheld = found.iter().filter(|objection| objection.answer.is_some()).count();
    Ok(Waiting { open: found.len() - upheld, upheld })
}

/// Those of these things to which an objection waits for its answer.
///
/// # Errors
/// A fault of the database.
pub async fn waiting_about(work: &Work, subjects: &[Uuid]) -> Result<HashSet<Uuid>, Failure> {
    let found = store::in_the_way(work, subjects).await?;
    Ok(found.into_iter().filter(|objection| objection.answer.is_none()).map(|objection| objection.subject).collect())
}

async fn post(
    work: &mut Work,
    kind: JournalKind,
    objection: &Objection,
    reason: String,
    proof: Option<String>,
) -> Result<(), Failure> {
    let subject = Subject { kind: SubjectKind::Objection, id: objection.id.0, version: objection.version };
    let journal = Journal::new(ids::fresh_journal(), kind, subject, work.today(), Vec::new()).because(Some(reason));
    ledger::post(work, &[journal.proved_by(proof)]).await?;
    let told = if objection.answer.is_some() { "objection.answered" } else { "objection.raised" };
    let payload = json!({ "subject_kind": objection.about.as_str(), "subject": objection.subject });
    work.tell(Event { kind: told, subject: objection.id.0, payload });
    Ok(())
}
