//! Rows of notices.

use super::{ByLien, Lapsed, LienNotice};
use crate::db::Work;
use crate::db::rows::{insert_all, save_all};
use crate::encumbrance::{Notice, NoticeCause};
use crate::entity;
use crate::kernel::ids::{LienId, LienNoticeId, RightActId};
use crate::kernel::{Failure, Moment};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use uuid::Uuid;

entity!(lien_notices, "lien_notices", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    lien_id: Uuid,
    cause: String,
    right_act_id: Option<Uuid>,
    grams: i64,
    until: Option<String>,
    given_at: i64,
    lapsed: Option<i64>,
    lapsed_at: Option<i64>,
    version: i64,
});

impl TryFrom<lien_notices::Model> for LienNotice {
    type Error = Failure;

    fn try_from(row: lien_notices::Model) -> Result<Self, Failure> {
        let notice = Notice {
            cause: NoticeCause::parse(&row.cause).ok_or_else(|| Failure::bug("a notice for an unknown cause"))?,
            right_act: row.right_act_id.map(RightActId),
            until: row.until.map(|day| day.parse().map_err(Failure::bug)).transpose()?,
        };
        let lapse = row.lapsed.zip(row.lapsed_at).map(|(grams, at)| Lapsed { grams, at: Moment::from_micros(at) });
        Ok(Self {
            id: LienNoticeId(row.id),
            lien: LienId(row.lien_id),
            notice,
            grams: row.grams,
            given_at: Moment::from_micros(row.given_at),
            lapse,
            version: row.version,
        })
    }
}

impl From<&LienNotice> for lien_notices::Model {
    fn from(notice: &LienNotice) -> Self {
        Self {
            id: notice.id.0,
            lien_id: notice.lien.0,
            cause: notice.notice.cause.as_str().to_owned(),
            right_act_id: notice.notice.right_act.map(|act| act.0),
            grams: notice.grams,
            until: notice.notice.until.map(|day| day.to_string()),
            given_at: notice.given_at.micros(),
            lapsed: notice.lapse.map(|lapse| lapse.grams),
            lapsed_at: notice.lapse.map(|lapse| lapse.at.micros()),
            version: notice.version,
        }
    }
}

/// Notices of liens, oldest first.
pub async fn of_liens(connection: &impl ConnectionTrait, liens: &[Uuid]) -> Result<ByLien, Failure> {
    let mut found: ByLien = HashMap::new();
    if liens.is_empty() {
        return Ok(found);
    }
    let wanted = lien_notices::Column::LienId.is_in(liens.iter().copied());
    let rows =
        lien_notices::Entity::find().filter(wanted).order_by_asc(lien_notices::Column::Id).all(connection).await?;
    for row in rows {
        found.entry(row.lien_id).or_default().push(row.try_into()?);
    }
    Ok(found)
}

pub async fn insert(work: &Work, notices: &[LienNotice]) -> Result<(), Failure> {
    let rows = notices.iter().map(lien_notices::Model::from).collect();
    insert_all::<lien_notices::Entity, lien_notices::ActiveModel>(work, rows).await
}

/// Writes notices whose pledges are locked.
pub async fn save(work: &Work, notices: &[LienNotice]) -> Result<(), Failure> {
    let rows = notices.iter().map(lien_notices::Model::from).collect();
    save_all::<lien_notices::Entity, lien_notices::ActiveModel>(work, rows).await
}
