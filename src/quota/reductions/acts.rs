//! The decision on a reduction, as the inbox carries it out: on what an enterprise applied for, and on a registration of the bureau's own that
//! waits for a second person.

use super::commands::{self, ACT, Deciding, KIND, Registering};
use super::queries::parties_of_applications;
use crate::db::work::Doing;
use crate::db::{Db, Work};
use crate::decisions::{Act, Asking, Outcome, Task, Verdict};
use crate::kernel::ids::ReductionApplicationId;
use crate::parties::api_reductions::ReductionProposal;
use uuid::Uuid;

/// Registering a reduction, or turning it down.
pub struct DecideReduction;

impl Act for DecideReduction {
    fn word(&self) -> &'static str {
        ACT
    }

    fn parties<'d>(&'d self, db: &'d Db, subjects: &'d [Uuid]) -> Asking<'d> {
        Box::pin(parties_of_applications(db.reader(), subjects))
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>> {
        if task.subject_kind != KIND {
            return ReductionProposal.decide(work, task, verdict);
        }
        Box::pin(async move {
            let application = ReductionApplicationId(task.subject);
            let deciding = Deciding { application, expected: None, grounds: verdict.grounds.clone() };
            match verdict.outcome {
                Outcome::Approved => {
                    commands::register(work, &[Registering { deciding, document: None, quantity: None }]).await?
                }
                Outcome::Refused => commands::refuse(work, &[deciding]).await?,
            };
            Ok(None)
        })
    }
}
