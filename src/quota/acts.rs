//! The decision on a grant, as the inbox carries it out.

use super::batches::commands::{BatchDecision, confirm_in_request, reject as reject_batch};
use super::commands::{self, AllocationDecision};
use super::queries;
use crate::db::work::Doing;
use crate::db::{Db, Work};
use crate::decisions::{Act, Asking, Outcome, Task, Verdict};
use crate::kernel::ids::{AllocationBatchId, AllocationId};
use crate::kernel::{Failure, Progress};
use accounting::SubjectKind;
use uuid::Uuid;

/// Confirming or rejecting a grant.
pub struct DecideAllocation;

impl Act for DecideAllocation {
    fn word(&self) -> &'static str {
        commands::ACT
    }

    fn parties<'d>(&'d self, db: &'d Db, subjects: &'d [Uuid]) -> Asking<'d> {
        Box::pin(queries::parties_of_allocations(db.reader(), subjects))
    }

    fn decide<'w>(&'w self, work: &'w mut Work, task: &'w Task, verdict: &'w Verdict) -> Doing<'w, Option<Task>> {
        Box::pin(async move {
            if task.subject_kind == SubjectKind::AllocationBatch.as_str() {
                decide_batch(work, AllocationBatchId(task.subject), verdict).await?;
                return Ok(None);
            }
            let allocation = AllocationId(task.subject);
            let decision = [AllocationDecision { allocation, expected: None, grounds: verdict.grounds.clone() }];
            match verdict.outcome {
                Outcome::Approved => commands::confirm(work, &decision).await?,
                Outcome::Refused => commands::reject(work, &decision).await?,
            };
            Ok(None)
        })
    }
}

async fn decide_batch(work: &mut Work, batch: AllocationBatchId, verdict: &Verdict) -> Result<(), Failure> {
    let (grounds, progress) = (verdict.grounds.clone(), Progress::default());
    let decision = BatchDecision { batch, expected: None, grounds, progress };
    match verdict.outcome {
        Outcome::Approved => confirm_in_request(work, &decision).await?,
        Outcome::Refused => reject_batch(work, &decision).await?,
    };
    Ok(())
}
