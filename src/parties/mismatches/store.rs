//! Rows of mismatches.

use super::mismatch::{Difference, Mismatch};
use crate::db::Work;
use crate::db::rows::save_all;
use crate::entity;
use crate::kernel::ids::{MismatchId, OrganisationId, SiteId};
use crate::kernel::{Failure, Moment};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

entity!(permit_mismatches, "permit_mismatches", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    site_id: Uuid,
    organisation_id: Uuid,
    area_path: String,
    pollutant: String,
    permitted: i64,
    owned: i64,
    found_at: i64,
    changed_at: i64,
    ended_at: Option<i64>,
    version: i64,
});

impl From<permit_mismatches::Model> for Mismatch {
    fn from(row: permit_mismatches::Model) -> Self {
        Self {
            id: MismatchId(row.id),
            site: SiteId(row.site_id),
            organisation: OrganisationId(row.organisation_id),
            area_path: row.area_path,
            difference: Difference { pollutant: row.pollutant, permitted: row.permitted, owned: row.owned },
            found_at: Moment::from_micros(row.found_at),
            changed_at: Moment::from_micros(row.changed_at),
            ended_at: row.ended_at.map(Moment::from_micros),
            version: row.version,
        }
    }
}

impl From<Mismatch> for permit_mismatches::Model {
    fn from(mismatch: Mismatch) -> Self {
        Self {
            id: mismatch.id.0,
            site_id: mismatch.site.0,
            organisation_id: mismatch.organisation.0,
            area_path: mismatch.area_path,
            pollutant: mismatch.difference.pollutant,
            permitted: mismatch.difference.permitted,
            owned: mismatch.difference.owned,
            found_at: mismatch.found_at.micros(),
            changed_at: mismatch.changed_at.micros(),
            ended_at: mismatch.ended_at.map(Moment::micros),
            version: mismatch.version,
        }
    }
}

/// The open mismatches of sites that are locked: nobody else turns them meanwhile.
pub async fn open_of(work: &Work, sites: &[SiteId]) -> Result<Vec<Mismatch>, Failure> {
    let rows = permit_mismatches::Entity::find()
        .filter(permit_mismatches::Column::SiteId.is_in(sites.iter().map(|id| id.0)))
        .filter(permit_mismatches::Column::EndedAt.is_null())
        .all(work.connection())
        .await?;
    Ok(rows.into_iter().map(Mismatch::from).collect())
}

pub async fn save(work: &Work, mismatches: Vec<Mismatch>) -> Result<(), Failure> {
    let rows = mismatches.into_iter().map(permit_mismatches::Model::from).collect();
    save_all::<permit_mismatches::Entity, permit_mismatches::ActiveModel>(work, rows).await
}
