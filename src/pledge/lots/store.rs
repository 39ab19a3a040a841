//! Rows of what pledgees say of the lots that they put into auctions.

use super::PledgedLot;
use crate::db::Work;
use crate::db::rows::{self, insert_all};
use crate::entity;
use crate::kernel::Failure;
use crate::kernel::ids::{AuctionLotId, LienId, OrganisationId, PledgeId};
use crate::kernel::page::{Page, PageRequest};
use crate::market::auctions::queries::lots_by_id;
use crate::market::auctions::{Lot, LotState};
use crate::pledge::store::money;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

entity!(pledged_lots, "pledged_lots", {
    #[sea_orm(primary_key, auto_increment = false)]
    lot_id: Uuid,
    pledge_id: Uuid,
    lien_id: Uuid,
    settlement_bank_id: Uuid,
    costs: i64,
    owed: i64,
});

impl TryFrom<pledged_lots::Model> for PledgedLot {
    type Error = Failure;

    fn try_from(row: pledged_lots::Model) -> Result<Self, Failure> {
        Ok(Self {
            lot: AuctionLotId(row.lot_id),
            pledge: PledgeId(row.pledge_id),
            lien: LienId(row.lien_id),
            settlement_bank: OrganisationId(row.settlement_bank_id),
            costs: money(row.costs)?,
            owed: money(row.owed)?,
        })
    }
}

pub async fn insert(work: &Work, lots: &[PledgedLot]) -> Result<(), Failure> {
    let row = |lot: &PledgedLot| pledged_lots::Model {
        lot_id: lot.lot.0,
        pledge_id: lot.pledge.0,
        lien_id: lot.lien.0,
        settlement_bank_id: lot.settlement_bank.0,
        costs: lot.costs.fen(),
        owed: lot.owed.fen(),
    };
    let rows = lots.iter().map(row).collect();
    insert_all::<pledged_lots::Entity, pledged_lots::ActiveModel>(work, rows).await
}

/// What was said of lots.
pub async fn of_lots(
    connection: &impl ConnectionTrait,
    lots: &[AuctionLotId],
) -> Result<HashMap<AuctionLotId, PledgedLot>, Failure> {
    let wanted = pledged_lots::Column::LotId.is_in(lots.iter().map(|lot| lot.0));
    let rows = pledged_lots::Entity::find().filter(wanted).all(connection).await?;
    rows.into_iter().map(|row| Ok((AuctionLotId(row.lot_id), PledgedLot::try_from(row)?))).collect()
}

/// A page of the lots of a pledge.
pub async fn list(
    connection: &impl ConnectionTrait,
    pledge: PledgeId,
    page: &PageRequest,
) -> Result<Page<Lot>, Failure> {
    let wanted = pledged_lots::Entity::find().filter(pledged_lots::Column::PledgeId.eq(pledge.0));
    let rows = rows::page(wanted, pledged_lots::Column::LotId, page).all(connection).await?;
    let Page { items, next } = Page::cut(rows, page, |row| row.lot_id);
    let ids: Vec<AuctionLotId> = items.iter().map(|row| AuctionLotId(row.lot_id)).collect();
    let mut lots: HashMap<AuctionLotId, Lot> =
        lots_by_id(connection, &ids).await?.into_iter().map(|lot| (lot.id, lot)).collect();
    Ok(Page { items: ids.iter().filter_map(|id| lots.remove(id)).collect(), next })
}

/// Of pledges, the lots that wait for their announcement, for bids or for their winners.
pub async fn on_offer_of(
    connection: &impl ConnectionTrait,
    pledges: &[Uuid],
) -> Result<HashMap<Uuid, Vec<PledgedLot>>, Failure> {
    let mut found: HashMap<Uuid, Vec<PledgedLot>> = HashMap::new();
    if pledges.is_empty() {
        return Ok(found);
    }
    let wanted = pledged_lots::Column::PledgeId.is_in(pledges.iter().copied());
    let rows = pledged_lots::Entity::find().filter(wanted).order_by_asc(pledged_lots::Column::LotId);
    let rows = rows.all(connection).await?;
    let ids: Vec<AuctionLotId> = rows.iter().map(|row| AuctionLotId(row.lot_id)).collect();
    let lots = if ids.is_empty() { Vec::new() } else { lots_by_id(connection, &ids).await? };
    let open = lots.into_iter().filter(|lot| matches!(lot.state, LotState::Planned | LotState::Offered));
    let open: HashSet<AuctionLotId> = open.map(|lot| lot.id).collect();
    for row in rows.into_iter().filter(|row| open.contains(&AuctionLotId(row.lot_id))) {
        found.entry(row.pledge_id).or_default().push(row.try_into()?);
    }
    Ok(found)
}
