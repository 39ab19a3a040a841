//! Rows of objections.

use super::{About, Answered, Finding, Objection};
use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{ObjectionId, OrganisationId, UserId};
use crate::kernel::{Failure, Moment};
use jiff::civil::Date;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

entity!(objections, "objections", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    subject_kind: String,
    subject_id: Uuid,
    party_id: Option<Uuid>,
    area_path: String,
    organisation_id: Uuid,
    text: String,
    raised_by: Uuid,
    raised_at: i64,
    outcome: Option<String>,
    answer: Option<String>,
    answered_by: Option<Uuid>,
    answered_at: Option<i64>,
    version: i64,
    counterparty_id: Option<Uuid>,
    answer_by: Option<String>,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[Covered::of::<objections::Entity>()];

impl TryFrom<objections::Model> for Objection {
    type Error = Failure;

    fn try_from(row: objections::Model) -> Result<Self, Failure> {
        let about = About::parse(&row.subject_kind).ok_or_else(|| Failure::bug("an objection to nothing"))?;
        let answered = row.outcome.zip(row.answer).zip(row.answered_by).zip(row.answered_at);
        let answer = answered.map(|(((outcome, text), by), at)| {
            let finding = Finding::parse(&outcome).ok_or_else(|| Failure::bug("an unknown finding"))?;
            Ok::<_, Failure>(Answered { finding, text, by: UserId(by), at: Moment::from_micros(at) })
        });
        Ok(Self {
            id: ObjectionId(row.id),
            about,
            subject: row.subject_id,
            party: row.party_id.map(OrganisationId),
            counterparty: row.counterparty_id.map(OrganisationId),
            area_path: row.area_path,
            organisation: OrganisationId(row.organisation_id),
            text: row.text,
            raised_by: UserId(row.raised_by),
            raised_at: Moment::from_micros(row.raised_at),
            answer_by: row.answer_by.map(|day| day.parse::<Date>().map_err(Failure::bug)).transpose()?,
            answer: answer.transpose()?,
            version: row.version,
        })
    }
}

impl From<Objection> for objections::Model {
    fn from(objection: Objection) -> Self {
        let answer = objection.answer;
        Self {
            id: objection.id.0,
            subject_kind: objection.about.as_str().to_owned(),
            subject_id: objection.subject,
            party_id: objection.party.map(|id| id.0),
            counterparty_id: objection.counterparty.map(|id| id.0),
            area_path: objection.area_path,
            organisation_id: objection.organisation.0,
            text: objection.text,
            raised_by: objection.raised_by.0,
            raised_at: objection.raised_at.micros(),
            answer_by: objection.answer_by.map(|day| day.to_string()),
            outcome: answer.as_ref().map(|answer| answer.finding.as_str().to_owned()),
            answered_by: answer.as_ref().map(|answer| answer.by.0),
            answered_at: answer.as_ref().map(|answer| answer.at.micros()),
            answer: answer.map(|answer| answer.text),
            version: objection.version,
        }
    }
}

pub async fn insert(work: &Work, objection: Objection) -> Result<(), Failure> {
    insert_all::<objections::Entity, objections::ActiveModel>(work, vec![objection.into()]).await
}

pub async fn save(work: &Work, objection: Objection) -> Result<(), Failure> {
    save_all::<objections::Entity, objections::ActiveModel>(work, vec![objection.into()]).await
}

/// One objection, as it stands.
pub async fn find(connection: &impl ConnectionTrait, id: ObjectionId) -> Result<Option<Objection>, Failure> {
    objections::Entity::find_by_id(id.0).one(connection).await?.map(Objection::try_from).transpose()
}

pub async fn lock(work: &Work, id: ObjectionId) -> Result<Option<Objection>, Failure> {
    let rows = lock_all::<objections::Entity>(work, objections::Column::Id, &[id.0]).await?;
    rows.into_iter().next().map(Objection::try_from).transpose()
}

/// Objections to these things that stand in the way: those that wait for an answer, and those that were upheld. Whoever asks holds
/// the lock of the things, and so keeps new objections out.
pub async fn in_the_way(work: &Work, subjects: &[Uuid]) -> Result<Vec<Objection>, Failure> {
    let rows = objections::Entity::find()
        .filter(objections::Column::SubjectId.is_in(subjects.iter().copied()))
        .all(work.connection())
        .await?;
    let all = rows.into_iter().map(Objection::try_from).collect::<Result<Vec<_>, _>>()?;
    let is_dismissed = |one: &Objection| matches!(&one.answer, Some(answer) if answer.finding == Finding::Dismissed);
    Ok(all.into_iter().filter(|one| !is_dismissed(one)).collect())
}
