//! The acts on an application, as the inbox carries them out.

use super::api::SubmitApplication;
use super::api_view::{ApplicationView, view_in};
use super::commands::{self, Handing};
use super::review::{self, Granting, Reviewed};
use crate::access::Action;
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::{Act, Made, Outcome, OwnAct, Task, Verdict};
use crate::kernel::Failure;
use crate::kernel::ids::ApplicationId;
use crate::rulebook::OwnProposal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Accepting an application, or turning it down as none that the bureau could accept.
pub struct RuleOnAcceptance;

/// Proposing the grant that was applied for, or turning the application down.
pub struct RuleOnApplication;

fn step(task: &Task, verdict: &Verdict) -> Reviewed {
    Reviewed { application: ApplicationId(task.subject), expected: None, grounds: verdict.grounds.clone() }
}

impl Act for RuleOnAcceptance {
    fn word(&self) -> &'static str {
        commands::ACCEPTANCE
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>> {
        Box::pin(async move {
            let step = step(task, verdict);
            match verdict.outcome {
                Outcome::Approved => review::accept(work, &step).await?,
                Outcome::Refused => review::reject(work, &step).await?,
            };
            Ok(None)
        })
    }
}

impl Act for RuleOnApplication {
    fn word(&self) -> &'static str {
        commands::DECISION
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>> {
        Box::pin(async move {
            let step = step(task, verdict);
            match verdict.outcome {
                Outcome::Approved => {
                    review::propose(work, &Granting { step, document: None, quantity: None, project: None }).await?
                }
                Outcome::Refused => review::reject(work, &step).await?,
            };
            Ok(None)
        })
    }
}

/// Handing an application in, where the enterprise lets a second of its people approve.
pub struct Submission;

/// The command as it waits: the body, and which application.
#[derive(Debug, Serialize, Deserialize)]
pub struct Handed {
    /// Which.
    pub application: ApplicationId,
    /// The body of the operation.
    pub body: SubmitApplication,
}

impl OwnProposal for Submission {
    fn act(&self) -> OwnAct {
        OwnAct::Application
    }

    fn permission(&self) -> Action {
        Action::ApplyForRights
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let handed: Handed = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let handing = Handing { application: handed.application, expected, grounds: handed.body.read()? };
            let submitted = commands::submit(work, &handing).await?;
            let answer: ApplicationView = view_in(work, submitted).await?;
            let (subject_kind, subject) = (commands::KIND, answer.id);
            Ok(Made { subject_kind, subject, answer: serde_json::to_value(answer).map_err(Failure::bug)? })
        })
    }
}
