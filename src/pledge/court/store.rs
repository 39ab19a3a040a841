//! Rows of releases that courts have ordered.

use super::CourtRelease;
use crate::db::Work;
use crate::db::rows::insert_all;
use crate::entity;
use crate::kernel::ids::{AmendmentId, CourtReleaseId, PledgeId, UserId};
use crate::kernel::{Failure, Moment};
use accounting::JournalId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use uuid::Uuid;

entity!(court_releases, "court_releases", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    pledge_id: Uuid,
    court: String,
    document: String,
    dated_on: String,
    ground: String,
    amendment_id: Option<Uuid>,
    recorded_by: Uuid,
    recorded_at: i64,
    journal_id: Uuid,
});

impl TryFrom<court_releases::Model> for CourtRelease {
    type Error = Failure;

    fn try_from(row: court_releases::Model) -> Result<Self, Failure> {
        Ok(Self {
            id: CourtReleaseId(row.id),
            pledge: PledgeId(row.pledge_id),
            court: row.court,
            document: row.document,
            dated_on: row.dated_on.parse().map_err(Failure::bug)?,
            ground: row.ground,
            amendment: row.amendment_id.map(AmendmentId),
            recorded_by: UserId(row.recorded_by),
            recorded_at: Moment::from_micros(row.recorded_at),
            journal: JournalId(row.journal_id),
        })
    }
}

/// Releases by order of courts by pledge, oldest first.
pub async fn of_pledges(
    connection: &impl ConnectionTrait,
    pledges: &[Uuid],
) -> Result<HashMap<Uuid, Vec<CourtRelease>>, Failure> {
    use court_releases::Column;
    let wanted = Column::PledgeId.is_in(pledges.iter().copied());
    let rows = court_releases::Entity::find().filter(wanted).order_by_asc(Column::Id).all(connection).await?;
    let mut found: HashMap<Uuid, Vec<CourtRelease>> = HashMap::new();
    for row in rows {
        found.entry(row.pledge_id).or_default().push(row.try_into()?);
    }
    Ok(found)
}

/// Writes new ones; their pledges are locked.
pub async fn insert(work: &Work, new: &[CourtRelease]) -> Result<(), Failure> {
    let row = |release: &CourtRelease| court_releases::Model {
        id: release.id.0,
        pledge_id: release.pledge.0,
        court: release.court.clone(),
        document: release.document.clone(),
        dated_on: release.dated_on.to_string(),
        ground: release.ground.clone(),
        amendment_id: release.amendment.map(|amendment| amendment.0),
        recorded_by: release.recorded_by.0,
        recorded_at: release.recorded_at.micros(),
        journal_id: release.journal.0,
    };
    insert_all::<court_releases::Entity, court_releases::ActiveModel>(work, new.iter().map(row).collect()).await
}
