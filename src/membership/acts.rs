//! The decision on an application, as the inbox carries it out.

use super::commands::{self, APPLICATION, Ruled};
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::{Act, Outcome, Task, Verdict};
use crate::encumbrance::Binders;
use crate::kernel::ids::OrganisationId;
use crate::parties::Ruling;
use crate::parties::commands::RulingOn;

/// Verifying an organisation that has applied, or refusing it.
pub struct RuleOnApplication {
    /// Whose liens lie on rights.
    pub binders: Binders,
}

impl Act for RuleOnApplication {
    fn word(&self) -> &'static str {
        APPLICATION
    }

    fn changes_standing(&self) -> bool {
        true
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>> {
        Box::pin(async move {
            let ruling = match verdict.outcome {
                Outcome::Approved => Ruling::Verify,
                Outcome::Refused => Ruling::Refuse { reason: verdict.grounds.reason.clone().unwrap_or_default() },
            };
            let on = RulingOn { organisation: OrganisationId(task.subject), expected: None, ruling };
            commands::rule(work, self.binders, &[Ruled { on, grounds: verdict.grounds.clone() }]).await?;
            Ok(None)
        })
    }
}
