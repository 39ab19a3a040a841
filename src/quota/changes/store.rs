//! Rows of changes of caps.

use super::super::error::QuotaRefusal;
use super::{CapacityChange, ChangeState};
use crate::db::Work;
use crate::db::day::CapPlace;
use crate::db::failure::on_unique;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{AreaId, CapacityChangeId, CapacityId, RulebookId, UserId};
use crate::kernel::{Failure, Moment};
use jiff::civil::Date;
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeSet;

entity!(capacity_changes, "capacity_changes", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    area_id: Uuid,
    area_path: String,
    pollutant: String,
    cap: i64,
    valid_from: String,
    document: String,
    planned_by: Uuid,
    planned_at: i64,
    state: String,
    ended_at: Option<i64>,
    capacity_id: Option<Uuid>,
    withdrawn_by: Option<Uuid>,
    reason: Option<String>,
    rulebook_id: Uuid,
    version: i64,
});

impl TryFrom<capacity_changes::Model> for CapacityChange {
    type Error = Failure;

    fn try_from(row: capacity_changes::Model) -> Result<Self, Failure> {
        let at = row.ended_at.map(Moment::from_micros);
        let state = match (row.state.as_str(), at, row.capacity_id, row.withdrawn_by.zip(row.reason)) {
            ("waiting", None, None, None) => ChangeState::Waiting,
            ("effective", Some(at), Some(capacity), None) => {
                ChangeState::Effective { at, capacity: CapacityId(capacity) }
            }
            ("withdrawn", Some(at), None, Some((by, reason))) => ChangeState::Withdrawn { by: UserId(by), at, reason },
            (state, ..) => return Err(Failure::bug(format!("a change of a cap in the impossible state {state}"))),
        };
        Ok(Self {
            id: CapacityChangeId(row.id),
            area: AreaId(row.area_id),
            area_path: row.area_path,
            pollutant: row.pollutant,
            cap: row.cap,
            valid_from: row.valid_from.parse().map_err(Failure::bug)?,
            document: row.document,
            planned_by: UserId(row.planned_by),
            planned_at: Moment::from_micros(row.planned_at),
            state,
            rulebook: RulebookId(row.rulebook_id),
            version: row.version,
        })
    }
}

impl From<CapacityChange> for capacity_changes::Model {
    fn from(change: CapacityChange) -> Self {
        let state = change.state.as_str().to_owned();
        let (ended_at, capacity_id, withdrawn_by, reason) = match change.state {
            ChangeState::Waiting => (None, None, None, None),
            ChangeState::Effective { at, capacity } => (Some(at), Some(capacity.0), None, None),
            ChangeState::Withdrawn { by, at, reason } => (Some(at), None, Some(by.0), Some(reason)),
        };
        Self {
            id: change.id.0,
            area_id: change.area.0,
            area_path: change.area_path,
            pollutant: change.pollutant,
            cap: change.cap,
            valid_from: change.valid_from.to_string(),
            document: change.document,
            planned_by: change.planned_by.0,
            planned_at: change.planned_at.micros(),
            state,
            ended_at: ended_at.map(Moment::micros),
            capacity_id,
            withdrawn_by,
            reason,
            rulebook_id: change.rulebook.0,
            version: change.version,
        }
    }
}

/// Writes a change that waits.
///
/// # Errors
/// [`QuotaRefusal::CapWaitsAlready`] when another one of the same cap waits for the same day.
pub async fn insert(work: &Work, change: &CapacityChange) -> Result<(), Failure> {
    let rows = vec![change.clone().into()];
    let day = change.valid_from.to_string();
    insert_all::<capacity_changes::Entity, capacity_changes::ActiveModel>(work, rows).await.map_err(|failure| {
        on_unique(
            failure,
            "capacity_changes_waiting",
            "capacity_changes.area_id, capacity_changes.pollutant, capacity_changes.valid_from",
            || QuotaRefusal::CapWaitsAlready { day },
        )
    })
}

pub async fn save(work: &Work, changes: Vec<CapacityChange>) -> Result<(), Failure> {
    let rows = changes.into_iter().map(Into::into).collect();
    save_all::<capacity_changes::Entity, capacity_changes::ActiveModel>(work, rows).await
}

pub async fn lock(work: &Work, id: CapacityChangeId) -> Result<Option<CapacityChange>, Failure> {
    let rows = lock_all::<capacity_changes::Entity>(work, capacity_changes::Column::Id, &[id.0]).await?;
    rows.into_iter().next().map(CapacityChange::try_from).transpose()
}

/// Locks what is due in these places, in the order of its days.
pub async fn lock_due_of(work: &Work, today: Date, places: &[CapPlace]) -> Result<Vec<CapacityChange>, Failure> {
    let rows = capacity_changes::Entity::find()
        .filter(capacity_changes::Column::State.eq(ChangeState::Waiting.as_str()))
        .filter(capacity_changes::Column::ValidFrom.lte(today.to_string()))
        .filter(capacity_changes::Column::AreaId.is_in(places.iter().map(|(area, _)| area.0).collect::<BTreeSet<_>>()))
        .filter(
            capacity_changes::Column::Pollutant
                .is_in(places.iter().map(|(_, of)| of.as_str()).collect::<BTreeSet<_>>()),
        )
        .order_by_asc(capacity_changes::Column::ValidFrom)
        .order_by_asc(capacity_changes::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(work.connection())
        .await?;
    rows.into_iter().map(CapacityChange::try_from).collect()
}

/// Locks what is due, in the order of its days.
pub async fn lock_due(work: &Work, today: Date, most: u64) -> Result<Vec<CapacityChange>, Failure> {
    let rows = capacity_changes::Entity::find()
        .filter(capacity_changes::Column::State.eq(ChangeState::Waiting.as_str()))
        .filter(capacity_changes::Column::ValidFrom.lte(today.to_string()))
        .order_by_asc(capacity_changes::Column::ValidFrom)
        .order_by_asc(capacity_changes::Column::Id)
        .limit(most)
        .lock(LockType::NoKeyUpdate)
        .all(work.connection())
        .await?;
    rows.into_iter().map(CapacityChange::try_from).collect()
}
