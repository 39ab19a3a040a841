//! Rows of facilities and their parts.

use super::{Facility, Part, PartState};
use crate::db::Work;
use crate::db::rows::{lock_all, put_all, save_all};
use crate::entity;
use crate::kernel::ids::{FacilityId, OrganisationId, UserId};
use crate::kernel::{Failure, Moment};
use accounting::{JournalId, Money};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use uuid::Uuid;

entity!(facilities, "facilities", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    name: String,
    pledgee_id: Uuid,
    offered_by: Uuid,
    offered_at: i64,
    journal_id: Uuid,
    version: i64,
    closed_at: Option<i64>,
});

entity!(facility_limits, "facility_limits", {
    #[sea_orm(primary_key, auto_increment = false)]
    facility_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    organisation_id: Uuid,
    area_path: String,
    sub_limit: i64,
    drawn: i64,
    accepted_at: Option<i64>,
    version: i64,
    ended_as: Option<String>,
    ended_at: Option<i64>,
});

fn part(row: facility_limits::Model) -> Result<Part, Failure> {
    let drawn = Money::try_new(row.drawn).map_err(Failure::bug)?;
    let (accepted_at, ended_at) = (row.accepted_at.map(Moment::from_micros), row.ended_at.map(Moment::from_micros));
    let state = match (accepted_at, row.ended_as.as_deref().zip(ended_at)) {
        (None, None) => PartState::Offered,
        (Some(at), None) => PartState::Accepted { at, drawn },
        (None, Some(("declined", at))) => PartState::Declined { at },
        (None, Some(("withdrawn", at))) => PartState::Withdrawn { at },
        (Some(accepted_at), Some(("closed", at))) => PartState::Closed { accepted_at, at, drawn },
        (_, Some((word, _))) => return Err(Failure::bug(format!("a part of a facility that ended as {word}"))),
    };
    Ok(Part {
        organisation: OrganisationId(row.organisation_id),
        area_path: row.area_path,
        sub_limit: Money::try_new(row.sub_limit).map_err(Failure::bug)?,
        state,
    })
}

fn part_row(facility: FacilityId, part: &Part) -> facility_limits::Model {
    facility_limits::Model {
        facility_id: facility.0,
        organisation_id: part.organisation.0,
        area_path: part.area_path.clone(),
        sub_limit: part.sub_limit.fen(),
        drawn: part.drawn().fen(),
        accepted_at: part.state.accepted_at().map(Moment::micros),
        version: 1,
        ended_as: part.state.ended_at().map(|_| part.state.as_str().to_owned()),
        ended_at: part.state.ended_at().map(Moment::micros),
    }
}

/// Facilities of these rows, with their parts in the order of their enterprises.
pub async fn with_parts(
    connection: &impl ConnectionTrait,
    heads: Vec<facilities::Model>,
) -> Result<Vec<Facility>, Failure> {
    if heads.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = facility_limits::Column::FacilityId.is_in(heads.iter().map(|head| head.id));
    let select = facility_limits::Entity::find().filter(wanted).order_by_asc(facility_limits::Column::OrganisationId);
    let mut parts: HashMap<Uuid, Vec<Part>> = HashMap::new();
    for row in select.all(connection).await? {
        parts.entry(row.facility_id).or_default().push(part(row)?);
    }
    let facility = |head: facilities::Model| Facility {
        parts: parts.remove(&head.id).unwrap_or_default(),
        id: FacilityId(head.id),
        name: head.name,
        pledgee: OrganisationId(head.pledgee_id),
        offered_by: UserId(head.offered_by),
        offered_at: Moment::from_micros(head.offered_at),
        closed_at: head.closed_at.map(Moment::from_micros),
        journal: JournalId(head.journal_id),
        version: head.version,
    };
    Ok(heads.into_iter().map(facility).collect())
}

/// Writes facilities and their parts; the caller has those that are there already locked.
pub async fn save_facilities(work: &Work, saved: &[Facility]) -> Result<(), Failure> {
    let heads = saved.iter().map(|facility| facilities::Model {
        id: facility.id.0,
        name: facility.name.clone(),
        pledgee_id: facility.pledgee.0,
        offered_by: facility.offered_by.0,
        offered_at: facility.offered_at.micros(),
        journal_id: facility.journal.0,
        version: facility.version,
        closed_at: facility.closed_at.map(Moment::micros),
    });
    save_all::<facilities::Entity, facilities::ActiveModel>(work, heads.collect()).await?;
    save_parts(work, saved).await
}

/// Writes the parts alone: what is drawn changes nothing of the facility itself. The caller has the facilities locked.
pub async fn save_parts(work: &Work, saved: &[Facility]) -> Result<(), Failure> {
    let parts =
        saved.iter().flat_map(|facility| facility.parts.iter().map(|part| part_row(facility.id, part))).collect();
    put_all::<facility_limits::Entity, facility_limits::ActiveModel>(work, parts).await
}

/// Locks facilities in id order; each guards its parts.
pub async fn lock_facilities(work: &Work, ids: &[FacilityId]) -> Result<HashMap<FacilityId, Facility>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let heads = lock_all::<facilities::Entity>(work, facilities::Column::Id, &ids).await?;
    let found = with_parts(work.connection(), heads).await?;
    Ok(found.into_iter().map(|facility| (facility.id, facility)).collect())
}
