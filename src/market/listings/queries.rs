//! Reading listings: what is or was open is for everybody in the market, a draft is its seller's own.

use super::Listing;
use super::store::listings::{self, Column};
use crate::access::{Caller, Scope};
use crate::db::{Db, rows};
use crate::http::concern::Party;
use crate::kernel::Failure;
use crate::kernel::ids::{ListingId, OrganisationId, RightClassId};
use crate::kernel::page::{Page, PageRequest};
use crate::parties::queries::{in_area, parties_in};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use uuid::Uuid;

/// What a caller sees: whatever was opened, and drafts of its own scope.
fn visible(scope: &Scope) -> Condition {
    let opened = Condition::any().add(Column::OpenedAt.is_not_null());
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => opened.add(in_area(Column::SellerAreaPath, path)),
        Scope::Organisation { id } => opened.add(Column::SellerId.eq(id.0)),
    }
}

/// Whether the caller sees a listing, as [`list`] and [`find`] do.
pub fn is_visible(listing: &Listing, caller: &Caller) -> bool {
    listing.state.opening().is_some()
        || match caller.scope() {
            Scope::Everything => true,
            Scope::Area { .. } => caller.covers(&listing.seller.area_path),
            Scope::Organisation { id } => id == listing.seller.organisation,
        }
}

/// What is asked of a list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<String>,
    /// Of this right class.
    pub right_class: Option<RightClassId>,
    /// Of this seller.
    pub seller: Option<OrganisationId>,
}

/// Listings that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn list(db: &Db, scope: &Scope, filter: &Filter, page: &PageRequest) -> Result<Page<Listing>, Failure> {
    let wanted = visible(scope);
    let more = Condition::all()
        .add_option(filter.state.as_deref().map(|state| Column::State.eq(state)))
        .add_option(filter.right_class.map(|class| Column::RightClassId.eq(class.0)))
        .add_option(filter.seller.map(|seller| Column::SellerId.eq(seller.0)));
    let select = listings::Entity::find().filter(wanted).filter(more);
    let rows = rows::page(select, Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(Listing::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |listing| listing.id.0))
}

/// Listings that were opened, in these states, whoever asks.
///
/// # Errors
/// A fault of the database.
pub async fn list_opened(db: &Db, states: &[&str], page: &PageRequest) -> Result<Page<Listing>, Failure> {
    let opened = Condition::all().add(Column::OpenedAt.is_not_null()).add(Column::State.is_in(states.iter().copied()));
    let select = listings::Entity::find().filter(opened);
    let rows = rows::page(select, Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(Listing::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |listing| listing.id.0))
}

/// A listing that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find(db: &Db, scope: &Scope, id: ListingId) -> Result<Option<Listing>, Failure> {
    let row = listings::Entity::find_by_id(id.0).filter(visible(scope)).one(db.reader()).await?;
    row.map(Listing::try_from).transpose()
}

/// Who has put listings up, by the ids of these.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_listings(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    parties_in::<listings::Entity>(books, listings::Column::Id, &[listings::Column::SellerId], ids).await
}
