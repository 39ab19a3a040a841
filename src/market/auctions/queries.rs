//! Reading auctions.

use super::auction::Auction;
use super::bid::Bid;
use super::lot::{Lot, Registration};
use super::record::store::{Award, awards, bids};
use super::store::{self, auctions, lots, registrations};
use crate::access::Scope;
use crate::db::{Db, rows};
use crate::http::concern::Party;
use crate::kernel::Failure;
use crate::kernel::ids::{AuctionId, AuctionLotId, AuctionRegistrationId};
use crate::kernel::page::{Page, PageRequest};
use crate::parties::queries::{in_area, parties_in};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use std::collections::HashMap;
use uuid::Uuid;

/// What anybody may know of: sessions from their announcement on. One that was called off before it was never announced: of one that
/// was, some lot was on offer, and such a lot is never planned or taken out again.
fn published() -> Condition {
    let on_offer = lots::Entity::find().filter(lots::Column::State.is_not_in(["planned", "withdrawn"]));
    let announced = QuerySelect::select_only(on_offer).column(lots::Column::AuctionId).into_query();
    let is_announced =
        Condition::any().add(auctions::Column::State.ne("cancelled")).add(auctions::Column::Id.in_subquery(announced));
    Condition::all().add(auctions::Column::State.ne("planned")).add(is_announced)
}

/// Sessions, in one state when asked; only published ones for those who are not signed in.
///
/// # Errors
/// A fault of the database.
pub async fn list_auctions(
    db: &Db,
    state: Option<&str>,
    only_published: bool,
    page: &PageRequest,
) -> Result<Page<Auction>, Failure> {
    let mut select = auctions::Entity::find();
    if only_published {
        select = select.filter(published());
    }
    if let Some(state) = state {
        select = select.filter(auctions::Column::State.eq(state));
    }
    let rows = rows::page(select, auctions::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(Auction::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |auction| auction.id.0))
}

/// A session.
///
/// # Errors
/// A fault of the database.
pub async fn find_auction(db: &Db, id: AuctionId) -> Result<Option<Auction>, Failure> {
    Ok(store::auctions_by_id(db.reader(), &[id]).await?.pop())
}

/// A session that is published.
///
/// # Errors
/// A fault of the database.
pub async fn find_published(db: &Db, id: AuctionId) -> Result<Option<Auction>, Failure> {
    let row = auctions::Entity::find_by_id(id.0).filter(published()).one(db.reader()).await?;
    row.map(Auction::try_from).transpose()
}

/// Lots of a session; only those that were on offer for whoever is not signed in.
///
/// # Errors
/// A fault of the database.
pub async fn list_lots(
    db: &Db,
    auction: AuctionId,
    only_published: bool,
    page: &PageRequest,
) -> Result<Page<Lot>, Failure> {
    let mut select = lots::Entity::find().filter(lots::Column::AuctionId.eq(auction.0));
    if only_published {
        select = select.filter(lots::Column::State.is_not_in(["planned", "withdrawn"]));
    }
    let rows = rows::page(select, lots::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(Lot::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |lot| lot.id.0))
}

/// A lot.
///
/// # Errors
/// A fault of the database.
pub async fn find_lot(db: &Db, id: AuctionLotId) -> Result<Option<Lot>, Failure> {
    let row = lots::Entity::find_by_id(id.0).one(db.reader()).await?;
    row.map(Lot::try_from).transpose()
}

/// Lots as they stand.
///
/// # Errors
/// A fault of the database.
pub async fn lots_by_id(connection: &impl ConnectionTrait, ids: &[AuctionLotId]) -> Result<Vec<Lot>, Failure> {
    store::lots_by_id(connection, ids).await
}

fn registrations_visible(scope: &Scope) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => Condition::all().add(in_area(registrations::Column::AreaPath, path)),
        Scope::Organisation { id } => Condition::all().add(registrations::Column::BidderId.eq(id.0)),
    }
}

/// Registrations of a session that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn list_registrations(
    db: &Db,
    scope: &Scope,
    auction: AuctionId,
    page: &PageRequest,
) -> Result<Page<Registration>, Failure> {
    let select = registrations::Entity::find()
        .filter(registrations::Column::AuctionId.eq(auction.0))
        .filter(registrations_visible(scope));
    let rows = rows::page(select, registrations::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(Registration::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |one| one.id.0))
}

/// A registration that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_registration(
    db: &Db,
    scope: &Scope,
    id: AuctionRegistrationId,
) -> Result<Option<Registration>, Failure> {
    let found = registrations::Entity::find_by_id(id.0).filter(registrations_visible(scope));
    found.one(db.reader()).await?.map(Registration::try_from).transpose()
}

/// Bids of a session in the order of arrival, for one lot when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_bids(
    db: &Db,
    auction: AuctionId,
    lot: Option<AuctionLotId>,
    page: &PageRequest,
) -> Result<Page<Bid>, Failure> {
    let mut select = bids::Entity::find().filter(bids::Column::AuctionId.eq(auction.0));
    if let Some(lot) = lot {
        select = select.filter(bids::Column::LotId.eq(lot.0));
    }
    let rows = rows::page(select, bids::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(Bid::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |bid| bid.id.0))
}

/// Places in the rankings of a session.
///
/// # Errors
/// A fault of the database.
pub async fn list_awards(db: &Db, auction: AuctionId, page: &PageRequest) -> Result<Page<Award>, Failure> {
    let select = awards::Entity::find().filter(awards::Column::AuctionId.eq(auction.0));
    let rows = rows::page(select, awards::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(Award::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |award| award.id.0))
}

/// Sessions whose next step may be due: those past an instant, and those whose lots or trades must be looked at.
///
/// # Errors
/// A fault of the database.
pub async fn due(db: &Db) -> Result<Vec<AuctionId>, Failure> {
    let now = db.clock().business_now().micros();
    let is = |state: &str| Condition::all().add(auctions::Column::State.eq(state));
    let wanted = Condition::any()
        .add(is("announced").add(auctions::Column::OpensAt.lte(now)))
        .add(is("open").add(auctions::Column::ClosesAt.lte(now)))
        .add(is("final"))
        .add(is("confirmed"));
    let rows = auctions::Entity::find().filter(wanted).all(db.reader()).await?;
    Ok(rows.into_iter().map(|row| AuctionId(row.id)).collect())
}

/// The best price of each lot of a session that is bid for in the open, in fen.
///
/// # Errors
/// A fault of the database.
pub async fn best_prices(db: &Db, lots: &[AuctionLotId]) -> Result<Vec<(AuctionLotId, i64)>, Failure> {
    let rows: Vec<(uuid::Uuid, Option<i64>)> = bids::Entity::find()
        .select_only()
        .column(bids::Column::LotId)
        .column_as(bids::Column::Price.max(), "best")
        .filter(bids::Column::LotId.is_in(lots.iter().map(|lot| lot.0)))
        .group_by(bids::Column::LotId)
        .into_tuple()
        .all(db.reader())
        .await?;
    Ok(rows.into_iter().filter_map(|(lot, best)| best.map(|best| (AuctionLotId(lot), best))).collect())
}

/// Who has put lots into an auction, by the ids of these.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_lots(books: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    parties_in::<lots::Entity>(books, lots::Column::Id, &[lots::Column::SellerId], ids).await
}

/// Who bids by these registrations.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_registrations(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    parties_in::<registrations::Entity>(books, registrations::Column::Id, &[registrations::Column::BidderId], ids).await
}

/// Who has placed these bids.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_bids(books: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    let placed = bids::Entity::find().filter(bids::Column::Id.is_in(ids.iter().copied())).all(books).await?;
    let by: Vec<Uuid> = placed.iter().map(|bid| bid.registration_id).collect();
    let bidders = parties_of_registrations(books, &by).await?;
    let parties = |bid: bids::Model| Some((bid.id, bidders.get(&bid.registration_id)?.clone()));
    Ok(placed.into_iter().filter_map(parties).collect())
}
