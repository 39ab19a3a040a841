//! Rows of allocations and capacities.

use super::allocation::{Allocation, AllocationState, ForProject, UsageFee};
use super::batches::{AllocationBatch, BatchPlace, Ruling, store as batches};
use super::capacity::Capacity;
use super::capacity_commands::{KnownCap, SetCap};
use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{
    AllocationBatchId, AllocationId, AllocationPartId, AreaId, CapacityId, OrganisationId, ProjectId, RightClassId,
    RulebookId, SiteId, UserId, fresh,
};
use crate::kernel::{Failure, Moment};
use accounting::{Money, Quantity, Ratio};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;

entity!(allocations, "allocations", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    site_id: Uuid,
    organisation_id: Uuid,
    area_path: String,
    right_class_id: Uuid,
    quantity: i64,
    document: String,
    state: String,
    proposed_by: Uuid,
    proposed_at: i64,
    decided_by: Option<Uuid>,
    decided_at: Option<i64>,
    reason: Option<String>,
    rulebook_id: Uuid,
    version: i64,
    batch_id: Option<Uuid>,
    part_id: Option<Uuid>,
    line: Option<i64>,
    publicised_until: Option<String>,
    fee: Option<i64>,
    fee_paid: Option<i64>,
    fee_instalments: Option<i64>,
    replacement_ratio: Option<String>,
    excess: Option<i64>,
    project_id: Option<Uuid>,
});

entity!(capacities, "capacities", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    area_id: Uuid,
    area_path: String,
    pollutant: String,
    cap: i64,
    version: i64,
});

entity!(capacity_caps, "capacity_caps", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    capacity_id: Uuid,
    cap: i64,
    valid_from: String,
    document: String,
    set_by: Uuid,
    recorded_at: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[
    Covered::of::<allocations::Entity>(),
    Covered::of::<capacities::Entity>(),
    Covered::of::<capacity_caps::Entity>(),
    Covered::of::<super::changes::store::capacity_changes::Entity>(),
    Covered::of::<batches::allocation_batches::Entity>(),
    Covered::of::<batches::allocation_parts::Entity>(),
    Covered::of::<super::tenure::store::right_acts::Entity>(),
    Covered::of::<super::applications::store::allocation_applications::Entity>(),
    Covered::of::<super::reductions::store::reduction_applications::Entity>(),
    Covered::of::<super::applications::store::quota_numbers::Entity>(),
    Covered::of::<super::certificates::store::certificates::Entity>(),
    Covered::of::<super::certificates::store::certificate_files::Entity>(),
];

/// The word of a row whose grant stands as its batch does.
const IN_BATCH: &str = "in_batch";

/// Grants as they stand, those of a batch with its state.
pub fn allocations_of(
    rows: Vec<allocations::Model>,
    batches: &HashMap<AllocationBatchId, AllocationBatch>,
) -> Result<Vec<Allocation>, Failure> {
    rows.into_iter().map(|row| allocation_of(row, batches)).collect()
}

fn allocation_of(
    row: allocations::Model,
    batches: &HashMap<AllocationBatchId, AllocationBatch>,
) -> Result<Allocation, Failure> {
    let batch = row.batch_id.zip(row.part_id).zip(row.line).map(|((batch, part), line)| {
        let (batch, part) = (AllocationBatchId(batch), AllocationPartId(part));
        BatchPlace { batch, part, line }
    });
    let whole = batch.and_then(|place| batches.get(&place.batch));
    let decided = row.decided_by.map(UserId).zip(row.decided_at.map(Moment::from_micros));
    let ruling = decided.map(|(by, at)| Ruling { by, at, reason: row.reason });
    let until = row.publicised_until.map(|day| day.parse().map_err(Failure::bug)).transpose()?;
    let state = match (row.state.as_str(), ruling, until, whole) {
        ("proposed", None, None, None) | ("publicised", None, Some(_), None) => {
            AllocationState::Proposed { publicised_until: until }
        }
        ("confirmed", Some(ruling), _, None) => AllocationState::Confirmed(ruling),
        ("active", Some(ruling), _, None) => AllocationState::Active(ruling),
        ("rejected", Some(ruling), _, None) => AllocationState::Rejected(ruling),
        ("withdrawn", None, _, None) => AllocationState::Withdrawn,
        (IN_BATCH, None, None, Some(whole)) => whole.state.clone().into(),
        (state, ..) => return Err(Failure::bug(format!("an allocation in the impossible state {state}"))),
    };
    let fee = match (row.fee, row.fee_paid, row.fee_instalments) {
        (Some(total), Some(paid), Some(instalments)) => Some(UsageFee {
            total: Money::try_new(total).map_err(Failure::bug)?,
            paid: Money::try_new(paid).map_err(Failure::bug)?,
            instalments: u32::try_from(instalments).map_err(Failure::bug)?,
        }),
        _ => None,
    };
    let ratio = row.replacement_ratio.as_deref().map(Ratio::parse).transpose().map_err(Failure::bug)?;
    Ok(Allocation {
        project: row.project_id.map(|id| ForProject { project: ProjectId(id), ratio }),
        id: AllocationId(row.id),
        site: SiteId(row.site_id),
        organisation: OrganisationId(row.organisation_id),
        area_path: row.area_path,
        right_class: RightClassId(row.right_class_id),
        quantity: Quantity::try_new(row.quantity).map_err(Failure::bug)?,
        document: row.document,
        proposed_by: UserId(row.proposed_by),
        proposed_at: Moment::from_micros(row.proposed_at),
        state,
        laid_open_until: whole.map_or(until, |whole| whole.laid_open_until),
        rulebook: RulebookId(whole.map_or(row.rulebook_id, |whole| whole.rulebook.0)),
        batch,
        fee,
        version: row.version,
    })
}

impl From<Allocation> for allocations::Model {
    fn from(allocation: Allocation) -> Self {
        // What is decided of a grant of a batch stands in the batch.
        let own = allocation.batch.is_none().then_some(&allocation.state);
        let ruling = own.and_then(AllocationState::ruling).cloned();
        let publicised_until = own.and(allocation.laid_open_until).map(|day| day.to_string());
        let ratio = allocation.project.and_then(|project| project.ratio);
        let state = own.map_or(IN_BATCH, AllocationState::as_str).to_owned();
        Self {
            id: allocation.id.0,
            site_id: allocation.site.0,
            organisation_id: allocation.organisation.0,
            area_path: allocation.area_path,
            right_class_id: allocation.right_class.0,
            quantity: allocation.quantity.grams(),
            document: allocation.document,
            state,
            proposed_by: allocation.proposed_by.0,
            proposed_at: allocation.proposed_at.micros(),
            decided_by: ruling.as_ref().map(|ruling| ruling.by.0),
            decided_at: ruling.as_ref().map(|ruling| ruling.at.micros()),
            reason: ruling.and_then(|ruling| ruling.reason),
            rulebook_id: allocation.rulebook.0,
            version: allocation.version,
            batch_id: allocation.batch.map(|place| place.batch.0),
            part_id: allocation.batch.map(|place| place.part.0),
            line: allocation.batch.map(|place| place.line),
            publicised_until,
            fee: allocation.fee.map(|fee| fee.total.fen()),
            fee_paid: allocation.fee.map(|fee| fee.paid.fen()),
            fee_instalments: allocation.fee.map(|fee| fee.instalments.into()),
            replacement_ratio: ratio.map(|ratio| ratio.to_string()),
            excess: ratio.map(|ratio| ratio.excess_of(allocation.quantity)),
            project_id: allocation.project.map(|project| project.project.0),
        }
    }
}

impl From<capacities::Model> for Capacity {
    fn from(row: capacities::Model) -> Self {
        Self {
            id: CapacityId(row.id),
            area: AreaId(row.area_id),
            area_path: row.area_path,
            pollutant: row.pollutant,
            cap: row.cap,
            version: row.version,
        }
    }
}

impl From<Capacity> for capacities::Model {
    fn from(capacity: Capacity) -> Self {
        Self {
            id: capacity.id.0,
            area_id: capacity.area.0,
            area_path: capacity.area_path,
            pollutant: capacity.pollutant,
            cap: capacity.cap,
            version: capacity.version,
        }
    }
}

pub async fn insert_allocations(work: &Work, allocations: &[Allocation]) -> Result<(), Failure> {
    let rows = allocations.iter().cloned().map(allocations::Model::from).collect();
    insert_all::<allocations::Entity, allocations::ActiveModel>(work, rows).await
}

pub async fn save_allocations(work: &Work, allocations: &[Allocation]) -> Result<(), Failure> {
    let rows = allocations.iter().cloned().map(allocations::Model::from).collect();
    save_all::<allocations::Entity, allocations::ActiveModel>(work, rows).await
}

pub async fn lock_allocations(work: &Work, ids: &[AllocationId]) -> Result<Vec<Allocation>, Failure> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = lock_all::<allocations::Entity>(work, allocations::Column::Id, &ids).await?;
    let batches = batches::batches_of(work.connection(), &rows).await?;
    allocations_of(rows, &batches)
}

/// Locks the capacities of these areas, whatever the pollutant, in id order.
pub async fn lock_capacities(work: &Work, areas: &[AreaId]) -> Result<Vec<Capacity>, Failure> {
    let rows = capacities::Entity::find()
        .filter(capacities::Column::AreaId.is_in(areas.iter().map(|area| area.0)))
        .order_by_asc(capacities::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(work.connection())
        .await?;
    Ok(rows.into_iter().map(Capacity::from).collect())
}

pub async fn save_capacities(work: &Work, capacities: &[Capacity]) -> Result<(), Failure> {
    let rows = capacities.iter().cloned().map(capacities::Model::from).collect();
    save_all::<capacities::Entity, capacities::ActiveModel>(work, rows).await
}

pub async fn insert_caps<'c>(
    work: &Work,
    caps: impl Iterator<Item = (&'c SetCap, &'c KnownCap<'c>)>,
) -> Result<(), Failure> {
    let rows = caps
        .map(|(SetCap { capacity, .. }, known)| capacity_caps::Model {
            id: fresh(),
            capacity_id: capacity.id.0,
            cap: capacity.cap,
            valid_from: known.valid_from.to_string(),
            document: known.document.to_owned(),
            set_by: known.by.0,
            recorded_at: work.now().micros(),
        })
        .collect();
    insert_all::<capacity_caps::Entity, capacity_caps::ActiveModel>(work, rows).await
}
