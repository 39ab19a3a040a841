//! Raising and answering objections.

use super::super::allocation::AllocationState;
use super::super::error::QuotaRefusal;
use super::super::{batches, store as allocations};
use super::{About, Answered, Finding, Objection, store};
use crate::db::Work;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, AllocationBatchId, AllocationId, ObjectionId, OrganisationId};
use crate::ledger;
use accounting::{Journal, JournalKind, Subject, SubjectKind};
use jiff::civil::Date;
use serde_json::json;
use uuid::Uuid;

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

/// What is laid open: for whom, where, until when.
type Open = (Option<OrganisationId>, String, Option<Date>);

/// Objects to what is laid open. What never was, or is not any more, is not there for whoever asks.
///
/// # Errors
/// [`QuotaRefusal::PublicityOver`] on the day after its last; hidden when nothing of this id is laid open.
pub async fn raise(work: &mut Work, new: &NewObjection) -> Result<Objection, Failure> {
    let (party, area_path, until) = lock_open(work, new).await?.ok_or_else(|| not_found("publicity"))?;
    let until = until.ok_or_else(|| not_found("publicity"))?;
    if work.today() > until {
        return Err(QuotaRefusal::PublicityOver {}.into());
    }
    let objection = Objection {
        id: ObjectionId::fresh(),
        about: new.about,
        subject: new.subject,
        party,
        area_path,
        organisation: work.caller().organisation,
        text: new.text.clone(),
        raised_by: work.caller().user,
        raised_at: work.now(),
        answer: None,
        version: 1,
    };
    store::insert(work, objection.clone()).await?;
    post(work, JournalKind::ObjectionRaised, &objection).await?;
    Ok(objection)
}

/// Locked, so that nobody confirms it while somebody objects.
async fn lock_open(work: &Work, new: &NewObjection) -> Result<Option<Open>, Failure> {
    match new.about {
        About::Allocation => {
            let found = allocations::lock_allocations(work, &[AllocationId(new.subject)]).await?.pop();
            let alone = found.filter(|allocation| allocation.batch.is_none());
            Ok(alone.map(|allocation| match allocation.state {
                AllocationState::Proposed { publicised_until } => {
                    (Some(allocation.organisation), allocation.area_path, publicised_until)
                }
                _ => (None, String::new(), None),
            }))
        }
        About::AllocationBatch => {
            let found = batches::store::lock(work, AllocationBatchId(new.subject)).await?;
            Ok(found.map(|batch| {
                let until = batch.publicised_until();
                (None, batch.area_path, until)
            }))
        }
    }
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
}

/// Answers an objection as the bureau in charge.
///
/// # Errors
/// [`QuotaRefusal::ObjectionAnswered`]; hidden outside the caller's area.
pub async fn answer(work: &mut Work, new: &NewAnswer) -> Result<Objection, Failure> {
    let locked = store::lock(work, new.objection).await?;
    let visible = locked.filter(|objection| work.caller().covers(&objection.area_path));
    let objection = visible.ok_or_else(|| not_found("objection"))?;
    expect_version(new.expected, objection.version)?;
    let (finding, text) = (new.finding, new.text.clone());
    let answered = objection.answer(Answered { finding, text, by: work.caller().user, at: work.now() })?;
    store::save(work, answered.clone()).await?;
    post(work, JournalKind::ObjectionAnswered, &answered).await?;
    Ok(answered)
}

/// Refuses to go on while an objection to one of these things waits for its answer, or was upheld.
///
/// # Errors
/// [`QuotaRefusal::ObjectionOpen`], [`QuotaRefusal::ObjectionUpheld`].
pub async fn expect_answered(work: &Work, subjects: &[Uuid]) -> Result<(), Failure> {
    let (upheld, open): (Vec<_>, Vec<_>) =
        store::in_the_way(work, subjects).await?.into_iter().partition(|objection| objection.answer.is_some());
    let mut broken = Vec::new();
    if !open.is_empty() {
        broken.push(QuotaRefusal::ObjectionOpen { count: open.len().to_string() });
    }
    if !upheld.is_empty() {
        broken.push(QuotaRefusal::ObjectionUpheld { count: upheld.len().to_string() });
    }
    Failure::all(&broken)
}

async fn post(work: &mut Work, kind: JournalKind, objection: &Objection) -> Result<(), Failure> {
    let subject = Subject { kind: SubjectKind::Objection, id: objection.id.0, version: objection.version };
    let reason = objection.answer.as_ref().map_or(&objection.text, |answer| &answer.text).clone();
    let journal = Journal::new(ids::fresh_journal(), kind, subject, work.today(), Vec::new()).because(Some(reason));
    ledger::post(work, &[journal]).await?;
    let told = if objection.answer.is_some() { "objection.answered" } else { "objection.raised" };
    let payload = json!({ "subject_kind": objection.about.as_str(), "subject": objection.subject });
    work.tell(Event { kind: told, subject: objection.id.0, payload });
    Ok(())
}
