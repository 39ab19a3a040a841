//! The answer to an objection, as the inbox carries it out: a yes upholds it, a no dismisses it, and either needs its reason.

use super::Finding;
use super::commands::{self, NewAnswer};
use super::laid_open::Publicity;
use super::queries;
use crate::db::work::Doing;
use crate::db::{Db, Work};
use crate::decisions::{Act, Asking, DecisionRefusal, Outcome, Task, Verdict};
use crate::kernel::ids::ObjectionId;
use uuid::Uuid;

/// Answering an objection.
pub struct AnswerObjection {
    /// Who lays open what is objected to.
    pub publicity: Publicity,
}

impl Act for AnswerObjection {
    fn word(&self) -> &'static str {
        commands::ACT
    }

    fn parties<'d>(&'d self, db: &'d Db, subjects: &'d [Uuid]) -> Asking<'d> {
        Box::pin(queries::parties_of_objections(db.reader(), subjects))
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>> {
        Box::pin(async move {
            let finding = match verdict.outcome {
                Outcome::Approved => Finding::Upheld,
                Outcome::Refused => Finding::Dismissed,
            };
            let grounds = verdict.grounds.clone();
            let text = grounds.reason.clone().ok_or(DecisionRefusal::ReasonMissing {})?;
            let answer = NewAnswer { objection: ObjectionId(task.subject), expected: None, finding, text, grounds };
            commands::answer(work, self.publicity, &answer).await?;
            Ok(None)
        })
    }
}
