//! Rows of screenings.

use super::{Screening, ScreeningStep};
use crate::db::Work;
use crate::db::rows::insert_all;
use crate::entity;
use crate::kernel::ids::{PledgeId, RulebookId};
use crate::kernel::{Failure, Moment};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

entity!(pledge_screenings, "pledge_screenings", {
    #[sea_orm(primary_key, auto_increment = false)]
    pledge_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    step: String,
    screened_at: i64,
    rulebook_id: Uuid,
    findings: String,
});

impl TryFrom<pledge_screenings::Model> for Screening {
    type Error = Failure;

    fn try_from(row: pledge_screenings::Model) -> Result<Self, Failure> {
        Ok(Self {
            pledge: PledgeId(row.pledge_id),
            step: ScreeningStep::parse(&row.step).ok_or_else(|| Failure::bug("a screening at no step"))?,
            at: Moment::from_micros(row.screened_at),
            rulebook: RulebookId(row.rulebook_id),
            seen: serde_json::from_str(&row.findings).map_err(Failure::bug)?,
        })
    }
}

/// Writes screenings; each step of a pledge is screened once.
pub async fn insert(work: &Work, screenings: &[Screening]) -> Result<(), Failure> {
    let row = |screening: &Screening| {
        Ok(pledge_screenings::Model {
            pledge_id: screening.pledge.0,
            step: screening.step.as_str().to_owned(),
            screened_at: screening.at.micros(),
            rulebook_id: screening.rulebook.0,
            findings: serde_json::to_string(&screening.seen).map_err(Failure::bug)?,
        })
    };
    let rows = screenings.iter().map(row).collect::<Result<Vec<_>, Failure>>()?;
    insert_all::<pledge_screenings::Entity, pledge_screenings::ActiveModel>(work, rows).await
}

/// The screenings of a pledge, in the order of its steps.
pub async fn of(connection: &impl ConnectionTrait, pledge: PledgeId) -> Result<Vec<Screening>, Failure> {
    let own = pledge_screenings::Entity::find().filter(pledge_screenings::Column::PledgeId.eq(pledge.0));
    let rows = own.order_by_asc(pledge_screenings::Column::ScreenedAt).all(connection).await?;
    rows.into_iter().map(Screening::try_from).collect()
}
