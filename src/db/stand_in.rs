//! What is done by somebody who stands in for another: a row beside each journal and each decision names both, in the transaction
//! that carries them out. The actor of a journal is always who acted; this says in whose place.

use crate::db::records::Covered;
use crate::db::{Work, rows};
use crate::entity;
use crate::kernel::ids::DelegationId;
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment, ids};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

entity!(delegated_acts, "delegated_acts", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    delegation_id: Uuid,
    principal_id: Uuid,
    delegate_id: Uuid,
    permission: String,
    act_kind: String,
    act_id: Option<Uuid>,
    recorded_at: i64,
});

/// The tables of this store whose rows leave evidence.
pub const COVERED: &[Covered] = &[Covered::of::<delegated_acts::Entity>()];

/// What was done: a `journal` or a `decision` and which, or a `command` that left neither.
pub type Act = (&'static str, Option<Uuid>);

/// Names both people beside whatever the work has done; nothing when the caller acts for themself.
pub(super) async fn write(work: &Work, acts: &[Act]) -> Result<(), Failure> {
    let Some(stand_in) = work.caller().stands_in else { return Ok(()) };
    let rows = or_command(acts)
        .iter()
        .map(|(act_kind, act_id)| delegated_acts::Model {
            id: ids::fresh(),
            delegation_id: stand_in.delegation.0,
            principal_id: stand_in.principal.0,
            delegate_id: work.caller().user.0,
            permission: work.permission().as_str().to_owned(),
            act_kind: (*act_kind).to_owned(),
            act_id: *act_id,
            recorded_at: work.now().micros(),
        })
        .collect();
    rows::insert_all::<delegated_acts::Entity, delegated_acts::ActiveModel>(work, rows).await
}

/// What was done, or the command alone when it left nothing that could be named.
pub(super) fn or_command(acts: &[Act]) -> &[Act] {
    if acts.is_empty() { &[("command", None)] } else { acts }
}

/// One act under a delegation.
#[derive(Debug, Clone)]
pub struct DelegatedAct {
    /// Its identity.
    pub id: Uuid,
    /// With which permission.
    pub permission: String,
    /// `journal`, `decision` or `command`.
    pub act_kind: String,
    /// Which journal or decision.
    pub act: Option<Uuid>,
    /// When.
    pub recorded_at: Moment,
}

/// What was done under a delegation.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    connection: &impl ConnectionTrait,
    delegation: DelegationId,
    page: &PageRequest,
) -> Result<Page<DelegatedAct>, Failure> {
    let select = delegated_acts::Entity::find().filter(delegated_acts::Column::DelegationId.eq(delegation.0));
    let rows = rows::page(select, delegated_acts::Column::Id, page).all(connection).await?;
    let act = |row: delegated_acts::Model| DelegatedAct {
        id: row.id,
        permission: row.permission,
        act_kind: row.act_kind,
        act: row.act_id,
        recorded_at: Moment::from_micros(row.recorded_at),
    };
    Ok(Page::cut(rows.into_iter().map(act).collect(), page, |act| act.id))
}
