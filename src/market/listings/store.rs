//! Rows of listings.

use super::{Listing, ListingState, Opening};
use crate::db::Work;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{ListingId, RightClassId, RulebookId, UserId};
use crate::kernel::{Failure, Moment};
use crate::market::store::{day, party, price_basis};
use accounting::{Price, Quantity, SubjectId};
use jiff::civil::Date;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

entity!(listings, "listings", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    seller_site_id: Uuid,
    seller_id: Uuid,
    seller_area_path: String,
    seller_is_reserve: bool,
    right_class_id: Uuid,
    quantity: i64,
    minimum: i64,
    unit_price: i64,
    price_basis: String,
    sold: i64,
    state: String,
    reason: Option<String>,
    drafted_by: Uuid,
    drafted_at: i64,
    opened_by: Option<Uuid>,
    opened_at: Option<i64>,
    last_day: Option<String>,
    rulebook_id: Uuid,
    version: i64,
});

fn state_of(row: &listings::Model) -> Result<ListingState, Failure> {
    let last_day = day(row.last_day.as_deref())?;
    let opened = row.opened_by.zip(row.opened_at);
    let opening = opened.map(|(by, at)| Opening { by: UserId(by), at: Moment::from_micros(at), last_day });
    Ok(match (row.state.as_str(), opening) {
        ("draft", None) => ListingState::Draft,
        ("open", Some(opening)) => ListingState::Open(opening),
        ("partly_filled", Some(opening)) => ListingState::PartlyFilled(opening),
        ("filled", Some(opening)) => ListingState::Filled(opening),
        ("expired", Some(opening)) => ListingState::Expired(opening),
        ("withdrawn", opening) => ListingState::Withdrawn { opening, reason: row.reason.clone() },
        (state, _) => return Err(Failure::bug(format!("listing {} in the impossible state {state}", row.id))),
    })
}

impl TryFrom<listings::Model> for Listing {
    type Error = Failure;

    fn try_from(row: listings::Model) -> Result<Self, Failure> {
        Ok(Self {
            state: state_of(&row)?,
            id: ListingId(row.id),
            seller: party(row.seller_site_id, row.seller_id, row.seller_area_path),
            seller_is_reserve: row.seller_is_reserve,
            right_class: RightClassId(row.right_class_id),
            quantity: Quantity::try_new(row.quantity).map_err(Failure::bug)?,
            minimum: Quantity::try_new(row.minimum).map_err(Failure::bug)?,
            unit_price: Price::try_new(row.unit_price).map_err(Failure::bug)?,
            price_basis: price_basis(Some(&row.price_basis))?,
            sold: row.sold,
            drafted_by: UserId(row.drafted_by),
            drafted_at: Moment::from_micros(row.drafted_at),
            rulebook: RulebookId(row.rulebook_id),
            version: row.version,
        })
    }
}

impl From<&Listing> for listings::Model {
    fn from(listing: &Listing) -> Self {
        let opening = listing.state.opening();
        let reason = match &listing.state {
            ListingState::Withdrawn { reason, .. } => reason.clone(),
            _ => None,
        };
        Self {
            id: listing.id.0,
            seller_site_id: listing.seller.site.0,
            seller_id: listing.seller.organisation.0,
            seller_area_path: listing.seller.area_path.clone(),
            seller_is_reserve: listing.seller_is_reserve,
            right_class_id: listing.right_class.0,
            quantity: listing.quantity.grams(),
            minimum: listing.minimum.grams(),
            unit_price: listing.unit_price.fen(),
            price_basis: listing.price_basis.as_str().to_owned(),
            sold: listing.sold,
            state: listing.state.as_str().to_owned(),
            reason,
            drafted_by: listing.drafted_by.0,
            drafted_at: listing.drafted_at.micros(),
            opened_by: opening.map(|opening| opening.by.0),
            opened_at: opening.map(|opening| opening.at.micros()),
            last_day: opening.and_then(|opening| opening.last_day).map(|day| day.to_string()),
            rulebook_id: listing.rulebook.0,
            version: listing.version,
        }
    }
}

pub async fn insert(work: &Work, new: &[Listing]) -> Result<(), Failure> {
    let rows = new.iter().map(listings::Model::from).collect();
    insert_all::<listings::Entity, listings::ActiveModel>(work, rows).await
}

/// Writes listings; one that passed several versions in this work stands there with each, oldest first.
pub async fn save(work: &Work, changed: &[Listing]) -> Result<(), Failure> {
    let rows = changed.iter().map(listings::Model::from).collect();
    save_all::<listings::Entity, listings::ActiveModel>(work, rows).await
}

pub async fn lock(work: &Work, ids: &[ListingId]) -> Result<Vec<Listing>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = lock_all::<listings::Entity>(work, listings::Column::Id, &ids).await?;
    rows.into_iter().map(Listing::try_from).collect()
}

/// Reads one without a lock, for what never changes of it: its seller and its right class.
pub async fn find(work: &Work, ids: &[ListingId]) -> Result<Vec<Listing>, Failure> {
    let wanted = listings::Column::Id.is_in(ids.iter().map(|id| id.0));
    let rows = listings::Entity::find().filter(wanted).all(work.connection()).await?;
    rows.into_iter().map(Listing::try_from).collect()
}

/// Locks those of these that are open, in id order.
pub async fn lock_open(work: &Work, subjects: &[SubjectId]) -> Result<Vec<Listing>, Failure> {
    let rows = listings::Entity::find()
        .filter(listings::Column::Id.is_in(subjects.iter().map(|subject| subject.0)))
        .filter(listings::Column::State.is_in(["open", "partly_filled"]))
        .order_by_asc(listings::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(work.connection())
        .await?;
    rows.into_iter().map(Listing::try_from).collect()
}

/// Locks open listings whose last day has passed, in id order.
pub async fn lock_over(work: &Work, today: Date, most: u64) -> Result<Vec<Listing>, Failure> {
    // Found first: SQLite takes an index of open ones alone only where the statement itself says that they are open.
    let ids: Vec<Uuid> = listings::Entity::find()
        .filter(Expr::cust("state IN ('open', 'partly_filled')"))
        .filter(listings::Column::LastDay.lt(today.to_string()))
        .order_by_asc(listings::Column::LastDay)
        .order_by_asc(listings::Column::Id)
        .limit(most)
        .select_only()
        .column(listings::Column::Id)
        .into_tuple()
        .all(work.connection())
        .await?;
    let mut locked = lock(work, &ids.into_iter().map(ListingId).collect::<Vec<_>>()).await?;
    // One may have been sold out, or taken back, before it was locked.
    locked.retain(|listing| matches!(listing.state, ListingState::Open(_) | ListingState::PartlyFilled(_)));
    Ok(locked)
}
