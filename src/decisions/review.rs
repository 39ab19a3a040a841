//! The steps of a decision record around the decision: its legal review before (法制审核), its publication (执法公示) and, when it was
//! changed, its withdrawal after.

use super::calendar::terms;
use super::documents::{self, Audience, Grounds};
use super::record::{DecisionRecord, Finding, Publication, Review, Withdrawal};
use super::store;
use super::task::Place;
use crate::access::{Caller, Scope};
use crate::db::Work;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::DecisionId;
use jiff::civil::Date;
use serde_json::json;

/// Working days in which a published decision that was changed is withdrawn (行政处罚法第四十八条, 第八十五条).
const WITHDRAWAL_DAYS: u32 = 3;

/// A step with a decision record.
#[derive(Debug, Clone)]
pub struct RecordStep {
    /// Which.
    pub decision: DecisionId,
    /// The version the caller saw.
    pub expected: Option<i64>,
    /// What to do.
    pub step: Step,
}

/// What is done with a record.
#[derive(Debug, Clone)]
pub enum Step {
    /// The legal review, with the reviewer's opinion.
    Review {
        /// What they found.
        finding: Finding,
        /// Why, and on which documents.
        grounds: Grounds,
    },
    /// The publication.
    Publish,
    /// The withdrawal from the public.
    Withdraw {
        /// The day on which the decision was changed.
        changed_on: Date,
        /// Why.
        reason: String,
    },
}

/// Takes a step with a decision of the caller's organisation or area.
///
/// # Errors
/// As the transitions of [`DecisionRecord`]; hidden when the caller may not know of it.
pub async fn step(work: &mut Work, wanted: &RecordStep) -> Result<DecisionRecord, Failure> {
    let locked = store::lock_records(work, &[wanted.decision.0]).await?.into_iter().next();
    let caller = work.caller().clone();
    let record = locked.filter(|record| is_visible(record, &caller)).ok_or_else(|| not_found("decision"))?;
    expect_version(wanted.expected, record.version)?;
    let (by, at) = (caller.user, work.now());
    let (event, record) = match &wanted.step {
        Step::Review { finding, grounds } => {
            documents::prove(work, &[grounds]).await?;
            let audience = audience(&record.place);
            documents::link(work, grounds, "decision", record.id.0, &[audience]).await?;
            let review = Review { by, at, finding: *finding, opinion: grounds.reason.clone() };
            ("decision.reviewed", record.review(review)?)
        }
        Step::Publish => ("decision.published", record.publish(Publication { by, at })?),
        Step::Withdraw { changed_on, reason } => {
            let [by_day] = terms(work, *changed_on, [Some(WITHDRAWAL_DAYS)]).await?;
            let withdrawal = Withdrawal { by, at, changed_on: *changed_on, by_day, reason: reason.clone() };
            ("decision.withdrawn", record.withdraw(withdrawal)?)
        }
    };
    store::save_records(work, vec![record.clone()]).await?;
    let payload = json!({ "act": record.act, "subject": record.subject, "state": record.state() });
    work.tell(Event { kind: event, subject: record.id.0, payload });
    Ok(record)
}

/// Who reads what a decision of this place rests on.
pub(super) fn audience(place: &Place) -> Audience {
    match place {
        Place::Organisation(id) => Audience::Organisation(*id),
        Place::BureauAt(path) | Place::BureauOver(path) => Audience::Area(path.clone()),
    }
}

/// Whether somebody is in charge of a decision: it is of their organisation, of a bureau of their area or below it, or they see
/// everything.
pub(super) fn is_visible(record: &DecisionRecord, caller: &Caller) -> bool {
    match (caller.scope(), &record.place) {
        (Scope::Everything, _) => true,
        (Scope::Area { .. }, Place::BureauAt(path) | Place::BureauOver(path)) => caller.covers(path),
        (_, Place::Organisation(id)) => *id == caller.organisation,
        _ => false,
    }
}
