//! The province's decision on an override, as the inbox carries it out.

use super::commands::{self, ACT, OverrideWord};
use super::queries::parties_of_overrides;
use crate::db::work::Doing;
use crate::db::{Db, Work};
use crate::decisions::{Act, Asking, Outcome, Task, Verdict};
use crate::kernel::ids::TradeOverrideId;
use uuid::Uuid;

/// Lifting a boundary, or refusing to.
pub struct DecideTradeOverride;

impl Act for DecideTradeOverride {
    fn word(&self) -> &'static str {
        ACT
    }

    fn parties<'d>(&'d self, db: &'d Db, subjects: &'d [Uuid]) -> Asking<'d> {
        Box::pin(parties_of_overrides(db.reader(), subjects))
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>> {
        Box::pin(async move {
            let id = TradeOverrideId(task.subject);
            let words = [OverrideWord { id, expected: None, grounds: verdict.grounds.clone() }];
            match verdict.outcome {
                Outcome::Approved => commands::approve(work, &words).await?,
                Outcome::Refused => commands::refuse(work, &words).await?,
            };
            Ok(None)
        })
    }
}
