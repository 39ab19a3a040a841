//! What one person proposed and another approved: a row beside each journal and each decision names both, in the transaction that
//! carries the proposal out. The actor of a journal is always who carried it out; this says on whose proposal.

use crate::db::records::Covered;
use crate::db::stand_in::{Act, or_command};
use crate::db::{Work, rows};
use crate::entity;
use crate::kernel::ids::{TaskId, UserId};
use crate::kernel::{Failure, ids};

entity!(approved_acts, "approved_acts", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    task_id: Uuid,
    proposer_id: Uuid,
    approver_id: Uuid,
    act_kind: String,
    act_id: Option<Uuid>,
    recorded_at: i64,
});

/// The tables of this store whose rows leave evidence.
pub const COVERED: &[Covered] = &[Covered::of::<approved_acts::Entity>()];

/// A proposal that the caller of a work approves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approval {
    /// The task in which it waited.
    pub task: TaskId,
    /// Who proposed it.
    pub proposer: UserId,
}

/// Names both people beside whatever the work has done.
pub(super) async fn write(work: &Work, approval: Approval, acts: &[Act]) -> Result<(), Failure> {
    let rows = or_command(acts)
        .iter()
        .map(|(act_kind, act_id)| approved_acts::Model {
            id: ids::fresh(),
            task_id: approval.task.0,
            proposer_id: approval.proposer.0,
            approver_id: work.caller().user.0,
            act_kind: (*act_kind).to_owned(),
            act_id: *act_id,
            recorded_at: work.now().micros(),
        })
        .collect();
    rows::insert_all::<approved_acts::Entity, approved_acts::ActiveModel>(work, rows).await
}
