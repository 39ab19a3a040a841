//! Rows of batches and their parts; their grants stand among the allocations.

use super::super::allocation::Allocation;
use super::super::store::{allocations, allocations_of};
use super::{AllocationBatch, BatchState, Ruling};
use crate::db::Work;
use crate::db::failure::on_unique;
use crate::db::lease;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{AllocationBatchId, AllocationPartId, DocumentId, RulebookId, UserId};
use crate::kernel::{Failure, Moment};
use crate::quota::QuotaRefusal;
use jiff::civil::Date;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeSet, HashMap};

/// Under which name the numbers of documents are looked at by one after the other.
const NUMBERS: &str = "allocation_batch_numbers";

entity!(allocation_batches, "allocation_batches", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    number: String,
    document_id: Option<Uuid>,
    document_hash: String,
    allocations: i64,
    area_path: String,
    state: String,
    publicised_until: Option<String>,
    proposed_by: Uuid,
    proposed_at: i64,
    decided_by: Option<Uuid>,
    decided_at: Option<i64>,
    reason: Option<String>,
    rulebook_id: Uuid,
    version: i64,
    laid_open_until: Option<String>,
});

entity!(allocation_parts, "allocation_parts", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    batch_id: Uuid,
    number: i64,
    allocations: i64,
});

impl TryFrom<allocation_batches::Model> for AllocationBatch {
    type Error = Failure;

    fn try_from(row: allocation_batches::Model) -> Result<Self, Failure> {
        let decided = row.decided_by.map(UserId).zip(row.decided_at.map(Moment::from_micros));
        let ruling = decided.map(|(by, at)| Ruling { by, at, reason: row.reason });
        let day = |text: Option<String>| -> Result<Option<Date>, Failure> {
            text.map(|day| day.parse().map_err(Failure::bug)).transpose()
        };
        let (until, laid_open_until) = (day(row.publicised_until)?, day(row.laid_open_until)?);
        let state = match (row.state.as_str(), ruling, until) {
            ("proposed", None, None) | ("publicised", None, Some(_)) => {
                BatchState::Proposed { publicised_until: until }
            }
            ("active", Some(ruling), None) => BatchState::Active(ruling),
            ("rejected", Some(ruling), None) => BatchState::Rejected(ruling),
            (state, ..) => return Err(Failure::bug(format!("a batch in the impossible state {state}"))),
        };
        Ok(Self {
            id: AllocationBatchId(row.id),
            number: row.number,
            document: row.document_id.map(DocumentId),
            document_hash: row.document_hash,
            allocations: row.allocations,
            area_path: row.area_path,
            proposed_by: UserId(row.proposed_by),
            proposed_at: Moment::from_micros(row.proposed_at),
            state,
            // A book that is older knows only of what is laid open now.
            laid_open_until: laid_open_until.or(until),
            rulebook: RulebookId(row.rulebook_id),
            version: row.version,
        })
    }
}

impl From<AllocationBatch> for allocation_batches::Model {
    fn from(batch: AllocationBatch) -> Self {
        let ruling = batch.state.ruling().cloned();
        let publicised_until = batch.publicised_until().map(|day| day.to_string());
        Self {
            id: batch.id.0,
            number: batch.number,
            document_id: batch.document.map(|id| id.0),
            document_hash: batch.document_hash,
            allocations: batch.allocations,
            area_path: batch.area_path,
            state: batch.state.as_str().to_owned(),
            publicised_until,
            proposed_by: batch.proposed_by.0,
            proposed_at: batch.proposed_at.micros(),
            decided_by: ruling.as_ref().map(|ruling| ruling.by.0),
            decided_at: ruling.as_ref().map(|ruling| ruling.at.micros()),
            reason: ruling.and_then(|ruling| ruling.reason),
            rulebook_id: batch.rulebook.0,
            version: batch.version,
            laid_open_until: batch.laid_open_until.map(|day| day.to_string()),
        }
    }
}

/// Writes a batch with its parts, numbered from 1.
///
/// # Errors
/// [`QuotaRefusal::BatchKnown`] when a batch that was not rejected rests on the same file.
pub async fn insert(work: &Work, batch: &AllocationBatch, parts: &[(AllocationPartId, i64)]) -> Result<(), Failure> {
    let head = vec![batch.clone().into()];
    insert_all::<allocation_batches::Entity, allocation_batches::ActiveModel>(work, head).await.map_err(|failure| {
        on_unique(
            failure,
            "allocation_batches_file",
            "allocation_batches.document_hash",
            || QuotaRefusal::BatchKnown {},
        )
    })?;
    let row = |(number, (id, allocations)): (i64, &(AllocationPartId, i64))| allocation_parts::Model {
        id: id.0,
        batch_id: batch.id.0,
        number,
        allocations: *allocations,
    };
    let rows = (1..).zip(parts).map(row).collect();
    insert_all::<allocation_parts::Entity, allocation_parts::ActiveModel>(work, rows).await
}

/// Refuses a batch of a document of which another one grants in the same area and was not rejected. Whoever comes at the same moment waits until
/// this work is over, and then sees it.
///
/// # Errors
/// [`QuotaRefusal::BatchNumberTaken`].
pub async fn expect_number_free(work: &Work, batch: &AllocationBatch) -> Result<(), Failure> {
    lease::seize(work, NUMBERS, batch.id.0).await?;
    let same = allocation_batches::Entity::find()
        .filter(allocation_batches::Column::Number.eq(batch.number.as_str()))
        .filter(allocation_batches::Column::State.ne("rejected"))
        .filter(allocation_batches::Column::Id.ne(batch.id.0))
        .all(work.connection())
        .await?;
    for row in same {
        if AllocationBatch::try_from(row)?.overlaps(batch) {
            return Err(QuotaRefusal::BatchNumberTaken { number: batch.number.clone() }.into());
        }
    }
    Ok(())
}

/// Writes a batch that is locked.
pub async fn save(work: &Work, batch: AllocationBatch) -> Result<(), Failure> {
    save_all::<allocation_batches::Entity, allocation_batches::ActiveModel>(work, vec![batch.into()]).await
}

/// Locks a batch.
pub async fn lock(work: &Work, id: AllocationBatchId) -> Result<Option<AllocationBatch>, Failure> {
    let rows = lock_all::<allocation_batches::Entity>(work, allocation_batches::Column::Id, &[id.0]).await?;
    rows.into_iter().next().map(AllocationBatch::try_from).transpose()
}

/// A batch by its id.
pub async fn find(
    connection: &impl ConnectionTrait,
    id: AllocationBatchId,
) -> Result<Option<AllocationBatch>, Failure> {
    let found = allocation_batches::Entity::find_by_id(id.0).one(connection).await?;
    found.map(AllocationBatch::try_from).transpose()
}

/// The batches that these grants stand in.
pub async fn batches_of(
    connection: &impl ConnectionTrait,
    rows: &[allocations::Model],
) -> Result<HashMap<AllocationBatchId, AllocationBatch>, Failure> {
    let ids: BTreeSet<_> = rows.iter().filter_map(|row| row.batch_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found =
        allocation_batches::Entity::find().filter(allocation_batches::Column::Id.is_in(ids)).all(connection).await?;
    found.into_iter().map(|row| AllocationBatch::try_from(row).map(|batch| (batch.id, batch))).collect()
}

/// The next grants of a batch after a line. The batch is locked, and nothing but the batch changes them.
pub async fn next_allocations(
    work: &Work,
    batch: &AllocationBatch,
    after: i64,
    most: u64,
) -> Result<Vec<Allocation>, Failure> {
    let rows = allocations::Entity::find()
        .filter(allocations::Column::BatchId.eq(batch.id.0))
        .filter(allocations::Column::Line.gt(after))
        .order_by_asc(allocations::Column::Line)
        .limit(most)
        .all(work.connection())
        .await?;
    allocations_of(rows, &HashMap::from([(batch.id, batch.clone())]))
}
