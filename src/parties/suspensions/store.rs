//! Rows of suspensions.

use super::{AreaSuspension, Lifting, Reach};
use crate::db::Work;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{AreaId, AreaSuspensionId, RulebookId, UserId};
use crate::kernel::{Failure, Moment};
use crate::parties::place::Medium;
use crate::parties::store::areas;
use jiff::civil::Date;
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

entity!(area_suspensions, "area_suspensions", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    area_id: Uuid,
    area_path: String,
    pollutant: Option<String>,
    medium: Option<String>,
    valid_from: String,
    document: String,
    reason: String,
    suspended_by: Uuid,
    suspended_at: i64,
    lifted_from: Option<String>,
    lift_document: Option<String>,
    lift_reason: Option<String>,
    lifted_by: Option<Uuid>,
    lifted_at: Option<i64>,
    rulebook_id: Uuid,
    version: i64,
});

impl TryFrom<area_suspensions::Model> for AreaSuspension {
    type Error = Failure;

    fn try_from(row: area_suspensions::Model) -> Result<Self, Failure> {
        let reach = match (row.pollutant, row.medium.as_deref().map(Medium::parse)) {
            (Some(code), None) => Reach::Pollutant(code),
            (None, Some(Some(medium))) => Reach::Medium(medium),
            _ => return Err(Failure::bug("a suspension of an impossible reach")),
        };
        let end = row.lifted_from.zip(row.lift_document).zip(row.lift_reason).zip(row.lifted_by).zip(row.lifted_at);
        let lifted = end.map(|((((from, document), reason), by), at)| {
            let from: Date = from.parse().map_err(Failure::bug)?;
            Ok::<_, Failure>(Lifting { from, document, reason, by: UserId(by), at: Moment::from_micros(at) })
        });
        Ok(Self {
            id: AreaSuspensionId(row.id),
            area: AreaId(row.area_id),
            area_path: row.area_path,
            reach,
            from: row.valid_from.parse().map_err(Failure::bug)?,
            document: row.document,
            reason: row.reason,
            suspended_by: UserId(row.suspended_by),
            suspended_at: Moment::from_micros(row.suspended_at),
            lifted: lifted.transpose()?,
            rulebook: RulebookId(row.rulebook_id),
            version: row.version,
        })
    }
}

impl From<AreaSuspension> for area_suspensions::Model {
    fn from(suspension: AreaSuspension) -> Self {
        let lifted = suspension.lifted;
        Self {
            id: suspension.id.0,
            area_id: suspension.area.0,
            area_path: suspension.area_path,
            pollutant: suspension.reach.pollutant().map(str::to_owned),
            medium: suspension.reach.medium().map(|medium| medium.as_str().to_owned()),
            valid_from: suspension.from.to_string(),
            document: suspension.document,
            reason: suspension.reason,
            suspended_by: suspension.suspended_by.0,
            suspended_at: suspension.suspended_at.micros(),
            lifted_from: lifted.as_ref().map(|lifted| lifted.from.to_string()),
            lift_document: lifted.as_ref().map(|lifted| lifted.document.clone()),
            lifted_by: lifted.as_ref().map(|lifted| lifted.by.0),
            lifted_at: lifted.as_ref().map(|lifted| lifted.at.micros()),
            lift_reason: lifted.map(|lifted| lifted.reason),
            rulebook_id: suspension.rulebook.0,
            version: suspension.version,
        }
    }
}

pub async fn insert(work: &Work, suspension: AreaSuspension) -> Result<(), Failure> {
    let rows = vec![suspension.into()];
    insert_all::<area_suspensions::Entity, area_suspensions::ActiveModel>(work, rows).await
}

pub async fn save(work: &Work, suspension: AreaSuspension) -> Result<(), Failure> {
    save_all::<area_suspensions::Entity, area_suspensions::ActiveModel>(work, vec![suspension.into()]).await
}

pub async fn lock(work: &Work, id: AreaSuspensionId) -> Result<Option<AreaSuspension>, Failure> {
    let rows = lock_all::<area_suspensions::Entity>(work, area_suspensions::Column::Id, &[id.0]).await?;
    rows.into_iter().next().map(AreaSuspension::try_from).transpose()
}

pub async fn find(connection: &impl ConnectionTrait, id: AreaSuspensionId) -> Result<Option<AreaSuspension>, Failure> {
    area_suspensions::Entity::find_by_id(id.0).one(connection).await?.map(AreaSuspension::try_from).transpose()
}

/// Locks an area, so that whoever adds to it and whoever suspends it follow each other.
pub async fn lock_area(work: &Work, area: AreaId) -> Result<(), Failure> {
    lock_all::<areas::Entity>(work, areas::Column::Id, &[area.0]).await.map(|_| ())
}

/// The same for those who add to areas, beside each other: it keeps suspensions out and nobody else.
pub async fn share_areas(work: &Work, codes: &[&str]) -> Result<Vec<AreaId>, Failure> {
    let rows = areas::Entity::find()
        .filter(areas::Column::Code.is_in(codes.iter().copied()))
        .order_by_asc(areas::Column::Id)
        .lock(LockType::Share)
        .all(work.connection())
        .await?;
    Ok(rows.into_iter().map(|row| AreaId(row.id)).collect())
}

/// The suspensions that stand on a day.
pub fn stands_on(day: Date) -> Condition {
    use area_suspensions::Column;
    let goes_on = Condition::any().add(Column::LiftedFrom.is_null()).add(Column::LiftedFrom.gt(day.to_string()));
    Condition::all().add(Column::ValidFrom.lte(day.to_string())).add(goes_on)
}

/// What stands over these areas on a day, or has no end yet when no day is named.
pub async fn standing(
    connection: &impl ConnectionTrait,
    areas: &[AreaId],
    day: Option<Date>,
) -> Result<Vec<AreaSuspension>, Failure> {
    use area_suspensions::Column;
    let open = day.map_or_else(|| Condition::all().add(Column::LiftedFrom.is_null()), stands_on);
    let over = Column::AreaId.is_in(areas.iter().map(|area| area.0));
    let select = area_suspensions::Entity::find().filter(over).filter(open).order_by_asc(Column::Id);
    select.all(connection).await?.into_iter().map(AreaSuspension::try_from).collect()
}
