//! Reading overrides.

use super::store::{self, Taken, trade_overrides};
use super::trade_override::TradeOverride;
use crate::access::Scope;
use crate::db::{Db, rows};
use crate::http::concern::Party;
use crate::kernel::Failure;
use crate::kernel::ids::TradeOverrideId;
use crate::kernel::page::{Page, PageRequest};
use crate::market::queries::visible;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use trade_overrides::Column::{self, BuyerAreaPath, BuyerId, SellerAreaPath, SellerId};
use uuid::Uuid;

/// Those of one's own organisation, or of the area of one's bureau, on either side.
fn overrides_visible(scope: &Scope) -> Condition {
    visible(scope, [SellerId, BuyerId], [SellerAreaPath, BuyerAreaPath])
}

/// Which overrides are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct OverrideFilter<'f> {
    /// How far they have come.
    pub state: Option<&'f str>,
    /// At which site, whether it sells or buys.
    pub site: Option<Uuid>,
}

/// Overrides that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn list_overrides(
    db: &Db,
    scope: &Scope,
    filter: OverrideFilter<'_>,
    page: &PageRequest,
) -> Result<Page<TradeOverride>, Failure> {
    let at = |site: Uuid| Condition::any().add(Column::SellerSiteId.eq(site)).add(Column::BuyerSiteId.eq(site));
    let filters =
        Condition::all().add_option(filter.state.map(|state| Column::State.eq(state))).add_option(filter.site.map(at));
    let select = trade_overrides::Entity::find().filter(overrides_visible(scope)).filter(filters);
    let found = rows::page(select, Column::Id, page).all(db.reader()).await?;
    let items = found.into_iter().map(TradeOverride::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |one| one.id.0))
}

/// An override that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_override(db: &Db, scope: &Scope, id: TradeOverrideId) -> Result<Option<TradeOverride>, Failure> {
    let row = trade_overrides::Entity::find_by_id(id.0).filter(overrides_visible(scope)).one(db.reader()).await?;
    row.map(TradeOverride::try_from).transpose()
}

/// What trades have taken of an override.
///
/// # Errors
/// A fault of the database.
pub async fn taken_of(db: &Db, id: TradeOverrideId) -> Result<Taken, Failure> {
    Ok(store::taken(db.reader(), &[id]).await?.remove(&id).unwrap_or_default())
}

/// Seller and buyer of overrides, by the ids of these.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_overrides(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    let wanted = Column::Id.is_in(ids.iter().copied());
    let found = trade_overrides::Entity::find().filter(wanted).all(books).await?;
    Ok(found.into_iter().map(|row| (row.id, [row.seller_id, row.buyer_id].map(Party::Organisation).to_vec())).collect())
}
