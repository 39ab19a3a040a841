//! The decision on a grant, as the inbox carries it out.

use super::commands::{self, AllocationDecision};
use crate::access::Action;
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::{Act, Outcome, Task, Verdict};
use crate::kernel::ids::AllocationId;

/// Confirming or rejecting a grant.
pub struct DecideAllocation;

impl Act for DecideAllocation {
    fn word(&self) -> &'static str {
        commands::ACT
    }

    fn permission(&self) -> Action {
        Action::DecideAllocation
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, ()> {
        Box::pin(async move {
            let allocation = AllocationId(task.subject);
            let decision = [AllocationDecision { allocation, expected: None, grounds: verdict.grounds.clone() }];
            match verdict.outcome {
                Outcome::Approved => commands::confirm(work, &decision).await?,
                Outcome::Refused => commands::reject(work, &decision).await?,
            };
            Ok(())
        })
    }
}
