//! Rows of offers and trades.

use super::offer::{Mode, Offer, OfferState, Party};
use super::source::Source;
use super::trade::{Side, Trade, TradeState};
use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::eligibility::{Boundary, Lifted};
use crate::entity;
use crate::kernel::ids::{
    AuctionLotId, ConsentedSaleId, ListingId, OfferId, OrganisationId, PermitId, ProjectId, RightClassId, RulebookId,
    SiteId, TradeId, TradeOverrideId, UserId,
};
use crate::kernel::{Failure, Moment};
use crate::parties::commands::Varied;
use crate::treasury::payments::reference_of;
use accounting::{Money, Price, PriceBasis, Quantity, Ratio};
use jiff::civil::Date;
use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

entity!(offers, "offers", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    trade_id: Uuid,
    mode: String,
    seller_site_id: Uuid,
    buyer_site_id: Uuid,
    seller_id: Uuid,
    buyer_id: Uuid,
    seller_area_path: String,
    buyer_area_path: String,
    right_class_id: Uuid,
    quantity: i64,
    unit_price: i64,
    total: i64,
    state: String,
    reason: Option<String>,
    proposed_by: Uuid,
    proposed_at: i64,
    rulebook_id: Uuid,
    version: i64,
    price_basis: Option<String>,
    valid_until: Option<String>,
});

entity!(trades, "trades", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    offer_id: Option<Uuid>,
    mode: String,
    seller_site_id: Uuid,
    buyer_site_id: Uuid,
    seller_id: Uuid,
    buyer_id: Uuid,
    seller_area_path: String,
    buyer_area_path: String,
    seller_is_reserve: bool,
    project_id: Uuid,
    right_class_id: Uuid,
    pollutant: String,
    quantity: i64,
    unit_price: i64,
    total: i64,
    deposit: i64,
    paid: i64,
    state: String,
    reason: Option<String>,
    matched_by: Uuid,
    matched_at: i64,
    approved_at: Option<i64>,
    settled_at: Option<i64>,
    closed_at: Option<i64>,
    rulebook_id: Uuid,
    version: i64,
    replacement_ratio: Option<String>,
    excess: Option<i64>,
    listing_id: Option<Uuid>,
    lot_id: Option<Uuid>,
    price_basis: Option<String>,
    publicised_until: Option<String>,
    pay_by: Option<String>,
    paid_at: Option<i64>,
    expired_at: Option<i64>,
    forfeited: Option<i64>,
    fee: Option<i64>,
    payment_reference: Option<String>,
    override_id: Option<Uuid>,
    lifted_boundary: Option<String>,
    delivered_class_id: Option<Uuid>,
    consented_sale_id: Option<Uuid>,
});

entity!(trade_approvals, "trade_approvals", {
    #[sea_orm(primary_key, auto_increment = false)]
    trade_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    area_path: String,
    approved_by: Uuid,
    approved_at: i64,
});

entity!(trade_variations, "trade_variations", {
    #[sea_orm(primary_key, auto_increment = false)]
    trade_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    side: String,
    permit_id: Uuid,
    permitted_before: i64,
    permitted_after: i64,
    varied_by: Uuid,
    varied_at: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[
    Covered::of::<offers::Entity>(),
    Covered::of::<super::listings::store::listings::Entity>(),
    Covered::of::<trades::Entity>(),
    Covered::of::<super::overrides::store::trade_overrides::Entity>(),
    Covered::of::<trade_approvals::Entity>(),
    Covered::of::<trade_variations::Entity>(),
];

fn mode(text: &str) -> Result<Mode, Failure> {
    Mode::parse(text).ok_or_else(|| Failure::bug(format!("unknown mode {text}")))
}

/// What a price is for; rows that are older than the column say nothing of it.
pub(super) fn price_basis(text: Option<&str>) -> Result<PriceBasis, Failure> {
    let Some(text) = text else { return Ok(PriceBasis::PerUnitWholeValidity) };
    PriceBasis::parse(text).ok_or_else(|| Failure::bug(format!("unknown price basis {text}")))
}

pub(super) fn day(text: Option<&str>) -> Result<Option<Date>, Failure> {
    text.map(str::parse).transpose().map_err(Failure::bug)
}

pub(super) fn party(site: Uuid, organisation: Uuid, area_path: String) -> Party {
    Party { site: SiteId(site), organisation: OrganisationId(organisation), area_path }
}

impl TryFrom<offers::Model> for Offer {
    type Error = Failure;

    fn try_from(row: offers::Model) -> Result<Self, Failure> {
        let state = match row.state.as_str() {
            "proposed" => OfferState::Proposed,
            "accepted" => OfferState::Accepted,
            "declined" => OfferState::Declined { reason: row.reason },
            "withdrawn" => OfferState::Withdrawn { reason: row.reason },
            "expired" => OfferState::Expired,
            state => return Err(Failure::bug(format!("an offer in the unknown state {state}"))),
        };
        Ok(Self {
            id: OfferId(row.id),
            trade: TradeId(row.trade_id),
            mode: mode(&row.mode)?,
            seller: party(row.seller_site_id, row.seller_id, row.seller_area_path),
            buyer: party(row.buyer_site_id, row.buyer_id, row.buyer_area_path),
            right_class: RightClassId(row.right_class_id),
            quantity: Quantity::try_new(row.quantity).map_err(Failure::bug)?,
            unit_price: Price::try_new(row.unit_price).map_err(Failure::bug)?,
            price_basis: price_basis(row.price_basis.as_deref())?,
            total: Money::try_new(row.total).map_err(Failure::bug)?,
            valid_until: day(row.valid_until.as_deref())?,
            state,
            proposed_by: UserId(row.proposed_by),
            proposed_at: Moment::from_micros(row.proposed_at),
            rulebook: RulebookId(row.rulebook_id),
            version: row.version,
        })
    }
}

impl From<Offer> for offers::Model {
    fn from(offer: Offer) -> Self {
        let state = offer.state.as_str().to_owned();
        let reason = match offer.state {
            OfferState::Declined { reason } | OfferState::Withdrawn { reason } => reason,
            OfferState::Proposed | OfferState::Accepted | OfferState::Expired => None,
        };
        Self {
            id: offer.id.0,
            trade_id: offer.trade.0,
            mode: offer.mode.as_str().to_owned(),
            seller_site_id: offer.seller.site.0,
            buyer_site_id: offer.buyer.site.0,
            seller_id: offer.seller.organisation.0,
            buyer_id: offer.buyer.organisation.0,
            seller_area_path: offer.seller.area_path,
            buyer_area_path: offer.buyer.area_path,
            right_class_id: offer.right_class.0,
            quantity: offer.quantity.grams(),
            unit_price: offer.unit_price.fen(),
            total: offer.total.fen(),
            state,
            reason,
            proposed_by: offer.proposed_by.0,
            proposed_at: offer.proposed_at.micros(),
            rulebook_id: offer.rulebook.0,
            version: offer.version,
            price_basis: Some(offer.price_basis.as_str().to_owned()),
            valid_until: offer.valid_until.map(|day| day.to_string()),
        }
    }
}

fn trade_state(row: &trades::Model) -> Result<TradeState, Failure> {
    let moment = |micros: Option<i64>| {
        micros.map(Moment::from_micros).ok_or_else(|| Failure::bug(format!("trade {} lacks an instant", row.id)))
    };
    Ok(match row.state.as_str() {
        "matched" => TradeState::Matched,
        "approved" => TradeState::Approved { at: moment(row.approved_at)? },
        "publicised" => TradeState::Publicised { approved_at: moment(row.approved_at)? },
        "paid" => TradeState::Paid { approved_at: moment(row.approved_at)?, at: moment(row.paid_at)? },
        "expired" => TradeState::Expired {
            approved_at: moment(row.approved_at)?,
            at: moment(row.expired_at)?,
            forfeited: Money::try_new(row.forfeited.unwrap_or_default()).map_err(Failure::bug)?,
        },
        "settled" => TradeState::Settled { approved_at: moment(row.approved_at)?, at: moment(row.settled_at)? },
        "closed" => TradeState::Closed {
            approved_at: moment(row.approved_at)?,
            settled_at: moment(row.settled_at)?,
            at: moment(row.closed_at)?,
        },
        "refused" => TradeState::Refused { approved_at: was_approved(row), reason: row.reason.clone() },
        "cancelled" => TradeState::Cancelled { approved_at: was_approved(row), reason: row.reason.clone() },
        state => return Err(Failure::bug(format!("a trade in the unknown state {state}"))),
    })
}

/// When a trade that ended before its settlement had been approved; rows that are older than this say nothing of it.
fn was_approved(row: &trades::Model) -> Option<Moment> {
    row.approved_at.map(Moment::from_micros)
}

fn source(row: &trades::Model) -> Result<Source, Failure> {
    match (row.offer_id, row.listing_id, row.lot_id, row.consented_sale_id) {
        (Some(offer), None, None, None) => Ok(Source::Offer(OfferId(offer))),
        (None, Some(listing), None, None) => Ok(Source::Listing(ListingId(listing))),
        (None, None, Some(lot), None) => Ok(Source::AuctionLot(AuctionLotId(lot))),
        (None, None, None, Some(sale)) => Ok(Source::ConsentedSale(ConsentedSaleId(sale))),
        _ => Err(Failure::bug(format!("trade {} came of nothing, or of several things", row.id))),
    }
}

fn lifted(row: &trades::Model) -> Result<Option<Lifted>, Failure> {
    match (row.override_id, row.lifted_boundary.as_deref().and_then(Boundary::parse), row.delivered_class_id) {
        (None, None, None) => Ok(None),
        (Some(by), Some(boundary), Some(delivered)) => {
            Ok(Some(Lifted { by: TradeOverrideId(by), boundary, delivered: RightClassId(delivered) }))
        }
        _ => Err(Failure::bug(format!("trade {} names half an override", row.id))),
    }
}

fn read_trade(row: trades::Model, approvals: BTreeSet<String>, variations: BTreeSet<Side>) -> Result<Trade, Failure> {
    let money = |fen: i64| Money::try_new(fen).map_err(Failure::bug);
    let lifted = lifted(&row)?;
    Ok(Trade {
        id: TradeId(row.id),
        source: source(&row)?,
        mode: mode(&row.mode)?,
        state: trade_state(&row)?,
        seller: party(row.seller_site_id, row.seller_id, row.seller_area_path),
        buyer: party(row.buyer_site_id, row.buyer_id, row.buyer_area_path),
        seller_is_reserve: row.seller_is_reserve,
        project: ProjectId(row.project_id),
        right_class: RightClassId(row.right_class_id),
        pollutant: row.pollutant,
        quantity: Quantity::try_new(row.quantity).map_err(Failure::bug)?,
        unit_price: Price::try_new(row.unit_price).map_err(Failure::bug)?,
        price_basis: price_basis(row.price_basis.as_deref())?,
        publicised_until: day(row.publicised_until.as_deref())?,
        pay_by: day(row.pay_by.as_deref())?,
        fee: row.fee.map(Money::try_new).transpose().map_err(Failure::bug)?,
        lifted,
        replacement: row.replacement_ratio.as_deref().map(Ratio::parse).transpose().map_err(Failure::bug)?,
        total: money(row.total)?,
        deposit: money(row.deposit)?,
        paid: money(row.paid)?,
        approvals,
        variations,
        matched_by: UserId(row.matched_by),
        matched_at: Moment::from_micros(row.matched_at),
        rulebook: RulebookId(row.rulebook_id),
        version: row.version,
    })
}

impl From<Trade> for trades::Model {
    fn from(trade: Trade) -> Self {
        let state = trade.state.as_str().to_owned();
        let excess = trade.replacement.map(|ratio| ratio.excess_of(trade.quantity));
        let (approved_at, (settled_at, closed_at)) = (trade.state.approved_at(), trade.state.settled_and_closed_at());
        let (paid_at, expired) = match trade.state {
            TradeState::Paid { at, .. } => (Some(at), None),
            TradeState::Expired { at, forfeited, .. } => (None, Some((at, forfeited))),
            _ => (None, None),
        };
        let (offer, listing, lot, consented_sale) = match trade.source {
            Source::Offer(offer) => (Some(offer.0), None, None, None),
            Source::Listing(listing) => (None, Some(listing.0), None, None),
            Source::AuctionLot(lot) => (None, None, Some(lot.0), None),
            Source::ConsentedSale(sale) => (None, None, None, Some(sale.0)),
        };
        Self {
            id: trade.id.0,
            offer_id: offer,
            mode: trade.mode.as_str().to_owned(),
            seller_site_id: trade.seller.site.0,
            buyer_site_id: trade.buyer.site.0,
            seller_id: trade.seller.organisation.0,
            buyer_id: trade.buyer.organisation.0,
            seller_area_path: trade.seller.area_path,
            buyer_area_path: trade.buyer.area_path,
            seller_is_reserve: trade.seller_is_reserve,
            project_id: trade.project.0,
            right_class_id: trade.right_class.0,
            pollutant: trade.pollutant,
            quantity: trade.quantity.grams(),
            unit_price: trade.unit_price.fen(),
            total: trade.total.fen(),
            deposit: trade.deposit.fen(),
            paid: trade.paid.fen(),
            state,
            reason: trade.state.reason().cloned(),
            matched_by: trade.matched_by.0,
            matched_at: trade.matched_at.micros(),
            approved_at: approved_at.map(Moment::micros),
            settled_at: settled_at.map(Moment::micros),
            closed_at: closed_at.map(Moment::micros),
            rulebook_id: trade.rulebook.0,
            version: trade.version,
            replacement_ratio: trade.replacement.map(|ratio| ratio.to_string()),
            excess,
            listing_id: listing,
            lot_id: lot,
            consented_sale_id: consented_sale,
            price_basis: Some(trade.price_basis.as_str().to_owned()),
            publicised_until: trade.publicised_until.map(|day| day.to_string()),
            pay_by: trade.pay_by.map(|day| day.to_string()),
            paid_at: paid_at.map(Moment::micros),
            expired_at: expired.map(|(at, _)| at.micros()),
            forfeited: expired.map(|(_, forfeited)| forfeited.fen()),
            fee: trade.fee.map(Money::fen),
            payment_reference: Some(reference_of(trade.id)),
            override_id: trade.lifted.map(|lifted| lifted.by.0),
            lifted_boundary: trade.lifted.map(|lifted| lifted.boundary.as_str().to_owned()),
            delivered_class_id: trade.lifted.map(|lifted| lifted.delivered.0),
        }
    }
}

pub async fn insert_offers(work: &Work, offers: &[Offer]) -> Result<(), Failure> {
    let rows = offers.iter().cloned().map(offers::Model::from).collect();
    insert_all::<offers::Entity, offers::ActiveModel>(work, rows).await
}

pub async fn save_offers(work: &Work, offers: &[Offer]) -> Result<(), Failure> {
    let rows = offers.iter().cloned().map(offers::Model::from).collect();
    save_all::<offers::Entity, offers::ActiveModel>(work, rows).await
}

pub async fn lock_offers(work: &Work, ids: &[OfferId]) -> Result<Vec<Offer>, Failure> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = lock_all::<offers::Entity>(work, offers::Column::Id, &ids).await?;
    rows.into_iter().map(Offer::try_from).collect()
}

/// Locks the offers that would become these trades, in the order of their ids.
pub async fn lock_offers_of(work: &Work, trades: &[TradeId]) -> Result<Vec<Offer>, Failure> {
    let rows = offers::Entity::find()
        .filter(offers::Column::TradeId.is_in(trades.iter().map(|trade| trade.0)))
        .filter(offers::Column::State.eq("proposed"))
        .order_by_asc(offers::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(work.connection())
        .await?;
    rows.into_iter().map(Offer::try_from).collect()
}

/// Locks proposed offers whose last day has passed, in id order. They are found first: SQLite takes an index of open ones alone only where
/// the statement itself says that they are open, and where it is asked for their order.
pub async fn lock_offers_over(work: &Work, today: Date, most: u64) -> Result<Vec<Offer>, Failure> {
    let ids: Vec<Uuid> = offers::Entity::find()
        .filter(Expr::cust("state = 'proposed'"))
        .filter(offers::Column::ValidUntil.lt(today.to_string()))
        .order_by_asc(offers::Column::ValidUntil)
        .order_by_asc(offers::Column::Id)
        .limit(most)
        .select_only()
        .column(offers::Column::Id)
        .into_tuple()
        .all(work.connection())
        .await?;
    let ids: Vec<OfferId> = ids.into_iter().map(OfferId).collect();
    let mut locked = lock_offers(work, &ids).await?;
    locked.retain(|offer| offer.state == OfferState::Proposed);
    Ok(locked)
}

/// Locks approved trades that were not paid by their last day, in id order, found first like [`lock_offers_over`].
pub async fn lock_trades_late(work: &Work, today: Date, most: u64) -> Result<Vec<Trade>, Failure> {
    let ids: Vec<Uuid> = trades::Entity::find()
        .filter(Expr::cust("state IN ('approved', 'publicised')"))
        .filter(trades::Column::PayBy.lt(today.to_string()))
        .filter(Expr::col(trades::Column::Paid).lt(Expr::col(trades::Column::Total)))
        .order_by_asc(trades::Column::PayBy)
        .order_by_asc(trades::Column::Id)
        .limit(most)
        .select_only()
        .column(trades::Column::Id)
        .into_tuple()
        .all(work.connection())
        .await?;
    let mut locked = lock_trades(work, &ids.into_iter().map(TradeId).collect::<Vec<_>>()).await?;
    // One may have been paid, or ended, before it was locked.
    locked.retain(|trade| trade.is_late(today));
    Ok(locked)
}

pub async fn insert_trades(work: &Work, trades: &[Trade]) -> Result<(), Failure> {
    let rows = trades.iter().cloned().map(trades::Model::from).collect();
    insert_all::<trades::Entity, trades::ActiveModel>(work, rows).await
}

/// Writes trades; one that passed several versions in this work stands there with each, oldest first.
pub async fn save_trades(work: &Work, trades: &[Trade]) -> Result<(), Failure> {
    let rows = trades.iter().cloned().map(trades::Model::from).collect();
    save_all::<trades::Entity, trades::ActiveModel>(work, rows).await
}

pub async fn lock_trades(work: &Work, ids: &[TradeId]) -> Result<Vec<Trade>, Failure> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = lock_all::<trades::Entity>(work, trades::Column::Id, &ids).await?;
    complete(work.connection(), rows).await
}

/// Locks the trades that these payment references name. Those of before have no reference of their own yet; only open ones are looked
/// through, so there are fewer every day.
pub async fn lock_trades_named(work: &Work, references: &[String]) -> Result<Vec<Trade>, Failure> {
    use trades::Column::{Id, PaymentReference, State};
    let of_before = Condition::all().add(PaymentReference.is_null()).add(State.is_in(["matched", "approved"]));
    let select = trades::Entity::find()
        .filter(Condition::any().add(PaymentReference.is_in(references.iter().cloned())).add(of_before))
        .select_only()
        .column(Id);
    let ids: Vec<Uuid> = select.into_tuple().all(work.connection()).await?;
    let named = ids.into_iter().map(TradeId).filter(|id| references.contains(&reference_of(*id)));
    lock_trades(work, &named.collect::<Vec<_>>()).await
}

/// The trades that rest on these overrides and hold something.
pub async fn open_trades_of_overrides(work: &Work, ids: &[TradeOverrideId]) -> Result<Vec<TradeId>, Failure> {
    use trades::Column::{Id, OverrideId, State};
    let select = trades::Entity::find()
        .filter(OverrideId.is_in(ids.iter().map(|id| id.0)))
        .filter(State.is_in(["matched", "approved", "publicised", "paid"]))
        .select_only()
        .column(Id);
    let found: Vec<Uuid> = select.into_tuple().all(work.connection()).await?;
    Ok(found.into_iter().map(TradeId).collect())
}

/// Adds approvals and variations to trades.
pub async fn complete(connection: &impl ConnectionTrait, rows: Vec<trades::Model>) -> Result<Vec<Trade>, Failure> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut approvals: HashMap<Uuid, BTreeSet<String>> = HashMap::new();
    let wanted = trade_approvals::Column::TradeId.is_in(ids.iter().copied());
    for row in trade_approvals::Entity::find().filter(wanted).all(connection).await? {
        approvals.entry(row.trade_id).or_default().insert(row.area_path);
    }
    let mut variations: HashMap<Uuid, BTreeSet<Side>> = HashMap::new();
    let wanted = trade_variations::Column::TradeId.is_in(ids);
    for row in trade_variations::Entity::find().filter(wanted).all(connection).await? {
        let side = Side::parse(&row.side).ok_or_else(|| Failure::bug(format!("unknown side {}", row.side)))?;
        variations.entry(row.trade_id).or_default().insert(side);
    }
    rows.into_iter()
        .map(|row| {
            let (approvals, variations) = (approvals.remove(&row.id), variations.remove(&row.id));
            read_trade(row, approvals.unwrap_or_default(), variations.unwrap_or_default())
        })
        .collect()
}

/// Who has approved a trade.
pub async fn approvers_of(work: &Work, trade: TradeId) -> Result<Vec<UserId>, Failure> {
    let rows = trade_approvals::Entity::find().filter(trade_approvals::Column::TradeId.eq(trade.0));
    let rows = rows.all(work.connection()).await?;
    Ok(rows.into_iter().map(|row| UserId(row.approved_by)).collect())
}

pub async fn insert_approvals(work: &Work, approvals: &[(TradeId, String)]) -> Result<(), Failure> {
    let rows = approvals
        .iter()
        .map(|(trade, area_path)| trade_approvals::Model {
            trade_id: trade.0,
            area_path: area_path.clone(),
            approved_by: work.caller().user.0,
            approved_at: work.now().micros(),
        })
        .collect();
    insert_all::<trade_approvals::Entity, trade_approvals::ActiveModel>(work, rows).await
}

pub async fn insert_variations(work: &Work, variations: &[(TradeId, Side, PermitId, Varied)]) -> Result<(), Failure> {
    let rows = variations
        .iter()
        .map(|(trade, side, permit, varied)| trade_variations::Model {
            trade_id: trade.0,
            side: side.as_str().to_owned(),
            permit_id: permit.0,
            permitted_before: varied.before,
            permitted_after: varied.after,
            varied_by: work.caller().user.0,
            varied_at: work.now().micros(),
        })
        .collect();
    insert_all::<trade_variations::Entity, trade_variations::ActiveModel>(work, rows).await
}
