//! Rows of sessions, lots and registrations.

use super::auction::{Auction, AuctionState, Format, KeyHalf, SealKey};
use super::lot::{Lot, LotState, Registration, RegistrationState};
use super::pledged::OfLien;
use super::rules::AuctionRules;
use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{
    AuctionId, AuctionLotId, AuctionRegistrationId, LienId, OrganisationId, ProjectId, RightClassId, RulebookId,
    SiteId, UserId,
};
use crate::kernel::{Failure, Moment};
use crate::market::offer::Party;
use accounting::{Money, Price, Quantity};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

entity!(auctions, "auctions", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    title: String,
    format: String,
    state: String,
    reason: Option<String>,
    registration_until: i64,
    opens_at: i64,
    closes_at: i64,
    rules: String,
    rulebook_id: Uuid,
    planned_by: Uuid,
    planned_at: i64,
    version: i64,
});

entity!(auction_keys, "auction_keys", {
    #[sea_orm(primary_key, auto_increment = false)]
    auction_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    place: i64,
    public_key: String,
    contributed_by: Uuid,
    contributed_at: i64,
});

entity!(auction_key_halves, "auction_key_halves", {
    #[sea_orm(primary_key, auto_increment = false)]
    auction_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    place: i64,
    private_key: Option<String>,
    handed_in_by: Uuid,
    handed_in_at: i64,
    version: i64,
});

entity!(lots, "auction_lots", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    auction_id: Uuid,
    number: i64,
    seller_site_id: Uuid,
    seller_id: Uuid,
    seller_area_path: String,
    seller_is_reserve: bool,
    right_class_id: Uuid,
    pollutant: String,
    quantity: i64,
    min_quantity: Option<i64>,
    max_quantity: Option<i64>,
    base_price: i64,
    state: String,
    reason: Option<String>,
    ends_at: i64,
    last_arrival: Option<i64>,
    bids: i64,
    bidders: i64,
    proposed_by: Uuid,
    proposed_at: i64,
    version: i64,
    lien_id: Option<Uuid>,
    pledgee_id: Option<Uuid>,
});

entity!(registrations, "auction_registrations", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    auction_id: Uuid,
    lot_id: Uuid,
    number: i64,
    site_id: Uuid,
    bidder_id: Uuid,
    area_path: String,
    project_id: Uuid,
    quantity: i64,
    minimum: i64,
    deposit: i64,
    state: String,
    reason: Option<String>,
    registered_by: Uuid,
    registered_at: i64,
    version: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[
    Covered::of::<auctions::Entity>(),
    Covered::of::<auction_keys::Entity>(),
    Covered::of::<auction_key_halves::Entity>(),
    Covered::of::<lots::Entity>(),
    Covered::of::<registrations::Entity>(),
];

pub(super) fn unknown(what: &str, word: &str) -> Failure {
    Failure::bug(format!("{what} in the unknown state {word}"))
}

pub(super) fn quantity(grams: i64) -> Result<Quantity, Failure> {
    Quantity::try_new(grams).map_err(Failure::bug)
}

pub(super) fn price(fen: i64) -> Result<Price, Failure> {
    Price::try_new(fen).map_err(Failure::bug)
}

impl TryFrom<auctions::Model> for Auction {
    type Error = Failure;

    fn try_from(row: auctions::Model) -> Result<Self, Failure> {
        let state = match row.state.as_str() {
            "planned" => AuctionState::Planned,
            "announced" => AuctionState::Announced,
            "open" => AuctionState::Open,
            "final" => AuctionState::Final,
            "closed" => AuctionState::Closed,
            "ranked" => AuctionState::Ranked,
            "confirmed" => AuctionState::Confirmed,
            "settled" => AuctionState::Settled,
            "failed" => AuctionState::Failed,
            "cancelled" => AuctionState::Cancelled { reason: row.reason },
            word => return Err(unknown("an auction", word)),
        };
        let rules: AuctionRules = serde_json::from_str(&row.rules).map_err(Failure::bug)?;
        Ok(Self {
            id: AuctionId(row.id),
            title: row.title,
            format: Format::parse(&row.format).ok_or_else(|| unknown("a format", &row.format))?,
            registration_until: Moment::from_micros(row.registration_until),
            opens_at: Moment::from_micros(row.opens_at),
            closes_at: Moment::from_micros(row.closes_at),
            rules,
            rulebook: RulebookId(row.rulebook_id),
            state,
            planned_by: UserId(row.planned_by),
            planned_at: Moment::from_micros(row.planned_at),
            version: row.version,
        })
    }
}

fn auction_row(auction: &Auction) -> Result<auctions::Model, Failure> {
    let reason = match &auction.state {
        AuctionState::Cancelled { reason } => reason.clone(),
        _ => None,
    };
    Ok(auctions::Model {
        id: auction.id.0,
        title: auction.title.clone(),
        format: auction.format.as_str().to_owned(),
        state: auction.state.as_str().to_owned(),
        reason,
        registration_until: auction.registration_until.micros(),
        opens_at: auction.opens_at.micros(),
        closes_at: auction.closes_at.micros(),
        rules: serde_json::to_string(&auction.rules).map_err(Failure::bug)?,
        rulebook_id: auction.rulebook.0,
        planned_by: auction.planned_by.0,
        planned_at: auction.planned_at.micros(),
        version: auction.version,
    })
}

impl TryFrom<lots::Model> for Lot {
    type Error = Failure;

    fn try_from(row: lots::Model) -> Result<Self, Failure> {
        let state = match row.state.as_str() {
            "planned" => LotState::Planned,
            "withdrawn" => LotState::Withdrawn { reason: row.reason },
            "offered" => LotState::Offered,
            "failed" => LotState::Failed,
            "awarded" => LotState::Awarded,
            "cancelled" => LotState::Cancelled { reason: row.reason },
            word => return Err(unknown("a lot", word)),
        };
        Ok(Self {
            id: AuctionLotId(row.id),
            auction: AuctionId(row.auction_id),
            number: row.number,
            seller: Party {
                site: SiteId(row.seller_site_id),
                organisation: OrganisationId(row.seller_id),
                area_path: row.seller_area_path,
            },
            seller_is_reserve: row.seller_is_reserve,
            of_lien: row
                .lien_id
                .zip(row.pledgee_id)
                .map(|(lien, pledgee)| OfLien { lien: LienId(lien), pledgee: OrganisationId(pledgee) }),
            right_class: RightClassId(row.right_class_id),
            pollutant: row.pollutant,
            quantity: quantity(row.quantity)?,
            least: row.min_quantity.map(quantity).transpose()?,
            most: row.max_quantity.map(quantity).transpose()?,
            base_price: price(row.base_price)?,
            state,
            ends_at: Moment::from_micros(row.ends_at),
            last_arrival: row.last_arrival.map(Moment::from_micros),
            bids: row.bids,
            bidders: row.bidders,
            proposed_by: UserId(row.proposed_by),
            proposed_at: Moment::from_micros(row.proposed_at),
            version: row.version,
        })
    }
}

impl From<Lot> for lots::Model {
    fn from(lot: Lot) -> Self {
        let (state, reason) = (lot.state.as_str().to_owned(), lot.state.reason().cloned());
        Self {
            id: lot.id.0,
            auction_id: lot.auction.0,
            number: lot.number,
            seller_site_id: lot.seller.site.0,
            seller_id: lot.seller.organisation.0,
            seller_area_path: lot.seller.area_path,
            seller_is_reserve: lot.seller_is_reserve,
            right_class_id: lot.right_class.0,
            pollutant: lot.pollutant,
            quantity: lot.quantity.grams(),
            min_quantity: lot.least.map(Quantity::grams),
            max_quantity: lot.most.map(Quantity::grams),
            base_price: lot.base_price.fen(),
            state,
            reason,
            ends_at: lot.ends_at.micros(),
            last_arrival: lot.last_arrival.map(Moment::micros),
            bids: lot.bids,
            bidders: lot.bidders,
            proposed_by: lot.proposed_by.0,
            proposed_at: lot.proposed_at.micros(),
            version: lot.version,
            lien_id: lot.of_lien.map(|of| of.lien.0),
            pledgee_id: lot.of_lien.map(|of| of.pledgee.0),
        }
    }
}

impl TryFrom<registrations::Model> for Registration {
    type Error = Failure;

    fn try_from(row: registrations::Model) -> Result<Self, Failure> {
        let state = match row.state.as_str() {
            "registered" => RegistrationState::Registered,
            "qualified" => RegistrationState::Qualified,
            "refused" => RegistrationState::Refused { reason: row.reason },
            "withdrawn" => RegistrationState::Withdrawn,
            "released" => RegistrationState::Released,
            "won" => RegistrationState::Won,
            word => return Err(unknown("a registration", word)),
        };
        Ok(Self {
            id: AuctionRegistrationId(row.id),
            auction: AuctionId(row.auction_id),
            lot: AuctionLotId(row.lot_id),
            number: row.number,
            bidder: Party {
                site: SiteId(row.site_id),
                organisation: OrganisationId(row.bidder_id),
                area_path: row.area_path,
            },
            project: ProjectId(row.project_id),
            quantity: quantity(row.quantity)?,
            minimum: quantity(row.minimum)?,
            deposit: Money::try_new(row.deposit).map_err(Failure::bug)?,
            state,
            registered_by: UserId(row.registered_by),
            registered_at: Moment::from_micros(row.registered_at),
            version: row.version,
        })
    }
}

impl From<Registration> for registrations::Model {
    fn from(registration: Registration) -> Self {
        let state = registration.state.as_str().to_owned();
        let reason = match registration.state {
            RegistrationState::Refused { reason } => reason,
            _ => None,
        };
        Self {
            id: registration.id.0,
            auction_id: registration.auction.0,
            lot_id: registration.lot.0,
            number: registration.number,
            site_id: registration.bidder.site.0,
            bidder_id: registration.bidder.organisation.0,
            area_path: registration.bidder.area_path,
            project_id: registration.project.0,
            quantity: registration.quantity.grams(),
            minimum: registration.minimum.grams(),
            deposit: registration.deposit.fen(),
            state,
            reason,
            registered_by: registration.registered_by.0,
            registered_at: registration.registered_at.micros(),
            version: registration.version,
        }
    }
}

/// Writes sessions, each with every version that it passed, oldest first.
pub async fn save_auctions(work: &Work, auctions: &[Auction]) -> Result<(), Failure> {
    let rows = auctions.iter().map(auction_row).collect::<Result<_, _>>()?;
    save_all::<auctions::Entity, auctions::ActiveModel>(work, rows).await
}

pub async fn lock_auctions(work: &Work, ids: &[AuctionId]) -> Result<Vec<Auction>, Failure> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = lock_all::<auctions::Entity>(work, auctions::Column::Id, &ids).await?;
    rows.into_iter().map(Auction::try_from).collect()
}

pub async fn auctions_by_id(connection: &impl ConnectionTrait, ids: &[AuctionId]) -> Result<Vec<Auction>, Failure> {
    let wanted = auctions::Column::Id.is_in(ids.iter().map(|id| id.0));
    let rows = auctions::Entity::find().filter(wanted).all(connection).await?;
    rows.into_iter().map(Auction::try_from).collect()
}

pub async fn insert_keys(work: &Work, keys: &[SealKey]) -> Result<(), Failure> {
    let rows = keys
        .iter()
        .map(|key| auction_keys::Model {
            auction_id: key.auction.0,
            place: key.place,
            public_key: key.public_key.clone(),
            contributed_by: key.contributed_by.0,
            contributed_at: key.contributed_at.micros(),
        })
        .collect();
    insert_all::<auction_keys::Entity, auction_keys::ActiveModel>(work, rows).await
}

/// The keys of sessions, the inner ones first.
pub async fn keys_of(connection: &impl ConnectionTrait, ids: &[AuctionId]) -> Result<Vec<SealKey>, Failure> {
    let wanted = auction_keys::Column::AuctionId.is_in(ids.iter().map(|id| id.0));
    let rows = auction_keys::Entity::find().filter(wanted).order_by_asc(auction_keys::Column::Place);
    let read = |row: auction_keys::Model| SealKey {
        auction: AuctionId(row.auction_id),
        place: row.place,
        public_key: row.public_key,
        contributed_by: UserId(row.contributed_by),
        contributed_at: Moment::from_micros(row.contributed_at),
    };
    Ok(rows.all(connection).await?.into_iter().map(read).collect())
}

/// Writes halves of keys, new ones and those that have served; their sessions are locked.
pub async fn save_halves(work: &Work, halves: &[KeyHalf]) -> Result<(), Failure> {
    let row = |half: &KeyHalf| auction_key_halves::Model {
        auction_id: half.auction.0,
        place: half.place,
        private_key: half.private_key.clone(),
        handed_in_by: half.handed_in_by.0,
        handed_in_at: half.handed_in_at.micros(),
        version: half.version,
    };
    let rows = halves.iter().map(row).collect();
    save_all::<auction_key_halves::Entity, auction_key_halves::ActiveModel>(work, rows).await
}

/// The halves of the keys of sessions that were handed in.
pub async fn halves_of(connection: &impl ConnectionTrait, ids: &[AuctionId]) -> Result<Vec<KeyHalf>, Failure> {
    let wanted = auction_key_halves::Column::AuctionId.is_in(ids.iter().map(|id| id.0));
    let rows = auction_key_halves::Entity::find().filter(wanted).order_by_asc(auction_key_halves::Column::Place);
    let read = |row: auction_key_halves::Model| KeyHalf {
        auction: AuctionId(row.auction_id),
        place: row.place,
        private_key: row.private_key,
        handed_in_by: UserId(row.handed_in_by),
        handed_in_at: Moment::from_micros(row.handed_in_at),
        version: row.version,
    };
    Ok(rows.all(connection).await?.into_iter().map(read).collect())
}

pub async fn save_lots(work: &Work, lots: &[Lot]) -> Result<(), Failure> {
    let rows = lots.iter().cloned().map(lots::Model::from).collect();
    save_all::<lots::Entity, lots::ActiveModel>(work, rows).await
}

pub async fn lock_lots(work: &Work, ids: &[AuctionLotId]) -> Result<Vec<Lot>, Failure> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = lock_all::<lots::Entity>(work, lots::Column::Id, &ids).await?;
    rows.into_iter().map(Lot::try_from).collect()
}

/// Locks every lot of sessions, in the order of their ids.
pub async fn lock_lots_of(work: &Work, auctions: &[AuctionId]) -> Result<Vec<Lot>, Failure> {
    let rows = lots::Entity::find()
        .filter(lots::Column::AuctionId.is_in(auctions.iter().map(|id| id.0)))
        .order_by_asc(lots::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(work.connection())
        .await?;
    rows.into_iter().map(Lot::try_from).collect()
}

/// Lots as they stand.
pub async fn lots_by_id(connection: &impl ConnectionTrait, ids: &[AuctionLotId]) -> Result<Vec<Lot>, Failure> {
    let wanted = lots::Column::Id.is_in(ids.iter().map(|id| id.0));
    let rows = lots::Entity::find().filter(wanted).order_by_asc(lots::Column::Id).all(connection).await?;
    rows.into_iter().map(Lot::try_from).collect()
}

pub async fn lots_of(connection: &impl ConnectionTrait, auctions: &[AuctionId]) -> Result<Vec<Lot>, Failure> {
    let wanted = lots::Column::AuctionId.is_in(auctions.iter().map(|id| id.0));
    let rows = lots::Entity::find().filter(wanted).order_by_asc(lots::Column::Number).all(connection).await?;
    rows.into_iter().map(Lot::try_from).collect()
}

pub async fn save_registrations(work: &Work, registrations: &[Registration]) -> Result<(), Failure> {
    let rows = registrations.iter().cloned().map(registrations::Model::from).collect();
    save_all::<registrations::Entity, registrations::ActiveModel>(work, rows).await
}

pub async fn lock_registrations(work: &Work, ids: &[AuctionRegistrationId]) -> Result<Vec<Registration>, Failure> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows = lock_all::<registrations::Entity>(work, registrations::Column::Id, &ids).await?;
    rows.into_iter().map(Registration::try_from).collect()
}

/// Locks the registrations for lots, in the order of their ids.
pub async fn lock_registrations_of(work: &Work, lots: &[AuctionLotId]) -> Result<Vec<Registration>, Failure> {
    let rows = registrations::Entity::find()
        .filter(registrations::Column::LotId.is_in(lots.iter().map(|id| id.0)))
        .order_by_asc(registrations::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(work.connection())
        .await?;
    rows.into_iter().map(Registration::try_from).collect()
}

/// The registrations for lots, of some bidders or of all.
pub async fn registrations_of(
    connection: &impl ConnectionTrait,
    lots: &[AuctionLotId],
    bidders: Option<&[OrganisationId]>,
) -> Result<Vec<Registration>, Failure> {
    let mut select =
        registrations::Entity::find().filter(registrations::Column::LotId.is_in(lots.iter().map(|id| id.0)));
    if let Some(bidders) = bidders {
        select = select.filter(registrations::Column::BidderId.is_in(bidders.iter().map(|id| id.0)));
    }
    let rows = select.order_by_asc(registrations::Column::Number).all(connection).await?;
    rows.into_iter().map(Registration::try_from).collect()
}

pub async fn registrations_by_id(
    connection: &impl ConnectionTrait,
    ids: &[AuctionRegistrationId],
) -> Result<Vec<Registration>, Failure> {
    let wanted = registrations::Column::Id.is_in(ids.iter().map(|id| id.0));
    let rows = registrations::Entity::find().filter(wanted).all(connection).await?;
    rows.into_iter().map(Registration::try_from).collect()
}
