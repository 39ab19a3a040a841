//! The decisions on a pledge, as the inbox carries them out.

use super::commands::{self, Act as PledgeAct, Rejection, Verification};
use crate::access::Action;
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::{Act, Grounds, Outcome, Task, Verdict};
use crate::kernel::ids::PledgeId;

/// Verifying the quantities of a pledge, by the bureau, or refusing it.
pub struct VerifyPledge;

impl Act for VerifyPledge {
    fn word(&self) -> &'static str {
        commands::VERIFICATION
    }

    fn permission(&self) -> Action {
        Action::VerifyPledge
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, ()> {
        Box::pin(async move {
            match verdict.outcome {
                Outcome::Approved => {
                    let verification = Verification { act: of(task), grounds: verdict.grounds.clone() };
                    commands::verify(work, &[verification]).await?
                }
                Outcome::Refused => commands::refuse(work, &[rejection(task, verdict)]).await?,
            };
            Ok(())
        })
    }
}

/// Agreeing to the terms of a pledge, by the pledgor, or refusing them.
pub struct AgreePledge;

impl Act for AgreePledge {
    fn word(&self) -> &'static str {
        commands::AGREEMENT
    }

    fn permission(&self) -> Action {
        Action::AgreePledge
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, ()> {
        Box::pin(async move {
            match verdict.outcome {
                Outcome::Approved => commands::agree(work, &[of(task)]).await?,
                Outcome::Refused => commands::refuse(work, &[rejection(task, verdict)]).await?,
            };
            Ok(())
        })
    }
}

fn of(task: &Task) -> PledgeAct {
    PledgeAct { pledge: PledgeId(task.subject), expected: None }
}

fn rejection(task: &Task, verdict: &Verdict) -> Rejection {
    let Grounds { reason, documents, document_hash } = verdict.grounds.clone();
    let grounds = Grounds { reason: None, documents, document_hash };
    Rejection { act: of(task), reason: reason.unwrap_or_default(), grounds }
}
