//! Rows of bids, openings and awards.

use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::insert_all;
use crate::entity;
use crate::kernel::ids::{
    AuctionAwardId, AuctionBidId, AuctionId, AuctionLotId, AuctionRegistrationId, TradeId, UserId,
};
use crate::kernel::{Failure, Moment};
use crate::market::auctions::bid::{Bid, Content, Quoted};
use crate::market::auctions::sealed::Fault;
use crate::market::auctions::store::{price, quantity, unknown};
use accounting::{Money, Price, Quantity};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

entity!(bids, "auction_bids", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    auction_id: Uuid,
    lot_id: Uuid,
    registration_id: Uuid,
    number: i64,
    arrived_at: i64,
    price: Option<i64>,
    quantity: Option<i64>,
    commitment: Option<String>,
    sealed: Option<String>,
    placed_by: Uuid,
});

entity!(openings, "auction_openings", {
    #[sea_orm(primary_key, auto_increment = false)]
    bid_id: Uuid,
    auction_id: Uuid,
    price: Option<i64>,
    quantity: Option<i64>,
    salt: Option<String>,
    fault: Option<String>,
});

entity!(awards, "auction_awards", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    auction_id: Uuid,
    lot_id: Uuid,
    registration_id: Uuid,
    bid_id: Uuid,
    place: i64,
    price: i64,
    quantity: Option<i64>,
    total: Option<i64>,
    trade_id: Option<Uuid>,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] =
    &[Covered::of::<bids::Entity>(), Covered::of::<openings::Entity>(), Covered::of::<awards::Entity>()];

/// What a sealed bid said when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Which bid.
    pub bid: AuctionBidId,
    /// In which session.
    pub auction: AuctionId,
    /// Its terms with the bidder's salt, or why it does not count.
    pub outcome: Result<(Quoted, String), Fault>,
}

/// A place in the ranking of a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award {
    /// Its identity.
    pub id: AuctionAwardId,
    /// In which session.
    pub auction: AuctionId,
    /// Of which lot.
    pub lot: AuctionLotId,
    /// Whose.
    pub registration: AuctionRegistrationId,
    /// By which bid.
    pub bid: AuctionBidId,
    /// Counts from 1 within the lot.
    pub place: i64,
    /// The bidder's own price.
    pub price: Price,
    /// What is won.
    pub won: Option<Win>,
}

/// What a bidder has won.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Win {
    /// How much.
    pub quantity: Quantity,
    /// What it costs: the bidder's own price × quantity, half up to the fen.
    pub total: Money,
    /// The trade that it becomes when the ranking is confirmed.
    pub trade: TradeId,
}

fn quoted(fen: i64, grams: i64) -> Result<Quoted, Failure> {
    Ok(Quoted { price: price(fen)?, quantity: quantity(grams)? })
}

impl TryFrom<bids::Model> for Bid {
    type Error = Failure;

    fn try_from(row: bids::Model) -> Result<Self, Failure> {
        let content = match (row.price, row.quantity, row.commitment, row.sealed) {
            (Some(fen), Some(grams), None, None) => Content::Open(quoted(fen, grams)?),
            (None, None, Some(commitment), Some(sealed)) => Content::Sealed { commitment, sealed },
            _ => return Err(Failure::bug(format!("the bid {} is neither open nor sealed", row.id))),
        };
        Ok(Self {
            id: AuctionBidId(row.id),
            auction: AuctionId(row.auction_id),
            lot: AuctionLotId(row.lot_id),
            registration: AuctionRegistrationId(row.registration_id),
            number: row.number,
            arrived_at: Moment::from_micros(row.arrived_at),
            content,
            placed_by: UserId(row.placed_by),
        })
    }
}

impl From<Bid> for bids::Model {
    fn from(bid: Bid) -> Self {
        let (open, commitment, sealed) = match bid.content {
            Content::Open(quoted) => (Some(quoted), None, None),
            Content::Sealed { commitment, sealed } => (None, Some(commitment), Some(sealed)),
        };
        Self {
            id: bid.id.0,
            auction_id: bid.auction.0,
            lot_id: bid.lot.0,
            registration_id: bid.registration.0,
            number: bid.number,
            arrived_at: bid.arrived_at.micros(),
            price: open.map(|quoted| quoted.price.fen()),
            quantity: open.map(|quoted| quoted.quantity.grams()),
            commitment,
            sealed,
            placed_by: bid.placed_by.0,
        }
    }
}

impl TryFrom<openings::Model> for Opening {
    type Error = Failure;

    fn try_from(row: openings::Model) -> Result<Self, Failure> {
        let outcome = match (row.price, row.quantity, row.salt, row.fault.as_deref()) {
            (Some(fen), Some(grams), Some(salt), None) => Ok((quoted(fen, grams)?, salt)),
            (None, None, None, Some(word)) => Err(Fault::parse(word).ok_or_else(|| unknown("an opening", word))?),
            _ => return Err(Failure::bug(format!("the opening of {} says both", row.bid_id))),
        };
        Ok(Self { bid: AuctionBidId(row.bid_id), auction: AuctionId(row.auction_id), outcome })
    }
}

impl TryFrom<awards::Model> for Award {
    type Error = Failure;

    fn try_from(row: awards::Model) -> Result<Self, Failure> {
        let won = match (row.quantity, row.total, row.trade_id) {
            (Some(grams), Some(total), Some(trade)) => Some(Win {
                quantity: quantity(grams)?,
                total: Money::try_new(total).map_err(Failure::bug)?,
                trade: TradeId(trade),
            }),
            _ => None,
        };
        Ok(Self {
            id: AuctionAwardId(row.id),
            auction: AuctionId(row.auction_id),
            lot: AuctionLotId(row.lot_id),
            registration: AuctionRegistrationId(row.registration_id),
            bid: AuctionBidId(row.bid_id),
            place: row.place,
            price: price(row.price)?,
            won,
        })
    }
}

/// Writes bids that have arrived.
///
/// # Errors
/// A fault of the database.
pub async fn insert_bids(work: &Work, bids: &[Bid]) -> Result<(), Failure> {
    let rows = bids.iter().cloned().map(bids::Model::from).collect();
    insert_all::<bids::Entity, bids::ActiveModel>(work, rows).await
}

/// The bids under registrations, in the order of arrival.
pub async fn bids_under(
    connection: &impl ConnectionTrait,
    registrations: &[AuctionRegistrationId],
) -> Result<Vec<Bid>, Failure> {
    let wanted = bids::Column::RegistrationId.is_in(registrations.iter().map(|id| id.0));
    let rows = bids::Entity::find().filter(wanted).order_by_asc(bids::Column::Number).all(connection).await?;
    rows.into_iter().map(Bid::try_from).collect()
}

/// The bids for lots, in the order of arrival.
pub async fn bids_for(connection: &impl ConnectionTrait, lots: &[AuctionLotId]) -> Result<Vec<Bid>, Failure> {
    let wanted = bids::Column::LotId.is_in(lots.iter().map(|id| id.0));
    let rows = bids::Entity::find().filter(wanted).order_by_asc(bids::Column::Number).all(connection).await?;
    rows.into_iter().map(Bid::try_from).collect()
}

/// Writes what sealed bids said.
///
/// # Errors
/// A fault of the database.
pub async fn insert_openings(work: &Work, openings: &[Opening]) -> Result<(), Failure> {
    let row = |opening: &Opening| {
        let (terms, fault) = match &opening.outcome {
            Ok((quoted, salt)) => (Some((*quoted, salt.clone())), None),
            Err(fault) => (None, Some(fault.as_str().to_owned())),
        };
        openings::Model {
            bid_id: opening.bid.0,
            auction_id: opening.auction.0,
            price: terms.as_ref().map(|(quoted, _)| quoted.price.fen()),
            quantity: terms.as_ref().map(|(quoted, _)| quoted.quantity.grams()),
            salt: terms.map(|(_, salt)| salt),
            fault,
        }
    };
    insert_all::<openings::Entity, openings::ActiveModel>(work, openings.iter().map(row).collect()).await
}

/// What bids said when they were opened.
pub async fn openings_of(connection: &impl ConnectionTrait, bids: &[AuctionBidId]) -> Result<Vec<Opening>, Failure> {
    let wanted = openings::Column::BidId.is_in(bids.iter().map(|id| id.0));
    let rows = openings::Entity::find().filter(wanted).all(connection).await?;
    rows.into_iter().map(Opening::try_from).collect()
}

/// Writes places in rankings.
///
/// # Errors
/// A fault of the database.
pub async fn insert_awards(work: &Work, awards: &[Award]) -> Result<(), Failure> {
    let row = |award: &Award| awards::Model {
        id: award.id.0,
        auction_id: award.auction.0,
        lot_id: award.lot.0,
        registration_id: award.registration.0,
        bid_id: award.bid.0,
        place: award.place,
        price: award.price.fen(),
        quantity: award.won.map(|win| win.quantity.grams()),
        total: award.won.map(|win| win.total.fen()),
        trade_id: award.won.map(|win| win.trade.0),
    };
    insert_all::<awards::Entity, awards::ActiveModel>(work, awards.iter().map(row).collect()).await
}

/// The rankings of sessions.
pub async fn awards_of(connection: &impl ConnectionTrait, auctions: &[AuctionId]) -> Result<Vec<Award>, Failure> {
    let wanted = awards::Column::AuctionId.is_in(auctions.iter().map(|id| id.0));
    let rows = awards::Entity::find().filter(wanted).order_by_asc(awards::Column::Id).all(connection).await?;
    rows.into_iter().map(Award::try_from).collect()
}
