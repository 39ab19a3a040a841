//! Rows of what junior liens wait for.

use super::{Rank, Wait, WaitCause};
use crate::db::Work;
use crate::db::rows::insert_all;
use crate::entity;
use crate::kernel::ids::{LienId, LienWaitId};
use crate::kernel::{Failure, Moment};
use accounting::{Holding, Money};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use std::collections::HashMap;
use uuid::Uuid;

use crate::pledge::store::liens;

entity!(lien_waits, "lien_waits", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    lien_id: Uuid,
    cause: String,
    grams: i64,
    rank: Option<i64>,
    ahead: Option<i64>,
    waited_at: i64,
});

impl TryFrom<lien_waits::Model> for Wait {
    type Error = Failure;

    fn try_from(row: lien_waits::Model) -> Result<Self, Failure> {
        let ahead = row.ahead.map(|fen| Money::try_new(fen).map_err(Failure::bug)).transpose()?;
        Ok(Self {
            id: LienWaitId(row.id),
            lien: LienId(row.lien_id),
            cause: WaitCause::parse(&row.cause).ok_or_else(|| Failure::bug("a lien waits for an unknown cause"))?,
            grams: row.grams,
            rank: row.rank.zip(ahead).map(|(place, ahead)| Rank { place, ahead }),
            at: Moment::from_micros(row.waited_at),
        })
    }
}

/// What liens wait for, by lien, oldest first.
pub async fn of_liens(connection: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Wait>>, Failure> {
    let mut found: HashMap<Uuid, Vec<Wait>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let wanted = lien_waits::Column::LienId.is_in(ids.iter().copied());
    let rows = lien_waits::Entity::find().filter(wanted).order_by_asc(lien_waits::Column::Id).all(connection).await?;
    for row in rows {
        found.entry(row.lien_id).or_default().push(row.try_into()?);
    }
    Ok(found)
}

/// What liens on a stock waited for at an instant, in grams.
pub async fn waiting_at(
    books: &impl ConnectionTrait,
    stock: Holding,
    at: Moment,
) -> Result<HashMap<Uuid, i64>, Failure> {
    let on = liens::Entity::find()
        .filter(liens::Column::SiteId.eq(stock.owner.0))
        .filter(liens::Column::RightClassId.eq(stock.asset.0));
    let ids = QuerySelect::select_only(on).column(liens::Column::Id).into_query();
    let rows = lien_waits::Entity::find()
        .filter(lien_waits::Column::LienId.in_subquery(ids))
        .filter(lien_waits::Column::WaitedAt.lte(at.micros()));
    let mut sums: HashMap<Uuid, i64> = HashMap::new();
    for row in rows.all(books).await? {
        *sums.entry(row.lien_id).or_default() += row.grams;
    }
    sums.retain(|_, grams| *grams > 0);
    Ok(sums)
}

/// The liens that wait on one of these stocks: once registered, none of them begins to.
pub async fn waiting_on(work: &Work, stocks: &[Holding]) -> Result<Vec<LienId>, Failure> {
    let on = liens::Entity::find()
        .filter(liens::Column::SiteId.is_in(stocks.iter().map(|stock| stock.owner.0)))
        .filter(liens::Column::RightClassId.is_in(stocks.iter().map(|stock| stock.asset.0)))
        .filter(liens::Column::Junior.eq(true));
    let ids: Vec<Uuid> = on.all(work.connection()).await?.into_iter().map(|row| row.id).collect();
    let waits = of_liens(work.connection(), &ids).await?;
    let waiting = waits.into_iter().filter(|(_, waits)| waits.iter().map(|wait| wait.grams).sum::<i64>() > 0);
    Ok(waiting.map(|(lien, _)| LienId(lien)).collect())
}

/// Writes changes of what liens wait for; their pledges are locked.
pub async fn insert(work: &Work, new: &[Wait]) -> Result<(), Failure> {
    let row = |wait: &Wait| lien_waits::Model {
        id: wait.id.0,
        lien_id: wait.lien.0,
        cause: wait.cause.as_str().to_owned(),
        grams: wait.grams,
        rank: wait.rank.map(|rank| rank.place),
        ahead: wait.rank.map(|rank| rank.ahead.fen()),
        waited_at: wait.at.micros(),
    };
    insert_all::<lien_waits::Entity, lien_waits::ActiveModel>(work, new.iter().map(row).collect()).await
}
