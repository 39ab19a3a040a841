//! Rows of facts.

use super::fact::{About, Content, Fact, FactKind, Period, Settled};
use crate::db::Work;
use crate::db::rows::{insert_all, lock_history};
use crate::entity;
use crate::kernel::ids::{AreaId, FactId, OrganisationId, RulebookId, SiteId, UserId};
use crate::kernel::{Failure, Moment};
use accounting::Quantity;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use uuid::Uuid;

entity!(facts, "facts", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    subject_kind: String,
    subject_id: Uuid,
    organisation_id: Option<Uuid>,
    area_path: String,
    kind: String,
    level: Option<String>,
    period: Option<String>,
    happened_on: Option<String>,
    pollutant: Option<String>,
    right_class: Option<String>,
    settles_id: Option<Uuid>,
    source: String,
    document_hash: Option<String>,
    corrects_id: Option<Uuid>,
    reason: Option<String>,
    recorded_by: Uuid,
    recorded_for: Uuid,
    recorded_at: i64,
    rulebook_id: Uuid,
    grams: Option<i64>,
});

fn about(kind: &str, id: Uuid) -> Option<About> {
    match kind {
        "organisation" => Some(About::Organisation(OrganisationId(id))),
        "site" => Some(About::Site(SiteId(id))),
        "area" => Some(About::Area(AreaId(id))),
        _ => None,
    }
}

/// What the columns of a row say; nothing when all of them are empty.
fn content(row: &facts::Model, kind: FactKind) -> Result<Option<Content>, Failure> {
    let on = row.happened_on.as_deref().map(str::parse).transpose().map_err(Failure::bug)?;
    let unreadable = || Failure::bug("a fact with an unreadable period");
    let period = row.period.as_deref().map(|text| Period::parse(text).ok_or_else(unreadable)).transpose()?;
    let quantity = row.grams.map(Quantity::try_new).transpose().map_err(Failure::bug)?;
    let settled = row.right_class.clone().map(|right_class| Settled::Rights { right_class, quantity });
    let settled = settled.or(row.settles_id.map(|id| Settled::Owed(FactId(id))));
    Ok(match kind {
        FactKind::CreditRating | FactKind::ParkRating => {
            row.level.clone().zip(period).map(|(level, period)| Content::Rating { level, period })
        }
        FactKind::OverPermitDischarge => {
            period.map(|period| Content::OverPermit { period, pollutant: row.pollutant.clone() })
        }
        FactKind::FeeSettled => on.zip(settled).map(|(on, of)| Content::Settlement { on, of }),
        FactKind::MajorAccident | FactKind::IllegalDischarge | FactKind::MajorViolation | FactKind::FeeUnpaid => {
            on.map(|on| Content::Incident { on })
        }
    })
}

impl TryFrom<facts::Model> for Fact {
    type Error = Failure;

    fn try_from(row: facts::Model) -> Result<Self, Failure> {
        let kind = FactKind::parse(&row.kind).ok_or_else(|| Failure::bug("a fact of an unknown kind"))?;
        Ok(Self {
            id: FactId(row.id),
            about: about(&row.subject_kind, row.subject_id).ok_or_else(|| Failure::bug("a fact about nothing"))?,
            content: content(&row, kind)?,
            kind,
            organisation: row.organisation_id.map(OrganisationId),
            area_path: row.area_path,
            source: row.source,
            document_hash: row.document_hash,
            corrects: row.corrects_id.map(FactId),
            reason: row.reason,
            recorded_by: UserId(row.recorded_by),
            recorded_for: OrganisationId(row.recorded_for),
            recorded_at: Moment::from_micros(row.recorded_at),
            rulebook: RulebookId(row.rulebook_id),
        })
    }
}

impl From<Fact> for facts::Model {
    fn from(fact: Fact) -> Self {
        let (subject_kind, subject_id) = match fact.about {
            About::Organisation(id) => ("organisation", id.0),
            About::Site(id) => ("site", id.0),
            About::Area(id) => ("area", id.0),
        };
        let mut row = Self {
            id: fact.id.0,
            subject_kind: subject_kind.to_owned(),
            subject_id,
            organisation_id: fact.organisation.map(|id| id.0),
            area_path: fact.area_path,
            kind: fact.kind.as_str().to_owned(),
            level: None,
            period: None,
            happened_on: None,
            pollutant: None,
            right_class: None,
            settles_id: None,
            source: fact.source,
            document_hash: fact.document_hash,
            corrects_id: fact.corrects.map(|id| id.0),
            reason: fact.reason,
            recorded_by: fact.recorded_by.0,
            recorded_for: fact.recorded_for.0,
            recorded_at: fact.recorded_at.micros(),
            rulebook_id: fact.rulebook.0,
            grams: None,
        };
        match fact.content {
            None => {}
            Some(Content::Incident { on }) => row.happened_on = Some(on.to_string()),
            Some(Content::Rating { level, period }) => {
                (row.level, row.period) = (Some(level), Some(period.to_string()));
            }
            Some(Content::OverPermit { period, pollutant }) => {
                (row.period, row.pollutant) = (Some(period.to_string()), pollutant);
            }
            Some(Content::Settlement { on, of }) => {
                row.happened_on = Some(on.to_string());
                match of {
                    Settled::Rights { right_class, quantity } => {
                        (row.right_class, row.grams) = (Some(right_class), quantity.map(Quantity::grams));
                    }
                    Settled::Owed(id) => row.settles_id = Some(id.0),
                }
            }
        }
        row
    }
}

pub async fn insert(work: &Work, facts: &[Fact]) -> Result<(), Failure> {
    let rows = facts.iter().cloned().map(facts::Model::from).collect();
    insert_all::<facts::Entity, facts::ActiveModel>(work, rows).await
}

/// Locks facts in id order, so that of two corrections of one the second sees the first.
pub async fn lock(work: &Work, ids: &[FactId]) -> Result<HashMap<FactId, Fact>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = lock_history::<facts::Entity>(work, facts::Column::Id, &ids).await?;
    rows.into_iter().map(|row| Ok((FactId(row.id), Fact::try_from(row)?))).collect()
}

/// Which of these facts were corrected, and by which.
pub async fn corrections_of(
    connection: &impl ConnectionTrait,
    ids: &[FactId],
) -> Result<HashMap<FactId, FactId>, Failure> {
    let wanted = facts::Column::CorrectsId.is_in(ids.iter().map(|id| id.0));
    let rows = facts::Entity::find().filter(wanted).all(connection).await?;
    Ok(rows.into_iter().filter_map(|row| Some((FactId(row.corrects_id?), FactId(row.id)))).collect())
}

/// Every fact that concerns these organisations, corrected or not.
pub async fn facts_of(
    connection: &impl ConnectionTrait,
    organisations: &[OrganisationId],
) -> Result<Vec<Fact>, Failure> {
    let wanted = facts::Column::OrganisationId.is_in(organisations.iter().map(|id| id.0));
    let rows = facts::Entity::find().filter(wanted).all(connection).await?;
    rows.into_iter().map(Fact::try_from).collect()
}
