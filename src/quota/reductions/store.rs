//! Rows of applications for reductions.

use super::application::{ReductionApplication, ReductionState};
use crate::db::Work;
use crate::db::failure::on_unique;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{OrganisationId, ReductionApplicationId, ReductionId, RulebookId, SiteId, UserId};
use crate::kernel::{Failure, Moment};
use crate::quota::batches::Ruling;
use crate::quota::error::QuotaRefusal;
use accounting::Quantity;

entity!(reduction_applications, "reduction_applications", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    number: String,
    site_id: Uuid,
    organisation_id: Uuid,
    area_path: String,
    pollutant: String,
    quantity: i64,
    statement: String,
    document_hash: String,
    state: String,
    applied_by: Uuid,
    applied_at: i64,
    decided_by: Option<Uuid>,
    decided_at: Option<i64>,
    reason: Option<String>,
    reduction_id: Option<Uuid>,
    rulebook_id: Uuid,
    version: i64,
});

fn state(row: &reduction_applications::Model) -> Result<ReductionState, Failure> {
    let decided = row.decided_by.map(UserId).zip(row.decided_at.map(Moment::from_micros));
    let ruling = decided.map(|(by, at)| Ruling { by, at, reason: row.reason.clone() });
    Ok(match (row.state.as_str(), ruling, row.reduction_id) {
        ("submitted", None, None) => ReductionState::Submitted,
        ("registered", Some(ruling), Some(id)) => ReductionState::Registered { reduction: ReductionId(id), ruling },
        ("refused", Some(ruling), None) => ReductionState::Refused(ruling),
        ("withdrawn", None, None) => ReductionState::Withdrawn,
        (state, ..) => return Err(Failure::bug(format!("an application in the impossible state {state}"))),
    })
}

impl TryFrom<reduction_applications::Model> for ReductionApplication {
    type Error = Failure;

    fn try_from(row: reduction_applications::Model) -> Result<Self, Failure> {
        Ok(Self {
            state: state(&row)?,
            id: ReductionApplicationId(row.id),
            number: row.number,
            site: SiteId(row.site_id),
            organisation: OrganisationId(row.organisation_id),
            area_path: row.area_path,
            pollutant: row.pollutant,
            quantity: Quantity::try_new(row.quantity).map_err(Failure::bug)?,
            statement: row.statement,
            document_hash: row.document_hash,
            applied_by: UserId(row.applied_by),
            applied_at: Moment::from_micros(row.applied_at),
            rulebook: RulebookId(row.rulebook_id),
            version: row.version,
        })
    }
}

impl From<ReductionApplication> for reduction_applications::Model {
    fn from(application: ReductionApplication) -> Self {
        let (state, ruling) = (application.state.as_str().to_owned(), application.state.ruling().cloned());
        let reduction_id = match application.state {
            ReductionState::Registered { reduction, .. } => Some(reduction.0),
            _ => None,
        };
        Self {
            id: application.id.0,
            number: application.number,
            site_id: application.site.0,
            organisation_id: application.organisation.0,
            area_path: application.area_path,
            pollutant: application.pollutant,
            quantity: application.quantity.grams(),
            statement: application.statement,
            document_hash: application.document_hash,
            state,
            applied_by: application.applied_by.0,
            applied_at: application.applied_at.micros(),
            decided_by: ruling.as_ref().map(|ruling| ruling.by.0),
            decided_at: ruling.as_ref().map(|ruling| ruling.at.micros()),
            reason: ruling.and_then(|ruling| ruling.reason),
            reduction_id,
            rulebook_id: application.rulebook.0,
            version: application.version,
        }
    }
}

/// Writes new applications. Of a site and a pollutant one waits at a time.
pub async fn insert(work: &Work, applications: &[ReductionApplication]) -> Result<(), Failure> {
    let rows = applications.iter().cloned().map(reduction_applications::Model::from).collect();
    let inserted = insert_all::<reduction_applications::Entity, reduction_applications::ActiveModel>(work, rows).await;
    let columns = "reduction_applications.site_id, reduction_applications.pollutant";
    inserted.map_err(|failure| {
        on_unique(failure, "reduction_applications_one_waits", columns, || QuotaRefusal::ReductionAppliedAlready {})
    })
}

/// Writes applications that are locked.
pub async fn save(work: &Work, applications: &[ReductionApplication]) -> Result<(), Failure> {
    let rows = applications.iter().cloned().map(reduction_applications::Model::from).collect();
    save_all::<reduction_applications::Entity, reduction_applications::ActiveModel>(work, rows).await
}

/// Locks applications in id order.
pub async fn lock(work: &Work, ids: &[ReductionApplicationId]) -> Result<Vec<ReductionApplication>, Failure> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = lock_all::<reduction_applications::Entity>(work, reduction_applications::Column::Id, &ids).await?;
    rows.into_iter().map(ReductionApplication::try_from).collect()
}
